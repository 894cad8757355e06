"""What one more of something would bring: found by solving again, never read from prices.

Prices only shortlist, and only where there are too many rows to try them all.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from housing.matching.capacities import Capacity
from housing.matching.components import components
from housing.matching.explaining import Explanation
from housing.matching.instance import Instance, canonical
from housing.matching.problem import Problem
from housing.matching.program import met, program_of
from housing.matching.solving import most_placements, relaxed_placements

TRY_ALL_UP_TO_CLIENTS = 300
TRY_AT_LEAST = 20
STEPS = (1, 2)


def enlarged(instance: Instance, row: Capacity, more: int) -> Instance:
    """Return the instance with ``more`` places (or whole hours) in one row."""
    match row.kind:
        case "quota":
            quotas = tuple(
                replace(q, remaining=q.remaining + more) if q.key == row.key else q
                for q in instance.quotas
            )
            return replace(instance, quotas=quotas)
        case "neighbourhood":
            places = tuple(
                replace(n, max_placements=(n.max_placements or 0) + more)
                if (n.ref,) == row.key
                else n
                for n in instance.neighbourhoods
            )
            return replace(instance, neighbourhoods=places)
        case "support":
            support = tuple(
                replace(s, free_places=s.free_places + more) if s.key == row.key else s
                for s in instance.support
            )
            return replace(instance, support=support)
        case _:
            guidance = tuple(
                replace(g, free_half_hours=g.free_half_hours + 2 * more) if g.key == row.key else g
                for g in instance.guidance
            )
            return replace(instance, guidance=guidance)


class Gains:
    """Solves changed instances for the number of people housed, starting from a known answer."""

    def __init__(self, problem: Problem, placed: list[tuple[int, int]]) -> None:
        self.problem = problem
        self.placed = set(placed) - set(problem.locked)
        self.base = len(placed)

    def gain(self, row: Capacity, more: int) -> int:
        """Return how many people more are housed with ``more`` of one row."""
        changed = Problem(enlarged(self.problem.instance, row, more))
        # Whoever uses none of what was added could have been housed before: at most one
        # person more per place, and per half hour of guidance.
        most = more * (2 if row.kind == "guidance" else 1)
        choices = changed.choices
        number = changed.capacities.position(row)
        touching = np.zeros(len(choices), dtype=bool)
        touching[choices.uses.pair[choices.uses.row == number]] = True
        kept = np.zeros((len(changed.clients.members), len(changed.dwellings.members)), dtype=int)
        for c, d in self.placed:
            kept[changed.clients.of[c], changed.dwellings.of[d]] += 1
        gained = 0
        for numbers in components(changed):
            if not touching[numbers].any():
                continue
            program = program_of(changed, numbers)
            start = kept[choices.client_class[numbers], choices.dwelling_class[numbers]]
            ceiling = int(start.sum()) + most - gained
            gained += int(most_placements(program, start, ceiling).values.sum()) - int(start.sum())
        return gained


def _shortlist(problem: Problem, explanation: Explanation) -> list[int]:
    """Return the rows that may gain, most promising first.

    A row is left out only when one more of it provably houses nobody more: it can never become
    full, or the relaxed program's price says that even two more stay below a whole person
    (prices bound the gain from above; they never promise one).
    """
    rows = problem.capacities.rows
    price: dict[int, float] = {}
    useless: set[int] = set(range(len(rows)))
    choices = problem.choices
    placed_clients = [c for c, _ in explanation.placed]
    for numbers in components(problem):
        program = program_of(problem, numbers)
        bound, prices = relaxed_placements(program)
        within = np.isin(problem.clients.of[placed_clients], choices.client_class[numbers])
        placed = int(within.sum())
        first = np.searchsorted(choices.binding.pair, numbers)
        last = np.searchsorted(choices.binding.pair, numbers, side="right")
        found = [choices.binding.row[a:b] for a, b in zip(first, last, strict=True)]
        shared = met(np.concatenate(found))[0].tolist()
        for row, value in zip(shared, prices, strict=True):
            price[row] = value
            more = STEPS[0] * (2 if rows[row].kind == "guidance" else 1)
            if bound + value * more + 1e-6 >= placed + 1:
                useless.discard(row)
    useless -= problem.rows_that_close_pairs()
    waiting = [c for c in range(len(explanation.clients)) if c not in explanation.housed]
    stopped = Counter(row for c in waiting for row in explanation.full_rows(c))
    return sorted(
        set(range(len(rows))) - useless,
        key=lambda row: (-price.get(row, 0.0), -stopped[row], row),
    )


def bottlenecks(
    problem: Problem,
    explanation: Explanation,
    progress: Callable[[int, int], None],
) -> list[dict[str, Any]]:
    """Return the rows of which one more houses more people, with the gain at +1 and +2."""
    rows = problem.capacities.rows
    numbers = _shortlist(problem, explanation)
    if len(problem.instance.clients) > TRY_ALL_UP_TO_CLIENTS:
        numbers = numbers[:TRY_AT_LEAST]
    gains = Gains(problem, explanation.placed)
    found = []
    for done, number in enumerate(numbers):
        progress(done, len(numbers))
        row = rows[number]
        first = gains.gain(row, STEPS[0])
        if first:
            found.append(
                {
                    "resource": row.resource(),
                    "capacity": row.in_units(row.size),
                    "used": row.in_units(explanation.used[number]),
                    "gain": [first, *(gains.gain(row, more) for more in STEPS[1:])],
                }
            )
    progress(len(numbers), len(numbers))
    return sorted(found, key=lambda b: [-b["gain"][0], -b["gain"][1], canonical(b["resource"])])
