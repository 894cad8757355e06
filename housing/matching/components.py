"""Splits a problem into parts that have nothing in common, so that each is solved alone.

People and homes belong together when a choice connects them, and also when they share a row that
can become full or a neighbourhood whose spread is counted.
"""

import numpy as np

from housing.matching.arrays import Positions, joined
from housing.matching.problem import Problem


def components(problem: Problem) -> list[Positions]:
    """Return positions in ``problem.choices``, ordered by their first choice."""
    choices = problem.choices
    if not len(choices):
        return []
    homes = len(problem.clients.members)
    rows = homes + len(problem.dwellings.members)
    places = rows + len(problem.free)
    spread = problem.spreads[choices.place]
    label = joined(
        [
            (choices.client_class, homes + choices.dwelling_class),
            (choices.client_class[choices.binding.pair], rows + choices.binding.row),
            (choices.client_class[spread], places + choices.place[spread]),
        ],
        places + len(problem.spreads),
    )[choices.client_class]
    order = np.argsort(label, kind="stable")
    ends = np.flatnonzero(np.diff(label[order])) + 1
    return sorted(np.split(order, ends), key=lambda part: int(part[0]))
