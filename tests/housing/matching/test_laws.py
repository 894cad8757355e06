"""What must hold for every answer, whatever the instance."""

import copy
import random

import pytest

from housing.matching import InstanceError, check, match
from tests.housing.matching import oracle
from tests.housing.matching.instances import (
    SIZES,
    client,
    dwelling,
    in_depth,
    instance,
    neighbourhood,
    region,
    tiny,
)
from tests.scale import n

SMALL = range(n(25, 300))


def answer(given):
    """The answer of a tiny instance, promises dropped where they cannot be kept."""
    try:
        return match(given)
    except InstanceError:
        given["locked"] = []
        return match(given)


def untimed(result):
    return result | {"solver": result["solver"] | {"seconds": 0}}


def shuffled(value, draw):
    """The same JSON with every key and every list in another order, unless order is its meaning.

    Lists of numbers are places on earth and the points of four urgencies.
    """
    if isinstance(value, dict):
        keys = list(value)
        draw.shuffle(keys)
        return {key: shuffled(value[key], draw) for key in keys}
    if isinstance(value, list) and all(isinstance(item, int | float) for item in value):
        return value
    if isinstance(value, list):
        return draw.sample([shuffled(item, draw) for item in value], len(value))
    return value


@pytest.mark.parametrize("seed", SMALL)
def test_the_order_of_lists_and_keys_changes_nothing(seed):
    given = tiny(seed)
    first = untimed(answer(given))
    assert untimed(match(shuffled(given, random.Random(seed)))) == first


@pytest.mark.parametrize("given", [region(60, 30, seed=5), in_depth(region(24, 12, seed=6), 6)])
def test_the_order_of_lists_and_keys_changes_nothing_in_a_region(given):
    assert untimed(match(shuffled(given, random.Random(5)))) == untimed(match(given))


def renamed(given, names):
    """The same instance with other refs for people and homes."""
    changed = copy.deepcopy(given)
    for item in [*changed["clients"], *changed["dwellings"]]:
        item["ref"] = names[item["ref"]]
    for person in changed["clients"]:
        refused = person["refused_dwellings"]
        person["refused_dwellings"] = [names.get(ref, ref) for ref in refused]
    for promise in changed["locked"]:
        promise |= {key: names[ref] for key, ref in promise.items()}
    return changed


def kinds(result, given):
    """The pairs as what people and homes are, not what they are called."""
    refs = ("ref", "refused_dwellings")
    return sorted(
        repr([{key: item[key] for key in item if key not in refs} for item in pair])
        for pair in oracle.chosen(result, given)
    )


@pytest.mark.parametrize("seed", SMALL)
def test_new_names_give_the_same_kind_of_people_the_same_kind_of_homes(seed):
    given = tiny(seed)
    first = answer(given)
    refs = [item["ref"] for item in [*given["clients"], *given["dwellings"]]]
    new = [f"N{number}" for number in range(len(refs))]
    random.Random(seed).shuffle(new)
    other_names = renamed(given, dict(zip(refs, new, strict=True)))
    assert kinds(match(other_names), other_names) == kinds(first, given)


@pytest.mark.parametrize("given", [region(50, 25, seed=8), in_depth(region(24, 12, seed=9), 9)])
def test_new_names_only_rename_in_a_region(given):
    refs = [item["ref"] for item in [*given["clients"], *given["dwellings"]]]
    new = [f"N{number}" for number in range(len(refs))]
    random.Random(8).shuffle(new)
    names = dict(zip(refs, new, strict=True))
    first = {(names[p["client"]], names[p["dwelling"]]) for p in match(given)["pairs"]}
    again = match(renamed(given, names))["pairs"]
    assert {(p["client"], p["dwelling"]) for p in again} == first


def test_swapping_the_names_of_twins_moves_nobody_else():
    people = [client("A"), client("B"), client("Z", waiting_since="2024-01-01")]
    given = instance(
        clients=people, dwellings=[dwelling("D1", rent=500), dwelling("D2", bedrooms=2)]
    )
    swapped = renamed(given, {"A": "B", "B": "A", "Z": "Z", "D1": "D1", "D2": "D2"})
    assert untimed(match(swapped)) == untimed(match(given))
    assert {p["client"] for p in match(given)["pairs"]} == {"A", "Z"}


@pytest.mark.parametrize("seed", SMALL)
def test_one_more_home_never_houses_fewer(seed):
    given = tiny(seed)
    before = answer(given)
    given["dwellings"].append(dwelling("new"))
    after = match(given)
    assert after["placements"] >= before["placements"]
    if after["placements"] == before["placements"]:
        assert after["priority"] >= before["priority"]


