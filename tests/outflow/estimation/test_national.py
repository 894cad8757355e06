"""What regions lend each other: counts that add up, and a region without a past that leans."""

import json
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from outflow.estimation import EstimateError, add_national, estimate, national_counts, published
from outflow.estimation.contract import BECOMES_READY, PHASES, STATES
from outflow.estimation.exposure import exposures
from outflow.estimation.histories import follow
from outflow.estimation.learned import leans_on_nation, learned
from outflow.estimation.model import fit
from outflow.estimation.national import EDGES, TABLES, check_nation, counts_of
from outflow.estimation.quarters import day_number, first_days, quarter_of
from outflow.estimation.simulation import Horizon, simulate
from outflow.estimation.tables import read_spells
from tests.outflow.estimation.tools import measure, spells_of
from tests.outflow.estimation.truths import Truth, World
from tests.scale import n

AS_OF = date(2026, 10, 1)
TRUTH = Truth(arrivals_per_quarter=20, homes_per_quarter=12, years=5, years_before=3)


@cache
def _world(seed: int) -> World:
    return World(TRUTH, seed)


@cache
def _spells(seed: int) -> pd.DataFrame:
    return _world(seed).spells()


@cache
def _counts(seed: int) -> dict:
    return national_counts(_spells(seed), as_of=AS_OF, register_start=_world(seed).start)


def _histories(spells: pd.DataFrame):
    return follow(read_spells(spells), as_of=day_number(AS_OF))


def _ready(spells: pd.DataFrame, nation: dict | None, start: int, draws: int = 60) -> np.ndarray:
    model = fit(_histories(spells), register_start=start, nation=nation)
    horizon = Horizon(first_days(quarter_of(AS_OF), 4), np.ones(4))
    counts = simulate(model, horizon, plan=None, draws=draws, seed=1)
    return counts[:, :, BECOMES_READY].sum(axis=(1, 2))


def test_counts_are_whole_numbers_that_survive_json():
    counts = _counts(1)
    assert json.loads(json.dumps(counts)) == counts
    assert all(
        isinstance(k, str) and isinstance(v, int) for t in TABLES for k, v in counts[t].items()
    )
    check_nation(counts)


def test_counts_are_the_moves_and_days_that_the_register_shows():
    spells, start = _spells(1), day_number(_world(1).start)
    h = _histories(spells)
    counts = _counts(1)
    found = exposures(h, register_start=start, edges=EDGES)
    for phase, exposure in zip(PHASES, found, strict=True):
        for row, kind in enumerate(h.kinds):
            for place in range(len(EDGES)):
                for number, state in enumerate(STATES):
                    key = f"{kind}|{phase}|{place}|{state}"
                    assert counts["moves"].get(key, 0) == exposure.moved[row, place, number]
                if EDGES[place] == 730:
                    continue  # a day on which all leave is counted otherwise
                whole = counts["days"].get(f"{kind}|{phase}|{place}", 0)
                moves = exposure.moved[row, place].sum()
                more = exposure.person_days[row, place] - whole - moves / 2
                # Half a day for everybody whom the queue served, who did not move by themselves.
                assert more == pytest.approx(0) or (phase == "ready" and 0 < more < 0.1 * whole)


@pytest.mark.parametrize("seed", range(n(2, 8)))
def test_the_nation_is_the_sum_of_its_regions_whatever_the_order(seed):
    parts = [_counts(seed + k) for k in range(3)]
    whole = add_national(parts)
    assert whole == add_national(reversed(parts))
    assert whole == add_national([add_national(parts[:2]), parts[2]])
    for k, part in enumerate(parts):
        others = [each for place, each in enumerate(parts) if place != k]
        assert add_national([whole], without=part) == add_national(others)
    assert add_national(parts, without=whole) == add_national([])


def test_the_order_of_rows_and_the_names_of_clients_do_not_matter():
    spells = _spells(1)
    other = spells.sample(frac=1, random_state=3).reset_index(drop=True)
    other = other.assign(client="x" + other["client"])
    assert national_counts(other, as_of=AS_OF, register_start=_world(1).start) == _counts(1)


def test_what_was_never_in_cannot_be_taken_away():
    with pytest.raises(EstimateError):
        add_national([_counts(1)], without=_counts(2))


def test_what_are_no_counts_is_refused():
    for wrong in ({}, {"schema": "other"}, _counts(1) | {"moves": {"BW|intake|0|ready": -1}}):
        with pytest.raises(EstimateError):
            check_nation(wrong)


def test_a_region_without_a_past_gets_about_what_its_neighbours_show():
    nation = add_national([_counts(seed) for seed in (2, 3, 4)])
    for seed in range(10, 10 + n(2, 10)):
        world = World(TRUTH, seed)
        spells = world.spells()
        there = spells[spells["to"] == ""]
        told = _ready(there, nation, day_number(AS_OF))
        days = np.array([AS_OF.toordinal() + 365 * k for k in range(2)])
        came = world.counts("becomes_ready", days)[0, 0]
        assert 0.55 * came <= told.mean() <= 1.6 * came
        assert _ready(there, None, day_number(AS_OF)).sum() == 0


