"""The checker must refuse every answer that somebody tampered with."""

import copy

import pytest

from housing.matching import CheckFailed, check, match
from tests.housing.matching.instances import client, dwelling, instance


def given():
    """Two homes, four people: one promise, one placed, one beaten, one who fits nowhere."""
    return instance(
        clients=[
            client("P"),
            client("A", urgency=2, guidance_hours=2, support=["buddy"], max_rent=700),
            client("B", guidance_hours=2),
            client("N", max_rent=100),
        ],
        dwellings=[dwelling("D1"), dwelling("D2"), dwelling("D3", form="clustered")],
        support=[{"neighbourhood": "Oost", "kind": "buddy", "free_places": 1}],
        guidance=[{"provider": "Havenlicht", "municipality": "Duinstad", "free_hours": 2}],
        quotas=[
            {
                "corporation": "De Kade",
                "municipality": "Duinstad",
                "target_group": None,
                "remaining": 2,
            }
        ],
        locked=[{"client": "P", "dwelling": "D1"}],
    )


def test_the_true_answer_passes():
    check(given(), match(given()))


def pair_of(result, ref):
    return next(pair for pair in result["pairs"] if pair["client"] == ref)


def left(result, ref):
    return next(row for row in result["unmatched"] if row["client"] == ref)


def breaks_promise(r):
    r["pairs"].remove(pair_of(r, "P"))
    r["placements"] -= 1


def unknown_client(r):
    pair_of(r, "A")["client"] = "X"


def unknown_dwelling(r):
    pair_of(r, "A")["dwelling"] = "X"


def same_home_twice(r):
    pair_of(r, "A")["dwelling"] = "D1"


def two_homes(r):
    r["pairs"].append(copy.deepcopy(pair_of(r, "A")) | {"dwelling": "D3"})


def not_eligible(r):
    pair_of(r, "A")["dwelling"] = "D3"


def wrongly_marked(r):
    pair_of(r, "A")["locked"] = True


def over_capacity(r):
    r["pairs"].append({"client": "B", "dwelling": "D2", "locked": False, "reasons": []})
    r["pairs"].remove(pair_of(r, "A"))
    r["pairs"].append({"client": "A", "dwelling": "D2", "locked": False, "reasons": []})


def wrong_reason(r):
    next(x for x in pair_of(r, "A")["reasons"] if x["code"] == "rent_fits")["rent"] = 1


def invented_preference(r):
    pair_of(r, "A")["reasons"].append({"code": "preferred_neighbourhood", "neighbourhood": "Oost"})


def wrong_resource(r):
    left(r, "B")["blocked_by"].append({"kind": "neighbourhood", "neighbourhood": "Oost"})


def unknown_resource(r):
    left(r, "B")["blocked_by"].append({"kind": "weather"})


TAMPERING = [
    breaks_promise,
    unknown_client,
    unknown_dwelling,
    same_home_twice,
    two_homes,
    not_eligible,
    wrongly_marked,
    over_capacity,
    wrong_reason,
    invented_preference,
    wrong_resource,
    unknown_resource,
    lambda r: r.update(schema="weerthuis/match-result/2"),
    lambda r: r.update(extra=1),
    lambda r: r.pop("unused"),
    lambda r: r.update(fingerprint="0" * 64),
    lambda r: r.update(status="splendid"),
    lambda r: r["solver"].pop("version"),
    lambda r: r.update(placements=3),
    lambda r: r.update(priority=r["priority"] + 1),
    lambda r: r["bound"].update(placements=1),
    lambda r: r["bound"].update(priority=r["priority"] + 5),
    lambda r: r["gap"].update(priority=0.1),
    lambda r: r["unmatched"].pop(),
    lambda r: r["unmatched"].append(r["unmatched"][0]),
    lambda r: left(r, "B").update(why="no_capacity"),
    lambda r: left(r, "B").update(why="no_eligible_dwelling"),
    lambda r: left(r, "B").update(eligible_dwellings=7),
    lambda r: left(r, "B")["blocked_by"].clear(),
    lambda r: left(r, "N").update(nearest=[]),
    lambda r: left(r, "N")["nearest"][0].update(failed=["dates"]),
    lambda r: r["unused"].pop(),
    lambda r: r["unused"][0].update(why="outcompeted"),
    lambda r: r["unused"][0].update(candidates=9),
]


@pytest.mark.parametrize("tamper", TAMPERING)
def test_a_tampered_answer_is_refused(tamper):
    result = match(given())
    tamper(result)
    with pytest.raises(CheckFailed):
        check(given(), result)


def test_a_tampered_bottleneck_is_refused():
    room = given()
    room["quotas"][0]["remaining"] = 1
    true = match(room)
    assert true["bottlenecks"]
    check(room, true)
    for change in (
        {"capacity": 5},
        {"used": 0},
        {"gain": [0, 0]},
        {"gain": [2, 1]},
        {"resource": {"kind": "neighbourhood", "neighbourhood": "Oost"}},
    ):
        result = copy.deepcopy(true)
        result["bottlenecks"][0] |= change
        with pytest.raises(CheckFailed):
            check(room, result)


def test_an_answer_that_leaves_room_is_refused_when_called_optimal():
    result = match(given())
    pair = pair_of(result, "A")
    result["pairs"].remove(pair)
    result["placements"] -= 1
    result["priority"] -= 2100
    result["bound"] = {"placements": 1, "priority": result["priority"]}
    result["unmatched"].append(
        {
            "client": "A",
            "why": "outcompeted",
            "eligible_dwellings": 2,
            "nearest": [],
            "blocked_by": [{"kind": "dwelling", "dwelling": "D1"}],
        }
    )
    left(result, "B")["blocked_by"] = [{"kind": "dwelling", "dwelling": "D1"}]
    result["unused"].insert(0, {"dwelling": "D2", "why": "outcompeted", "candidates": 3})
    with pytest.raises(CheckFailed, match="could still move"):
        check(given(), result)
