"""Invented regions whose future is known: people simulated day by day, one at a time.

Written apart from the estimator, in plain Python, so that both can be held against each other.
Stays are log-normal with a factor of the person's own (frailty), arrivals and homes scatter wider
than chance, homes go to who is longest ready, some offers are refused, some people come back.
"""

import heapq
import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

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
AFTERCARE_DAYS = 730
A_HOME_WAITS_DAYS = 60


@dataclass(frozen=True)
class Truth:
    """One invented world and how it behaves."""

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


@dataclass
class _Person:
    name: str
    region: str
    kind: str
    town: str
    pace: float
    spells: list[list[object]] = field(default_factory=list)
    waiting_since: date = date.min


class World:
    """Everything that ever happens in a truth; ``spells`` shows it as a register would."""

    def __init__(self, truth: Truth, seed: int) -> None:
        self.truth = truth
        self.luck = random.Random(seed)
        self.start = date(truth.as_of.year - truth.years, 1, 1)
        self.people: list[_Person] = []
        for number in range(truth.regions):
            self._live(f"Region {number + 1}", math.exp(self.luck.gauss(0, 0.25)))

    def spells(self, *, shuffled: bool = False) -> pd.DataFrame:
        """Return what the register holds on the reference date."""
        rows = []
        for person in self.people:
            seen = [spell for spell in person.spells if spell[1] < self.truth.as_of]
            for phase, begin, end, then in seen:
                if end is not None and end < self.start:
                    continue
                over = end is not None and end < self.truth.as_of
                rows.append(
                    [person.name, person.region, "Provider", person.kind, person.town, phase]
                    + [begin.isoformat(), end.isoformat() if over else "", then if over else ""]
                )
        if shuffled:
            self.luck.shuffle(rows)
        return pd.DataFrame(rows, columns=COLUMNS, dtype=object)

    def count(self, measure: str, region: str, begin: date, until: date) -> int:
        """Return what really happened in the days [begin, until), or who is there at the end."""
        total = 0
        for person in self.people:
            if person.region != region:
                continue
            before = None
            for phase, first, last, then in person.spells:
                inside = begin <= first < until
                if measure == "arrivals":
                    total += inside and before is None
                elif measure == "returns":
                    total += inside and before == "housed"
                elif measure == "becomes_ready":
                    total += inside and phase == "ready" and before != "offered"
                elif measure == "housed":
                    total += inside and phase == "housed"
                elif measure == "exits":
                    leaves = last is not None and begin <= last < until and phase != "housed"
                    total += (
                        leaves
                        and then in ("left_other", "long_term_care", "deceased")
                        or (leaves and then == "self_housed")
                    )
                else:
                    there = first < until and (last is None or last >= until)
                    wanted = {"ready", "offered"} if measure == "backlog" else None
                    total += there and (phase in wanted if wanted else phase != "housed")
                before = phase
        return total

    def _live(self, region: str, size: float) -> None:
        truth, luck = self.truth, self.luck
        first = date(self.start.year - truth.years_before, 1, 1)
        final = date(truth.as_of.year + truth.years_after, truth.as_of.month, 1)
        moves: list[tuple[date, int, int, str]] = []
        people: list[_Person] = []
        turn = 0
        queue: list[int] = []
        homes: list[date] = []

        def plan(number: int, day: date, phase: str, then: str, days: float) -> None:
            nonlocal turn
            turn += 1
            heapq.heappush(moves, (day + timedelta(days=int(days)), turn, number, then))

        day = first
        coming: dict[date, int] = {}
        building: dict[date, int] = {}
        while day < final:
            if day.day == 1 and day.month in (1, 4, 7, 10):
                for calendar, mean in (
                    (coming, truth.arrivals_per_quarter * size * self._season(day)),
                    (building, truth.homes_per_quarter * size),
                ):
                    for _ in range(self._scattered(mean)):
                        when = day + timedelta(days=luck.randrange(90))
                        calendar[when] = calendar.get(when, 0) + 1
            for _ in range(coming.get(day, 0)):
                person = _Person(
                    f"{region}-{len(people)}",
                    region,
                    luck.choice(("BW", "BW", "MO")),
                    luck.choice(truth.municipalities),
                    math.exp(luck.gauss(0, truth.frailty)),
                )
                people.append(person)
                self._enter(people, len(people) - 1, "intake", day, plan)
            homes = [h for h in homes if (day - h).days <= A_HOME_WAITS_DAYS]
            homes += [day] * building.get(day, 0)
            while moves and moves[0][0] <= day:
                when, _, number, then = heapq.heappop(moves)
                person = people[number]
                if person.spells[-1][2] is not None or when < person.spells[-1][1]:
                    continue
                if person.spells[-1][0] == "ready" and number not in queue:
                    continue
                if person.spells[-1][0] == "ready":
                    queue.remove(number)
                if person.spells[-1][0] == "offered" and then != "housed":
                    homes.append(day)
                person.spells[-1][2:] = [day, then]
                if then in USUAL_DAYS or then in ("ready", "housed"):
                    self._enter(people, number, then, day, plan)
                    if then == "ready":
                        queue.append(number)
            queue.sort(key=lambda number: (people[number].waiting_since, people[number].name))
            while homes and queue:
                homes.pop(0)
                number = queue.pop(0)
                people[number].spells[-1][2:] = [day, "offered"]
                self._enter(people, number, "offered", day, plan)
            day += timedelta(days=1)
        self.people += people

    def _enter(
        self, people: list[_Person], number: int, phase: str, day: date, plan: object
    ) -> None:
        person, luck = people[number], self.luck
        if phase == "ready" and (not person.spells or person.spells[-1][0] != "offered"):
            person.waiting_since = day
        person.spells.append([phase, day, None, ""])
        if phase == "ready":
            days = luck.expovariate(self.truth.own_exits_per_year / 365)
            plan(number, day, phase, luck.choice(("self_housed", "left_other")), days)
        elif phase == "housed":
            days = luck.expovariate(self.truth.relapses_per_year / 365)
            if days < AFTERCARE_DAYS:
                plan(number, day, phase, luck.choice(("stabilising", "relapse")), days)
            else:
                plan(number, day, phase, "end_of_aftercare", AFTERCARE_DAYS)
        else:
            usual = USUAL_DAYS[phase]
            slower = self.truth.slower_after
            factor = 1.5 if slower is not None and day >= slower else 1.0
            days = usual * factor * person.pace * math.exp(luck.gauss(0, 0.6))
            states, shares = zip(*NEXT_PHASES[phase], strict=True)
            plan(number, day, phase, luck.choices(states, shares)[0], days)

    def _season(self, day: date) -> float:
        return (1.3 if day.month in (1, 10) else 0.7) if self.truth.seasonal else 1.0

    def _scattered(self, mean: float) -> int:
        """Return a whole number whose variance is ``scatter`` times its mean."""
        extra = self.truth.scatter - 1
        level = self.luck.gammavariate(mean / extra, extra) if extra > 0 else mean
        count, product, limit = 0, self.luck.random(), math.exp(-min(level, 700))
        while product > limit:
            count += 1
            product *= self.luck.random()
        return count
