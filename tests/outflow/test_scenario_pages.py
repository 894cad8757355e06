"""What the pages of scenarios say, to whom, and how scenarios are shared."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import GRANTS, Permission, Role
from accounts.context import acting_as
from accounts.models import AuditEntry, User
from outflow.errors import NotAllowed, Refused
from outflow.models import EstimateRun, ScenarioResult
from outflow.operations import scenarios as operations
from regions.clock import on_day
from regions.models import RunState
from tests.factories import sign_in, world
from tests.outflow.scenario_makers import (
    AS_OF,
    FASTER,
    NOW,
    computed,
    make,
    page,
    rows,
    text_of,
)

pytestmark = pytest.mark.django_db

SEES = {grant.role for grant in GRANTS if grant.permission == Permission.SEE_SCENARIOS}


@pytest.fixture(autouse=True)
def the_day():
    with on_day(AS_OF):
        yield


@pytest.fixture
def region():
    made = world()
    User.objects.update(language="en")
    return made


@pytest.fixture
def see(client, region):
    def look(viewer, address, **data):
        return sign_in(client, viewer).get(address, data)

    return look


# The list -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_only_roles_of_the_access_table_open_the_list(region, see, role):
    viewer = region.viewers[str(role)]
    assert see(viewer, page("scenarios")).status_code == (200 if role in SEES else 404)


def test_the_list_says_what_scenarios_are_for_before_there_is_one(region, see):
    maker = text_of(see(region.coordinator, page("scenarios")))
    assert "shows what a choice does before it is made" in maker
    assert "Questions to begin with" in maker
    member = text_of(see(region.steering_member, page("scenarios")))
    assert "As soon as a party of the region shares one" in member
    assert "Make a scenario" not in member


def test_the_list_says_what_each_does_and_which_are_still_being_computed(region, see):
    make(region.coordinator, "Faster", FASTER)
    computed(make(region.coordinator))
    said = text_of(see(region.coordinator, page("scenarios")))
    assert "At the end of Q4 2027 12 fewer people wait for a home" in said
    assert "In the coming year 12 more people move into a home." in said
    assert "Is being computed; that takes a few minutes." in said
    EstimateRun.objects.exclude(state=RunState.DONE).delete()
    assert "Is computed with the next estimate." in text_of(
        see(region.coordinator, page("scenarios"))
    )


def test_figures_of_older_changes_are_said_to_be_so(region, see):
    made = make(region.coordinator)
    computed(made, changes=FASTER)
    assert "Of the changes as they were" in text_of(see(region.coordinator, page("scenarios")))
    said = text_of(see(region.coordinator, made.get_absolute_url()))
    assert "These figures are about the changes as they were. People are ready 20 % faster" in said


def test_a_list_of_four_costs_the_queries_of_one(region, see):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert see(region.coordinator, page("scenarios")).status_code == 200
        return len(queries)

    run = computed(make(region.coordinator, "Question 0"))
    cost()
    few = cost()
    for number in (1, 2, 3):
        computed(make(region.coordinator, f"Question {number}"), run=run)
    assert cost() <= few


# One scenario -------------------------------------------------------------------------------------


def test_its_page_opens_with_the_sentence_and_holds_the_numbers(region, see):
    made = make(region.coordinator)
    computed(made)
    response = see(region.coordinator, made.get_absolute_url())
    said = text_of(response)
    assert (
        "At the end of Q4 2027 12 fewer people wait for a home"
        " (8 of 10 times between 5 and 19 fewer). In the coming year 12 more people move" in said
    )
    assert "\N{MINUS SIGN}12 \N{MINUS SIGN}19 to \N{MINUS SIGN}5" in said
    assert response.content.decode().count('aria-labelledby="scenario-sentence"') == 3
    assert "as now 120" in said
    assert "Not shared: only your own organisation sees it." in said


@pytest.mark.parametrize("measure", ["housed", "becomes_ready", "backlog", "nonsense"])
def test_each_measure_has_its_picture_and_table(region, see, measure):
    made = make(region.coordinator)
    computed(made)
    said = text_of(see(region.coordinator, made.get_absolute_url(), show=measure))
    title = {"housed": "People who move into a home", "becomes_ready": "People who become ready"}
    assert title.get(measure, "People who wait for a home") in said
    assert ("from 22 Nov 2026" in said.split("Per quarter")[1]) == (measure in title)


def test_while_it_is_computed_the_page_says_so_and_asks_again(region, see, client):
    made = make(region.coordinator)
    response = see(region.coordinator, made.get_absolute_url())
    assert "This scenario waits for its turn to be computed." in text_of(response)
    address = f"{made.get_absolute_url()}?progress=1"
    assert f'hx-get="{address}"' in response.content.decode()
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert "waits for its turn" in text_of(fragment)
    assert "<html" not in fragment.content.decode()
    EstimateRun.objects.update(state=RunState.DONE)
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert "The scenario is computed. Show it" in text_of(fragment)


def test_a_scenario_that_a_run_could_not_compute_says_why(region, see):
    made = make(region.coordinator)
    run = computed(made)
    why = {"code": "change_past", "sentence": "core talk", "params": {"change": 1, "key": "until"}}
    ScenarioResult.objects.filter(run=run).update(result={"refused": why})
    sentence = "This cannot be computed. Change 1: this quarter is over. Choose a later one."
    for address in (page("scenarios"), made.get_absolute_url()):
        said = text_of(see(region.coordinator, address))
        assert sentence in said
        assert "core talk" not in said
    with_it = see(region.coordinator, page("scenario_compare"), **{"with": made.ref})
    assert sentence in text_of(with_it)


def test_a_place_with_few_people_is_not_told_nor_a_difference_that_gives_it_away(region, see):
    made = make(region.coordinator)
    computed(made, places={"GM9001": (24, 21), "GM9002": (12, 9)})
    said = text_of(see(region.coordinator, made.get_absolute_url()))
    large = said.split("Rietdam")[1].split("Waterveen")[0]
    small = said.split("Waterveen")[1].split("Four whole quarters")[0]
    assert "21" in large
    assert "\N{MINUS SIGN}3" in large
    assert "fewer than 10 not told" in small
    assert "12" not in small.split("fewer than 10")[-1]


def test_the_share_housed_within_three_months_stands_beside_it_when_there_is_one(region, see):
    made = make(region.coordinator)
    run = computed(made)
    answer = ScenarioResult.objects.get(scenario=made)
    soon = {"by": {"waiting": "within_3_months"}}
    run.result["series"] += rows({"waiting": 40}, **soon)
    answer.result["series"] += rows({"waiting": 55}, **soon)
    run.save()
    answer.save()
    said = text_of(see(region.coordinator, made.get_absolute_url()))
    assert "55 % as now 40 %" in said
    assert "Housed within 3 months" in said


def test_places_where_nothing_can_be_told_are_named_under_the_table(region, see):
    made = make(region.coordinator)
    run = computed(made, places={"GM9001": (24, 21)})
    run.result["series"] += rows({"housed": 1, "backlog": 2}, municipality="GM9002")
    run.save()
    answer = ScenarioResult.objects.get(scenario=made)
    answer.result["series"] += rows({"housed": 2, "backlog": 1}, municipality="GM9002")
    answer.save()
    said = text_of(see(region.coordinator, made.get_absolute_url()))
    assert "Fewer than 10 everywhere: Waterveen." in said
    assert said.count("Waterveen") == 1


def test_changes_that_come_about_anyway_are_said_to_make_no_difference(region, see):
    made = make(region.coordinator)
    run = computed(made, changed=NOW, difference=dict.fromkeys(NOW, 0))
    address = made.get_absolute_url()
    assert "make no difference" not in text_of(see(region.coordinator, address))
    answer = ScenarioResult.objects.get(run=run)
    answer.result["difference"] = rows(dict.fromkeys(NOW, 0))
    answer.save()
    assert "These changes make no difference." in text_of(see(region.coordinator, address))


@pytest.mark.parametrize("format", ["xlsx", "ods", "csv"])
def test_the_figures_can_be_taken_along(region, see, format):
    made = make(region.coordinator)
    computed(made, places={"GM9002": (12, 9)})
    answer = see(region.coordinator, made.get_absolute_url(), format=format)
    assert "attachment" in answer["Content-Disposition"]
    if format == "csv":
        assert "fewer than 10" in answer.content.decode()
        assert '"\N{MINUS SIGN}12"' in answer.content.decode() or "-12" in answer.content.decode()


# Sharing ------------------------------------------------------------------------------------------


def test_it_is_seen_by_whom_it_was_shared_with_until_that_stops(region, see, client):
    made = make(region.coordinator)
    computed(made)
    address = made.get_absolute_url()
    assert see(region.allocator, address).status_code == 404
    sign_in(client, region.coordinator).post(
        page("scenario_share", made), {"organisations": [str(region.corporation.ref)]}
    )
    said = text_of(see(region.allocator, address))
    assert "Shared with your organisation." in said
    assert (
        "Change" not in said.split("Who has it")[0].split("Make a variant")[0].split("Estimate")[-1]
    )
    assert see(region.other_allocator, address).status_code == 404
    assert see(region.foreign_coordinator, address).status_code == 404
    sign_in(client, region.coordinator).post(
        page("scenario_share", made), {"stop": str(region.corporation.ref)}
    )
    assert see(region.allocator, address).status_code == 404
    assert set(
        AuditEntry.objects.filter(operation__startswith="scenario.").values_list(
            "operation", flat=True
        )
    ) == {"scenario.made", "scenario.shared", "scenario.unshared"}


def test_whom_it_is_shared_with_is_not_told_who_else_sees_it(region, see):
    made = make(region.coordinator)
    with acting_as(region.coordinator):
        operations.share_scenario(scenario=made, organisations=None, by=region.coordinator)
    assert "Other office" in text_of(see(region.coordinator, made.get_absolute_url()))
    assert "Other office" not in text_of(see(region.allocator, made.get_absolute_url()))


def test_only_the_coordinator_shares_with_everybody_at_once(region, see):
    made = make(region.team_leader)
    with acting_as(region.team_leader), pytest.raises(NotAllowed):
        operations.share_scenario(scenario=made, organisations=None, by=region.team_leader)
    assert "Share with all" not in text_of(see(region.team_leader, page("scenario_share", made)))
    theirs = make(region.coordinator)
    assert "Share with all" in text_of(see(region.coordinator, page("scenario_share", theirs)))


def test_an_organisation_elsewhere_or_without_readers_cannot_be_chosen(region, client):
    made = make(region.coordinator)
    for party in (region.foreign_corporation, region.council):
        with acting_as(region.coordinator), pytest.raises(Refused):
            operations.share_scenario(scenario=made, organisations=[party], by=region.coordinator)
        answer = sign_in(client, region.coordinator).post(
            page("scenario_share", made), {"organisations": [str(party.ref)]}
        )
        assert answer.status_code == 422
    answer = client.post(page("scenario_share", made), {})
    assert "Choose at least one organisation." in text_of(answer)


def test_what_is_put_away_stays_visible_to_its_own_organisation_only(region, see, client):
    made = make(region.coordinator)
    computed(made)
    with acting_as(region.coordinator):
        operations.share_scenario(scenario=made, organisations=None, by=region.coordinator)
    answer = sign_in(client, region.coordinator).post(page("scenario_archive", made))
    assert answer.url == page("scenarios")
    assert "This scenario is put away." in text_of(see(region.coordinator, made.get_absolute_url()))
    assert see(region.allocator, made.get_absolute_url()).status_code == 404
    assert see(region.coordinator, page("scenario_change", made)).status_code == 404
    said = text_of(see(region.coordinator, page("scenarios")))
    assert "Put More homes back" in said
    sign_in(client, region.coordinator).post(page("scenario_archive", made), {"deed": "restore"})
    assert see(region.allocator, made.get_absolute_url()).status_code == 200


# Side by side -------------------------------------------------------------------------------------


def test_side_by_side_shows_each_beside_the_base_with_its_difference(region, see):
    homes, faster = make(region.coordinator), make(region.coordinator, "Faster", FASTER)
    run = computed(homes)
    computed(
        faster,
        run=run,
        changed={"becomes_ready": 36, "housed": 25, "backlog": 133},
        difference={"becomes_ready": 6, "housed": 0, "backlog": 13},
    )
    response = see(
        region.coordinator, page("scenario_compare"), **{"with": [homes.ref, faster.ref]}
    )
    said = text_of(response)
    assert "As now" in said
    assert "108 \N{MINUS SIGN}12 (\N{MINUS SIGN}19 to \N{MINUS SIGN}5)" in said
    assert "133 +13 (+6 to +20)" in said
    assert "144 +24" in said
    assert response.content.decode().count('aria-labelledby="scenario-sentence"') == 3
    taken = see(
        region.coordinator,
        page("scenario_compare"),
        **{"with": [homes.ref, faster.ref], "format": "csv"},
    )
    assert "133" in taken.content.decode()


def test_side_by_side_says_which_one_is_not_computed_with_the_others(region, see):
    homes, faster = make(region.coordinator), make(region.coordinator, "Faster", FASTER)
    address = page("scenario_compare")
    both = {"with": [homes.ref, faster.ref]}
    assert "Not computed yet" in text_of(see(region.coordinator, address, **both))
    computed(homes)
    said = text_of(see(region.coordinator, address, **both))
    assert "because they were not computed together: Faster." in said


def test_at_most_three_stand_side_by_side_and_none_leads_back(region, see):
    four = [make(region.coordinator, f"Question {n}") for n in range(4)]
    run = computed(four[0])
    for each in four[1:]:
        computed(each, run=run)
    address = page("scenario_compare")
    said = text_of(see(region.coordinator, address, **{"with": [each.ref for each in four]}))
    assert "At most three fit side by side" in said
    assert "Question 3" not in said
    assert see(region.coordinator, address).url == page("scenarios")


def test_another_organisation_s_scenario_cannot_be_compared_unseen(region, see):
    made = make(region.coordinator)
    for ref in (made.ref, uuid.uuid4(), "nonsense"):
        assert see(region.allocator, page("scenario_compare"), **{"with": ref}).status_code == 404
