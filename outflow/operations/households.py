"""People who will live together: one need, one place in the match, one dwelling."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from outflow.errors import Refused
from outflow.models import Client, Household
from outflow.operations.locking import locked


@transaction.atomic
def group_household(*, clients: Sequence[Client], by: Viewer) -> Household:
    """Let these clients live together; whoever is in a household already brings it along."""
    found = locked(clients, by, Permission.UPDATE_NEED)
    if len(found) < 2:
        raise Refused(_("Choose at least two clients who will live together."))
    households = {client.household_id for client in found.values() if client.household_id}
    if len(households) > 1:
        raise Refused(_("They are in two households. Let one of them leave theirs first."))
    household = (
        Household.objects.get(pk=households.pop())
        if households
        else Household.objects.create(region_id=by.region_id)
    )
    for client in found.values():
        if client.household_id != household.pk:
            client.household = household
            client.save(update_fields=["household"])
            audit.record("client.joined_household", client, by=by)
    return household


@transaction.atomic
def leave_household(*, client: Client, by: Viewer) -> Client:
    """Let this client live apart again; a household of one is no household."""
    household_id = client.household_id
    if household_id is None:
        raise Refused(_("This client is in no household."))
    together = list(
        Client.objects.visible_to(by, Permission.UPDATE_NEED).filter(household=household_id)
    )
    found = locked(together, by, Permission.UPDATE_NEED)
    leaving = [found[client.pk]]
    if len(found) == 2:
        leaving = list(found.values())
    for left in leaving:
        left.household = None
        left.save(update_fields=["household"])
        audit.record("client.left_household", left, by=by)
    return found[client.pk]
