"""What is scarce: every row of the instance that placements use up, and how much each uses."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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
