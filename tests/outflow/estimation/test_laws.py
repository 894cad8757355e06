"""What must hold for every estimate, whatever the numbers."""

from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from outflow.estimation import engine as engine_module
from outflow.estimation import estimate
from outflow.estimation.contract import IN_CARE, MEASURES, QUANTILES
from outflow.estimation.histories import follow
from outflow.estimation.model import fit
from outflow.estimation.past import stock_now
from outflow.estimation.quarters import day_number, first_days, quarter_of
from outflow.estimation.scores import (
    coverage,
    covered,
    crps_of_draws,
    crps_of_poisson,
    place_of,
)
from outflow.estimation.simulation import Horizon, simulate
from outflow.estimation.tables import read_spells
from tests.outflow.estimation.tools import measure, spells_of, supply_of
from tests.outflow.estimation.truths import Truth, World
from tests.scale import n

AS_OF = date(2026, 10, 1)
SMALL = Truth(regions=2, arrivals_per_quarter=10, homes_per_quarter=6, years=4, years_before=3)


@cache
def _small_world(seed: int = 1) -> World:
    return World(SMALL, seed)


def _estimate(
    spells: pd.DataFrame, supply: pd.DataFrame | None = None, **more: Any
) -> dict[str, Any]:
    options = {"as_of": AS_OF, "quarters": 5, "draws": 40, "seed": 3} | more
    return estimate(spells, supply, **options)


def _without_run(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key != "run"}


def _counts(spells: pd.DataFrame, *, quarters: int = 5, draws: int = 30, seed: int = 1):
    histories = follow(read_spells(spells), as_of=day_number(AS_OF))
    model = fit(histories, register_start=day_number(_small_world().start))
    horizon = Horizon(first_days(quarter_of(AS_OF), quarters), np.ones(quarters))
    return histories, simulate(model, horizon, plan=None, draws=draws, seed=seed)


@pytest.mark.parametrize("seed", range(n(2, 20)))
def test_people_in_care_change_by_who_comes_and_who_goes_in_every_draw(seed):
    histories, counts = _counts(_small_world(seed).spells(), seed=seed)
    flows = {name: counts[:, :, number] for number, name in enumerate(MEASURES)}
    kinds = len(histories.kinds)
    before = stock_now(
        histories, IN_CARE, histories.municipality * kinds + histories.kind, counts.shape[1]
    )
    stocks = np.concatenate(
        [
            np.broadcast_to(before[None, :, None], (len(counts), counts.shape[1], 1)),
            flows["in_care"],
        ],
        axis=2,
    )
    change = flows["arrivals"] + flows["returns"] - flows["housed"] - flows["exits"]
    assert flows["housed"].sum() > 0
    assert flows["exits"].sum() > 0
    assert flows["returns"].sum() > 0
    np.testing.assert_array_equal(np.diff(stocks, axis=2), change)


def test_no_measure_is_negative_and_homes_needed_never_exceed_people_ready():
    _, counts = _counts(_small_world().spells())
    assert counts.min() >= 0
    ready, needs = MEASURES.index("becomes_ready"), MEASURES.index("needs_dwelling")
    assert (counts[:, :, needs] <= counts[:, :, ready]).all()
    assert counts[:, :, needs].sum() < counts[:, :, ready].sum()


def test_municipalities_and_facility_types_add_up_to_their_region():
    result = _estimate(_small_world().spells())
    rows = pd.DataFrame(
        [
            {key: row[key] for key in row if key != "quantiles"}
            for row in result["series"]
            if "by" not in row
        ]
    )
    rows = rows.astype({"municipality": object, "facility_type": object})
    whole = rows[rows["municipality"].isna() & rows["facility_type"].isna()]
    whole = whole.set_index(["region", "measure", "quarter"])["mean"]
    for part in (
        rows[rows["municipality"].notna() & rows["facility_type"].isna()],
        rows[rows["municipality"].isna() & rows["facility_type"].notna()],
        rows[rows["municipality"].notna() & rows["facility_type"].notna()],
    ):
        added = part.groupby(["region", "measure", "quarter"])["mean"].sum()
        pd.testing.assert_series_equal(added.sort_index(), whole.sort_index())


