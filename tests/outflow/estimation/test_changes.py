"""Each thing that a scenario can change, and what that must do."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from outflow.estimation import compare
from outflow.estimation.contract import INTAKE, MEASURES, PREPARING, STABILISING
from outflow.estimation.past import stock_now
from outflow.estimation.quarters import label
from tests.outflow.estimation.tools import measure, spells_of, supply_of
from tests.outflow.estimation.whatif import (
    FIRST,
    OPTIONS,
    QUARTERS,
    counts_of,
    in_care_now,
    model_of,
    register,
    total,
    what_if,
)


def test_what_a_change_does_not_name_keeps_its_arrivals():
    base, other = counts_of(
        what_if({"what": "inflow", "how": "times", "value": 3, "facility_type": "BW"})
    )
    arrivals, kinds = MEASURES.index("arrivals"), model_of().histories.kinds
    bw, mo = kinds.index("BW"), kinds.index("MO")
    np.testing.assert_array_equal(
        base[:, mo :: len(kinds), arrivals], other[:, mo :: len(kinds), arrivals]
    )
    more = other[:, bw :: len(kinds), arrivals]
    assert (more >= base[:, bw :: len(kinds), arrivals]).all()
    assert more.sum() == pytest.approx(3 * base[:, bw :: len(kinds), arrivals].sum(), rel=0.1)


def test_arrivals_of_more_hold_those_of_less():
    times = (0, 0.5, 1, 1.4, 2, 2.7)
    _, *found = counts_of(
        *[
            what_if({"what": "inflow", "how": "times", "value": value}, name=str(value))
            for value in times
        ]
    )
    arrivals = [total(counts, "arrivals") for counts in found]
    assert arrivals[0].sum() == 0
    for less, more in zip(arrivals, arrivals[1:], strict=False):
        assert (less <= more).all()
    for value, counts in zip(times, arrivals, strict=True):
        assert counts.mean() == pytest.approx(value * arrivals[2].mean(), rel=0.12)


@pytest.mark.parametrize("value", [0, 7, 60])
def test_a_number_of_arrivals_that_is_set_comes_in_every_region_and_draw(value):
    _, counts = counts_of(what_if({"what": "inflow", "how": "set", "value": value}))
    h = model_of().histories
    region = np.repeat([place for place, _ in h.municipalities], len(h.kinds))
    for number in range(len(h.regions)):
        came = counts[:, region == number, MEASURES.index("arrivals")].sum(axis=1)
        assert (came == value).all()


def test_a_number_set_for_one_municipality_leaves_the_others_as_they_were():
    base, counts = counts_of(
        what_if({"what": "inflow", "how": "set", "value": 9, "municipality": "Elmstede"})
    )
    h = model_of().histories
    named = np.repeat([name == "Elmstede" for _, name in h.municipalities], len(h.kinds))
    arrivals = MEASURES.index("arrivals")
    np.testing.assert_array_equal(base[:, ~named, arrivals], counts[:, ~named, arrivals])
    assert (counts[:, named, arrivals].sum(axis=1) == 9 * len(h.regions)).all()


def test_fewer_people_are_never_more_in_care_or_waiting_on_average():
    _, none, half, more = counts_of(
        *[
            what_if({"what": "inflow", "how": "times", "value": value}, name=str(value))
            for value in (0, 0.5, 1.5)
        ]
    )
    for name in ("in_care", "becomes_ready", "backlog"):
        totals = [total(counts, name).sum() for counts in (none, half, more)]
        assert totals == sorted(totals)
        assert totals[0] < totals[-1]


def test_people_move_on_sooner_when_readiness_is_faster_and_later_when_slower():
    speeds = (0.5, 1, 1.5, 3)
    _, *found = counts_of(
        *[
            what_if(
                {"what": "readiness", "how": "times", "value": value},
                {"what": "inflow", "how": "times", "value": 0},
                {"what": "relapse", "how": "times", "value": 0},
                name=str(value),
            )
            for value in speeds
        ]
    )
    ready = [np.cumsum(total(counts, "becomes_ready"), axis=1) for counts in found]
    for slower, faster in zip(ready, ready[1:], strict=False):
        assert (slower.mean(axis=0) <= faster.mean(axis=0)).all()
    assert ready[0].sum() < ready[-1].sum()


def test_a_pace_that_changes_halfway_lies_between_never_and_always():
    first = {"what": "readiness", "how": "times", "value": 2.0}
    _, always, later, for_a_while = counts_of(
        what_if(first, name="always"),
        what_if(first | {"from": "2027Q2"}, name="later"),
        what_if(first | {"until": "2027Q1"}, name="for a while"),
    )
    base = counts_of()[0]
    came = {
        name: total(counts, "becomes_ready").sum()
        for name, counts in (
            ("never", base),
            ("later", later),
            ("always", always),
            ("while", for_a_while),
        )
    }
    assert came["never"] < came["later"] < came["always"]
    assert came["never"] < came["while"] < came["always"]


def test_a_pace_taken_up_quarter_by_quarter_is_the_pace_taken_up_at_once():
    """Ten changes of a quarter each, all to twice the pace, are one change of ten quarters."""
    whole = what_if({"what": "readiness", "how": "times", "value": 2.0}, name="whole")
    pieces = what_if(
        *[
            {
                "what": "readiness",
                "how": "times",
                "value": 2.0,
                "from": label(FIRST + q),
                "until": label(FIRST + q),
            }
            for q in range(QUARTERS)
        ],
        name="pieces",
    )
    _, one, many = counts_of(whole, pieces)
    np.testing.assert_array_equal(one, many)


def test_relapses_come_as_often_as_asked():
    times = (0, 0.5, 2, 4)
    base, *found = counts_of(
        *[
            what_if({"what": "relapse", "how": "times", "value": value}, name=str(value))
            for value in times
        ]
    )
    usual = total(base, "returns")
    assert total(found[0], "returns").sum() == 0
    for value, counts in zip(times[1:], found[1:], strict=True):
        first_quarter = total(counts, "returns")[:, 0].sum()
        assert first_quarter == pytest.approx(value * usual[:, 0].sum(), rel=0.35)
    totals = [total(counts, "returns").sum() for counts in (found[0], found[1], base, *found[2:])]
    assert totals == sorted(totals)


@pytest.mark.parametrize("most", [0, 30, 70])
def test_places_are_never_exceeded_beyond_who_was_there(most):
    _, counts = counts_of(what_if({"what": "places", "how": "set", "value": most}))
    h = model_of().histories
    region = np.repeat([place for place, _ in h.municipalities], len(h.kinds))
    now = in_care_now(model_of())
    for number in range(len(h.regions)):
        inside = counts[:, region == number, MEASURES.index("in_care")].sum(axis=1)
        assert (inside <= max(most, now[region == number].sum())).all()
        before = np.maximum.accumulate(inside, axis=1)
        assert ((inside <= most) | (inside[:, :] <= before)).all()
    if most == 0:
        assert total(counts, "arrivals").sum() == 0
        assert total(counts, "returns").sum() == 0


def test_who_finds_no_place_comes_when_one_is_free():
    """A cap for one quarter only holds people back; later they come after all."""
    base, counts = counts_of(
        what_if({"what": "places", "how": "set", "value": 1, "until": "2026Q4"})
    )
    came, would = total(counts, "arrivals"), total(base, "arrivals")
    assert came[:, 0].sum() == 0
    np.testing.assert_array_equal(came.sum(axis=1), would.sum(axis=1))
    assert (came[:, 1] >= would[:, 1]).all()


def test_more_places_let_more_people_in():
    _, *found = counts_of(
        *[
            what_if({"what": "places", "how": "set", "value": most}, name=str(most))
            for most in (20, 60, 75, 90)
        ]
    )
    came = [total(counts, "arrivals").sum() for counts in found]
    assert came == sorted(came)
    assert came[0] < came[-1]


@pytest.mark.parametrize("planned", [None, 6])
def test_more_homes_house_more_people_and_never_lengthen_the_queue(planned):
    supply = planned and pd.concat(
        [supply_of(("2026Q4", planned), region=f"Region {k}") for k in (1, 2)]
    )
    times = (0, 0.5, 1, 1.3, 2)
    no_relapse = {"what": "relapse", "how": "times", "value": 0}
    _, *found = counts_of(
        *[
            what_if(
                {"what": "contingent", "how": "times", "value": value}, no_relapse, name=str(value)
            )
            for value in times
        ],
        supply=supply,
    )
    for less, more in zip(found, found[1:], strict=False):
        assert (total(less, "backlog").mean(axis=0) >= total(more, "backlog").mean(axis=0)).all()
        assert total(less, "housed").sum() < total(more, "housed").sum()
        gained = np.cumsum(total(more, "housed") - total(less, "housed"), axis=1)
        assert (gained >= 0).mean() > 0.9


def test_without_homes_only_open_offers_become_homes_in_a_scenario():
    supply = pd.concat([supply_of(("2026Q4", 5), region=f"Region {k}") for k in (1, 2)])
    nothing = what_if({"what": "contingent", "how": "set", "value": 0})
    base, counts = counts_of(nothing, supply=supply)
    assert total(base, "housed").sum() > 2 * total(counts, "housed").sum() > 0
    spells = register()
    offers = ((spells["phase"] == "offered") & (spells["to"] == "")).sum()
    assert (total(counts, "housed").sum(axis=1) <= offers).all()


def test_homes_that_are_set_are_given_to_people_who_wait():
    people = [f"c{k}" for k in range(60)]
    table = spells_of(*[("ready", "2026-01-01", "", "")] * 60, clients=people)
    found = compare(
        table,
        supply_of(("2026Q4", 2), ("2027Q1", 2), ("2027Q2", 2), ("2027Q3", 2)),
        scenarios=[
            what_if({"what": "contingent", "how": "set", "value": 5}, name="five"),
            what_if({"what": "contingent", "how": "set", "value": 1}, name="one"),
            what_if({"what": "contingent", "how": "times", "value": 1.5}, name="half more"),
            what_if(
                {"what": "contingent", "how": "set", "value": 3, "from": "2027Q1"}, name="later"
            ),
            what_if(
                {"what": "contingent", "how": "set", "value": 1, "municipality": "Elmstede"},
                name="own",
            ),
        ],
        **OPTIONS,
    )
    assert measure(found["base"], "housed") == [2] * QUARTERS
    for result, homes in zip(
        found["scenarios"],
        ([5] * 6, [1] * 6, [3] * 6, [2, 3, 3, 3, 3, 3], [3] * 6),
        strict=True,
    ):
        assert measure(result, "housed") == homes, result["name"]
        differs = [row for row in result["difference"] if row["measure"] == "housed"]
        whole = [row["mean"] for row in differs if row["municipality"] is None]
        assert whole[:QUARTERS] == [each - 2 for each in homes]


@pytest.mark.parametrize("share", [0.2, 1 / 3, 0.8, 1.0])
@pytest.mark.parametrize("readiness", [None, 0.5, 2.0])
def test_a_policy_share_reaches_its_share_in_every_draw(share, readiness):
    by = "2027Q2"
    changes: list[dict[str, Any]] = [{"what": "policy_share", "share": share, "by": by}]
    changes += [{"what": "inflow", "how": "times", "value": 0}]
    changes += [{"what": "relapse", "how": "times", "value": 0}]
    if readiness is not None:
        changes += [{"what": "readiness", "how": "times", "value": readiness, "from": "2027Q1"}]
    base, counts = counts_of(what_if(*changes[1:], name="base"), what_if(*changes, name="s"))[1:]
    h = model_of().histories
    region_of_cell = np.repeat([place for place, _ in h.municipalities], len(h.kinds))
    ready = MEASURES.index("becomes_ready")
    phases = (INTAKE, STABILISING, PREPARING)
    whole = stock_now(h, phases, h.region, len(h.regions))
    quarters = next(q for q in range(QUARTERS) if label(FIRST + q) == by) + 1
    for region in range(len(h.regions)):
        here = region_of_cell == region
        reached = counts[:, here, ready, :quarters].sum(axis=(1, 2))
        anyway = base[:, here, ready, :quarters].sum(axis=(1, 2))
        wanted = int(np.ceil(share * whole[region] - 1e-9))
        again = 3  # somebody who becomes ready twice counts twice in the measure, once in the share
        assert (reached >= wanted).all()
        assert (reached <= np.maximum(wanted, anyway) + again).all()


def test_a_policy_share_that_is_reached_anyway_changes_nothing():
    scenario = what_if({"what": "policy_share", "share": 0.01, "by": "2028Q1"})
    base, counts = counts_of(scenario)
    np.testing.assert_array_equal(base, counts)


def test_a_quarter_that_has_begun_gets_what_is_left_of_a_number_that_is_set():
    """Halfway the fourth quarter half of it is left: half of the homes and of the arrivals."""
    people = [f"c{k}" for k in range(60)]
    table = spells_of(*[("ready", "2026-01-01", "", "")] * 60, clients=people)
    plan = supply_of(("2026Q4", 10), ("2027Q1", 10), ("2027Q2", 10), ("2027Q3", 10))
    scenarios = [
        what_if({"what": "inflow", "how": "set", "value": 8}, name="arrivals"),
        what_if({"what": "contingent", "how": "set", "value": 6}, name="homes"),
        what_if({"what": "contingent", "how": "times", "value": 1.2}, name="more"),
    ]
    options = OPTIONS | {"as_of": date(2026, 11, 16), "quarters": 3}
    found = compare(table, plan, scenarios=scenarios, **options)
    arrivals, homes, more = found["scenarios"]
    assert measure(found["base"], "housed") == [5, 10, 10]
    assert measure(arrivals, "arrivals") == [4, 8, 8]
    assert measure(homes, "housed") == [3, 6, 6]
    assert measure(more, "housed") == [6, 12, 12]


def test_with_municipalities_that_have_homes_of_their_own_each_is_multiplied_for_itself():
    people = [f"c{k}" for k in range(80)]
    spells = pd.concat(
        [
            spells_of(
                *[("ready", "2026-01-01", "", "")] * 40, clients=people[:40], town="Elmstede"
            ),
            spells_of(
                *[("ready", "2026-01-02", "", "")] * 40, clients=people[40:], town="Vaarwijk"
            ),
        ]
    )
    plan = pd.concat(
        [
            supply_of(*[(f"{2026 + k // 4}Q{1 + k % 4}", homes) for k in range(3, 7)], town=town)
            for town, homes in (("Elmstede", 2), ("Vaarwijk", 4), ("", 1))
        ]
    )
    scenarios = [
        what_if({"what": "contingent", "how": "times", "value": 1.5}, name="all"),
        what_if(
            {"what": "contingent", "how": "times", "value": 2, "municipality": "Vaarwijk"},
            name="one",
        ),
        what_if({"what": "contingent", "how": "set", "value": 3}, name="three"),
        what_if(
            {"what": "contingent", "how": "set", "value": 0, "municipality": "Elmstede"},
            name="none",
        ),
    ]
    found = compare(spells, plan, scenarios=scenarios, **(OPTIONS | {"quarters": 4}))

    def housed(result, town):
        return measure(result, "housed", town=town)

    # The region's own home goes to who is ready longest: somebody of Elmstede.
    assert housed(found["base"], "Elmstede") == [3, 3, 3, 3]
    assert housed(found["base"], "Vaarwijk") == [4, 4, 4, 4]
    every, one, three, none = found["scenarios"]
    assert np.add(housed(every, "Elmstede"), housed(every, "Vaarwijk")).tolist() == [11, 10, 11, 10]
    assert housed(every, "Vaarwijk") == [6, 6, 6, 6]
    assert (housed(one, "Elmstede"), housed(one, "Vaarwijk")) == ([3] * 4, [8] * 4)
    assert np.add(housed(three, "Elmstede"), housed(three, "Vaarwijk")).tolist() == [3, 3, 3, 3]
    assert (housed(none, "Elmstede"), housed(none, "Vaarwijk")) == ([1] * 4, [4] * 4)
