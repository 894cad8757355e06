"""From an instance to the answer of the contract: the one function the application calls."""

import time
from collections.abc import Callable
from typing import Any

from housing.matching.arrays import Positions
from housing.matching.bottlenecks import bottlenecks
from housing.matching.components import components
from housing.matching.explaining import Explanation
from housing.matching.highs import SOLVER, solver_version
from housing.matching.instance import read
from housing.matching.memory import Memory, Nothing, remembered
from housing.matching.problem import Problem
from housing.matching.program import program_of
from housing.matching.solving import Answer, priority_bound
from housing.matching.version import CORE_VERSION

RESULT_SCHEMA = "weerthuis/match-result/1"

Progress = Callable[[str, int, int], None]


def _silent(stage: str, done: int, total: int) -> None:
    pass


def match(
    instance: dict[str, Any],
    *,
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> dict[str, Any]:
    """Return who goes to which home, why, and what stood in the way of the others.

    Parameters
    ----------
    instance
        Parsed JSON of schema ``weerthuis/match-instance/1``; it is not changed.
    progress
        Called with a stage ("solving", "bottlenecks"), how much of it is done and how much there
        is. An exception it raises ends the run within seconds: that is how a run is cancelled.
    memory
        Where answers of components are looked up and kept. It saves time and changes nothing.

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
    problem = Problem(read(instance))
    parts = components(problem)
    recall = Nothing() if memory is None else memory
    answers = _solve(problem, parts, report, recall)
    counts = {
        int(numbers[column]): int(answer.values[column])
        for numbers, answer in zip(parts, answers, strict=True)
        for column in answer.values.nonzero()[0]
    }
    placed = sorted(problem.locked + problem.hand_out(counts))
    explanation = Explanation(problem, placed)
    return {
        "schema": RESULT_SCHEMA,
        "core_version": CORE_VERSION,
        "fingerprint": problem.instance.fingerprint(),
        **_quality(problem, answers, placed),
        "pairs": explanation.pairs(),
        "unmatched": explanation.unmatched(),
        "unused": explanation.unused(),
        "bottlenecks": bottlenecks(
            problem, explanation, lambda done, total: report("bottlenecks", done, total), recall
        ),
        "solver": {
            "name": SOLVER,
            "version": solver_version(),
            "seconds": round(time.perf_counter() - began, 3),
        },
    }


def _solve(
    problem: Problem, parts: list[Positions], report: Progress, memory: Memory
) -> list[Answer]:
    answers: list[Answer] = []

    def step() -> None:
        report("solving", len(answers), len(parts))

    for numbers in parts:
        step()
        answers.append(remembered(program_of(problem, numbers), memory, step))
    step()
    return answers


def _quality(
    problem: Problem, answers: list[Answer], placed: list[tuple[int, int]]
) -> dict[str, Any]:
    """Return the sums, what they can at most be, and whether that is proven."""
    placements = len(placed)
    priority = int(problem.priorities[[c for c, _ in placed]].sum())
    promised = int(problem.priorities[[c for c, _ in problem.locked]].sum())
    most = len(problem.locked) + sum(a.placements_bound for a in answers)
    highest = promised + priority_bound(answers)
    proven = most == placements and highest == priority and all(a.proven for a in answers)
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
