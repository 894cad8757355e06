"""Whose clients they are, from day to day: assigning, handing over, covering."""

from datetime import timedelta

import pytest

from accounts.access import Permission, Viewer
from accounts.context import acting_as
from outflow import operations
from outflow.errors import NotAllowed, Refused
from outflow.models import Assignment, Client
from regions.clock import on_day, today
from tests.factories import World, make_client, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> World:
    return world()


def sees(viewer: Viewer) -> set[str]:
    with acting_as(viewer):
        return {c.case_code for c in Client.objects.visible_to(viewer, Permission.SEE_CLIENTS)}


def test_many_are_assigned_in_one_step_and_no_longer_anothers(place: World) -> None:
    mine = [make_client(place, case_code=f"C{number}") for number in range(3)]
    new = make_client(place, case_code="NEW", assigned_to=None)
    leader = place.team_leader
    with acting_as(leader):
        count = operations.assign_clients(
            clients=[mine[0], new], to=place.memberships["colleague"], by=leader
        )
        assert count == 2
        again = operations.assign_clients(
            clients=[mine[0], new], to=place.memberships["colleague"], by=leader
        )
        assert again == 0
    assert sees(place.colleague) == {"C0", "NEW"}
    assert sees(place.care_worker) == {"C1", "C2"}


def test_a_caseload_is_handed_over_in_one_step(place: World) -> None:
    for number in range(3):
        make_client(place, case_code=f"C{number}")
    with acting_as(place.team_leader):
        operations.hand_over(
            away=place.memberships["care_worker"],
            to=place.memberships["colleague"],
            by=place.team_leader,
        )
    assert sees(place.care_worker) == set()
    assert sees(place.colleague) == {"C0", "C1", "C2"}


def test_a_cover_begins_and_ends_by_itself(place: World) -> None:
    make_client(place, case_code="C1")
    start, end = today() + timedelta(days=2), today() + timedelta(days=9)
    with acting_as(place.team_leader):
        operations.cover(
            away=place.memberships["care_worker"],
            to=place.memberships["colleague"],
            from_on=start,
            until_on=end,
            by=place.team_leader,
        )
    for day, covers in (
        (today(), False),
        (start, True),
        (end - timedelta(days=1), True),
        (end, False),
    ):
        with on_day(day):
            assert (sees(place.colleague) == {"C1"}) is covers, day
            assert sees(place.care_worker) == {"C1"}


@pytest.mark.parametrize("who", ["other_care_worker", "foreign_care_worker", "access_officer"])
def test_nobody_of_another_party_is_given_a_client(place: World, who: str) -> None:
    client = make_client(place)
    with acting_as(place.team_leader), pytest.raises(NotAllowed):
        operations.assign_clients(clients=[client], to=place.memberships[who], by=place.team_leader)


@pytest.mark.parametrize("who", ["care_worker", "other_team_leader", "foreign_team_leader"])
def test_only_the_own_team_leader_assigns(place: World, who: str) -> None:
    client = make_client(place, assigned_to=None)
    viewer = place.viewers[who]
    to = next(m for m in place.memberships.values() if m.organisation_id == viewer.organisation_id)
    with acting_as(viewer), pytest.raises(NotAllowed):
        operations.assign_clients(clients=[client], to=to, by=viewer)
    with acting_as(place.team_leader):
        assert not Assignment.objects.exists()


def test_what_makes_no_sense_is_refused(place: World) -> None:
    worker = place.memberships["care_worker"]
    with acting_as(place.team_leader):
        with pytest.raises(Refused):
            operations.assign_clients(clients=[], to=worker, by=place.team_leader)
        with pytest.raises(Refused):
            operations.hand_over(away=worker, to=worker, by=place.team_leader)
        with pytest.raises(Refused):  # nothing to hand over
            operations.hand_over(
                away=worker, to=place.memberships["colleague"], by=place.team_leader
            )
