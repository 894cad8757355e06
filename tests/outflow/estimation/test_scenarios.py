"""What must hold in every scenario, whatever it changes."""

import numpy as np
import pandas as pd
import pytest

from outflow.estimation import EstimateError, Scenario, compare, estimate, run_all
from outflow.estimation.contract import MEASURES
from outflow.estimation.knobs import Knobs, resolved
from outflow.estimation.quarters import label
from tests.outflow.estimation.tools import measure, supply_of
from tests.outflow.estimation.whatif import (
    DRAWS,
    EVERY_KIND,
    FIRST,
    OPTIONS,
    QUARTERS,
    counts_of,
    in_care_now,
    model_of,
    register,
    what_if,
)
from tests.scale import n


@pytest.mark.parametrize("change", EVERY_KIND, ids=lambda change: str(change["what"]))
@pytest.mark.parametrize("seed", range(1, 1 + n(1, 12)))
def test_people_are_neither_lost_nor_made_in_any_scenario(change, seed):
    _, counts = counts_of(what_if(change), seed=seed)
    before = in_care_now(model_of(seed))
    flows = {name: counts[:, :, number] for number, name in enumerate(MEASURES)}
    stocks = np.concatenate(
        [np.broadcast_to(before[None, :, None], (DRAWS, len(before), 1)), flows["in_care"]], axis=2
    )
    change_of = flows["arrivals"] + flows["returns"] - flows["housed"] - flows["exits"]
    np.testing.assert_array_equal(np.diff(stocks, axis=2), change_of)
    assert counts.min() >= 0
    assert (flows["needs_dwelling"] <= flows["becomes_ready"]).all()


def _any_scenario(rng: np.random.Generator, name: str) -> Scenario:
    """Return a scenario of a few changes that may stand together, invented by chance."""
    while True:
        changes = []
        for _ in range(int(rng.integers(1, 5))):
            change = dict(EVERY_KIND[int(rng.integers(len(EVERY_KIND)))])
            if "value" in change and change["how"] == "times":
                change["value"] = round(float(rng.uniform(0.1, 3)), 2)
            elif "value" in change:
                change["value"] = int(rng.integers(0, 90))
            if change["what"] != "policy_share":
                first = int(rng.integers(0, QUARTERS))
                change["from"] = label(FIRST + first)
                change["until"] = label(FIRST + int(rng.integers(first, QUARTERS)))
            for key, values in (
                ("facility_type", ("BW", "MO", None)),
                ("municipality", ("Elmstede", "Vaarwijk", None)),
            ):
                if change["what"] != "contingent":
                    change[key] = values[int(rng.integers(3))]
            changes.append(change)
        try:
            return what_if(*changes, name=name)
        except EstimateError:
            continue


@pytest.mark.parametrize("seed", range(n(6, 120)))
def test_the_laws_hold_in_scenarios_invented_by_chance(seed):
    rng = np.random.default_rng(seed)
    scenarios = [_any_scenario(rng, str(number)) for number in range(3)]
    model = model_of(1 + seed % 2)
    base, *found = counts_of(*scenarios, seed=1 + seed % 2)
    before = in_care_now(model)
    h = model.histories
    alone = counts_of(scenarios[-1], seed=1 + seed % 2)
    np.testing.assert_array_equal(alone[0], base)
    np.testing.assert_array_equal(alone[1], found[-1])
    for scenario, counts in zip(scenarios, found, strict=True):
        flows = {name: counts[:, :, number] for number, name in enumerate(MEASURES)}
        first = np.broadcast_to(before[None, :, None], (DRAWS, len(before), 1))
        stocks = np.concatenate([first, flows["in_care"]], axis=2)
        moves = flows["arrivals"] + flows["returns"] - flows["housed"] - flows["exits"]
        np.testing.assert_array_equal(np.diff(stocks, axis=2), moves)
        assert counts.min() >= 0
        assert (flows["needs_dwelling"] <= flows["becomes_ready"]).all()
        assert (flows["backlog"] <= flows["in_care"]).all()
        for change in scenario.changes:
            if change.what != "places" or change.how != "set":
                continue
            for region in range(len(h.regions)):
                cells = np.array(
                    [
                        place == region
                        and change.municipality in (None, town)
                        and change.facility_type in (None, kind)
                        for place, town in h.municipalities
                        for kind in h.kinds
                    ]
                )
                inside = stocks[:, cells].sum(axis=1)
                for quarter in range(QUARTERS):
                    if change.lasts(FIRST + quarter):
                        most = np.maximum(change.value, inside[:, quarter])
                        assert (inside[:, quarter + 1] <= most).all()


