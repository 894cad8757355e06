"""What a region may decide: read, bounded, in the fingerprint only where it says something."""

import re
from dataclasses import fields

import pytest

from housing.matching import CheckFailed, InstanceError, check, match
from housing.matching.instance import read
from housing.matching.policy import POLICY_FIELDS, FitWeights, Policy
from tests.housing.matching import oracle
from tests.housing.matching.instances import client, dwelling, in_depth, instance, region
from tests.housing.matching.test_worked_example import PAGE
from tests.scale import n

NAN = float("nan")


def with_policy(policy, **parts):
    return instance(**parts) | {"options": {"policy": policy}}


def test_without_a_policy_everything_is_the_contract():
    for policy in ({}, {"fit": {}}, {"guard_days": None}, Policy().as_json()):
        assert read(with_policy(policy)).policy == Policy()
        assert read(with_policy(policy)).fingerprint() == read(instance()).fingerprint()


def test_a_policy_that_says_something_is_part_of_the_fingerprint():
    said = [{"guard_days": 0}, {"urgency_points": [0, 1, 2, 3]}, {"fit": {"near_km": 4}}, {}]
    assert len({read(with_policy(policy)).fingerprint() for policy in said}) == len(said)


def test_a_policy_reads_back_as_it_is_written():
    policy = Policy(urgency_points=(0, 5, 5, 9), guard_days=3, fit=FitWeights(near_network=1))
    assert read(with_policy(policy.as_json())).policy == policy


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ([], "not_an_object"),
        ({"colour": 1}, "unknown_key"),
        ({"fit": {"colour": 1}}, "unknown_key"),
        ({"fit": None}, "not_an_object"),
        ({"urgency_points": [0, 1, 2]}, "wrong_type"),
        ({"urgency_points": [1, 1, 2, 3]}, "wrong_type"),
        ({"urgency_points": [0, 2, 1, 3]}, "wrong_type"),
        ({"urgency_points": [0, 1, 2, 2.5]}, "wrong_type"),
        ({"urgency_points": [0, 1, 2, True]}, "wrong_type"),
        ({"urgency_points": "0123"}, "wrong_type"),
        ({"urgency_points": [0, 1, 2, 10_001]}, "out_of_range"),
        ({"urgency_points": [0, -1, 2, 3]}, "out_of_range"),
        ({"longest_counted_wait_days": -1}, "out_of_range"),
        ({"longest_counted_wait_days": None}, "wrong_type"),
        ({"longest_counted_wait_days": NAN}, "not_finite"),
        ({"guard_days": "730"}, "wrong_type"),
        ({"guard_days": 3_651}, "out_of_range"),
        ({"fit": {"near_network": -1}}, "out_of_range"),
        ({"fit": {"spare_bedroom": 1}}, "out_of_range"),
        ({"fit": {"spare_bedroom": -1_001}}, "out_of_range"),
        ({"fit": {"spare_bedroom": -0.5}}, "wrong_type"),
        ({"fit": {"near_km": 0}}, "out_of_range"),
    ],
)
def test_what_is_no_policy_is_refused_with_a_sentence(policy, code):
    with pytest.raises(InstanceError) as refusal:
        match(with_policy(policy))
    assert refusal.value.code == code
    assert "policy" in str(refusal.value)


def test_every_number_has_a_name_a_meaning_and_bounds_that_hold_its_default():
    assert [f.name for f in POLICY_FIELDS if f.part == "fit"] == [
        f.name for f in fields(FitWeights)
    ]
    for one in POLICY_FIELDS:
        assert one.meaning
        defaults = one.default if isinstance(one.default, tuple) else [one.default]
        assert all(value is None or one.least <= value <= one.most for value in defaults)
        assert one.may_be_null == (one.name == "guard_days")


