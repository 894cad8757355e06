"""Estimate runs: one picture of a region, the pure core, one result; and when to make one.

What stays: every run of the last `DAYS_KEPT`, the newest `RESULTS_KEPT` results of a region and, of
older ones, the last of each month, so that a forecast can be compared with what came of it. The
tables an estimate was made from name no one, but they are about people: they stay for the newest
`TABLES_KEPT` results only.
"""

from datetime import date, timedelta

from django.utils import timezone

from accounts import audit
from accounts.context import working_for
from outflow import snapshots
from outflow.estimation import EstimateError, estimate
from outflow.models import Client, EstimateRecord, EstimateRun
from outflow.operations import find_likely_duplicates
from outflow.operations.estimates import request_estimate
from outflow.snapshots import Picture
from regions.clock import today
from regions.errors import Refused
from regions.models import Region, RunCause, RunFailure, RunState, RunStep
from regions.runs import Claim, NotClaimed, began_last, claimed

# So long more changes may come along before a region is estimated again.
DEBOUNCE = timedelta(minutes=2)
RESULTS_KEPT = 30
DAYS_KEPT = timedelta(days=30)
TABLES_KEPT = 5

# What an estimate depends on; operations that touch none of it start nothing.
NOUNS = ("client", "duplicate", "supply", "contingent", "region_year")
WITHOUT_EFFECT = frozenset(
    {
        "client.arranged",
        "client.assigned",
        "client.covered",
        "client.readiness_confirmed",
        "client.sharing_ground_recorded",
        "client.sharing_recorded",
        "client.sharing_withdrawn",
        "client.zrm_recorded",
    }
)


def carry_out(run: EstimateRun) -> bool:
    """Estimate one region from one frozen picture of its stays; False when it is not ours to do.

    The core computes outside any transaction; the result is written in one.
    """
    try:
        with claimed(run) as held:
            held.step(RunStep.READING)
            picture = snapshots.take(run.region, as_of=run.as_of)
            result = _estimate(run, picture, held)
            with working_for(run.region_id, job="estimate"):
                held.finish(
                    result=result,
                    fingerprint=result["fingerprint"],
                    core_version=result["core_version"],
                )
                EstimateRecord.objects.update_or_create(
                    run=run, defaults={"tables": picture.packed()}
                )
    except NotClaimed:
        return False
    return True


def _estimate(run: EstimateRun, picture: Picture, held: Claim | None = None) -> dict[str, object]:
    if picture.spells.empty:
        raise Refused(RunFailure.NOBODY)
    try:
        return estimate(
            picture.spells,
            picture.supply,
            needs=picture.needs,
            as_of=run.as_of,
            seed=run.seed,
            quarters=run.parameters["quarters"],
            draws=run.parameters["draws"],
            progress=held.step if held else None,
        )
    except EstimateError as wrong:
        raise Refused(f"{RunFailure.INPUT}:{wrong}") from wrong


def replay(run: EstimateRun) -> dict[str, object]:
    """The estimate again, from the tables it was made from; equal but for its key `run`."""
    with working_for(run.region_id, job="estimate"):
        record = EstimateRecord.objects.get(run=run)
    return _estimate(run, Picture.unpacked(bytes(record.tables)))


def notice_changes() -> list[EstimateRun]:
    """Ask for an estimate of each region where something changed since the last one began."""
    return [
        request_estimate(region=region, cause=RunCause.CHANGED, by=None, wait=DEBOUNCE)
        for region in Region.objects.order_by("pk")
        if _is_out_of_date(region)
    ]


def _is_out_of_date(region: Region) -> bool:
    after = began_last(EstimateRun, region_id=region.pk)
    if after is None:
        return _has_people(region)
    return audit.happened(region_id=region.pk, after=after, nouns=NOUNS, without=WITHOUT_EFFECT)


def request_nightly(night: date | None = None) -> list[EstimateRun]:
    """Ask for one estimate of each region for this night; whoever asks again gets the same ones."""
    return [
        request_estimate(region=region, cause=RunCause.NIGHTLY, by=None, night=night or today())
        for region in Region.objects.order_by("pk")
        if _has_people(region)
    ]


def _has_people(region: Region) -> bool:
    with working_for(region.pk, job="estimate"):
        return Client.objects.filter(region=region).exists()


def prune() -> int:
    """Let go of what nobody will ask for any more (see the first lines); returns how many runs."""
    removed = 0
    for region in Region.objects.order_by("pk"):
        finished = EstimateRun.objects.filter(region=region).exclude(
            state__in=(RunState.QUEUED, RunState.RUNNING)
        )
        done = list(
            finished.filter(state=RunState.DONE)
            .order_by("-finished_at", "-pk")
            .values_list("pk", "as_of")
        )
        newest = [pk for pk, _as_of in done[:RESULTS_KEPT]]
        last_of_month = {(as_of.year, as_of.month): pk for pk, as_of in reversed(done)}
        old = finished.exclude(pk__in=[*newest, *last_of_month.values()]).filter(
            requested_at__lt=timezone.now() - DAYS_KEPT
        )
        with working_for(region.pk, job="estimate"):
            EstimateRecord.objects.filter(run__region=region).exclude(
                run__in=newest[:TABLES_KEPT]
            ).delete()
            removed += old.delete()[1].get("outflow.EstimateRun", 0)
    return removed


def look_for_duplicates() -> int:
    """Search every region for registrations that may be one person; returns how many are new.

    A list does this for its own rows once they are committed; every night makes up for a worker
    that died in between.
    """
    return sum(
        find_likely_duplicates(region_id=pk) for pk in Region.objects.values_list("pk", flat=True)
    )
