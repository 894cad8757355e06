"""The advice and the reasons in words: for who matches, and in plain language for the person."""

import re
from datetime import date
from types import SimpleNamespace

import pytest
from django.utils import translation

from housing import advice_words, client_words
from housing.advice_words import (
    gain_in_words,
    grounds_in_words,
    left_in_words,
    step_in_words,
    unused_in_words,
)
from housing.client_words import pair_for_client, unmatched_for_client
from housing.matching.advising import GROUNDS
from housing.matching.changes import HOME_ORDER, ORDER
from housing.matching.explaining import REASON_CODES
from housing.matching_words import reasons_in_words

MOST_WORDS = 20
HOME = "6f1c1d0e-4c1b-4c55-9a39-0b8f4b0a9f11"
NAMES = SimpleNamespace(
    town=lambda code: "Haarlemmerliede en Spaarnwoude",
    part=lambda ref: "Schalkwijk",
    party=lambda ref: "Stichting Wonen en Zorg Kennemerland",
    knows_part=lambda ref: False,
)
ON = date(2026, 10, 1)
STEPS = {
    ("support", None): {"neighbourhood": "n", "support_kind": "buddy", "more": 1},
    ("guidance", None): {"provider": "p", "municipality": "m", "more_hours": 1.5},
    ("neighbourhood", None): {"neighbourhood": "n", "more": 1},
    ("quota", None): {"corporation": "c", "municipality": "m", "target_group": None, "more": 1},
    ("dates", "dwelling"): {"of": "dwelling", "dwelling": HOME, "days": 6},
    ("dates", "client"): {"of": "client", "days": 1},
    ("municipality", None): {"municipality": "m"},
    ("form", None): {"form": "clustered"},
    ("max_rent", None): {"max_rent": 600.0, "more": 18.0},
}
# One reason of every code, with the facts of docs/matcher.md.
REASONS = {
    "promised": {},
    "promise_breaks_rule": {"failed": ["rent", "excluded"]},
    "rent_fits": {"rent": 590.0, "max_rent": 600.0},
    "no_rent_limit": {"rent": 590.0},
    "bedrooms_fit": {"bedrooms": 2, "needed": 1},
    "step_free_fits": {"ground_floor": False, "lift": True},
    "wheelchair_fits": {},
    "low_stimulus_fits": {},
    "form_fits": {"form": "clustered"},
    "municipality_wished": {"municipality": "m"},
    "preferred_neighbourhood": {"neighbourhood": "n"},
    "near_network": {"km": 2.4},
    "near_day_activity": {"km": 0.0},
    "contract_form_wished": {"contract_form": "regular"},
    "ready_in_time": {"ready_on": "2026-09-01", "available_on": "2026-10-15"},
    "support_available": {"neighbourhood": "n", "kinds": ["buddy", "walk_in"]},
    "guidance_fits": {"provider": "p", "municipality": "m", "hours": 2.5},
    "urgent": {"urgency": 2},
    "waited": {"days": 400, "waiting_since": "2025-08-27"},
    "longest_waiting": {"days": 400, "others": 3},
    "not_preferred_neighbourhood": {"neighbourhood": "n", "preferred": ["a", "b"]},
    "feature_not_needed": {"feature": "wheelchair"},
    "spare_bedrooms": {"spare": 1},
    "far_from_network": {"km": 21.3},
    "far_from_day_activity": {"km": 21.3},
    "contract_form_not_wished": {"contract_form": "omklap"},
    "many_persons": {"persons": 4, "most": 2},
    "above_appropriate_rent": {"rent": 700.0, "limit": 682.96},
    "above_soft_placements": {"neighbourhood": "n", "placements": 4, "soft_placements": 2},
}
NOT_FOR_CLIENTS = {"feature_not_needed", "above_soft_placements"}


def all_reasons():
    return [{"code": code} | facts for code, facts in REASONS.items()]


def all_steps():
    return [{"kind": kind} | facts for (kind, _), facts in STEPS.items()]


def row(**facts):
    return {"client": "x", "grounds": {}, "change": None, "why_null": None} | facts


def change(*steps, gain=1):
    return {"steps": list(steps), "houses": True, "gain": gain}


