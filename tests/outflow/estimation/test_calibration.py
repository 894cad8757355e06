"""Whether bands hold as often as they say, on invented worlds whose future is known.

`make bench ARGS="accuracy"` measures the same at full length and against AutoETS; here each world
is small and the bounds are wide, but a forecaster that is wrong falls through them.
"""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from outflow.estimation.histories import Histories, follow
from outflow.estimation.learned import pace_now
from outflow.estimation.model import fit
from outflow.estimation.quarters import day_number
from outflow.estimation.scores import crps_of_counts, crps_of_draws, crps_of_normal, place_of
from outflow.estimation.tables import OPEN, read_spells
from tests.outflow.estimation.trials import (
    MEASURED,
    SETTINGS,
    USUAL,
    Found,
    Setting,
    known_on,
    origins_of,
    our_forecast,
    seen_before,
    simple_forecasts,
    trial,
)
from tests.outflow.estimation.truths import Truth, World
from tests.scale import n

FEW_ALONE = 6
ORIGINS = n(2, 4)
DRAWS = n(60, 200)
NARROW, WIDE = 0.8, 0.95
NAMES = {setting.name: setting for setting in SETTINGS}


FEW = n(12, 0) / 100
"""What is allowed beyond the goals when there is one world: its regions share its luck."""


@cache
def _found(name: str) -> dict[str, Found]:
    setting = NAMES[name]
    return _tried(setting, our_forecast)


def _tried(setting: Setting, forecaster) -> dict[str, Found]:
    few = FEW_ALONE if setting.truth.regions == 1 else 1
    worlds = n(few, setting.worlds)
    found = None
    for seed in range(1, worlds + 1):
        found = trial(
            setting.truth,
            seed,
            origins=origins_of(setting.truth, ORIGINS),
            draws=DRAWS,
            found=found,
            forecaster=forecaster,
        )
    assert found is not None
    return found


def _holds(found: dict[str, Found]) -> bool:
    return all(
        abs(here.coverage(width) - width) <= goal + FEW
        for here in found.values()
        for width, goal in ((NARROW, 0.04), (WIDE, 0.03))
    )


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS if setting.steady])
def test_bands_hold_as_often_as_they_say_where_the_past_goes_on(name):
    found = _found(name)
    assert found["backlog"].n >= 40
    assert _holds(found), {m: (f.coverage(NARROW), f.coverage(WIDE)) for m, f in found.items()}


@pytest.mark.parametrize("name", list(NAMES))
def test_the_estimate_is_nearer_to_what_came_than_forecasts_without_a_model(name):
    for (measure, here), most in zip(_found(name).items(), NAMES[name].most, strict=True):
        best = min(here.simple_scores().values())
        assert here.score() <= (most + n(18, 2) / 100) * best, (name, measure)


def test_a_forecaster_that_is_too_sure_is_found_out():
    def too_sure(known: Histories, start: int, draws: int, seed: int) -> np.ndarray:
        told = our_forecast(known, start, draws, seed)
        middle = told.mean(axis=0, keepdims=True)
        return np.rint(middle + 0.4 * (told - middle))

    assert not _holds(_tried(NAMES["stationary"], too_sure))


def test_a_forecaster_that_is_never_sure_is_found_out():
    def unsure(known: Histories, start: int, draws: int, seed: int) -> np.ndarray:
        told = our_forecast(known, start, draws, seed)
        middle = told.mean(axis=0, keepdims=True)
        return np.rint(middle + 3 * (told - middle))

    assert not _holds(_tried(NAMES["stationary"], unsure))


def test_a_forecaster_that_forgets_where_people_are_is_no_better_than_an_average():
    def forgetful(known: Histories, start: int, draws: int, seed: int) -> np.ndarray:
        told = our_forecast(known, start, draws, seed)
        return told[:, ::-1]  # the regions of one another

    found = _tried(NAMES["stationary"], forgetful)
    for here in found.values():
        assert here.score() > min(here.simple_scores().values())


