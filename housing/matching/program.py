"""One component as whole-number arrays: nothing in it says who or what is placed.

Columns are choices, in the component's order. Everything is numbered within the program in the
order in which the columns meet it, so that equal components give equal programs whatever else
there is in the region.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from housing.matching.arrays import Positions, Wholes
from housing.matching.problem import Problem
from housing.matching.version import CORE_VERSION

# Up to this many choices every level of a component is proven.
PROVE_UP_TO = 5_000
# Up to this many choices in the whole problem priority is searched to a gap of CLOSE_GAP, above
# it to QUICK_GAP; both in parts of 10,000.
SEARCH_UP_TO = 60_000
CLOSE_GAP = 10
QUICK_GAP = 150

# What of a program decides how many people can be placed.
PLACEMENTS = (
    "client",
    "dwelling",
    "people",
    "homes",
    "entry_column",
    "entry_row",
    "entry_load",
    "limits",
)


@dataclass(frozen=True)
class Program:
    """Most placements, then priority, then guard, then fit, with whole numbers per column.

    A column uses one of ``people[client]``, one of ``homes[dwelling]``, and of the shared rows
    (``limits``) what its entries (``entry_column``, ``entry_row``, ``entry_load``) say. A
    placement above ``spread_left`` of the column's ``spread`` (-1: none) costs ``above_soft``.
    """

    client: Positions
    dwelling: Positions
    people: Wholes
    homes: Wholes
    priority: Wholes
    guard: Wholes
    points: Wholes
    entry_column: Positions
    entry_row: Positions
    entry_load: Wholes
    limits: Wholes
    spread: Positions
    spread_left: Wholes
    above_soft: int
    gap: int  # of priority, in parts of 10,000, with which a search may end; 0: prove every level

    @cached_property
    def quick(self) -> bool:
        return self.gap >= QUICK_GAP

    @cached_property
    def size(self) -> int:
        return len(self.client)

    @cached_property
    def uppers(self) -> Wholes:
        return np.minimum(self.people[self.client], self.homes[self.dwelling])

    @cached_property
    def begins(self) -> Positions:
        """Where the entries of every column begin, and at last where they all end."""
        return np.searchsorted(self.entry_column, np.arange(self.size + 1))

    @cached_property
    def key(self) -> str:
        """SHA-256 of the program and of the core that would solve it."""
        return self._digest([field.name for field in fields(self)])

    @cached_property
    def placements_key(self) -> str:
        """The same of what decides how many can be placed, whoever they are."""
        return self._digest(PLACEMENTS)

    def _digest(self, names: Iterable[str]) -> str:
        digest = hashlib.sha256(CORE_VERSION.encode())
        for name in names:
            value = np.asarray(getattr(self, name))
            digest.update(f"{name} {value.size} ".encode())
            digest.update(np.ascontiguousarray(value, dtype="<i8").tobytes())
        return digest.hexdigest()

    def to_json(self) -> dict[str, Any]:
        names = [field.name for field in fields(self)]
        return {name: np.asarray(getattr(self, name)).tolist() for name in names}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Program":
        arrays: dict[str, Any] = {
            field.name: np.array(value[field.name], dtype=np.int64) for field in fields(cls)
        }
        return cls(**arrays | {"above_soft": value["above_soft"], "gap": value["gap"]})

    def used(self, values: Wholes) -> Wholes:
        """Return how much of every shared row these numbers per column use."""
        used = np.zeros(len(self.limits), dtype=np.int64)
        np.add.at(used, self.entry_row, self.entry_load * values[self.entry_column])
        return used

    def holds(self, values: Wholes) -> bool:
        """Do these numbers per column stay within every limit?"""
        people = count(self.client, values, len(self.people))
        homes = count(self.dwelling, values, len(self.homes))
        return (
            bool(np.all(values >= 0))
            and bool(np.all(people <= self.people))
            and bool(np.all(homes <= self.homes))
            and bool(np.all(self.used(values) <= self.limits))
        )

    def verify(self, values: Wholes) -> None:
        """The solver works within tolerances; an answer must hold in whole numbers."""
        if not self.holds(values):
            raise ArithmeticError("The solver's answer breaks a row.")

    def fixed(self, columns: Positions, values: Wholes) -> "Program":
        """Return the program of ``columns`` alone, beside what all others use at ``values``."""
        rest = values.copy()
        rest[columns] = 0
        people = self.people - count(self.client, rest, len(self.people))
        homes = self.homes - count(self.dwelling, rest, len(self.homes))
        limits = self.limits - self.used(rest)
        client_of, client = met(self.client[columns])
        dwelling_of, dwelling = met(self.dwelling[columns])
        place = np.full(self.size, -1, dtype=np.int64)
        place[columns] = np.arange(len(columns))
        entries = np.flatnonzero(place[self.entry_column] >= 0)
        row_of, row = met(self.entry_row[entries])
        spreads = np.flatnonzero(self.spread[columns] >= 0)
        spread_of, spread_met = met(self.spread[columns][spreads])
        there = np.flatnonzero(self.spread >= 0)
        spread_left = self.spread_left - count(
            self.spread[there], rest[there], len(self.spread_left)
        )
        spread = np.full(len(columns), -1, dtype=np.int64)
        spread[spreads] = spread_met
        return Program(
            client=client,
            dwelling=dwelling,
            people=people[client_of],
            homes=homes[dwelling_of],
            priority=self.priority[columns],
            guard=self.guard[columns],
            points=self.points[columns],
            entry_column=place[self.entry_column[entries]],
            entry_row=row,
            entry_load=self.entry_load[entries],
            limits=limits[row_of],
            spread=spread,
            spread_left=spread_left[spread_of],
            above_soft=self.above_soft,
            gap=self.gap,
        )

    def only(self, columns: Positions) -> "Program":
        """Return the program with these columns alone and all of its rows."""
        begins = self.begins[columns]
        length = self.begins[columns + 1] - begins
        entries = np.repeat(begins - (np.cumsum(length) - length), length) + np.arange(length.sum())
        return replace(
            self,
            client=self.client[columns],
            dwelling=self.dwelling[columns],
            priority=self.priority[columns],
            guard=self.guard[columns],
            points=self.points[columns],
            entry_column=np.repeat(np.arange(len(columns)), length),
            entry_row=self.entry_row[entries],
            entry_load=self.entry_load[entries],
            spread=self.spread[columns],
        )

    def above(self, values: Wholes) -> Wholes:
        """Return for every spread how many placements stand above what it would rather carry."""
        there = self.spread >= 0
        placed = count(self.spread[there], values[there], len(self.spread_left))
        above: Wholes = np.maximum(0, placed - self.spread_left)
        return above

    def fit(self, values: Wholes) -> int:
        return int(self.points @ values) + self.above_soft * int(self.above(values).sum())


def program_of(problem: Problem, numbers: Positions) -> Program:
    """Return the program of these choices, which are a component of the problem."""
    choices = problem.choices
    client_class, client = met(choices.client_class[numbers])
    dwelling_class, dwelling = met(choices.dwelling_class[numbers])
    uses = choices.binding
    entry_column, taken = _uses_of(problem, numbers)
    rows, entry_row = met(uses.row[taken])
    spreads = problem.spreads[choices.place[numbers]]
    places, spread_of = met(choices.place[numbers][spreads])
    spread = np.full(len(numbers), -1, dtype=np.int64)
    spread[spreads] = spread_of
    return Program(
        client=client,
        dwelling=dwelling,
        people=problem.clients.sizes[client_class],
        homes=problem.dwellings.sizes[dwelling_class],
        priority=choices.priority[numbers],
        guard=choices.guard[numbers],
        points=choices.points[numbers],
        entry_column=entry_column,
        entry_row=entry_row,
        entry_load=uses.load[taken],
        limits=problem.free[rows],
        spread=spread,
        spread_left=problem.soft_left[places],
        above_soft=problem.above_soft,
        gap=_gap(len(numbers), len(choices)),
    )


def rows_of(problem: Problem, numbers: Positions) -> list[int]:
    """Return which of the problem's rows are the shared rows of this component's program."""
    _, taken = _uses_of(problem, numbers)
    return [int(row) for row in met(problem.choices.binding.row[taken])[0]]


def _uses_of(problem: Problem, numbers: Positions) -> tuple[Positions, Positions]:
    """Return the binding uses of these choices: the column of each, and where it stands."""
    uses = problem.choices.binding
    begins = np.searchsorted(uses.pair, numbers)
    length = np.searchsorted(uses.pair, numbers, side="right") - begins
    taken = np.repeat(begins - (np.cumsum(length) - length), length) + np.arange(length.sum())
    return np.repeat(np.arange(len(numbers)), length), taken


def _gap(size: int, of_all: int) -> int:
    """Return how exact a component's answer is to be; only content decides, never the clock."""
    if size <= PROVE_UP_TO:
        return 0
    return CLOSE_GAP if of_all <= SEARCH_UP_TO else QUICK_GAP


def count(of: Positions, values: Wholes, groups: int) -> Wholes:
    """Return the sum of the values in every group."""
    return np.bincount(of, values, groups).astype(np.int64)


def met(values: Positions) -> tuple[Positions, Positions]:
    """Return every value once, in the order in which it is met first, and which each one is."""
    found, first, which = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return found[order], number[which]
