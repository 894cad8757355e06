"""How the matcher compares with simpler problems of the same instance: the goals of its speed.

Ratios are of processor seconds, because other work may use the cores meanwhile; everything here
computes on one thread. The linear program is solved in this process; the sparse assignment is
asked of scipy in the process of the oracles (bench/oracles).
"""

import gc
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench import oracle_exchange
from housing.matching import check, match
from housing.matching.arrays import Positions
from housing.matching.capacities import Capacities
from housing.matching.components import components
from housing.matching.eligibility import Eligibility
from housing.matching.fit import Fit
from housing.matching.greedy import greedy
from housing.matching.highs import INFINITE, Model
from housing.matching.instance import Instance, read
from housing.matching.problem import Problem
from housing.matching.program import Program, program_of
from housing.matching.solving import Answer, priority_bound, solve
from tests.housing.matching.instances import SIZES, nation, region

WARM_RUNS = 5
REGIONS, REGION = 40, (400, 200)
LARGE = (5_000, 2_000)
LARGE_SECONDS = 600.0
NATION_MEGABYTES = 2_000.0


@dataclass(frozen=True)
class Solved:
    answers: list[Answer]
    priority: int
    seconds: float

    @property
    def placements(self) -> int:
        return sum(int(answer.values.sum()) for answer in self.answers)

    @property
    def most(self) -> int:
        return sum(answer.placements_bound for answer in self.answers)

    @property
    def gaps(self) -> tuple[float, float]:
        highest = priority_bound(self.answers)
        return 1 - self.placements / self.most, 1 - self.priority / highest

    @property
    def proven(self) -> bool:
        return all(answer.proven for answer in self.answers)


def timed[T](work: Callable[[], T]) -> tuple[T, float]:
    gc.collect()
    begun = time.process_time()
    result = work()
    return result, time.process_time() - begun


def median_of(work: Callable[[], object]) -> float:
    work()
    return statistics.median(timed(work)[1] for _ in range(WARM_RUNS))


def told(name: str, measured: str, goal: str, reached: bool) -> bool:
    verdict = "reached" if reached else "missed"
    print(f"  {name:<46}{measured:<44}{goal:<26}{verdict}", flush=True)
    return reached


def within(name: str, seconds: float, yardstick: float, times: float, more: str = "") -> bool:
    """Tell a ratio; ``more`` is what else was found."""
    ratio = seconds / yardstick
    measured = f"{seconds:.3f} s / {yardstick:.3f} s = {ratio:.2f} x{more}"
    return told(name, measured, f"at most {times:g} x", ratio <= times)


def sparse_assignment(instance: Instance) -> float:
    """Return scipy's seconds for one weighted score of every eligible pair, without side rows."""
    pairs = Eligibility(instance).pairs()
    worth = 1_000 * instance.priorities()[pairs.client]
    worth += Fit(instance).points(pairs.client, pairs.dwelling)
    table = pd.DataFrame(
        {"client": pairs.client, "dwelling": pairs.dwelling, "worth": worth - worth.min()}
    )
    answer = oracle_exchange.ask(
        "assignment",
        table,
        clients=len(instance.clients),
        dwellings=len(instance.dwellings),
        times=WARM_RUNS,
    )
    return float(answer["seconds"].median())


def linear_program(instance: Instance) -> float:
    """Return the seconds of HiGHS's simplex for most placements: every pair, every row."""
    pairs = Eligibility(instance).pairs()
    capacities = Capacities(instance)
    uses = capacities.of_pairs(pairs.client, pairs.dwelling)
    every, people = np.arange(len(pairs.client)), len(instance.clients)
    homes = people + len(instance.dwellings)
    limits = np.concatenate([np.ones(homes), [row.size for row in capacities.rows]])

    def relax() -> float:
        model = Model(
            np.ones(len(every)),
            np.full(len(limits), -INFINITE),
            limits,
            (
                np.concatenate([every, every, uses.pair]),
                np.concatenate([pairs.client, people + pairs.dwelling, homes + uses.row]),
                np.concatenate([np.ones(2 * len(every), dtype=np.int64), uses.load]),
            ),
            _go_on,
        )
        model.set_costs(np.ones(len(every)))
        return timed(model.relax)[1]

    relax()
    return statistics.median(relax() for _ in range(WARM_RUNS))


def _go_on() -> None:
    pass


def eligibility(instance: Instance) -> None:
    pairs = Eligibility(instance).pairs()
    instance.priorities()[pairs.client]
    Fit(instance).points(pairs.client, pairs.dwelling)