def test_a_season_is_seen_where_there_is_one_and_only_there():
    for truth, there in ((replace(USUAL, summer_dip=0.3), True), (USUAL, False)):
        for seed in range(1, n(1, 5) + 1):
            known, start = known_on(World(truth, seed), truth.as_of)
            paces = fit(known, register_start=start).paces.times.values()
            likely = float(np.mean([levels.seasonal() for levels in paces]))
            assert (likely > 0.5) is there
            if there:
                summer = np.mean([levels.mean_season()[2] for levels in paces])
                assert summer == pytest.approx(0.7 / 1.0, abs=0.12)


def test_lists_that_are_kept_late_are_found_out_and_no_others():
    for truth, late in (
        (replace(USUAL, days_late=30.0), True),
        (USUAL, False),
        (replace(USUAL, summer_dip=0.3), False),
        (replace(USUAL, regions=1), False),
    ):
        for seed in range(1, n(2, 8) + 1):
            known, start = known_on(World(truth, seed), truth.as_of)
            behind = fit(known, register_start=start).behind
            assert (behind > 0) is late
            assert not late or 35 <= behind <= 75


def test_providers_are_told_apart_as_far_as_they_differ():
    for spread, least, most in ((0.0, 0.0, 0.08), (0.4, 0.15, 0.6)):
        truth = replace(USUAL, regions=4, providers=4, provider_pace=spread)
        known, start = known_on(World(truth, 3), truth.as_of)
        effects = fit(known, register_start=start).paces.of_provider
        assert least <= float(np.std(np.log(effects))) <= most


def test_municipalities_are_told_apart_as_far_as_they_differ():
    for spread, least, most in ((0.0, 0.0, 0.08), (0.4, 0.15, 0.6)):
        truth = replace(USUAL, regions=4, providers=4, provider_pace=spread)
        known, start = known_on(World(truth, 3), truth.as_of)
        by_place = replace(
            known,
            municipality=known.provider,
            municipalities=known.providers,
            provider=known.region,
            providers=[(number, "all") for number, _ in enumerate(known.regions)],
        )
        paces = fit(by_place, register_start=start).paces
        assert least <= float(np.std(np.log(paces.of_town))) <= most
        assert np.all(paces.of_provider == 1)


def test_target_groups_are_told_apart_as_far_as_they_differ():
    for spread, least, most in ((0.0, 0.0, 0.08), (0.4, 0.12, 0.6)):
        truth = replace(USUAL, regions=1, providers=4, provider_pace=spread)
        known, start = known_on(World(truth, 3), truth.as_of)
        provider_of = dict(zip(known.client.tolist(), known.provider.tolist(), strict=True))
        still_there = set(known.client[known.end >= OPEN].tolist())
        groups = {
            known.names[client]: f"group {provider_of[client]}" for client in sorted(still_there)
        }
        alone = replace(known, provider=known.region, providers=[(0, "all")])
        paces = fit(alone, register_start=start, target_groups=groups).paces
        assert sorted(paces.of_target) == sorted(set(groups.values()))
        assert least <= float(np.std(np.log(list(paces.of_target.values())))) <= most


def test_who_is_in_no_known_target_group_is_not_moved_by_them():
    known, start = known_on(World(USUAL, 3), USUAL.as_of)
    without = fit(known, register_start=start).paces
    of_one = fit(known, register_start=start, target_groups={known.names[0]: "one"}).paces
    assert np.array_equal(without.of_client, of_one.of_client)


def test_people_who_took_long_before_are_expected_to_take_long_again():
    truth = replace(USUAL, regions=4, frailty=0.8)
    known, start = known_on(World(truth, 5), truth.as_of)
    differ = fit(known, register_start=start).paces
    truth = replace(truth, frailty=0.0, slower_kind=1.0, region_pace=0.0)
    known, start = known_on(World(truth, 5), truth.as_of)
    alike = fit(known, register_start=start).paces
    assert differ.unlike > alike.unlike
    assert np.std(differ.of_client) > np.std(alike.of_client)


