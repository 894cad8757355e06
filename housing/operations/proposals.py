"""From a dwelling and a client to two answers: a named coordinator proposes, both sides decide.

The order is fixed. The corporation answers on the functional profile, then the client; only with
the client's yes and a release on file does anybody outside care learn who it is.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from accounts.context import reading_for
from housing.errors import Refused, StepNotPossible
from housing.lifecycle import (
    AGREED,
    ANSWERABLE,
    LIVE,
    DepartureReason,
    ProposalState,
    RefusalByClient,
    RefusalByCorporation,
    WithdrawalReason,
)
from housing.models import Dwelling, MatchPair, Placement, Proposal, RefusalNote
from housing.operations import ledger
from housing.operations.doing import must_be_allowed, must_be_in_region, operation
from housing.operations.steps import advance, lock, note, term_of
from outflow.models import Client, ExcludedNeighbourhood, Person, SharingGround
from outflow.operations import phases, recorders_of_readiness
from regions.clock import today


@dataclass(frozen=True)
class GroundGiven:
    """On what ground the parties of the region may know of this client, and by which text."""

    ground: str
    text_version: str


def lacks_sharing_ground(client: Client) -> bool:
    """Whether proposing must ask on what ground the parties may share what they need."""
    return not SharingGround.objects.filter(
        client=client, recipient="region", withdrawn_on__isnull=True
    ).exists()


@operation
def propose(
    *,
    client: Client,
    dwelling: Dwelling,
    by: Viewer,
    pair: MatchPair | None = None,
    follows: bool = False,
    departure_reason: str = "",
    considered_seconds: int | None = None,
    sharing: GroundGiven | None = None,
) -> Proposal:
    """Propose a dwelling to a client; whoever departs from the matching says why.

    `considered_seconds` is how long the pair was looked at; None where nobody knows.
    """
    must_be_allowed(by, Permission.DECIDE_PROPOSAL)
    must_be_in_region(by, client, dwelling)
    Person.objects.select_for_update().get(pk=client.person_id)
    dwelling = Dwelling.objects.select_for_update().get(pk=dwelling.pk)
    client = _still_ready(client, by)
    _must_be_free(dwelling)
    _must_be_unspoken_for(client)
    _must_not_be_excluded(client, dwelling)
    is_pair = pair is not None and (pair.client_id, pair.dwelling_id) == (client.pk, dwelling.pk)
    if follows and not is_pair:
        raise Refused(_("The matching does not propose these two together."))
    if departure_reason and departure_reason not in DepartureReason.values:
        raise Refused(_("Choose a reason from the list."))
    _settle_ground(client, sharing, by)

    proposal = Proposal(
        region_id=by.region_id,
        person_id=client.person_id,
        client=client,
        dwelling=dwelling,
        pair=pair,
        follows_matching=follows,
        departure_reason="" if follows else departure_reason,
        considered_seconds=considered_seconds if pair is not None else None,
        proposed_on=today(),
        proposed_by_id=by.user_id,
    )
    proposal.contingent = ledger.contingent_for(proposal, on=today())
    if ledger.is_full(proposal, on=today()):
        raise Refused(
            _(
                "The contingent for this dwelling is full, and it is a maximum. Raise it first,"
                " with a reason and who allows it."
            )
        )
    proposal.answer_by = term_of(proposal, since=today())
    proposal.save()
    note(proposal, before="", by=by, on=today(), reason=proposal.departure_reason)
    phases.offer_made(client=client, on=today(), by=by)
    return proposal


@operation
def answer_for_corporation(
    *,
    proposal: Proposal,
    yes: bool,
    by: Viewer,
    reason: str = "",
    own_words: str = "",
    seen: ProposalState | None = ProposalState.PROPOSED,
) -> Proposal:
    """The corporation offers the dwelling, or says no for a reason from the list.

    It answers the question of the state `seen`; a no after a yes names the later state.
    """
    must_be_allowed(by, Permission.ANSWER_FOR_CORPORATION)
    proposal = lock(proposal, by=by, seen=seen)
    if yes:
        if proposal.state != ProposalState.PROPOSED:
            raise _moved_on(proposal)
        _must_be_offered(proposal)
        return advance(
            proposal, ProposalState.CORPORATION_YES, by=by, corporation_answered_on=today()
        )
    if reason not in RefusalByCorporation.values:
        raise Refused(_("Choose why not from the list."))
    return _decline(
        proposal,
        by=by,
        reason=reason,
        own_words=own_words,
        refusal_by_corporation=reason,
        corporation_answered_on=proposal.corporation_answered_on or today(),
    )


@operation
def answer_for_client(
    *,
    proposal: Proposal,
    yes: bool,
    by: Viewer,
    release_ground: str = "",
    release_text_version: str = "",
    reason: str = "",
    own_words: str = "",
    seen: ProposalState | None = ProposalState.CORPORATION_YES,
) -> Proposal:
    """The client says yes and allows the name to be known, or says no for a reason.

    It answers the question of the state `seen`; a no after a yes names the later state.
    """
    must_be_allowed(by, Permission.ANSWER_FOR_CLIENT)
    proposal = lock(proposal, by=by, seen=seen)
    if not yes:
        if reason not in RefusalByClient.values:
            raise Refused(_("Choose why not from the list."))
        if proposal.state == ProposalState.PROPOSED:
            raise Refused(
                _("The corporation answers first. Until then there is nothing to say no to.")
            )
        return _decline(
            proposal,
            by=by,
            reason=reason,
            own_words=own_words,
            refusal_by_client=reason,
            client_answered_on=proposal.client_answered_on or today(),
        )
    if release_ground not in SharingGround.Ground.values or not release_text_version.strip():
        raise Refused(
            _("Record on what ground the name may be known, and which text the client read.")
        )
    if proposal.state != ProposalState.CORPORATION_YES:
        raise _moved_on(proposal)
    _must_be_offered(proposal)
    proposal = advance(
        proposal,
        ProposalState.CLIENT_YES,
        by=by,
        client_answered_on=today(),
        released_on=today(),
        release_ground=release_ground,
        release_text_version=release_text_version.strip(),
    )
    if ledger.counts_now(proposal, moment="accepted", on=today()):
        ledger.book_accepted(proposal, on=today(), by=by)
    return proposal


@operation
def withdraw_proposal(
    *, proposal: Proposal, reason: str, by: Viewer, seen: ProposalState | None = None
) -> Proposal:
    """The coordinator takes a proposal back; what was counted is given back."""
    must_be_allowed(by, Permission.DECIDE_PROPOSAL)
    if reason not in WithdrawalReason.values:
        raise Refused(_("Choose a reason from the list."))
    proposal = lock(proposal, by=by, seen=seen)
    return _end(proposal, ProposalState.WITHDRAWN, by=by, reason=reason, withdrawal_reason=reason)


@operation
def expire_proposal(
    *, proposal: Proposal, by: Viewer, seen: ProposalState | None = None
) -> Proposal:
    """The term for an answer passed; the coordinator makes the dwelling free for somebody else."""
    must_be_allowed(by, Permission.DECIDE_PROPOSAL)
    proposal = lock(proposal, by=by, seen=seen)
    if proposal.state not in ANSWERABLE:
        raise _moved_on(proposal)
    if proposal.answer_by is None or proposal.answer_by >= today():
        raise Refused(_("The term for an answer has not passed yet."))
    return _end(proposal, ProposalState.EXPIRED, by=by)


def _decline(
    proposal: Proposal, *, by: Viewer, reason: str, own_words: str, **facts: Any
) -> Proposal:
    proposal = _end(proposal, ProposalState.DECLINED, by=by, reason=reason, **facts)
    if own_words.strip():
        RefusalNote.objects.create(
            proposal=proposal, organisation_id=by.organisation_id, text=own_words.strip()
        )
    return proposal


def _end(
    proposal: Proposal, after: ProposalState, *, by: Viewer, reason: str = "", **facts: Any
) -> Proposal:
    """End a live proposal: the promise is given back and the client waits on."""
    counted = proposal.state in AGREED
    proposal = advance(proposal, after, by=by, reason=reason, **facts)
    if counted:
        ledger.book_returned(proposal, on=today(), by=by)
    phases.offer_ended(client=proposal.client, on=today(), by=by)
    return proposal


def _still_ready(client: Client, by: Viewer) -> Client:
    found: Client | None = Client.objects.ready_for_proposal().filter(pk=client.pk).first()
    if found is None:
        raise Refused(_("This client is not waiting for a home any more."))
    if by.user_id in {found.checked_by_id, *recorders_of_readiness(found)}:
        raise Refused(
            _("Whoever recorded that somebody is ready does not propose a home to them as well.")
        )
    return found


def _must_be_free(dwelling: Dwelling) -> None:
    if not Dwelling.objects.free().filter(pk=dwelling.pk).exists():
        raise Refused(
            _("This dwelling is no longer free: it was proposed to somebody else, or withdrawn.")
        )


def _must_be_unspoken_for(client: Client) -> None:
    """Neither this person, nor whoever will live with them, has a proposal or a home already."""
    people = {client.person_id}
    if client.household_id is not None:
        people |= set(
            Client.objects.filter(household_id=client.household_id).values_list(
                "person_id", flat=True
            )
        )
    if Proposal.objects.filter(person_id__in=people, state__in=LIVE).exists():
        raise Refused(_("This client already has a proposal."))
    if Placement.objects.filter(person_id__in=people).running().exists():
        raise Refused(_("This client already lives in a dwelling."))


def _must_not_be_excluded(client: Client, dwelling: Dwelling) -> None:
    """Only that it does not fit is told, never that the place is why; it would tell where not."""
    with reading_for(client.region_id, job="match"):
        excluded = (
            dwelling.neighbourhood_id is not None
            and ExcludedNeighbourhood.objects.filter(
                client__person_id=client.person_id, neighbourhood_id=dwelling.neighbourhood_id
            ).exists()
        )
    if excluded:
        raise Refused(_("This dwelling does not fit this client. Choose another one."))


def _settle_ground(client: Client, sharing: GroundGiven | None, by: Viewer) -> None:
    if not lacks_sharing_ground(client):
        return
    if sharing is None or sharing.ground not in SharingGround.Ground.values:
        raise Refused(_("Record on what ground the parties may share what this proposal needs."))
    SharingGround.objects.create(
        client=client,
        ground=sharing.ground,
        text_version=sharing.text_version.strip(),
        recorded_on=today(),
    )
    audit.record("client.sharing_ground_recorded", client, by=by, ground=sharing.ground)


def _must_be_offered(proposal: Proposal) -> None:
    """What follows from facts is asked, not kept: still waiting, still on offer."""
    if not Proposal.objects.open().filter(pk=proposal.pk).exists():
        raise Refused(
            _("The client no longer waits, or the dwelling was withdrawn. Nothing was changed.")
        )


def _moved_on(proposal: Proposal) -> StepNotPossible:
    return StepNotPossible(
        _("This proposal now stands at “%(state)s”. Open the page anew; nothing was changed.")
        % {"state": proposal.get_state_display()}
    )
