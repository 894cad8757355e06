"""Makes a matching again from what it was asked, and finds the first thing that differs."""

from collections.abc import Callable
from typing import Any

from accounts.context import working_for
from housing.matching import match
from housing.models import MatchRecord, MatchRun
from regions.replays import NothingKept, first_difference, without

Progress = Callable[[str, int, int], None]


def replay(run: MatchRun) -> dict[str, Any]:
    """The answer again, from the instance that was kept; equal but for `solver.seconds`."""
    return match(_record(run).instance)


def kept(run: MatchRun) -> dict[str, Any]:
    """The answer as it was kept."""
    answer: dict[str, Any] = _record(run).result
    return answer


def difference(run: MatchRun, *, progress: Progress | None = None) -> str | None:
    """Where a replay differs from what was kept: the place alone, since its values name people.

    None when it is equal, as it must be. The answer is made from nothing: what parts of it were
    remembered plays no part.
    """
    record = _record(run)
    return between(record.result, match(record.instance, progress=progress))


def between(kept: dict[str, Any], made: dict[str, Any]) -> str | None:
    """Where two answers to one question differ first, seconds left out."""
    return first_difference(_timeless(kept), _timeless(made), with_values=False)


def _timeless(result: dict[str, Any]) -> dict[str, Any]:
    return result | {"solver": without(result["solver"], "seconds")}


def _record(run: MatchRun) -> MatchRecord:
    with working_for(run.region_id, job="match"):
        record = MatchRecord.objects.filter(run=run).first()
    if record is None:
        raise NothingKept
    return record