def test_quantiles_are_whole_and_never_fall():
    for row in _estimate(_small_world().spells())["series"]:
        values = [row["quantiles"][str(share)] for share in QUANTILES]
        assert values == sorted(values)
        assert all(isinstance(value, int) for value in values)


def test_the_order_of_rows_changes_nothing():
    spells = _small_world().spells()
    other = spells.sample(frac=1, random_state=5).reset_index(drop=True)
    assert _without_run(_estimate(spells)) == _without_run(_estimate(other))


def test_new_names_for_clients_change_nothing():
    spells = _small_world().spells()
    names = {name: f"x{number % 97}-{number}" for number, name in enumerate(set(spells["client"]))}
    other = spells.assign(client=spells["client"].map(names))
    assert _without_run(_estimate(spells)) == _without_run(_estimate(other))


def test_one_seed_gives_one_answer_and_another_seed_another():
    spells = _small_world().spells()
    first, again = _estimate(spells), _estimate(spells)
    assert _without_run(first) == _without_run(again)
    assert first["series"] != _estimate(spells, seed=4)["series"]


def test_what_happens_on_or_after_the_reference_date_does_not_count():
    spells = _small_world().spells()
    early = date(2025, 10, 1)
    cut = spells[spells["from"] < early.isoformat()]
    late = cut["to"] >= early.isoformat()
    cut = cut.assign(to=cut["to"].where(~late, ""), next=cut["next"].where(~late, ""))
    options = {"as_of": early, "register_start": _small_world().start}
    told, cut_told = _estimate(spells, **options), _estimate(cut, **options)
    assert told["series"] == cut_told["series"]
    assert [warned["code"] for warned in told["warnings"]] == ["after_as_of"]


def test_without_homes_only_open_offers_become_homes():
    spells = _small_world().spells()
    for nothing in (
        pd.DataFrame(columns=["region", "municipality", "quarter", "dwellings"], dtype=object),
        pd.concat([supply_of(("2026Q1", 0), region=f"Region {k}") for k in (1, 2)]),
    ):
        result = _estimate(spells, nothing)
        for region in ("Region 1", "Region 2"):
            offers = spells[(spells["phase"] == "offered") & (spells["to"] == "")]
            most = (offers["region"] == region).sum()
            assert 0 < sum(measure(result, "housed", region=region)) <= most
            assert measure(result, "backlog", region=region)[-1] > 0


def test_where_nobody_ever_left_everybody_stays_and_nobody_comes():
    table = spells_of(
        ("intake", "2020-01-01", "", ""),
        ("preparing", "2021-01-01", "", ""),
        clients=["a", "b"],
    )
    result = _estimate(table, supply_of(("2026Q4", 5)))
    assert measure(result, "in_care") == [2] * 5
    for name in set(MEASURES) - {"in_care"}:
        assert measure(result, name) == [0] * 5
    assert "no_history" in [warned["code"] for warned in result["warnings"]]


def test_a_step_nobody_ever_took_is_never_taken():
    table = pd.concat(
        [
            spells_of(
                ("intake", f"2022-{1 + k % 12:02d}-01", f"2023-{1 + k % 12:02d}-11", "stabilising"),
                (("stabilising"), f"2023-{1 + k % 12:02d}-11", "", ""),
                clients=[f"c{k}", f"c{k}"],
            )
            for k in range(40)
        ]
    )
    result = _estimate(table, register_start=date(2022, 1, 1))
    for name in ("becomes_ready", "housed", "exits", "returns", "backlog"):
        assert measure(result, name) == [0] * 5


def test_more_homes_house_more_people_and_leave_fewer_waiting():
    spells = _small_world().spells()
    housed, waiting = [], []
    for homes in (0, 2, 6, 15):
        plan = pd.concat([supply_of(("2026Q4", homes), region=f"Region {k}") for k in (1, 2)])
        result = _estimate(spells, plan)
        housed.append(sum(measure(result, "housed", region="Region 1")))
        waiting.append(measure(result, "backlog", region="Region 1")[-1])
    assert housed == sorted(housed)
    assert waiting == sorted(waiting, reverse=True)
    assert housed[0] < housed[-1]


