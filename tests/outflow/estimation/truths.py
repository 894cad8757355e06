"""Invented regions whose future is known: people simulated event by event, one at a time.

Written apart from the estimator, in plain Python, so that both can be held against each other.
Stays are log-normal with a factor of the person's own (frailty), arrivals and homes scatter wider
than chance, homes go to who is longest ready, some offers are refused, some people come back.
What the estimator does not know can be added: drift, seasons, a break in policy, lists that are
kept late, providers that work faster than others.
"""

import heapq
import math
import random
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

COLUMNS = ["client", "region", "provider", "facility_type", "municipality", "phase"]
COLUMNS += ["from", "to", "next"]

NEXT_PHASES = {
    "intake": (("stabilising", 0.9), ("left_other", 0.08), ("long_term_care", 0.02)),
    "stabilising": (("preparing", 0.8), ("left_other", 0.1), ("relapse", 0.06), ("deceased", 0.04)),
    "preparing": (("ready", 0.85), ("relapse", 0.05), ("left_other", 0.1)),
    "offered": (("housed", 0.9), ("ready", 0.1)),
    "relapse": (("stabilising", 0.8), ("left_other", 0.2)),
}
USUAL_DAYS = {
    "intake": 60,
    "stabilising": 300,
    "preparing": 150,
    "offered": 20,
    "relapse": 60,
}
PACED = ("intake", "stabilising", "preparing")
AFTERCARE_DAYS = 730
A_HOME_WAITS_DAYS = 60
EXITS = ("self_housed", "left_other", "long_term_care", "deceased")
DRIFT_KEPT = 0.9
"""How much of a deviation from the usual level is left a quarter later."""


@dataclass(frozen=True)
class Truth:
    """One invented world and how it behaves.

    ``drift`` is the standard deviation of the logarithm of inflow, homes and pace around their
    usual level, half of its variance shared by all regions; ``summer_dip`` is the share by which
    steps and homes fall back in the third quarter; from ``breaks_on`` on, pace, homes and inflow
    are multiplied by ``after_break``; ``days_late`` is the mean number of days until an event is
    written down.
    """

    regions: int = 1
    arrivals_per_quarter: float = 30.0
    homes_per_quarter: float = 16.0
    years: int = 6
    years_before: int = 4
    years_after: int = 2
    scatter: float = 1.5
    frailty: float = 0.3
    own_exits_per_year: float = 0.2
    relapses_per_year: float = 0.06
    as_of: date = date(2026, 10, 1)
    municipalities: tuple[str, ...] = ("Elmstede", "Vaarwijk", "")
    seasonal: bool = False
    slower_after: date | None = None
    drift: float = 0.0
    region_size: float = 0.25
    region_pace: float = 0.0
    region_homes: float = 0.0
    slower_kind: float = 1.0
    providers: int = 1
    provider_pace: float = 0.0
    summer_dip: float = 0.0
    breaks_on: date | None = None
    after_break: tuple[float, float, float] = (1.0, 1.0, 1.0)
    days_late: float = 0.0


@dataclass
class _Person:
    name: str
    region: str
    provider: str
    kind: str
    town: str
    pace: float
    spells: list[list[object]] = field(default_factory=list)
    waiting_since: int = 0


