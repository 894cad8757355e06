"""From a proposal to a key: who may take which step, in which order, and what it leaves behind."""

from datetime import timedelta

import pytest

from accounts.context import acting_as
from accounts.models import AuditEntry
from housing import operations
from housing.errors import NotAllowed, Refused, StepNotPossible
from housing.lifecycle import (
    NEXT,
    EntryKind,
    ProposalState,
    RefusalByClient,
    RefusalByCorporation,
    WithdrawalReason,
)
from housing.models import Dwelling, Placement, Proposal, ProposalStep, RefusalNote
from outflow.lifecycle import ContractForm, Phase
from outflow.models import Client, ExcludedNeighbourhood, Household, SharingGround
from regions.clock import on_day, today
from regions.models import RegionRule
from tests.factories import make_client, make_contingent, make_dwelling, world
from tests.housing.factories import GROUND, make_proposal, take_step, tomorrow_at_ten

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    return world()


def phase_of(client, viewer):
    with acting_as(viewer):
        return Client.objects.with_phase().get(pk=client.pk).phase


def kinds(contingent):
    return list(contingent.entries.values_list("kind", flat=True))


def test_a_proposal_goes_all_the_way_to_the_key(region):
    contingent = make_contingent(region, agreed=3)
    proposal = make_proposal(region, ProposalState.KEY)
    with acting_as(region.coordinator):
        placement = Placement.objects.get(proposal=proposal)
        steps = list(ProposalStep.objects.filter(proposal=proposal).values_list("after", "role"))
    assert placement.from_on == today()
    assert placement.contract_form == ContractForm.THREE_PARTY
    assert phase_of(proposal.client, region.care_worker) == Phase.HOUSED
    assert steps == [
        ("proposed", "coordinator"),
        ("corporation_yes", "allocator"),
        ("client_yes", "care_worker"),
        ("viewing", "allocator"),
        ("contract", "allocator"),
        ("key", "allocator"),
    ]
    contingent.refresh_from_db()
    assert contingent.booked == 1
    assert kinds(contingent) == [EntryKind.AGREED, EntryKind.ACCEPTED, EntryKind.LET]
    told = AuditEntry.objects.filter(object_ref=proposal.ref).values_list("operation", flat=True)
    assert sorted(told) == sorted(
        f"proposal.{state}"
        for state in (
            "proposed",
            "corporation_yes",
            "client_yes",
            "viewing",
            "contract",
            "key",
        )
    )


def test_the_client_is_offered_from_the_proposal_on_and_ready_again_after_a_no(region):
    proposal = make_proposal(region)
    assert phase_of(proposal.client, region.care_worker) == Phase.OFFERED
    with acting_as(region.allocator):
        operations.answer_for_corporation(
            proposal=proposal,
            yes=False,
            reason=RefusalByCorporation.LIVEABILITY,
            by=region.allocator,
        )
    assert phase_of(proposal.client, region.care_worker) == Phase.READY


@pytest.mark.parametrize("state", [ProposalState.CORPORATION_YES, ProposalState.VIEWING])
def test_a_no_of_the_client_frees_the_dwelling_and_gives_back_what_was_counted(region, state):
    contingent = make_contingent(region)
    proposal = make_proposal(region, state)
    with acting_as(region.care_worker):
        operations.answer_for_client(
            proposal=proposal,
            yes=False,
            reason=RefusalByClient.LOCATION,
            own_words="Te dicht bij vroeger.",
            seen=state,
            by=region.care_worker,
        )
        assert RefusalNote.objects.get(proposal=proposal).text == "Te dicht bij vroeger."
    contingent.refresh_from_db()
    assert contingent.booked == 0
    assert Dwelling.objects.free().filter(pk=proposal.dwelling_id).exists()
    returned = EntryKind.RETURNED in kinds(contingent)
    assert returned == (state == ProposalState.VIEWING)


def no_of_the_corporation(region, proposal, **seen):
    with acting_as(region.allocator):
        return operations.answer_for_corporation(
            proposal=proposal,
            yes=False,
            reason=RefusalByCorporation.LIVEABILITY,
            by=region.allocator,
            **seen,
        )


def no_of_the_client(region, proposal, **seen):
    with acting_as(region.care_worker):
        return operations.answer_for_client(
            proposal=proposal,
            yes=False,
            reason=RefusalByClient.RENT,
            by=region.care_worker,
            **seen,
        )


