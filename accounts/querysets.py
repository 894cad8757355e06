"""Which organisations, memberships and audit entries a viewer sees."""

from datetime import date

from django.db.models import Q, QuerySet

from accounts.access import Relation, ScopedQuerySet, Viewer
from regions.clock import today


class OrganisationQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        match relation:
            case Relation.ANY | Relation.REGION:
                return Q(
                    pk__in=self.model.regions.through.objects.filter(
                        region_id=viewer.region_id
                    ).values("organisation_id")
                )
            case Relation.OWN_ORGANISATION:
                return Q(pk=viewer.organisation_id)
        return None


class MembershipQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        match relation:
            case Relation.ANY | Relation.REGION:
                return Q(region_id=viewer.region_id)
            case Relation.OWN_ORGANISATION:
                return Q(region_id=viewer.region_id, organisation_id=viewer.organisation_id)
        return None

    def live(self, on: date | None = None) -> QuerySet:
        """Memberships that count on a day, of users who may sign in."""
        day = on or today()
        return self.filter(
            Q(until_on__isnull=True) | Q(until_on__gt=day), from_on__lte=day, user__is_active=True
        )


class AuditEntryQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        if relation == Relation.REGION:
            return Q(region_id=viewer.region_id)
        return None
