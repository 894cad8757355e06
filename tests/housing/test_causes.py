"""By what cause a pair is another than before: only what can be checked in the two instances."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from housing.cause_words import CAUSES, FIELDS, ROOMS, counted_in_words, facts_in_words, in_words
from housing.causes import (
    CODES,
    ENOUGH,
    Answered,
    Cause,
    Changed,
    between,
    counted,
    facts_between,
)
from housing.causes import ROOMS as KINDS_OF_ROOM
from housing.matching import match
from housing.matching.instance import PARTS

Row = dict[str, Any]


def client(ref: str, **facts: Any) -> Row:
    return {
        "ref": ref,
        "target_group": "BW",
        "provider": "Havenlicht",
        "max_rent": 700,
        "bedrooms": 1,
        "step_free": False,
        "wheelchair": False,
        "low_stimulus": False,
        "forms": ["independent"],
        "municipalities": [],
        "excluded_neighbourhoods": [],
        "preferred_neighbourhoods": [],
        "ready_on": "2026-09-01",
        "waiting_since": "2026-01-01",
        "urgency": 0,
        "guidance_hours": 0,
        "support": [],
        "refused_dwellings": [],
    } | facts


def home(ref: str, **facts: Any) -> Row:
    return {
        "ref": ref,
        "corporation": "De Kade",
        "municipality": "Duinstad",
        "neighbourhood": "Oost",
        "rent": 600,
        "bedrooms": 1,
        "ground_floor": False,
        "lift": False,
        "wheelchair": False,
        "low_stimulus": False,
        "form": "independent",
        "available_on": "2026-10-15",
    } | facts


def region(*rows: Row, **parts: Any) -> Row:
    """An instance of these clients and homes, in two neighbourhoods without limits."""
    return {
        "schema": "weerthuis/match-instance/1",
        "as_of": "2026-10-01",
        "options": {"vacancy_days": 30},
        "clients": [row for row in rows if "max_rent" in row],
        "dwellings": [row for row in rows if "rent" in row],
        "neighbourhoods": [
            {
                "ref": ref,
                "municipality": "Duinstad",
                "max_placements": None,
                "soft_placements": None,
            }
            for ref in ("Oost", "West")
        ],
        "quotas": [],
        "support": [],
        "guidance": [],
        "locked": [],
    } | parts


def answered(instance: Row) -> Answered:
    return Answered(instance, match(instance))


def changed(before: Row, now: Row) -> dict[str, Changed]:
    return {one.client: one for one in between(answered(before), answered(now))}


def causes(before: Row, now: Row, ref: str = "C1") -> list[Cause]:
    return list(changed(before, now)[ref].causes)


def test_equal_instances_have_no_changes_and_no_facts() -> None:
    same = region(client("C1"), home("D1"))
    assert changed(same, deepcopy(same)) == {}
    assert facts_between(answered(same), answered(deepcopy(same))) == {}


BASE = region(client("C1"), home("D1"))


def locked(instance: Row, who: str, where: str) -> Row:
    return instance | {"locked": [{"client": who, "dwelling": where}]}


@pytest.mark.parametrize(
    ("before", "now", "kind", "expected"),
    [
        (region(home("D1")), BASE, "new", [Cause("joined")]),
        (BASE, region(home("D1")), "gone", [Cause("left")]),
        (region(client("C1")), BASE, "new", [Cause("home_new")]),
        (BASE, region(client("C1")), "gone", [Cause("home_gone")]),
        (
            BASE,
            region(client("C1", max_rent=500), home("D1")),
            "gone",
            [Cause("need", ("max_rent",))],
        ),
        (
            BASE,
            region(client("C1"), home("D1", rent=800)),
            "gone",
            [Cause("home_changed", ("rent",))],
        ),
        (BASE, locked(BASE, "C1", "D1"), "promised", [Cause("became_promise")]),
        (
            locked(region(client("C1", max_rent=500), home("D1")), "C1", "D1"),
            region(client("C1", max_rent=500), home("D1")),
            "gone",
            [Cause("promise_ended")],
        ),
        (
            BASE,
            region(client("C1", refused_dwellings=["D1"]), home("D1")),
            "gone",
            [Cause("refused"), Cause("need", ("refused_dwellings",))],
        ),
        (
            BASE,
            region(client("C1"), client("C2", urgency=1), home("D1")),
            "gone",
            [Cause("more_urgent")],
        ),
        (
            BASE,
            region(client("C1"), client("C2", waiting_since="2025-01-01"), home("D1")),
            "gone",
            [Cause("longer_waiting")],
        ),
        (
            BASE,
            locked(region(client("C1"), client("C2"), home("D1")), "C2", "D1"),
            "gone",
            [Cause("home_promised")],
        ),
        (
            locked(region(client("C1"), client("C2"), home("D1")), "C2", "D1"),
            region(client("C1"), home("D1")),
            "new",
            [Cause("home_freed")],
        ),
        (
            region(client("C1", max_rent=500), home("D1")),
            BASE | {"options": {"vacancy_days": 20}},
            "new",
            [Cause("need", ("max_rent",)), Cause("vacancy_days")],
        ),
    ],
)
def test_what_changed_near_a_pair_is_its_cause(
    before: Row, now: Row, kind: str, expected: list[Cause]
) -> None:
    (one,) = (one for one in changed(before, now).values() if one.client == "C1")
    assert (one.kind, list(one.causes)) == (kind, expected)


NEEDY = {"support": ["buddy"], "guidance_hours": 2}
ROOM: dict[str, Callable[[int], Row]] = {
    "quota": lambda left: {
        "quotas": [
            {
                "corporation": "De Kade",
                "municipality": "Duinstad",
                "target_group": None,
                "remaining": left,
            }
        ]
    },
    "neighbourhood": lambda left: {
        "neighbourhoods": [
            {
                "ref": "Oost",
                "municipality": "Duinstad",
                "max_placements": left,
                "soft_placements": None,
            }
        ]
    },
    "support": lambda left: {
        "support": [{"neighbourhood": "Oost", "kind": "buddy", "free_places": left}]
    },
    "guidance": lambda left: {
        "guidance": [{"provider": "Havenlicht", "municipality": "Duinstad", "free_hours": 2 * left}]
    },
}


@pytest.mark.parametrize("kind", KINDS_OF_ROOM)
def test_room_that_came_or_went_is_the_cause(kind: str) -> None:
    everything = {key: value for make in ROOM.values() for key, value in make(1).items()}
    there = region(client("C1", **NEEDY), home("D1")) | everything
    full = there | ROOM[kind](0)
    assert causes(there, full) == [Cause("less_room", (kind,))]
    assert causes(full, there) == [Cause("more_room", (kind,))]


def test_support_that_nobody_offers_any_more_is_less_room_and_no_limit_is_more() -> None:
    there = region(client("C1", support=["buddy"]), home("D1")) | ROOM["support"](1)
    assert causes(there, there | {"support": []}) == [Cause("less_room", ("support",))]
    full = region(client("C1"), home("D1")) | ROOM["quota"](0)
    assert causes(full, full | {"quotas": []}) == [Cause("more_room", ("quota",))]


def test_a_change_that_follows_from_another_names_what_it_follows_from() -> None:
    """C1 goes to D2, which C2 leaves for D3; D3 is new and suits C2 alone."""
    wished = {"preferred_neighbourhoods": ["West"]}
    one = client("C1", waiting_since="2025-06-01")
    two = client("C2", bedrooms=2, waiting_since="2024-01-01", **wished)
    before = region(one, two, home("D2", bedrooms=2))
    now = region(one, two, home("D2", bedrooms=2), home("D3", bedrooms=2, neighbourhood="West"))
    found = changed(before, now)
    assert (found["C2"].before, found["C2"].now) == ("D2", "D3")
    assert found["C2"].causes == (Cause("home_new"),)
    assert (found["C1"].before, found["C1"].now) == (None, "D2")
    assert found["C1"].causes == (Cause("follows", ("home_new",)),)
    assert counted(found.values()) == {"home_new": 1, "follows": 1}


def test_what_nothing_near_explains_follows_from_elsewhere_or_from_the_day() -> None:
    """Answers made up, so that a pair changes and nothing does."""
    rows = (client("C1"), client("C2"), home("D1"), home("D2"))

    def made(instance: Row, **pairs: str) -> Answered:
        answer = match(instance)
        answer["pairs"] = [
            {"client": who, "dwelling": where, "locked": False} for who, where in pairs.items()
        ]
        return Answered(instance, answer)

    before = made(region(*rows), C1="D1")
    tomorrow = made(region(*rows, as_of="2026-10-02"), C1="D2")
    assert [one.causes for one in between(before, tomorrow)] == [(Cause("day"),)]
    more = made(region(*rows, home("D9"), as_of="2026-10-02"), C1="D2")
    assert [one.causes for one in between(before, more)] == [(Cause("elsewhere"),)]
    policy = region(*rows) | {"options": {"vacancy_days": 30, "policy": {"guard_days": 100}}}
    assert [one.causes for one in between(before, made(policy, C1="D2"))] == [(Cause("policy"),)]
    other = made(region(*rows), C1="D2")
    other.version = "0.9.0"
    assert [one.causes for one in between(before, other)] == [(Cause("version"),)]


def test_where_somebody_cannot_live_is_never_named() -> None:
    now = region(client("C1", excluded_neighbourhoods=["Oost"]), home("D1"))
    assert causes(BASE, now) == [Cause("need")]
    assert in_words(causes(BASE, now)) == [str(CAUSES["need"])]


def test_facts_count_what_came_went_and_changed() -> None:
    before = region(client("C1"), client("C2"), home("D1"), home("D2"))
    now = locked(
        region(client("C1", urgency=1), client("C3"), home("D2", rent=650), as_of="2026-10-02"),
        "C3",
        "D2",
    ) | ROOM["support"](2)
    assert facts_between(answered(before), answered(now)) == {
        "clients_joined": 1,
        "clients_left": 1,
        "needs_changed": 1,
        "homes_gone": 1,
        "homes_changed": 1,
        "promises_made": 1,
        "room_changed": 1,
        "day": 1,
    }


def test_every_cause_field_and_kind_of_room_has_words() -> None:
    assert set(CAUSES) == set(CODES)
    assert set(ROOMS) == set(KINDS_OF_ROOM)
    known = {*PARTS["clients"], *PARTS["dwellings"], "fit"}
    assert set(FIELDS) == known - {"ref", "excluded_neighbourhoods"}
    assert set(CODES) > ENOUGH


def test_causes_are_told_with_their_facts() -> None:
    told = in_words(
        [
            Cause("need", ("max_rent", "urgency")),
            Cause("less_room", ("support",)),
            Cause("policy"),
            Cause("follows", ("home_new",)),
        ],
        policy="3",
    )
    for words, fact in zip(told, (FIELDS["urgency"], ROOMS["support"], "3", ""), strict=True):
        assert str(fact) in words
    assert str(CAUSES["home_new"]) in told[-1]
    counts = counted_in_words(counted([Changed("new", "C", None, "D", (Cause("joined"),))] * 2))
    assert counts == f"{CAUSES['joined']} (2)"
    assert "2" in facts_in_words(
        facts_between(answered(region()), answered(region(client("C1"), client("C2"))))
    )