A_YES_BEFORE = [
    (no_of_the_corporation, ProposalState.PROPOSED, ProposalState.CORPORATION_YES),
    (no_of_the_client, ProposalState.CORPORATION_YES, ProposalState.CLIENT_YES),
]


@pytest.mark.parametrize(("say_no", "question", "after_yes"), A_YES_BEFORE)
def test_a_no_to_the_question_does_not_undo_a_yes_that_was_given_in_the_meantime(
    region, say_no, question, after_yes
):
    contingent = make_contingent(region)
    proposal = make_proposal(region, after_yes)
    contingent.refresh_from_db()
    counted = contingent.booked
    for seen in ({}, {"seen": question}):
        with pytest.raises(StepNotPossible):
            say_no(region, proposal, **seen)
    with acting_as(region.coordinator):
        assert Proposal.objects.get(pk=proposal.pk).state == after_yes
    contingent.refresh_from_db()
    assert contingent.booked == counted


@pytest.mark.parametrize(("say_no", "question", "after_yes"), A_YES_BEFORE)
def test_a_no_after_a_yes_ends_the_proposal_once_the_yes_was_seen(
    region, say_no, question, after_yes
):
    proposal = make_proposal(region, after_yes)
    assert say_no(region, proposal, seen=after_yes).state == ProposalState.DECLINED


@pytest.mark.parametrize(("say_no", "question", "after_yes"), A_YES_BEFORE)
def test_whoever_does_not_say_what_was_seen_would_undo_the_yes(region, say_no, question, after_yes):
    """The negative control: without the state that was seen nothing stops the no."""
    proposal = make_proposal(region, after_yes)
    assert say_no(region, proposal, seen=None).state == ProposalState.DECLINED


def test_own_words_stay_with_the_party_that_wrote_them(region):
    proposal = make_proposal(region)
    with acting_as(region.allocator):
        operations.answer_for_corporation(
            proposal=proposal,
            yes=False,
            reason=RefusalByCorporation.LIVEABILITY,
            own_words="Portiek is vol.",
            by=region.allocator,
        )
    for viewer in (region.coordinator, region.care_worker, region.team_leader):
        with acting_as(viewer):
            assert not RefusalNote.objects.filter(proposal=proposal).exists()


def test_the_client_answers_only_after_the_corporation(region):
    proposal = make_proposal(region)
    with acting_as(region.care_worker):
        with pytest.raises(StepNotPossible):
            operations.answer_for_client(
                proposal=proposal,
                yes=True,
                release_ground=SharingGround.Ground.CONSENT,
                release_text_version="2026-1",
                by=region.care_worker,
            )
        with pytest.raises(Refused):
            operations.answer_for_client(
                proposal=proposal, yes=False, reason=RefusalByClient.RENT, by=region.care_worker
            )


@pytest.mark.parametrize(("ground", "text"), [("", "2026-1"), ("consent", " "), ("other", "x")])
def test_a_yes_without_ground_or_text_is_refused(region, ground, text):
    proposal = make_proposal(region, ProposalState.CORPORATION_YES)
    with acting_as(region.care_worker), pytest.raises(Refused):
        operations.answer_for_client(
            proposal=proposal,
            yes=True,
            release_ground=ground,
            release_text_version=text,
            by=region.care_worker,
        )
    proposal.refresh_from_db()
    assert proposal.released_on is None


@pytest.mark.parametrize("reason", ["", "because"])
def test_a_no_has_a_reason_from_the_list(region, reason):
    proposal = make_proposal(region)
    with acting_as(region.allocator), pytest.raises(Refused):
        operations.answer_for_corporation(
            proposal=proposal, yes=False, reason=reason, by=region.allocator
        )


def test_each_step_is_only_for_its_own_role(region):
    proposal = make_proposal(region)
    wrong = (
        (operations.answer_for_corporation, {"yes": True}, region.care_worker),
        (operations.answer_for_client, {"yes": True}, region.allocator),
        (
            operations.plan_viewing,
            {"at": tomorrow_at_ten(), "meeting_point": "x"},
            region.coordinator,
        ),
        (operations.sign_contract, {"contract_form": "regular", "on": today()}, region.care_worker),
        (operations.hand_over_key, {"on": today()}, region.coordinator),
        (operations.withdraw_proposal, {"reason": "mistake"}, region.allocator),
        (operations.expire_proposal, {}, region.care_worker),
    )
    for operation, facts, viewer in wrong:
        with acting_as(viewer), pytest.raises(NotAllowed):
            operation(proposal=proposal, by=viewer, **facts)
    with acting_as(region.care_worker), pytest.raises(NotAllowed):
        operations.propose(
            client=proposal.client, dwelling=proposal.dwelling, by=region.care_worker
        )


