"""Proposals and contingents as far as a test needs them, made by the operations themselves."""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import Viewer
from accounts.context import acting_as
from housing import operations
from housing.lifecycle import ProposalState
from housing.models import Dwelling, Proposal
from housing.operations import DwellingFacts, GroundGiven
from outflow.lifecycle import ContractForm
from outflow.models import Client, SharingGround
from regions.clock import today
from tests.factories import World, keeping_context, make_client, make_dwelling

GROUND = GroundGiven(SharingGround.Ground.CONSENT, "2026-1")
WAY = (
    ProposalState.PROPOSED,
    ProposalState.CORPORATION_YES,
    ProposalState.CLIENT_YES,
    ProposalState.VIEWING,
    ProposalState.CONTRACT,
    ProposalState.KEY,
)


def dwelling_facts(world: World, **facts: Any) -> DwellingFacts:
    """What a form or a list tells of a dwelling in the world's neighbourhood."""
    values: dict[str, Any] = {
        "corporation": world.organisations["corporation"],
        "municipality": world.municipality,
        "neighbourhood": world.neighbourhood,
        "street": "Rietlaan",
        "house_number": "12",
        "postcode": "9901 AB",
        "basic_rent": 612,
        "available_on": today() + timedelta(days=14),
        **facts,
    }
    return DwellingFacts(**values)


def make_proposal(
    world: World,
    state: str = ProposalState.PROPOSED,
    *,
    client: Client | None = None,
    dwelling: Dwelling | None = None,
    coordinator: Viewer | None = None,
    allocator: Viewer | None = None,
    care_worker: Viewer | None = None,
    **of_client: Any,
) -> Proposal:
    """A proposal that went its way up to `state`, each step by whoever takes it."""
    client = client or make_client(world, **of_client)
    dwelling = dwelling or make_dwelling(world)
    decides = coordinator or world.coordinator
    lets = allocator or world.allocator
    cares = care_worker or world.care_worker
    with keeping_context():
        with acting_as(decides):
            proposal = operations.propose(
                client=client, dwelling=dwelling, by=decides, sharing=GROUND
            )
        for step in WAY[1 : WAY.index(ProposalState(state)) + 1]:
            proposal = take_step(proposal, step, allocator=lets, care_worker=cares)
    return proposal


def take_step(proposal: Proposal, step: str, *, allocator: Viewer, care_worker: Viewer) -> Proposal:
    """The step towards `step` by the party whose it is, in that party's own context."""
    by = care_worker if step == ProposalState.CLIENT_YES else allocator
    with acting_as(by):
        match step:
            case ProposalState.CORPORATION_YES:
                return operations.answer_for_corporation(proposal=proposal, yes=True, by=by)
            case ProposalState.CLIENT_YES:
                return operations.answer_for_client(
                    proposal=proposal,
                    yes=True,
                    by=by,
                    release_ground=SharingGround.Ground.CONSENT,
                    release_text_version="2026-1",
                )
            case ProposalState.VIEWING:
                return operations.plan_viewing(
                    proposal=proposal, at=tomorrow_at_ten(), meeting_point="Hoofdingang", by=by
                )
            case ProposalState.CONTRACT:
                return operations.sign_contract(
                    proposal=proposal, contract_form=ContractForm.THREE_PARTY, on=today(), by=by
                )
            case ProposalState.KEY:
                operations.hand_over_key(proposal=proposal, on=today(), by=by)
                proposal.refresh_from_db()
                return proposal
    raise ValueError(step)


def rewrite_proposal(world: World, proposal: Proposal, **facts: Any) -> None:
    """Let a proposal be as a test needs it, written as a coordinator: no job may write one."""
    with keeping_context(), acting_as(world.coordinator):
        Proposal.objects.filter(pk=proposal.pk).update(**facts)


def tomorrow_at_ten() -> datetime:
    return timezone.make_aware(datetime.combine(today() + timedelta(days=1), time(10)))
