"""How a proposal moves: rows locked in one order, one allowed step, one line of history, a term."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Viewer
from housing.errors import StepNotPossible
from housing.lifecycle import ENDED, MONTHS_SINCE_KEY, TERM_RULES, ProposalState, is_allowed
from housing.models import Dwelling, Proposal, ProposalStep
from housing.operations.doing import must_be_in_region
from outflow.models import Person
from regions.clock import today
from regions.rules import rule


def lock(proposal: Proposal, *, by: Viewer, seen: ProposalState | None) -> Proposal:
    """The proposal as it is now, nobody else at it; refused if it is not in the state `seen`.

    What somebody decided looking at one state says nothing about a later one. None is for whoever
    decides without having looked.

    Always person, dwelling, proposal: two that lock in different orders would wait for each other.
    """
    must_be_in_region(by, proposal)
    Person.objects.select_for_update().get(pk=proposal.person_id)
    Dwelling.objects.select_for_update().get(pk=proposal.dwelling_id)
    found: Proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("dwelling", "client")
        .get(pk=proposal.pk)
    )
    if seen is not None and found.state != seen:
        raise StepNotPossible(_("Somebody recorded this in the meantime. Nothing was changed."))
    return found


def advance(
    proposal: Proposal,
    after: ProposalState,
    *,
    by: Viewer,
    on: date | None = None,
    reason: str = "",
    **facts: Any,
) -> Proposal:
    """Take a locked proposal one allowed step further."""
    before, day = proposal.state, on or today()
    if not is_allowed(before, after):
        raise StepNotPossible(
            _("This proposal now stands at “%(state)s”. Open the page anew; nothing was changed.")
            % {"state": proposal.get_state_display()}
        )
    proposal.state = after
    for name, value in facts.items():
        setattr(proposal, name, value)
    proposal.answer_by = term_of(proposal, since=day)
    if after in ENDED:
        proposal.ended_on = day
    proposal.save(update_fields=["state", "answer_by", "ended_on", *facts])
    note(proposal, before=before, by=by, on=day, reason=reason)
    return proposal


def note(
    proposal: Proposal, *, before: str, by: Viewer, on: date, reason: str = ""
) -> ProposalStep:
    """Write the step in the proposal's own history and in the audit trail."""
    audit.record(
        f"proposal.{proposal.state}",
        proposal,
        by=by,
        code=proposal.code,
        before=before,
        reason=reason,
    )
    return ProposalStep.objects.create(
        proposal=proposal,
        before=before,
        after=proposal.state,
        on=on,
        by_id=by.user_id,
        organisation_id=by.organisation_id,
        role=by.role,
        reason=reason,
    )


def term_of(proposal: Proposal, *, since: date) -> date | None:
    """The last day for the next step, by the region's rules; None where no term runs."""
    state = ProposalState(proposal.state)
    if state in MONTHS_SINCE_KEY and proposal.key_on is not None:
        return months_after(proposal.key_on, MONTHS_SINCE_KEY[state])
    if state in TERM_RULES:
        days = int(rule(proposal.region_id, TERM_RULES[state], on=since))
        return since + timedelta(days=days)
    return None


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    year, month = divmod(day.month - 1 + months, 12)
    first_of_next = date(day.year + year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(day.year + year, month + 1, min(day.day, last))
