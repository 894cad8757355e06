"""What the matcher refuses, each with one sentence that points at the place."""

import copy

import pytest

from housing.matching import InstanceError, match
from tests.housing.matching.instances import client, dwelling, instance, neighbourhood

NAN, INFINITY = float("nan"), float("inf")


def full():
    """One row of every kind, all of it valid."""
    return instance(
        options={"vacancy_days": 30},
        clients=[client("C1", max_rent=700, guidance_hours=1.5, support=["buddy"]), client("C2")],
        dwellings=[dwelling("D1"), dwelling("D2")],
        quotas=[
            {
                "corporation": "De Kade",
                "municipality": "Duinstad",
                "target_group": None,
                "remaining": 2,
            }
        ],
        support=[{"neighbourhood": "Oost", "kind": "buddy", "free_places": 1}],
        guidance=[{"provider": "Havenlicht", "municipality": "Duinstad", "free_hours": 8}],
        locked=[{"client": "C2", "dwelling": "D2"}],
    )


ROWS = ("clients", "dwellings", "neighbourhoods", "quotas", "support", "guidance", "locked")


def code_of(given):
    with pytest.raises(InstanceError) as refused:
        match(given)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "%(" not in sentence
    return refused.value.code


def test_the_full_instance_is_accepted():
    assert match(full())["placements"] == 2


def test_a_refusal_has_code_facts_and_sentence():
    given = full()
    given["clients"][0]["max_rent"] = -1
    with pytest.raises(InstanceError) as refused:
        match(given)
    assert refused.value.code == "negative"
    assert refused.value.params == {"where": "Client C1", "key": "max_rent"}
    assert str(refused.value) == "Client C1: max_rent must not be negative."


@pytest.mark.parametrize("value", [None, 1, "text", [], True])
def test_an_instance_is_an_object(value):
    assert code_of(value) == "not_an_object"


@pytest.mark.parametrize("key", [*ROWS, "schema", "as_of", "options"])
def test_every_part_is_required(key):
    given = full()
    del given[key]
    assert code_of(given) == "missing_key"


@pytest.mark.parametrize("part", ROWS)
def test_every_key_of_every_row_is_required_and_no_other_is_known(part):
    for key in full()[part][0]:
        given = full()
        del given[part][0][key]
        assert code_of(given) == "missing_key"
    given = full()
    given[part][0]["colour"] = "green"
    assert code_of(given) == "unknown_key"


@pytest.mark.parametrize("part", ROWS)
def test_a_part_is_a_list_of_objects(part):
    assert code_of(full() | {part: {}}) == "wrong_type"
    assert code_of(full() | {part: [7]}) == "not_an_object"


def test_unknown_keys_at_the_top_and_in_options_are_refused():
    assert code_of(full() | {"extra": 1}) == "unknown_key"
    assert code_of(full() | {"options": {"extra": 1}}) == "unknown_key"
    assert code_of(full() | {"options": []}) == "not_an_object"


LIMITS = ("max_rent", "max_placements", "soft_placements")


@pytest.mark.parametrize("part", ROWS)
def test_a_value_of_another_type_is_refused(part):
    for key, value in full()[part][0].items():
        number_is_wrong = value is None or isinstance(value, str | bool | list)
        other = 7 if number_is_wrong and key not in LIMITS else "seven"
        for wrong in ({"a": 1}, other):
            given = full()
            given[part][0][key] = wrong
            assert code_of(given) in ("wrong_type", "not_a_date"), (key, wrong)


NUMBERS = [
    ("clients", "max_rent"),
    ("clients", "bedrooms"),
    ("clients", "urgency"),
    ("clients", "guidance_hours"),
    ("dwellings", "rent"),
    ("dwellings", "bedrooms"),
    ("neighbourhoods", "max_placements"),
    ("neighbourhoods", "soft_placements"),
    ("quotas", "remaining"),
    ("support", "free_places"),
    ("guidance", "free_hours"),
]


@pytest.mark.parametrize(("part", "key"), NUMBERS)
@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-1, "negative"),
        (-0.5, "negative"),
        (NAN, "not_finite"),
        (INFINITY, "not_finite"),
        (-INFINITY, "not_finite"),
        (10**400, "too_large"),
        (True, "wrong_type"),
        ("3", "wrong_type"),
    ],
)
def test_numbers_are_finite_and_not_negative(part, key, value, code):
    given = full()
    given[part][0][key] = value
    assert code_of(given) == code


@pytest.mark.parametrize(("part", "key"), [n for n in NUMBERS if n[1] not in ("max_rent", "rent")])
def test_counts_are_whole_and_hours_come_in_halves(part, key):
    given = full()
    given[part][0][key] = 0.25
    assert code_of(given) == ("not_in_halves" if "hours" in key else "wrong_type")


@pytest.mark.parametrize(
    ("part", "key"),
    [p for p in NUMBERS if p[1] not in ("max_rent", "max_placements", "soft_placements")],
)
def test_only_limits_may_be_null(part, key):
    given = full()
    given[part][0][key] = None
    assert code_of(given) == "wrong_type"