def solved(problem: Problem) -> Solved:
    """Solve every component; what is measured begins with the arrays of the problem."""
    parts: list[Positions] = components(problem)

    def work() -> list[tuple[Program, Answer]]:
        programs = [program_of(problem, numbers) for numbers in parts]
        return [(program, solve(program, _go_on)) for program in programs]

    found, seconds = timed(work)
    priority = sum(int(program.priority @ answer.values) for program, answer in found)
    return Solved([answer for _, answer in found], priority, seconds)


def small(name: str, yardstick: float, problem: Problem, times: float) -> bool:
    found = solved(problem)
    more = f", {found.placements} placed"
    reached = within(f"{name}: proven at all levels", found.seconds, yardstick, times, more)
    return told(f"{name}: proven", str(found.proven).lower(), "true", found.proven) and reached


def middle(name: str, yardstick: float, problem: Problem, times: float) -> bool:
    found = solved(problem)
    placements, priority = found.gaps
    reached = within(
        f"{name}: placements, then priority", found.seconds, yardstick, times, _gaps(found)
    )
    close = placements == 0 and priority <= 0.001
    return told(f"{name}: gaps", _gaps(found)[2:], "0 and at most 0.1 %", close) and reached


def first_answer(name: str, yardstick: float, problem: Problem) -> bool:
    def work() -> list[Any]:
        return [greedy(program_of(problem, numbers)) for numbers in components(problem)]

    return within(f"{name}: a first feasible answer", timed(work)[1], yardstick, 3)


def whole(name: str, given: dict[str, Any]) -> None:
    """The whole match, explained and with its bottlenecks, as the application calls it."""
    began: dict[str, float] = {}
    begun = time.process_time()
    result = match(
        given, progress=lambda stage, *_: began.setdefault(stage, time.process_time()) and None
    )
    seconds, after = time.process_time() - begun, time.process_time() - began["bottlenecks"]
    check(given, result)
    print(
        f"  {name}: the whole match {seconds:.1f} s, of which bottlenecks {after:.1f} s:"
        f" {len(result['bottlenecks'])} found",
        flush=True,
    )


def nationwide(short: bool) -> bool:
    given = nation(3 if short else REGIONS, *REGION)
    instance = read(given)
    yardstick = sparse_assignment(instance)
    reached = within("NL: eligibility and scores", median_of(lambda: eligibility(instance)),
                     yardstick, 0.15)  # fmt: skip
    problem, before = timed(lambda: Problem(instance))
    found = solved(problem)
    seconds = before + found.seconds
    reached &= within("NL: a feasible answer", seconds, yardstick, 40, _gaps(found))
    close = max(found.gaps) <= 0.02
    reached &= told("NL: gaps", _gaps(found)[2:], "at most 2 %", close)
    megabytes = _megabytes()
    small_enough = megabytes <= NATION_MEGABYTES
    return reached & told("NL: memory", f"{megabytes:.0f} MB", "at most 2,000 MB", small_enough)


def large(short: bool) -> bool:
    instance = read(region(*((1_000, 400) if short else LARGE)))
    begun = time.perf_counter()
    problem = Problem(instance)
    found = solved(problem)
    seconds = time.perf_counter() - begun
    pairs = f"{len(problem.choices):,} choices in {seconds:.0f} s by the clock"
    reached = told("L: certified within 10 minutes", pairs, "600 s", seconds <= LARGE_SECONDS)
    return told("L: gaps", _gaps(found)[2:], "at most 5 %", max(found.gaps) <= 0.05) and reached


def _gaps(found: Solved) -> str:
    placements, priority = found.gaps
    return f", {100 * placements:.2f} % and {100 * priority:.3f} %"


def _megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024**2 if sys.platform == "darwin" else peak / 1024


def run(*, short: bool) -> bool:
    print("\nmatcher (processor seconds; placements and priority have gaps)", flush=True)
    reached = True
    for name, times in (("S", 30.0), ("M", 100.0)):
        if short and name == "M":
            continue
        given = region(*SIZES[name])
        instance = read(given)
        problem, yardstick = Problem(instance), linear_program(instance)
        reached &= first_answer(name, yardstick, problem)
        if name == "S":
            reached &= small(name, yardstick, problem, times)
            whole(name, given)
        else:
            assignment = sparse_assignment(instance)
            seconds = median_of(lambda: eligibility(instance))  # noqa: B023 - used at once
            reached &= within(f"{name}: eligibility and scores", seconds, assignment, 0.15)
            reached &= middle(name, yardstick, problem, times)
    reached &= nationwide(short)
    return large(short) and reached
