"""Today shows what needs this viewer, and nothing that is somebody else's."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.context import acting_as
from outflow.lifecycle import Phase
from regions.clock import today
from steering.today import TOPICS, work_items
from tests.factories import make_client, make_contingent, make_support, sign_in, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def w():
    return world()


def titles(viewer) -> str:
    with acting_as(viewer):
        return " ".join(f"{item.title} {item.why}" for item in work_items(viewer))


def test_nothing_to_do_is_a_good_state_that_says_so(client, w):
    page = sign_in(client, w.care_worker).get(reverse("steering:today"))
    assert page.status_code == 200
    assert page.context["total"] == 0
    assert "Niets wat wacht" in page.content.decode()


def test_a_care_worker_sees_own_stale_clients_only(w):
    make_client(w, phase=Phase.PREPARING, checked_on=today() - timedelta(days=40))
    assert "40" in titles(w.care_worker) or "1" in titles(w.care_worker)
    assert titles(w.care_worker)
    assert titles(w.colleague) == ""


def test_a_team_leader_sees_that_a_client_has_nobody(w):
    make_client(w, assigned_to=None)
    assert "zonder begeleider" in titles(w.team_leader)
    assert "zonder begeleider" not in titles(w.other_team_leader)


def test_a_coordinator_sees_a_case_code_and_never_a_name(w):
    made = make_client(w, days=250, family_name="Zonderling")
    words = titles(w.coordinator)
    assert made.case_code in words
    assert "Zonderling" not in words


def test_somebody_who_waits_longest_stands_first_and_over_the_term(client, w):
    make_client(w, days=100, case_code="A1-AA")
    make_client(w, days=300, case_code="B2-BB")
    page = sign_in(client, w.coordinator).get(reverse("steering:today"))
    first = page.context["groups"][0].items[0]
    assert "B2-BB" in first.title
    assert first.group == "overdue"


def test_a_neighbourhood_worker_sees_own_offers_that_are_old(w):
    make_support(w, updated_on=today() - timedelta(days=60))
    assert titles(w.neighbourhood_worker)
    assert titles(w.foreign_neighbourhood_worker) == ""


def test_the_promise_of_the_year_stands_beside_the_list(client, w):
    make_contingent(w, agreed=12)
    page = sign_in(client, w.allocator).get(reverse("steering:today"))
    assert page.context["beside"]["agreed"] == 12


def test_a_steering_member_starts_with_the_overview(client, w):
    answer = sign_in(client, w.steering_member).get(reverse("steering:today"))
    assert answer.url == reverse("steering:dashboard")


def test_the_list_asks_the_same_number_of_questions_for_three_clients_and_for_twelve(
    client, w, django_assert_max_num_queries
):
    for _ in range(3):
        make_client(w, days=200)
    sign_in(client, w.coordinator)
    url = reverse("steering:today")
    client.get(url)
    with django_assert_max_num_queries(200) as few:
        client.get(url)
    for _ in range(9):
        make_client(w, days=200)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(url)


def test_each_role_with_a_work_list_has_topics():
    assert all(TOPICS.values())