def test_a_municipality_serves_its_own_first_and_the_region_next():
    own = spells_of(("ready", "2026-09-01", "", ""), clients=["own"], town="Vaarwijk")
    longer = spells_of(("ready", "2025-09-01", "", ""), clients=["longer"], town="Elmstede")
    plan = supply_of(("2026Q4", 1), ("2027Q1", 1), town="Vaarwijk")
    result = _estimate(pd.concat([own, longer]), plan, quarters=2)
    assert measure(result, "housed", town="Vaarwijk") == [1, 0]
    assert measure(result, "housed", town="Elmstede") == [0, 1]


def test_a_home_that_finds_nobody_is_lost_after_sixty_days():
    table = spells_of(
        ("offered", "2026-06-01", "", ""),
        ("offered", "2026-01-01", "2026-01-31", "ready"),
        ("ready", "2026-01-31", "", ""),
        clients=["a", "b", "b"],
    )
    # Elsewhere no one is ready: the homes of this region are not theirs.
    plan = supply_of(("2026Q4", 3), region="Nowhere")
    result = _estimate(table, plan)
    assert measure(result, "housed") == [0] * 5
    assert measure(result, "in_care", region="Nowhere") == [0] * 5
    codes = {warned["code"]: warned for warned in result["warnings"]}
    assert codes["region_only_in_supply"]["rows"] == [2]


def test_the_last_year_of_a_plan_is_repeated():
    people = [f"c{k}" for k in range(60)]
    table = spells_of(*[("ready", "2026-01-01", "", "")] * 60, clients=people)
    plan = supply_of(("2026Q1", 9), ("2026Q4", 1), ("2027Q1", 2), ("2027Q2", 3), ("2027Q3", 4))
    result = _estimate(table, plan, quarters=10)
    assert measure(result, "housed") == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2]


def test_what_is_left_of_a_quarter_has_what_is_left_of_its_homes():
    people = [f"c{k}" for k in range(60)]
    table = spells_of(*[("ready", "2026-01-01", "", "")] * 60, clients=people)
    plan = supply_of(("2026Q4", 10))
    result = _estimate(table, plan, quarters=1, as_of=date(2026, 11, 16))
    assert measure(result, "housed") == [5]
    assert result["series"][0]["quarter"] == "2026Q4"


def test_a_household_needs_one_home():
    table = pd.concat(
        [
            spells_of(
                ("preparing", "2026-05-01", "2026-07-01", "ready"),
                ("ready", "2026-07-01", "", ""),
                clients=[f"old{k}"] * 2,
            )
            for k in range(30)
        ]
        + [spells_of(("preparing", "2026-08-20", "", ""), clients=[f"new{k}"]) for k in range(20)]
    )
    needs = pd.DataFrame(
        {"client": [f"new{k}" for k in range(20)], "household": [f"h{k // 2}" for k in range(20)]}
    )
    alone = _estimate(table, register_start=date(2026, 5, 1))
    together = _estimate(table, register_start=date(2026, 5, 1), needs=needs)
    usual = sum(measure(alone, "becomes_ready"))
    assert sum(measure(together, "becomes_ready")) == pytest.approx(usual, rel=0.05)
    ready = sum(measure(together, "needs_dwelling"))
    assert ready < sum(measure(alone, "needs_dwelling"))


def test_one_draw_is_enough():
    result = _estimate(_small_world().spells(), draws=1)
    for row in result["series"]:
        assert set(row["quantiles"].values()) == {int(row["mean"])}


@pytest.mark.parametrize(
    "table",
    [
        spells_of(),
        spells_of(("intake", "2026-01-01", "", "")),
        spells_of(("intake", "2026-01-01", "2026-02-01", "left_other")),
        spells_of(("housed", "2025-01-01", "", "")),
        spells_of(
            *[("stabilising", "2025-01-01", "2026-01-01", "deceased")] * 9,
            clients=[f"c{k}" for k in range(9)],
        ),
        spells_of(("offered", "2026-09-30", "", "")),
        spells_of(("intake", "2027-01-01", "", "")),
        spells_of(
            ("ready", "2026-01-01", "2026-01-01", "housed"), ("housed", "2026-01-01", "", "")
        ),
    ],
    ids=["nothing", "one", "one exit", "housed", "only exits", "offer", "later", "same day"],
)
def test_hardly_any_data_still_gives_an_estimate(table):
    for supply in (None, supply_of(("2026Q4", 1))):
        result = _estimate(table, supply)
        assert all(np.isfinite(row["mean"]) for row in result["series"])
        if len(table):
            assert len(measure(result, "in_care")) == 5


