"""Registering and changing clients: many rows or one, sealed, coded, audited."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from accounts.access import Permission
from accounts.context import acting_as
from accounts.models import AuditEntry
from outflow import operations
from outflow.errors import NotAllowed, Refused
from outflow.lifecycle import HousingForm, Phase
from outflow.models import Assignment, Client, Identity, Person, Spell
from outflow.operations import (
    CareFacts,
    ClientFacts,
    IdentityFacts,
    NeedFacts,
    Readiness,
    SpellFacts,
    ZrmFacts,
    case_codes,
    registration,
)
from regions.clock import today
from tests.factories import World, make_client, world
from tests.scale import n

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> World:
    return world()


def facts(number: str = "A-1", **changes: object) -> ClientFacts:
    return replace(
        ClientFacts(
            client_number=number,
            facility_type="BW",
            location="De Haven",
            in_care_since=date(2025, 1, 6),
            identity=IdentityFacts("Meijden", "van der", "Noor", date(1991, 4, 2), phone="0612"),
            care=CareFacts(has_debts=True, remarks="alleen voor ons"),
            need=NeedFacts(persons=2, bedrooms=2, forms=(HousingForm.INDEPENDENT,)),
            readiness=Readiness(Phase.PREPARING, expected_ready_on=today() + timedelta(days=90)),
            zrm=(ZrmFacts("finances", 3, date(2026, 1, 5)),),
        ),
        **changes,
    )


def test_a_registered_client_has_everything_that_was_written(place: World) -> None:
    with acting_as(place.care_worker):
        client = operations.register_clients([facts()], by=place.care_worker)[0]
        assert operations.facts_of([client])[client.pk] == replace(
            facts(),
            provider=place.provider.pk,
            readiness=replace(facts().readiness, from_on=today()),
        )
        seen = Client.objects.visible_to(place.care_worker, Permission.SEE_CLIENTS).get()
        assert seen == client
    with acting_as(place.colleague):
        assert not Client.objects.visible_to(place.colleague, Permission.SEE_CLIENTS).exists()
        assert not Client.objects.exists()  # the second lock says the same


def test_names_are_not_readable_in_the_database(place: World) -> None:
    with acting_as(place.team_leader):
        operations.register_clients([facts()], by=place.team_leader)
        with connection.cursor() as cursor:
            cursor.execute("SELECT i::text FROM outflow_identity i")
            (row,) = cursor.fetchone()
    for sealed in ("Meijden", "Noor", "1991-04-02", "0612"):
        assert sealed not in row
        assert sealed.encode().hex() not in row
    with acting_as(place.team_leader):
        assert Identity.objects.get().full_name == "Noor van der Meijden"  # the keys open it


def test_the_team_leaders_clients_wait_for_a_worker_and_the_workers_own_do_not(
    place: World,
) -> None:
    with acting_as(place.team_leader):
        unassigned = operations.register_clients([facts("A-1")], by=place.team_leader)[0]
        named = operations.register_clients(
            [facts("A-2", assigned_to=place.care_worker.membership_id)], by=place.team_leader
        )[0]
        assert list(Client.objects.unassigned()) == [unassigned]
        assert Assignment.objects.get(client=named).membership_id == place.care_worker.membership_id


@pytest.mark.parametrize("who", ["other_care_worker", "foreign_care_worker", "allocator"])
def test_nobody_gives_a_client_to_somebody_of_another_party(place: World, who: str) -> None:
    stranger = place.viewers[who].membership_id
    with acting_as(place.team_leader), pytest.raises(NotAllowed):
        operations.register_clients([facts(assigned_to=stranger)], by=place.team_leader)


@pytest.mark.parametrize("who", ["access_officer", "allocator", "steering_member", "coordinator"])
def test_only_a_provider_registers_who_its_clients_are(place: World, who: str) -> None:
    viewer = place.viewers[who]
    with acting_as(viewer), pytest.raises(NotAllowed):
        operations.register_clients([facts(provider=place.provider.pk)], by=viewer)


def test_a_coordinators_history_brings_clients_without_a_name(place: World) -> None:
    row = ClientFacts(client_number="H-1", facility_type="MO", provider=place.provider.pk)
    spells = [
        SpellFacts(Phase.INTAKE, date(2020, 1, 1), date(2020, 6, 1)),
        SpellFacts(Phase.READY, date(2020, 6, 1), date(2021, 1, 1), "left_other"),
    ]
    with acting_as(place.coordinator):
        client = operations.register_clients([row], by=place.coordinator)[0]
        assert operations.record_history([(client, spells)], by=place.coordinator) == [client]
        assert operations.record_history([(client, spells)], by=place.coordinator) == []
        assert Spell.objects.filter(client=client).count() == 2


def test_a_client_number_is_used_once_per_provider(place: World) -> None:
    with acting_as(place.team_leader):
        operations.register_clients([facts("A-1")], by=place.team_leader)
        with pytest.raises(Refused):
            operations.register_clients([facts("A-2"), facts("A-1")], by=place.team_leader)
        assert Client.objects.count() == 1
        assert Person.objects.count() == 1  # all or nothing
    with acting_as(place.other_team_leader):
        assert operations.register_clients([facts("A-1")], by=place.other_team_leader)


def test_case_codes_are_short_random_and_unique(place: World) -> None:
    count = n(60, 5_000)
    with acting_as(place.team_leader):
        clients = operations.register_clients(
            [facts(f"A-{number}") for number in range(count)], by=place.team_leader
        )
    codes = [client.case_code for client in clients]
    assert len(set(codes)) == count
    assert all(len(code) == 5 and code[2] == "-" for code in codes)
    assert codes != sorted(codes)


def test_a_code_of_another_provider_is_not_given_again(
    place: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_client(place, provider=place.other_provider, case_code="H8-QF")
    codes = iter(["H8-QF", "K3-TT", "M4-ZZ"])
    monkeypatch.setattr(case_codes, "case_code", lambda: next(codes))
    with acting_as(place.team_leader):
        client = operations.register_clients([facts()], by=place.team_leader)[0]
    assert client.case_code == "K3-TT"


def test_a_code_that_is_taken_meanwhile_costs_one_more_try(
    place: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_client(place, provider=place.other_provider, case_code="H8-QF")
    answers = iter([["H8-QF"], ["K3-TT"]])  # as if the other transaction committed in between
    monkeypatch.setattr(registration, "free_case_codes", lambda count: next(answers))
    with acting_as(place.team_leader):
        client = operations.register_clients([facts()], by=place.team_leader)[0]
    assert client.case_code == "K3-TT"


def test_many_rows_cost_the_statements_of_a_few(
    place: World, django_assert_max_num_queries
) -> None:
    with acting_as(place.team_leader), django_assert_max_num_queries(24):
        operations.register_clients(
            [facts(f"A-{number}") for number in range(3)], by=place.team_leader
        )
    with acting_as(place.team_leader), django_assert_max_num_queries(24):
        operations.register_clients(
            [facts(f"B-{number}") for number in range(n(60, 1_500))], by=place.team_leader
        )


def test_the_same_facts_twice_change_nothing(place: World) -> None:
    with acting_as(place.team_leader):
        clients = operations.register_clients([facts("A-1"), facts("A-2")], by=place.team_leader)
        entries = AuditEntry.objects.count()
        rows = [(client, facts(client.client_number)) for client in clients]
        assert operations.update_clients(rows, by=place.team_leader) == []
        assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize(
    "change",
    [
        {"location": "Het Anker"},
        {"identity": IdentityFacts("Meijden", "van der", "Noortje", date(1991, 4, 2))},
        {"care": CareFacts(has_debts=False)},
        {"need": NeedFacts(persons=1, guidance_hours=Decimal("2.5"))},
        {"readiness": Readiness(Phase.STABILISING)},
        {"zrm": (ZrmFacts("finances", 4, date(2026, 1, 5)),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_part_is_written_and_told(place: World, change: dict[str, object]) -> None:
    with acting_as(place.team_leader):
        clients = operations.register_clients([facts("A-1"), facts("A-2")], by=place.team_leader)
        rows = [(clients[0], facts("A-1", **change)), (clients[1], facts("A-2"))]
        assert operations.update_clients(rows, by=place.team_leader) == [clients[0]]
        now = operations.facts_of(list(Client.objects.all()))
        name, value = next(iter(change.items()))
        written = getattr(now[clients[0].pk], name)
        if name == "readiness":
            written = replace(written, from_on=None)
        assert written == value
        assert AuditEntry.objects.filter(
            operation="client.updated", object_ref=clients[0].ref
        ).exists()
        assert not AuditEntry.objects.filter(
            operation="client.updated", object_ref=clients[1].ref
        ).exists()


def test_a_part_that_a_list_does_not_know_stays(place: World) -> None:
    with acting_as(place.team_leader):
        client = operations.register_clients([facts()], by=place.team_leader)[0]
        before = operations.facts_of([Client.objects.get()])[client.pk]
        bare = ClientFacts(client_number="A-1", facility_type="BW", location="Elders")
        operations.update_clients([(client, bare)], by=place.team_leader)
        after = operations.facts_of([Client.objects.get()])[client.pk]
    assert after == replace(before, location="Elders", in_care_since=None)


@pytest.mark.parametrize("who", ["colleague", "other_team_leader", "foreign_team_leader"])
def test_nobody_changes_a_client_that_is_not_theirs(place: World, who: str) -> None:
    client = make_client(place)
    viewer = place.viewers[who]
    with acting_as(viewer), pytest.raises(NotAllowed):
        operations.update_clients([(client, facts())], by=viewer)


def test_the_audit_trail_names_no_one(place: World) -> None:
    with acting_as(place.team_leader):
        operations.register_clients([facts()], by=place.team_leader)
    told = str(list(AuditEntry.objects.values()))
    assert "client.registered" in told
    for secret in ("Meijden", "Noor", "alleen voor ons", "A-1"):
        assert secret not in told
