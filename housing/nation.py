"""What the matchings of all regions come to together, from the counts of their runs.

Nobody and no home is read: a run keeps its counts with it, and those are added up. It is the
answer to one question of the nation because no home and no capacity belongs to two regions, and a
region proposes for its own registrations: the best of all together is the best of each of them, and
so are the bounds.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from housing.matching import CORE_VERSION
from housing.models import MatchRun, NationalMatching
from regions import together
from regions.models import RunState
from regions.together import STALE_AFTER

SUMS = ("clients", "dwellings", "promised", "proposed", "placements", "priority", "unused")


def newest() -> NationalMatching | None:
    """The last picture that was made."""
    return NationalMatching.objects.order_by("-made_on").first()


def matching_of(night: date) -> NationalMatching | None:
    """Add up the latest matching of each region; None when no region has one.

    Whoever does it twice gets the same picture: it is a function of the runs.
    """
    runs = _latest(night)
    if not runs:
        return None
    picture, _made = NationalMatching.objects.update_or_create(
        made_on=night, defaults={"regions": len(runs), "totals": _totals(runs)}
    )
    return picture


def make_what_is_due() -> NationalMatching | None:
    """Add up if the last run of the night is finished and it is not in a picture yet.

    Asked after each run and again every minute: no message has to arrive, and none may count.
    """
    night = due()
    return None if night is None else matching_of(night)


def due() -> date | None:
    """The day of the picture that is to be made now."""
    picture = newest()
    held = {}
    if picture is not None and picture.totals.get("core_version") == CORE_VERSION:
        held = together.finished_at(MatchRun, picture.totals["runs"].values())
    return together.due(MatchRun, core_version=CORE_VERSION, held=held)


def _latest(night: date) -> list[MatchRun]:
    """The last answer of each region; other versions of the core may count something else."""
    done = MatchRun.objects.filter(
        state=RunState.DONE,
        core_version=CORE_VERSION,
        as_of__gt=night - STALE_AFTER,
        summary__has_key="bound",
    )
    newest_first = done.order_by("region_id", "-finished_at", "-pk").distinct("region_id")
    return list(newest_first.select_related("region"))


def _totals(runs: list[MatchRun]) -> dict[str, Any]:
    summaries = [run.summary for run in runs]
    sums = {key: sum(summary[key] for summary in summaries) for key in SUMS}
    bound = {
        level: sum(summary["bound"][level] for summary in summaries)
        for level in ("placements", "priority")
    }
    unmatched: Counter[str] = Counter()
    for summary in summaries:
        unmatched.update(summary["unmatched"])
    return {
        "core_version": CORE_VERSION,
        "runs": {str(run.region.ref): str(run.ref) for run in runs},
        "optimal": sum(summary["status"] == "optimal" for summary in summaries),
        **sums,
        "bound": bound,
        "gap": {level: _share(most - sums[level], most) for level, most in bound.items()},
        "unmatched": dict(sorted(unmatched.items())),
        "bottlenecks": _bottlenecks(summaries),
    }


def _bottlenecks(summaries: Iterable[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """By kind: how many are short, and how many people one more of each of them brings home."""
    kinds: dict[str, dict[str, int]] = {}
    for summary in summaries:
        for row in summary["bottlenecks"]:
            total = kinds.setdefault(row["resource"]["kind"], {"short": 0, "one_more": 0})
            total["short"] += 1
            total["one_more"] += row["gain"][0]
    return dict(sorted(kinds.items()))


def _share(missing: int, bound: int) -> float:
    return missing / bound if missing else 0.0
