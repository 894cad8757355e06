"""Solves a changed instance for the number of people housed, where it differs from a known one."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from housing.matching.arrays import Wholes
from housing.matching.components import components
from housing.matching.instance import Instance
from housing.matching.memory import Memory, Nothing, placements_key
from housing.matching.problem import Problem
from housing.matching.program import Program, program_of, rows_of
from housing.matching.solving import most_people


def _go_on() -> None:
    pass


class Resolver:
    """Knows one answer; tells how many people more or fewer a changed instance houses.

    Components that ask for the same number of placements as before (by key) are not solved
    again, and what was found for the others is kept in ``memory``.
    """

    def __init__(
        self,
        problem: Problem,
        placed: Iterable[tuple[int, int]],
        memory: Memory | None = None,
        step: Callable[[], None] = _go_on,
    ) -> None:
        """``placed`` are pairs of positions in the problem's instance, promises included."""
        self.problem = problem
        self.memory: Memory = Nothing() if memory is None else memory
        self.step = step
        pairs = list(placed)
        self.base = len(pairs)
        clients, dwellings = problem.instance.clients, problem.instance.dwellings
        open_pairs = set(pairs) - set(problem.locked)
        self._home_of = {clients[c].ref: dwellings[d].ref for c, d in open_pairs}
        self._parts = [(program_of(problem, numbers), numbers) for numbers in components(problem)]
        starts = self._starts(problem)
        self._part_of_row: dict[int, int] = {}
        self._known: dict[str, int] = {}
        self._start_of_part: list[Wholes] = []
        for number, (program, numbers) in enumerate(self._parts):
            self._start_of_part.append(starts[numbers])
            self._known[program.placements_key] = int(starts[numbers].sum())
            for row in rows_of(problem, numbers):
                self._part_of_row[row] = number

    def gain(self, changed: Instance) -> int:
        """Return the placements of a changed instance minus those that are known."""
        return self.gain_of(Problem(changed), None)

    def gain_of(self, changed: Problem, most: int | None) -> int:
        """The same of a problem; ``most`` bounds what the change can bring, where that is known."""
        starts = self._starts(changed)
        total = len(changed.locked)
        differing: list[tuple[Program, Wholes]] = []
        for numbers in components(changed):
            program = program_of(changed, numbers)
            known = self._known.get(program.placements_key)
            if known is None:
                differing.append((program, starts[numbers]))
            else:
                total += known
        kept = sum(int(start.sum()) for _, start in differing)
        spare = None if most is None else self.base + most - total - kept
        for program, start in differing:
            ceiling = None if spare is None else int(start.sum()) + spare
            placements = self._most(program, start, ceiling)
            if spare is not None:
                spare -= placements - int(start.sum())
            total += placements
        return total - self.base

    def gain_in(self, row: int, more: int) -> int:
        """Return what ``more`` of a row brings that opens no pair: only its component changes."""
        if row not in self._part_of_row:
            return 0
        number = self._part_of_row[row]
        program, numbers = self._parts[number]
        limits = program.limits.copy()
        limits[rows_of(self.problem, numbers).index(row)] += more
        start = self._start_of_part[number]
        placed = int(start.sum())
        return self._most(replace(program, limits=limits), start, placed + more) - placed

    def _most(self, program: Program, start: Wholes, ceiling: int | None) -> int:
        if not program.holds(start):
            start = np.zeros_like(start)
        if ceiling is None:
            ceiling = int(program.people.sum())
        key = placements_key(program, start, ceiling)
        known = self.memory.get(key)
        if known is not None:
            return int(known["placements"])
        placements = most_people(program, start, ceiling, self.step)
        self.memory.put(key, {"placements": placements})
        return placements

    def _starts(self, problem: Problem) -> Wholes:
        """Return how often each choice of a problem occurs in the known answer, as far as valid."""
        dwelling_at = {d.ref: position for position, d in enumerate(problem.instance.dwellings)}
        kept: Counter[tuple[int, int]] = Counter()
        for position, client in enumerate(problem.instance.clients):
            home = self._home_of.get(client.ref)
            if home in dwelling_at:
                pair = (problem.clients.of[position], problem.dwellings.of[dwelling_at[home]])
                kept[pair] += 1
        starts = np.zeros(len(problem.choices), dtype=np.int64)
        classes = zip(
            problem.choices.client_class.tolist(),
            problem.choices.dwelling_class.tolist(),
            strict=True,
        )
        for number, pair in enumerate(classes):
            starts[number] = kept.get(pair, 0)
        return starts
