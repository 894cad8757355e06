"""What is scarce: every row of the instance that placements use up, and how much each uses."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from housing.matching.arrays import Positions, Wholes
from housing.matching.errors import InstanceError
from housing.matching.instance import Client, Dwelling, Instance

# What a client asks of rows, and where a dwelling stands: together they decide the rows.
Demand = tuple[str, str, int, tuple[str, ...]]  # target group, provider, half hours, support
Place = tuple[str, str, str]  # municipality, neighbourhood, corporation


def demand_of(client: Client) -> Demand:
    return (client.target_group, client.provider, client.half_hours, client.support)


def place_of(dwelling: Dwelling) -> Place:
    return (dwelling.municipality, dwelling.neighbourhood, dwelling.corporation)


@dataclass(frozen=True, slots=True)
class Capacity:
    """One row that limits placements; ``size`` counts places, or half hours of guidance."""

    kind: str  # quota, neighbourhood, support, guidance
    key: tuple[str | None, ...]
    size: int

    def resource(self) -> dict[str, str | None]:
        """Return the row as the result names it."""
        return {"kind": self.kind} | dict(zip(FIELDS[self.kind], self.key, strict=True))

    def in_units(self, amount: int) -> float | int:
        """Return an amount of this row in the unit of the contract: hours or places."""
        return amount / 2 if self.kind == "guidance" else amount


FIELDS = {
    "support": ("neighbourhood", "support_kind"),
    "quota": ("corporation", "municipality", "target_group"),
    "neighbourhood": ("neighbourhood",),
    "guidance": ("provider", "municipality"),
}


@dataclass(frozen=True)
class Uses:
    """What pairs use of rows, as equally long arrays sorted by pair: (pair, row, load)."""

    pair: Positions
    row: Positions
    load: Wholes


class Capacities:
    """The rows of an instance, and which of them a pair uses."""

    def __init__(self, instance: Instance) -> None:
        self.rows: list[Capacity] = [
            *(Capacity("quota", q.key, q.remaining) for q in instance.quotas),
            *(
                Capacity("neighbourhood", (n.ref,), n.max_placements)
                for n in instance.neighbourhoods
                if n.max_placements is not None
            ),
            *(Capacity("support", s.key, s.free_places) for s in instance.support),
            *(Capacity("guidance", g.key, g.free_half_hours) for g in instance.guidance),
        ]
        self._position = {(row.kind, row.key): number for number, row in enumerate(self.rows)}
        self._instance = instance
        self.uses = lru_cache(maxsize=None)(self._uses)

    def _uses(self, demand: Demand, place: Place) -> tuple[tuple[int, int], ...]:
        """Return (row, load) for every row that such a client in such a place uses."""
        target_group, provider, half_hours, kinds = demand
        municipality, neighbourhood, corporation = place
        wanted: list[tuple[str, tuple[str | None, ...], int]] = [
            ("quota", (corporation, municipality, target_group), 1),
            ("quota", (corporation, municipality, None), 1),
            ("neighbourhood", (neighbourhood,), 1),
            *(("support", (neighbourhood, kind), 1) for kind in kinds),
            ("guidance", (provider, municipality), half_hours),
        ]
        return tuple(
            (self._position[kind, key], load)
            for kind, key, load in wanted
            if load and (kind, key) in self._position
        )

    def of_pairs(self, clients: Positions, dwellings: Positions) -> Uses:
        """Return what the pairs (clients[k], dwellings[k]) use.

        Many people ask the same of rows and many homes stand in the same place, so the rows are
        worked out once for each demand in each place.
        """
        demands, demand = _kinds([demand_of(c) for c in self._instance.clients])
        places, place = _kinds([place_of(d) for d in self._instance.dwellings])
        cell = demand[clients] * len(places) + place[dwellings]
        cells, where = np.unique(cell, return_inverse=True)
        of_cell = [
            self._uses(demands[number // len(places)], places[number % len(places)])
            for number in cells.tolist()
        ]
        length = np.fromiter((len(uses) for uses in of_cell), dtype=np.int64)
        flat = [use for uses in of_cell for use in uses]
        row = np.fromiter((row for row, _ in flat), dtype=np.int64)
        load = np.fromiter((load for _, load in flat), dtype=np.int64)
        pair = np.repeat(np.arange(len(clients)), length[where])
        begins = (np.cumsum(length) - length)[where]
        within = np.arange(len(pair)) - np.repeat(
            np.cumsum(length[where]) - length[where], length[where]
        )
        taken = np.repeat(begins, length[where]) + within
        return Uses(pair, row[taken], load[taken])

    def position(self, row: Capacity) -> int:
        """Return where this row stands, whatever its size."""
        return self._position[row.kind, row.key]

    def used_by(self, pairs: Iterable[tuple[Client, Dwelling]]) -> list[int]:
        """Return how much of every row these pairs use together."""
        used = [0] * len(self.rows)
        for client, dwelling in pairs:
            for row, load in self.uses(demand_of(client), place_of(dwelling)):
                used[row] += load
        return used


def _kinds[T](values: list[T]) -> tuple[list[T], Positions]:
    """Return every value once, and for each item which of them it has."""
    number_of: dict[T, int] = {}
    which = [number_of.setdefault(value, len(number_of)) for value in values]
    return list(number_of), np.array(which, dtype=np.int64)


def refuse_broken_promises(capacities: Capacities, used: list[int]) -> None:
    """Raise InstanceError when the promises alone use more of a row than there is."""
    for row, amount in zip(capacities.rows, used, strict=True):
        if amount > row.size:
            raise InstanceError("promises_over_capacity", **_facts(row, amount))


def _facts(row: Capacity, amount: int) -> dict[str, Any]:
    where = " / ".join(part if part is not None else "any" for part in row.key)
    return {
        "where": f"{row.kind} {where}",
        "used": f"{row.in_units(amount):g}",
        "capacity": f"{row.in_units(row.size):g}",
    }
