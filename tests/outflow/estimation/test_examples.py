"""The worked examples of docs/estimator.md, and hand calculations."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from outflow.estimation import estimate
from outflow.estimation.exposure import bin_edges, exposures
from outflow.estimation.hazards import incidence
from outflow.estimation.histories import follow
from outflow.estimation.levels import draw_counts, fit_levels
from outflow.estimation.quarters import day_number
from outflow.estimation.tables import read_spells
from tests.outflow.estimation.tools import (
    measure,
    spells_of,
    supply_of,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "estimator.md"


def test_the_queue_of_the_documentation_houses_one_person_a_quarter():
    waiting = spells_of(
        *[("ready", f"2026-0{month}-01", "", "") for month in (5, 6, 7)], clients=["a", "b", "c"]
    )
    plan = supply_of(*[("2026Q4", 1), ("2027Q1", 1), ("2027Q2", 1)])
    result = estimate(waiting, plan, as_of=date(2026, 10, 1), quarters=3, draws=5, seed=1)
    assert measure(result, "housed") == [1, 1, 1]
    assert measure(result, "backlog") == [2, 1, 0]
    assert measure(result, "in_care") == [2, 1, 0]


def test_the_documentation_shows_the_numbers_of_that_queue():
    table = re.findall(
        r"^\| (housed|backlog) \| (\d) \| (\d) \| (\d) \|$", DOCUMENT.read_text(), re.M
    )
    assert table == [("housed", "1", "1", "1"), ("backlog", "2", "1", "0")]


def test_person_days_are_counted_inside_the_register_only():
    table = spells_of(
        ("intake", "2020-12-22", "2021-01-21", "stabilising"),  # 10 days before the register
        ("intake", "2021-01-01", "2021-01-11", "left_other"),
        ("intake", "2021-09-21", "", ""),  # 10 days, and still there
        clients=["a", "b", "c"],
    )
    known = follow(read_spells(table), as_of=day_number(date(2021, 10, 1)))
    counted = exposures(known, register_start=day_number(date(2021, 1, 1)))[0]
    assert counted.person_days.sum() == (30.5 - 10) + 10.5 + 10
    assert counted.moved.sum() == 2


def test_a_day_on_which_many_leave_has_a_bin_of_its_own():
    spread = np.arange(1.0, 301.0)
    edges = bin_edges(np.concatenate([spread, np.full(200, 730.0)]))
    assert edges[0] == 0
    assert {730.0, 731.0} <= set(edges.tolist())
    assert 731.0 not in bin_edges(spread)


def test_a_spike_of_departures_empties_its_day():
    rows = [("housed", "2020-01-01", "2021-12-31", "end_of_aftercare")] * 60
    table = spells_of(*rows, clients=[f"c{k}" for k in range(60)])
    known = follow(read_spells(table), as_of=day_number(date(2024, 1, 1)))
    counted = exposures(known, register_start=day_number(date(2020, 1, 1)))
    curve = incidence(counted[5], 1, 0, np.array([729.0, 732.0]))["end_of_aftercare"]
    assert curve[0] == pytest.approx(0, abs=0.02)
    assert curve[1] > 0.97


def _aalen_johansen(days: np.ndarray, cause: np.ndarray, at: float) -> dict[int, float]:
    """Return the share gone by each cause within ``at`` days, counted by hand day by day."""
    staying, gone = 1.0, {1: 0.0, 2: 0.0}
    for day in np.unique(days[cause > 0]):
        if day >= at:
            break
        at_risk = (days > day).sum() + ((days == day) & (cause > 0)).sum()
        for number in gone:
            gone[number] += staying * ((days == day) & (cause == number)).sum() / at_risk
        staying *= 1 - ((days == day) & (cause > 0)).sum() / at_risk
    return gone


def test_the_fitted_incidence_agrees_with_a_count_by_hand():
    rng = np.random.default_rng(3)
    count = 3000
    stay = np.floor(rng.gamma(2.0, 120.0, count)).astype(int)
    watched = rng.integers(200, 900, count)
    leaves = np.where(rng.random(count) < 0.3, 2, 1)
    as_of = date(2026, 10, 1)
    cause = np.where(stay < watched, leaves, 0)
    seen = np.minimum(stay, watched)
    rows, names = [], {1: "stabilising", 2: "left_other"}
    for k in range(count):
        begin = as_of - pd.Timedelta(days=int(watched[k]))
        end = begin + pd.Timedelta(days=int(stay[k])) if cause[k] else None
        rows.append(
            ("intake", begin.isoformat(), end.isoformat() if end else "", names.get(cause[k], ""))
        )
    table = spells_of(*rows, clients=[f"c{k}" for k in range(count)])
    known = follow(read_spells(table), as_of=day_number(as_of))
    counted = exposures(known, register_start=day_number(date(2020, 1, 1)))[0]
    at = np.array([60.0, 180.0, 365.0, 600.0])
    curves = incidence(counted, 1, 0, at)
    for number, name in names.items():
        byhand = [_aalen_johansen(seen, cause, day)[number] for day in at]
        assert curves[name] == pytest.approx(byhand, abs=0.015)


def test_looking_at_finished_stays_only_would_be_biased_short():
    """The negative control of the test above: leave out who is still there, and it fails."""
    rng = np.random.default_rng(4)
    stay, watched = rng.gamma(2.0, 120.0, 3000), rng.integers(50, 400, 3000)
    done = stay < watched
    everybody = _aalen_johansen(np.minimum(stay, watched), done.astype(int), 180.0)[1]
    finished = (stay[done] < 180).mean()
    assert finished - everybody > 0.1


@pytest.mark.parametrize("scatter", [0.4, 1.0, 2.3])
def test_drawn_counts_have_the_mean_and_the_scatter_asked_for(scatter):
    rng = np.random.default_rng(8)
    drawn = draw_counts(np.full(40_000, 12.3), np.full(40_000, scatter), rng)
    assert drawn.mean() == pytest.approx(12.3, rel=0.02)
    assert drawn.var() == pytest.approx(12.3 * scatter, rel=0.07)


def test_a_level_that_changed_is_followed_and_a_steady_one_is_kept():
    rng = np.random.default_rng(9)
    steady = rng.poisson(20, (1, 40)).astype(float)
    changed = np.concatenate([rng.poisson(40, (1, 28)), rng.poisson(15, (1, 12))], axis=1)
    watched = np.ones((1, 40))
    before = {"expected": np.array([20.0]), "weight": 1.0}
    kept = fit_levels(steady, watched, **before)
    followed = fit_levels(changed.astype(float), watched, **before)
    assert kept.mean()[0] == pytest.approx(20, abs=2.5)
    assert followed.mean()[0] == pytest.approx(15, abs=3)
    assert (followed.weights @ followed.memory) < (kept.weights @ kept.memory)
