"""The readiness round: one click, one row, one page; nothing typed is ever lost."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.context import acting_as
from accounts.models import User
from outflow import operations
from outflow.lifecycle import Blocker, Phase
from outflow.models import Client, Spell
from outflow.operations import Readiness
from regions import formats
from regions.clock import today
from tests.factories import World, make_client, sign_in, world

pytestmark = pytest.mark.django_db

URL = "/clients/round/"
IN_PLACE = {"HX-Request": "true"}


@pytest.fixture
def place() -> World:
    made = world()
    User.objects.update(language="en")
    return made


@pytest.fixture
def browser(place: World, client: Browser) -> Browser:
    return sign_in(client, place.care_worker)


def row(place: World, found: Client, **changes: object) -> dict[str, object]:
    """What the page posts for one client, as it stands, with what somebody changed."""
    with acting_as(place.team_leader):
        found = Client.objects.get(pk=found.pk)
        now = operations.facts_of([found])[found.pk].readiness
    day = now.ready_on or now.expected_ready_on
    values = {
        "phase": now.phase,
        "day": formats.day(day),
        "blockers": sorted(now.blockers),
        "seen": now.mark,
        **changes,
    }
    return {f"{found.ref}-{name}": value for name, value in values.items()}


def now_of(place: World, found: Client) -> tuple[str, Client]:
    with acting_as(place.team_leader):
        return Spell.objects.open().get(client=found).phase, Client.objects.get(pk=found.pk)


def test_the_stalest_stand_first_and_only_own_clients(place: World, browser: Browser) -> None:
    make_client(place, case_code="NEW", checked_on=today())
    make_client(place, case_code="OLD", checked_on=today() - timedelta(days=40))
    make_client(place, case_code="NEVER", checked_on=None)
    make_client(place, case_code="AT-HOME", phase=Phase.HOUSED)
    make_client(place, case_code="OTHERS", assigned_to="colleague")
    rows = browser.get(URL).context["rows"]
    assert [shown.seen.case_code for shown in rows] == ["NEVER", "OLD", "NEW"]
    assert [shown.mark.kind for shown in rows] == ["late", "late", ""]


def test_one_click_says_still_right(place: World, browser: Browser) -> None:
    found = make_client(place, phase=Phase.STABILISING, checked_on=None)
    sent = row(place, found) | {"save": str(found.ref)}
    answer = browser.post(URL, sent, headers=IN_PLACE)
    assert answer.status_code == 200
    assert "Saved" in answer.content.decode()
    assert "Put back" in answer.content.decode()
    assert now_of(place, found)[1].checked_on == today()


def test_a_changed_row_is_saved_in_its_place(place: World, browser: Browser) -> None:
    found = make_client(place, phase=Phase.STABILISING)
    other = make_client(place, phase=Phase.STABILISING)
    day = today() + timedelta(days=40)
    changed = row(
        place, found, phase=Phase.PREPARING, day=day.strftime("%-d-%-m-%Y"), blockers=["debts"]
    )
    unsaved = row(place, other, phase=Phase.PREPARING)
    answer = browser.post(URL, changed | unsaved | {"save": str(found.ref)}, headers=IN_PLACE)
    assert answer.status_code == 200
    assert answer.content.decode().count("<tr") == 1
    phase, client = now_of(place, found)
    assert (phase, client.expected_ready_on, client.blockers) == ("preparing", day, ["debts"])
    assert now_of(place, other)[0] == Phase.STABILISING  # the pressed row alone


def test_what_cannot_be_stays_in_the_row_with_a_sentence(place: World, browser: Browser) -> None:
    found = make_client(place, phase=Phase.PREPARING)
    past = formats.day(today() - timedelta(days=9))
    sent = row(place, found, day=past) | {"save": str(found.ref)}
    answer = browser.post(URL, sent, headers=IN_PLACE)
    content = answer.content.decode()
    assert answer.status_code == 422
    assert "This day has passed" in content
    assert f'value="{past}"' in content
    assert "Not saved" in content
    nonsense = row(place, found, day="soon") | {"save": str(found.ref)}
    answer = browser.post(URL, nonsense, headers=IN_PLACE)
    assert answer.status_code == 422
    assert 'value="soon"' in answer.content.decode()


def test_without_javascript_one_press_saves_all_that_was_changed(
    place: World, browser: Browser
) -> None:
    changed, pressed, untouched, wrong = (
        make_client(place, phase=Phase.STABILISING, checked_on=None) for _ in range(4)
    )
    sent = {
        **row(place, changed, phase=Phase.PREPARING),
        **row(place, pressed),
        **row(place, untouched),
        **row(place, wrong, day="1-1-2020"),
        "save": str(pressed.ref),
    }
    answer = browser.post(URL, sent)
    assert answer.status_code == 422
    assert "1-1-2020" in answer.content.decode()
    assert now_of(place, changed)[0] == Phase.PREPARING
    assert now_of(place, pressed)[1].checked_on == today()
    assert now_of(place, untouched)[1].checked_on is None
    assert now_of(place, wrong)[1].checked_on is None
    del sent[f"{wrong.ref}-seen"]
    assert browser.post(URL, row(place, pressed) | {"save": "all"}).status_code == 302


def test_a_saved_row_is_put_back_in_place_and_without_javascript(
    place: World, browser: Browser
) -> None:
    found = make_client(place, phase=Phase.STABILISING)
    for headers in (IN_PLACE, {}):
        browser.post(
            URL,
            row(place, found, phase=Phase.PREPARING) | {"save": str(found.ref)},
            headers=IN_PLACE,
        )
        assert now_of(place, found)[0] == Phase.PREPARING
        browser.post(URL, row(place, found) | {"put_back": str(found.ref)}, headers=headers)
        assert now_of(place, found)[0] == Phase.STABILISING


def test_of_two_who_change_a_row_the_later_sees_both_and_chooses(
    place: World, browser: Browser
) -> None:
    found = make_client(place, phase=Phase.STABILISING)
    mine = row(place, found, blockers=[Blocker.NETWORK]) | {"save": str(found.ref)}
    with acting_as(place.team_leader):
        operations.record_readiness(
            client=found, readiness=Readiness(Phase.PREPARING), by=place.team_leader
        )
    answer = browser.post(URL, mine, headers=IN_PLACE)
    content = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody else changed this" in content
    assert "preparing" in content  # theirs
    assert "Network" in content  # mine, still ticked
    assert now_of(place, found)[0] == Phase.PREPARING
    shown = answer.context["row"].form["seen"].value()
    chosen = mine | {f"{found.ref}-seen": shown}
    assert browser.post(URL, chosen, headers=IN_PLACE).status_code == 200
    assert now_of(place, found)[1].blockers == [Blocker.NETWORK]


def test_the_row_of_somebody_elses_client_is_not_there(place: World, browser: Browser) -> None:
    others = make_client(place, assigned_to="colleague", phase=Phase.STABILISING)
    sent = row(place, others, phase=Phase.PREPARING) | {"save": str(others.ref)}
    assert browser.post(URL, sent, headers=IN_PLACE).status_code == 404
    assert browser.post(URL, sent).status_code == 404
    assert browser.post(URL, {"save": "nonsense"}, headers=IN_PLACE).status_code == 404
    assert now_of(place, others)[0] == Phase.STABILISING


def test_of_somebody_with_a_proposal_only_what_is_open_changes(
    place: World, browser: Browser
) -> None:
    found = make_client(place, phase=Phase.OFFERED, days=30)
    before = now_of(place, found)[1].ready_on
    sent = row(place, found, blockers=["income"])
    del sent[f"{found.ref}-day"]  # a disabled field is not sent
    answer = browser.post(URL, sent | {"save": str(found.ref)}, headers=IN_PLACE)
    assert answer.status_code == 200
    phase, client = now_of(place, found)
    assert (phase, client.ready_on, client.blockers) == (Phase.OFFERED, before, ["income"])


def test_the_round_can_be_reached_by_its_name() -> None:
    assert reverse("outflow:round") == URL