def test_the_page_of_the_matcher_gives_the_same_defaults():
    rows = re.findall(r"^\| (?:to )?([+-]\d+) \| `(\w+)` \|", PAGE, re.MULTILINE)
    weights = {name: int(points) for points, name in rows}
    assert weights == {
        one.name: one.default for one in POLICY_FIELDS if one.part == "fit" and one.unit == "points"
    }
    assert f"`near_km` ({FitWeights().near_km})" in PAGE
    assert {f.name: f.default for f in POLICY_FIELDS if f.part == "fit"} == oracle.WEIGHTS


def test_a_policy_decides_who_goes_first():
    people = [
        client("urgent", urgency=1, waiting_since="2026-09-01"),
        client("patient", waiting_since="2025-01-01"),
    ]
    parts = {"clients": people, "dwellings": [dwelling("D1")]}
    for policy, first, priority in (
        ({}, "urgent", 1030),
        ({"urgency_points": [0, 100, 200, 300]}, "patient", 638),
        ({"urgency_points": [0, 100, 200, 300], "longest_counted_wait_days": 0}, "urgent", 100),
    ):
        given = with_policy(policy, **parts)
        result = match(given)
        check(given, result)
        assert [pair["client"] for pair in result["pairs"]] == [first]
        assert result["priority"] == priority


# The guard ---------------------------------------------------------------------------------------


def envious(guard):
    """Both count 730 days; only the fit would tell them apart, and it speaks for the later one."""
    return with_policy(
        {"guard_days": guard},
        clients=[
            client("early", waiting_since="2020-01-01"),
            client("late", waiting_since="2023-01-01", preferred_neighbourhoods=["Oost"]),
        ],
        dwellings=[dwelling("D1")],
    )


def test_beyond_the_guard_who_came_first_goes_first():
    for guard, first in ((None, "late"), (730, "early"), (1_200, "early"), (3_000, "late")):
        result = match(envious(guard))
        check(envious(guard), result)
        assert [pair["client"] for pair in result["pairs"]] == [first]


def test_an_answer_with_justified_envy_is_refused():
    without = match(envious(None))
    guarded = match(envious(730))
    check(envious(730), guarded)
    with pytest.raises(CheckFailed, match="beyond the guard"):
        check(envious(730), without | {"fingerprint": guarded["fingerprint"]})
    check(envious(730), without | {"fingerprint": guarded["fingerprint"], "status": "feasible"})


def envy(given, result):
    """Every (unplaced, placed) where the one waits beyond the guard and may envy the other."""
    guard = given["options"]["policy"]["guard_days"]
    pairs = oracle.chosen(result, given)
    placed = {c["ref"] for c, _ in pairs}
    promised = {promise["client"] for promise in given["locked"]}
    left = [c for c in given["clients"] if c["ref"] not in placed]
    return [
        (one["ref"], other["ref"])
        for one in left
        if oracle.waited(one, given) > guard
        for other, home in pairs
        if other["ref"] not in promised
        and oracle.waited(one, given) > oracle.waited(other, given)
        and one["urgency"] >= other["urgency"]
        and not oracle.failed(one, home, given)
        and oracle.within_capacity([(one, home) if c is other else (c, d) for c, d in pairs], given)
    ]


def crowded(seed, guard):
    """A region in which most people wait so long that priority has stopped counting."""
    given = in_depth(region(24, 8, seed=seed, municipalities=3), seed)
    for number, person in enumerate(given["clients"]):
        person |= {"waiting_since": f"{2019 + number % 5}-0{1 + number % 9}-01", "urgency": 0}
    given["options"]["policy"] |= {"guard_days": guard, "longest_counted_wait_days": 365}
    return given


def test_with_a_guard_nobody_has_reason_to_envy_a_later_comer():
    without_guard = 0
    for seed in range(n(3, 60)):
        for guard in (400, 1_500):
            given = crowded(seed, guard)
            result = match(given)
            check(given, result)
            assert result["status"] == "optimal"
            assert envy(given, result) == []
            without_guard += len(envy(given, match(crowded(seed, None))))
    assert without_guard  # the control: without a guard there is envy to be seen
