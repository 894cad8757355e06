"""What must be arranged before somebody can live at home, who does it and by when."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import OrganisationKind, Permission, Viewer
from accounts.models import Organisation
from outflow.errors import RefusedAt
from outflow.lifecycle import SUBJECTS_OF, ArrangementPart, ItemState, Subject
from outflow.models import ArrangementItem, Client
from outflow.operations.locking import locked
from regions.clock import today

# Who may be asked to arrange something; a corporation arranges dwellings elsewhere.
ARRANGERS = (
    OrganisationKind.CARE_PROVIDER,
    OrganisationKind.MUNICIPALITY,
    OrganisationKind.WELFARE,
    OrganisationKind.CORPORATION,
)


@transaction.atomic
def arrange(
    *,
    client: Client,
    part: ArrangementPart,
    subject: Subject,
    state: ItemState,
    responsible: Organisation | None = None,
    due_on: date | None = None,
    by: Viewer,
) -> ArrangementItem:
    """Put something in the arrangement, or change what stands there: its state, who and by when."""
    client = locked([client], by, Permission.UPDATE_ARRANGEMENT)[client.pk]
    if subject not in SUBJECTS_OF[part]:
        raise RefusedAt("subject", _("Choose something that belongs to this part."))
    if responsible is not None and not _works_here(responsible, by):
        raise RefusedAt("responsible", _("Choose an organisation of this region."))
    item, _is_new = ArrangementItem.objects.update_or_create(
        client=client,
        part=part,
        what=subject,
        defaults={
            "state": state,
            "responsible": responsible,
            "due_on": due_on,
            "changed_on": today(),
        },
    )
    audit.record("client.arranged", client, by=by, part=part, subject=subject, state=state)
    return item


@transaction.atomic
def set_item_state(*, item: ArrangementItem, state: ItemState, by: Viewer) -> ArrangementItem:
    """Say how far one thing is."""
    locked([item.client], by, Permission.UPDATE_ARRANGEMENT)
    item = ArrangementItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    item.state = state
    item.changed_on = today()
    item.save(update_fields=["state", "changed_on"])
    audit.record("client.arranged", item.client, by=by, part=item.part, state=state)
    return item


def arrangers(viewer: Viewer) -> list[Organisation]:
    """The organisations of the region that can be asked to arrange something."""
    return list(
        Organisation.objects.filter(regions=viewer.region_id, kind__in=ARRANGERS).order_by("name")
    )


def _works_here(organisation: Organisation, by: Viewer) -> bool:
    return organisation.regions.filter(pk=by.region_id).exists()
