"""Several people at once, each with a connection of their own: one wins, the others get a sentence.

What holds is the lock on person and dwelling and, behind it, the constraints. Each is taken away
once to see that the test would notice.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connections

from accounts.context import acting_as
from housing import operations
from housing.errors import Refused
from housing.lifecycle import (
    LIVE,
    ContingentKind,
    ProposalState,
    RefusalByCorporation,
    WithdrawalReason,
)
from housing.models import Contingent, Placement, Proposal, RegionYear
from housing.operations import proposals
from outflow.models import SharingGround
from regions.clock import today
from tests.databases import Database, superuser_connection
from tests.factories import make_client, make_contingent, make_dwelling, world
from tests.housing.factories import GROUND, make_proposal
from tests.scale import n

ROUNDS = n(2, 150)
ACTORS = n(4, 12)


def at_once(deeds: list[Callable[[], object]]) -> list[object]:
    """Do all of it at the same moment in threads; results, or what was raised."""
    barrier = threading.Barrier(len(deeds))
    results: list[object] = [None] * len(deeds)

    def run(position: int, deed: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=30)
            results[position] = deed()
        except Exception as raised:
            results[position] = raised
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(position, deed)) for position, deed in enumerate(deeds)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def winners(results: list[object]) -> int:
    """How many succeeded; everybody else must have been refused in words."""
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(result, Refused) and result.sentence for result in refused), refused
    return len(results) - len(refused)


def proposing(region, client, dwelling, viewer=None):
    by = viewer or region.coordinator

    def deed():
        with acting_as(by):
            return operations.propose(client=client, dwelling=dwelling, by=by, sharing=GROUND)

    return deed


def live(region, **of):
    with acting_as(region.coordinator):
        return Proposal.objects.filter(state__in=LIVE, **of).count()


@contextmanager
def without_constraint(database: Database, table: str, name: str) -> Iterator[None]:
    """The database as it would be if somebody had forgotten this constraint."""
    with superuser_connection(database.name) as owner:
        owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        owner.execute(f"DROP INDEX IF EXISTS {name}")
    yield


def test_one_dwelling_goes_to_one_client_however_many_coordinators(own_database):
    region = world()
    for _ in range(ROUNDS):
        dwelling = make_dwelling(region)
        clients = [make_client(region) for _ in range(ACTORS)]
        viewers = [region.coordinator, region.second_coordinator]
        results = at_once(
            [
                proposing(region, client, dwelling, viewers[position % 2])
                for position, client in enumerate(clients)
            ]
        )
        assert winners(results) == 1
        assert live(region, dwelling=dwelling) == 1


def test_one_person_gets_one_proposal_however_many_dwellings(own_database):
    region = world()
    for _ in range(ROUNDS):
        client = make_client(region)
        results = at_once([proposing(region, client, make_dwelling(region)) for _ in range(ACTORS)])
        assert winners(results) == 1
        assert live(region, person=client.person) == 1


def test_two_people_and_two_dwellings_crosswise_never_wait_for_each_other_for_ever(own_database):
    region = world()
    for _ in range(ROUNDS):
        clients = [make_client(region) for _ in range(2)]
        dwellings = [make_dwelling(region) for _ in range(2)]
        crosswise = [proposing(region, c, d) for c in clients for d in dwellings]
        assert 1 <= winners(at_once(crosswise)) <= 2
        assert live(region) >= 1
        for dwelling in dwellings:
            assert live(region, dwelling=dwelling) <= 1


@pytest.fixture
def no_locks_and_no_looking(monkeypatch):
    """Operations that neither lock nor look: only the constraints are left."""
    monkeypatch.setattr(proposals, "_must_be_free", lambda _dwelling: None)
    monkeypatch.setattr(proposals, "_must_be_unspoken_for", lambda _client: None)
    monkeypatch.setattr(
        "django.db.models.query.QuerySet.select_for_update",
        lambda self, *_args, **_kwargs: self.all(),
    )
    # The phase of a client would refuse a second proposal as well.
    monkeypatch.setattr(proposals.phases, "offer_made", lambda **_facts: None)


def test_the_constraint_alone_holds_when_nobody_locks_or_looks(
    own_database, no_locks_and_no_looking
):
    region = world()
    dwelling = make_dwelling(region)
    results = at_once([proposing(region, make_client(region), dwelling) for _ in range(ACTORS)])
    assert winners(results) == 1


def test_without_lock_and_constraint_a_dwelling_is_proposed_twice(
    own_database, no_locks_and_no_looking
):
    """The negative control: the tests above can fail."""
    region = world()
    dwelling = make_dwelling(region)
    with without_constraint(own_database, "housing_proposal", "proposal_one_live_per_dwelling"):
        results = at_once([proposing(region, make_client(region), dwelling) for _ in range(ACTORS)])
    assert winners(results) > 1
    assert live(region, dwelling=dwelling) > 1


def answering(region, proposal, **facts):
    def deed():
        with acting_as(region.allocator):
            return operations.answer_for_corporation(
                proposal=proposal, by=region.allocator, **facts
            )

    return deed


def test_two_allocators_answer_one_proposal_and_one_answer_stands(own_database):
    region = world()
    for _ in range(ROUNDS):
        proposal = make_proposal(region)
        results = at_once([answering(region, proposal, yes=True) for _ in range(ACTORS)])
        assert winners(results) == 1


def test_a_yes_and_a_no_to_the_same_question_at_once_leave_the_first_of_them(own_database):
    region = world()
    no = {"yes": False, "reason": RefusalByCorporation.LIVEABILITY}
    for _ in range(ROUNDS):
        proposal = make_proposal(region)
        results = at_once(
            [answering(region, proposal, yes=True), answering(region, proposal, **no)]
        )
        assert winners(results) == 1
        with acting_as(region.coordinator):
            assert proposal.steps.count() == 2


def test_an_answer_and_a_withdrawal_at_once_leave_one_story(own_database):
    region = world()
    for _ in range(ROUNDS):
        proposal = make_proposal(region)

        def withdrawing(proposal=proposal):
            with acting_as(region.coordinator):
                return operations.withdraw_proposal(
                    proposal=proposal, reason=WithdrawalReason.MISTAKE, by=region.coordinator
                )

        results = at_once([answering(region, proposal, yes=True), withdrawing])
        with acting_as(region.coordinator):
            proposal.refresh_from_db()
            steps = list(proposal.steps.values_list("before", "after"))
        assert proposal.state == ProposalState.WITHDRAWN
        assert winners(results) in {1, 2}
        assert [after for _before, after in steps[:-1]] == [before for before, _ in steps[1:]]


def saying_yes(region, proposal):
    def deed():
        with acting_as(region.care_worker):
            return operations.answer_for_client(
                proposal=proposal,
                yes=True,
                by=region.care_worker,
                release_ground=SharingGround.Ground.CONSENT,
                release_text_version="2026-1",
            )

    return deed


def waiting_for_clients(region, count):
    return [make_proposal(region, ProposalState.CORPORATION_YES) for _ in range(count)]


def test_a_maximum_of_a_contingent_is_never_exceeded(own_database):
    region = world()
    contingent = make_contingent(region, agreed=2, kind=ContingentKind.MAXIMUM)
    proposals_made = waiting_for_clients(region, ACTORS)
    results = at_once([saying_yes(region, proposal) for proposal in proposals_made])
    contingent.refresh_from_db()
    assert winners(results) == 2
    assert contingent.booked == 2
    with acting_as(region.coordinator):
        assert Proposal.objects.filter(state=ProposalState.CLIENT_YES).count() == 2


def test_the_maximum_of_the_region_is_never_exceeded(own_database):
    region = world()
    make_contingent(region, agreed=50)
    RegionYear.objects.update_or_create(
        region=region.region,
        year=today().year,
        defaults={"kind": ContingentKind.MAXIMUM, "agreed": 1},
    )
    proposals_made = waiting_for_clients(region, ACTORS)
    results = at_once([saying_yes(region, proposal) for proposal in proposals_made])
    assert winners(results) == 1
    assert RegionYear.objects.get(region=region.region).booked == 1


def test_a_task_may_be_exceeded_and_counts_on(own_database):
    region = world()
    contingent = make_contingent(region, agreed=1, kind=ContingentKind.TASK)
    results = at_once([saying_yes(region, p) for p in waiting_for_clients(region, 3)])
    contingent.refresh_from_db()
    assert winners(results) == 3
    assert contingent.booked == 3


def test_without_the_constraint_a_maximum_is_exceeded(own_database):
    """The negative control: it is the constraint that holds."""
    region = world()
    contingent = make_contingent(region, agreed=2, kind=ContingentKind.MAXIMUM)
    made = waiting_for_clients(region, ACTORS)
    with without_constraint(own_database, "housing_contingent", "contingent_booked_within_ceiling"):
        results = at_once([saying_yes(region, proposal) for proposal in made])
    contingent.refresh_from_db()
    assert winners(results) == ACTORS
    assert contingent.booked == ACTORS > 2


def test_a_raise_with_authority_makes_room_for_exactly_that_many(own_database):
    region = world()
    contingent = make_contingent(region, agreed=1, kind=ContingentKind.MAXIMUM)
    made = waiting_for_clients(region, 3)
    with acting_as(region.coordinator):
        operations.raise_contingent(
            contingent=contingent,
            dwellings=1,
            reason="Afgesproken aan de tafel",
            authority="Wethouder wonen",
            by=region.coordinator,
        )
    assert winners(at_once([saying_yes(region, proposal) for proposal in made])) == 2
    assert Contingent.objects.get(pk=contingent.pk).booked == 2


def test_two_keys_for_one_dwelling_at_once_make_one_home(own_database):
    region = world()
    proposal = make_proposal(region, ProposalState.CONTRACT)

    def handing_over():
        with acting_as(region.allocator):
            return operations.hand_over_key(proposal=proposal, on=today(), by=region.allocator)

    assert winners(at_once([handing_over] * ACTORS)) == 1
    with acting_as(region.coordinator):
        assert Placement.objects.filter(proposal=proposal).count() == 1
