"""The answer for one program: most people, then priority, then guard, then fit."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from housing.matching.arrays import Floats, Positions, Wholes
from housing.matching.exchange import BRISK, THOROUGH, Aim, exchanged, pairs_of_blocks
from housing.matching.greedy import fill, greedy
from housing.matching.highs import INFINITE
from housing.matching.program import Program, count
from housing.matching.relaxation import (
    Relaxation,
    reduced_costs,
    whole_below,
)
from housing.matching.rounding import rounded
from housing.matching.sifting import Sifting
from housing.matching.swaps import swapped

# A gap of a program is in parts of this.
EXACT = 10_000
# Columns that lose at most so much of the bound, in the same parts, are searched first.
NEAR = 20
FIT_GAP = 0.01
# The same for points of fit.
NEAR_POINTS = 250
MOST_NODES = 20_000
# For a row more in a component that is not proven at every level.
FEW_NODES = 20
# Above this many choices two blocks are too large to solve anew.
EXCHANGE_UP_TO = 60_000

Step = Callable[[], None]


@dataclass(frozen=True)
class Answer:
    """Numbers per column, with what each level reached and what it can at most be."""

    values: Wholes
    placements_bound: int
    priority_bound: int  # at this number of placements
    limit: int  # the relaxed bound on priority at this number of placements ...
    slope: int  # ... and how much more it may be with each placement more (or less)
    proven: bool  # every level

    def to_json(self) -> dict[str, Any]:
        used = np.flatnonzero(self.values)
        return {
            "columns": used.tolist(),
            "counts": self.values[used].tolist(),
            "bound": {"placements": self.placements_bound, "priority": self.priority_bound},
            "limit": self.limit,
            "slope": self.slope,
            "proven": self.proven,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any], size: int) -> "Answer":
        values = np.zeros(size, dtype=np.int64)
        values[value["columns"]] = value["counts"]
        bound = value["bound"]
        return cls(
            values,
            bound["placements"],
            bound["priority"],
            value["limit"],
            value["slope"],
            value["proven"],
        )


def priority_bound(answers: list[Answer]) -> int:
    """Return what priority can at most add up to at the number of placements of all together.

    Where a number of placements is not proven, one component may house more and another fewer
    people. The relaxed bound of a component rises by at most its slope with each of them.
    """
    spare = [a.placements_bound - int(a.values.sum()) for a in answers]
    if not any(spare) or len(answers) == 1:
        return sum(a.priority_bound for a in answers)
    highest = sum(a.limit for a in answers)
    cheapest = min(a.slope for a in answers) - 1  # slopes are rounded up
    return highest + sum(
        max(0, a.slope - cheapest) * more for a, more in zip(answers, spare, strict=True)
    )


@dataclass(frozen=True)
class Level:
    """What one level reached, and what it can at most be."""

    values: Wholes
    bound: int
    value: int


def solve(program: Program, step: Step) -> Answer:
    """Solve the levels strictly in their order; ``step`` may raise to end it."""
    return Search(program, step).answer()


class Search:
    """One program on its way from a greedy answer to the best one."""

    def __init__(self, program: Program, step: Step, *, only_placements: bool = False) -> None:
        self.program = program
        self.only_placements = only_placements
        self.step = step
        self.sifting = Sifting(program, step)
        self.values = greedy(program)
        self.ones = np.ones(program.size, dtype=np.int64)

    def answer(self) -> Answer:
        program = self.program
        most = self.most_placements()
        if most == self.placements:
            self._improve(most)
        most = self.prove_placements(most)
        limit, loss = self._limit(self.placements)
        slope = math.ceil(self.relaxed.prices[self.sifting.relaxation.total_row])
        highest = self._prove_priority(limit, loss)
        proven = most == self.placements and highest == self.priority
        columns = self._within(loss, limit - self.priority)
        if program.guard.any() and not program.quick:
            proven &= self._best_guard(columns)
        if proven:
            proven = self._best_fit(columns)
        elif not program.quick:
            self._fit_for_the_same_people()
        return Answer(self.values, most, highest, limit, slope, proven)

    @property
    def placements(self) -> int:
        return int(self.values.sum())

    @property
    def priority(self) -> int:
        return int(self.program.priority @ self.values)

    def most_placements(self) -> int:
        """Return what the relaxed program proves about the number of placements."""
        return self.sifting.relaxed(self.ones, (0, INFINITE))[1]

    def _limit(self, placements: int) -> tuple[int, Floats]:
        """Return a bound on priority at these placements, and what each column loses of it."""
        program = self.program
        self.relaxed, limit = self.sifting.relaxed(program.priority, (placements, placements))
        return limit, -reduced_costs(program, program.priority, self.relaxed.prices)

    def _improve(self, most: int) -> None:
        """Round the relaxed answer, and exchange until it is close enough to the bound."""
        program = self.program
        limit, loss = self._round(most)
        if self.placements < most:
            # Prices of a number that is not reached say little about what is dear.
            limit, loss = self._round(self.placements)
        finished = self.placements == most and not program.gap
        if finished or program.size > EXCHANGE_UP_TO:
            return
        care = BRISK if program.quick else THOROUGH
        if self.only_placements:
            care, aim = BRISK, Aim(most, 0)
        else:
            aim = Aim(most, limit - limit * program.gap // EXACT if program.gap else 0)
        self._take(exchanged(program, self.values, loss, aim, care, self.step))

    def _round(self, most: int) -> tuple[int, Floats]:
        """Look near the relaxed answer with ``most`` placements; return what it proves."""
        program = self.program
        limit, loss = self._limit(most)
        relaxation, part = self.sifting.relaxation, self.sifting.part
        relaxation.set_total(0, most)
        relaxation.set_costs(part.priority + 2 * int(part.priority.max()) + 1)
        near = self.sifting.lifted(rounded(relaxation, self.relaxed))
        near = fill(program, np.argsort(-program.priority, kind="stable"), near)
        for values in (near, self.values):
            small = program.size <= EXCHANGE_UP_TO and not self.only_placements
            self._take(swapped(program, values) if small else values)
        return limit, loss

    def _take(self, values: Wholes) -> None:
        priority = self.program.priority
        if (values.sum(), priority @ values) > (self.values.sum(), priority @ self.values):
            self.program.verify(values)
            self.values = values

    def prove_placements(self, most: int) -> int:
        """Look for ``most`` placements; return the bound that is left."""
        if self.placements < most:
            self._improve(most)
        if self.placements == most or self.program.quick:
            return most
        nodes = FEW_NODES if self.only_placements and self.program.gap else MOST_NODES
        found = self._searched(self._every, self.ones, (0, most), gap=0.0, nodes=nodes)
        self._take(found.values)
        return min(most, found.bound)

    def _prove_priority(self, limit: int, loss: Floats) -> int:
        """Search the columns that lose little first: often they prove that no others matter."""
        program = self.program
        total = (self.placements, self.placements)
        tolerated = limit * program.gap // EXACT
        near = max(1, limit * NEAR // EXACT)
        for most_loss in (near, None):
            missing = limit - self.priority
            if missing <= tolerated or program.quick:
                break
            if most_loss is None or most_loss >= missing:
                # Whatever loses more than what is missing is in no better answer.
                most_loss = missing
            columns = self._within(loss, most_loss)
            found = self._searched(columns, program.priority, total, gap=program.gap / EXACT)
            self._take(found.values)
            limit = min(limit, max(found.bound, self.priority, limit - most_loss))
        return limit

    def _within(self, loss: Floats, most: int) -> Positions:
        """Return the columns of answers that lose at most so much of the relaxed bound.

        Priority is whole, so one point more than asked makes up for rounded prices.
        """
        return np.flatnonzero((loss <= most + 1) | (self.values > 0))

    @property
    def _every(self) -> Positions:
        return np.arange(self.program.size)

    def _searched(
        self,
        columns: Positions,
        costs: Wholes,
        total: tuple[int, int],
        gap: float,
        nodes: int = MOST_NODES,
    ) -> Level:
        """Return the best whole answer that uses these columns only, found from here on."""
        part = self.program.fixed(columns, np.zeros(self.program.size, dtype=np.int64))
        relaxation = Relaxation(part, hours=True, step=self.step)
        relaxation.set_total(*total)
        return self._level(relaxation, columns, costs[columns], gap, nodes)

    def _level(
        self,
        relaxation: Relaxation,
        columns: Positions,
        costs: Wholes,
        gap: float,
        nodes: int = MOST_NODES,
    ) -> Level:
        relaxation.demand_whole()
        relaxation.set_costs(costs)
        start = relaxation.lifted(self.values[columns])
        near = not self.program.gap
        whole = relaxation.model.solve(start, gap=gap, most_nodes=nodes, near=near)
        value, values = relaxation.worth(costs, self.values[columns]), self.values
        if whole.columns is not None:
            found = whole.columns[: len(columns)]
            relaxation.program.verify(found)
            if relaxation.worth(costs, found) > value:
                value, values = relaxation.worth(costs, found), self.values.copy()
                values[columns] = found
        return Level(values, max(value, whole_below(whole.bound)), value)

    def _kept(self, columns: Positions, *, spreads: bool = False) -> Relaxation:
        """Return the rows of these columns where every answer keeps placements and priority."""
        part = self.program.fixed(columns, np.zeros(self.program.size, dtype=np.int64))
        relaxation = Relaxation(part, hours=True, spreads=spreads, step=self.step)
        relaxation.set_total(self.placements, self.placements)
        relaxation.keep(part.priority, self.priority)
        return relaxation

    def _best_guard(self, columns: Positions) -> bool:
        level = self._level(self._kept(columns), columns, self.program.guard[columns], gap=0.0)
        self.values = level.values
        return level.value == level.bound

    def _best_fit(self, columns: Positions) -> bool:
        program = self.program
        relaxation = self._kept(columns, spreads=True)
        if program.guard.any():
            relaxation.keep(program.guard[columns], int(program.guard @ self.values))
        return self._fit_proven(relaxation, columns, program.points[columns])

    def _fit_proven(self, relaxation: Relaxation, columns: Positions, costs: Wholes) -> bool:
        """Search the columns that lose few points first, as for priority."""
        relaxation.set_costs(costs)
        relaxed = relaxation.model.relax()
        limit = whole_below(relaxed.value)
        loss = -relaxed.gains[: len(columns)]
        for few in (True, False):
            start = self.values[columns]
            missing = limit - relaxation.worth(costs, start)
            if missing <= 0:
                break
            most_loss = min(NEAR_POINTS, missing) if few else missing
            kept = (loss <= most_loss + 1) | (start > 0)
            uppers = np.where(kept, relaxation.program.uppers, 0)
            relaxation.model.set_bounds(np.zeros_like(uppers), uppers)
            level = self._level(relaxation, columns, costs, gap=0.0)
            self.values = level.values
            limit = min(limit, max(level.bound, level.value, limit - most_loss))
        return limit <= relaxation.worth(costs, self.values[columns])

    def _fit_for_the_same_people(self) -> None:
        """Better homes for those who are placed: nobody gets or loses a place for fit.

        Two blocks after the other: the people who are placed in both may change homes.
        """
        program = self.program
        for pair in pairs_of_blocks(program):
            placed = count(program.client[pair], self.values[pair], len(program.people))
            columns = pair[placed[program.client[pair]] > 0]
            start = self.values[columns]
            part = program.fixed(columns, self.values)
            part = replace(part, people=count(part.client, start, len(part.people)))
            relaxation = Relaxation(part, hours=True, spreads=True, step=self.step)
            relaxation.set_total(int(start.sum()), int(start.sum()))
            level = self._level(relaxation, columns, program.points[columns], gap=FIT_GAP)
            self.values = level.values


def most_people(program: Program, start: Wholes, ceiling: int, step: Step) -> int:
    """Return the most placements found from ``start`` on.

    Nobody looks for more than ``ceiling``, which must be an upper bound.
    """
    search = Search(program, step, only_placements=True)
    search.values = fill(program, np.arange(program.size), start)
    most = min(ceiling, search.most_placements())
    if search.placements < most:
        search.prove_placements(most)
    return search.placements
