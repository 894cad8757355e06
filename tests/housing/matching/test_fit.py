"""The fit: points of facts, told by the reasons, the same for all pairs at once and for one."""

import copy
import random

import numpy as np
import pytest

from housing.matching import CheckFailed, InstanceError, check, match
from housing.matching.fit import Fit, fit_of, point_of, points_of
from housing.matching.instance import read
from housing.matching.policy import Policy
from housing.matching.problem import Problem
from housing.matching.reason_checking import haversine
from tests.housing.matching import oracle
from tests.housing.matching.instances import client, dwelling, in_depth, instance, region
from tests.scale import n

AMSTERDAM, HAARLEM = [52.3791, 4.9003], [52.3874, 4.6384]


def pair(client_facts=None, dwelling_facts=None, *, policy=None, person=None, home=None):
    """One person, one home, and the facts of each."""
    return instance(
        clients=[client("A", **(person or {}), fit=client_facts or {})],
        dwellings=[dwelling("D1", **(home or {}), fit=dwelling_facts or {})],
    ) | {"options": {"policy": policy or {}}}


def reasons_of(given):
    result = match(given)
    check(given, result)
    return {reason["code"]: reason for reason in result["pairs"][0]["reasons"]}


def points(given):
    return int(Fit(read(given)).points(np.array([0]), np.array([0]))[0])


def north(km):
    """A place so many kilometres north of Haarlem."""
    return [HAARLEM[0] + km / 111.19508, HAARLEM[1]]


@pytest.mark.parametrize(
    ("km", "expected"),
    [(0, 60), (3, 60), (3.04, 60), (3.06, 59), (6, 30), (8.9, 1), (9, 0), (9.2, 0), (60, 0)],
)
def test_near_is_full_points_and_they_end_at_three_times_as_far(km, expected):
    given = pair({"network": [north(km), north(70)]}, {"at": HAARLEM})
    assert points(given) == expected
    told = reasons_of(given)["near_network" if km < 9 else "far_from_network"]
    assert told["km"] == pytest.approx(km, abs=0.051)
    assert point_of(told, Policy()) == expected


def test_a_distance_is_the_known_one_between_two_stations():
    given = pair({"day_activity": [AMSTERDAM]}, {"at": HAARLEM})
    assert reasons_of(given)["far_from_day_activity"]["km"] == 17.8
    assert haversine(AMSTERDAM, HAARLEM) == pytest.approx(17.8, abs=0.05)
    assert points(given) == 0


def test_without_a_place_on_either_side_nothing_is_said():
    for given in (pair({"network": [HAARLEM]}), pair({}, {"at": HAARLEM}), pair({"network": []})):
        assert points(given) == 0
        assert not any("network" in code for code in reasons_of(given))


def test_the_contract_form_counts_where_the_person_named_one():
    regular = {"contract_form": "regular"}
    assert points(pair({"contract_forms": ["regular"]}, regular)) == 40
    assert points(pair({"contract_forms": ["transfer"]}, regular)) == 0
    assert points(pair({"contract_forms": ["regular"]})) == 0
    named = reasons_of(pair({"contract_forms": ["regular", "transfer"]}, regular))
    assert named["contract_form_wished"] == {"code": "contract_form_wished"} | regular
    assert "contract_form_not_wished" in reasons_of(pair({"contract_forms": ["transfer"]}, regular))
    assert not any("contract" in code for code in reasons_of(pair({"contract_forms": []}, regular)))


def test_more_people_than_a_home_is_meant_for_cost_points_each():
    for facts, expected in (
        ({"most_persons": 2}, -100),
        ({"rooms": 3}, -50),
        ({"rooms": 1, "most_persons": 3}, -150),
        ({"rooms": 4, "most_persons": None}, 0),
        ({}, 0),
    ):
        given = pair({"persons": 4}, facts)
        assert points(given) == expected
        assert ("many_persons" in reasons_of(given)) == bool(expected)
    told = reasons_of(pair({"persons": 4}, {"rooms": 1}))["many_persons"]
    assert told == {"code": "many_persons", "persons": 4, "most": 1}


def test_a_rent_above_what_is_appropriate_warns_and_never_blocks():
    given = pair({"appropriate_rent": 682.96}, home={"rent": 700})
    told = reasons_of(given)["above_appropriate_rent"]
    assert told == {"code": "above_appropriate_rent", "rent": 700.0, "limit": 682.96}
    assert points(given) == -50
    for fits in (700, 700.0, None):
        assert points(pair({"appropriate_rent": fits}, home={"rent": 700})) == 0


@pytest.mark.parametrize(
    ("of_client", "facts", "code"),
    [
        (True, {"network": HAARLEM}, "wrong_type"),
        (True, {"network": [[52.0]]}, "wrong_type"),
        (True, {"network": [[91, 4]]}, "out_of_range"),
        (True, {"day_activity": [[52, "4"]]}, "wrong_type"),
        (True, {"contract_forms": "regular"}, "wrong_type"),
        (True, {"persons": 1.5}, "wrong_type"),
        (True, {"persons": -1}, "negative"),
        (True, {"appropriate_rent": "600"}, "wrong_type"),
        (False, {"at": [[52, 4]]}, "wrong_type"),
        (False, {"at": [52, 181]}, "out_of_range"),
        (False, {"contract_form": None}, "wrong_type"),
        (False, {"rooms": -1}, "negative"),
        (False, {"most_persons": "two"}, "wrong_type"),
    ],
)
def test_known_facts_are_checked(of_client, facts, code):
    with pytest.raises(InstanceError) as refusal:
        match(pair(facts) if of_client else pair({}, facts))
    assert refusal.value.code == code
    assert "fit" in str(refusal.value)


