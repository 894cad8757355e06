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
from housing.matching.memory import Memory
from housing.matching.problem import Problem
from housing.matching.program import program_of, rows_of
from housing.matching.relaxation import Relaxation
from housing.matching.resolving import Resolver

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


def units(row: Capacity, more: int) -> int:
    """How many people more ``more`` of a row can house: each uses a place, or half an hour."""
    return more * (2 if row.kind == "guidance" else 1)


class Gains:
    """Enlarges one row at a time and solves what it can change for the number of people housed."""

    def __init__(self, problem: Problem, resolver: Resolver) -> None:
        self.problem = problem
        self.resolver = resolver
        self.closing = problem.rows_that_close_pairs()

    def gain(self, number: int, more: int) -> int:
        """Return how many people more are housed with ``more`` of one row."""
        row = self.problem.capacities.rows[number]
        most = units(row, more)
        if number in self.closing:
            changed = enlarged(self.problem.instance, row, more)
            return self.resolver.gain_of(Problem(changed), most)
        return self.resolver.gain_in(number, most)


def _shortlist(problem: Problem, explanation: Explanation, closing: set[int]) -> list[int]:
    """Return the rows that may gain, most promising first.

    A row is left out only when one more of it provably houses nobody more: it can never become
    full, or the relaxed program's price says that even one more stays below a whole person
    (prices bound the gain from above; they never promise one).
    """
    rows = problem.capacities.rows
    price: dict[int, float] = {}
    useless: set[int] = set(range(len(rows)))
    placed_clients = [c for c, _ in explanation.placed]
    for numbers in components(problem):
        program = program_of(problem, numbers)
        relaxation = Relaxation(program)
        relaxation.set_costs(np.ones(program.size, dtype=np.int64))
        relaxed = relaxation.model.relax()
        classes = problem.choices.client_class[numbers]
        placed = int(np.isin(problem.clients.of[placed_clients], classes).sum())
        prices = relaxed.prices[relaxation.total_row - len(program.limits) :]
        for row, value in zip(rows_of(problem, numbers), prices.tolist(), strict=False):
            price[row] = value
            if relaxed.value + value * units(rows[row], STEPS[0]) + 1e-6 >= placed + 1:
                useless.discard(row)
    useless -= closing
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
    memory: Memory,
) -> list[dict[str, Any]]:
    """Return the rows of which one more houses more people, with the gain at +1 and +2."""
    rows = problem.capacities.rows
    done, total = 0, 0

    def step() -> None:
        progress(done, total)

    step()
    gains = Gains(problem, Resolver(problem, explanation.placed, memory, step))
    numbers = _shortlist(problem, explanation, gains.closing)
    if len(problem.instance.clients) > TRY_ALL_UP_TO_CLIENTS:
        numbers = numbers[:TRY_AT_LEAST]
    total = len(numbers)
    found = []
    for done, number in enumerate(numbers):  # noqa: B007 - step tells it
        step()
        row = rows[number]
        first = gains.gain(number, STEPS[0])
        if first:
            found.append(
                {
                    "resource": row.resource(),
                    "capacity": row.in_units(row.size),
                    "used": row.in_units(explanation.used[number]),
                    "gain": [first, *(gains.gain(number, more) for more in STEPS[1:])],
                }
            )
    progress(total, total)
    return sorted(found, key=lambda b: [-b["gain"][0], -b["gain"][1], canonical(b["resource"])])
