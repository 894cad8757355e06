"""The papers of the algorithm say what the program does: keys, numbers and rights are its own."""

import json
from dataclasses import fields as fields_of
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.access import GRANTS
from accounts.context import acting_as
from housing.algorithm import meanings
from housing.algorithm.facts import legal_limits
from housing.algorithm.page import PERMISSIONS, as_json, render
from housing.algorithm.register import UNFILLED, entry, fields
from housing.matching import CORE_VERSION
from housing.matching.eligibility import RULES
from housing.matching.explaining import REASON_CODES
from housing.matching.instance import Client, Dwelling
from housing.matching.policy import POLICY_FIELDS
from housing.models import MatchPolicy
from regions.clock import today
from regions.models import LegalParameter
from tests.factories import world

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).resolve().parents[2] / "docs"
AGAIN = "run: manage.py algorithm_page"
# What trust asks of an entry: goal, impact, proportionality, data, people, ground, objection.
ASKED = {
    "goal",
    "proportionality",
    "source_data",
    "human_intervention",
    "legal_basis",
    "objection",
    "contact",
    "publication_category",
    "version",
}


def test_the_page_is_what_the_rules_say():
    assert (DOCS / "algorithm.md").read_text(encoding="utf-8") == render(legal_limits()), AGAIN


def test_the_entry_for_machines_is_too():
    assert (DOCS / "algorithm.json").read_text(encoding="utf-8") == as_json(entry()), AGAIN


def test_a_limit_that_changes_changes_the_page():
    before = render(legal_limits())
    LegalParameter.objects.filter(kind="daeb_rent").update(value="999.99")
    assert render(legal_limits()) != before


@pytest.mark.parametrize(
    ("meant", "used"),
    [
        (meanings.RULES, set(RULES)),
        (meanings.REASONS, set(REASON_CODES)),
        (meanings.CLIENT_FACTS, {each.name for each in fields_of(Client)}),
        (meanings.DWELLING_FACTS, {each.name for each in fields_of(Dwelling)}),
        (meanings.POLICY, {each.name for each in POLICY_FIELDS}),
    ],
)
def test_everything_the_matching_uses_has_a_meaning_and_nothing_else(meant, used):
    assert set(meant) == used


def test_an_unknown_rule_would_be_noticed():
    assert set(meanings.RULES) != {*RULES, "sex"}


def test_the_entry_has_the_fields_that_are_asked_in_both_languages():
    told = {each.key: each for each in fields()}
    assert set(told) >= ASKED
    for each in told.values():
        assert each.text.nl
        assert each.text.en
        assert each.heading.nl
    assert CORE_VERSION in told["version"].text.nl
    assert json.loads(as_json(entry()))["core_version"] == CORE_VERSION


def test_both_languages_tell_the_same_tables():
    nl, en = render(legal_limits()).split("# The algorithm: register and facts")
    assert nl.count("\n| `") == en.count("\n| `") > 100
    for grant in GRANTS:
        if grant.permission in PERMISSIONS:
            assert f"| `{grant.permission.value}` | {grant.role.value.replace('_', ' ')} |" in en


def test_the_entry_of_a_region_names_its_policy_and_leaves_open_what_nobody_recorded(capsys):
    region = world()
    with acting_as(region.coordinator):
        MatchPolicy.objects.create(
            region=region.region,
            number=3,
            values={},
            reason="Afgesproken.",
            owner="Regietafel",
            made_by_id=region.coordinator.user_id,
            valid_from=today(),
            adopted_at="2026-01-01T00:00Z",
            adopted_by_id=region.coordinator.user_id,
        )
    call_command("algorithm_page", region=region.region.name)
    told = json.loads(capsys.readouterr().out)["fields"]
    assert told["region"]["nl"] == region.region.name
    assert told["organization"]["nl"] == "Bureau"
    assert "Versie 3, vastgesteld door Regietafel" in told["policy"]["nl"]
    assert told["contact"]["nl"] == UNFILLED.nl


def test_a_region_that_is_not_there_is_said():
    with pytest.raises(CommandError, match="no region called Nergens"):
        call_command("algorithm_page", region="Nergens")
