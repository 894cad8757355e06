"""How long the two cores compute, apart from database and web: invented regions, one process."""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from housing.matching import check, match
from outflow.estimation import estimate
from tests.housing.matching.instances import region
from tests.outflow.estimation.truths import Truth, World

TIMES = 5
AS_OF = date(2026, 10, 1)
NATION_SECONDS = 60.0
NATION_MEGABYTES = 500.0


def timed(work: Callable[[], dict[str, Any]], *, times: int) -> tuple[dict[str, Any], list[float]]:
    """The answer and the seconds of every run after a first one that warms up."""
    answer = work() if times > 1 else {}
    seconds = []
    for _number in range(times):
        begun = time.perf_counter()
        answer = work()
        seconds.append(time.perf_counter() - begun)
    return answer, seconds


def matcher(name: str, clients: int, dwellings: int, *, times: int) -> None:
    instance = region(clients, dwellings)
    result, seconds = timed(lambda: match(instance), times=times)
    begun = time.perf_counter()
    check(instance, result)
    checked = time.perf_counter() - begun
    print(
        f"  match {name:<10} {clients:>6,} x {dwellings:<6,}{_median(seconds)}"
        f"  {result['status']}, {result['placements']} placed; checked in {checked:.2f} s",
        flush=True,
    )


def estimator(name: str, truth: Truth, *, quarters: int, draws: int, times: int) -> float:
    spells = World(truth, 1).spells()
    _result, seconds = timed(
        lambda: estimate(spells, None, as_of=AS_OF, quarters=quarters, draws=draws, seed=1),
        times=times,
    )
    print(
        f"  estimate {name:<7} {len(spells):>6,} spells{'':<2}{_median(seconds)}"
        f"  {quarters} quarters x {draws} draws; peak of the process {_megabytes():.0f} MB",
        flush=True,
    )
    return statistics.median(seconds)


def _median(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):>8.2f} s (median of {len(seconds)})"


def _megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024**2 if sys.platform == "darwin" else peak / 1024


def run(*, short: bool) -> bool:
    print("\ncores", flush=True)
    times = 2 if short else TIMES
    matcher("S", 200, 80, times=times)
    estimator("region", Truth(as_of=AS_OF), quarters=12, draws=500, times=times)
    if short:
        return True
    matcher("M", 500, 200, times=1)
    seconds = estimator("nation", Truth(as_of=AS_OF, regions=40), quarters=20, draws=200, times=1)
    print(f"  goal for the nation: {NATION_SECONDS:.0f} s and {NATION_MEGABYTES:.0f} MB")
    return seconds <= NATION_SECONDS and _megabytes() <= NATION_MEGABYTES
