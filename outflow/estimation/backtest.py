"""How good the estimate would have been: made again at earlier days, held against what came."""

from collections.abc import Callable

import numpy as np

from outflow.estimation import past
from outflow.estimation.contract import (
    ARRIVALS,
    BACKLOG_AT_END,
    BECOMES_READY,
    ENTERS_HOUSED,
    IN_CARE,
    IN_CARE_AT_END,
    LEAVES,
    MEASURES,
    RETURNS,
    Counts,
)
from outflow.estimation.exposure import Ints
from outflow.estimation.histories import Histories
from outflow.estimation.model import fit
from outflow.estimation.quarters import date_of, first_day, first_days, quarter_of
from outflow.estimation.scores import covered, crps_of_draws, crps_of_poisson
from outflow.estimation.simulation import Horizon, simulate

QUARTERS_AHEAD = 4
QUARTERS_BEFORE = 8
QUARTERS_APART = 2
MOST_ORIGINS = 8
ORIGINS_OF_A_NATION = 4
PEOPLE_OF_A_NATION = 3_000
MOST_DRAWS = 120
LEAST_DRAWS = 20
ROWS_IN_ALL = 800_000
LAST_YEAR = 4

SEEN = (
    ARRIVALS,
    RETURNS,
    BECOMES_READY,
    ENTERS_HOUSED,
    LEAVES,
    BACKLOG_AT_END,
    IN_CARE_AT_END,
)
"""Measures that lists show afterwards; who would have needed a home they do not."""


def origins(register_start: int, as_of: int, people: int) -> list[int]:
    """Return the quarters at whose first day the estimate is made again, the latest first."""
    now = quarter_of(date_of(as_of))
    first = quarter_of(date_of(max(register_start - 1, 0))) + 1
    most = ORIGINS_OF_A_NATION if people > PEOPLE_OF_A_NATION else MOST_ORIGINS
    latest = now - QUARTERS_AHEAD
    return list(range(latest, first + QUARTERS_BEFORE - 1, -QUARTERS_APART))[:most]


def backtest(
    histories: Histories,
    *,
    register_start: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, object]]:
    """Return for each measure and quarters ahead how often the bands held and how far off it was.

    ``n`` is regions x origins. ``crps_naive`` is the score of last year's average with the
    scatter of pure chance. Homes are taken as unknown: estimated from the past of that day.
    """
    h = histories
    regions = len(h.regions)
    people = int(past.stock_now(h, IN_CARE, h.region, regions).sum())
    days_of_origin = origins(register_start, h.as_of, people)
    draws = int(np.clip(ROWS_IN_ALL // (people + 1), LEAST_DRAWS, MOST_DRAWS))
    scores: dict[tuple[int, int], list[tuple[float, float, float, float]]] = {}
    for turn, quarter in enumerate(days_of_origin):
        day = first_day(quarter)
        then = h.known_on(day)
        ahead = first_days(quarter, QUARTERS_AHEAD)
        before = first_days(quarter - LAST_YEAR, LAST_YEAR)
        counts = simulate(
            fit(then, register_start=register_start),
            Horizon(ahead, np.ones(QUARTERS_AHEAD)),
            plan=None,
            draws=draws,
            seed=seed + turn + 1,
        )
        told = _by_region(counts, h)
        for measure in SEEN:
            came = _seen(h, measure, ahead)
            usual = _seen(then, measure, before).mean(axis=1)
            told_here = told[:, :, measure]
            inside, nearly = covered(came, told_here, 0.8), covered(came, told_here, 0.95)
            score = crps_of_draws(told_here, came)
            for region in range(regions):
                for horizon in range(QUARTERS_AHEAD):
                    naive = crps_of_poisson(float(usual[region]), int(came[region, horizon]))
                    scores.setdefault((measure, horizon), []).append(
                        (
                            float(inside[region, horizon]),
                            float(nearly[region, horizon]),
                            float(score[region, horizon]),
                            naive,
                        )
                    )
        if progress is not None:
            progress(turn + 1, len(days_of_origin))
    return [
        _row(MEASURES[measure], horizon + 1, np.array(found))
        for (measure, horizon), found in sorted(scores.items())
    ]


def _row(measure: str, horizon: int, found: np.ndarray) -> dict[str, object]:
    return {
        "measure": measure,
        "horizon": horizon,
        "coverage_80": float(found[:, 0].mean()),
        "coverage_95": float(found[:, 1].mean()),
        "crps": float(found[:, 2].mean()),
        "crps_naive": float(found[:, 3].mean()),
        "n": len(found),
    }


def _seen(h: Histories, measure: int, days: Ints) -> Ints:
    count = past.stock if measure in (BACKLOG_AT_END, IN_CARE_AT_END) else past.flow
    return count(h, measure, h.region, len(h.regions), days)


def _by_region(counts: Counts, h: Histories) -> Ints:
    """Add up the cells of each region: (draws, regions, measures, quarters)."""
    kinds = max(len(h.kinds), 1)
    region = np.repeat([place for place, _ in h.municipalities], kinds)
    found = np.zeros((len(counts), len(h.regions), *counts.shape[2:]), dtype=np.int64)
    for number in range(len(h.regions)):
        found[:, number] = counts[:, region == number].sum(axis=1)
    return found
