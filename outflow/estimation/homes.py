"""The homes that come free, and the queue for them: longest ready first, own municipality first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.contract import DAYS_A_DWELLING_WAITS
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.levels import Levels, draw_counts
from outflow.estimation.tables import Supply

REGION_WIDE = -1
QUARTERS_REPEATED = 4


@dataclass
class Homes:
    """Homes of all draws as parallel arrays; ``town`` is REGION_WIDE for the region's own."""

    draw: Ints
    region: Ints
    town: Ints
    day: Ints
    taken: NDArray[np.bool_]

    def on_offer(self, begin: int, until: int) -> Ints:
        """Return the homes that are free in the days [begin, until) and not lost yet."""
        waits = self.day + DAYS_A_DWELLING_WAITS >= begin
        return np.flatnonzero(~self.taken & (self.day < until) & waits)

    def give_back(self, homes: Ints, days: Ints) -> None:
        """Offer homes again from the day on which they were refused."""
        self.taken[homes] = False
        self.day[homes] = days


@dataclass(frozen=True)
class Plan:
    """Planned homes of one draw: region, town and the day each comes free."""

    region: Ints
    town: Ints
    day: Ints

    def homes(self, draws: int) -> Homes:
        """Return the same homes for every draw: the plan is taken as certain."""
        count = len(self.day)
        return Homes(
            draw=np.repeat(np.arange(draws), count),
            region=np.tile(self.region, draws),
            town=np.tile(self.town, draws),
            day=np.tile(self.day, draws),
            taken=np.zeros(draws * count, dtype=bool),
        )


def plan(
    supply: Supply,
    *,
    regions: list[str],
    towns: list[tuple[int, str]],
    first_quarter: int,
    days: Ints,
    as_of: int,
) -> Plan:
    """Return every planned home of the quarters asked for, spread evenly over its quarter.

    After the last quarter of a region's plan the last year is repeated. ``days`` are the first
    days of the quarters and of the one after the last; homes before ``as_of`` are given out.
    """
    region_number = {name: number for number, name in enumerate(regions)}
    town_number = {town: number for number, town in enumerate(towns)}
    region = np.array([region_number[name] for name in supply.regions], dtype=np.int64)
    town = np.array(
        [
            town_number[(where, name)] if name else REGION_WIDE
            for where, name in zip(region.tolist(), supply.municipalities, strict=True)
        ],
        dtype=np.int64,
    )
    last = np.full(len(regions), -1, dtype=np.int64)
    np.maximum.at(last, region, supply.quarters)
    found: list[tuple[Ints, Ints, Ints]] = []
    for ahead in range(len(days) - 1):
        beyond = first_quarter + ahead - last[region]
        back = np.where(beyond > 0, -(-beyond // QUARTERS_REPEATED) * QUARTERS_REPEATED, 0)
        rows = np.flatnonzero(supply.quarters == first_quarter + ahead - back)
        count = supply.dwellings[rows]
        which = np.repeat(rows, count)
        place = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        width = days[ahead + 1] - days[ahead]
        day = days[ahead] + ((2 * place + 1) * width) // (2 * np.repeat(count, count))
        found.append((region[which], town[which], day))
    whole = [np.concatenate(part).astype(np.int64) for part in zip(*found, strict=True)]
    ahead_of_us = whole[2] >= as_of
    order = np.lexsort((whole[1][ahead_of_us], whole[0][ahead_of_us], whole[2][ahead_of_us]))
    return Plan(*(part[ahead_of_us][order] for part in whole))


def drawn_homes(
    levels: Levels, *, draws: int, days: Ints, share_left: Floats, rng: np.random.Generator
) -> Homes:
    """Return homes as many as the past makes likely, region-wide, on random days."""
    rates, scatter = levels.paths(draws, len(share_left), rng)
    count = draw_counts(rates * share_left, scatter, rng)
    draw, region, quarter = (
        np.repeat(axis, count.ravel()) for axis in np.indices(count.shape).reshape(3, -1)
    )
    width = days[quarter + 1] - days[quarter]
    day = days[quarter] + np.floor(rng.random(len(draw)) * width).astype(np.int64)
    town = np.full(len(draw), REGION_WIDE, dtype=np.int64)
    return Homes(draw, region, town, day, np.zeros(len(draw), dtype=bool))


def pair_up(
    person_group: Ints, person_order: Ints, home_group: Ints, home_order: Ints
) -> tuple[Ints, Ints]:
    """Return who gets which home: in each group the first person the first home, and so on.

    ``person_order`` and ``home_order`` sort persons and homes by group and, inside a group, by
    whose turn it is. Both results are positions in the given arrays.

    >>> import numpy as np
    >>> who, what = pair_up(np.array([4, 4, 9]), np.array([1, 0, 2]), np.array([4, 7]),
    ...                     np.array([0, 1]))
    >>> who.tolist(), what.tolist()
    ([1], [0])
    """
    persons, homes = person_group[person_order], home_group[home_order]
    most = max(len(persons), len(homes), 1)
    _, who, what = np.intersect1d(
        persons * most + _turn(persons),
        homes * most + _turn(homes),
        assume_unique=True,
        return_indices=True,
    )
    return person_order[who], home_order[what]


def _turn(groups: Ints) -> Ints:
    """Return each place within its group; equal groups stand together."""
    position = np.arange(len(groups))
    begins = np.ones(len(groups), dtype=bool)
    begins[1:] = groups[1:] != groups[:-1]
    return position - np.maximum.accumulate(np.where(begins, position, 0))
