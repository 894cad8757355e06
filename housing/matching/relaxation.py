"""A program as HiGHS sees it, and bounds that hold whatever HiGHS computed."""

import math
from collections.abc import Callable

import numpy as np

from housing.matching.arrays import Floats, Positions, Wholes
from housing.matching.highs import INFINITE, Model
from housing.matching.program import Program, count

# Prices are rounded to parts of this before a bound is computed with them in whole numbers.
PARTS = 1 << 16


def _go_on() -> None:
    """What is relaxed once is not worth asking about."""


class Relaxation:
    """The rows of a program: people, homes, shared rows, then how many are placed in total.

    The program's columns come first. With ``hours`` every row with loads above one gets a whole
    column for the number of placements of each load: a search decides these first, which is
    worth more than deciding pair by pair. With ``spreads`` a column follows for what stands
    above each of them.
    """

    def __init__(
        self,
        program: Program,
        *,
        hours: bool = False,
        spreads: bool = False,
        step: Callable[[], None] = _go_on,
    ) -> None:
        self.program = program
        self.hours = hours
        self.spreads = spreads
        size, every = program.size, np.arange(program.size)
        homes_at = len(program.people)
        shared_at = homes_at + len(program.homes)
        self.total_row = shared_at + len(program.limits)
        self._column: list[Positions] = [every, every, every]
        self._row: list[Positions] = [
            program.client,
            homes_at + program.dwelling,
            np.full(size, self.total_row),
        ]
        self._value: list[Wholes] = [np.ones(size, dtype=np.int64)] * 3
        self._uppers: list[Floats] = [program.uppers.astype(float)]
        limits = np.concatenate([program.people, program.homes, program.limits, [0]]).astype(float)
        limits[self.total_row] = INFINITE
        self._upper: list[Floats] = [limits]
        self._lower: list[Floats] = [np.full(len(limits), -INFINITE)]
        self.columns, self.rows = size, len(limits)
        self._groups = self._add_hours(shared_at) if hours else self._add_loads(shared_at)
        if spreads:
            self._add_spreads()
        self.model = Model(
            np.concatenate(self._uppers),
            np.concatenate(self._lower),
            np.concatenate(self._upper),
            (
                np.concatenate(self._column),
                np.concatenate(self._row),
                np.concatenate(self._value),
            ),
            step,
        )

    def _add_loads(self, shared_at: int, chosen: slice | Positions = slice(None)) -> Positions:
        self._column.append(self.program.entry_column[chosen])
        self._row.append(shared_at + self.program.entry_row[chosen])
        self._value.append(self.program.entry_load[chosen])
        return np.zeros(0, dtype=np.int64)

    def _add_hours(self, shared_at: int) -> Positions:
        """Count the placements of each load apart; return the group of every entry (-1: none)."""
        program = self.program
        heaviest = np.zeros(len(program.limits), dtype=np.int64)
        np.maximum.at(heaviest, program.entry_row, program.entry_load)
        weighs = heaviest[program.entry_row] > 1
        self._add_loads(shared_at, np.flatnonzero(~weighs))
        entries = np.flatnonzero(weighs)
        base = int(heaviest.max(initial=0)) + 1
        kinds, which = np.unique(
            program.entry_row[entries] * base + program.entry_load[entries], return_inverse=True
        )
        row, load = kinds // base, kinds % base
        numbers = np.arange(len(kinds))
        columns, rows = self.columns + numbers, self.rows + numbers
        self._column += [program.entry_column[entries], columns, columns]
        self._row += [rows[which], rows, shared_at + row]
        self._value += [
            np.full(len(entries), -1, dtype=np.int64),
            np.ones(len(kinds), dtype=np.int64),
            load,
        ]
        self._uppers.append((program.limits[row] // load).astype(float))
        self._lower.append(np.zeros(len(kinds)))
        self._upper.append(np.zeros(len(kinds)))
        self.columns += len(kinds)
        self.rows += len(kinds)
        group = np.full(len(program.entry_row), -1, dtype=np.int64)
        group[entries] = which
        return group

    def _add_spreads(self) -> None:
        program = self.program
        there = np.flatnonzero(program.spread >= 0)
        numbers = np.arange(len(program.spread_left))
        self._column += [there, self.columns + numbers]
        self._row += [self.rows + program.spread[there], self.rows + numbers]
        self._value += [
            np.ones(len(there), dtype=np.int64),
            np.full(len(numbers), -1, dtype=np.int64),
        ]
        self._uppers.append(np.full(len(numbers), INFINITE))
        self._lower.append(np.full(len(numbers), -INFINITE))
        self._upper.append(program.spread_left.astype(float))
        self.columns += len(numbers)
        self.rows += len(numbers)

    def demand_whole(self) -> None:
        """Ask for whole numbers; what stands above a spread is whole by itself."""
        above = len(self.program.spread_left) if self.spreads else 0
        self.model.set_whole(np.arange(self.columns - above))

    def set_costs(self, costs: Wholes) -> None:
        """Maximise ``costs`` of the program's columns, and the spread if there is one."""
        whole = np.zeros(self.columns)
        whole[: self.program.size] = costs
        if self.spreads:
            whole[self.columns - len(self.program.spread_left) :] = self.program.above_soft
        self.model.set_costs(whole)

    def grow(self, program: Program, more: int) -> None:
        """Go on with a program that has ``more`` columns behind those there are, and no new row."""
        first = self.columns
        entries = slice(int(program.begins[first]), None)
        every = np.arange(more)
        column = [every, every, every, program.entry_column[entries] - first]
        shared_at = self.total_row - len(program.limits)
        row = [
            program.client[first:],
            len(program.people) + program.dwelling[first:],
            np.full(more, self.total_row),
            shared_at + program.entry_row[entries],
        ]
        ones = np.ones(more, dtype=np.int64)
        self.model.add_columns(
            program.uppers[first:],
            (
                np.concatenate(column),
                np.concatenate(row),
                np.concatenate([ones, ones, ones, program.entry_load[entries]]),
            ),
        )
        self.program = program
        self.columns = program.size

    def set_total(self, least: float, most: float) -> None:
        self.model.set_limits(self.total_row, least, most)

    def keep(self, costs: Wholes, least: int) -> None:
        """Allow only answers that reach ``least``."""
        self.model.add_row(np.arange(self.program.size), costs, float(least), INFINITE)

    def worth(self, costs: Wholes, values: Wholes) -> int:
        """Return what these values add up to, spreads included."""
        above = self.program.above_soft * int(self.program.above(values).sum())
        return int(costs @ values) + (above if self.spreads else 0)

    def lifted(self, values: Wholes) -> Wholes:
        """Return ``values`` of the program's columns with what the further columns are then."""
        program = self.program
        parts = [values]
        if self.hours:
            counted = self._groups >= 0
            groups = int(self._groups.max(initial=-1)) + 1
            placed = values[program.entry_column[counted]]
            parts.append(count(self._groups[counted], placed, groups))
        if self.spreads:
            parts.append(program.above(values))
        return np.concatenate(parts)


def reduced_costs(program: Program, costs: Wholes, prices: Floats) -> Floats:
    """Return what every column brings beyond the prices of all it uses."""
    people, homes = len(program.people), len(program.homes)
    shared = prices[people + homes : people + homes + len(program.limits)]
    loads = np.bincount(
        program.entry_column, program.entry_load * shared[program.entry_row], program.size
    )
    total = prices[people + homes + len(program.limits)]
    used: Floats = prices[program.client] + prices[people + program.dwelling] + loads + total
    return costs - used


def certified_bound(program: Program, costs: Wholes, prices: Floats, placements: int) -> int:
    """Return what ``costs`` can at most add up to with this number of placements.

    Any prices of people, homes and shared rows that are not negative, and any price of the
    total, prove a bound: the worth of all limits at these prices, and what single columns bring
    beyond them. It is added up in whole parts, so that no rounding can make it too small.
    """
    whole = np.rint(prices * PARTS).astype(np.int64)
    total = len(program.people) + len(program.homes) + len(program.limits)
    whole[:total] = np.maximum(0, whole[:total])
    people = whole[: len(program.people)]
    homes = whole[len(program.people) : len(program.people) + len(program.homes)]
    shared = whole[total - len(program.limits) : total]
    beyond = costs * PARTS - people[program.client] - homes[program.dwelling] - whole[total]
    np.subtract.at(beyond, program.entry_column, program.entry_load * shared[program.entry_row])
    worth = int(people @ program.people) + int(homes @ program.homes)
    worth += int(shared @ program.limits) + int(whole[total]) * placements
    worth += int(np.maximum(0, beyond) @ program.uppers)
    return worth // PARTS


def whole_below(value: float) -> int:
    """Return the whole number that a solver's bound proves, with a margin for its tolerances."""
    if not math.isfinite(value):
        raise ArithmeticError("The solver gave no bound.")
    return math.floor(value + max(1e-4, abs(value) * 1e-8))
