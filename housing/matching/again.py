"""Solves changed instances beside a known answer, each once, and counts how often."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from housing.matching.arrays import Wholes
from housing.matching.components import components
from housing.matching.instance import Instance
from housing.matching.problem import Problem
from housing.matching.program import program_of
from housing.matching.solving import solve

Placed = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many people more a changed instance houses, and who they all are, by ref."""

    gain: int
    housed: frozenset[str]


class Again:
    """The answers of changed instances, beside the pairs of positions placed in the base."""

    def __init__(self, problem: Problem, placed: Placed) -> None:
        self.base = len(placed)
        self._kept = sorted(set(placed) - set(problem.locked))
        self._known: dict[str, Outcome] = {}
        self.whole = self.part = 0  # how often everything was solved, and one part of it

    def knows(self, key: str) -> bool:
        return key in self._known

    def outcome(self, key: str, instance: Instance) -> Outcome:
        """Return the answer of a changed instance; ``key`` says what was changed."""
        if key not in self._known:
            self.whole += 1
            problem = Problem(instance)
            counts = {}
            for numbers in components(problem):
                answer = solve(program_of(problem, numbers), lambda: None)
                for column in answer.values.nonzero()[0]:
                    counts[int(numbers[column])] = int(answer.values[column])
            placed = problem.locked + problem.hand_out(counts)
            housed = frozenset(instance.clients[c].ref for c, _ in placed)
            self._known[key] = Outcome(len(placed) - self.base, housed)
        return self._known[key]

    def personal_gain(
        self, instance: Instance, client: int, *, priority_is_proven: bool
    ) -> int | None:
        """Return how many people more are housed if ``client`` is, None if not or not known.

        Only for a change of what this one person accepts, beside a base in which the number of
        people is proven. Any answer without this person is also one to the base. So an answer that
        beats the base in people, or in priority where that is proven too, houses this person; and
        people can grow by one at most. Only the part of the problem that this person belongs to is
        solved: where both are equal nobody can tell without solving everything.
        """
        self.part += 1
        problem = Problem(instance)
        own = problem.clients.of[client]
        if own < 0:
            return None
        choices = problem.choices
        numbers = next(part for part in components(problem) if own in choices.client_class[part])
        program, start = program_of(problem, numbers), self._start(problem)[numbers]
        people = int(start.sum())
        answer = solve(program, lambda: None)
        if int(answer.values.sum()) > people:
            return 1
        if int(answer.values.sum()) < people or not priority_is_proven:
            return None
        return 0 if int(program.priority @ answer.values) > int(program.priority @ start) else None

    def _start(self, problem: Problem) -> Wholes:
        """Return how often the base makes each choice of a changed problem."""
        choices, homes = problem.choices, len(problem.dwellings.members)
        made = np.zeros(len(problem.clients.members) * homes, dtype=np.int64)
        for c, d in self._kept:
            made[problem.clients.of[c] * homes + problem.dwellings.of[d]] += 1
        start: Wholes = made[choices.client_class * homes + choices.dwelling_class]
        return start
