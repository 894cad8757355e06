"""Two people who act at the same moment, on real connections with real commits."""

from collections.abc import Callable

from accounts.context import acting_as
from outflow import operations
from outflow.lifecycle import Phase
from outflow.models import Assignment, Client, ReadinessRecord, Scenario, Spell
from outflow.operations import ClientFacts, Readiness
from outflow.operations.scenarios import MOST_LIVE, make_scenario
from regions.clock import today
from regions.errors import Refused
from tests.databases import Database
from tests.factories import make_client, world
from tests.outflow.racing import at_the_same_time


def test_of_two_who_save_the_same_row_at_once_one_wins_and_the_other_chooses(
    own_database: Database,
) -> None:
    place = world()
    client = make_client(place, phase=Phase.STABILISING, days=50)
    with acting_as(place.team_leader):
        seen = operations.facts_of([client])[client.pk].readiness.mark

    def save(who: str, wanted: Readiness) -> Callable[[], object]:
        def deed() -> object:
            with acting_as(place.viewers[who]):
                return operations.record_readiness(
                    client=client, readiness=wanted, by=place.viewers[who], seen=seen
                )

        return deed

    results = at_the_same_time(
        save("care_worker", Readiness(Phase.PREPARING)),
        save("team_leader", Readiness(Phase.READY, ready_on=today())),
    )
    assert sorted(type(result).__name__ for result in results) == [
        "ChangedMeanwhile",
        "ReadinessRecord",
    ]
    with acting_as(place.team_leader):
        assert ReadinessRecord.objects.count() == 1
        assert Spell.objects.filter(until_on=None).count() == 1


def test_two_who_register_the_same_number_at_the_same_moment_make_one_client(
    own_database: Database,
) -> None:
    place = world()

    def register() -> object:
        with acting_as(place.team_leader):
            return operations.register_clients([ClientFacts("A-1", "BW")], by=place.team_leader)[0]

    results = at_the_same_time(register, times=4)
    assert sorted(type(result).__name__ for result in results) == ["Client", *["Refused"] * 3]
    with acting_as(place.team_leader):
        assert Client.objects.count() == 1


def test_of_those_who_make_the_last_scenario_that_fits_one_does(own_database: Database) -> None:
    place = world()
    changes = [{"what": "contingent", "how": "times", "value": 1.2}]
    owners = ("coordinator", "team_leader", "allocator", "access_officer")
    for number in range(MOST_LIVE - 1):
        owner = place.viewers[owners[number % len(owners)]]
        with acting_as(owner):
            make_scenario(name=f"Question {number}", changes=changes, by=owner)

    def make(who: str) -> Callable[[], object]:
        def deed() -> object:
            with acting_as(place.viewers[who]):
                return make_scenario(name="Last", changes=changes, by=place.viewers[who])

        return deed

    results = at_the_same_time(make("coordinator"), make("team_leader"), make("allocator"))
    assert sorted(type(result).__name__ for result in results) == ["Refused"] * 2 + ["Scenario"]
    assert Scenario.objects.live().count() == MOST_LIVE


def test_two_who_assign_the_same_client_leave_it_with_one_worker(own_database: Database) -> None:
    place = world()
    client = make_client(place, assigned_to=None)

    def give(to: str) -> Callable[[], object]:
        def deed() -> object:
            with acting_as(place.team_leader):
                return operations.assign_clients(
                    clients=[client], to=place.memberships[to], by=place.team_leader
                )

        return deed

    at_the_same_time(give("care_worker"), give("colleague"), times=2)
    with acting_as(place.team_leader):
        assert Assignment.objects.filter(client=client, until_on=None).count() == 1


def test_an_offer_and_a_step_back_at_the_same_moment_leave_one_open_phase(
    own_database: Database,
) -> None:
    place = world()
    client = make_client(place, days=50)

    def offer() -> object:
        with acting_as(place.coordinator):
            return operations.offer_made(client=client, on=today(), by=place.coordinator)

    def step_back() -> object:
        with acting_as(place.care_worker):
            return operations.record_readiness(
                client=client, readiness=Readiness(Phase.PREPARING), by=place.care_worker
            )

    results = at_the_same_time(offer, step_back)
    assert sum(isinstance(result, Refused) for result in results) == 1
    with acting_as(place.team_leader):
        assert Spell.objects.filter(until_on=None).count() == 1
