"""Holds forecasts against invented truths: how often the bands held, and how far off they were.

The forecaster sees what the register shows on an earlier day and nothing else; what it is held
against is what really happened. The same lists feed the forecasts that need no model.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from outflow.estimation import past
from outflow.estimation.contract import (
    BACKLOG,
    BACKLOG_AT_END,
    BECOMES_READY,
    ENTERS_HOUSED,
    IN_CARE_AT_END,
)
from outflow.estimation.histories import Histories, follow
from outflow.estimation.model import fit
from outflow.estimation.quarters import date_of, first_day, first_days, quarter_of
from outflow.estimation.scores import (
    coverage,
    crps_of_counts,
    crps_of_draws,
    place_of,
)
from outflow.estimation.simulation import Horizon, simulate
from outflow.estimation.tables import read_spells
from tests.outflow.estimation.truths import Truth, World

AHEAD = 4
MEASURED = {"becomes_ready": BECOMES_READY, "housed": ENTERS_HOUSED, "backlog": BACKLOG_AT_END}
STOCKS = (BACKLOG_AT_END, IN_CARE_AT_END)
LAST_YEAR, EIGHT_QUARTERS = "last year", "eight quarters"
OFFSET = date(1970, 1, 1).toordinal()

APART = 3
"""Quarters between two days on which the forecast is made."""

USUAL = Truth(
    regions=10,
    arrivals_per_quarter=12,
    homes_per_quarter=8.5,
    years=8,
    years_before=5,
    drift=0.15,
    region_pace=0.15,
    region_homes=0.2,
    slower_kind=1.3,
)
"""About a hundred people in care in each region; pace, inflow and homes wander."""


@dataclass(frozen=True)
class Setting:
    """One truth with what a forecast must reach on it.

    ``steady``: the past goes on, so the bands must hold as often as they say. ``most`` is the
    largest share of the best simple forecast's score that is allowed, by measure.
    """

    name: str
    truth: Truth
    what: str
    steady: bool = False
    most: tuple[float, float, float] = (0.93, 0.93, 0.92)
    worlds: int = 6


BROKEN = (1.05, 1.05, 1.05)

SETTINGS = (
    Setting("stationary", USUAL, "as the model thinks, but for log-normal stays", steady=True),
    Setting("frailty", replace(USUAL, frailty=0.8), "some people take far longer", steady=True),
    Setting(
        "providers",
        replace(USUAL, providers=5, provider_pace=0.3),
        "providers differ in pace",
        steady=True,
    ),
    Setting(
        "small region",
        replace(USUAL, regions=1, arrivals_per_quarter=8, homes_per_quarter=5.7),
        "sixty people, alone, no nation to lean on",
        steady=True,
        worlds=32,
    ),
    Setting("plenty of homes", replace(USUAL, homes_per_quarter=11.0), "hardly anybody waits"),
    Setting("summer dip", replace(USUAL, summer_dip=0.3), "30 % slower every summer"),
    Setting("late lists", replace(USUAL, days_late=30.0), "written down a month late on average"),
    Setting(
        "policy break",
        replace(USUAL, breaks_on=date(2025, 10, 1), after_break=(1.3, 0.7, 1.0)),
        "from one day to the next 30 % faster and 30 % fewer homes",
        most=BROKEN,
    ),
)

Forecaster = Callable[[Histories, int, int, int], np.ndarray]
"""Histories, start of the register, draws and seed to (draws, regions, measures, quarters)."""


@dataclass
class Found:
    """What was found for one measure; every array has a row per region and origin."""

    came: list[np.ndarray] = field(default_factory=list)
    places: list[np.ndarray] = field(default_factory=list)
    crps: list[np.ndarray] = field(default_factory=list)
    simple: dict[str, list[np.ndarray]] = field(default_factory=dict)
    before: list[np.ndarray] = field(default_factory=list)
    worlds: list[int] = field(default_factory=list)
    middle: list[np.ndarray] = field(default_factory=list)

    @property
    def n(self) -> int:
        return int(sum(part.size for part in self.places))

    def coverage(self, width: float) -> float:
        return coverage(np.concatenate([part.ravel() for part in self.places]), width)

    def score(self) -> float:
        return float(np.concatenate(self.crps).mean())

    def simple_scores(self) -> dict[str, float]:
        return {name: float(np.concatenate(parts).mean()) for name, parts in self.simple.items()}

    def bias(self) -> float:
        """Return how much higher the means of the forecasts lay than what came."""
        return float(np.concatenate(self.middle).mean() - np.concatenate(self.came).mean())


def by_region(counts: np.ndarray, histories: Histories) -> np.ndarray:
    """Add up the cells (municipality x facility type) of each region."""
    kinds = max(len(histories.kinds), 1)
    region = np.repeat([place for place, _ in histories.municipalities], kinds)
    found = np.zeros((len(counts), len(histories.regions), *counts.shape[2:]))
    for number in range(len(histories.regions)):
        found[:, number] = counts[:, region == number].sum(axis=1)
    return found


def our_forecast(histories: Histories, register_start: int, draws: int, seed: int) -> np.ndarray:
    """Return what the estimator says."""
    days = first_days(quarter_of(date_of(histories.as_of)), AHEAD)
    counts = simulate(
        fit(histories, register_start=register_start),
        Horizon(days, np.ones(AHEAD)),
        plan=None,
        draws=draws,
        seed=seed,
    )
    return by_region(counts, histories)


def origins_of(truth: Truth, count: int) -> list[date]:
    """Return days on which the forecast is made, the latest first."""
    latest = quarter_of(truth.as_of)
    return [date_of(first_day(latest - APART * turn)) for turn in range(count)]


def trial(
    truth: Truth,
    seed: int,
    *,
    origins: list[date],
    draws: int,
    found: dict[str, Found] | None = None,
    forecaster: Forecaster = our_forecast,
) -> dict[str, Found]:
    """Let the forecaster look ahead from every origin in one world; add to ``found``."""
    world = World(truth, seed)
    found = found if found is not None else {name: Found() for name in MEASURED}
    luck = np.random.default_rng([seed, 99])
    for turn, origin in enumerate(origins):
        known, start = known_on(world, origin)
        told = forecaster(known, start, draws, 1000 * seed + turn)
        quarter = quarter_of(origin)
        ahead = first_days(quarter, AHEAD)
        first = quarter_of(world.start)
        behind = first_days(first, quarter - first)
        order = np.array([world.region_names.index(name) for name in known.regions])
        for name, measure in MEASURED.items():
            came = world.counts(name, ahead + OFFSET)[order]
            here = found[name]
            here.came.append(came)
            here.places.append(place_of(came, told[:, :, measure], luck.random(came.shape)))
            here.crps.append(crps_of_draws(told[:, :, measure], came))
            here.middle.append(told[:, :, measure].mean(axis=0))
            seen = seen_before(known, measure, behind)
            here.before.append(seen)
            here.worlds.append(seed)
            for label, (mean, variance) in simple_forecasts(seen).items():
                wide = np.broadcast_to(mean[:, None], came.shape).astype(np.float64)
                spread = np.broadcast_to(variance[:, None], came.shape).astype(np.float64)
                here.simple.setdefault(label, []).append(crps_of_counts(wide, spread, came))
    return found


def known_on(world: World, day: date) -> tuple[Histories, int]:
    """Return what the lists of a world show on a day, and the day on which they begin."""
    read = read_spells(world.spells(on=day))
    return follow(read, as_of=day.toordinal() - OFFSET), world.start.toordinal() - OFFSET


def seen_before(known: Histories, measure: int, days: np.ndarray) -> np.ndarray:
    """Return what the lists show of the past, shape (regions, quarters)."""
    count = past.stock if measure in STOCKS else past.flow
    seen = count(known, measure, known.region, len(known.regions), days)
    if measure in STOCKS:
        seen[:, -1] = past.stock_now(known, BACKLOG, known.region, len(known.regions))
    return seen


def simple_forecasts(seen: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return mean and variance of the two forecasts that need no model.

    Last year's average with pure chance around it, and that of eight quarters with the scatter
    those quarters showed (negative binomial where wider than chance).
    """
    year, two = seen[:, -4:], seen[:, -8:]
    mean = two.mean(axis=1)
    return {
        LAST_YEAR: (year.mean(axis=1), year.mean(axis=1)),
        EIGHT_QUARTERS: (mean, np.maximum(two.var(axis=1, ddof=1), mean)),
    }
