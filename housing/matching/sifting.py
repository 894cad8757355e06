"""Programs with very many columns: few of them matter, and prices tell which.

The relaxed program is solved with some columns; whatever brings more than the prices of all it
uses comes in, until the bound that the prices prove for every column is close to what is reached.
"""

from collections.abc import Callable

import numpy as np

from housing.matching.arrays import Floats, Positions, Wholes
from housing.matching.greedy import by_priority, by_scarcity, fill
from housing.matching.highs import Relaxed
from housing.matching.program import PROVE_UP_TO, Program
from housing.matching.relaxation import Relaxation, certified_bound, reduced_costs

# So many columns of every person, and of every home, come in at once.
OF_EACH_PERSON = 3
OF_EACH_HOME = 8
# A bound this close to what is reached, as a share of it, ends the sifting.
CLOSE = 0.002
# Columns that bring no more than this beyond the prices bring nothing.
LITTLE = 1e-6


class Sifting:
    """The relaxed program with a growing part of its columns."""

    def __init__(self, program: Program, step: Callable[[], None]) -> None:
        self.program = program
        self.close = CLOSE if program.quick else 0.0
        self.columns = self._first()
        self.relaxation = Relaxation(program.only(self.columns), step=step)

    def _first(self) -> Positions:
        program = self.program
        if program.size <= PROVE_UP_TO:
            return np.arange(program.size)
        first = [
            fill(program, by_priority(program)).nonzero()[0],
            fill(program, by_scarcity(program)).nonzero()[0],
            _best_of_each(program.client, _dearth(program), OF_EACH_PERSON),
            _best_of_each(program.dwelling, program.priority.astype(float), OF_EACH_HOME),
        ]
        return np.unique(np.concatenate(first))

    @property
    def part(self) -> Program:
        return self.relaxation.program

    def relaxed(self, costs: Wholes, total: tuple[float, float]) -> tuple[Relaxed, int]:
        """Return the relaxed answer of the columns that matter, and a bound for all columns.

        ``total`` are the least and the most placements. The bound holds for the one number they
        allow, or for every number when nothing is demanded.
        """
        self.relaxation.set_total(*total)
        placements = 0 if total[0] != total[1] else int(total[1])
        while True:
            self.relaxation.set_costs(costs[self.columns])
            relaxed = self.relaxation.model.relax()
            bound = certified_bound(self.program, costs, relaxed.prices, placements)
            if bound - relaxed.value <= self.close * abs(relaxed.value):
                return relaxed, bound
            gain = reduced_costs(self.program, costs, relaxed.prices)
            gain[self.columns] = 0.0
            promising = np.flatnonzero(gain > LITTLE)
            if not len(promising):
                return relaxed, bound
            self._take_in(promising, gain)

    def _take_in(self, promising: Positions, gain: Floats) -> None:
        chosen = [
            promising[_best_of_each(side[promising], gain[promising], most)]
            for side, most in (
                (self.program.client, OF_EACH_PERSON),
                (self.program.dwelling, OF_EACH_HOME),
            )
        ]
        new = np.unique(np.concatenate(chosen))
        self.columns = np.concatenate([self.columns, new])
        self.relaxation.grow(self.program.only(self.columns), len(new))

    def lifted(self, values: Wholes) -> Wholes:
        """Return values of the chosen columns as values of all."""
        every = np.zeros(self.program.size, dtype=np.int64)
        every[self.columns] = values
        return every


def _dearth(program: Program) -> Floats:
    """The fewer people a home fits, the more."""
    fits = np.bincount(program.dwelling, minlength=len(program.homes))
    return -fits[program.dwelling].astype(float)


def _best_of_each(side: Positions, worth: Floats, most: int) -> Positions:
    """Return where the ``most`` highest of every group stand; earlier ones win ties."""
    order = np.lexsort((-worth, side))
    groups = side[order]
    begins = np.flatnonzero(np.diff(groups, prepend=-1))
    rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    return order[rank < most]
