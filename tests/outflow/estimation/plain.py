"""The simulation a second time, in plain Python, for worlds so small that nothing is drawn.

Written from docs/estimator.md, not from the code. ``Queue`` follows people whose stays are known
to the day; ``distribution`` follows every path that people can take, each with its probability.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import NamedTuple

A_HOME_WAITS_DAYS = 60
NEVER = 10**9
LONG_AGO = 1000
WAITS = ("ready", "offered")
CARE = ("intake", "stabilising", "preparing", "ready", "offered", "relapse")
MEASURES = ("becomes_ready", "needs_dwelling", "housed", "exits", "backlog", "in_care")

Counted = dict[tuple[str, int, int], int]
"""How many, by measure, place of the person and quarter."""


@dataclass
class Resident:
    """Somebody whose every stay is known: ``leaves`` names days and next state by phase."""

    number: int
    town: str
    phase: str
    since: int
    waiting_since: int
    care_since: int
    leaves: Mapping[str, tuple[int, str]]
    lead: int | None = None
    home: "House | None" = None
    needs_since: int | None = None
    ends: int = NEVER
    then: str = ""

    def plan(self, today: int) -> None:
        """Say when the present stay ends by itself."""
        days, self.then = self.leaves.get(self.phase, (NEVER, ""))
        self.ends = max(self.since + days, today)


@dataclass
class House:
    """A home of a municipality, or of the whole region ("*")."""

    town: str
    day: int
    taken: bool = False


class Queue:
    """Who gets which home when, in one region."""

    def __init__(
        self,
        people: Sequence[Resident],
        houses: Sequence[House],
        *,
        direct: bool,
        by_care: bool = False,
    ) -> None:
        self.people, self.houses, self.direct, self.by_care = people, houses, direct, by_care
        self.counted: Counted = {}

    def run(self, quarters: Sequence[Sequence[int]], *, usual_wait: float) -> Counted:
        """Return what is counted; ``quarters`` are the days at which steps begin and end.

        Who waits at the end and would leave within the usual wait needs no home either.
        """
        for person in self.people:
            person.plan(quarters[0][0])
        for number, marks in enumerate(quarters):
            for begin, until in pairwise(marks):
                self._move(until, number)
                self._join(begin)
                self._hand_out(begin, until)
                self._move(until, number)
                self._join(begin)
                self._move(until, number)
            for person in self.people:
                self._count("backlog", person, number, person.phase in WAITS)
                self._count("in_care", person, number, person.phase in CARE)
        for person in self.people:
            leaves = person.phase in WAITS and person.then not in (*CARE, "housed", "")
            if leaves and person.ends < max(quarters[-1][-1], person.waiting_since + usual_wait):
                self._no_need(person)
        return self.counted

    def _count(self, measure: str, person: Resident, quarter: int, counts: int) -> None:
        place = (measure, person.number, quarter)
        self.counted[place] = self.counted.get(place, 0) + counts

    def _no_need(self, person: Resident) -> None:
        if person.needs_since is not None:
            self._count("needs_dwelling", person, person.needs_since, -1)

    def _move(self, until: int, quarter: int) -> None:
        for person in self.people:
            while person.ends < until:
                old, new, day = person.phase, person.then, person.ends
                if new == "ready" and old != "offered":
                    self._count("becomes_ready", person, quarter, 1)
                    self._count("needs_dwelling", person, quarter, 1)
                    person.needs_since = quarter
                if old in WAITS and new not in (*CARE, "housed"):
                    self._no_need(person)
                if new not in WAITS:
                    person.needs_since = None
                self._count("housed", person, quarter, new == "housed" and old in CARE)
                self._count("exits", person, quarter, old in CARE and new not in (*CARE, "housed"))
                if old == "offered":
                    if person.home is not None and new != "housed":
                        person.home.taken, person.home.day = False, day
                    person.home = None
                if new == "ready" and old not in WAITS:
                    person.waiting_since = day
                if new in CARE and old == "housed":
                    person.care_since = day
                person.phase, person.since = new, day
                person.plan(day)

    def _join(self, begin: int) -> None:
        for person in self.people:
            lead = None if person.lead is None else self.people[person.lead]
            if lead is not None and person.phase == "ready" and lead.phase == "housed":
                person.ends, person.then = max(begin, person.since, lead.since), "housed"

    def _queues(self, person: Resident) -> bool:
        lead = None if person.lead is None else self.people[person.lead]
        alone = lead is None or lead.phase not in (*CARE, "housed")
        return person.phase == "ready" and alone

    def _hand_out(self, begin: int, until: int) -> None:
        waiting = [person for person in self.people if self._queues(person)]
        waiting.sort(key=lambda who: who.care_since if self.by_care else who.waiting_since)
        free = [
            house
            for house in self.houses
            if not house.taken and house.day < until and begin <= house.day + A_HOME_WAITS_DAYS
        ]
        free.sort(key=lambda house: house.day)
        for own_first in (True, False):
            for house in free:
                near = [p for p in waiting if not own_first or p.town == house.town]
                if near and not house.taken:
                    first = near[0]
                    waiting.remove(first)
                    house.taken, first.home = True, house
                    first.ends = max(begin, house.day, first.since)
                    first.then = "housed" if self.direct else "offered"


Rates = Mapping[str, Sequence[tuple[int, Mapping[str, float]]]]
"""For each phase the rates a day to each next state, from so many days stayed on."""


class Walker(NamedTuple):
    """Somebody on one of many paths. ``story`` holds (measure, quarter) of what happened."""

    phase: str
    since: int
    waiting_since: int
    town: str
    home: int | None = None
    story: tuple[tuple[str, int], ...] = ()


World = tuple[tuple[Walker, ...], tuple[tuple[str, int, bool], ...]]
"""People, and homes as (municipality or "*", day, taken)."""


def distribution(
    people: Sequence[Walker],
    homes: Sequence[tuple[str, int]],
    rates: Rates,
    *,
    direct: float,
    first_day: int,
    quarters: int,
    days_a_quarter: int,
) -> dict[tuple[Walker, ...], float]:
    """Return the probability of every end of the world, all paths followed day by day.

    Who waits equally long is served in an order of chance that stays the same all the time; who
    waits already has a day of waiting of their own.
    """
    found: dict[tuple[Walker, ...], float] = {}
    waiting = [number for number, person in enumerate(people) if person.phase in WAITS]
    to_come = [number for number in range(len(people)) if number not in waiting]
    orders = [(*waiting, *order) for order in permutations(to_come)]
    for order in orders:
        worlds: dict[World, float] = {
            (tuple(people), tuple((town, day, False) for town, day in homes)): 1 / len(orders)
        }
        for step in range(quarters * days_a_quarter):
            day, quarter = first_day + step, step // days_a_quarter
            after: dict[World, float] = {}
            for world, chance in worlds.items():
                for share, moved in _after_moves(world, rates, day, quarter, None):
                    for more, served in _after_homes(moved, rates, day, quarter, order, direct):
                        served = _without_memory(served, rates, day + 1)
                        after[served] = after.get(served, 0.0) + chance * share * more
            worlds = after
            if (step + 1) % days_a_quarter == 0:
                worlds = _at_the_end(worlds, quarter)
        for (walkers, _homes), chance in worlds.items():
            found[walkers] = found.get(walkers, 0.0) + chance
    return found


def _at_the_end(worlds: dict[World, float], quarter: int) -> dict[World, float]:
    """Note who waits; who left or has a home needs no more memory than the story."""
    found: dict[World, float] = {}
    for (walkers, homes), chance in worlds.items():
        noted = tuple(
            walker._replace(story=(*walker.story, ("backlog", quarter)))
            if walker.phase in WAITS
            else walker
            for walker in walkers
        )
        found[noted, homes] = found.get((noted, homes), 0.0) + chance
    return found


def _without_memory(world: World, rates: Rates, day: int) -> World:
    """Return the world without what has no bearing on tomorrow, so that paths meet again.

    Of the stay only the bin counts, of waiting only the order, of a home that is taken nothing.
    """
    walkers, homes = world
    order = sorted({walker.waiting_since for walker in walkers if walker.phase in WAITS})
    kept = tuple(
        walker._replace(
            since=max(walker.since, day - _last_bin(rates, walker.phase)),
            waiting_since=(
                order.index(walker.waiting_since) - LONG_AGO if walker.phase in WAITS else 0
            ),
        )
        for walker in walkers
    )
    return kept, tuple((town, 0 if taken else since, taken) for town, since, taken in homes)


def _last_bin(rates: Rates, phase: str) -> int:
    return max((begin for begin, _ in rates.get(phase, ())), default=0)


def _moves(walker: Walker, rates: Rates, day: int, quarter: int) -> Iterator[tuple[float, Walker]]:
    """Yield where somebody may be at the end of a day on which nobody hands out homes."""
    bins = rates.get(walker.phase, ())
    here = [each for begin, each in bins if begin <= day - walker.since][-1:]
    total = sum(sum(each.values()) for each in here)
    stays = math.exp(-total)
    yield stays, walker
    for each in here:
        for new, rate in each.items():
            if rate == 0:
                continue
            story = list(walker.story)
            if new == "ready" and walker.phase != "offered":
                story.append(("becomes_ready", quarter))
            if new == "housed":
                story.append(("housed", quarter))
            if new not in (*CARE, "housed"):
                story.append(("exits", quarter))
            gone = new not in CARE
            fresh = new == "ready" and walker.phase not in WAITS
            moved = Walker(
                phase=new,
                since=0 if gone else day,
                waiting_since=0 if gone else day if fresh else walker.waiting_since,
                town=walker.town,
                home=walker.home,
                story=tuple(story),
            )
            for more, last in _moves(moved, rates, day, quarter):
                yield (1 - stays) * rate / total * more, last


def _after_moves(
    world: World, rates: Rates, day: int, quarter: int, only: set[int] | None
) -> Iterator[tuple[float, World]]:
    """Yield every way in which people (or only some) may move on by themselves on a day."""
    walkers, homes = world
    ways: list[tuple[float, tuple[Walker, ...]]] = [(1.0, ())]
    for number, walker in enumerate(walkers):
        alone = only is not None and number not in only
        each = [(1.0, walker)] if alone else list(_moves(walker, rates, day, quarter))
        ways = [
            (chance * share, (*before, moved)) for chance, before in ways for share, moved in each
        ]
    for chance, moved_all in ways:
        left = list(homes)
        kept = []
        for walker in moved_all:
            if walker.home is not None and walker.phase != "offered":
                if walker.phase != "housed":
                    left[walker.home] = (left[walker.home][0], day, False)
                walker = walker._replace(home=None)
            kept.append(walker)
        yield chance, (tuple(kept), tuple(left))


def _after_homes(
    world: World, rates: Rates, day: int, quarter: int, order: Sequence[int], direct: float
) -> Iterator[tuple[float, World]]:
    """Yield every way in which the homes of a day may be taken."""
    walkers, homes = world
    waiting = [number for number in order if walkers[number].phase == "ready"]
    waiting.sort(key=lambda number: walkers[number].waiting_since)
    free = [
        number
        for number, (_town, since, taken) in enumerate(homes)
        if not taken and since <= day <= since + A_HOME_WAITS_DAYS
    ]
    free.sort(key=lambda number: homes[number][1])
    given: dict[int, int] = {}
    for own_first in (True, False):
        for home in free:
            near = [p for p in waiting if not own_first or walkers[p].town == homes[home][0]]
            if near and home not in given.values():
                given[near[0]] = home
                waiting.remove(near[0])
    if not given:
        yield 1.0, world
        return
    taken = tuple(
        (town, since, used or number in given.values())
        for number, (town, since, used) in enumerate(homes)
    )
    ways: list[tuple[float, tuple[Walker, ...]]] = [(1.0, ())]
    for number, walker in enumerate(walkers):
        each = [(1.0, walker)]
        if number in given:
            told = (*walker.story, ("housed", quarter))
            each = [
                (direct, Walker("housed", 0, 0, walker.town, story=told)),
                (1 - direct, walker._replace(phase="offered", since=day, home=given[number])),
            ]
        ways = [(c * s, (*before, one)) for c, before in ways for s, one in each if s > 0]
    for chance, served in ways:
        for more, last in _after_moves((served, taken), rates, day, quarter, set(given)):
            yield chance * more, last
