"""Asking for a matching: a row that waits for a worker; the view wakes one after the commit."""

from datetime import date, timedelta

from django.db import transaction

from accounts import audit
from accounts.access import Permission, Viewer
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
