"""Estimate runs: one picture of a region, the pure core, one answer; and when to make one.

What stays: every run of the last `DAYS_KEPT`, the newest `RESULTS_KEPT` results of a region and,
of older ones, the last of each month, so that a forecast can be compared with what came of it.
What an estimate was asked names no one, but it is about people: it stays for the newest
`RECORDS_KEPT` results only, and for what the last picture of the nation was made from. Scenarios
are many and long; they stay as long as what they were computed from.
"""

from datetime import date, timedelta

from django.utils import timezone

from accounts import audit
from accounts.context import working_for
from outflow import nation, snapshots
from outflow.estimation import EstimateError, published
from outflow.models import Client, EstimateRecord, EstimateRun, Scenario, ScenarioResult
from outflow.operations import find_likely_duplicates
from outflow.operations.estimates import request_estimate, scenarios_of
from outflow.questions import Answer, Question, answer, first_figures
from regions.clock import today
from regions.errors import Refused
from regions.models import Region, RunCause, RunFailure, RunState, RunStep
from regions.runs import Claim, NotClaimed, began_last, claimed

# So long more changes may come along before a region is estimated again.
DEBOUNCE = timedelta(minutes=2)
# And a region rests so many times as long as its last estimate took: else, where many regions
# change all day, the workers would do nothing but estimate. Whoever asks does not wait for that.
REST = 30
RESULTS_KEPT = 30
DAYS_KEPT = timedelta(days=30)
RECORDS_KEPT = 5

# What an estimate depends on; operations that touch none of it start nothing. Scenarios are not
# among them: they are compared with what the last run was asked.
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

    The core computes outside any transaction. First figures are shown as soon as they are there;
    the whole answer is written in one transaction and takes their place.
    """
    try:
        with claimed(run) as held:
            held.step(RunStep.READING)
            leaned_on = nation.others_than(run.region) or published()
            question = Question.of(run, snapshots.take(run.region, as_of=run.as_of), leaned_on)
            if question.picture.spells.empty:
                raise Refused(RunFailure.NOBODY)
            try:
                held.put(first_result=first_figures(question, progress=held.step))
                found = answer(question, progress=held.step)
            except EstimateError as wrong:
                raise Refused(f"{RunFailure.INPUT}:{wrong}") from wrong
            held.step(RunStep.WRITING)
            _keep(run, question, found, held)
    except NotClaimed:
        return False
    return True


def _keep(run: EstimateRun, question: Question, found: Answer, held: Claim) -> None:
    with working_for(run.region_id, job="estimate"):
        held.finish(
            result=found.result,
            effects=found.effects,
            first_result=None,
            fingerprint=question.fingerprint,
            core_version=found.result["core_version"],
        )
        EstimateRecord.objects.create(
            run=run,
            tables=question.packed(),
            counts=found.counts,
            draws=found.draws.packed(),
        )
        asked = {given["ref"]: given["changes"] for given in question.scenarios}
        ScenarioResult.objects.bulk_create(
            ScenarioResult(
                run=run,
                scenario=scenario,
                changes=asked[str(scenario.ref)],
                result=found.scenarios[str(scenario.ref)],
            )
            for scenario in Scenario.objects.filter(region=run.region, ref__in=asked)
        )


def notice_changes() -> list[EstimateRun]:
    """Ask for an estimate of each region where something changed since the last one began."""
    return [
        request_estimate(region=region, cause=RunCause.CHANGED, by=None, wait=_rest(region))
        for region in Region.objects.order_by("pk")
        if _is_out_of_date(region)
    ]


def _rest(region: Region) -> timedelta:
    done = EstimateRun.objects.filter(region=region, state=RunState.DONE)
    last = done.order_by("-finished_at").only("started_at", "finished_at").first()
    if last is None or last.started_at is None or last.finished_at is None:
        return DEBOUNCE
    took = last.finished_at - last.started_at
    return max(DEBOUNCE, last.finished_at + REST * took - timezone.now())


def _is_out_of_date(region: Region) -> bool:
    after = began_last(EstimateRun, region_id=region.pk)
    if after is None:
        return _has_people(region)
    if _scenarios_differ(region):
        return True
    return audit.happened(region_id=region.pk, after=after, nouns=NOUNS, without=WITHOUT_EFFECT)


def _scenarios_differ(region: Region) -> bool:
    """Whether a scenario was saved, changed or archived since the last run was asked."""
    begun = EstimateRun.objects.filter(region=region, started_at__isnull=False)
    last = begun.order_by("-started_at", "-pk").values_list("parameters", flat=True).first()
    return last is not None and last.get("scenarios", []) != scenarios_of(region)


def request_nightly(night: date | None = None) -> list[EstimateRun]:
    """Ask for one estimate of each region for this night; whoever asks again gets the same ones."""
    return [
        request_estimate(region=region, cause=RunCause.NIGHTLY, by=None, night=night or today())
        for region in Region.objects.order_by("pk")
        if _has_people(region)
    ]


def request_together() -> list[EstimateRun]:
    """Ask for an estimate of each region now, to be added up when the last is finished."""
    return [
        request_estimate(region=region, cause=RunCause.NATION, by=None)
        for region in Region.objects.order_by("pk")
        if _has_people(region)
    ]


def _has_people(region: Region) -> bool:
    with working_for(region.pk, job="estimate"):
        return Client.objects.filter(region=region).exists()


def prune() -> int:
    """Let go of what nobody will ask for any more (see the first lines); returns how many runs."""
    picture = nation.newest()
    added_up = list(picture.counts.get("runs", {}).values()) if picture else []
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
        old = (
            finished.exclude(pk__in=[*newest, *last_of_month.values()])
            .exclude(ref__in=added_up)
            .filter(requested_at__lt=timezone.now() - DAYS_KEPT)
        )
        # First figures of a run that came to nothing are no estimate.
        finished.filter(first_result__isnull=False).update(first_result=None)
        unasked = finished.exclude(pk__in=newest[:RECORDS_KEPT]).exclude(ref__in=added_up)
        with working_for(region.pk, job="estimate"):
            EstimateRecord.objects.filter(run__in=unasked).delete()
            ScenarioResult.objects.filter(run__in=unasked).delete()
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
