"""Who takes no part in the matching until the table lets them in again, as the last run had it."""

from django.urls import reverse

from accounts.access import Permission, Viewer, may
from housing.lifecycle import WAITS_FOR_TABLE
from housing.models import Readmission, UnmatchedClient
from housing.outcomes import last_done
from outflow.models import Client


def waits_for_table(client: Client, viewer: Viewer) -> str:
    """The address where this client is let in again; empty where there is nothing to decide."""
    if not (may(viewer, Permission.SEE_MATCHING) and may(viewer, Permission.DECIDE_PROPOSAL)):
        return ""
    run = last_done(viewer)
    if run is None:
        return ""
    waits = UnmatchedClient.objects.filter(run=run, client=client, why=WAITS_FOR_TABLE).exists()
    if not waits or Readmission.objects.filter(client=client, on__gte=run.as_of).exists():
        return ""
    return reverse("housing:match_readmit", args=[client.ref])
