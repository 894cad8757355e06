"""How long the two cores compute, apart from database and web: invented regions, one process."""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from bench import nation
from housing.matching import check, match
from outflow.estimation import estimate
from tests.housing.matching.instances import region
from tests.outflow.estimation.truths import Truth, World

TIMES = 5
AS_OF = date(2026, 10, 1)
NATION_SECONDS = 60.0
NATION_MEGABYTES = 500.0
NATION_PROCESSES = 2
FIT_TIMES = 2.0
FIRST_SECONDS = 3.0


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


def nationwide(*, short: bool) -> bool:
    """The nation, on all of ``NATION_PROCESSES``: fitting, first figures and the whole estimate."""
    path = nation.made(short=short)
    fitted = nation.measured("fit", path)
    seconds = fitted["seconds"]
    print(
        f"  nation: {fitted['spells']:,} spells of {fitted['clients']:,} clients;"
        f" {fitted['open']:,} spells are open, {fitted['in care']:,} of them in care",
        flush=True,
    )
    alone = seconds["count and shrink"] / seconds["groupby"]
    print(
        f"  fit: transitions counted and shrunk {seconds['count and shrink']:.3f} s,"
        f" pandas groupby {seconds['groupby']:.3f} s: {alone:.2f} x (goal {FIT_TIMES:.0f})"
    )
    table = seconds["follow"] + seconds["fit"]
    print(
        f"  fit: from the table that was read to the model {table:.3f} s (histories"
        f" {seconds['follow']:.3f}, everything learnt {seconds['fit']:.3f}), pandas dates and"
        f" groupby {seconds['dates and groupby']:.3f} s:"
        f" {table / seconds['dates and groupby']:.2f} x; checking and reading the cells before"
        f" {seconds['read']:.3f} s",
        flush=True,
    )
    first = nation.measured("region", path)
    print(
        f"  first figures of the largest region ({first['spells']:,} spells):"
        f" {first['seconds']:.2f} s (goal {FIRST_SECONDS:.0f}), {first['megabytes']:.0f} MB",
        flush=True,
    )
    whole = nation.measured("estimate", path, str(NATION_PROCESSES))
    stages = ", ".join(f"{name} {taken:.1f}" for name, taken in whole["stages"].items())
    print(
        f"  nation, {nation.QUARTERS} quarters x {nation.DRAWS} draws, {NATION_PROCESSES}"
        f" processes: {whole['seconds']:.1f} s ({stages}); {whole['cpu']:.1f} s of processor;"
        f" {whole['rows']:,} rows; peak of all processes {whole['megabytes']:.0f} MB"
        f" (goals {NATION_SECONDS:.0f} s, {NATION_MEGABYTES:.0f} MB)",
        flush=True,
    )
    return (
        alone <= FIT_TIMES
        and first["seconds"] <= FIRST_SECONDS
        and whole["seconds"] <= NATION_SECONDS
        and whole["megabytes"] <= NATION_MEGABYTES
    )


def run(*, short: bool) -> bool:
    print("\ncores", flush=True)
    times = 2 if short else TIMES
    matcher("S", 200, 80, times=times)
    estimator("region", Truth(as_of=AS_OF), quarters=12, draws=500, times=times)
    if short:
        return nationwide(short=True) or True
    matcher("M", 500, 200, times=1)
    return nationwide(short=False)
