"""From an instance to the answer of the contract: the one function the application calls."""

import time
from collections.abc import Callable
from typing import Any

from housing.matching.bottlenecks import bottlenecks
from housing.matching.components import components
from housing.matching.explaining import Explanation
from housing.matching.instance import read
from housing.matching.problem import Problem
from housing.matching.program import SOLVER, solver_version
from housing.matching.solving import Component, Solution

RESULT_SCHEMA = "weerthuis/match-result/1"
# Raised whenever the same instance may get another answer than before.
CORE_VERSION = "1.0.0"

Progress = Callable[[str, int, int], None]


def _silent(stage: str, done: int, total: int) -> None:
    pass


def match(instance: dict[str, Any], *, progress: Progress | None = None) -> dict[str, Any]:
    """Return who goes to which home, why, and what stood in the way of the others.

    Parameters
    ----------
    instance
        Parsed JSON of schema ``weerthuis/match-instance/1``; it is not changed.
    progress
        Called with a stage ("solving", "bottlenecks"), how much of it is done and how much there
        is. An exception it raises ends the run: that is how a run is cancelled.

    Returns
    -------
    dict
        The result of schema ``weerthuis/match-result/1``. Equal input gives an equal result
        whatever the order of lists and keys, except for ``solver.seconds``.

    Raises
    ------
    InstanceError
        The instance is not valid; the message is one sentence.
    """
    began = time.perf_counter()
    report = progress or _silent
    problem = Problem.of(read(instance))
    solutions = _solve(problem, report)
    counts = {number: count for s in solutions for number, count in s.counts.items()}
    placed = sorted(problem.locked + problem.hand_out(counts))
    explanation = Explanation(problem, placed)
    return {
        "schema": RESULT_SCHEMA,
        "core_version": CORE_VERSION,
        "fingerprint": problem.instance.fingerprint(),
        **_quality(problem, solutions, placed),
        "pairs": explanation.pairs(),
        "unmatched": explanation.unmatched(),
        "unused": explanation.unused(),
        "bottlenecks": bottlenecks(
            problem, explanation, lambda done, total: report("bottlenecks", done, total)
        ),
        "solver": {
            "name": SOLVER,
            "version": solver_version(),
            "seconds": round(time.perf_counter() - began, 3),
        },
    }


def _solve(problem: Problem, report: Progress) -> list[Solution]:
    parts = components(problem)
    solutions = []
    for done, numbers in enumerate(parts):
        report("solving", done, len(parts))
        solutions.append(Component(problem, numbers).solve())
    report("solving", len(parts), len(parts))
    return solutions


def _quality(
    problem: Problem, solutions: list[Solution], placed: list[tuple[int, int]]
) -> dict[str, Any]:
    """Return the sums, what they can at most be, and whether that is proven."""
    instance = problem.instance
    placements = len(placed)
    priority = sum(instance.clients[c].priority(instance.as_of) for c, _ in placed)
    promised = sum(instance.clients[c].priority(instance.as_of) for c, _ in problem.locked)
    most = len(problem.locked) + sum(s.placements_bound for s in solutions)
    if most == placements:
        highest = promised + sum(s.priority_bound for s in solutions)
    else:
        # Unproven placements may move between components, so no component's number is fixed.
        highest = promised + sum(
            Component(problem, numbers).priority_limit() for numbers in components(problem)
        )
    proven = most == placements and highest == priority and all(s.fit_proven for s in solutions)
    return {
        "status": "optimal" if proven else "feasible",
        "gap": {
            "placements": _share(most - placements, most),
            "priority": _share(highest - priority, highest),
        },
        "placements": placements,
        "priority": priority,
        "bound": {"placements": most, "priority": highest},
    }


def _share(missing: int, bound: int) -> float:
    return missing / bound if missing else 0.0
