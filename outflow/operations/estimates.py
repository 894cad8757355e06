"""Asking for an estimate: a row that waits for a worker; the view wakes one after the commit."""

import zlib
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer, may
from outflow.errors import NotAllowed
from outflow.models import EstimateRun, Scenario
from regions import runs
from regions.clock import today
from regions.models import Region, RunCause

QUARTERS_AHEAD = 20


@transaction.atomic
def request_estimate(
    *,
    region: Region,
    cause: str = RunCause.ASKED,
    by: Viewer | None,
    wait: timedelta = runs.IMMEDIATELY,
    night: date | None = None,
) -> EstimateRun:
    """Return the run that will estimate the region: the one that waits already, or a new one.

    `by` is None for a job. `wait` lets more changes come along before it starts; with `night`
    there is one run for that night.
    """
    if by is not None and not (may(by, Permission.RUN_ESTIMATE) and by.region_id == region.pk):
        raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))
    run = runs.request(
        EstimateRun,
        region=region,
        cause=cause,
        wait=wait,
        night=night,
        as_of=today(),
        parameters=parameters(region),
        seed=seed_of(region),
    )
    if by is not None:
        audit.record("estimate.requested", run, by=by, cause=cause)
    return run


def parameters(region: Region) -> dict[str, Any]:
    """What an estimate is asked, kept with the run: two that are asked the same are one."""
    return {
        "quarters": QUARTERS_AHEAD,
        "draws": settings.ESTIMATE_DRAWS,
        "scenarios": scenarios_of(region),
    }


def scenarios_of(region: Region) -> list[dict[str, Any]]:
    """The live scenarios of a region as an estimate is asked them; a name changes no answer."""
    live = Scenario.objects.filter(region=region).live().order_by("ref")
    return [
        {"ref": str(ref), "changes": changes} for ref, changes in live.values_list("ref", "changes")
    ]


def seed_of(region: Region) -> int:
    """The same draws in a region every time: what differs between two estimates is the data."""
    return zlib.crc32(region.ref.bytes)
