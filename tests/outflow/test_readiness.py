"""Recording how far somebody is: steps, dates, still right, put back, and who recorded it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.context import acting_as
from accounts.models import AuditEntry
from outflow import operations
from outflow.errors import ChangedMeanwhile, NotAllowed, Refused, RefusedAt
from outflow.lifecycle import Blocker, Phase
from outflow.models import Client, ReadinessRecord, Spell
from outflow.operations import Readiness
from regions.clock import on_day, today
from tests.factories import World, make_client, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> World:
    return world()


def spells_of(client: Client) -> list[tuple[str, date, date | None]]:
    return list(
        Spell.objects.filter(client=client)
        .order_by("from_on", "pk")
        .values_list("phase", "from_on", "until_on")
    )


def days_ago(days: int) -> date:
    return today() - timedelta(days=days)


def test_a_step_ends_one_phase_and_begins_the_next_on_the_same_day(place: World) -> None:
    client = make_client(place, phase=Phase.STABILISING, days=50)
    with acting_as(place.care_worker):
        operations.record_readiness(
            client=client, readiness=Readiness(Phase.READY, ready_on=today()), by=place.care_worker
        )
        client.refresh_from_db()
        assert client.ready_on == client.checked_on == today()
        assert client.checked_by_id == place.care_worker.user_id
        assert spells_of(client) == [
            (Phase.STABILISING, days_ago(50), today()),
            (Phase.READY, today(), None),
        ]


def test_somebody_who_was_ready_before_today_has_waited_since(place: World) -> None:
    client = make_client(place, phase=Phase.PREPARING, days=50)
    with acting_as(place.care_worker):
        operations.record_readiness(
            client=client,
            readiness=Readiness(Phase.READY, ready_on=days_ago(20)),
            by=place.care_worker,
        )
        assert spells_of(client)[-1] == (Phase.READY, days_ago(20), None)


def test_going_back_on_the_same_day_leaves_no_trace(place: World) -> None:
    client = make_client(place, phase=Phase.STABILISING, days=50)
    with acting_as(place.care_worker):
        for phase in (Phase.PREPARING, Phase.STABILISING):
            operations.record_readiness(
                client=client, readiness=Readiness(phase), by=place.care_worker
            )
        assert spells_of(client) == [(Phase.STABILISING, days_ago(50), None)]


def test_still_right_renews_the_date_and_changes_nothing_else(place: World) -> None:
    client = make_client(place, phase=Phase.READY, days=50, checked_on=days_ago(40))
    with acting_as(place.care_worker):
        before = operations.facts_of([Client.objects.get()])
        operations.record_readiness(client=client, readiness=None, by=place.care_worker)
        assert operations.facts_of([Client.objects.get()]) == before
        assert Client.objects.get().checked_on == today()
    assert AuditEntry.objects.filter(operation="client.readiness_confirmed").count() == 1


@pytest.mark.parametrize(
    ("phase", "wanted", "field"),
    [
        (Phase.PREPARING, Readiness(Phase.READY), "day"),
        (Phase.PREPARING, Readiness(Phase.READY, ready_on=today() + timedelta(days=1)), "day"),
        (Phase.PREPARING, Readiness(Phase.READY, ready_on=date(1999, 1, 1)), "day"),
        (Phase.PREPARING, Readiness(Phase.PREPARING, expected_ready_on=date(2020, 1, 1)), "day"),
        (Phase.PREPARING, Readiness(Phase.OFFERED), "phase"),
        (Phase.PREPARING, Readiness(Phase.HOUSED), "phase"),
        (Phase.PREPARING, Readiness(Phase.INTAKE), "phase"),
        (Phase.OFFERED, Readiness(Phase.READY, ready_on=today()), "phase"),
        (Phase.HOUSED, Readiness(Phase.READY, ready_on=today()), "phase"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_written(
    place: World, phase: str, wanted: Readiness, field: str
) -> None:
    client = make_client(place, phase=phase, days=50)
    with acting_as(place.care_worker):
        before = spells_of(client)
        with pytest.raises(RefusedAt) as refused:
            operations.record_readiness(client=client, readiness=wanted, by=place.care_worker)
        assert refused.value.field == field
        assert spells_of(client) == before
        assert not ReadinessRecord.objects.exists()


def test_an_expected_day_that_has_passed_is_no_longer_right(place: World) -> None:
    client = make_client(place, phase=Phase.PREPARING, expected_ready_on=days_ago(3))
    with acting_as(place.care_worker), pytest.raises(RefusedAt):
        operations.record_readiness(client=client, readiness=None, by=place.care_worker)


def test_whoever_left_has_no_readiness(place: World) -> None:
    client = make_client(place, exit="left_other")
    with acting_as(place.care_worker), pytest.raises(Refused):
        operations.record_readiness(client=client, readiness=None, by=place.care_worker)


@pytest.mark.parametrize(
    "who",
    ["colleague", "other_care_worker", "foreign_team_leader", "access_officer", "coordinator"],
)
def test_nobody_else_records_readiness(place: World, who: str) -> None:
    client = make_client(place)
    viewer = place.viewers[who]
    with acting_as(viewer), pytest.raises(NotAllowed):
        operations.record_readiness(client=client, readiness=None, by=viewer)


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(place: World) -> None:
    client = make_client(place, phase=Phase.STABILISING)
    with acting_as(place.team_leader):
        seen = operations.facts_of([client])[client.pk].readiness.mark
        operations.record_readiness(
            client=client, readiness=Readiness(Phase.PREPARING), by=place.team_leader, seen=seen
        )
    mine = Readiness(Phase.STABILISING, blockers=frozenset({Blocker.DEBTS}))
    with acting_as(place.care_worker):
        with pytest.raises(ChangedMeanwhile):
            operations.record_readiness(
                client=client, readiness=mine, by=place.care_worker, seen=seen
            )
        assert Spell.objects.open().get().phase == Phase.PREPARING
        now = operations.facts_of([Client.objects.get()])[client.pk].readiness.mark
        operations.record_readiness(client=client, readiness=mine, by=place.care_worker, seen=now)
        assert Client.objects.get().blockers == [Blocker.DEBTS]


def test_still_right_by_somebody_else_is_no_conflict(place: World) -> None:
    client = make_client(place, phase=Phase.STABILISING)
    with acting_as(place.team_leader):
        seen = operations.facts_of([client])[client.pk].readiness.mark
        operations.record_readiness(client=client, readiness=None, by=place.team_leader, seen=seen)
        operations.record_readiness(client=client, readiness=None, by=place.team_leader, seen=seen)


# before, and what was recorded after it
STEPS = [
    (Phase.STABILISING, Readiness(Phase.PREPARING, blockers=frozenset({Blocker.INCOME}))),
    (Phase.STABILISING, Readiness(Phase.READY, ready_on=days_ago(7))),
    (Phase.STABILISING, Readiness(Phase.STABILISING, expected_ready_on=today())),
    (Phase.READY, Readiness(Phase.READY, ready_on=days_ago(80))),
    (Phase.READY, Readiness(Phase.READY, ready_on=days_ago(5))),
    (Phase.READY, Readiness(Phase.PREPARING)),
    (Phase.OFFERED, Readiness(Phase.OFFERED, ready_on=days_ago(50), blockers=frozenset({"debts"}))),
]


@pytest.mark.parametrize("earlier", [False, True], ids=["first phase", "with a phase before"])
@pytest.mark.parametrize(("phase", "wanted"), STEPS)
def test_put_back_restores_exactly_what_was(
    place: World, phase: str, wanted: Readiness, earlier: bool
) -> None:
    client = make_client(place, phase=phase, days=50, checked_on=days_ago(40))
    with acting_as(place.care_worker):
        if earlier:
            Spell.objects.create(
                client=client, phase=Phase.INTAKE, from_on=days_ago(90), until_on=days_ago(50)
            )
        before = (spells_of(client), operations.facts_of([Client.objects.get()]))
        record = operations.record_readiness(client=client, readiness=wanted, by=place.care_worker)
        assert (spells_of(client), operations.facts_of([Client.objects.get()])) != before
        operations.undo_readiness(record=record, by=place.care_worker)
        assert (spells_of(client), operations.facts_of([Client.objects.get()])) == before
        assert Client.objects.get().checked_on == days_ago(40)


def test_put_back_after_going_back_on_the_same_day(place: World) -> None:
    client = make_client(place, phase=Phase.STABILISING, days=50)
    with acting_as(place.care_worker):
        by = place.care_worker
        operations.record_readiness(client=client, readiness=Readiness(Phase.PREPARING), by=by)
        there = spells_of(client)
        back = operations.record_readiness(
            client=client, readiness=Readiness(Phase.STABILISING), by=by
        )
        operations.undo_readiness(record=back, by=by)
        assert spells_of(client) == there


def test_only_the_last_is_put_back_and_only_once(place: World) -> None:
    client = make_client(place, phase=Phase.STABILISING)
    with acting_as(place.care_worker):
        first, last = (
            operations.record_readiness(client=client, readiness=wanted, by=place.care_worker)
            for wanted in (None, Readiness(Phase.PREPARING))
        )
        with pytest.raises(Refused):
            operations.undo_readiness(record=first, by=place.care_worker)
        operations.undo_readiness(record=last, by=place.care_worker)
        with pytest.raises(Refused):
            operations.undo_readiness(record=last, by=place.care_worker)


def test_after_a_day_nothing_is_put_back(place: World) -> None:
    client = make_client(place, phase=Phase.STABILISING)
    with acting_as(place.care_worker):
        record = operations.record_readiness(client=client, readiness=None, by=place.care_worker)
        record.recorded_at = timezone.now() - timedelta(hours=25)
        record.save(update_fields=["recorded_at"])
        with pytest.raises(Refused):
            operations.undo_readiness(record=record, by=place.care_worker)


def test_nothing_is_put_back_once_a_proposal_followed(place: World) -> None:
    client = make_client(place, phase=Phase.PREPARING, days=50)
    with acting_as(place.care_worker):
        record = operations.record_readiness(
            client=client, readiness=Readiness(Phase.READY, ready_on=today()), by=place.care_worker
        )
    with acting_as(place.coordinator):
        operations.offer_made(client=client, on=today(), by=place.coordinator)
    with acting_as(place.care_worker), pytest.raises(Refused):
        operations.undo_readiness(record=record, by=place.care_worker)


def test_who_declared_somebody_ready_is_known_until_it_is_put_back(place: World) -> None:
    client = make_client(place, phase=Phase.PREPARING, days=50)
    ready = Readiness(Phase.READY, ready_on=today())
    with acting_as(place.care_worker):
        operations.record_readiness(client=client, readiness=None, by=place.care_worker)
        assert operations.recorders_of_readiness(client) == frozenset()
        record = operations.record_readiness(client=client, readiness=ready, by=place.care_worker)
    with acting_as(place.coordinator):  # who confirms the proposal must be able to know
        assert operations.recorders_of_readiness(client) == {place.care_worker.user_id}
    with acting_as(place.care_worker):
        operations.undo_readiness(record=record, by=place.care_worker)
        assert operations.recorders_of_readiness(client) == frozenset()


def test_a_list_may_tell_of_a_day_that_has_passed(place: World) -> None:
    client = make_client(place, phase=Phase.PREPARING, days=50)
    with acting_as(place.team_leader):
        facts = operations.facts_of([client])[client.pk]
        listed = replace(
            facts, readiness=Readiness(Phase.PREPARING, expected_ready_on=days_ago(10))
        )
        changed = operations.update_clients(
            [(client, listed)], by=place.team_leader, checked_on=days_ago(5)
        )
        assert changed[0].expected_ready_on == days_ago(10)
        assert changed[0].checked_on == days_ago(5)


def test_the_day_is_the_regions_clock(place: World) -> None:
    client = make_client(place, phase=Phase.STABILISING, days=50)
    day = days_ago(10)
    with on_day(day), acting_as(place.care_worker):
        operations.record_readiness(
            client=client, readiness=Readiness(Phase.PREPARING), by=place.care_worker
        )
        assert spells_of(client)[-1][1] == day
