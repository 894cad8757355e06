"""Solves changed instances beside a known answer, each once, and counts how often.

It solves as ``match`` does, part by part, so what it finds is what ``match`` would answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from housing.matching.arrays import Wholes
from housing.matching.components import components
from housing.matching.instance import Instance
from housing.matching.memory import Memory, remembered
from housing.matching.problem import Problem
from housing.matching.program import Program, program_of
from housing.matching.relaxation import Relaxation, whole_below

Placed = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many people more a changed instance houses, and who they all are, by ref."""

    gain: int
    housed: frozenset[str]


class Again:
    """The answers of changed instances, beside the pairs of positions placed in the base."""

    def __init__(
        self,
        problem: Problem,
        placed: Placed,
        memory: Memory | None,
        step: Callable[[], None],
    ) -> None:
        self.base = len(placed)
        self.step = step
        self._kept = sorted(set(placed) - set(problem.locked))
        self._known: dict[str, Outcome] = {}
        self._memory = _Layered(memory)
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
                answer = remembered(program_of(problem, numbers), self._memory, self.step)
                for column in answer.values.nonzero()[0]:
                    counts[int(numbers[column])] = int(answer.values[column])
            placed = problem.locked + problem.hand_out(counts)
            housed = frozenset(instance.clients[c].ref for c, _ in placed)
            self._known[key] = Outcome(len(placed) - self.base, housed)
        return self._known[key]

    def own_gain(self, instance: Instance, client: int, *, proven: bool) -> int | None:
        """Return how many people more are housed if ``client`` is, None if that person is not.

        Only for a change of what this one person accepts, beside a base in which the number of
        people is proven, and everything where ``proven``. Only the part of the problem that this
        person belongs to is another one than before. Bounds come first: most often they show
        that no best answer can hold this person, and then nothing is solved.
        """
        problem = Problem(instance)
        own = int(problem.clients.of[client])
        if own < 0:
            return None
        choices = problem.choices
        numbers = next(part for part in components(problem) if own in choices.client_class[part])
        program, start = program_of(problem, numbers), self._start(problem)[numbers]
        theirs = choices.client_class[numbers] == own
        if _stays_out(program, start, theirs.astype(np.int64), proven=proven):
            return None
        self.part += 1
        answer = remembered(program, self._memory, self.step)
        first = int(answer.values[theirs].sum())  # within a class homes go in order of ref
        if client not in problem.clients.members[own][:first]:
            return None
        return int(answer.values.sum()) - int(start.sum())

    def _start(self, problem: Problem) -> Wholes:
        """Return how often the base makes each choice of a changed problem."""
        choices, homes = problem.choices, len(problem.dwellings.members)
        made = np.zeros(len(problem.clients.members) * homes, dtype=np.int64)
        for c, d in self._kept:
            made[problem.clients.of[c] * homes + problem.dwellings.of[d]] += 1
        start: Wholes = made[choices.client_class * homes + choices.dwelling_class]
        return start


def _stays_out(program: Program, start: Wholes, theirs: Wholes, *, proven: bool) -> bool:
    """Do bounds show that no best answer holds somebody whose columns are ``theirs``?

    An answer without that person is one to the base. An answer with that person is only better
    when it houses more people, or as many with at least the priority of the base.
    """
    relaxation = Relaxation(program)
    relaxation.keep(theirs, 1)
    relaxation.set_costs(np.ones(program.size, dtype=np.int64))
    people = int(start.sum())
    most = whole_below(relaxation.model.relax().value)
    if most > people:
        return False
    if most < people or not proven:
        return True
    relaxation.set_total(0, people)
    relaxation.set_costs(program.priority)
    highest = whole_below(relaxation.model.relax().value)
    return highest < int(program.priority @ start)


class _Layered:
    """What was found here, before what is remembered from elsewhere."""

    def __init__(self, beneath: Memory | None) -> None:
        self._beneath = beneath
        self._here: dict[str, dict[str, Any]] = {}

    def get(self, key: str) -> dict[str, Any] | None:
        if key in self._here:
            return self._here[key]
        return self._beneath.get(key) if self._beneath else None

    def put(self, key: str, value: dict[str, Any]) -> None:
        """Changes that were only thought of are no use to others."""
        self._here[key] = value
