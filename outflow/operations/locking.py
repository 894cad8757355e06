"""Rows are locked in one order, client before spell, so that operations never wait in a circle."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.access import Permission, Viewer
from outflow.errors import NotAllowed
from outflow.models import Client, Spell


def locked(clients: Iterable[Client], by: Viewer, *permissions: Permission) -> dict[int, Client]:
    """The same clients, fresh and locked; all of them must be the viewer's for one of these."""
    wanted = {client.pk for client in clients}
    found: dict[int, Client] = {}
    for permission in permissions:
        rows = (
            Client.objects.visible_to(by, permission)
            .filter(pk__in=wanted - found.keys())
            # Not the key: whoever only adds a row that points at the client need not wait.
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        found |= {client.pk: client for client in rows}
        if found.keys() == wanted:
            return found
    raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))


def open_spells(clients: Iterable[Client]) -> dict[int, Spell]:
    """The open spell of each client, locked; who has left has none."""
    spells = (
        Spell.objects.open()
        .filter(client__in=[client.pk for client in clients])
        .select_for_update(of=("self",))
        .order_by("client_id")
    )
    return {spell.client_id: spell for spell in spells}
