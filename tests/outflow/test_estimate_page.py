"""The estimate on its page: the sentence first, what is protected, who may open and start it."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.access import GRANTS, Permission, Role
from accounts.context import acting_as
from accounts.models import User
from outflow import runs
from outflow.estimates.counted import with_so_far
from outflow.estimates.quarters import quarter_after, quarter_of, quarters_before
from outflow.estimates.results import Band, Trial
from outflow.estimates.sentences import plan_sentences, trial_sentences
from outflow.estimates.words import ASSUMPTIONS, WARNINGS
from outflow.lifecycle import Phase
from outflow.models import EstimateRun
from outflow.operations.estimates import request_estimate
from regions.clock import on_day
from regions.models import RunFailure, RunState
from tests.factories import make_client, sign_in, world
from tests.outflow.estimate_results import AS_OF, a_result, make_run, text_of

pytestmark = pytest.mark.django_db

PAGE = "outflow:estimate"
SEES = {grant.role for grant in GRANTS if grant.permission == Permission.SEE_ESTIMATE}
STARTS = {grant.role for grant in GRANTS if grant.permission == Permission.RUN_ESTIMATE}


@pytest.fixture
def region():
    made = world()
    User.objects.update(language="en")
    return made


@pytest.fixture
def see(client, region):
    def look(viewer, address=None, **data):
        return sign_in(client, viewer).get(address or reverse(PAGE), data)

    return look


def test_the_page_opens_with_the_sentence(region, see):
    make_run(region)
    page = text_of(see(region.coordinator))
    assert (
        "In Q4 2026 31 to 44 people become ready for a home of their own, most likely 37." in page
    )
    assert "In Q3 2028 about 37 people become ready." in page


@pytest.mark.parametrize(
    ("measure", "sentence"),
    [
        ("housed", "In Q4 2026 31 to 44 people move into a home of their own"),
        ("backlog", "At the end of Q4 2026 31 to 44 people are ready and wait for a home"),
        ("needs_dwelling", "become ready in Q4 2026, 31 to 44 dwellings are needed"),
        ("nonsense", "In Q4 2026 31 to 44 people become ready"),
    ],
)
def test_every_measure_has_its_sentence_picture_and_table(region, see, measure, sentence):
    make_run(region)
    response = see(region.steering_member, show=measure)
    page = text_of(response)
    assert sentence in page
    assert response.content.decode().count('aria-labelledby="estimate-sentence"') == 3
    assert "28 to 47" in page


@pytest.mark.parametrize("role", list(Role))
def test_only_roles_of_the_access_table_open_the_page(region, see, role):
    make_run(region)
    viewer = region.viewers[str(role)]
    assert see(viewer).status_code == (200 if role in SEES else 404)


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_start_an_estimate_can(region, client, role):
    viewer = region.viewers[str(role)]
    response = sign_in(client, viewer).post(reverse("outflow:estimate_start"))
    assert response.status_code == (302 if role in STARTS else 404)
    assert EstimateRun.objects.count() == (1 if role in STARTS else 0)


def test_the_button_stands_only_where_it_may_be_pressed(region, see):
    make_run(region)
    assert "Make estimate" in text_of(see(region.coordinator))
    assert "Make estimate" not in text_of(see(region.steering_member))


def test_asking_twice_makes_one_run(region, client):
    browser = sign_in(client, region.coordinator)
    browser.post(reverse("outflow:estimate_start"))
    browser.post(reverse("outflow:estimate_start"))
    assert EstimateRun.objects.filter(state=RunState.QUEUED).count() == 1


def test_the_estimate_of_another_region_is_not_shown(region, see):
    run = make_run(region)
    assert "No estimate yet" in text_of(see(region.foreign_coordinator))
    address = reverse("outflow:estimate_progress", args=[run.ref])
    assert see(region.foreign_coordinator, address).status_code == 404
    assert see(region.coordinator, address).status_code == 200


def test_an_empty_page_says_what_it_needs(region, see):
    page = text_of(see(region.coordinator))
    assert "No estimate yet" in page
    assert "Make estimate" in page


def test_below_the_region_fewer_than_ten_are_not_told_apart(region, see):
    make_run(region, result=a_result(37, GM9001=20, GM9002=1))
    page = text_of(see(region.coordinator))
    table = page[page.index("Per municipality") :]
    assert re.search(r"Rietdam 82 82 82 20", table)
    assert re.search(r"Waterveen fewer than 10 fewer than 10 fewer than 10 fewer than 10", table)


def test_a_region_of_few_people_still_sees_its_own_forecast(region, see):
    make_run(region, result=a_result(4))
    assert "0 to 11 people become ready" in text_of(see(region.coordinator))


def ready_in(world, day: date, count: int) -> None:
    for _ in range(count):
        make_client(world, since=day)


def test_people_counted_are_rounded_and_few_are_not_told(region, see):
    with on_day(AS_OF):
        ready_in(region, date(2026, 7, 15), 12)
        ready_in(region, date(2026, 4, 15), 4)
        make_run(region)
        response = see(region.coordinator)
    page = text_of(response)
    assert "Q3 2026 counted 10 " in page
    assert "Q2 2026 counted fewer than 10" in page
    assert "Counted quarters with fewer than 10 people are not drawn." in page


def test_somebody_back_from_an_offer_is_not_ready_anew(region, see):
    with on_day(AS_OF):
        for _ in range(12):
            person = make_client(region, phase=Phase.OFFERED, since=date(2026, 1, 5))
            _back_to_ready(region, person, date(2026, 7, 15))
        make_run(region)
        assert "Q3 2026 counted fewer than 10" in text_of(see(region.coordinator))
        # The control: who comes from preparing does count.
        ready_in(region, date(2026, 7, 15), 12)
        assert "Q3 2026 counted 10 " in text_of(see(region.coordinator))


def _back_to_ready(world, person, day: date) -> None:
    from_offer = person.spells.model.objects
    with acting_as(world.team_leader):
        from_offer.filter(client=person).update(until_on=day)
        from_offer.create(client=person, phase=Phase.READY, from_on=day)


def test_the_first_quarter_holds_what_was_counted_of_it(region, see):
    day = date(2026, 11, 15)
    with on_day(day):
        ready_in(region, date(2026, 10, 20), 3)
        make_run(region, as_of=day)
        page = text_of(see(region.coordinator))
    assert (
        "In Q4 2026 36 to 49 people become ready for a home of their own, most likely 42." in page
    )


def test_a_run_that_works_shows_where_it_is_and_asks_again(region, see):
    make_run(region)
    run = make_run(
        region,
        state=RunState.RUNNING,
        finished_at=None,
        result=None,
        step="simulating",
        steps_done=3,
        steps_total=8,
    )
    html = see(region.coordinator).content.decode()
    poll = reverse("outflow:estimate_progress", args=[run.ref])
    assert f'hx-get="{poll}"' in html
    assert "drawing the future, 3 of 8" in html
    assert "Make estimate" not in html
    assert "31 to 44 people" in html


def test_a_first_run_promises_nothing_that_is_not_there(region, see):
    run = make_run(region, state=RunState.RUNNING, finished_at=None, result=None)
    address = reverse("outflow:estimate_progress", args=[run.ref])
    for html in (see(region.coordinator), see(region.coordinator, address)):
        assert "This page may be closed." in text_of(html)
        assert "What stands below" not in text_of(html)


def test_when_a_run_is_done_the_fragment_stops_asking(region, see):
    run = make_run(region)
    html = see(region.coordinator, reverse("outflow:estimate_progress", args=[run.ref])).content
    assert b"hx-get" not in html
    assert b"The new estimate is ready." in html


def test_a_failure_is_told_and_the_last_good_estimate_stays(region, see):
    make_run(region)
    make_run(
        region,
        state=RunState.FAILED,
        finished_at=timezone.now(),
        failure=RunFailure.WORKER_LOST,
        result=None,
    )
    page = text_of(see(region.coordinator))
    assert "The new estimate did not work out." in page
    assert "The computer stopped in the middle of it, several times." in page
    assert "Try again" in page
    assert "31 to 44 people" in page
    assert "Try again" not in text_of(see(region.steering_member))


def test_assumptions_and_warnings_stand_in_words(region, see):
    make_run(region)
    page = text_of(see(region.coordinator))
    assert "Counted from 2 Jan 2018" in page
    assert "People who arrive per quarter 60.5 counted from the phases of all clients" in page
    assert "Dwellings planned up to Q3 2028" in page
    assert "Days on which somebody was in no phase at all. 4" in page
    assert "lay in the dark band 7 of 8 times" in page
    assert "It was 20 % closer than the average of the year before." in page


def test_every_assumption_of_a_real_estimate_has_words(region):
    for number in range(3):
        make_client(region, days=200 + number)
    make_client(region, phase=Phase.PREPARING, days=300, exit="left_other")
    run = request_estimate(region=region.region, by=None)
    assert runs.carry_out(run)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    names = {row["name"] for row in run.result["assumptions"]}
    assert {
        name for name in names if not {name, name.partition(":")[0]} & set(ASSUMPTIONS)
    } == set()
    assert {row["code"] for row in run.result["warnings"]} <= set(WARNINGS)


def test_a_real_estimate_can_be_read(region, see):
    for number in range(3):
        make_client(region, family_name="Zonneveld", days=200 + number)
    runs.carry_out(request_estimate(region=region.region, by=None))
    for measure in ("becomes_ready", "housed", "backlog", "needs_dwelling"):
        response = see(region.allocator, show=measure)
        assert response.status_code == 200
        assert "Zonneveld" not in response.content.decode()


def test_a_page_of_many_municipalities_costs_no_more_queries(region, see, client):
    make_run(region, result=a_result(37, GM9001=20))
    browser = sign_in(client, region.coordinator)
    browser.get(reverse(PAGE))
    with CaptureQueriesContext(connection) as few:
        browser.get(reverse(PAGE))
    EstimateRun.objects.all().delete()
    make_run(region, result=a_result(37, **{f"GM90{n:02}": 20 for n in range(30)}))
    with CaptureQueriesContext(connection) as many:
        browser.get(reverse(PAGE))
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("off_by", "usual", "words"),
    [(3.0, 2.0, "The average of the year before was 33"), (2.0, 2.0, "as close")],
)
def test_a_worse_estimate_says_so(region, off_by, usual, words):
    trial = Trial("housed", 1, 6, 8, 8, off_by, usual)
    assert words in trial_sentences("housed", [trial])[-1]


def test_quarters_follow_each_other_over_the_year():
    assert quarter_of(date(2026, 12, 31)) == date(2026, 10, 1)
    assert quarter_after(date(2026, 10, 1)) == date(2027, 1, 1)
    assert quarters_before(date(2027, 1, 1), 5)[0] == date(2025, 10, 1)


def test_what_was_counted_lifts_the_first_quarter_only():
    first, second = Band(AS_OF, 5, 3, 8, 2, 9, 5.5), Band(date(2027, 1, 1), 6, 4, 9, 3, 10, 6.5)
    lifted = with_so_far([first, second], 12)
    assert lifted == [Band(AS_OF, 15, 13, 18, 12, 19, 15.5), second]
    assert with_so_far([first, second], 0) == [first, second]


def test_the_first_quarter_less_what_is_expected_still_tells_no_exact_count():
    band = Band(AS_OF, 5, 3, 8, 2, 9, 5.5)
    told = {count: with_so_far([band], count)[0].likely - band.likely for count in range(1, 40)}
    assert {told[count] for count in range(1, 10)} == {5}
    assert all(count < 10 or told[count] == 5 * round(count / 5) for count in told)


def test_a_plan_of_many_more_homes_than_lately_is_said_to_be_taken_as_certain():
    said = " ".join(plan_sentences(200.4, [35, 35, 35, 35]))
    assert "about 200 people" in said
    assert "it was about 140" in said
    assert plan_sentences(150, [35, 35, 35, 35]) == []
    assert plan_sentences(400, [35, None, 35, 35]) == []


def test_an_address_with_an_odd_character_shows_the_whole_region(region, see):
    make_run(region)
    assert see(region.coordinator, place="\x00").status_code == 200
