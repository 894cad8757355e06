"""Phases follow each other: what housing does, relapse, leaving, and a history from a list."""

from datetime import date, timedelta

import pytest

from accounts.context import acting_as
from outflow import operations
from outflow.errors import NotAllowed, Refused, RefusedAt
from outflow.lifecycle import Exit, Phase, Route
from outflow.models import Client, Spell
from outflow.operations import SpellFacts
from regions.clock import today
from tests.factories import World, make_client, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> World:
    return world()


def days_ago(days: int) -> date:
    return today() - timedelta(days=days)


def phases_of(client: Client) -> list[str]:
    return list(
        Spell.objects.filter(client=client)
        .order_by("from_on", "pk")
        .values_list("phase", flat=True)
    )


def test_from_ready_to_home(place: World) -> None:
    client = make_client(place, days=90)
    with acting_as(place.coordinator):
        operations.offer_made(client=client, on=days_ago(20), by=place.coordinator)
        operations.housed(client=client, on=days_ago(5), by=place.coordinator)
        assert phases_of(client) == [Phase.READY, Phase.OFFERED, Phase.HOUSED]
        assert Spell.objects.open().get().from_on == days_ago(5)


def test_an_offer_that_came_to_nothing_leads_back(place: World) -> None:
    client = make_client(place, days=90)
    with acting_as(place.coordinator):
        operations.offer_made(client=client, on=days_ago(20), by=place.coordinator)
        operations.offer_ended(client=client, on=days_ago(10), by=place.coordinator)
        assert phases_of(client) == [Phase.READY, Phase.OFFERED, Phase.READY]


def test_an_offer_of_one_day_leaves_no_trace(place: World) -> None:
    client = make_client(place, days=90)
    with acting_as(place.coordinator):
        operations.offer_made(client=client, on=today(), by=place.coordinator)
        operations.offer_ended(client=client, on=today(), by=place.coordinator)
        assert phases_of(client) == [Phase.READY]


@pytest.mark.parametrize("route", Route.values)
def test_only_some_routes_are_offered_a_home_before_the_gate(place: World, route: str) -> None:
    client = make_client(place, phase=Phase.STABILISING, days=90, route=route)
    with acting_as(place.coordinator):
        if route == Route.REGULAR:
            with pytest.raises(Refused):
                operations.offer_made(client=client, on=today(), by=place.coordinator)
            assert phases_of(client) == [Phase.STABILISING]
            return
        operations.offer_made(client=client, on=days_ago(3), by=place.coordinator)
        operations.offer_ended(client=client, on=today(), by=place.coordinator)
        assert phases_of(client) == [Phase.STABILISING, Phase.OFFERED, Phase.STABILISING]


@pytest.mark.parametrize("phase", [Phase.HOUSED, Phase.RELAPSE, Phase.OFFERED])
def test_an_offer_is_made_once_and_never_to_who_lives_at_home(place: World, phase: str) -> None:
    client = make_client(place, phase=phase)
    with acting_as(place.coordinator), pytest.raises(Refused):
        operations.offer_made(client=client, on=today(), by=place.coordinator)


def test_back_in_care_the_way_home_begins_anew(place: World) -> None:
    client = make_client(place, phase=Phase.HOUSED, days=90)
    with acting_as(place.care_worker):
        operations.record_relapse(client=client, on=days_ago(2), by=place.care_worker)
        assert phases_of(client) == [Phase.HOUSED, Phase.RELAPSE]
        assert Client.objects.get().ready_on is None
        with pytest.raises(Refused):
            operations.record_relapse(client=client, on=today(), by=place.care_worker)


def test_whoever_leaves_stays_on_file_and_no_phase_runs(place: World) -> None:
    client = make_client(place, days=90)
    with acting_as(place.care_worker):
        operations.record_exit(
            client=client, exit=Exit.DECEASED, on=days_ago(1), by=place.care_worker
        )
        assert not Spell.objects.open().exists()
        with pytest.raises(Refused):
            operations.record_exit(
                client=client, exit=Exit.SELF_HOUSED, on=today(), by=place.care_worker
            )
    with acting_as(place.coordinator):
        with pytest.raises(Refused):
            operations.offer_made(client=client, on=today(), by=place.coordinator)
        operations.offer_ended(client=client, on=today(), by=place.coordinator)  # nothing to end


@pytest.mark.parametrize("on", [date(2000, 1, 1), today() + timedelta(days=1)])
def test_a_day_before_the_phase_or_after_today_is_refused_at_its_field(
    place: World, on: date
) -> None:
    client = make_client(place, days=90)
    with acting_as(place.care_worker), pytest.raises(RefusedAt):
        operations.record_exit(client=client, exit=Exit.LEFT_OTHER, on=on, by=place.care_worker)


def test_guidance_that_ends_completes_the_way(place: World) -> None:
    client = make_client(place, phase=Phase.HOUSED, days=900)
    waiting = make_client(place, days=90)
    with acting_as(place.coordinator):
        operations.end_guidance(client=client, on=today(), by=place.coordinator)
        operations.end_guidance(client=waiting, on=today(), by=place.coordinator)
        assert Spell.objects.get(client=client).exit == Exit.END_OF_AFTERCARE
        assert Spell.objects.get(client=waiting).until_on is None


def test_a_history_replaces_what_was_known_of_those_that_differ(place: World) -> None:
    first, second = (make_client(place, days=90) for _ in range(2))
    told = [
        SpellFacts(Phase.INTAKE, days_ago(300), days_ago(200)),
        SpellFacts(Phase.READY, days_ago(200), days_ago(50), Exit.SELF_HOUSED),
    ]
    same = [SpellFacts(Phase.READY, days_ago(90))]
    with acting_as(place.team_leader):
        rows = [(first, told), (second, same)]
        assert operations.record_history(rows, by=place.team_leader) == [first]
        assert phases_of(first) == [Phase.INTAKE, Phase.READY]
    with acting_as(place.other_team_leader), pytest.raises(NotAllowed):
        operations.record_history([(first, same)], by=place.other_team_leader)
