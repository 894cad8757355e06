"""What lists of people tell about homes: all of them while somebody waits, else a least number."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from outflow.estimation.histories import follow
from outflow.estimation.levels import fit_levels
from outflow.estimation.quarters import DAYS_PER_QUARTER, day_number, first_days, quarter_of
from outflow.estimation.supplied import Idle, homes_of_the_past, idle_now
from outflow.estimation.tables import read_spells
from tests.outflow.estimation.tools import spells_of

START, AS_OF = date(2026, 1, 1), date(2027, 1, 1)
DAYS = first_days(quarter_of(START), 4)


def _told(*people: tuple[str, str, str]):
    """Return what is told by people who were ready, served (or not), and what then came."""
    rows = []
    for number, (ready, served, then) in enumerate(people):
        spells = [("ready", ready, served, "offered" if served else "")]
        if served:
            spells.append(("offered", served, "", ""))
        if then == "housed":
            home = (pd.Timestamp(served) + pd.Timedelta(days=20)).date().isoformat()
            spells[1] = ("offered", served, home, "housed")
            spells.append(("housed", home, "", ""))
        rows.append(spells_of(*spells, clients=[f"c{number}"] * len(spells)))
    return follow(read_spells(pd.concat(rows)), as_of=day_number(AS_OF))


def test_while_somebody_waits_every_home_and_every_day_counts():
    people = [("2025-06-01", f"2026-{month:02d}-15", "housed") for month in range(1, 10)]
    people += [("2025-07-01", "", "")]
    found = homes_of_the_past(_told(*people), 1, DAYS, day_number(START))
    np.testing.assert_array_equal(found.watched, np.ones((1, 4)))
    np.testing.assert_array_equal(found.homes, [[3, 3, 3, 0]])
    assert not found.least.any()


def test_when_nobody_waits_a_stretch_counts_if_somebody_waits_soon_afterwards():
    people = [("2025-12-01", "2026-01-10", "housed"), ("2026-02-20", "2026-03-31", "housed")]
    found = homes_of_the_past(_told(*people), 1, DAYS, day_number(START))
    assert found.watched[0, 0] == pytest.approx(1)
    np.testing.assert_array_equal(found.homes, [[2, 0, 0, 0]])
    np.testing.assert_allclose(found.watched[0, 1:], 0, atol=1e-9)
    np.testing.assert_allclose(found.unsure[0, 1:], 1)


def test_homes_used_while_nobody_waits_for_long_are_the_least_there_were():
    people = [("2026-01-02", "2026-01-12", "housed"), ("2026-10-05", "2026-10-05", "housed")]
    found = homes_of_the_past(_told(*people), 1, DAYS, day_number(START))
    np.testing.assert_array_equal(found.homes, [[1, 0, 0, 0]])
    np.testing.assert_array_equal(found.least, [[0, 0, 0, 1]])
    watched = found.watched[0] + found.unsure[0]
    np.testing.assert_allclose(watched, 1)


def test_an_offer_that_lasts_counts_for_its_chance():
    ended = [("2025-06-01", f"2026-{month:02d}-15", "housed") for month in range(1, 10)]
    found = homes_of_the_past(
        _told(*ended, ("2025-06-02", "2026-12-20", "")), 1, DAYS, day_number(START)
    )
    assert 0.8 < found.homes[0, 3] + found.least[0, 3] <= 1


def test_homes_stand_free_only_where_nobody_waits():
    waiting = idle_now(_told(("2026-01-01", "", "")), 1, day_number(START))
    assert waiting.days.tolist() == [0]
    served = [("2026-11-01", "2026-12-12", "housed"), ("2026-12-20", "2026-12-20", "housed")]
    idle = idle_now(_told(*served), 1, day_number(START))
    assert 15 <= idle.days[0] <= 21
    assert idle.used.tolist() == [1]


def test_as_many_homes_stand_free_as_came_less_those_used():
    idle = Idle(np.array([60, 0]), np.array([2.0, 0.0]), 1000)
    rng = np.random.default_rng(1)
    draw, region, day = idle.drawn(
        np.full((20_000, 2), 6 * DAYS_PER_QUARTER / 60), np.ones(20_000), rng
    )
    assert set(region.tolist()) == {0}
    assert day.min() >= 1000 - 60
    assert day.max() == 999
    came = np.random.default_rng(2).poisson(6, 200_000)
    assert len(draw) / 20_000 == pytest.approx((came[came >= 2] - 2).mean(), rel=0.03)


def test_a_guess_tells_the_level_but_a_quarter_without_one_tells_nothing():
    nothing = np.zeros((1, 8))
    options = {"expected": np.array([1.0]), "weight": 1.0}
    without = fit_levels(nothing, nothing, **options, guessed=(nothing, np.ones((1, 8))))
    assert without.mean()[0] == pytest.approx(1.0, rel=0.05)
    guessed = fit_levels(nothing, nothing, **options, guessed=(nothing + 9, np.ones((1, 8))))
    assert guessed.mean()[0] == pytest.approx(9, rel=0.2)


@pytest.mark.parametrize("growth", [0.0, 0.02, -0.02])
def test_a_level_that_grows_is_seen_to_grow(growth):
    counts = np.round(40 * (1 + growth) ** np.arange(36))[None]
    found = fit_levels(counts, np.ones((1, 36)), expected=np.array([40.0]), weight=1.0)
    likely = float(found.weights @ found.growth)
    assert likely == pytest.approx(growth, abs=0.008)
    ahead, _ = found.paths(4000, 4, np.random.default_rng(1))
    assert ahead.mean(axis=0)[0] == pytest.approx(40 * (1 + growth) ** np.arange(36, 40), rel=0.06)
