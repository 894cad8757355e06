"""Letting somebody take part in the matching again who refused what the region offers."""

from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from housing.errors import Refused
from housing.lifecycle import ReadmissionReason
from housing.models import Readmission
from housing.operations.doing import must_be_allowed, must_be_in_region, operation
from outflow.models import Client
from regions.clock import today


@operation
def readmit(*, client: Client, reason: str, by: Viewer) -> Readmission:
    """What was refused up to today no longer keeps this client out; the table says why."""
    must_be_allowed(by, Permission.DECIDE_PROPOSAL)
    must_be_in_region(by, client)
    if reason not in ReadmissionReason.values:
        raise Refused(_("Choose a reason from the list."))
    made = Readmission.objects.create(
        region_id=by.region_id, client=client, on=today(), reason=reason, by_id=by.user_id
    )
    audit.record("client.readmitted", client, by=by, reason=reason)
    return made
