"""The overview counts people once, and shows no number in which somebody can be recognised."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.context import acting_as
from outflow.lifecycle import Phase
from outflow.models import EstimateRun
from regions.clock import today
from regions.models import RunState
from steering import figures
from tests.factories import make_client, make_contingent, sign_in, world
from tests.outflow.estimate_results import row

pytestmark = pytest.mark.django_db


@pytest.fixture
def w():
    return world()


def count(viewer):
    with acting_as(viewer):
        return figures.count(viewer)


def test_whoever_waits_is_counted_in_the_band_of_their_wait(w):
    for days in (10, 100, 200, 300, 310):
        make_client(w, days=days)
    counted = count(w.steering_member)
    assert [band.people for band in counted.waiting] == [1, 1, 1, 2]
    assert counted.people_waiting == 5


def test_a_person_registered_twice_counts_once(w):
    first = make_client(w, days=100)
    make_client(w, days=50, provider=w.other_provider, person=first.person)
    assert count(w.steering_member).people_waiting == 1


def test_another_region_is_not_counted(w):
    make_client(w, days=100)
    assert count(w.foreign_steering_member).people_waiting == 0


def test_a_small_number_of_people_is_shown_in_words(client, w):
    make_client(w, days=100)
    page = sign_in(client, w.steering_member).get(reverse("steering:dashboard"))
    assert page.status_code == 200
    assert "minder dan 10" in page.content.decode()


def test_larger_numbers_of_people_are_rounded_to_five(client, w):
    for _ in range(13):
        make_client(w, days=100)
    page = sign_in(client, w.steering_member).get(reverse("steering:dashboard"))
    tiles = {tile["label"]: tile["value"] for tile in page.context["tiles"]}
    assert "15" in tiles.values()
    assert "13" not in tiles.values()


def test_dwellings_are_exact(w):
    make_contingent(w, agreed=7)
    counted = count(w.steering_member)
    assert [(p.agreed, p.accepted, p.to_go) for p in counted.promises] == [(7, 0, 7)]


def test_who_moved_in_this_year_is_counted_by_quarter(w):
    make_client(w, phase=Phase.HOUSED, since=today() - timedelta(days=1))
    counted = count(w.steering_member)
    assert sum(people for _first, people in counted.housed_by_quarter) == 1
    assert len(counted.housed_by_quarter) == 8


def test_the_overview_without_anything_says_what_is_missing(client, w):
    page = sign_in(client, w.client_representative).get(reverse("steering:dashboard"))
    text = page.content.decode()
    assert "Nog geen schatting" in text
    assert "Nog geen contingent" in text


def test_the_last_good_estimate_stands_on_the_overview(client, w):
    """Of the whole region, and not of one need or one municipality of it."""
    rows = [
        row(measure, "2026Q4", likely, **part)
        for measure in ("becomes_ready", "housed")
        for likely, part in (
            (20, {"by": {"form": "independent"}}),
            (11, {"municipality": "GM9001"}),
            (37, {}),
        )
    ]
    EstimateRun.objects.create(
        region=w.region, as_of=today(), state=RunState.DONE, result={"series": rows}
    )
    counted = count(w.steering_member)
    assert [(band.likely, band.low, band.high) for band in counted.becomes_ready] == [(37, 31, 44)]
    page = sign_in(client, w.steering_member).get(reverse("steering:dashboard"))
    assert page.status_code == 200
