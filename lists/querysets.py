"""Which imports a viewer sees."""

from django.db.models import Q, QuerySet

from accounts.access import Relation, ScopedQuerySet, Viewer
from lists.lifecycle import RowOutcome


class ImportRunQuerySet(ScopedQuerySet):
    def scope_for(self, relation: Relation, viewer: Viewer) -> Q | None:
        own = Q(region_id=viewer.region_id, organisation_id=viewer.organisation_id)
        match relation:
            # Lists hold names: nobody sees another organisation's, the coordinator included.
            case Relation.OWN_ORGANISATION | Relation.REGION | Relation.ANY:
                return own
        return None


class ImportRowQuerySet(QuerySet):
    def set_aside(self) -> "ImportRowQuerySet":
        """Rows a person can still mend."""
        return self.filter(outcome=RowOutcome.SET_ASIDE, mended_at__isnull=True)
