"""Makes an estimate again from what it was asked, and finds the first thing that differs."""

from accounts.context import working_for
from outflow.models import EstimateRecord, EstimateRun, ScenarioResult
from outflow.questions import Answer, Question, answer
from regions import replays
from regions.replays import NothingKept, without


def replay(run: EstimateRun) -> Answer:
    """Ask the core what it was asked for this run, of what the database holds now nothing."""
    return answer(Question.unpacked(bytes(_record(run).tables)))


def first_difference(run: EstimateRun) -> str | None:
    """Where a replay differs from what was kept; None when it is equal, as it must be.

    The key `run` of a result holds seconds and versions and is left out.
    """
    record = _record(run)
    again = answer(Question.unpacked(bytes(record.tables)))
    of_scenarios = ScenarioResult.objects.filter(run=run).select_related("scenario")
    scenarios = {str(one.scenario.ref): one.result for one in of_scenarios}
    kept = {
        "result": without(run.result or {}, "run"),
        "effects": run.effects,
        "scenarios": scenarios,
        "counts": record.counts,
        "draws": bytes(record.draws or b"").hex(),
    }
    made = {
        "result": without(again.result, "run"),
        "effects": again.effects,
        "scenarios": {ref: again.scenarios[ref] for ref in scenarios},
        "counts": again.counts,
        "draws": again.draws.packed().hex(),
    }
    return replays.first_difference(kept, made)


def _record(run: EstimateRun) -> EstimateRecord:
    with working_for(run.region_id, job="estimate"):
        record = EstimateRecord.objects.filter(run=run).first()
    if record is None:
        raise NothingKept
    return record