def test_homes_are_told_also_where_hardly_anybody_waits():
    truth = replace(USUAL, regions=6, drift=0.0, homes_per_quarter=9.5, region_homes=0.0)
    found = {name: Found() for name in MEASURED}
    for seed in range(1, n(3, 20) + 1):
        trial(truth, seed, origins=origins_of(truth, 2), draws=DRAWS, found=found)
    came = np.concatenate(found["housed"].came).mean()
    assert abs(found["housed"].bias()) <= n(9, 5) / 100 * came


def test_simple_forecasts_are_those_of_the_last_year_and_of_eight_quarters():
    seen = np.array([[9, 9, 9, 9, 2, 4, 6, 8, 1, 1, 3, 3]])
    year, two = simple_forecasts(seen).values()
    assert year[0].tolist() == [2.0]
    assert year[1].tolist() == [2.0]
    assert two[0].tolist() == [3.5]
    assert two[1].tolist() == pytest.approx([np.var(seen[0, -8:], ddof=1)])


def test_a_truth_counts_what_its_spells_show():
    truth = Truth(regions=2, arrivals_per_quarter=10, homes_per_quarter=6, years=4, years_before=3)
    world = World(truth, 2)
    known, start = known_on(world, truth.as_of)
    days = np.array([start + 400 + 91 * k for k in range(6)])
    offset = world.start.toordinal() - start
    for name, measure in MEASURED.items():
        shown = seen_before(known, measure, np.append(days[:-1], known.as_of))
        true = world.counts(name, np.append(days[:-1], known.as_of) + offset)
        np.testing.assert_array_equal(shown, true)


def test_scores_agree_with_their_definition():
    rng = np.random.default_rng(1)
    mean, variance, truth = np.array([4.0]), np.array([9.0]), np.array([6])
    shape = 16 / 5
    drawn = rng.poisson(rng.gamma(shape, 4 / shape, 40_000))
    assert crps_of_counts(mean, variance, truth)[0] == pytest.approx(
        crps_of_draws(drawn[:, None], truth)[0], abs=0.03
    )
    rounded = np.maximum(np.rint(rng.normal(4, 3, 40_000)), 0).astype(int)
    assert crps_of_normal(mean, np.array([3.0]), truth)[0] == pytest.approx(
        crps_of_draws(rounded[:, None], truth)[0], abs=0.03
    )
    places = place_of(
        drawn[:2000], np.repeat(drawn[2000:4000, None], 2000, axis=1), rng.random(2000)
    )
    assert np.histogram(places, bins=4, range=(0, 1))[0] == pytest.approx([500] * 4, abs=120)


def test_people_who_stayed_very_long_do_not_make_the_others_look_fast():
    """Of a phase with one rate everybody moves at that rate, however long some are there."""
    rng = np.random.default_rng(2)
    begin = pd.Timestamp("2026-10-01") - pd.to_timedelta(rng.integers(0, 9_000, 400), unit="D")
    stay = pd.to_timedelta(rng.exponential(3_000, 400).astype(int), unit="D")
    over = begin + stay < pd.Timestamp("2026-10-01")
    watched = (begin + stay >= pd.Timestamp("2016-01-01")) | ~over
    table = pd.DataFrame(
        {
            "client": [f"c{number}" for number in range(400)],
            "region": "A",
            "provider": "P",
            "facility_type": "BW",
            "municipality": "M",
            "phase": "stabilising",
            "from": begin.strftime("%Y-%m-%d"),
            "to": np.where(over, (begin + stay).strftime("%Y-%m-%d"), ""),
            "next": np.where(over, "left_other", ""),
        }
    )[watched]
    known = follow(read_spells(table), as_of=day_number(date(2026, 10, 1)))
    model = fit(known, register_start=day_number(date(2016, 1, 1)))
    assert pace_now(model, 0) == pytest.approx(1.0, abs=0.12)
