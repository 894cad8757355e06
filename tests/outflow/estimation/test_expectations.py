"""Expected days of readiness: believed as far as they came true before, and no further."""

import random
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest

from outflow.estimation.contract import BECOMES_READY, PREPARING
from outflow.estimation.expectations import GOES_AWAY, Expected, fit_expectations
from outflow.estimation.exposure import exposures
from outflow.estimation.histories import Histories, follow
from outflow.estimation.model import fit
from outflow.estimation.quarters import day_number, first_days, quarter_of
from outflow.estimation.scores import crps_of_draws
from outflow.estimation.simulation import Horizon, simulate
from outflow.estimation.tables import OPEN, read_spells
from tests.outflow.estimation.truths import Truth, World
from tests.scale import n

AS_OF = date(2026, 10, 1)
TODAY = day_number(AS_OF)
TRUTH = Truth(years=6)


@cache
def _world(seed: int = 3) -> World:
    return World(TRUTH, seed)


@cache
def _histories(seed: int = 3) -> Histories:
    return follow(read_spells(_world(seed).spells()), as_of=TODAY)


def _dates(kind: str, *, seed: int = 3, every: int = 2) -> pd.DataFrame:
    """Return dates recorded in intake or later: near what comes, 60 days early, or made up."""
    luck, rows = random.Random(seed), []
    zero = date(1970, 1, 1).toordinal()
    for person in _world(seed).people[::every]:
        ready = next((begin for phase, begin, *_ in person.spells if phase == "ready"), None)
        told_on = person.spells[0][1] - zero + luck.randrange(30, 200)
        comes = told_on + luck.randrange(250, 700) if ready is None else ready - zero
        day = {
            "near": comes + round(luck.gauss(0, 15)),
            "early": comes - 60 + round(luck.gauss(0, 20)),
            "made up": told_on + luck.choice([90, 180, 365]),
        }[kind]
        rows.append((person.name, told_on, day))
    return pd.DataFrame(rows, columns=["client", "recorded_on", "expected_ready"])


def _learned(told: pd.DataFrame, seed: int = 3, **more: pd.DataFrame) -> Expected:
    h = _histories(seed)
    start = day_number(_world(seed).start)
    return fit_expectations(
        h, exposures(h, register_start=start), register_start=start, told=told, **more
    )


def _rows(found: Expected) -> dict[str, object]:
    return {name.removeprefix("expected_ready:"): value for name, value, _ in found.rows}


@pytest.mark.parametrize("seed", range(3, 3 + n(2, 12)))
def test_dates_that_came_true_are_believed(seed):
    found = _learned(_dates("near", seed=seed), seed)
    assert _rows(found)["weight"] >= 50
    assert _rows(found)["within_a_month"] >= 60
    assert abs(_rows(found)["bias"]) <= 10
    assert found.spread < 30
    assert len(found.client)
    assert found.weight.max() > 0.5


@pytest.mark.parametrize("seed", range(3, 3 + n(2, 12)))
def test_dates_that_were_made_up_are_not_believed(seed):
    found = _learned(_dates("made up", seed=seed), seed)
    assert _rows(found)["weight"] <= 10
    assert not len(found.weight) or found.weight.max() <= 0.3


def test_dates_that_were_always_early_are_moved_and_then_believed():
    found, told = _learned(_dates("early")), _dates("early").set_index("client")["expected_ready"]
    assert _rows(found)["bias"] == pytest.approx(60, abs=12)
    names = [_histories().names[client] for client in found.client.tolist()]
    shift = found.centre - told.loc[names].to_numpy()
    assert np.median(shift) == pytest.approx(60, abs=15)


def test_the_order_of_records_changes_nothing():
    told = _dates("near")
    one, other = _learned(told), _learned(told.sample(frac=1, random_state=2))
    assert one.rows == other.rows
    np.testing.assert_array_equal(one.client, other.client)
    np.testing.assert_array_equal(one.weight, other.weight)


def test_what_was_recorded_on_or_after_the_reference_date_does_not_count():
    told = _dates("near")
    late = pd.DataFrame(
        [(name, TODAY + 3, TODAY + 9) for name in told["client"][:200]], columns=told.columns
    )
    assert _learned(pd.concat([told, late])).rows == _learned(told).rows