def test_one_run_says_how_good_it_was_before():
    result = _estimate(_small_world().spells())
    assert {row["horizon"] for row in result["backtest"]} == {1, 2, 3, 4}
    for row in result["backtest"]:
        assert 0 <= row["coverage_80"] <= row["coverage_95"] <= 1
        assert row["n"] > 0


def test_progress_is_told_in_order():
    seen = []
    _estimate(_small_world().spells(), progress=lambda *step: seen.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in seen)) == [
        "reading",
        "fitting",
        "simulating",
        "checking",
    ]


def test_the_bands_hold_as_often_as_they_say_in_invented_worlds(monkeypatch):
    monkeypatch.setattr(engine_module, "backtest", lambda *_, **__: [])
    worlds = n(12, 150)
    rng = np.random.default_rng(11)
    places: dict[str, list[float]] = {}
    ends = [AS_OF, date(2027, 1, 1), date(2027, 4, 1)]
    for seed in range(worlds):
        world = World(Truth(years=5, years_before=3, years_after=1), seed)
        known = follow(read_spells(world.spells()), as_of=day_number(AS_OF))
        model = fit(known, register_start=day_number(world.start))
        horizon = Horizon(first_days(quarter_of(AS_OF), 2), np.ones(2))
        draws = simulate(model, horizon, plan=None, draws=200, seed=seed).sum(axis=1)
        for name in ("becomes_ready", "housed", "backlog", "in_care"):
            number = MEASURES.index(name)
            for ahead in range(2):
                came = np.array(world.count(name, "Region 1", ends[ahead], ends[ahead + 1]))
                place = place_of(came, draws[:, number, ahead], rng.random())
                places.setdefault(name, []).append(float(place))
    every = np.array([place for found in places.values() for place in found])
    slack = 4 * np.sqrt(0.16 / (worlds * 4))
    assert coverage(every, 0.8) == pytest.approx(0.8, abs=slack)
    assert coverage(every, 0.95) == pytest.approx(0.95, abs=slack)


def test_the_score_of_draws_agrees_with_its_definition():
    rng = np.random.default_rng(2)
    draws, truth = rng.poisson(7, 50), 9
    away = np.abs(draws - truth).mean()
    apart = np.abs(draws[:, None] - draws[None, :]).mean()
    assert crps_of_draws(draws[:, None], np.array([truth]))[0] == pytest.approx(away - apart / 2)


def test_the_score_of_a_poisson_agrees_with_that_of_its_draws():
    draws = np.random.default_rng(1).poisson(12.5, 20_000)
    by_draws = crps_of_draws(draws[:, None], np.array([8]))[0]
    assert crps_of_poisson(12.5, 8) == pytest.approx(by_draws, abs=0.05)


def test_people_who_were_there_before_the_register_are_not_arrivals():
    begin = date(2023, 1, 1)
    table = pd.concat(
        [
            spells_of(
                (
                    "intake",
                    (begin - timedelta(days=30 + k)).isoformat(),
                    "2024-01-01",
                    "left_other",
                ),
                clients=[f"old{k}"],
            )
            for k in range(20)
        ]
    )
    result = _estimate(table, register_start=begin)
    assert measure(result, "arrivals") == [0] * 5


def test_the_share_of_a_truth_inside_a_band_is_what_luck_gives_on_average():
    rng = np.random.default_rng(8)
    draws = rng.poisson(1.3, (60, 40))
    truth = rng.poisson(1.3, 40)
    tried = np.array([np.abs(place_of(truth, draws, rng.random(40)) - 0.5) for _ in range(4000)])
    for width in (0.8, 0.95):
        assert covered(truth, draws, width) == pytest.approx(
            (tried <= width / 2).mean(axis=0), abs=0.03
        )
