"""One component as whole-number arrays: nothing in it says who or what is placed.

Columns are choices, in the component's order. Everything is numbered within the program in the
order in which the columns meet it, so that equal components give equal programs whatever else
there is in the region.
"""

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np

from housing.matching.arrays import Positions, Wholes
from housing.matching.problem import Problem
from housing.matching.version import CORE_VERSION


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
        digest = hashlib.sha256(CORE_VERSION.encode())
        for name, value in self._values():
            digest.update(f"{name} {value.size} ".encode())
            digest.update(np.ascontiguousarray(value, dtype="<i8").tobytes())
        return digest.hexdigest()

    def to_json(self) -> dict[str, Any]:
        return {name: value.tolist() for name, value in self._values()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Program":
        arrays: dict[str, Any] = {
            field.name: np.array(value[field.name], dtype=np.int64) for field in fields(cls)
        }
        return cls(**arrays | {"above_soft": value["above_soft"]})

    def _values(self) -> list[tuple[str, Wholes]]:
        return [(field.name, np.asarray(getattr(self, field.name))) for field in fields(self)]

    def used(self, values: Wholes) -> Wholes:
        """Return how much of every shared row these numbers per column use."""
        used = np.zeros(len(self.limits), dtype=np.int64)
        np.add.at(used, self.entry_row, self.entry_load * values[self.entry_column])
        return used

    def verify(self, values: Wholes) -> None:
        """The solver works within tolerances; an answer must hold in whole numbers."""
        people = np.bincount(self.client, values, len(self.people)).astype(np.int64)
        homes = np.bincount(self.dwelling, values, len(self.homes)).astype(np.int64)
        holds = (
            bool(np.all(values >= 0))
            and bool(np.all(people <= self.people))
            and bool(np.all(homes <= self.homes))
            and bool(np.all(self.used(values) <= self.limits))
        )
        if not holds:
            raise ArithmeticError("The solver's answer breaks a row.")

    def above(self, values: Wholes) -> Wholes:
        """Return for every spread how many placements stand above what it would rather carry."""
        there = self.spread >= 0
        placed = np.bincount(self.spread[there], values[there], len(self.spread_left))
        above: Wholes = np.maximum(0, placed.astype(np.int64) - self.spread_left)
        return above

    def fit(self, values: Wholes) -> int:
        return int(self.points @ values) + self.above_soft * int(self.above(values).sum())


def program_of(problem: Problem, numbers: Positions) -> Program:
    """Return the program of these choices, which are a component of the problem."""
    choices = problem.choices
    client_class, client = met(choices.client_class[numbers])
    dwelling_class, dwelling = met(choices.dwelling_class[numbers])
    uses = choices.binding
    begins = np.searchsorted(uses.pair, numbers)
    length = np.searchsorted(uses.pair, numbers, side="right") - begins
    entry_column = np.repeat(np.arange(len(numbers)), length)
    taken = np.repeat(begins - (np.cumsum(length) - length), length) + np.arange(length.sum())
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
    )


def met(values: Positions) -> tuple[Positions, Positions]:
    """Return every value once, in the order in which it is met first, and which each one is."""
    found, first, which = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return found[order], number[which]
