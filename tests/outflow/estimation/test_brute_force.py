"""The simulation against every path of a tiny world, and against a queue kept by hand.

Both are written a second time in plain.py. Where people move by chance, the draws must have the
probabilities of all paths added up; where nothing is left to chance, every draw must be equal.
"""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
import pytest

from outflow.estimation.contract import MEASURES
from outflow.estimation.histories import Histories
from outflow.estimation.homes import Plan
from outflow.estimation.model import Model
from outflow.estimation.task import LONGEST_IN_CARE, LONGEST_READY
from tests.outflow.estimation import plain
from tests.outflow.estimation.known import TODAY, counts_of, known_model, planned, spell
from tests.outflow.estimation.plain import House, Queue, Rates, Resident, Walker
from tests.outflow.estimation.truths import COLUMNS
from tests.scale import n

AT_ONCE = 1e3
"""Rate a day at which everybody leaves on the first day."""

RATES: Rates = {
    "preparing": [(0, {"ready": 0.12, "left_other": 0.04}), (3, {"ready": 0.4})],
    "ready": [(0, {"self_housed": 0.08})],
    "offered": [(0, {"housed": 0.5, "ready": 0.3})],
}
PEOPLE = [
    Walker("preparing", -2, 0, "Elmstede"),
    Walker("preparing", -1, 0, "Vaarwijk"),
    Walker("ready", -5, -5, "Vaarwijk"),
]
KINDS = ("BW", "BW", "MO")
"""With the municipality this tells the three apart."""

HOMES = [("*", 1), ("Elmstede", 4)]
DIRECT = 0.3
WATCHED = ("becomes_ready", "housed", "exits", "backlog")


def drawn(
    rates: Rates, *, days_a_quarter: int, draws: int, people: Sequence[Walker] = PEOPLE
) -> Counter[tuple[int, ...]]:
    """Return how often the simulation shows each course of events of the three people."""
    rows = [
        spell(f"c{number}", kind, who.town, who.phase, who.since)
        for number, (who, kind) in enumerate(zip(people, KINDS, strict=True))
    ]
    table = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    model = known_model(table, dict.fromkeys(set(KINDS), rates), direct=DIRECT)
    h = model.histories
    plan = planned(h, [("R", town, day) for town, day in HOMES])
    counts = counts_of(model, plan, quarters=2, days_a_quarter=days_a_quarter, draws=draws)
    cells = [
        h.municipalities.index((0, who.town)) * len(h.kinds) + h.kinds.index(kind)
        for who, kind in zip(PEOPLE, KINDS, strict=True)
    ]
    wanted = [MEASURES.index(name) for name in WATCHED]
    seen = counts[:, cells][:, :, wanted].reshape(draws, -1)
    return Counter(map(tuple, seen.tolist()))


@cache
def every_path(days_a_quarter: int) -> dict[tuple[int, ...], float]:
    """Return the probability of each course of events, all paths followed."""
    ends = plain.distribution(
        PEOPLE,
        HOMES,
        RATES,
        direct=DIRECT,
        first_day=0,
        quarters=2,
        days_a_quarter=days_a_quarter,
    )
    found: dict[tuple[int, ...], float] = {}
    for walkers, chance in ends.items():
        course = tuple(
            walker.story.count((name, quarter))
            for walker in walkers
            for name in WATCHED
            for quarter in range(2)
        )
        found[course] = found.get(course, 0.0) + chance
    return found


def surprise(
    seen: Mapping[tuple[int, ...], int], chances: Mapping[tuple[int, ...], float]
) -> float:
    """Return how far counts lie from what chances promise, in standard deviations of chi-square.

    Courses expected fewer than five times are taken together.
    """
    draws = sum(seen.values())
    assert set(seen) <= set(chances), "something happened that cannot happen"
    rare_seen, rare_expected, total, cells = 0, 0.0, 0.0, 0
    for course, chance in chances.items():
        expected = draws * chance
        if expected < 5:
            rare_seen, rare_expected = rare_seen + seen.get(course, 0), rare_expected + expected
        else:
            total, cells = total + (seen.get(course, 0) - expected) ** 2 / expected, cells + 1
    if rare_expected > 0:
        total, cells = total + (rare_seen - rare_expected) ** 2 / rare_expected, cells + 1
    return (total - (cells - 1)) / math.sqrt(2 * (cells - 1))


def test_draws_have_the_probabilities_of_all_paths():
    days = n(3, 5)
    chances = every_path(days)
    assert sum(chances.values()) == pytest.approx(1)
    assert len(chances) > 100
    seen = drawn(RATES, days_a_quarter=days, draws=n(20_000, 400_000))
    assert surprise(seen, chances) < 4.5


def test_a_rate_that_is_a_little_wrong_is_noticed():
    """The negative control: of the offers a few more are taken."""
    wrong = {**RATES, "offered": [(0, {"housed": 0.6, "ready": 0.2})]}
    seen = drawn(wrong, days_a_quarter=3, draws=20_000)
    assert surprise(seen, every_path(3)) > 15