@pytest.mark.parametrize(
    "change",
    [
        None,
        {"what": "inflow", "how": "times", "value": 1},
        {"what": "readiness", "how": "times", "value": 1},
        {"what": "relapse", "how": "times", "value": 1},
        {"what": "contingent", "how": "times", "value": 1},
        {"what": "places", "how": "set", "value": 5000},
        {"what": "policy_share", "share": 0, "by": "2027Q3"},
    ],
    ids=lambda change: "nothing" if change is None else str(change["what"]),
)
@pytest.mark.parametrize("supply", [None, 5])
def test_a_scenario_that_changes_nothing_differs_by_nothing(change, supply):
    planned = supply and pd.concat(
        [supply_of(("2026Q4", supply), region=f"Region {k}") for k in (1, 2)]
    )
    base, same = counts_of(what_if(*([] if change is None else [change])), supply=planned)
    np.testing.assert_array_equal(base, same)


@pytest.mark.parametrize("change", EVERY_KIND, ids=lambda change: str(change["what"]))
def test_every_change_changes_something(change):
    """The negative control of the test above."""
    base, other = counts_of(what_if(change))
    assert (base != other).any()


@pytest.mark.parametrize(
    "change", [each for each in EVERY_KIND if "from" in each], ids=lambda c: str(c["what"])
)
def test_nothing_differs_before_the_first_quarter_of_a_change(change):
    base, other = counts_of(what_if(change))
    first = next(q for q in range(QUARTERS) if label(FIRST + q) == change["from"])
    assert first > 0
    # Who needs no home after all is known only when they have left without one.
    told = [number for number, name in enumerate(MEASURES) if name != "needs_dwelling"]
    np.testing.assert_array_equal(base[:, :, told, :first], other[:, :, told, :first])


def test_the_base_of_a_run_with_scenarios_is_the_estimate_itself():
    scenarios = [
        what_if({"what": "inflow", "how": "times", "value": 2.5}, name="more"),
        what_if({"what": "contingent", "how": "times", "value": 1.4}, name="homes"),
    ]
    alone = estimate(register(), None, **OPTIONS)
    found = run_all(register(), None, scenarios=scenarios, with_effects=True, **OPTIONS)
    for result in (alone, found["base"]):
        assert result.pop("run")
    assert alone == found["base"]
    assert [each["name"] for each in found["scenarios"]] == ["more", "homes"]
    counts = found["draws"]["counts"]
    assert counts.shape == (DRAWS, len(MEASURES), QUARTERS)
    housed = counts[:, MEASURES.index("housed")].mean(axis=0)
    by_region = [measure(alone, "housed", region=f"Region {k}") for k in (1, 2)]
    assert housed == pytest.approx(np.sum(by_region, axis=0))


def test_the_difference_is_taken_draw_by_draw():
    scenario = what_if({"what": "inflow", "how": "times", "value": 1.5})
    found = compare(register(), None, scenarios=[scenario], **OPTIONS)
    [result] = found["scenarios"]
    rows = {
        tuple(row[key] for key in ("region", "municipality", "facility_type", "measure", "quarter"))
        + (str(row.get("by")),): row
        for row in result["difference"]
    }
    for base, other in zip(found["base"]["series"], result["series"], strict=False):
        if "by" in base or base["measure"] != "arrivals":
            continue
        key = tuple(
            base[k] for k in ("region", "municipality", "facility_type", "measure", "quarter")
        ) + ("None",)
        assert rows[key]["mean"] == pytest.approx(other["mean"] - base["mean"])
        assert rows[key]["quantiles"]["0.025"] >= 0


def test_processes_share_the_draws_without_changing_them():
    scenario = what_if({"what": "places", "how": "set", "value": 60})
    one, two = (
        compare(register(), None, scenarios=[scenario], processes=number, **OPTIONS)
        for number in (1, 2)
    )
    assert one["base"].pop("run")
    assert two["base"].pop("run")
    assert one == two


def test_a_change_that_began_before_the_reference_date_works_from_then_on():
    change = {"what": "inflow", "how": "times", "value": 2}
    early = what_if(change | {"from": "2025Q1"}, name="early")
    now = what_if(change, name="now")
    _, one, other = counts_of(early, now)
    np.testing.assert_array_equal(one, other)


def test_the_empty_future_is_the_estimate():
    assert (
        resolved(
            None,
            model_of().histories,
            first_quarter=FIRST,
            quarters=QUARTERS,
            in_care=in_care_now(model_of()),
        )
        == Knobs()
    )
