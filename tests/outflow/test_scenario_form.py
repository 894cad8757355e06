"""The form of a scenario: more and fewer for people, factors for the core."""

import re
import uuid

import pytest

from accounts.models import User
from outflow.models import Scenario
from outflow.operations import scenarios as operations
from outflow.views.scenarios import STARTS
from regions.clock import on_day
from tests.factories import sign_in, world
from tests.outflow.scenario_makers import (
    AS_OF,
    FASTER,
    make,
    page,
    text_of,
)

pytestmark = pytest.mark.django_db


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


# The form -----------------------------------------------------------------------------------------


def filled(**parts: str) -> dict[str, str]:
    return {"name": "More homes", "kind_1": "more_homes", "value_1": "20", **parts}


def test_the_form_speaks_of_more_and_fewer_and_the_core_of_factors(region, client):
    answer = sign_in(client, region.access_officer).post(
        page("scenario_make"),
        filled(
            from_1="2027Q1",
            kind_3="policy_share",
            value_3="33,3 %",
            until_3="2027Q4",
            facility_type_3="BW",
        ),
    )
    made = Scenario.objects.get()
    assert answer.url == made.get_absolute_url()
    assert made.changes == [
        {"what": "contingent", "how": "times", "value": 1.2, "from": "2027Q1"},
        {"what": "policy_share", "facility_type": "BW", "share": 0.333, "by": "2027Q4"},
    ]


def test_what_was_typed_stays_when_something_is_wrong(region, client):
    answer = sign_in(client, region.coordinator).post(
        page("scenario_make"),
        filled(value_1="a lot", until_1="2028Q4", kind_2="places", value_2="120"),
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    for kept in ('value="More homes"', 'value="a lot"', 'value="120"'):
        assert kept in html
    assert '<option value="2028Q4" selected>' in html
    assert '<option value="places" selected>' in html
    assert "<details" in html
    assert re.search(r"<details[^>]*\bopen", html)
    assert "This is not a number." in text_of(answer)
    assert not Scenario.objects.exists()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"kind_1": ""}, "Choose what changes."),
        ({"value_1": ""}, "Say how much."),
        ({"value_1": "0"}, "with 0 nothing changes"),
        ({"value_1": "1000"}, "At most 900%"),
        ({"kind_1": "fewer_homes", "value_1": "101"}, "At most 100%"),
        ({"kind_1": "slower", "value_1": "99"}, "At most 95%"),
        ({"kind_1": "homes", "value_1": "20000"}, "At most 10,000"),
        ({"from_1": "2028Q1", "until_1": "2027Q1"}, "lies before the first"),
        ({"kind_1": "policy_share"}, "the quarter by which they are ready"),
        (
            {"kind_1": "policy_share", "from_1": "2027Q1", "until_1": "2027Q4"},
            "it is about the people in care now",
        ),
        ({"facility_type_1": "BW"}, "Leave it empty."),
        ({"kind_2": "more_homes", "value_2": "30"}, "the same as change 1"),
        ({"value_2": "30"}, "Choose what changes."),
        ({"name": ""}, "Name"),
    ],
)
def test_what_cannot_be_is_said_at_the_form(region, client, parts, words):
    answer = sign_in(client, region.coordinator).post(page("scenario_make"), filled(**parts))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Scenario.objects.exists()


def test_a_form_that_is_sent_twice_makes_one_scenario(region, client):
    sign_in(client, region.coordinator)
    sent = filled(submission=str(uuid.uuid4()))
    first = client.post(page("scenario_make"), sent)
    again = client.post(page("scenario_make"), sent)
    assert first.url == again.url == Scenario.objects.get().get_absolute_url()


def test_two_tabs_do_not_overwrite_each_other_unasked(region, client):
    made = make(region.coordinator)
    seen = operations.mark_of(made)
    address = page("scenario_change", made)
    sign_in(client, region.coordinator)
    client.post(address, filled(seen=seen, value_1="30"))
    answer = client.post(address, filled(seen=seen, value_1="40"))
    assert answer.status_code == 422
    assert "Now it is called More homes and says: 30 % more homes." in text_of(answer)
    mark = re.search(r'name="seen" value="([^"]+)"', answer.content.decode())
    assert mark is not None
    client.post(address, filled(seen=mark[1], value_1="40"))
    made.refresh_from_db()
    assert made.changes[0]["value"] == 1.4


def test_the_form_of_a_scenario_opens_with_what_it_says(region, see):
    changes = [
        {"what": "places", "how": "times", "value": 0.875, "from": "2027Q1"},
        {"what": "policy_share", "share": 0.333, "by": "2027Q4", "facility_type": "BW"},
    ]
    made = make(region.coordinator, changes=changes)
    html = see(region.coordinator, page("scenario_change", made)).content.decode()
    for kept in ('value="12.5"', 'value="33.3"', '"fewer_places" selected', '"BW" selected'):
        assert kept in html


@pytest.mark.parametrize("start", STARTS)
def test_every_question_to_begin_with_can_be_kept_as_it_stands(region, see, client, start):
    html = see(region.coordinator, page("scenario_make"), start=start).content.decode()
    fields = dict(re.findall(r'<input[^>]*name="([a-z]+(?:_\d)?)"[^>]*value="([^"]*)"', html))
    fields |= {
        name: chosen
        for name, options in re.findall(
            r'<select[^>]*name="([a-z_]+_\d)"(.*?)</select>', html, re.S
        )
        for chosen in re.findall(r'<option value="([^"]*)" selected', options)
    }
    sent = {key: value for key, value in fields.items() if key != "csrfmiddlewaretoken"}
    assert client.post(page("scenario_make"), sent).status_code == 302
    assert Scenario.objects.get().name


def test_a_variant_begins_with_the_changes_of_another(region, see):
    made = make(region.coordinator, changes=FASTER)
    html = see(region.coordinator, page("scenario_make"), like=str(made.ref)).content.decode()
    assert 'value="More homes, variant"' in html
    assert '"faster" selected' in html
    for like in (str(made.ref), "nonsense"):
        assert see(region.allocator, page("scenario_make"), like=like).status_code == 404