def test_a_long_past_of_its_own_outweighs_the_nation():
    spells, start = _spells(1), day_number(_world(1).start)
    slow = add_national([_counts(seed) for seed in (2, 3)])
    slow = slow | {"days": {key: 3 * days for key, days in slow["days"].items()}}
    alone, leaning = _ready(spells, None, start).mean(), _ready(spells, slow, start).mean()
    young = spells[spells["to"] == ""]
    as_of = day_number(AS_OF)
    without = _ready(young, add_national([_counts(2), _counts(3)]), as_of).mean()
    with_slow = _ready(young, slow, as_of).mean()
    assert leaning > 0.8 * alone
    assert with_slow < 0.6 * without


def test_published_figures_give_a_region_without_a_past_an_estimate_that_says_so():
    spells = _spells(5)
    there = spells[spells["to"] == ""]
    nobody = estimate(there, None, as_of=AS_OF, quarters=4, draws=40, seed=1)
    leaning = estimate(there, None, as_of=AS_OF, quarters=4, draws=40, seed=1, nation=published())
    assert sum(measure(nobody, "becomes_ready", region="Region 1")) == 0
    assert sum(measure(leaning, "becomes_ready", region="Region 1")) > 0
    codes = [warned["code"] for warned in leaning["warnings"]]
    assert {"from_national_priors", "no_history"} <= set(codes)
    assert "from_national_priors" not in [warned["code"] for warned in nobody["warnings"]]
    sources = {row["name"]: row["source"] for row in leaning["assumptions"]}
    assert sources["nation_weight:Region 1"] == "published figures"


@pytest.mark.parametrize(
    ("wrong", "part"),
    [
        ({"schema": "other"}, "schema"),
        ({"regions": "x"}, "regions"),
        ({"regions": True}, "regions"),
        ({"regions": -1}, "regions"),
        ({"regions": 10**400}, "regions"),
        ({"colour": {}}, "colour"),
        ({"days": []}, "days"),
        ({"first": {"BW": 3}}, '"first" cannot have "BW"'),
        ({"first": {"BW|x": 3}}, '"first" cannot have "BW|x"'),
        ({"first": {3: 3}}, '"first" cannot have "3"'),
        ({"arrivals": {"GGZ": 3}}, '"arrivals" cannot have "GGZ"'),
        ({"days": {"BW|intake|15": 3}}, '"days" cannot have'),
        ({"moves": {"BW|intake|0|moon": 3}}, '"moves" cannot have'),
        ({"moves": {"BW|intake|0|ready|": 3}}, '"moves" cannot have'),
        ({"housed": {"BW": 10**400}}, '"BW" of "housed" is not a count'),
        ({"housed": {"BW": float("inf")}}, '"BW" of "housed" is not a count'),
        ({"housed": {"BW": float("nan")}}, '"BW" of "housed" is not a count'),
        ({"housed": {"BW": -1}}, '"BW" of "housed" is not a count'),
        ({"housed": {"BW": True}}, '"BW" of "housed" is not a count'),
        ({"housed": {"BW": "3"}}, '"BW" of "housed" is not a count'),
    ],
)
def test_what_are_not_national_counts_is_refused_in_one_sentence(wrong, part):
    with pytest.raises(EstimateError) as refused:
        check_nation(published() | wrong)
    assert refused.value.code == "nation"
    assert str(refused.value).startswith("nation does not hold national counts: ")
    assert part in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("key", ["schema", "regions", *TABLES])
def test_national_counts_of_which_a_part_is_missing_are_refused(key):
    counts = published()
    del counts[key]
    with pytest.raises(EstimateError, match=key):
        check_nation(counts)


def test_published_figures_say_what_their_sources_say():
    counts = published()
    check_nation(counts)

    def usual(kind: str, phase: str) -> float:
        days = sum(d for key, d in counts["days"].items() if key.startswith(f"{kind}|{phase}|"))
        moves = sum(m for key, m in counts["moves"].items() if key.startswith(f"{kind}|{phase}|"))
        return days / moves

    way = ("intake", "stabilising", "preparing")
    assert sum(usual("BW", phase) for phase in way) == pytest.approx(3 * 365, rel=0.1)
    assert sum(usual("MO", phase) for phase in way) == pytest.approx(8 * 30.4, rel=0.1)
    for kind in ("BW", "MO"):
        assert counts["arrivals"][kind] / counts["care_days"][kind] * 365 == pytest.approx(0.5)


def test_only_a_region_with_a_short_past_is_said_to_lean():
    nation = add_national([_counts(2), _counts(3)])
    long = fit(_histories(_spells(1)), register_start=day_number(_world(1).start), nation=nation)
    assert leans_on_nation(long) == []
    few = spells_of(
        ("intake", "2026-01-01", "2026-03-01", "stabilising"),
        ("stabilising", "2026-03-01", "", ""),
    )
    short = fit(_histories(few), register_start=day_number(date(2026, 1, 1)), nation=nation)
    assert leans_on_nation(short) == ["Elmrand"]
    shares = {name: value for name, value, _ in learned(short)}
    assert shares["nation_weight:Elmrand"] > 90
    assert {name: value for name, value, _ in learned(long)}["nation_weight:Region 1"] < 20


def test_facility_types_that_a_region_does_not_have_are_left_out():
    only = replace(TRUTH, years=5)
    spells = World(only, 1).spells()
    one = spells[spells["facility_type"] == "BW"]
    h = _histories(one)
    model = fit(h, register_start=day_number(_world(1).start), nation=_counts(2))
    assert h.kinds == ["BW"]
    assert len(model.exposures[0].moved) == 2
    assert counts_of(h, day_number(_world(1).start))["arrivals"].keys() == {"BW"}
