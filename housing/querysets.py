"""Which dwellings, promises, offers and proposals a viewer sees."""

from datetime import date, timedelta

from django.db.models import BooleanField, F, Func, Q, QuerySet

from accounts.access import Relation, ScopedQuerySet, Viewer
from housing.lifecycle import ENDED, LIVE, ProposalState
from outflow.lifecycle import WAITING
from regions.clock import today


class DwellingQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        match relation:
            case Relation.REGION:
                return Q(region_id=viewer.region_id)
            case Relation.OWN_ORGANISATION:
                return Q(region_id=viewer.region_id, corporation_id=viewer.organisation_id)
        return None

    def free(self) -> "DwellingQuerySet":
        """Not withdrawn, nobody lives there, and no live proposal holds it.

        The database answers whether a dwelling is held: a viewer who may not see the proposal
        must still see that the dwelling is not free.
        """
        return self.with_held().filter(is_held=False, withdrawn_on__isnull=True)

    def with_held(self) -> "DwellingQuerySet":
        held = Func(
            F("pk"),
            template="(%(expressions)s IN (SELECT weerthuis_held()))",
            output_field=BooleanField(),
        )
        return self.annotate(is_held=held)

    def soonest_first(self) -> "DwellingQuerySet":
        return self.order_by("available_on", "pk")

    def for_list(self) -> "DwellingQuerySet":
        return self.select_related(
            "corporation", "municipality", "neighbourhood", "neighbourhood__municipality"
        )


class ContingentQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        match relation:
            case Relation.REGION:
                return Q(region_id=viewer.region_id)
            case Relation.OWN_ORGANISATION:
                return Q(region_id=viewer.region_id, corporation_id=viewer.organisation_id)
        return None


class SupportOfferQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        match relation:
            case Relation.REGION:
                return Q(neighbourhood__municipality__region_id=viewer.region_id)
            case Relation.OWN_ORGANISATION:
                return Q(
                    neighbourhood__municipality__region_id=viewer.region_id,
                    organisation_id=viewer.organisation_id,
                )
        return None

    def running(self, on: date | None = None) -> "SupportOfferQuerySet":
        day = on or today()
        return self.filter(
            Q(from_on__isnull=True) | Q(from_on__lte=day),
            Q(until_on__isnull=True) | Q(until_on__gt=day),
        )

    def for_list(self) -> "SupportOfferQuerySet":
        return self.select_related("neighbourhood__municipality", "organisation")


class RegionQuerySet(ScopedQuerySet):
    """What belongs to a region as a whole: matchings, try-outs and policies."""

    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        if relation == Relation.REGION:
            return Q(region_id=viewer.region_id)
        return None


class MatchPolicyQuerySet(RegionQuerySet):
    def adopted(self) -> "MatchPolicyQuerySet":
        return self.filter(adopted_at__isnull=False)

    def drafts(self) -> "MatchPolicyQuerySet":
        """Made and not yet decided about."""
        return self.filter(adopted_at__isnull=True, dropped_at__isnull=True)

    def counting_first(self, on: date | None = None) -> "MatchPolicyQuerySet":
        """The versions that count on a day or counted before it, the one that counts first."""
        return (
            self.adopted().filter(valid_from__lte=on or today()).order_by("-valid_from", "-number")
        )


class ProposalQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        region = Q(region_id=viewer.region_id)
        match relation:
            case Relation.REGION:
                return region
            case Relation.OWN_PROPOSAL:
                return (
                    region
                    & Q(dwelling__corporation_id=viewer.organisation_id)
                    & (
                        ~Q(state__in=ENDED)
                        | Q(ended_on__isnull=True)
                        | Q(ended_on__gt=today() - timedelta(days=30))
                    )
                )
            case Relation.OWN_TEAM:
                return region & Q(client__provider_id=viewer.organisation_id)
            case Relation.ASSIGNED:
                day = today()
                assignment = self.model.client.field.related_model.assignments.rel.related_model
                return region & Q(
                    client__in=assignment.objects.filter(
                        Q(until_on__isnull=True) | Q(until_on__gt=day),
                        membership_id=viewer.membership_id,
                        from_on__lte=day,
                    ).values("client_id")
                )
            case Relation.TASK:
                return region & (
                    Q(client__origin_municipality_id=viewer.municipality_id)
                    | Q(client__financing_municipality_id=viewer.municipality_id)
                )
        return None

    def live(self) -> "ProposalQuerySet":
        return self.filter(state__in=LIVE)

    def open(self) -> "ProposalQuerySet":
        """Live, and its client is still waiting and its dwelling still on offer."""
        return self.live().filter(
            client__spells__until_on__isnull=True,
            client__spells__phase__in=WAITING,
            dwelling__withdrawn_on__isnull=True,
        )

    def waiting_for_corporation(self) -> "ProposalQuerySet":
        return self.filter(state=ProposalState.PROPOSED)

    def waiting_for_client(self) -> "ProposalQuerySet":
        return self.filter(state=ProposalState.CORPORATION_YES)

    def overdue(self, on: date | None = None) -> "ProposalQuerySet":
        return self.live().filter(answer_by__lt=on or today())

    def most_urgent_first(self) -> "ProposalQuerySet":
        return self.order_by(F("answer_by").asc(nulls_last=True), "pk")

    def for_list(self) -> "ProposalQuerySet":
        return self.select_related(
            "dwelling__corporation",
            "dwelling__municipality",
            "dwelling__neighbourhood",
            "client__provider",
            "client__origin_municipality",
            "client__functional_profile",
        ).prefetch_related("client__assignments")


class PlacementQuerySet(QuerySet):
    def running(self) -> "PlacementQuerySet":
        return self.filter(ended_on__isnull=True)