def test_no_step_can_be_skipped_or_taken_twice(region):
    """Every step from every state: it succeeds exactly where the table of steps allows it."""
    for state in (
        ProposalState.PROPOSED,
        ProposalState.CORPORATION_YES,
        ProposalState.CLIENT_YES,
        ProposalState.VIEWING,
        ProposalState.CONTRACT,
        ProposalState.KEY,
    ):
        for step in (
            ProposalState.CORPORATION_YES,
            ProposalState.CLIENT_YES,
            ProposalState.VIEWING,
            ProposalState.CONTRACT,
            ProposalState.KEY,
        ):
            proposal = make_proposal(region, state)
            if step in NEXT[state]:
                after = take_step(
                    proposal, step, allocator=region.allocator, care_worker=region.care_worker
                )
                assert after.state == step
            else:
                with pytest.raises(Refused):
                    take_step(
                        proposal, step, allocator=region.allocator, care_worker=region.care_worker
                    )


def test_terms_follow_the_rules_of_the_region(region):
    RegionRule.objects.create(
        region=region.region,
        key="client_answer_days",
        value=3,
        valid_from=today() - timedelta(days=1),
        owner="Regietafel",
    )
    assert make_proposal(region).answer_by == today() + timedelta(days=7)
    answered = make_proposal(region, ProposalState.CORPORATION_YES)
    assert answered.answer_by == today() + timedelta(days=3)
    both = make_proposal(region, ProposalState.CLIENT_YES)
    assert both.answer_by == today() + timedelta(days=14)


def test_counting_can_wait_for_the_contract_by_the_rule_of_the_region(region):
    RegionRule.objects.create(
        region=region.region,
        key="booking_moment",
        value="contract",
        valid_from=today(),
        owner="Regietafel",
    )
    contingent = make_contingent(region)
    make_proposal(region, ProposalState.VIEWING)
    contingent.refresh_from_db()
    assert contingent.booked == 0
    make_proposal(region, ProposalState.CONTRACT)
    contingent.refresh_from_db()
    assert contingent.booked == 1


def test_a_signed_contract_that_is_withdrawn_gives_the_promise_back(region):
    contingent = make_contingent(region)
    proposal = make_proposal(region, ProposalState.CONTRACT)
    with acting_as(region.coordinator):
        operations.withdraw_proposal(
            proposal=proposal, reason=WithdrawalReason.OTHER_SOLUTION, by=region.coordinator
        )
    contingent.refresh_from_db()
    assert contingent.booked == 0
    assert kinds(contingent)[-1] == EntryKind.RETURNED


def test_a_proposal_expires_only_after_its_term(region):
    proposal = make_proposal(region)
    with acting_as(region.coordinator):
        with pytest.raises(Refused):
            operations.expire_proposal(proposal=proposal, by=region.coordinator)
        with on_day(today() + timedelta(days=8)):
            ended = operations.expire_proposal(proposal=proposal, by=region.coordinator)
    assert ended.state == ProposalState.EXPIRED
    assert Dwelling.objects.free().filter(pk=proposal.dwelling_id).exists()


def propose(region, client, dwelling, **facts):
    with acting_as(region.coordinator):
        return operations.propose(
            client=client,
            dwelling=dwelling,
            by=region.coordinator,
            **{"sharing": GROUND, **facts},
        )


def test_who_is_not_ready_is_not_proposed_a_home(region):
    client = make_client(region, phase=Phase.PREPARING)
    with pytest.raises(Refused):
        propose(region, client, make_dwelling(region))


def test_a_route_without_the_gate_may_be_proposed_a_home_at_once(region):
    client = make_client(region, phase=Phase.STABILISING, route="housing_first", ready_on=None)
    assert propose(region, client, make_dwelling(region)).state == ProposalState.PROPOSED


def test_a_dwelling_is_proposed_once(region):
    dwelling = make_dwelling(region)
    propose(region, make_client(region), dwelling)
    with pytest.raises(Refused):
        propose(region, make_client(region), dwelling)


