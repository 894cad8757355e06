"""The homes that come free, and the queue for them: longest ready first, own municipality first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.chance import Keys
from outflow.estimation.contract import DAYS_A_DWELLING_WAITS
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.levels import Levels, draw_counts
from outflow.estimation.tables import Supply

REGION_WIDE = -1

DAY_BITS = 22
DAY_ZERO = 1 << 20
TIE_BITS = 21
"""What is left of the 63 bits of a turn, 20, tells a million queues apart."""

QUARTERS_REPEATED = 4


@dataclass
class Homes:
    """Homes of all draws as parallel arrays; ``town`` is REGION_WIDE for the region's own."""

    draw: Ints
    region: Ints
    town: Ints
    day: Ints
    taken: NDArray[np.bool_]

    def __post_init__(self) -> None:
        self._in_time = np.argsort(self.day, kind="stable")
        self._days = self.day[self._in_time]
        self._seen = 0
        self._open = np.zeros(0, dtype=np.int64)

    def on_offer(self, begin: int, until: int) -> Ints:
        """Return the homes that are free in the days [begin, until) and not lost yet.

        To be asked for one stretch of days after the other: only homes not met before, not given
        yet or given back are looked at.
        """
        seen = int(np.searchsorted(self._days, until))
        near = np.sort(np.concatenate([self._open, self._in_time[self._seen : seen]]))
        # A home refused in the stretch in which it was given stands there twice.
        near = near[np.diff(near, prepend=-1) > 0]
        waits = self.day[near] + DAYS_A_DWELLING_WAITS >= begin
        self._open = near[waits & ~self.taken[near]]
        self._seen = max(seen, self._seen)
        return self._open[self.day[self._open] < until]

    def give_back(self, homes: Ints, days: Ints) -> None:
        """Offer homes again from the day on which they were refused."""
        if len(homes):
            self.taken[homes] = False
            self.day[homes] = days
            self._open = np.concatenate([self._open, homes])


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


class Queue:
    """Who waits for a home, in the order of their turns; kept in order, so never sorted again.

    A turn is one whole number: the queue somebody stands in (draw x region), the day since which
    they wait, and a tie-break of their own. People are rows of the crowd.
    """

    def __init__(self, people: int) -> None:
        self._who = np.zeros(0, dtype=np.int64)
        self._turn = np.zeros(0, dtype=np.int64)
        self._inside = np.zeros(people, dtype=bool)
        self._left = False

    @property
    def who(self) -> Ints:
        """The people who stand in the queues, in the order of their turns."""
        if self._left:
            stay = self._inside[self._who]
            self._who, self._turn = self._who[stay], self._turn[stay]
            self._left = False
        return self._who

    def leave(self, who: Ints) -> None:
        """Take people out; whoever is not in the queue may be named too."""
        self._inside[who] = False
        self._left = True

    def outside(self, waiting: NDArray[np.bool_]) -> Ints:
        """Return who waits and is not in the queue."""
        return np.flatnonzero(waiting & ~self._inside)

    def join(self, who: Ints, *, queue: Ints, since: Ints, tie: Keys) -> None:
        """Put people in at their turns."""
        before = self.who
        if not len(who):
            return
        self._inside[who] = True
        day = np.clip(since + DAY_ZERO, 0, (1 << DAY_BITS) - 1).astype(np.int64)
        turn = queue.astype(np.int64) << DAY_BITS | day
        turn = turn << TIE_BITS | (tie >> np.uint64(64 - TIE_BITS)).astype(np.int64)
        order = np.argsort(turn, kind="stable")
        at = np.searchsorted(self._turn, turn[order]) + np.arange(len(who))
        old = np.ones(len(before) + len(who), dtype=bool)
        old[at] = False
        self._who = _merged(old, before, at, who[order])
        self._turn = _merged(old, self._turn, at, turn[order])

    def first(self, queue: Ints) -> tuple[Ints, Ints]:
        """Return who gets which of the homes of the queues named: positions in ``queue``.

        ``queue`` ascends; equal queues stand by whose home comes first.
        """
        people = self.who
        begin = np.searchsorted(self._turn, queue << (DAY_BITS + TIE_BITS))
        end = np.searchsorted(self._turn, (queue + 1) << (DAY_BITS + TIE_BITS))
        place, homes = paired(begin, end, queue)
        return people[place], homes

    def first_of(self, which: NDArray[np.bool_], queue: Ints, homes: Ints) -> tuple[Ints, Ints]:
        """Return the same for other queues: ``which`` of the people here, in ``queue`` each."""
        people = self.who[which]
        order = np.argsort(queue, kind="stable")
        people, queue = people[order], queue[order]
        begin = np.searchsorted(queue, homes, side="left")
        end = np.searchsorted(queue, homes, side="right")
        place, what = paired(begin, end, homes)
        return people[place], what


def _merged(old: NDArray[np.bool_], before: Ints, at: Ints, more: Ints) -> Ints:
    whole = np.empty(len(old), dtype=np.int64)
    whole[old], whole[at] = before, more
    return whole


def paired(begin: Ints, end: Ints, home_group: Ints) -> tuple[Ints, Ints]:
    """Return who gets which home: of each group the first person the first home, and so on.

    ``home_group`` ascends; ``begin`` and ``end`` are the places of each home's group among people
    sorted by group and turn. Both results are positions.

    >>> import numpy as np
    >>> who, what = paired(np.array([0, 0, 3]), np.array([1, 1, 5]), np.array([4, 4, 7]))
    >>> who.tolist(), what.tolist()
    ([0, 3], [0, 2])
    """
    place = begin + _turn(home_group)
    found = np.flatnonzero(place < end)
    return place[found], found


def _turn(groups: Ints) -> Ints:
    """Return each place within its group; equal groups stand together."""
    position = np.arange(len(groups))
    begins = np.ones(len(groups), dtype=bool)
    begins[1:] = groups[1:] != groups[:-1]
    return position - np.maximum.accumulate(np.where(begins, position, 0))