class World:
    """Everything that ever happens in a truth; ``spells`` shows it as a register would."""

    def __init__(self, truth: Truth, seed: int) -> None:
        self.truth = truth
        self.luck = random.Random(seed)
        self.start = date(truth.as_of.year - truth.years, 1, 1)
        first = date(self.start.year - truth.years_before, 1, 1)
        final = date(truth.as_of.year + truth.years_after, truth.as_of.month, 1)
        self.quarters = _quarter_days(first, final)
        """The first day of every quarter lived through, and of the one after."""
        shared = [self._drift() for _ in range(3)]
        self.people: list[_Person] = []
        for number in range(truth.regions):
            own = [self._drift() for _ in range(3)]
            levels = [
                [math.exp(a + b) for a, b in zip(one, other, strict=True)]
                for one, other in zip(shared, own, strict=True)
            ]
            self._live(f"Region {number + 1}", *levels)

    def spells(self, *, shuffled: bool = False, on: date | None = None) -> pd.DataFrame:
        """Return what the register holds on the reference date, or on an earlier day."""
        today = (on or self.truth.as_of).toordinal()
        start = self.start.toordinal()
        late = random.Random(f"{self.truth.days_late}") if self.truth.days_late else None
        rows = []
        for person in self.people:
            known = -1
            last = len(person.spells) - 1
            written = []
            for _phase, begin, _end, _then in person.spells:
                delay = late.expovariate(1 / self.truth.days_late) if late else 0.0
                known = max(known, begin + int(delay))
                written.append(known)
            for place, (phase, begin, end, then) in enumerate(person.spells):
                if written[place] >= today:
                    break
                closed = written[place + 1] if place < last else end
                if end is not None and end < start:
                    continue
                over = end is not None and closed < today
                rows.append(
                    [person.name, person.region, person.provider, person.kind, person.town, phase]
                    + [_iso(begin), _iso(end) if over else "", then if over else ""]
                )
        if shuffled:
            self.luck.shuffle(rows)
        return pd.DataFrame(rows, columns=COLUMNS, dtype=object)

    def count(self, measure: str, region: str, begin: date, until: date) -> int:
        """Return what really happened in the days [begin, until), or who is there at the end."""
        days = np.array([begin.toordinal(), until.toordinal()])
        return int(self.counts(measure, days)[self.region_names.index(region), 0])

    @property
    def region_names(self) -> list[str]:
        return [f"Region {number + 1}" for number in range(self.truth.regions)]

    def counts(self, measure: str, days: np.ndarray) -> np.ndarray:
        """Return ``count`` for every region and every two days (ordinals) that follow."""
        begin, end = self._known["begin"], self._known["end"]
        phase, before, then = (self._known[name] for name in ("phase", "before", "then"))
        there = {
            "backlog": np.isin(phase, ("ready", "offered")),
            "in_care": phase != "housed",
        }.get(measure)
        region = self._known["region"]
        found = np.zeros((self.truth.regions, len(days) - 1), dtype=np.int64)
        if there is not None:
            for column, day in enumerate(days[1:]):
                here = there & (begin < day) & (end >= day)
                found[:, column] = np.bincount(region[here], minlength=self.truth.regions)
            return found
        which, when = {
            "arrivals": (before == "", begin),
            "returns": (before == "housed", begin),
            "becomes_ready": ((phase == "ready") & (before != "offered"), begin),
            "housed": (phase == "housed", begin),
            "exits": ((phase != "housed") & np.isin(then, EXITS), end),
        }[measure]
        for column in range(len(days) - 1):
            here = which & (when >= days[column]) & (when < days[column + 1])
            found[:, column] = np.bincount(region[here], minlength=self.truth.regions)
        return found

    @cached_property
    def _known(self) -> dict[str, np.ndarray]:
        numbers = {name: number for number, name in enumerate(self.region_names)}
        rows = []
        for person in self.people:
            before = ""
            for phase, begin, end, then in person.spells:
                rows.append((numbers[person.region], phase, before, then, begin, end or 9_999_999))
                before = phase
        columns = list(zip(*rows, strict=True)) or [()] * 6
        names = ("region", "phase", "before", "then", "begin", "end")
        return {
            name: np.array(column, dtype=np.int64 if name in ("region", "begin", "end") else object)
            for name, column in zip(names, columns, strict=True)
        }

    def _live(
        self, region: str, inflow: list[float], supply: list[float], pace: list[float]
    ) -> None:
        truth, luck, days = self.truth, self.luck, self.quarters
        size = math.exp(luck.gauss(0, truth.region_size))
        own_pace = math.exp(luck.gauss(0, truth.region_pace))
        own_homes = math.exp(luck.gauss(0, truth.region_homes))
        houses = [
            (f"Provider {number + 1}", math.exp(luck.gauss(0, truth.provider_pace)))
            for number in range(truth.providers)
        ]
        breaks = truth.breaks_on.toordinal() if truth.breaks_on else days[-1]
        events: list[tuple[int, int, int, str]] = []
        speed = []
        turn = 0
        for quarter, day in enumerate(days[:-1]):
            width = days[quarter + 1] - day
            policy = truth.after_break if day >= breaks else (1.0, 1.0, 1.0)
            month = date.fromordinal(day).month
            dip = 1 - truth.summer_dip if month == 7 else 1 + truth.summer_dip / 3
            speed.append(own_pace * pace[quarter] * policy[0] * dip)
            for what, mean in (
                (
                    "comes",
                    truth.arrivals_per_quarter
                    * size
                    * inflow[quarter]
                    * policy[2]
                    * self._season(month),
                ),
                (
                    "home",
                    truth.homes_per_quarter * size * own_homes * supply[quarter] * policy[1] * dip,
                ),
            ):
                for _ in range(self._scattered(mean)):
                    turn += 1
                    heapq.heappush(events, (day + luck.randrange(width), turn, -1, what))

        people: list[_Person] = []
        queue: list[tuple[int, str, int]] = []
        homes: list[int] = []

        def enter(number: int, phase: str, day: int) -> None:
            nonlocal turn
            person = people[number]
            if phase == "ready":
                if not person.spells or person.spells[-1][0] != "offered":
                    person.waiting_since = day
                heapq.heappush(queue, (person.waiting_since, person.name, number))
            person.spells.append([phase, day, None, ""])
            until, then = self._stay(person, phase, day, speed)
            turn += 1
            heapq.heappush(events, (until, turn, number, f"{len(person.spells)} {then}"))

        while events:
            day, _, number, what = heapq.heappop(events)
            if day >= days[-1]:
                break
            if what == "home":
                homes.append(day)
            elif what == "comes":
                house, faster = luck.choice(houses)
                people.append(
                    _Person(
                        f"{region}-{len(people)}",
                        region,
                        house,
                        luck.choice(("BW", "BW", "MO")),
                        luck.choice(truth.municipalities),
                        math.exp(luck.gauss(0, truth.frailty)) / faster,
                    )
                )
                if people[-1].kind == "BW":
                    people[-1].pace *= truth.slower_kind
                enter(len(people) - 1, "intake", day)
            else:
                turn_of_person, then = what.split(" ")
                person = people[number]
                if int(turn_of_person) != len(person.spells) or person.spells[-1][2] is not None:
                    continue
                if person.spells[-1][0] == "offered" and then != "housed":
                    homes.append(day)
                person.spells[-1][2:] = [day, then]
                if then not in EXITS and then != "end_of_aftercare":
                    enter(number, then, day)
            while homes and queue:
                if day - homes[0] > A_HOME_WAITS_DAYS:
                    homes.pop(0)
                    continue
                _, _, first = heapq.heappop(queue)
                spell = people[first].spells[-1]
                if spell[0] != "ready" or spell[2] is not None:
                    continue
                homes.pop(0)
                spell[2:] = [day, "offered"]
                enter(first, "offered", day)
        self.people += people

    def _stay(self, person: _Person, phase: str, day: int, speed: list[float]) -> tuple[int, str]:
        """Return the day on which somebody would move on by themselves, and where to."""
        truth, luck = self.truth, self.luck
        if phase == "ready":
            days = luck.expovariate(truth.own_exits_per_year / 365)
            return day + int(days), luck.choice(("self_housed", "left_other"))
        if phase == "housed":
            days = luck.expovariate(truth.relapses_per_year / 365)
            if days < AFTERCARE_DAYS:
                return day + int(days), luck.choice(("stabilising", "relapse"))
            return day + AFTERCARE_DAYS, "end_of_aftercare"
        states, shares = zip(*NEXT_PHASES[phase], strict=True)
        then = luck.choices(states, shares)[0]
        work = USUAL_DAYS[phase] * math.exp(luck.gauss(0, 0.6))
        if phase not in PACED:
            return day + int(work), then
        slower = truth.slower_after
        work *= person.pace
        if slower is not None and day >= slower.toordinal():
            work *= 1.5
        quarter = bisect_right(self.quarters, day) - 1
        now = float(day)
        while quarter < len(speed):
            left = self.quarters[quarter + 1] - now
            if work <= left * speed[quarter]:
                return int(now + work / speed[quarter]), then
            work -= left * speed[quarter]
            now = float(self.quarters[quarter + 1])
            quarter += 1
        return self.quarters[-1], then

    def _drift(self) -> list[float]:
        """Return the logarithm of a level in every quarter, wandering around zero."""
        usual = self.truth.drift / math.sqrt(2)
        level = self.luck.gauss(0, usual)
        found = []
        for _ in self.quarters[:-1]:
            found.append(level - usual**2 / 2)
            level = DRIFT_KEPT * level + self.luck.gauss(0, usual * math.sqrt(1 - DRIFT_KEPT**2))
        return found

    def _season(self, month: int) -> float:
        return (1.3 if month in (1, 10) else 0.7) if self.truth.seasonal else 1.0

    def _scattered(self, mean: float) -> int:
        """Return a whole number whose variance is ``scatter`` times its mean."""
        extra = self.truth.scatter - 1
        level = self.luck.gammavariate(mean / extra, extra) if extra > 0 else mean
        count, product, limit = 0, self.luck.random(), math.exp(-min(level, 700))
        while product > limit:
            count += 1
            product *= self.luck.random()
        return count


def _quarter_days(first: date, final: date) -> list[int]:
    days = []
    year, month = first.year, first.month
    while date(year, month, 1) <= final:
        days.append(date(year, month, 1).toordinal())
        year, month = (year + 1, 1) if month == 10 else (year, month + 3)
    return days


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
