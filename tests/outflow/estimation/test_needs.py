"""What people need, how long they wait, and what one more home does."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from outflow.estimation import effects, estimate, run_all
from outflow.estimation.chance import mixed
from outflow.estimation.contract import NEED_COLUMNS
from outflow.estimation.crowd import ALONE
from outflow.estimation.fate import Fate
from outflow.estimation.histories import follow
from outflow.estimation.horizon import Horizon
from outflow.estimation.model import fit
from outflow.estimation.profiles import COUNTED, SINGLE, Need, profiles
from outflow.estimation.quarters import day_number, first_days, quarter_of
from outflow.estimation.simulation import simulate_all
from outflow.estimation.tables import read_needs, read_spells
from outflow.estimation.task import Task
from outflow.estimation.waits import NOT_YET, WaitNotes, middles
from tests.outflow.estimation.tools import measure, spells_of, supply_of
from tests.outflow.estimation.truths import Truth, World
from tests.scale import n

AS_OF = date(2026, 10, 1)
SMALL = Truth(regions=2, arrivals_per_quarter=10, homes_per_quarter=6, years=4, years_before=3)
OPTIONS: dict[str, Any] = {"as_of": AS_OF, "quarters": 4, "draws": 20, "seed": 5}
QUICK: dict[str, Any] = {"backtested": False}


def needs_of(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        [{name: row.get(name, "") for name in NEED_COLUMNS} for row in rows],
        columns=list(NEED_COLUMNS),
        dtype=object,
    )


def _needs(spells: pd.DataFrame, share: float, seed: int = 1) -> pd.DataFrame:
    """Return invented needs of a share of the clients; wheelchair homes always have two rooms."""
    rng = np.random.default_rng(seed)
    clients = sorted(set(spells["client"]))
    rows = []
    for client in clients:
        if rng.random() >= share:
            continue
        wheelchair = rng.random() < 0.2
        rows.append(
            {
                "client": client,
                "form": rng.choice(["studio", "apartment", "apartment;studio"]),
                "rent_class": rng.choice(["640.10", "700", "", "low"]),
                "bedrooms": 2 if wheelchair else 1,
                "accessible": "wheelchair" if wheelchair else "",
                "support": rng.choice(["", "debts", "debts;daytime"]),
                "hours": rng.choice(["", "1.5", "4"]),
            }
        )
    return needs_of(*rows)


@pytest.fixture(scope="module")
def world() -> tuple[pd.DataFrame, pd.DataFrame]:
    spells = World(SMALL, 1).spells()
    return spells, _needs(spells, 0.6)


@pytest.mark.parametrize("attribute", ["form", "rent_class", "bedrooms", "accessible"])
def test_values_of_which_everybody_has_one_add_up_to_the_region(world, attribute):
    result = estimate(world[0], None, needs=world[1], **OPTIONS, **QUICK)
    values = {row["by"][attribute] for row in result["series"] if attribute in row.get("by", {})}
    assert len(values) > 1
    for name in ("becomes_ready", "needs_dwelling", "housed", "backlog"):
        for region in ("Region 1", "Region 2"):
            parts = [
                measure(result, name, region=region, by={attribute: value}) for value in values
            ]
            whole = measure(result, name, region=region)
            assert np.sum(parts, axis=0) == pytest.approx(whole)


def test_values_add_up_in_every_single_draw(world):
    spells, needs = world
    known = follow(read_spells(spells), as_of=day_number(AS_OF))
    model = fit(known, register_start=day_number(date(2023, 1, 1)))
    found = profiles(known, read_needs(needs, sorted(set(spells["client"]))))
    horizon = Horizon(first_days(quarter_of(AS_OF), 4), np.ones(4))
    [outcome] = simulate_all(Task(model, horizon, seed=1, profiles=found, by_need=True), draws=30)
    region = np.repeat([place for place, _ in known.municipalities], len(known.kinds))
    for number in range(2):
        whole = outcome.counts[:, region == number][:, :, list(COUNTED)].sum(axis=1)
        for name in SINGLE:
            values = [place for place, by in enumerate(found.labels) if name in by]
            assert len(values) > 1
            parts = outcome.needs[:, number, values].sum(axis=1)
            np.testing.assert_array_equal(parts, whole)


def test_needs_change_nothing_but_the_rows_by_need(world):
    without = estimate(world[0], None, **OPTIONS, **QUICK)
    told = estimate(world[0], None, needs=world[1], **OPTIONS, **QUICK)
    assert [row for row in told["series"] if set(row.get("by", {})) <= {"waiting"}] == without[
        "series"
    ]
    assert not [row for row in without["series"] if set(row.get("by", {})) - {"waiting"}]


def test_combinations_stay_real_for_people_whose_need_nobody_knows(world):
    """Every wheelchair home needed has two bedrooms, also of people still to come."""
    result = estimate(world[0], None, needs=world[1], **OPTIONS, **QUICK)
    for name in ("becomes_ready", "housed", "backlog"):
        wheelchair = measure(result, name, region="Region 1", by={"accessible": "wheelchair"})
        two = measure(result, name, region="Region 1", by={"bedrooms": "2"})
        assert wheelchair == pytest.approx(two)
        assert sum(wheelchair) > 0


def test_a_known_need_is_kept_in_every_draw():
    people = [f"c{k}" for k in range(9)]
    table = spells_of(*[("ready", "2026-01-01", "", "")] * 9, clients=people)
    needs = needs_of(
        *[
            {"client": name, "form": "studio" if k < 3 else "house", "hours": "2.5"}
            for k, name in enumerate(people)
        ]
    )
    result = estimate(table, supply_of(("2026Q4", 0)), needs=needs, **OPTIONS)
    for of in ("mean", "0.025", "0.975"):
        assert measure(result, "backlog", by={"form": "studio"}, of=of) == [3] * 4
        assert measure(result, "backlog", by={"form": "house"}, of=of) == [6] * 4
    assert measure(result, "backlog", by={"hours": "total"}) == [22.5] * 4


def test_hours_are_the_sum_of_what_people_need(world):
    result = estimate(world[0], None, needs=world[1], **OPTIONS, **QUICK)
    hours = measure(result, "backlog", region="Region 1", by={"hours": "total"})
    people = measure(result, "backlog", region="Region 1")
    assert all(0 < each <= 4 * count for each, count in zip(hours, people, strict=True))


def test_who_needs_two_kinds_of_support_counts_for_both():
    people = [f"c{k}" for k in range(6)]
    table = spells_of(*[("ready", "2026-01-01", "", "")] * 6, clients=people)
    kinds = ["debts", "debts", "debts;daytime", "daytime", "", ""]
    needs = needs_of(
        *[
            {"client": name, "support": kind, "bedrooms": "1"}
            for name, kind in zip(people, kinds, strict=True)
        ]
    )
    result = estimate(table, supply_of(("2026Q4", 0)), needs=needs, **OPTIONS)
    found = {
        kind: measure(result, "backlog", by={"support": kind})[0]
        for kind in ("debts", "daytime", "none")
    }
    assert found == {"debts": 3, "daytime": 2, "none": 2}


def test_a_blank_row_and_a_column_that_nobody_filled_say_nothing():
    table = spells_of(*[("ready", "2026-01-01", "", "")] * 3, clients=["a", "b", "c"])
    known = follow(read_spells(table), as_of=day_number(AS_OF))
    needs = read_needs(
        needs_of({"client": "a", "bedrooms": "1"}, {"client": "b"}, {"client": "c", "hours": 2}),
        list("abc"),
    )
    found = profiles(known, needs)
    assert found.of_client.tolist()[1] == -1
    told = [found.rows[row] for row in found.of_client.tolist() if row >= 0]
    assert [(need.bedrooms, need.half_hours) for need in told] == [("1", 0), ("", 4)]
    assert {(need.accessible, need.support) for need in told} == {("", ("",))}


def test_donors_are_of_the_same_region_and_type_as_far_as_there_are_any():
    table = pd.concat(
        [
            spells_of(("intake", "2026-01-01", "", ""), clients=["a"], region="A", kind="BW"),
            spells_of(("intake", "2026-01-02", "", ""), clients=["b"], region="A", kind="MO"),
            spells_of(("intake", "2026-01-03", "", ""), clients=["c"], region="B", kind="MO"),
            spells_of(("intake", "2026-01-04", "", ""), clients=["d"], region="C", kind="BW"),
        ]
    )
    known = follow(read_spells(table), as_of=day_number(AS_OF))
    needs = read_needs(
        needs_of({"client": "a", "form": "one"}, {"client": "c", "form": "two"}), list("abcd")
    )
    found = profiles(known, needs)
    keys = mixed(np.arange(40, dtype=np.uint64))

    def forms(region: str, kind: str) -> set[str]:
        group = known.regions.index(region) * 2 + known.kinds.index(kind)
        return {found.rows[row].form for row in found.given(keys, np.full(40, group))}

    assert forms("A", "BW") == {"one"}
    assert forms("A", "MO") == {"one"}  # of the region
    assert forms("B", "MO") == {"two"}
    assert forms("C", "BW") == {"one", "two"}  # of the nation


def test_without_any_donor_a_need_is_unknown():
    table = spells_of(("ready", "2026-01-01", "", ""), clients=["a"])
    result = estimate(table, None, needs=needs_of(), **OPTIONS)
    assert measure(result, "backlog", by={"form": ""}) == [1] * 4
    values = {str(row["by"]) for row in result["series"] if "form" in row.get("by", {})}
    assert len(values) == 1


def test_the_order_of_needs_and_spells_changes_nothing(world):
    spells, needs = world
    first = estimate(spells, None, needs=needs, **OPTIONS, **QUICK)
    again = estimate(
        spells.sample(frac=1, random_state=2),
        None,
        needs=needs.sample(frac=1, random_state=3),
        **OPTIONS,
        **QUICK,
    )
    assert first.pop("run")
    assert again.pop("run")
    assert first == again


def test_people_who_come_as_a_household_need_one_home(world):
    """Half of the people known share a home with another; people to come do so as often."""
    spells = world[0]
    here = sorted(set(spells.loc[spells["to"] == "", "client"]))
    needs = needs_of(
        *[
            {
                "client": name,
                "household": f"{name.split('-')[0]} {k // 4 if k % 4 < 2 else f'own {k}'}",
            }
            for k, name in enumerate(here)
        ]
    )
    options = OPTIONS | {"quarters": 16}
    alone = estimate(spells, None, **options, **QUICK)
    shared = estimate(spells, None, needs=needs, **options, **QUICK)
    for region in ("Region 1", "Region 2"):
        for name, low, high in (
            ("arrivals", 0.999, 1.001),
            ("becomes_ready", 0.85, 1.15),
            ("needs_dwelling", 0.6, 0.92),
        ):
            before = sum(measure(alone, name, region=region)[8:])
            assert low < sum(measure(shared, name, region=region)[8:]) / before < high, name
    shares = [
        row["value"]
        for row in shared["assumptions"]
        if row["name"].startswith("share_who_join_a_household:")
    ]
    assert shares == pytest.approx([0.25, 0.25], abs=0.06)


def test_who_joins_somebody_comes_with_them_and_shares_their_luck(world):
    known = follow(read_spells(world[0]), as_of=day_number(AS_OF))
    model = fit(known, register_start=day_number(date(2023, 1, 1)))
    horizon = Horizon(first_days(quarter_of(AS_OF), 8), np.ones(8))
    task = Task(model, horizon, seed=1, joins=np.array([0.0, 0.4]))
    coming = Fate(task, first_draw=0, draws=30, number=0).coming
    crowd = coming.crowd
    joins = np.flatnonzero(crowd.lead != ALONE)
    lead = crowd.lead[joins]
    assert set(crowd.region[joins]) == {1}
    assert 0.2 < len(joins) / (crowd.region == 1).sum() < 0.4
    assert (crowd.lead[lead] == ALONE).all()
    for name in ("draw", "key", "cell", "ends", "then", "profile"):
        np.testing.assert_array_equal(getattr(crowd, name)[joins], getattr(crowd, name)[lead])
    np.testing.assert_array_equal(coming.luck[joins], coming.luck[lead])


# How long people wait ----------------------------------------------------------------------------


def _queue(*since: str) -> pd.DataFrame:
    return spells_of(
        *[("ready", day, "", "") for day in since], clients=[f"c{k}" for k in range(len(since))]
    )


def test_waiting_times_are_those_of_a_queue_by_hand():
    """One home a quarter, in the middle of it, for who has been ready longest."""
    table = _queue("2026-05-01", "2026-09-20", "2026-09-25")
    plan = supply_of(*[(f"{q}", 1) for q in ("2026Q4", "2027Q1", "2027Q2", "2027Q3")])
    result = estimate(table, plan, **OPTIONS)
    given = [date(2026, 11, 16), date(2027, 2, 15), date(2027, 5, 16)]
    days = [
        (day - since).days
        for day, since in zip(
            given, [date(2026, 5, 1), date(2026, 9, 20), date(2026, 9, 25)], strict=True
        )
    ]
    assert measure(result, "waiting", by={"waiting": "median_days"}) == days
    assert measure(result, "waiting", by={"waiting": "within_3_months"}) == [0, 0, 0]
    assert measure(result, "waiting", by={"waiting": "expected_days"}) == []
    assert [row["quarter"] for row in result["series"] if row["measure"] == "waiting"][:3] == [
        "2026Q4",
        "2027Q1",
        "2027Q2",
    ]


def test_waiting_times_agree_with_people_counted_one_by_one():
    rng = np.random.default_rng(3)
    for _ in range(n(20, 300)):
        draws, regions, kinds, quarters, people = 2, 2, 2, 3, int(rng.integers(0, 40))
        place = rng.integers(0, draws * regions * kinds, people)
        quarter = rng.integers(0, quarters, people)
        ready_in = rng.integers(-1, quarters, people)
        days = rng.integers(0, 200, people)
        housed = rng.random(people) < 0.6
        notes = WaitNotes(draws=draws, regions=regions, kinds=kinds, quarters=quarters)
        for q in range(quarters):
            which = housed & (quarter == q)
            notes.moved_in(place[which], q, ready_in[which], days[which])
        found = notes.result(place[~housed], ready_in[~housed], days[~housed])
        for draw in range(draws):
            for spot in range(regions * (kinds + 1)):
                region, kind = spot // (kinds + 1), spot % (kinds + 1) - 1
                here = place // (regions * kinds) == draw
                here &= (place // kinds) % regions == region
                here &= (kind < 0) | (place % kinds == kind)
                for q in range(quarters):
                    moved = np.sort(days[here & housed & (quarter == q)])
                    told = found.days[draw, spot, :, q]
                    if len(moved):
                        assert told[0] == pytest.approx(100 * (moved <= 92).mean())
                        assert told[1] == moved[(len(moved) - 1) // 2]
                    else:
                        assert np.isnan(told[:2]).all()
                    became = here & (ready_in == q)
                    until = np.sort(np.where(housed, days, days + NOT_YET)[became])
                    if not len(until):
                        assert np.isnan(told[2])
                        continue
                    middle = until[(len(until) - 1) // 2]
                    assert told[2] == middle % NOT_YET
                    assert found.at_least[draw, spot, q] == (middle >= NOT_YET)


def test_the_middle_of_nothing_is_unknown():
    assert np.isnan(middles(np.zeros(0, np.int64), np.zeros(0, np.int64), 2)).all()


def test_with_more_homes_people_wait_less_and_with_none_at_least_the_horizon(world):
    spells = world[0]
    expected = []
    for homes in (0, 4, 30):
        plan = pd.concat(
            [
                supply_of(*[(f"{2026 + k // 4}Q{1 + k % 4}", homes) for k in range(3, 7)], region=r)
                for r in ("Region 1", "Region 2")
            ]
        )
        result = estimate(spells, plan, **OPTIONS, **QUICK)
        rows = [
            row
            for row in result["series"]
            if row.get("by") == {"waiting": "expected_days"}
            and row["region"] == "Region 1"
            and row["facility_type"] is None
        ]
        expected.append(rows[0]["mean"])
        if homes != 4:
            assert rows[0].get("at_least", False) == (homes == 0)
        for row in result["series"]:
            if row["measure"] == "waiting" and row["by"]["waiting"] == "within_3_months":
                assert 0 <= row["quantiles"]["0.025"] <= row["quantiles"]["0.975"] <= 100
    assert expected == sorted(expected, reverse=True)
    assert expected[-1] < expected[0]


# The queue ---------------------------------------------------------------------------------------


def test_the_queue_may_be_by_time_in_care():
    long_here = [("intake", "2020-01-01", "2026-09-01", "ready"), ("ready", "2026-09-01", "", "")]
    long_ready = [("intake", "2025-01-01", "2026-01-01", "ready"), ("ready", "2026-01-01", "", "")]
    table = pd.concat(
        [
            spells_of(*long_here, clients=["a", "a"], town="Elmstede"),
            spells_of(*long_ready, clients=["b", "b"], town="Vaarwijk"),
        ]
    )
    plan = supply_of(("2026Q4", 1), ("2027Q1", 0), ("2027Q2", 0), ("2027Q3", 0))
    options = OPTIONS | {"register_start": AS_OF}
    ready = estimate(table, plan, **options)
    care = estimate(table, plan, queue="longest_in_care", **options)
    assert measure(ready, "housed", town="Vaarwijk") == [1, 0, 0, 0]
    assert measure(care, "housed", town="Elmstede") == [1, 0, 0, 0]


# One more dwelling -------------------------------------------------------------------------------


def test_one_more_home_a_quarter_houses_one_more_person_a_quarter_while_many_wait():
    people = [f"c{k}" for k in range(40)]
    table = spells_of(*[("ready", "2026-01-01", "", "")] * 40, clients=people)
    needs = needs_of(
        *[
            {
                "client": name,
                "form": "studio" if k < 2 else "house",
                "accessible": "wheelchair" if k == 5 else "",
            }
            for k, name in enumerate(people)
        ]
    )
    plan = supply_of(("2026Q4", 0))
    told = effects(table, plan, needs=needs, **OPTIONS)
    housed = {
        str(each["kind"]): [row["mean"] for row in each["measures"] if row["measure"] == "housed"]
        for each in told
    }
    assert housed == {
        "{}": [1, 1, 1, 1],
        "{'form': 'house'}": [1, 1, 1, 1],
        "{'form': 'studio'}": [1, 1, 0, 0],  # two people need one, then nobody
        "{'accessible': 'wheelchair'}": [1, 0, 0, 0],
    }
    assert all(each["extra_per_quarter"] == 1 and each["region"] == "Elmrand" for each in told)
    backlog = [row["mean"] for row in told[0]["measures"] if row["measure"] == "backlog"]
    assert backlog == [-1, -2, -3, -4]


def test_where_nobody_waits_one_more_home_does_nothing():
    table = spells_of(("housed", "2026-01-01", "", ""))
    [any_kind] = effects(table, supply_of(("2026Q4", 3)), **OPTIONS)
    assert all(row["mean"] == 0 for row in any_kind["measures"] if row["measure"] != "waiting")


def test_effects_and_scenarios_leave_the_estimate_as_it_was(world):
    alone = estimate(world[0], None, needs=world[1], **OPTIONS, **QUICK)
    found = run_all(world[0], None, needs=world[1], with_effects=True, **OPTIONS, **QUICK)
    assert alone.pop("run")
    assert found["base"].pop("run")
    assert alone == found["base"]
    kinds = [each["kind"] for each in found["effects"]]
    assert {} in kinds
    assert {"form": "studio"} in kinds
    assert {"accessible": "wheelchair"} in kinds
    assert len(kinds) == 2 * 4
    for each in found["effects"]:
        backlog = [row["mean"] for row in each["measures"] if row["measure"] == "backlog"]
        assert max(backlog) <= 0.5
        assert min(backlog) < 0


def test_a_need_says_which_forms_suit():
    assert Need(form="apartment;studio").forms == {"apartment", "studio"}
    assert Need().forms == frozenset()