@pytest.mark.parametrize("seed", SMALL)
def test_one_more_of_everything_never_houses_fewer(seed):
    given = tiny(seed)
    before = answer(given)["placements"]
    for row in given["quotas"]:
        row["remaining"] += 1
    for row in given["support"]:
        row["free_places"] += 1
    for row in given["guidance"]:
        row["free_hours"] += 1
    assert match(given)["placements"] >= before


@pytest.mark.parametrize("seed", SMALL)
def test_promising_what_was_proposed_changes_no_number(seed):
    given = tiny(seed)
    before = answer(given)
    if not before["pairs"]:
        return
    pair = random.Random(seed).choice(before["pairs"])
    promise = {"client": pair["client"], "dwelling": pair["dwelling"]}
    if promise not in given["locked"]:
        given["locked"].append(promise)
    after = match(given)
    check(given, after)
    assert promise in [
        {"client": p["client"], "dwelling": p["dwelling"]} for p in after["pairs"] if p["locked"]
    ]
    for key in ("placements", "priority", "bound", "status"):
        assert after[key] == before[key]


def test_a_promise_stays_even_where_it_breaks_a_rule_and_uses_capacity():
    given = instance(
        clients=[client("A", max_rent=100), client("B", urgency=3)],
        dwellings=[dwelling("D1"), dwelling("D2")],
        neighbourhoods=[neighbourhood(max_placements=1)],
        locked=[{"client": "A", "dwelling": "D1"}],
    )
    result = match(given)
    check(given, result)
    assert [(p["client"], p["dwelling"], p["locked"]) for p in result["pairs"]] == [
        ("A", "D1", True)
    ]
    assert {"code": "promise_breaks_rule", "failed": ["rent"]} in result["pairs"][0]["reasons"]
    left = result["unmatched"][0]
    assert left["why"] == "no_capacity"
    assert {"kind": "neighbourhood", "neighbourhood": "Oost"} in left["blocked_by"]
    assert {"kind": "dwelling", "dwelling": "D1"} in left["blocked_by"]


def test_more_people_housed_comes_before_any_urgency():
    """One urgent person who takes all the hours, or two who share them: two."""
    given = instance(
        clients=[
            client("A", urgency=3, guidance_hours=4, waiting_since="2020-01-01"),
            client("B", guidance_hours=2),
            client("C", guidance_hours=2),
        ],
        dwellings=[dwelling("D1"), dwelling("D2")],
        guidance=[{"provider": "Havenlicht", "municipality": "Duinstad", "free_hours": 4}],
    )
    assert {p["client"] for p in match(given)["pairs"]} == {"B", "C"}


def test_a_wait_in_the_future_counts_nothing_and_two_years_is_the_most():
    for since, priority in (("2027-01-01", 0), ("2026-09-30", 1), ("1990-01-01", 730)):
        given = instance(clients=[client("A", waiting_since=since)], dwellings=[dwelling("D1")])
        assert match(given)["priority"] == priority


def test_the_fingerprint_tells_instances_apart_and_ignores_their_form():
    given = region(20, 10)
    mark = match(given)["fingerprint"]
    same = copy.deepcopy(given)
    same["clients"][0]["forms"] *= 2
    same["clients"][0]["bedrooms"] = float(same["clients"][0]["bedrooms"])
    assert match(same)["fingerprint"] == mark
    given["clients"][0]["provider"] = "another"
    assert match(given)["fingerprint"] != mark


def test_options_default_to_a_vacancy_of_thirty_days():
    for ready_on, placements in (("2026-11-14", 1), ("2026-11-15", 0)):
        given = instance(clients=[client("A", ready_on=ready_on)], dwellings=[dwelling("D1")])
        assert match(given)["placements"] == placements


def test_progress_is_told_and_may_stop_the_run():
    stages = []
    match(region(30, 12), progress=lambda stage, done, total: stages.append((stage, done, total)))
    assert stages[0][:2] == ("solving", 0)
    assert stages[-1][0] == "bottlenecks"
    assert stages[-1][1] == stages[-1][2]

    class Cancelled(Exception):
        pass

    def cancel(stage, done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        match(region(30, 12), progress=cancel)


@pytest.mark.parametrize("seed", range(n(1, 10)))
def test_a_region_is_proven_and_checked(seed):
    clients, dwellings = SIZES["S"]
    given = region(n(clients // 2, clients), n(dwellings // 2, dwellings), seed=seed + 1)
    result = match(given)
    check(given, result)
    assert result["status"] == "optimal"
    assert result["bottlenecks"]