def test_known_facts_have_one_form_in_the_fingerprint_and_others_are_kept():
    one = pair({"network": [HAARLEM, AMSTERDAM, HAARLEM], "persons": 2.0, "hobby": [2, 1]})
    same = pair({"persons": 2, "hobby": [2, 1], "network": [AMSTERDAM, HAARLEM]})
    other = pair({"persons": 2, "hobby": [1, 2], "network": [AMSTERDAM, HAARLEM]})
    assert read(one).fingerprint() == read(same).fingerprint()
    assert read(one).fingerprint() != read(other).fingerprint()


def test_all_pairs_at_once_get_what_the_page_gives_each():
    for seed in range(n(3, 30)):
        given = in_depth(region(30, 14, seed=seed), seed)
        known = read(given)
        people, homes = np.divmod(np.arange(30 * 14), 14)
        expected = [
            oracle.pair_fit(given["clients"][c], given["dwellings"][d], given)
            for c, d in zip(people, homes, strict=True)
        ]
        assert Fit(known).points(people, homes).tolist() == expected


@pytest.mark.parametrize("seed", range(n(4, 60)))
def test_the_explanation_reproduces_the_score(seed):
    given = in_depth(region(20, 10, seed=seed), seed)
    result = match(given)
    policy = read(given).policy
    pairs = oracle.chosen(result, given)
    for told, (person, home) in zip(result["pairs"], pairs, strict=True):
        assert points_of(told["reasons"], policy) == oracle.pair_fit(person, home, given)
    assert fit_of(result["pairs"], policy) == oracle.fit(pairs, given)


def test_a_reason_that_is_not_true_is_refused():
    given = pair(
        {"network": [north(2)], "contract_forms": ["regular"], "persons": 3},
        {"at": HAARLEM, "contract_form": "regular", "rooms": 1},
    )
    true = match(given)
    check(given, true)
    for number, reason in enumerate(true["pairs"][0]["reasons"]):
        false = copy.deepcopy(true)
        del false["pairs"][0]["reasons"][number]
        with pytest.raises(CheckFailed):
            check(given, false)
        for key in reason:
            false = copy.deepcopy(true)
            false["pairs"][0]["reasons"][number][key] = 99.9
            with pytest.raises(CheckFailed):
                check(given, false)


# A better fit never lowers a rank ----------------------------------------------------------------


def better(given, seed):
    """One fact of one person or home made better in itself, and what it was."""
    draw = random.Random(seed)
    person, home = draw.choice(given["clients"]), draw.choice(given["dwellings"])
    change = draw.choice(["neighbourhood", "network", "form", "persons", "limit", "need"])
    facts = person["fit"]
    match change:
        case "neighbourhood":
            person["preferred_neighbourhoods"] = [*person["preferred_neighbourhoods"]]
            person["preferred_neighbourhoods"].append(home["neighbourhood"])
        case "network":
            if facts.get("network") and "at" in home["fit"]:
                facts["network"] = [*facts["network"], home["fit"]["at"]]
        case "form":
            if facts.get("contract_forms") and "contract_form" in home["fit"]:
                facts["contract_forms"].append(home["fit"]["contract_form"])
        case "persons":
            facts["persons"] = max(1, facts.get("persons", 1) - 1)
        case "limit":
            if facts.get("appropriate_rent") is not None:
                facts["appropriate_rent"] += 50
        case "need":
            home["fit"] |= {"most_persons": None, "rooms": None}
    return person, home


def test_a_better_fact_never_lowers_the_points_of_any_pair():
    for seed in range(n(60, 600)):
        given = in_depth(region(12, 6, seed=seed % 5), seed)
        people, homes = np.divmod(np.arange(12 * 6), 6)
        before = Fit(read(given)).points(people, homes)
        better(given, seed)
        assert (Fit(read(given)).points(people, homes) >= before).all()


@pytest.mark.parametrize("seed", range(n(5, 120)))
def test_who_prefers_where_they_are_placed_stays_there(seed):
    """In the whole answer: a better fit of the home somebody got never takes it from them."""
    given = in_depth(region(16, 7, seed=seed, municipalities=3), seed)
    given["options"]["policy"]["fit"] = {"preferred_neighbourhood": 70}
    result = match(given)
    assert result["status"] == "optimal"
    place_of = {home["ref"]: home["neighbourhood"] for home in given["dwellings"]}
    for one in random.Random(seed).sample(result["pairs"], min(3, len(result["pairs"]))):
        changed = copy.deepcopy(given)
        person = next(c for c in changed["clients"] if c["ref"] == one["client"])
        place = place_of[one["dwelling"]]
        if place in person["preferred_neighbourhoods"]:
            continue
        person["preferred_neighbourhoods"].append(place)
        again = {p["client"]: p["dwelling"] for p in match(changed)["pairs"]}
        assert place_of[again[one["client"]]] == place


# Twins in the core -------------------------------------------------------------------------------


def test_two_people_who_differ_only_in_ref_are_one_class():
    facts = {"network": [HAARLEM, AMSTERDAM], "contract_forms": ["regular"], "persons": 1}
    same = {"persons": 1.0, "contract_forms": ["regular"], "network": [AMSTERDAM, HAARLEM]}
    given = instance(
        clients=[client("Zwart", fit=facts), client("Aa", fit=same), client("B", fit={})],
        dwellings=[dwelling("D1", fit={"at": HAARLEM}), dwelling("D2", fit={"at": HAARLEM})],
    ) | {"options": {"policy": {"guard_days": 10}}}
    problem = Problem(read(given))
    refs = [c.ref for c in problem.instance.clients]
    classes = sorted(sorted(refs[c] for c in group) for group in problem.clients.members)
    assert classes == [["Aa", "Zwart"], ["B"]]
    assert len(problem.dwellings.members) == 1
