"""Makes an estimate again from what it was asked, and finds the first thing that differs."""

from collections.abc import Iterator
from typing import Any

from accounts.context import working_for
from outflow.models import EstimateRecord, EstimateRun, ScenarioResult
from outflow.questions import Answer, Question, answer


class NothingKept(Exception):
    """What the estimate was asked is not kept any more, or it never was answered."""


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
        "result": _timeless(run.result or {}),
        "effects": run.effects,
        "scenarios": scenarios,
        "counts": record.counts,
        "draws": bytes(record.draws or b"").hex(),
    }
    made = {
        "result": _timeless(again.result),
        "effects": again.effects,
        "scenarios": {ref: again.scenarios[ref] for ref in scenarios},
        "counts": again.counts,
        "draws": again.draws.packed().hex(),
    }
    return next(_differences(kept, made, ""), None)


def _record(run: EstimateRun) -> EstimateRecord:
    with working_for(run.region_id, job="estimate"):
        record = EstimateRecord.objects.filter(run=run).first()
    if record is None:
        raise NothingKept
    return record


def _timeless(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key != "run"}


def _differences(kept: Any, made: Any, where: str) -> Iterator[str]:
    """Each place in which two trees of plain data differ, in order."""
    if isinstance(kept, dict) and isinstance(made, dict):
        for key in sorted(kept.keys() | made.keys()):
            place = f"{where}.{key}" if where else key
            if key not in made or key not in kept:
                yield f"{place}: only {'then' if key in kept else 'now'}"
            else:
                yield from _differences(kept[key], made[key], place)
    elif isinstance(kept, list) and isinstance(made, list):
        for number, (one, other) in enumerate(zip(kept, made, strict=False)):
            yield from _differences(one, other, f"{where}[{number}]")
        if len(kept) != len(made):
            yield f"{where}: {len(kept)} rows then, {len(made)} now"
    elif kept != made or type(kept) is not type(made):
        yield f"{where}: {_short(kept)} then, {_short(made)} now"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
