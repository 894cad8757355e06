"""Which scenarios are refused, with a sentence that names the change, and how they are written."""

import pytest

from outflow.estimation import EstimateError, Scenario, compare
from tests.outflow.estimation.tools import spells_of
from tests.outflow.estimation.whatif import EVERY_KIND, OPTIONS, register, what_if

REFUSED = [
    ({"what": "rain", "how": "times", "value": 1}, "change_what"),
    ({"how": "times", "value": 1}, "change_what"),
    ({"what": "inflow", "value": 1}, "change_how"),
    ({"what": "readiness", "how": "set", "value": 1}, "change_how"),
    ({"what": "relapse", "how": "set", "value": 1}, "change_how"),
    ({"what": "inflow", "how": "times"}, "change_value_missing"),
    ({"what": "inflow", "how": "times", "value": -0.1}, "change_range"),
    ({"what": "inflow", "how": "times", "value": 11}, "change_range"),
    ({"what": "readiness", "how": "times", "value": 0}, "change_range"),
    ({"what": "places", "how": "set", "value": -1}, "change_range"),
    ({"what": "places", "how": "set", "value": 2.5}, "change_whole"),
    ({"what": "inflow", "how": "times", "value": float("nan")}, "change_number"),
    ({"what": "inflow", "how": "times", "value": float("inf")}, "change_number"),
    ({"what": "inflow", "how": "times", "value": True}, "change_number"),
    ({"what": "inflow", "how": "times", "value": 10**400}, "change_number"),
    ({"what": "inflow", "how": "times", "value": [1]}, "change_number"),
    ({"what": "inflow", "how": "times", "value": 2, "municipality": ""}, "change_municipality"),
    ({"what": "inflow", "how": "times", "value": 2, "municipality": " "}, "change_municipality"),
    ({"what": "inflow", "how": "times", "value": "2"}, "change_number"),
    ({"what": "inflow", "how": "times", "value": 2, "share": 0.3}, "change_needless"),
    ({"what": "inflow", "how": "times", "value": 2, "colour": "red"}, "change_key"),
    ({"what": "inflow", "how": "times", "value": 2, "from": "spring"}, "change_quarter"),
    (
        {"what": "inflow", "how": "times", "value": 2, "from": "2027Q2", "until": "2027Q1"},
        "change_order",
    ),
    ({"what": "inflow", "how": "times", "value": 2, "facility_type": "XX"}, "change_facility"),
    ({"what": "inflow", "how": "times", "value": 2, "municipality": 12}, "change_municipality"),
    ({"what": "contingent", "how": "set", "value": 2, "facility_type": "BW"}, "change_needless"),
    ({"what": "policy_share", "share": 1.1, "by": "2027Q1"}, "change_range"),
    ({"what": "policy_share", "share": -0.1, "by": "2027Q1"}, "change_range"),
    ({"what": "policy_share", "share": 0.3}, "change_missing"),
    ({"what": "policy_share", "by": "2027Q1"}, "change_missing"),
    ({"what": "policy_share", "share": 0.3, "by": "2027Q1", "value": 2}, "change_needless"),
    ({"what": "policy_share", "share": 0.3, "by": "2027Q1", "how": "times"}, "change_how"),
    ("more homes", "change_shape"),
]


@pytest.mark.parametrize(("change", "code"), REFUSED, ids=lambda each: str(each)[:60])
def test_what_cannot_be_is_refused_with_a_sentence_that_names_the_change(change, code):
    fine = {"what": "relapse", "how": "times", "value": 1.1}
    with pytest.raises(EstimateError) as refused:
        Scenario.from_dict({"name": "x", "changes": [fine, change]})
    assert refused.value.code == code
    assert str(refused.value).startswith("Change 2")
    assert str(refused.value).endswith(".")
    assert refused.value.sentence % refused.value.params == str(refused.value)


