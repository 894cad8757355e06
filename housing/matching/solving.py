"""The answer for one component: most people, then priority, then guard, then fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from housing.matching.arrays import Wholes
from housing.matching.greedy import greedy
from housing.matching.highs import INFINITE, Model, whole_bound
from housing.matching.program import Program

# Up to this many choices every level is proven; above it priority stops at GAP.
PROVE_UP_TO = 5_000
# Above this many only a greedy answer and the relaxed bounds are affordable.
INTEGER_UP_TO = 60_000
GAP = 0.001
MOST_NODES = 20_000


@dataclass(frozen=True)
class Answer:
    """Numbers per column, with what each level reached and what it can at most be."""

    values: Wholes
    placements_bound: int
    priority_bound: int  # at this number of placements
    proven: bool  # every level

    def to_json(self) -> dict[str, Any]:
        used = np.flatnonzero(self.values)
        return {
            "columns": used.tolist(),
            "counts": self.values[used].tolist(),
            "bound": {"placements": self.placements_bound, "priority": self.priority_bound},
            "proven": self.proven,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any], size: int) -> "Answer":
        values = np.zeros(size, dtype=np.int64)
        values[value["columns"]] = value["counts"]
        bound = value["bound"]
        return cls(values, bound["placements"], bound["priority"], value["proven"])


@dataclass(frozen=True)
class Level:
    """What one level reached, and what it can at most be."""

    values: Wholes
    bound: int
    proven: bool


def model_of(program: Program, spreads: bool = False) -> Model:
    """Return the rows of a program: people, homes, shared rows, and its spreads when asked for.

    With spreads a column for what stands above each one follows the columns of the program.
    """
    size, numbers = program.size, np.arange(program.size)
    homes_at = len(program.people)
    shared_at = homes_at + len(program.homes)
    spread_at = shared_at + len(program.limits)
    column = [numbers, numbers, program.entry_column]
    row = [program.client, homes_at + program.dwelling, shared_at + program.entry_row]
    value = [np.ones(size, dtype=np.int64), np.ones(size, dtype=np.int64), program.entry_load]
    upper = [program.people, program.homes, program.limits]
    columns = program.uppers.astype(float)
    if spreads:
        there = np.flatnonzero(program.spread >= 0)
        every = np.arange(len(program.spread_left))
        column += [there, size + every]
        row += [spread_at + program.spread[there], spread_at + every]
        value += [np.ones(len(there), dtype=np.int64), np.full(len(every), -1, dtype=np.int64)]
        upper.append(program.spread_left)
        columns = np.concatenate([columns, np.full(len(every), INFINITE)])
    limits = np.concatenate(upper).astype(float)
    model = Model(
        columns,
        np.full(len(limits), -INFINITE),
        limits,
        (np.concatenate(column), np.concatenate(row), np.concatenate(value)),
    )
    model.set_whole(numbers)
    return model


def most_placements(program: Program, start: Wholes, ceiling: int | None = None) -> Level:
    """Level one; nobody looks for more than ``ceiling`` when it is given."""
    model = model_of(program)
    costs = np.ones(program.size, dtype=np.int64)
    if ceiling is not None:
        model.add_row(np.arange(program.size), costs, -INFINITE, max(ceiling, int(start.sum())))
    return _maximised(program, model, costs, start, gap=0.0)


def best_priority(program: Program, start: Wholes) -> Level:
    """Level two, at the number of placements that ``start`` reaches."""
    model = model_of(program)
    placements = int(start.sum())
    model.add_row(np.arange(program.size), np.ones(program.size, int), placements, placements)
    gap = 0.0 if program.size <= PROVE_UP_TO else GAP
    return _maximised(program, model, program.priority, start, gap=gap)


def best_guard(program: Program, start: Wholes) -> Level:
    """Level three, at the placements and priority of ``start``."""
    return _maximised(program, _kept(program, start), program.guard, start, gap=0.0)


def best_fit(program: Program, start: Wholes) -> Level:
    """The last level: keeps all others; large components keep who is housed too."""
    if program.size > INTEGER_UP_TO:
        return Level(start, 0, proven=False)
    model = _kept(program, start, spreads=True)
    if program.guard.any():
        _keep(model, program.guard, start)
    if program.size > PROVE_UP_TO:
        placed = np.bincount(program.client, start, len(program.people))
        for row in range(len(program.people)):
            model.set_limits(row, -INFINITE, placed[row])
    spreads = len(program.spread_left)
    costs = np.concatenate([program.points, np.full(spreads, program.above_soft)])
    reached = _maximised(program, model, costs, np.concatenate([start, program.above(start)]), 0.0)
    return Level(reached.values, reached.bound, reached.proven and program.size <= PROVE_UP_TO)


def _kept(program: Program, start: Wholes, spreads: bool = False) -> Model:
    model = model_of(program, spreads)
    _keep(model, np.ones(program.size, dtype=np.int64), start)
    _keep(model, program.priority, start)
    return model


def _keep(model: Model, costs: Wholes, start: Wholes) -> None:
    model.add_row(np.arange(len(costs)), costs, float(costs @ start), INFINITE)


def _maximised(program: Program, model: Model, costs: Wholes, start: Wholes, gap: float) -> Level:
    model.set_costs(costs)
    value = int(costs @ start)
    best = start
    if program.size > INTEGER_UP_TO:
        bound = max(value, whole_bound(model.relax().value))
        return Level(start[: program.size], bound, bound == value)
    whole = model.solve(start, gap=gap, most_nodes=MOST_NODES)
    if whole.columns is not None:
        program.verify(whole.columns[: program.size])
        found = int(costs @ whole.columns)
        if found > value:
            best, value = whole.columns, found
    bound = max(value, whole_bound(whole.bound))
    return Level(best[: program.size], bound, bound == value)


def relaxed_placements(program: Program) -> tuple[float, list[float]]:
    """Return level one without whole numbers, and the prices of the shared rows."""
    model = model_of(program)
    model.set_costs(np.ones(program.size))
    relaxed = model.relax()
    return relaxed.value, relaxed.prices[len(relaxed.prices) - len(program.limits) :].tolist()


def priority_limit(program: Program) -> int:
    """Return what priority can at most be, whatever the number of placements."""
    model = model_of(program)
    model.set_costs(program.priority)
    return whole_bound(model.relax().value)


def solve(program: Program, step: Callable[[], None]) -> Answer:
    """Solve the levels strictly in their order; ``step`` may raise to end it."""
    step()
    placed = most_placements(program, greedy(program))
    step()
    ranked = best_priority(program, placed.values)
    step()
    guarded = ranked
    if program.guard.any():
        guarded = best_guard(program, ranked.values)
        step()
    fitted = best_fit(program, guarded.values)
    return Answer(
        fitted.values,
        placed.bound,
        max(ranked.bound, int(program.priority @ fitted.values)),
        placed.proven and ranked.proven and guarded.proven and fitted.proven,
    )
