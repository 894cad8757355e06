"""From the relaxed answer to a whole one: decide the clearest columns, relax again, go on."""

import numpy as np

from housing.matching.arrays import Wholes
from housing.matching.greedy import fill
from housing.matching.highs import Relaxed
from housing.matching.program import Program, count
from housing.matching.relaxation import Relaxation

# Of what is still undecided this part is decided before relaxing again.
DECIDED_AT_ONCE = 1 / 25
WHOLE = 1e-6


def rounded(relaxation: Relaxation, relaxed: Relaxed) -> Wholes:
    """Return a whole answer near ``relaxed``; the relaxation's costs must reward placements.

    What is decided stays decided, and what fits no longer is closed, so that every relaxed
    problem on the way can be solved.
    """
    program, model = relaxation.program, relaxation.model
    decided = np.zeros(program.size, dtype=np.int64)
    while True:
        share = relaxed.columns[: program.size]
        whole = np.floor(share + WHOLE).astype(np.int64)
        open_shares = np.flatnonzero(share - whole > WHOLE)
        most = np.argsort(-(share[open_shares] - whole[open_shares]), kind="stable")
        order = open_shares[most[: max(1, int(len(most) * DECIDED_AT_ONCE))]]
        decided = _raised(program, np.maximum(decided, whole), order)
        if not len(open_shares):
            break
        model.set_bounds(decided, decided + room(program, decided))
        relaxed = model.relax()
    model.set_bounds(np.zeros(program.size, dtype=np.int64), program.uppers)
    return decided


def _raised(program: Program, values: Wholes, order: Wholes) -> Wholes:
    """One more for each of the columns, as far as it fits."""
    return np.minimum(fill(program, order, values), values + 1)


def room(program: Program, values: Wholes) -> Wholes:
    """Return how much of every column still fits beside ``values``, each on its own."""
    people = program.people - count(program.client, values, len(program.people))
    homes = program.homes - count(program.dwelling, values, len(program.homes))
    left = program.limits - program.used(values)
    fits: Wholes = np.minimum(people[program.client], homes[program.dwelling])
    np.minimum.at(fits, program.entry_column, left[program.entry_row] // program.entry_load)
    return fits