def test_a_number_too_long_to_be_shown_is_refused_too():
    fine: dict[str, object] = {"what": "inflow", "how": "times", "value": 2}
    for key, code in (("value", "number"), ("from", "quarter"), ("what", "what")):
        with pytest.raises(EstimateError) as refused:
            Scenario.from_dict({"name": "x", "changes": [fine | {key: 10**5000}]})
        assert refused.value.code == f"change_{code}"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"name": "x"},
        {"changes": []},
        {"name": "", "changes": []},
        {"name": "x" * 201, "changes": []},
        {"name": "half a pair: \ud83d", "changes": []},
        {"name": "x", "changes": "all"},
        {"name": "x", "changes": [], "colour": "red"},
        {
            "name": "x",
            "changes": [
                {"what": "inflow", "how": "set", "value": 1, "from": f"20{k}Q1"}
                | {"until": f"20{k}Q1"}
                for k in range(30, 51)
            ],
        },
    ],
)
def test_what_is_not_a_scenario_is_refused(data):
    with pytest.raises(EstimateError):
        Scenario.from_dict(data)


TWICE = {"what": "inflow", "how": "times", "value": 1.1}


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({}, {}, True),
        ({"until": "2027Q1"}, {"from": "2027Q1"}, True),
        ({"until": "2027Q1"}, {"from": "2027Q2"}, False),
        ({"facility_type": "BW"}, {"facility_type": "MO"}, False),
        ({"facility_type": "BW"}, {}, True),
        ({"municipality": "a"}, {"municipality": "b"}, False),
        ({"municipality": "a"}, {"facility_type": "BW"}, True),
        ({}, {"what": "relapse"}, False),
    ],
)
def test_one_thing_is_changed_once_at_a_time(first, second, refused):
    data = {"name": "x", "changes": [TWICE | first, TWICE | second]}
    if not refused:
        assert len(Scenario.from_dict(data).changes) == 2
        return
    with pytest.raises(EstimateError) as found:
        Scenario.from_dict(data)
    assert found.value.code == "change_twice"
    assert found.value.params["change"] == 2
    assert found.value.params["earlier"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"municipality": "Nowhere"}, "change_municipality"),
        ({"from": "2031Q1"}, "change_beyond"),
        ({"until": "2026Q3"}, "change_past"),
        ({"what": "policy_share", "share": 0.3, "by": "2026Q3"}, "change_past"),
        ({"what": "policy_share", "share": 0.3, "by": "2031Q3"}, "change_beyond"),
        ({"what": "contingent", "municipality": "Elmstede"}, "change_nothing_planned"),
    ],
)
def test_what_does_not_fit_the_estimate_is_refused_before_anything_is_drawn(change, code):
    told = []
    whole = change if "share" in change else TWICE | change
    with pytest.raises(EstimateError) as refused:
        compare(
            register(),
            None,
            scenarios=[what_if(whole, name="the one")],
            progress=lambda stage, done, total: told.append(stage),
            **OPTIONS,
        )
    assert refused.value.code == code
    assert refused.value.params["scenario"] == "the one"
    assert told == ["reading"]


def test_a_municipality_may_be_left_out():
    change = {"what": "inflow", "how": "times", "value": 2, "municipality": None}
    assert what_if(change).changes[0].municipality is None


@pytest.mark.parametrize("what", ["inflow", "contingent"])
def test_a_number_set_beyond_all_proportion_to_the_people_in_care_is_refused(what):
    few = spells_of(("ready", "2026-01-01", "", ""))
    options = OPTIONS | {"quarters": 4, "draws": 1}
    # Twenty times fifty people, over four quarters.
    most = {"what": what, "how": "set", "value": 250}
    compare(few, None, scenarios=[what_if(most)], **options)
    with pytest.raises(EstimateError) as refused:
        compare(few, None, scenarios=[what_if(most | {"value": 251})], **options)
    assert refused.value.code == "change_range"
    assert refused.value.params["most"] == "250"
    assert str(refused.value).startswith('Scenario "what if", change 1')
    places = {"what": "places", "how": "set", "value": 5000}
    compare(few, None, scenarios=[what_if(places)], **options)


def test_two_scenarios_of_one_name_are_refused():
    with pytest.raises(EstimateError, match="Two scenarios"):
        compare(register(), None, scenarios=[what_if(), what_if()], **OPTIONS)


def test_a_scenario_is_read_as_it_is_written():
    for number, change in enumerate(EVERY_KIND):
        scenario = what_if(change, name=f"number {number}")
        assert Scenario.from_dict(scenario.as_dict()) == scenario
