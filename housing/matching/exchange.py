"""Makes an answer better by solving two parts of a region anew while the rest stays.

The homes of a program fall into blocks that share no row, mostly its municipalities; only people
can choose between blocks. Two blocks with everybody who is not housed elsewhere are a small
program, and one after the other they come close to the best answer of the whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from housing.matching.arrays import Floats, Positions, Wholes, joined
from housing.matching.program import Program, met
from housing.matching.relaxation import Relaxation


@dataclass(frozen=True)
class Care:
    """How much an exchange may cost; only content decides which care is taken."""

    rounds: int
    largest: int  # pairs of blocks with more columns are left out
    dearest: int  # a column that loses more points of priority is no candidate
    nodes: int


THOROUGH = Care(rounds=2, largest=20_000, dearest=400, nodes=20)
BRISK = Care(rounds=2, largest=3_000, dearest=100, nodes=3)


@dataclass(frozen=True)
class Aim:
    """What is enough: this number of placements, and then this priority."""

    placements: int
    priority: int

    def reached(self, program: Program, values: Wholes) -> bool:
        return (int(values.sum()), int(program.priority @ values)) >= (
            self.placements,
            self.priority,
        )


def blocks(program: Program) -> Positions:
    """Return the block of every column: which homes share rows, directly or through others."""
    homes = len(program.homes)
    label = joined(
        [(program.dwelling[program.entry_column], homes + program.entry_row)],
        homes + len(program.limits),
    )
    return met(label[program.dwelling])[1]


def pairs_of_blocks(program: Program) -> list[Positions]:
    """Return the columns of every two blocks, small pairs first; of the one block if it is one."""
    block = blocks(program)
    pairs = combinations(range(int(block.max(initial=0)) + 1), 2)
    found = [np.flatnonzero(np.isin(block, pair)) for pair in pairs]
    return sorted(found, key=len) or [np.arange(program.size)]


def exchanged(
    program: Program,
    values: Wholes,
    loss: Floats,
    aim: Aim,
    care: Care,
    step: Callable[[], None],
) -> Wholes:
    """Return an answer at least as good, by exchanges between blocks until nothing improves.

    ``loss`` is what a column costs beside the relaxed answer: dear ones are left out.
    """
    pairs = [pair for pair in pairs_of_blocks(program) if len(pair) <= care.largest]
    unchanged = 0
    for number in range(care.rounds * len(pairs)):
        if aim.reached(program, values) or unchanged == len(pairs):
            break
        columns = pairs[number % len(pairs)]
        columns = columns[(loss[columns] < care.dearest) | (values[columns] > 0)]
        better = _solved_anew(program, values, columns, aim, care, step)
        unchanged = unchanged + 1 if better is None else 0
        values = values if better is None else better
    return values


def _solved_anew(
    program: Program,
    values: Wholes,
    columns: Positions,
    aim: Aim,
    care: Care,
    step: Callable[[], None],
) -> Wholes | None:
    """Return a better answer that differs in these columns only, if one is found."""
    columns = columns[program.fixed(columns, values).uppers > 0]
    if not len(columns):
        return None
    part = program.fixed(columns, values)
    start = values[columns]
    placed, missing = int(start.sum()), max(0, aim.placements - int(values.sum()))
    relaxation = Relaxation(part, hours=True, step=step)
    relaxation.demand_whole()
    relaxation.set_total(placed, placed + missing)
    worth = 2 * int(program.priority.max()) + 1 if missing else 0
    costs = part.priority + worth
    relaxation.set_costs(costs)
    whole = relaxation.model.solve(relaxation.lifted(start), gap=2e-4, most_nodes=care.nodes)
    if whole.columns is None:
        return None
    found = whole.columns[: part.size]
    better = values.copy()
    better[columns] = found
    if (int(found.sum()), int(part.priority @ found)) <= (placed, int(part.priority @ start)):
        return None
    program.verify(better)
    return better
