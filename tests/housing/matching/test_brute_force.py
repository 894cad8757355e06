"""Against every possible answer of small instances: the optimum, and everything said about it."""

import copy

import pytest

from housing.matching import InstanceError, check, match
from tests.housing.matching import oracle
from tests.housing.matching.instances import tiny
from tests.scale import n

SEEDS = range(n(80, 600))


def possible(seed):
    """The instance of a seed; promises that no capacity can keep are left out of it."""
    given = tiny(seed)
    promised = {p["client"]: p["dwelling"] for p in given["locked"]}
    homes = {d["ref"]: d for d in given["dwellings"]}
    pairs = [(c, homes[promised[c["ref"]]]) for c in given["clients"] if c["ref"] in promised]
    if not oracle.within_capacity(pairs, given):
        with pytest.raises(InstanceError):
            match(given)
        given["locked"] = []
    return given


@pytest.mark.parametrize("seed", SEEDS)
def test_no_other_answer_is_better_at_any_level(seed):
    given = possible(seed)
    result = match(given)
    check(given, result)
    pairs = oracle.chosen(result, given)
    reached = oracle.levels(pairs, given)
    assert (result["placements"], result["priority"]) == reached[:2]
    assert reached == oracle.best(given)
    assert result["status"] == "optimal"
    assert result["bound"] == {"placements": reached[0], "priority": reached[1]}


def enlarged(given, kind, number, more):
    changed = copy.deepcopy(given)
    field = {
        "quotas": "remaining",
        "support": "free_places",
        "guidance": "free_hours",
        "neighbourhoods": "max_placements",
    }[kind]
    changed[kind][number][field] += more
    return changed


def named(kind, row):
    """The row as the result names it."""
    match kind:
        case "quotas":
            keys = ("corporation", "municipality", "target_group")
            return {"kind": "quota"} | {key: row[key] for key in keys}
        case "support":
            place = {"neighbourhood": row["neighbourhood"]}
            return {"kind": "support"} | place | {"support_kind": row["kind"]}
        case "guidance":
            keys = ("provider", "municipality")
            return {"kind": "guidance"} | {key: row[key] for key in keys}
        case _:
            return {"kind": "neighbourhood", "neighbourhood": row["ref"]}


@pytest.mark.parametrize("seed", range(n(40, 300)))
def test_the_gain_of_one_and_two_more_is_what_solving_again_gives(seed):
    given = possible(seed)
    base = oracle.most_placements(given)
    expected = []
    for kind in ("quotas", "support", "guidance", "neighbourhoods"):
        for number, row in enumerate(given[kind]):
            if kind == "neighbourhoods" and row["max_placements"] is None:
                continue
            gain = [
                oracle.most_placements(enlarged(given, kind, number, more)) - base
                for more in (1, 2)
            ]
            if gain[0]:
                expected.append((named(kind, row), gain))
    found = [(b["resource"], b["gain"]) for b in match(given)["bottlenecks"]]
    key = repr
    assert sorted(found, key=key) == sorted(expected, key=key)


@pytest.mark.parametrize("seed", range(n(40, 300)))
def test_every_why_not_is_true(seed):
    given = possible(seed)
    result = match(given)
    people = {c["ref"]: c for c in given["clients"]}
    homes = {d["ref"]: d for d in given["dwellings"]}
    pairs = oracle.chosen(result, given)
    taken = {d["ref"] for _, d in pairs}
    promised = {p["dwelling"] for p in given["locked"]}
    promises = [(c, d) for c, d in pairs if d["ref"] in promised]
    for left in result["unmatched"]:
        client = people[left["client"]]
        fails = {ref: oracle.failed(client, d, given) for ref, d in homes.items()}
        fitting = [ref for ref, failed in fails.items() if not failed]
        assert left["eligible_dwellings"] == len(fitting)
        for near in left["nearest"]:
            assert near["failed"] == fails[near["dwelling"]]
            assert len(near["failed"]) == min(map(len, fails.values()))
        room = [
            ref
            for ref in fitting
            if ref not in promised
            and oracle.within_capacity([*promises, (client, homes[ref])], given)
        ]
        expected = "outcompeted" if room else "no_capacity" if fitting else "no_eligible_dwelling"
        assert left["why"] == expected
        named_homes = {b["dwelling"] for b in left["blocked_by"] if b["kind"] == "dwelling"}
        assert named_homes == taken & set(fitting)
