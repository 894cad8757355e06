"""The advice: every ground, number and change of it is true, and nothing smaller would do."""

import copy
import random

import pytest

from housing.matching import CheckFailed, InstanceError, advise, check_advice, match
from housing.matching.advising import GROUNDS
from housing.matching.changes import NEVER_PROPOSED, ORDER
from tests.housing.matching import oracle
from tests.housing.matching.instances import (
    client,
    dwelling,
    in_depth,
    instance,
    neighbourhood,
    region,
    tiny,
)
from tests.housing.matching.test_laws import shuffled, untimed
from tests.housing.matching.test_worked_example import codes_in
from tests.scale import n


def answer(given):
    """The instance with its answer and advice; promises dropped where they cannot be kept."""
    try:
        result = match(given)
    except InstanceError:
        given["locked"] = []
        result = match(given)
    return result, advise(given, result)


def advice_of(**parts):
    given = instance(**parts)
    result, advice = answer(given)
    check_advice(given, result, advice)
    return advice


def step_for(ref, **parts):
    row = next(row for row in advice_of(**parts)["unmatched"] if row["client"] == ref)
    assert row["change"], row["why_null"]
    return row["change"]["steps"], row["change"]["gain"]


@pytest.mark.parametrize("seed", range(n(30, 400)))
def test_everything_in_the_advice_is_true(seed):
    given = tiny(seed)
    result, advice = answer(given)
    check_advice(given, result, advice)
    assert [row["client"] for row in advice["unmatched"]] == [
        row["client"] for row in result["unmatched"]
    ]
    for row, left in zip(advice["unmatched"], result["unmatched"], strict=True):
        assert sum(row["grounds"].values()) == left["eligible_dwellings"]
        assert set(row["grounds"]) <= set(GROUNDS) - {"not_proven"}


def own_steps(given, person):
    """Everything this person could accept or be, one step at a time."""
    for home in given["dwellings"]:
        if person["max_rent"] is not None and home["rent"] > person["max_rent"]:
            yield {"max_rent": home["rent"]}
        if person["municipalities"] and home["municipality"] not in person["municipalities"]:
            yield {"municipalities": [*person["municipalities"], home["municipality"]]}
        if home["form"] not in person["forms"]:
            yield {"forms": [*person["forms"], home["form"]]}
        yield {"ready_on": min(person["ready_on"], home["available_on"])}


@pytest.mark.parametrize("seed", range(n(8, 200)))
def test_where_no_change_or_two_steps_are_told_no_step_of_ones_own_would_do(seed):
    given = tiny(seed)
    result, advice = answer(given)
    base = (result["placements"], result["priority"])
    for row in advice["unmatched"]:
        if row["change"] and len(row["change"]["steps"]) == 1:
            continue
        for number, person in enumerate(given["clients"]):
            if person["ref"] != row["client"]:
                continue
            for step in own_steps(given, person):
                changed = copy.deepcopy(given)
                changed["clients"][number] = person | step
                again = match(changed)
                housed = row["client"] in {pair["client"] for pair in again["pairs"]}
                assert not housed or (again["placements"], again["priority"]) == base


@pytest.mark.parametrize("seed", range(n(8, 100)))
def test_the_gain_is_that_of_every_possible_answer(seed):
    given = tiny(seed)
    result, advice = answer(given)
    for row in advice["unmatched"]:
        for step in row["change"]["steps"] if row["change"] else ():
            if len(row["change"]["steps"]) == 1 and step["kind"] == "max_rent":
                changed = copy.deepcopy(given)
                person = next(c for c in changed["clients"] if c["ref"] == row["client"])
                person["max_rent"] = step["max_rent"]
                gain = oracle.most_placements(changed) - result["placements"]
                assert row["change"]["gain"] == gain


@pytest.mark.parametrize("seed", range(n(2, 12)))
def test_the_advice_of_a_small_region_is_true(seed):
    given = region(14, 7, seed=seed + 1, municipalities=3)
    given = in_depth(given, seed) if seed % 2 else given
    result, advice = answer(given)
    check_advice(given, result, advice)