@pytest.fixture(params=["nl", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


def told_to_clients():
    """Everything a person can be told, in the language that is on."""
    told = pair_for_client(all_reasons(), NAMES)
    for why_null in client_words.NOTHING_HELPS:
        told += unmatched_for_client(row(why_null=why_null), NAMES)
    for ground in GROUNDS:
        told += unmatched_for_client(row(grounds={ground: 2}, why_null="none_helps"), NAMES)
    for step in all_steps():
        told += unmatched_for_client(row(change=change(step)), NAMES)
    return told


def test_every_code_has_words():
    assert set(REASONS) == set(REASON_CODES)
    assert set(client_words.PAIR) == set(REASON_CODES) - NOT_FOR_CLIENTS
    assert set(client_words.GROUNDS) == set(GROUNDS)
    assert set(client_words.NOTHING_HELPS) == set(advice_words.WHY_NULL)
    kinds = {kind for kind, _ in ORDER}
    assert set(client_words.STEPS) == kinds
    assert set(advice_words.STEPS) == kinds | set(HOME_ORDER)
    assert list(STEPS) == list(ORDER)


def test_no_sentence_to_the_person_is_longer_than_twenty_words(language):
    for text in told_to_clients():
        for sentence in re.split(r"(?<=[.?]) ", text):
            assert len(sentence.split()) <= MOST_WORDS, sentence
            assert sentence[-1] in ".?", sentence


def test_the_person_reads_no_code_and_is_called_u():
    codes = {*REASONS, *GROUNDS, *advice_words.WHY_NULL, *(kind for kind, _ in ORDER)}
    with translation.override("nl"):
        told = " ".join(told_to_clients())
    words = set(re.findall(r"\w+", told))
    assert not {code for code in codes if "_" in code} & words
    assert {"u", "uw"} <= words
    assert not words & {"je", "jij", "jouw", "cliënt", "kandidaat"}


def test_a_pair_is_explained_to_the_person_in_dutch():
    reasons = [reason for reason in all_reasons() if reason["code"] in {"rent_fits", "waited"}]
    with translation.override("nl"):
        assert pair_for_client(reasons, NAMES) == [
            "De huur is €\N{NO-BREAK SPACE}590,00. U kunt tot €\N{NO-BREAK SPACE}600,00 betalen.",
            "U wacht sinds 27 aug 2025.",
        ]


def test_who_is_left_is_told_why_and_what_would_help():
    steps = change({"kind": "max_rent"} | STEPS["max_rent", None])
    with translation.override("nl"):
        told = unmatched_for_client(row(grounds={"longer_waiting": 3}, change=steps), NAMES)
    assert told == [
        "Er is nog geen woning voor u.",
        "Anderen wachten langer dan u.",
        "Het helpt als de huur €\N{NO-BREAK SPACE}18,00 hoger mag zijn. Kunt u dat betalen?",
        "Praat met uw begeleider over wat u kunt doen.",
    ]


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (("max_rent", None), "A rent limit EUR\N{NO-BREAK SPACE}18.00 higher"),
        (("support", None), "One more housing buddy place in Schalkwijk"),
        (("municipality", None), "Haarlemmerliede en Spaarnwoude as a wish too"),
        (("form", None), "Clustered living as a possibility too"),
        (("dates", "client"), "Ready 1 day earlier"),
        (("neighbourhood", None), "An agreement that Schalkwijk carries one more"),
    ],
)
def test_a_step_is_said_as_what_would_help(step, sentence):
    with translation.override("en"):
        assert step_in_words({"kind": step[0]} | STEPS[step], NAMES).sentence == sentence


def test_every_step_and_every_reason_has_a_sentence_in_both_languages(language):
    for step in all_steps():
        assert step_in_words(step, NAMES).sentence
    told = reasons_in_words(all_reasons(), NAMES, on=ON, whole=True)
    assert len(told.speaks_for) + len(told.speaks_against) == len(REASONS)
    assert all(gain_in_words(gain) for gain in (0, 1, 2))


def test_whoever_is_left_gets_the_ground_of_most_homes_and_what_helps():
    steps = change(*(step for step in all_steps() if step["kind"] in {"form", "max_rent"}))
    told = row(grounds={"more_urgent": 1, "longer_waiting": 3}, change=steps)
    with translation.override("en"):
        left = left_in_words(told, NAMES)
        assert left.why == "3 dwellings that fit go to others who waited longer"
        assert left.change == (
            "Clustered living as a possibility too. A rent limit EUR\N{NO-BREAK SPACE}18.00 higher"
        )
        assert grounds_in_words({"promised": 1}) == ["1 dwelling that fits is promised already"]
        nothing = left_in_words(row(why_null="needs_only"), NAMES)
        assert nothing.why == "No dwelling that is free fits"
        assert nothing.change == "Another dwelling, with what is needed"


def test_the_way_to_whoever_can_do_it_is_given():
    with translation.override("en"):
        held = step_in_words({"kind": "dates"} | STEPS["dates", "dwelling"], NAMES)
        hours = step_in_words({"kind": "guidance"} | STEPS["guidance", None], NAMES)
    assert (held.label, bool(held.url)) == ("To the dwelling", True)
    assert (hours.label, bool(hours.url)) == ("To the hours", True)


def test_a_home_that_nobody_got_says_what_would_fit_how_many():
    with translation.override("en"):
        nearest = {"kind": "rent", "rent": 590.0, "less": 10.0, "people": 2}
        assert unused_in_words({"dwelling": "d", "failed": {}, "nearest": nearest}, NAMES) == (
            "A rent EUR\N{NO-BREAK SPACE}10.00 lower would fit 2 people who wait."
        )
        assert unused_in_words({"dwelling": "d", "failed": {}, "nearest": None}, NAMES) == ""