def test_forgetting_how_long_somebody_stayed_is_noticed():
    """The negative control: one person came a day later than in truth."""
    later = [PEOPLE[0]._replace(since=-1), *PEOPLE[1:]]
    seen = drawn(RATES, days_a_quarter=3, draws=20_000, people=later)
    assert surprise(seen, every_path(3)) > 15


def test_who_arrives_becomes_ready_as_often_as_all_paths_say():
    """Arrivals by chance that each go their own way: their numbers are Poisson, each known."""
    mean, days, draws = 6.0, 6, n(4_000, 60_000)
    rates: Rates = {
        "intake": [(0, {"preparing": 0.3, "left_other": 0.1})],
        "preparing": [(0, {"ready": 0.05}), (2, {"ready": 0.5})],
        "ready": [],
    }
    expected = np.zeros(2)
    for day in range(2 * days):
        for quarter in range(day // days, 2):
            ends = plain.distribution(
                [Walker("intake", day, 0, "Elmstede")],
                [],
                rates,
                direct=1.0,
                first_day=day,
                quarters=1,
                days_a_quarter=(quarter + 1) * days - day,
            )
            ready = [("becomes_ready", 0) in walker.story for (walker,) in ends]
            expected[quarter] += mean / days * float(np.array(list(ends.values())) @ ready)
    expected[1] -= expected[0]

    table = pd.DataFrame(
        [spell("c0", "BW", "Elmstede", "housed", -9)], columns=COLUMNS, dtype=object
    )
    model = known_model(table, {"BW": rates}, direct=1.0, arrivals=mean)
    plan = Plan(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    counts = counts_of(model, plan, quarters=2, days_a_quarter=days, draws=draws)[:, 0]
    arrivals = counts[:, MEASURES.index("arrivals")]
    ready = counts[:, MEASURES.index("becomes_ready")]
    for found, wanted in ((arrivals, np.full(2, mean)), (ready, expected)):
        error = np.sqrt(wanted / draws)
        assert (np.abs(found.mean(axis=0) - wanted) < 4.5 * error).all()
        scatter = found.var(axis=0) / wanted
        assert (np.abs(scatter - 1) < 4.5 * np.sqrt((2 + 1 / wanted) / draws)).all()


TOWNS = ("Elmstede", "Vaarwijk", "")
REGIONS = ("Noord", "Noord", "Noord", "Zuid")


class Case:
    """A tiny world in which nothing is left to chance: people, homes, and who lives together."""

    def __init__(self, seed: int) -> None:
        luck = random.Random(seed)
        self.direct, self.by_care = luck.random() < 0.5, luck.random() < 0.3
        self.leaves = {
            kind: {
                "preparing": (luck.randrange(1, 120), "ready"),
                "ready": (luck.choice((plain.NEVER, plain.NEVER, 35, 80)), "self_housed"),
                "offered": (luck.randrange(1, 25), luck.choice(("housed", "housed", "ready"))),
                "housed": (luck.choice((plain.NEVER, plain.NEVER, 40)), "stabilising"),
            }
            for kind in ("BW", "MO")
        }
        # Nobody waits or is there since the same day as somebody else: ties are for chance.
        self.people = []
        used: set[tuple[str, int]] = set()
        for since in luck.sample(range(1, 120), luck.randrange(1, 14)):
            kind = luck.choice(("BW", "MO"))
            phase = luck.choice(("ready", "ready", "preparing", "preparing", "offered"))
            days = self.leaves[kind]["preparing"][0] if phase == "preparing" else 0
            if 0 < days < since:
                since = luck.randrange(days) + 1
            dates = {("care", -since), ("ready", days - since)}
            if not dates & used:
                used |= dates
                place = (luck.choice(REGIONS), luck.choice(TOWNS))
                self.people.append((kind, *place, phase, -since))
        # Of homes that are free on one day (some refused before) the one that came first is first.
        self.homes = [
            (luck.choice(REGIONS), luck.choice((*TOWNS[:2], "*")), day)
            for day in sorted(luck.sample(range(0, 110), luck.randrange(0, 12)))
        ]
        self.pairs: dict[int, int] = {}
        numbers = list(range(len(self.people)))
        luck.shuffle(numbers)
        for lead, other in zip(numbers[::2], numbers[1::2], strict=False):
            if luck.random() < 0.5 and self.people[lead][1] == self.people[other][1]:
                self.pairs[other] = lead

    def by_hand(
        self, quarters: Sequence[Sequence[int]], usual_wait: float
    ) -> dict[tuple[int, str, int], int]:
        """Return what the queue by hand counts, by person, measure and quarter."""
        found: dict[tuple[int, str, int], int] = {}
        for region in sorted(set(REGIONS)):
            ours = [number for number, row in enumerate(self.people) if row[1] == region]
            people = [
                Resident(
                    place,
                    town,
                    phase,
                    *[TODAY + since] * 3,
                    self.leaves[kind],
                    ours.index(self.pairs[number]) if number in self.pairs else None,
                )
                for place, number in enumerate(ours)
                for kind, _region, town, phase, since in [self.people[number]]
            ]
            houses = [
                House(town, TODAY + day) for where, town, day in self.homes if where == region
            ]
            queue = Queue(people, houses, direct=self.direct, by_care=self.by_care)
            counted = queue.run(quarters, usual_wait=usual_wait)
            found |= {
                (ours[place], measure, quarter): many
                for (measure, place, quarter), many in counted.items()
            }
        return found

    def model(self) -> Model:
        table = pd.DataFrame(
            [
                spell(f"c{number}", kind, town, phase, since, region)
                for number, (kind, region, town, phase, since) in enumerate(self.people)
            ],
            columns=COLUMNS,
            dtype=object,
        )
        rates = {
            kind: {
                phase: [(0, {then: 0.0}), (days, {then: AT_ONCE})]
                for phase, (days, then) in leaves.items()
                if days < plain.NEVER
            }
            for kind, leaves in self.leaves.items()
        }
        places = [(region, town) for region in set(REGIONS) for town in TOWNS]
        return known_model(table, rates, direct=float(self.direct), places=places)

    def leads(self, h: Histories) -> np.ndarray:
        number = {name: place for place, name in enumerate(h.names)}
        found = np.full(len(h.keys), -1)
        for other, lead in self.pairs.items():
            found[number[f"c{other}"]] = number[f"c{lead}"]
        return found


def differences(
    case: Case,
    *,
    days_a_quarter: int = 6,
    quarters: int = 20,
    draws: int = 3,
    hand: Case | None = None,
) -> list[str]:
    """Return where a draw counts otherwise than the queue by hand (of ``hand``, if named)."""
    marks = [
        sorted({TODAY + days_a_quarter * q + days_a_quarter * step // 6 for step in range(7)})
        for q in range(quarters)
    ]
    model = case.model()
    byhand = (hand or case).by_hand(marks, model.wait_days)
    h = model.histories
    counts = counts_of(
        model,
        planned(h, case.homes),
        quarters=quarters,
        days_a_quarter=days_a_quarter,
        draws=draws,
        leads=case.leads(h),
        queue=LONGEST_IN_CARE if case.by_care else LONGEST_READY,
    )
    expected = np.zeros(counts.shape[1:], dtype=np.int64)
    for (person, measure, quarter), many in byhand.items():
        kind, region, town, _phase, _since = case.people[person]
        place = h.municipalities.index((h.regions.index(region), town))
        cell = place * len(h.kinds) + h.kinds.index(kind)
        expected[cell, MEASURES.index(measure), quarter] += many
    # Whose home it will be decides who of two needs one; the laws look at that.
    measures = [name for name in plain.MEASURES if name != "needs_dwelling" or not case.pairs]
    return [
        f"{measure}: {counts[0, :, number].sum(axis=0)} for {expected[:, number].sum(axis=0)}"
        for number, measure in enumerate(MEASURES)
        if measure in measures and (counts[:, :, number] != expected[:, number]).any()
    ]


@pytest.mark.parametrize("part", range(4))
def test_every_draw_hands_out_homes_as_a_queue_kept_day_by_day(part):
    cases = n(30, 3_000)
    housed = 0
    for seed in range(part * cases, (part + 1) * cases):
        case = Case(seed)
        assert not differences(case), seed
        housed += len(case.homes) > 0
    assert housed > cases / 2


def test_every_draw_hands_out_homes_in_steps_of_two_weeks_in_real_quarters():
    for seed in range(10_000, 10_000 + n(50, 3_000)):
        assert not differences(Case(seed), days_a_quarter=92, quarters=3), seed


def _no_town_first(case: Case) -> None:
    case.homes = [(region, "*", day) for region, _town, day in case.homes]


def _each_a_home(case: Case) -> None:
    case.pairs = {}


def _other_queue(case: Case) -> None:
    case.by_care = not case.by_care


def _no_offers(case: Case) -> None:
    case.direct = True


@pytest.mark.parametrize("rule", [_no_town_first, _each_a_home, _other_queue, _no_offers])
def test_a_queue_with_another_rule_is_noticed(rule):
    """The negative control of the tests above: the same people, one rule changed by hand."""
    noticed = 0
    for seed in range(60):
        other = Case(seed)
        rule(other)
        noticed += bool(differences(Case(seed), hand=other, draws=1))
    assert noticed > 5


def test_a_home_that_waits_a_day_longer_is_noticed(monkeypatch):
    """The negative control: somebody becomes ready on the day after the last."""
    table = [("BW", "Noord", "Elmstede", "preparing", -1)]
    case = Case(0)
    case.people, case.pairs, case.homes, case.direct = table, {}, [("Noord", "*", 3)], True
    for days, lost in ((64, False), (65, True)):
        case.leaves["BW"]["preparing"] = (days, "ready")
        assert not differences(case)
        monkeypatch.setattr(plain, "A_HOME_WAITS_DAYS", 61 if lost else 59)
        assert differences(case)
        monkeypatch.undo()
