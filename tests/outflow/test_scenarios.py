"""Scenarios: who makes and keeps them, what cannot be, and how a change reads."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from accounts.access import GRANTS, Permission, Role
from accounts.context import acting_as
from accounts.models import AuditEntry, User
from outflow.errors import ChangedMeanwhile, NotAllowed, Refused, RefusedAt
from outflow.estimates.results import Band
from outflow.estimation import EstimateError
from outflow.models import EstimateRun, Scenario
from outflow.operations import scenarios as operations
from outflow.operations.estimates import scenarios_of
from outflow.scenarios import reading
from outflow.scenarios.words import (
    REFUSALS,
    change_sentence,
    housed_sentence,
    refusal,
    spread_words,
    waits_sentence,
)
from regions.clock import on_day, today
from regions.models import RunState
from tests.factories import world
from tests.outflow.scenario_makers import (
    AS_OF,
    DIFFERENCE,
    FASTER,
    MORE_HOMES,
    computed,
    make,
    rows,
)

pytestmark = pytest.mark.django_db

CORE = Path(__file__).resolve().parents[2] / "outflow" / "estimation"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


MAKES = {grant.role for grant in GRANTS if grant.permission == Permission.MAKE_SCENARIO}


@pytest.fixture(autouse=True)
def the_day():
    with on_day(AS_OF):
        yield


@pytest.fixture
def region():
    made = world()
    User.objects.update(language="en")
    return made


# Making, changing and putting away ----------------------------------------------------------------


def test_a_scenario_that_is_made_is_computed_with_the_next_estimate(region):
    made = make(region.team_leader)
    [waiting] = EstimateRun.objects.filter(region=region.region, state=RunState.QUEUED)
    assert [given["ref"] for given in waiting.parameters["scenarios"]] == [str(made.ref)]
    assert made.owner_id == region.team_leader.organisation_id
    entry = AuditEntry.objects.get(operation="scenario.made")
    assert (entry.object_ref, entry.facts) == (made.ref, {"changes": 1})


def test_changing_what_changes_asks_for_an_estimate_and_a_new_name_does_not(region):
    made = make(region.coordinator)
    EstimateRun.objects.all().delete()
    by = region.coordinator
    with acting_as(by):
        operations.change_scenario(scenario=made, name="Homes", changes=MORE_HOMES, by=by)
        assert not EstimateRun.objects.exists()
        operations.change_scenario(scenario=made, name="Homes", changes=FASTER, by=by)
    made.refresh_from_db()
    assert (made.name, made.changes) == ("Homes", FASTER)
    assert EstimateRun.objects.filter(state=RunState.QUEUED).exists()


def test_what_is_put_away_is_not_computed_and_comes_back_whole(region):
    made = make(region.coordinator)
    with acting_as(region.coordinator):
        operations.archive_scenario(scenario=made, by=region.coordinator)
        assert scenarios_of(region.region) == []
        operations.restore_scenario(scenario=made, by=region.coordinator)
        [asked] = scenarios_of(region.region)
    assert asked["changes"] == MORE_HOMES


def test_putting_away_twice_is_refused_in_words(region):
    made = make(region.coordinator)
    with acting_as(region.coordinator):
        operations.archive_scenario(scenario=made, by=region.coordinator)
        with pytest.raises(Refused, match="put away"):
            operations.archive_scenario(scenario=made, by=region.coordinator)


def test_the_thirteenth_live_scenario_of_a_region_is_refused_with_what_to_do(region):
    owners = [region.team_leader, region.access_officer, region.allocator]
    for number in range(operations.MOST_LIVE):
        make(owners[number % 3], f"Question {number}")
    with pytest.raises(Refused) as refused:
        make(region.coordinator, "One more")
    assert "Put one away first" in refused.value.sentence
    assert "Provider" in refused.value.sentence
    first = Scenario.objects.first()
    with acting_as(region.team_leader):
        operations.archive_scenario(scenario=first, by=region.team_leader)
    last = make(region.coordinator, "One more")
    with acting_as(region.team_leader), pytest.raises(Refused):
        operations.restore_scenario(scenario=first, by=region.team_leader)
    assert Scenario.objects.live().count() == operations.MOST_LIVE
    assert last.archived_at is None


def test_one_organisation_cannot_take_all_the_room(region):
    for number in range(operations.MOST_OF_ONE):
        make(region.team_leader, f"Question {number}")
    with pytest.raises(Refused) as refused:
        make(region.team_leader, "One more")
    assert "Your organisation has 4 scenarios" in refused.value.sentence
    assert make(region.coordinator, "Of another").pk


def test_a_name_is_taken_within_an_organisation_only(region):
    make(region.team_leader, "Homes")
    with pytest.raises(RefusedAt) as refused:
        make(region.team_leader, "HOMES")
    assert refused.value.field == "name"
    assert make(region.coordinator, "Homes").pk


def test_nobody_changes_the_scenario_of_another_organisation(region):
    made = make(region.coordinator)
    other = region.team_leader
    with acting_as(region.coordinator):
        operations.share_scenario(scenario=made, organisations=None, by=region.coordinator)
    deeds = {
        "change": lambda: operations.change_scenario(
            scenario=made, name="Mine", changes=FASTER, by=other
        ),
        "share": lambda: operations.share_scenario(
            scenario=made, organisations=[region.corporation], by=other
        ),
        "stop": lambda: operations.stop_sharing(
            scenario=made, organisation=region.provider, by=other
        ),
        "archive": lambda: operations.archive_scenario(scenario=made, by=other),
        "restore": lambda: operations.restore_scenario(scenario=made, by=other),
    }
    for deed in deeds.values():
        with acting_as(other), pytest.raises(NotAllowed):
            deed()


@pytest.mark.parametrize("role", list(Role))
def test_only_roles_of_the_access_table_make_a_scenario(region, role):
    viewer = region.viewers[str(role)]
    if role in MAKES:
        assert make(viewer).pk
    else:
        with pytest.raises(NotAllowed):
            make(viewer)


def test_of_two_who_save_the_second_is_told_what_the_first_saved(region):
    made = make(region.coordinator)
    seen = operations.mark_of(made)
    by = region.second_coordinator
    with acting_as(by):
        operations.change_scenario(scenario=made, name="Theirs", changes=FASTER, by=by, seen=seen)
        with pytest.raises(ChangedMeanwhile):
            operations.change_scenario(
                scenario=made, name="Mine", changes=MORE_HOMES, by=by, seen=seen
            )
    made.refresh_from_db()
    assert made.name == "Theirs"


# What cannot be -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"what": "weather"}, "kind_1", "cannot be changed"),
        ({"what": "inflow", "how": "often", "value": 2}, "kind_1", "in this way"),
        ({"what": "inflow", "how": "times"}, "value_1", "say how much"),
        ({"what": "inflow", "how": "times", "value": -1}, "value_1", "more or less than can be"),
        ({"what": "readiness", "how": "times", "value": 0}, "value_1", "nor a standstill"),
        ({"what": "places", "how": "set", "value": 2.5}, "value_1", "whole numbers"),
        ({"what": "policy_share", "share": 1.2, "by": "2027Q4"}, "value_1", "between 0 and 100%"),
        ({"what": "policy_share", "share": 0.3}, "until_1", "by which quarter"),
        ({"what": "policy_share", "share": 0.3, "by": "2026Q3"}, "until_1", "is over"),
        ({"what": "policy_share", "share": 0.3, "by": "2040Q1"}, "until_1", "ends with"),
        (
            {"what": "inflow", "how": "times", "value": 2, "from": "2028Q1", "until": "2027Q1"},
            "until_1",
            "lies before the first",
        ),
        ({"what": "inflow", "how": "times", "value": 2, "from": "soon"}, "from_1", "a quarter of"),
        (
            {"what": "contingent", "how": "times", "value": 2, "facility_type": "BW"},
            "facility_type_1",
            "does not go together with a choice for whom",
        ),
        (
            {"what": "inflow", "how": "times", "value": 2, "municipality": "GM9003"},
            "municipality_1",
            "a municipality of the region",
        ),
        (
            {"what": "inflow", "how": "times", "value": 2, "facility_type": "XX"},
            "facility_type_1",
            "sheltered housing or shelter",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_in_our_words(region, change, field, words):
    with pytest.raises(RefusedAt) as refused:
        make(region.coordinator, changes=[change])
    assert refused.value.field == field
    assert refused.value.sentence.startswith("Change 1")
    assert words in refused.value.sentence
    assert not Scenario.objects.exists()


def test_two_changes_of_one_thing_at_one_time_are_refused(region):
    with pytest.raises(RefusedAt) as refused:
        make(region.coordinator, changes=[*MORE_HOMES, *MORE_HOMES])
    assert refused.value.field == "kind_2"
    assert "the same as change 1" in refused.value.sentence


def test_more_changes_than_the_form_holds_and_none_at_all_are_refused(region):
    towns = [{**MORE_HOMES[0], "from": f"202{n}Q1", "until": f"202{n}Q4"} for n in (7, 8, 9)]
    with pytest.raises(Refused, match="at most 4 changes"):
        make(region.coordinator, changes=[*towns, *towns])
    with pytest.raises(RefusedAt):
        operations.make_scenario(name="Nothing", changes=[], by=region.coordinator)


def test_every_refusal_of_the_core_has_words_of_ours():
    source = "".join(path.read_text() for path in CORE.glob("*.py"))
    codes = set(re.findall(r'"((?:change|scenario)_[a-z_]+)",', source))
    assert {"change_range", "scenario_name"} <= codes
    assert codes - REFUSALS.keys() == set()


def test_an_unknown_refusal_never_shows_the_core_s_own_sentence():
    field, sentence = refusal(EstimateError("brand_new", "Change %(change)d: core talk.", change=1))
    assert (field, "core talk" in sentence) == ("", False)


# Words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (MORE_HOMES[0], "20 % more homes"),
        (FASTER[0], "people are ready 20 % faster, from Q1 2027 on"),
        (
            {
                "what": "places",
                "how": "times",
                "value": 0.875,
                "from": "2027Q1",
                "until": "2027Q4",
                "facility_type": "BW",
                "municipality": "GM9001",
            },
            "12.5 % fewer places in care, from Q1 2027 up to and including Q4 2027,"
            " only sheltered housing, in Rietdam",
        ),
        (
            {"what": "contingent", "how": "set", "value": 1.0, "until": "2028Q2"},
            "1 home per quarter, up to and including Q2 2028",
        ),
        ({"what": "inflow", "how": "set", "value": 1200.0}, "1,200 people come in per quarter"),
        (
            {"what": "policy_share", "share": 0.333, "by": "2027Q4"},
            "33.3 % of the people in care are ready by the end of Q4 2027",
        ),
        ({"what": "relapse", "how": "times", "value": 0.8}, "20 % fewer people come back"),
    ],
)
def test_a_change_reads_as_people_say_it(change, sentence):
    with translation.override("en"):
        words = change_sentence(change, {"GM9001": "Rietdam"})
    assert words.replace("\N{NO-BREAK SPACE}", " ") == sentence


def band(likely: int, low: int, high: int) -> Band:
    return Band(date(2027, 10, 1), likely, low, high, low - 1, high + 1, float(likely))


@pytest.mark.parametrize(
    ("difference", "sentence"),
    [
        (
            band(-12, -20, -5),
            "At the end of Q4 2027 12 fewer people wait for a home"
            " (8 of 10 times between 5 and 20 fewer).",
        ),
        (
            band(1, -3, 4),
            "At the end of Q4 2027 1 person more waits for a home"
            " (8 of 10 times between 3 fewer and 4 more).",
        ),
        (band(0, 0, 0), "At the end of Q4 2027 as many people wait for a home as without it."),
        (
            band(-2, -6, 0),
            "At the end of Q4 2027 2 fewer people wait for a home (8 of 10 times none to 6 fewer).",
        ),
    ],
)
def test_the_difference_is_told_without_signs(difference, sentence):
    with translation.override("en"):
        assert waits_sentence(difference) == sentence


def test_the_words_of_a_spread_name_the_smaller_number_first():
    with translation.override("en"):
        assert spread_words(5, 9) == "between 5 and 9 more"
        assert spread_words(0, 9) == "none to 9 more"
        assert housed_sentence(-1) == "In the coming year 1 person fewer moves into a home."


# Reading ------------------------------------------------------------------------------------------


def test_the_newest_answer_counts_and_a_run_that_failed_does_not(region):
    made = make(region.coordinator)
    computed(made)
    later = computed(made, difference={**DIFFERENCE, "backlog": -30})
    broken = computed(made, difference={**DIFFERENCE, "backlog": -99})
    EstimateRun.objects.filter(pk=broken.pk).update(state=RunState.FAILED)
    found = reading.answer(made)
    assert found is not None
    assert found.run_ref == later.ref
    assert found.waiting is not None
    assert found.waiting.likely == -30
    assert reading.short_answers([made])[made.pk].waiting == found.waiting


def test_the_coming_year_is_the_four_quarters_that_have_not_begun(region):
    made = make(region.coordinator)
    computed(made)
    found = reading.answer(made)
    assert found is not None
    assert today() == AS_OF
    assert found.coming_year == [1, 2, 3, 4]
    assert found.housed == 12


def test_parts_of_a_result_that_are_about_kinds_of_homes_are_left_out(region):
    made = make(region.coordinator)
    run = computed(made)
    run.result["series"] += rows({"backlog": 7}, by={"form": "independent"})
    run.save()
    found = reading.answer(made)
    assert found is not None
    assert {quarter.without.likely for quarter in found.quarters("backlog")} == {120}