def test_equal_input_gives_equal_advice_in_any_order():
    for seed in range(n(10, 100)):
        given = tiny(seed)
        result, advice = answer(given)
        other = shuffled(given, random.Random(seed))
        assert untimed(match(other)) == untimed(result)
        assert advise(other, result) == advice


class Kept(dict):
    """A memory that lasts as long as the test."""

    def put(self, key, value):
        self[key] = value


def test_a_memory_changes_nothing_and_keeps_nothing_that_was_only_thought_of():
    given, memory = region(14, 7, seed=2, municipalities=3), Kept()
    result = match(given, memory=memory)
    known = set(memory)
    assert advise(given, result, memory=memory) == advise(given, result)
    assert set(memory) == known


def test_the_advice_can_be_stopped_where_it_is():
    given = region(14, 7, seed=2, municipalities=3)
    result = match(given)

    def stop(stage, done, total):
        assert stage == "advice"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        advise(given, result, progress=stop)


def test_the_advice_belongs_to_its_instance():
    given = region(6, 3)
    with pytest.raises(ValueError, match="another instance"):
        advise(given | {"as_of": "2026-10-02"}, match(given))


def test_above_a_number_of_clients_only_the_first_by_priority_are_tried(monkeypatch):
    monkeypatch.setattr("housing.matching.advising.TRY_ALL_UP_TO_CLIENTS", 4)
    monkeypatch.setattr("housing.matching.advising.TRY_AT_MOST_PEOPLE", 2)
    given = instance(
        clients=[client(f"C{k}", urgency=k % 3, max_rent=100) for k in range(5)],
        dwellings=[dwelling("D1"), dwelling("D2")],
    )
    result, advice = answer(given)
    check_advice(given, result, advice)
    assert advice["not_tried"] == 3
    tried = [row["client"] for row in advice["unmatched"] if row["why_null"] != "not_tried"]
    assert tried == ["C1", "C2"]
    assert next(r for r in advice["unmatched"] if r["client"] == "C2")["change"]


def test_without_solves_left_only_what_is_certain_is_told(monkeypatch):
    for name in ("WHOLE_IN_ALL", "PARTS_IN_ALL"):
        monkeypatch.setattr(f"housing.matching.advising.{name}", 0)
    steps, gain = step_for("A", clients=[client("A", max_rent=582)], dwellings=[dwelling("D1")])
    assert (steps, gain) == ([{"kind": "max_rent", "max_rent": 600.0, "more": 18.0}], 1)


# The examples of the issue -----------------------------------------------------------------------


def test_a_rent_limit_eighteen_euros_higher():
    steps, gain = step_for(
        "A",
        clients=[client("A", max_rent=582)],
        dwellings=[dwelling("D1"), dwelling("D2", rent=700)],
    )
    assert (steps, gain) == ([{"kind": "max_rent", "max_rent": 600.0, "more": 18.0}], 1)


def test_a_buddy_place_where_there_was_none():
    steps, gain = step_for(
        "A", clients=[client("A", support=["buddy"])], dwellings=[dwelling("D1")]
    )
    buddy = {"kind": "support", "neighbourhood": "Oost", "support_kind": "buddy", "more": 1}
    assert (steps, gain) == ([buddy], 1)


def test_a_place_where_promises_stand_without_a_row_is_one_beside_theirs():
    people = [client(f"C{number}", support=["buddy"]) for number in (1, 2, 3)]
    promises = [{"client": "C1", "dwelling": "D1"}, {"client": "C2", "dwelling": "D2"}]
    homes = [dwelling(f"D{number}") for number in (1, 2, 3)]
    steps, gain = step_for("C3", clients=people, dwellings=homes, locked=promises)
    assert gain == 1
    assert [(step["kind"], step["more"]) for step in steps] == [("support", 1)]


def test_a_second_municipality():
    steps, gain = step_for(
        "A", clients=[client("A", municipalities=["Meerdorp"])], dwellings=[dwelling("D1")]
    )
    assert (steps, gain) == ([{"kind": "municipality", "municipality": "Duinstad"}], 1)


