"""The ground on which a client's data may be shared with the region, and its withdrawal."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from accounts import audit
from accounts.access import Permission, Viewer
from outflow.models import Client, SharingGround
from outflow.operations.locking import locked

REGION = "region"


@transaction.atomic
def record_sharing_ground(
    *,
    clients: Sequence[Client],
    ground: SharingGround.Ground,
    on: date,
    by: Viewer,
    text_version: str = "",
    recipient: str = REGION,
) -> int:
    """Write down the ground for those who have none yet, and return how many that were."""
    found = locked(clients, by, Permission.SEE_CLIENTS)
    have = set(
        SharingGround.objects.filter(
            client__in=found, recipient=recipient, withdrawn_on=None
        ).values_list("client_id", flat=True)
    )
    lacking = [client for client in found.values() if client.pk not in have]
    SharingGround.objects.bulk_create(
        (
            SharingGround(
                client=client,
                ground=ground,
                recipient=recipient,
                text_version=text_version,
                recorded_on=on,
            )
            for client in lacking
        ),
        batch_size=2000,
    )
    audit.record_many(
        [audit.entry("client.sharing_recorded", client, by=by, ground=ground) for client in lacking]
    )
    return len(lacking)


@transaction.atomic
def withdraw_sharing_ground(
    *, client: Client, on: date, by: Viewer, recipient: str = REGION
) -> None:
    """The client no longer agrees: nothing is shared from now on, and no turn is lost."""
    client = locked([client], by, Permission.SEE_CLIENTS)[client.pk]
    SharingGround.objects.filter(client=client, recipient=recipient, withdrawn_on=None).update(
        withdrawn_on=on
    )
    audit.record("client.sharing_withdrawn", client, by=by, on=on.isoformat())
