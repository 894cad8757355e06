"""From two times yes to a home: viewing, contract, key, and what follows in the years after."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from housing.errors import Refused
from housing.lifecycle import NEXT, TENANCY, ProposalState
from housing.models import Placement, Proposal
from housing.operations import ledger
from housing.operations.doing import must_be_allowed, operation
from housing.operations.steps import advance, lock
from outflow.lifecycle import ContractForm
from outflow.operations import phases
from regions import formats
from regions.clock import today

# The steps after the key: whose they are to record.
FOLLOW_UP = {
    ProposalState.GUIDED: Permission.ANSWER_FOR_CLIENT,
    ProposalState.EVALUATED: Permission.ANSWER_FOR_CLIENT,
    ProposalState.OWN_CONTRACT: Permission.ARRANGE_TENANCY,
    ProposalState.WATCHED: Permission.ANSWER_FOR_CLIENT,
    ProposalState.CLOSED: Permission.ANSWER_FOR_CLIENT,
}


@operation
def plan_viewing(
    *,
    proposal: Proposal,
    at: datetime,
    meeting_point: str,
    by: Viewer,
    seen: ProposalState | None = None,
) -> Proposal:
    """Agree when and where the client sees the dwelling; planning again moves it."""
    must_be_allowed(by, Permission.ARRANGE_TENANCY)
    if at.astimezone(timezone.get_default_timezone()).date() < today():
        raise Refused(_("A viewing lies today or later."))
    if not meeting_point.strip():
        raise Refused(_("Write down where they meet."))
    proposal = lock(proposal, by=by, seen=seen)
    return advance(
        proposal,
        ProposalState.VIEWING,
        by=by,
        viewing_at=at,
        meeting_point=meeting_point.strip(),
    )


@operation
def sign_contract(
    *,
    proposal: Proposal,
    contract_form: str,
    on: date,
    by: Viewer,
    seen: ProposalState | None = None,
) -> Proposal:
    """The contract is signed; from here the home is a fact."""
    must_be_allowed(by, Permission.ARRANGE_TENANCY)
    if contract_form not in ContractForm.values:
        raise Refused(_("Choose the form of the contract."))
    proposal = lock(proposal, by=by, seen=seen)
    _must_lie_between(proposal.client_answered_on, on)
    proposal = advance(
        proposal, ProposalState.CONTRACT, by=by, on=on, contract_form=contract_form, contract_on=on
    )
    if ledger.counts_now(proposal, moment="contract", on=on):
        ledger.book_accepted(proposal, on=on, by=by)
    return proposal


@operation
def hand_over_key(
    *, proposal: Proposal, on: date, by: Viewer, seen: ProposalState | None = None
) -> Placement:
    """Somebody lives at home from this day."""
    must_be_allowed(by, Permission.ARRANGE_TENANCY)
    proposal = lock(proposal, by=by, seen=seen)
    _must_lie_between(proposal.contract_on, on)
    proposal = advance(proposal, ProposalState.KEY, by=by, on=on, key_on=on)
    placement = Placement.objects.create(
        region_id=proposal.region_id,
        person_id=proposal.person_id,
        client=proposal.client,
        dwelling=proposal.dwelling,
        proposal=proposal,
        contract_form=proposal.contract_form,
        from_on=on,
    )
    ledger.book_let(proposal, on=on, by=by)
    phases.housed(client=proposal.client, on=on, by=by)
    return placement


@operation
def follow_up(
    *,
    proposal: Proposal,
    step: ProposalState,
    on: date,
    by: Viewer,
    left_on: date | None = None,
    seen: ProposalState | None = None,
) -> Proposal:
    """Record what came after the key; closing may tell that the person has left the dwelling."""
    must_be_allowed(by, FOLLOW_UP[step])
    proposal = lock(proposal, by=by, seen=seen)
    _must_lie_between(proposal.key_on, on)
    proposal = advance(proposal, step, by=by, on=on)
    if step == ProposalState.CLOSED:
        phases.end_guidance(client=proposal.client, on=on, by=by)
        if left_on is not None:
            _must_lie_between(proposal.key_on, left_on)
            _leave(proposal, left_on, by)
    return proposal


def steps_for(proposal: Proposal, *permissions: Permission) -> list[ProposalState]:
    """The follow-up steps that are possible now for whoever has these permissions."""
    if proposal.state not in TENANCY:
        return []
    return [
        step
        for step, permission in FOLLOW_UP.items()
        if permission in permissions and step in NEXT[ProposalState(proposal.state)]
    ]


def recorder_of(step: ProposalState) -> Permission:
    """Whose a step after the key is to record."""
    return FOLLOW_UP[step]


def _leave(proposal: Proposal, on: date, by: Viewer) -> None:
    """The placement ends, and the dwelling is no longer on offer until it is entered anew."""
    placement = Placement.objects.select_for_update().filter(proposal=proposal).running().first()
    if placement is None:
        return
    placement.ended_on = on
    placement.save(update_fields=["ended_on"])
    dwelling = proposal.dwelling
    dwelling.withdrawn_on = on
    dwelling.save(update_fields=["withdrawn_on"])
    audit.record("placement.ended", placement, by=by)


def _must_lie_between(first: date | None, on: date) -> None:
    if on > today():
        raise Refused(_("This day has not come yet. Choose today or earlier."))
    if first is not None and on < first:
        raise Refused(_("Choose a day from %(day)s on.") % {"day": formats.day(first)})