def test_hours_of_guidance_and_room_in_a_neighbourhood():
    parts = {
        "clients": [client("A", guidance_hours=2.5), client("B", urgency=1, guidance_hours=3)],
        "dwellings": [dwelling("D1"), dwelling("D2")],
        "guidance": [{"provider": "Havenlicht", "municipality": "Duinstad", "free_hours": 4}],
    }
    hours = {"kind": "guidance", "provider": "Havenlicht", "municipality": "Duinstad"}
    assert step_for("A", **parts) == ([hours | {"more_hours": 1.5}], 1)
    full = {"neighbourhoods": [neighbourhood(max_placements=1)], "guidance": []}
    carries = {"kind": "neighbourhood", "neighbourhood": "Oost", "more": 1}
    assert step_for("A", **(parts | full)) == ([carries], 1)


def test_the_home_is_held_before_anybody_has_to_be_ready_earlier():
    steps, _gain = step_for(
        "A", clients=[client("A", ready_on="2026-11-20")], dwellings=[dwelling("D1")]
    )
    assert steps == [{"kind": "dates", "of": "dwelling", "dwelling": "D1", "days": 6}]


def test_two_steps_only_where_one_does_not_help():
    steps, gain = step_for(
        "A",
        clients=[client("A", max_rent=590, forms=["clustered"])],
        dwellings=[dwelling("D1")],
    )
    assert [step["kind"] for step in steps] == ["form", "max_rent"]
    assert gain == 1


def test_a_change_that_makes_somebody_else_give_way_gains_nobody():
    steps, gain = step_for(
        "A",
        clients=[client("A", urgency=2, max_rent=590), client("B")],
        dwellings=[dwelling("D1")],
    )
    assert (steps[0]["kind"], gain) == ("max_rent", 0)


@pytest.mark.parametrize(
    "needs",
    [
        {"excluded_neighbourhoods": ["Oost"]},
        {"step_free": True},
        {"wheelchair": True},
        {"low_stimulus": True},
        {"bedrooms": 2},
        {"refused_dwellings": ["D1"]},
    ],
)
def test_safety_and_needs_are_never_given_up(needs):
    people = [client("A", max_rent=500, **needs)]
    advice = advice_of(clients=people, dwellings=[dwelling("D1")])
    assert advice["unmatched"][0] | {"client": "A"} == {
        "client": "A",
        "grounds": {},
        "change": None,
        "why_null": "needs_only",
    }


def test_where_somebody_cannot_live_is_not_counted_at_a_home():
    people = [client("A", excluded_neighbourhoods=["Oost"]), client("B", max_rent=590)]
    row = advice_of(clients=people, dwellings=[dwelling("D1"), dwelling("D2", bedrooms=2)])
    assert all("excluded" not in home["failed"] for home in row["unused"])


def test_a_home_says_how_much_lower_the_rent_would_fit_how_many():
    people = [client("A", max_rent=590), client("B", max_rent=590), client("C", max_rent=500)]
    home = advice_of(clients=people, dwellings=[dwelling("D1")])["unused"][0]
    assert home["failed"] == {"rent": 3}
    assert home["nearest"] == {"kind": "rent", "rent": 590.0, "less": 10.0, "people": 2}


def test_grounds_tell_urgency_from_waiting_and_from_chance():
    people = [
        client("urgent", urgency=1),
        client("early", waiting_since="2026-01-01"),
        client("one"),
        client("twin"),
    ]
    homes = [dwelling("D1"), dwelling("D2"), dwelling("D3")]
    rows = advice_of(clients=people, dwellings=homes)["unmatched"]
    assert [row["grounds"] for row in rows] == [
        {"more_urgent": 1, "longer_waiting": 1, "same_standing": 1}
    ]


def test_who_would_have_needed_all_the_hours_is_told_that_it_is_for_the_whole():
    given = {
        "clients": [
            client("A", urgency=3, guidance_hours=4, waiting_since="2020-01-01"),
            client("B", guidance_hours=2),
            client("C", guidance_hours=2),
        ],
        "dwellings": [dwelling("D1"), dwelling("D2")],
        "guidance": [{"provider": "Havenlicht", "municipality": "Duinstad", "free_hours": 4}],
    }
    assert advice_of(**given)["unmatched"][0]["grounds"] == {"for_the_whole": 2}


