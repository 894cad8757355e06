"""Which people a viewer sees, and the adjectives that describe them."""

from datetime import date, timedelta

from django.db.models import Case, F, FilteredRelation, IntegerField, Q, QuerySet, Value, When

from accounts.access import Relation, ScopedQuerySet, Viewer
from outflow.lifecycle import IN_CARE, ROUTES_WITHOUT_GATE, WAITING, Phase
from regions.clock import today


class ClientQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        region = Q(region_id=viewer.region_id)
        match relation:
            case Relation.REGION:
                return region
            case Relation.OWN_TEAM:
                return region & Q(provider_id=viewer.organisation_id)
            case Relation.ASSIGNED:
                day = today()
                return region & Q(
                    pk__in=self.model.assignments.rel.related_model.objects.filter(
                        Q(until_on__isnull=True) | Q(until_on__gt=day),
                        membership_id=viewer.membership_id,
                        from_on__lte=day,
                    ).values("client_id")
                )
            case Relation.TASK:
                return region & (
                    Q(origin_municipality_id=viewer.municipality_id)
                    | Q(financing_municipality_id=viewer.municipality_id)
                )
        return None

    def with_phase(self) -> "ClientQuerySet":
        """Adds the open spell: `current`, `phase` and `phase_from`."""
        return self.annotate(
            current=FilteredRelation("spells", condition=Q(spells__until_on__isnull=True)),
            phase=F("current__phase"),
            phase_from=F("current__from_on"),
            phase_exit=F("current__exit"),
        )

    def present(self) -> "ClientQuerySet":
        """Clients who have not left: they have an open spell that is not an exit."""
        return self.with_phase().filter(phase__isnull=False)

    def in_care(self) -> "ClientQuerySet":
        return self.with_phase().filter(phase__in=IN_CARE)

    def waiting(self) -> "ClientQuerySet":
        """Ready, with or without a proposal."""
        return self.with_phase().filter(phase__in=WAITING)

    def ready_for_proposal(self) -> "ClientQuerySet":
        """Ready, or on a route that skips the gate, and not yet offered or housed."""
        return self.with_phase().filter(
            Q(phase=Phase.READY)
            | Q(
                route__in=ROUTES_WITHOUT_GATE,
                phase__in=[Phase.INTAKE, Phase.STABILISING, Phase.PREPARING],
            )
        )

    def stale(self, *, days: int) -> "ClientQuerySet":
        """Clients in care whose readiness nobody confirmed for that long."""
        return self.in_care().filter(
            Q(checked_on__isnull=True) | Q(checked_on__lt=today() - timedelta(days=days))
        )

    def unassigned(self, on: date | None = None) -> "ClientQuerySet":
        day = on or today()
        live = self.model.assignments.rel.related_model.objects.filter(
            Q(until_on__isnull=True) | Q(until_on__gt=day), from_on__lte=day
        )
        return self.exclude(pk__in=live.values("client_id"))

    def longest_waiting_first(self) -> "ClientQuerySet":
        return self.order_by(F("ready_on").asc(nulls_last=True), "pk")

    def stale_first(self) -> "ClientQuerySet":
        """For the readiness round: never checked, then longest ago."""
        return self.order_by(
            Case(
                When(checked_on__isnull=True, then=Value(0)),
                default=Value(1),
                output_field=IntegerField(),
            ),
            "checked_on",
            "pk",
        )

    def for_list(self) -> "ClientQuerySet":
        """Everything a row on a page needs, in a fixed number of queries."""
        return (
            self.with_phase()
            .select_related("provider", "origin_municipality", "functional_profile")
            .prefetch_related("assignments")
        )

    def with_identity(self) -> "ClientQuerySet":
        """Fetches identities too; only for viewers who may see them."""
        return self.select_related("identity")

    def with_need(self) -> "ClientQuerySet":
        """Fetches what the functional profile points at."""
        return self.prefetch_related(
            "functional_profile__wishes__municipality",
            "functional_profile__preferred_neighbourhoods",
            "functional_profile__places_to_be_near__neighbourhood",
        )


class SpellQuerySet(QuerySet):
    def open(self) -> "SpellQuerySet":
        return self.filter(until_on__isnull=True)


class DuplicateQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        match relation:
            case Relation.REGION:
                return Q(region_id=viewer.region_id)
            case Relation.OWN_TEAM:
                # Not by joins: the database hides the other provider's client, and with it the row.
                client = self.model.first.field.related_model
                own = client.objects.filter(provider_id=viewer.organisation_id).values("pk")
                return Q(region_id=viewer.region_id) & (Q(first__in=own) | Q(second__in=own))
        return None

    def undecided(self) -> "DuplicateQuerySet":
        return self.filter(verdict="")


class EstimateRunQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        if relation == Relation.REGION:
            return Q(region_id=viewer.region_id)
        return None


class ScenarioQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        here = Q(region_id=viewer.region_id)
        match relation:
            case Relation.OWN_ORGANISATION:
                return here & Q(owner_id=viewer.organisation_id)
            case Relation.SHARED:
                shared = self.model.shared_with.through.objects
                with_us = shared.filter(organisation_id=viewer.organisation_id)
                return here & Q(pk__in=with_us.values("scenario_id"))
        return None

    def live(self) -> "ScenarioQuerySet":
        return self.filter(archived_at__isnull=True)