def test_a_person_has_one_proposal_however_many_registrations(region):
    first = make_client(region)
    second = make_client(region, provider=region.other_provider, person=first.person)
    propose(region, first, make_dwelling(region))
    with pytest.raises(Refused):
        propose(region, second, make_dwelling(region))


def test_a_household_gets_one_proposal(region):
    with acting_as(region.coordinator):
        household = Household.objects.create(region=region.region)
    first = make_client(region, household=household)
    second = make_client(region, household=household)
    propose(region, first, make_dwelling(region))
    with pytest.raises(Refused):
        propose(region, second, make_dwelling(region))


def test_who_recorded_that_somebody_is_ready_does_not_propose(region):
    client = make_client(region, checked_by_id=region.coordinator.user_id)
    with pytest.raises(Refused):
        propose(region, client, make_dwelling(region))


def test_an_excluded_neighbourhood_is_refused_without_saying_so(region):
    client = make_client(region)
    with acting_as(region.care_worker):
        ExcludedNeighbourhood.objects.create(client=client, neighbourhood=region.neighbourhood)
    with pytest.raises(Refused) as refusal:
        propose(region, client, make_dwelling(region))
    assert region.neighbourhood.name not in refusal.value.sentence
    assert propose(region, client, make_dwelling(region, neighbourhood=region.other_neighbourhood))


def test_without_a_ground_for_sharing_the_proposal_asks_for_it_once(region):
    client = make_client(region)
    with pytest.raises(Refused):
        propose(region, client, make_dwelling(region), sharing=None)
    proposal = propose(region, client, make_dwelling(region))
    with acting_as(region.coordinator):
        assert not operations.lacks_sharing_ground(client)
        operations.withdraw_proposal(
            proposal=proposal, reason=WithdrawalReason.MISTAKE, by=region.coordinator
        )
    assert propose(region, client, make_dwelling(region), sharing=None)


def test_a_departure_has_a_reason_from_the_list(region):
    with pytest.raises(Refused):
        propose(region, make_client(region), make_dwelling(region), departure_reason="because")
    with pytest.raises(Refused):
        propose(region, make_client(region), make_dwelling(region), follows=True)


def test_after_the_key_the_follow_up_runs_to_its_end(region):
    proposal = make_proposal(region, ProposalState.KEY)
    way = (
        (ProposalState.GUIDED, region.care_worker),
        (ProposalState.EVALUATED, region.care_worker),
        (ProposalState.OWN_CONTRACT, region.allocator),
        (ProposalState.WATCHED, region.care_worker),
        (ProposalState.CLOSED, region.care_worker),
    )
    for step, viewer in way:
        with acting_as(viewer):
            proposal = operations.follow_up(proposal=proposal, step=step, on=today(), by=viewer)
    assert proposal.state == ProposalState.CLOSED
    assert proposal.ended_on == today()
    with acting_as(region.coordinator):
        assert Placement.objects.get(proposal=proposal).ended_on is None


def test_who_left_the_dwelling_no_longer_holds_it_and_it_is_not_offered_again_by_itself(region):
    proposal = make_proposal(region, ProposalState.KEY)
    with acting_as(region.care_worker):
        operations.follow_up(
            proposal=proposal,
            step=ProposalState.CLOSED,
            on=today(),
            left_on=today(),
            by=region.care_worker,
        )
    with acting_as(region.coordinator):
        assert Placement.objects.get(proposal=proposal).ended_on == today()
    assert not Dwelling.objects.free().filter(pk=proposal.dwelling_id).exists()


@pytest.mark.parametrize("days", [-400, 1])
def test_days_of_contract_and_key_lie_between_the_step_before_and_today(region, days):
    proposal = make_proposal(region, ProposalState.VIEWING)
    with acting_as(region.allocator), pytest.raises(Refused):
        operations.sign_contract(
            proposal=proposal,
            contract_form=ContractForm.REGULAR,
            on=today() + timedelta(days=days),
            by=region.allocator,
        )


def test_nothing_reaches_over_the_border_of_a_region(region):
    proposal = make_proposal(region)
    with acting_as(region.foreign_allocator), pytest.raises(NotAllowed):
        operations.answer_for_corporation(proposal=proposal, yes=True, by=region.foreign_allocator)
    with acting_as(region.foreign_coordinator):
        assert not Proposal.objects.filter(pk=proposal.pk).exists()
