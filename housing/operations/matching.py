"""Asking for a matching, and stopping one: a row that waits for a worker, and what becomes of it.

The view wakes a worker after the commit; a worker learns by itself that its run was stopped.
"""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from housing.errors import Refused
from housing.models import MatchRun
from housing.operations.doing import must_be_allowed, must_be_in_region
from regions import runs
from regions.clock import today
from regions.models import Region, RunCause


@transaction.atomic
def request_match(
    *,
    region: Region,
    cause: str = RunCause.ASKED,
    by: Viewer | None,
    wait: timedelta = runs.IMMEDIATELY,
    night: date | None = None,
) -> MatchRun:
    """Return the run that will match the region: the one that waits already, or a new one.

    `by` is None for a job. `wait` lets more changes come along before it starts; with `night`
    there is one run for that night.
    """
    if by is not None:
        must_be_allowed(by, Permission.RUN_MATCHING)
    run = runs.request(MatchRun, region=region, cause=cause, wait=wait, night=night, as_of=today())
    if by is not None:
        must_be_in_region(by, run)
        audit.record("match.requested", run, by=by, cause=cause)
    return run


@transaction.atomic
def cancel_match(*, run: MatchRun, by: Viewer) -> None:
    """Stop a matching that waits or runs; the outcome that counts stays the one before."""
    must_be_allowed(by, Permission.RUN_MATCHING)
    must_be_in_region(by, run)
    if not runs.cancel(run):
        raise Refused(_("This matching had ended already, so there was nothing to stop."))
    audit.record("match.cancelled", run, by=by)