def test_urgency_and_vacancy_days_have_a_range():
    given = full()
    given["clients"][0]["urgency"] = 4
    assert code_of(given) == "out_of_range"
    assert code_of(full() | {"options": {"vacancy_days": -1}}) == "negative"
    assert code_of(full() | {"options": {"vacancy_days": 10**8}}) == "out_of_range"


@pytest.mark.parametrize(
    "value", ["", "2026-13-01", "2026-02-30", "01-10-2026", "20261001", "2026-W40-1", "2026-10-1"]
)
def test_dates_are_iso_days(value):
    assert code_of(full() | {"as_of": value}) == "not_a_date"
    for part, key in (("clients", "ready_on"), ("dwellings", "available_on")):
        given = full()
        given[part][0][key] = value
        assert code_of(given) == "not_a_date"


def test_the_schema_is_named():
    assert code_of(full() | {"schema": "weerthuis/match-instance/2"}) == "unknown_schema"
    assert code_of(full() | {"schema": 1}) == "unknown_schema"


@pytest.mark.parametrize("part", ROWS[:-1])
def test_two_rows_with_one_key_are_refused(part):
    given = full()
    given[part].append(copy.deepcopy(given[part][0]))
    assert code_of(given) == "duplicate"


def test_references_must_lead_somewhere():
    given = full()
    given["dwellings"][0]["neighbourhood"] = "Nowhere"
    assert code_of(given) == "dangling_reference"
    given = full()
    given["support"][0]["neighbourhood"] = "Nowhere"
    assert code_of(given) == "dangling_reference"
    assert code_of(full() | {"locked": [{"client": "X", "dwelling": "D1"}]}) == "dangling_reference"
    assert code_of(full() | {"locked": [{"client": "C1", "dwelling": "X"}]}) == "dangling_reference"


def test_references_to_the_past_are_allowed():
    given = full()
    given["clients"][0] |= {
        "refused_dwellings": ["let long ago"],
        "excluded_neighbourhoods": ["merged"],
        "preferred_neighbourhoods": ["renamed"],
        "municipalities": ["Duinstad", "elsewhere"],
    }
    given["quotas"][0]["municipality"] = "elsewhere"
    given["guidance"][0]["provider"] = "stopped"
    assert match(given)["placements"] == 2


def test_a_dwelling_lies_in_the_municipality_of_its_neighbourhood():
    given = full()
    given["dwellings"][0]["municipality"] = "Meerdorp"
    assert code_of(given) == "municipality_differs"


def test_a_person_or_a_home_is_promised_once():
    first = {"client": "C1", "dwelling": "D1"}
    for second in (first, first | {"dwelling": "D2"}, first | {"client": "C2"}):
        assert code_of(full() | {"locked": [first, second]}) == "promised_twice"


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("quotas", "remaining", 0),
        ("support", "free_places", 0),
        ("guidance", "free_hours", 1),
        ("neighbourhoods", "max_placements", 0),
    ],
)
def test_promises_over_a_capacity_are_refused(part, key, value):
    given = full() | {"locked": [{"client": "C1", "dwelling": "D1"}]}
    given[part][0][key] = value
    assert code_of(given) == "promises_over_capacity"


def test_free_form_facts_are_accepted_and_must_be_plain_values():
    given = full()
    given["clients"][0]["fit"] = {"distance": {"D1": 3.5}, "household": ["P1", "P2"], "any": None}
    given["dwellings"][0]["fit"] = {"contract_form": "regular"}
    assert match(given)["placements"] == 2
    deep = {}
    for _ in range(100):
        deep = {"deeper": deep}
    for wrong, code in (
        ([], "wrong_type"),
        ({"a": [NAN]}, "not_finite"),
        ({"a": 10**5000}, "too_large"),
        ({1: "a"}, "wrong_type"),
        ({"a": {1, 2}}, "wrong_type"),
        (deep, "wrong_type"),
    ):
        given["clients"][0]["fit"] = wrong
        assert code_of(given) == code


def test_a_strange_ref_stays_one_short_sentence():
    given = full()
    given["clients"][0]["ref"] = "two\nlines " + "x" * 500
    given["clients"][0]["bedrooms"] = -1
    assert code_of(given) == "negative"
    given = full()
    for person in given["clients"]:
        person["ref"] = "two\nlines " + "x" * 500
    assert code_of(given) == "duplicate"


@pytest.mark.parametrize(
    "parts", [{}, {"clients": [client("C1")]}, {"dwellings": [dwelling("D1")]}]
)
def test_nothing_to_match_is_an_answer_too(parts):
    result = match(instance(**parts))
    assert (result["status"], result["placements"], result["priority"]) == ("optimal", 0, 0)
    assert result["bound"] == {"placements": 0, "priority": 0}
    assert len(result["unmatched"]) == len(parts.get("clients", []))
    assert len(result["unused"]) == len(parts.get("dwellings", []))


def test_an_instance_without_any_neighbourhood_is_an_answer_too():
    assert match(instance(neighbourhoods=[]))["pairs"] == []


def test_the_instance_is_not_changed():
    given = full()
    before = copy.deepcopy(given)
    match(given)
    assert given == before


def test_neighbourhoods_without_homes_do_no_harm():
    given = full()
    given["neighbourhoods"].append(neighbourhood("Empty", "Elsewhere", max_placements=0))
    assert match(given)["placements"] == 2