def test_without_records_nothing_is_believed():
    none = _dates("near").iloc[:0]
    current = _dates("near")[["client", "expected_ready"]]
    for more in ({}, {"current": current}):
        found = _learned(none, **more)
        assert not len(found.client)
        assert _rows(found)["weight"] == 0


def test_a_date_that_was_taken_back_is_not_used():
    told = _dates("near")
    used = _learned(told)
    name = _histories().names[int(used.client[0])]
    back = pd.DataFrame([(name, TODAY - 1, OPEN)], columns=told.columns)
    assert used.client[0] not in _learned(pd.concat([told, back])).client


def test_a_date_long_gone_by_is_believed_less_than_one_to_come():
    told = _dates("near")
    base = _learned(told)
    name = _histories().names[int(base.client[int(np.argmax(base.weight))])]

    def weight(day: int) -> float:
        current = pd.DataFrame([(name, day)], columns=["client", "expected_ready"])
        found = _learned(told, current=current)
        [place] = np.flatnonzero(found.client == _histories().names.index(name))
        return float(found.weight[place])

    assert weight(TODAY - 400) < 0.1
    assert weight(TODAY + 60) > 0.5


def test_a_list_that_names_some_clients_keeps_the_dates_of_the_others():
    told = _dates("near")
    base = _learned(told)
    name = _histories().names[int(base.client[0])]
    current = pd.DataFrame([(name, TODAY + 60)], columns=["client", "expected_ready"])
    assert _learned(told, current=current).client.tolist() == base.client.tolist()


def test_days_are_drawn_around_the_date_and_never_before_the_reference_date():
    found = Expected(
        client=np.arange(2),
        weight=np.array([1.0, 0.4]),
        leaves=np.array([0.0, 0.1]),
        centre=np.array([TODAY + 100.0, TODAY - 5.0]),
        spread=12.0,
        as_of=TODAY,
        rows=[],
    )
    rng = np.random.default_rng(1)
    place = np.repeat([0, 1], 4000)
    days = found.days(place, luck=rng.random(8000), choice=rng.random(8000))
    assert (days[place == 0] >= TODAY).all()
    assert np.median(days[place == 0]) == pytest.approx(TODAY + 100, abs=2)
    chosen = days[place == 1]
    assert (chosen >= 0).mean() == pytest.approx(0.4, abs=0.03)
    assert chosen[chosen >= 0].min() >= TODAY
    assert (chosen == GOES_AWAY).mean() == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize(("kind", "better"), [("near", True), ("made up", False)])
def test_good_dates_make_the_estimate_better_and_bad_ones_do_no_harm(kind, better):
    scores: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(3, 3 + n(6, 15)):
        h, start = _histories(seed), day_number(_world(seed).start)
        days = first_days(quarter_of(AS_OF), 2)
        came = _world(seed).counts("becomes_ready", days + date(1970, 1, 1).toordinal())[0]
        for used in (True, False):
            told = _dates(kind, seed=seed, every=1) if used else None
            model = fit(h, register_start=start, expectations=told)
            counts = simulate(model, Horizon(days, np.ones(2)), plan=None, draws=80, seed=seed)
            ready = counts[:, :, BECOMES_READY].sum(axis=1)
            scores[used].append(float(crps_of_draws(ready, came).mean()))
    with_dates, without = np.mean(scores[True]), np.mean(scores[False])
    assert with_dates < (0.9 if better else 1.1) * without


def test_who_is_not_on_the_way_has_no_date():
    told = _dates("near", every=1)
    h = _histories()
    present = np.flatnonzero((h.end >= OPEN) & (h.phase <= PREPARING))
    assert set(_learned(told).client.tolist()) <= set(h.client[present].tolist())


def test_one_person_with_many_dates_counts_once():
    told = _dates("made up")
    honest = _rows(_learned(told))["weight"]
    h, zero = _histories(), date(1970, 1, 1).toordinal()
    person = next(
        p
        for p in _world().people
        if p.name in h.names and any(s[0] == "ready" and s[1] - zero < TODAY for s in p.spells)
    )
    ready = next(s[1] for s in person.spells if s[0] == "ready") - zero
    begin = person.spells[0][1] - zero
    many = [(person.name, begin + k, ready) for k in range(min(60, ready - begin - 1))]
    more = pd.concat([told, pd.DataFrame(many, columns=told.columns)])
    assert _rows(_learned(more))["weight"] <= honest + 5
    assert timedelta(days=len(many)) > timedelta(days=10)