def test_the_page_names_every_ground_and_every_kind_of_step():
    grounds = codes_in("`unmatched[].grounds`", "`unmatched[].change`")
    assert sorted(grounds) == sorted(GROUNDS)
    kinds = codes_in("the smallest amount goes first.", "`why_null` says")
    assert kinds == [kind for kind, _ in ORDER]
    assert NEVER_PROPOSED.isdisjoint(kinds)


# The control: a tampered advice is refused -------------------------------------------------------


def whole():
    """A promise, somebody placed, somebody beaten, somebody too poor, and a home left over."""
    return instance(
        clients=[
            client("P"),
            client("A", urgency=2, support=["buddy"], max_rent=700),
            client("B", support=["buddy"]),
            client("N", max_rent=590, forms=["clustered"]),
            client("X", bedrooms=4),
        ],
        dwellings=[
            dwelling("D1"),
            dwelling("D2"),
            dwelling("D3", form="clustered", rent=600),
            dwelling("D4", rent=800, wheelchair=True),
        ],
        support=[{"neighbourhood": "Oost", "kind": "buddy", "free_places": 1}],
        locked=[{"client": "P", "dwelling": "D1"}],
    )


def of(advice, ref):
    rows = [*advice["unmatched"], *advice["unused"]]
    return next(row for row in rows if ref in (row.get("client"), row.get("dwelling")))


TAMPERING = [
    lambda a: a.update(schema="weerthuis/match-advice/2"),
    lambda a: a.update(extra=1),
    lambda a: a.update(fingerprint="0" * 64),
    lambda a: a.update(not_tried=1),
    lambda a: a["unmatched"].pop(),
    lambda a: a["unused"].pop(),
    lambda a: of(a, "B")["grounds"].update(more_urgent=5),
    lambda a: of(a, "B")["grounds"].clear(),
    lambda a: of(a, "B").update(why_null="none_helps"),
    lambda a: of(a, "B").update(change=None),
    lambda a: of(a, "B").update(change=None, why_null="needs_only"),
    lambda a: of(a, "B").update(change=None, why_null="more_than_two"),
    lambda a: of(a, "X").update(why_null="none_helps"),
    lambda a: of(a, "B")["change"].update(gain=0),
    lambda a: of(a, "B")["change"].update(houses=False),
    lambda a: of(a, "B")["change"]["steps"][0].update(more=0),
    lambda a: of(a, "B")["change"]["steps"][0].update(support_kind="walk_in"),
    lambda a: of(a, "B")["change"]["steps"][0].update(kind="weather"),
    lambda a: of(a, "B")["change"]["steps"].extend(of(a, "B")["change"]["steps"] * 2),
    lambda a: of(a, "N")["change"]["steps"][0].update(more=1.0),
    lambda a: of(a, "N")["change"]["steps"][0].update(max_rent=595.0, more=5.0),
    lambda a: of(a, "D4")["failed"].clear(),
    lambda a: of(a, "D4").update(nearest={"kind": "rent", "rent": 1, "less": 799.0, "people": 9}),
    lambda a: of(a, "D4")["nearest"].update(people=7),
    lambda a: of(a, "D4").update(nearest=None),
]


def test_the_advice_of_the_control_is_true_and_full():
    given = whole()
    result, advice = answer(given)
    check_advice(given, result, advice)
    assert of(advice, "B")["change"]["steps"][0]["kind"] == "support"
    assert of(advice, "N")["change"]["steps"][0]["kind"] == "max_rent"
    assert of(advice, "X")["why_null"] == "needs_only"
    assert of(advice, "D4")["nearest"]


@pytest.mark.parametrize("tamper", TAMPERING)
def test_a_tampered_advice_is_refused(tamper):
    given = whole()
    result, advice = answer(given)
    tamper(advice)
    with pytest.raises(CheckFailed):
        check_advice(given, result, advice)
