"""Proposals and tenancies: states, steps and reasons, as data; and the stage they amount to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Stage
from outflow.lifecycle import Phase


class ContingentKind(models.TextChoices):
    MAXIMUM = "maximum", _("maximum")
    TASK = "task", _("task")
    TARGET = "target", _("target")


class EntryKind(models.TextChoices):
    AGREED = "agreed", _("agreed")
    MOVED_OVER = "moved_over", _("moved over from last year")
    OVERRIDE = "override", _("raised, with authority")
    OFFERED = "offered", _("offered")
    ACCEPTED = "accepted", _("accepted")
    RETURNED = "returned", _("returned")
    LET = "let", _("let")
    CORRECTED = "corrected", _("corrected")


class ProposalState(models.TextChoices):
    PROPOSED = "proposed", _("waits for the corporation")
    CORPORATION_YES = "corporation_yes", _("waits for the client")
    CLIENT_YES = "client_yes", _("both said yes")
    VIEWING = "viewing", _("viewing planned")
    CONTRACT = "contract", _("contract signed")
    KEY = "key", _("key handed over")
    GUIDED = "guided", _("lives with guidance")
    EVALUATED = "evaluated", _("evaluated")
    OWN_CONTRACT = "own_contract", _("contract in own name")
    WATCHED = "watched", _("light-touch aftercare")
    CLOSED = "closed", _("closed")
    DECLINED = "declined", _("no said")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")


S = ProposalState

NEXT: dict[ProposalState, set[ProposalState]] = {
    S.PROPOSED: {S.CORPORATION_YES, S.DECLINED, S.WITHDRAWN, S.EXPIRED},
    S.CORPORATION_YES: {S.CLIENT_YES, S.DECLINED, S.WITHDRAWN, S.EXPIRED},
    S.CLIENT_YES: {S.VIEWING, S.DECLINED, S.WITHDRAWN},
    S.VIEWING: {S.VIEWING, S.CONTRACT, S.DECLINED, S.WITHDRAWN},
    S.CONTRACT: {S.KEY, S.WITHDRAWN},
    S.KEY: {S.GUIDED, S.CLOSED},
    S.GUIDED: {S.EVALUATED, S.OWN_CONTRACT, S.CLOSED},
    S.EVALUATED: {S.OWN_CONTRACT, S.GUIDED, S.CLOSED},
    S.OWN_CONTRACT: {S.WATCHED, S.CLOSED},
    S.WATCHED: {S.CLOSED},
    S.CLOSED: set(),
    S.DECLINED: set(),
    S.WITHDRAWN: set(),
    S.EXPIRED: set(),
}

# A live proposal holds its person and its dwelling; a tenancy holds them through its placement.
LIVE = frozenset({S.PROPOSED, S.CORPORATION_YES, S.CLIENT_YES, S.VIEWING, S.CONTRACT})
TENANCY = frozenset({S.KEY, S.GUIDED, S.EVALUATED, S.OWN_CONTRACT, S.WATCHED})
ENDED = frozenset({S.CLOSED, S.DECLINED, S.WITHDRAWN, S.EXPIRED})


# The two answers that have a last day; after it the coordinator may let the proposal expire.
ANSWERABLE = frozenset({S.PROPOSED, S.CORPORATION_YES})
# Both said yes and the dwelling is not yet let.
AGREED = frozenset({S.CLIENT_YES, S.VIEWING, S.CONTRACT})

# How long the step after a state may take: a rule of the region in days, or months since the key.
TERM_RULES = {
    S.PROPOSED: "corporation_answer_days",
    S.CORPORATION_YES: "client_answer_days",
    S.CLIENT_YES: "viewing_days",
    S.VIEWING: "contract_days",
}
MONTHS_SINCE_KEY = {S.KEY: 1, S.GUIDED: 12, S.EVALUATED: 24}
# The first contact after the move has a day of its own, beside the steps.
CONTACT_AFTER_DAYS = 42


class RefusalByCorporation(models.TextChoices):
    NOT_FITTING_HOME = "not_fitting_home", _("the dwelling does not fit the profile")
    INCOME_TEST = "income_test", _("rent and income do not fit")
    LIVEABILITY = "liveability", _("balance in the building")
    DWELLING_GONE = "dwelling_gone", _("the dwelling is no longer free")
    CONDITIONS = "conditions", _("conditions of the contract not met")


class RefusalByClient(models.TextChoices):
    LOCATION = "location", _("the place")
    DWELLING = "dwelling", _("the dwelling itself")
    RENT = "rent", _("the rent")
    TIMING = "timing", _("the moment")
    OWN_HOME = "own_home", _("found a home alone")
    SAFETY = "safety", _("does not feel safe there")


# Beside the matcher's own reasons why somebody has no proposal: they take no part.
WAITS_FOR_TABLE = "waits_for_table"
# A refusal for such a reason is never held against somebody.
NEVER_COUNTS = frozenset({RefusalByClient.SAFETY})


class ReadmissionReason(models.TextChoices):
    """Why the table lets somebody in again who refused what the region offers."""

    JUSTIFIED = "justified", _("the refusal was justified")
    CHANGED = "changed", _("what somebody needs has changed")
    NOT_UNDERSTOOD = "not_understood", _("the offer was not understood")
    OTHER_AGREEMENT = "other_agreement", _("the table agreed on something else")


class DepartureReason(models.TextChoices):
    """Why a coordinator departs from what the matching proposes."""

    KNOWN_AGREEMENT = "known_agreement", _("an agreement the data do not know")
    SAFETY = "safety", _("safety of a client or neighbour")
    BUILDING = "building", _("balance in the building")
    CLIENT_WISH = "client_wish", _("wish of the client")
    URGENCY = "urgency", _("somebody else cannot wait")
    DATA_WRONG = "data_wrong", _("the data are wrong")


class WithdrawalReason(models.TextChoices):
    MISTAKE = "mistake", _("recorded by mistake")
    NO_LONGER_READY = "no_longer_ready", _("the client is no longer ready")
    DWELLING_GONE = "dwelling_gone", _("the dwelling is no longer free")
    OTHER_SOLUTION = "other_solution", _("another solution was found")
    DECEASED = "deceased", _("the client has died")


def is_allowed(before: str, after: str) -> bool:
    return ProposalState(after) in NEXT[ProposalState(before)]


def stage_of(phase: str, state: str | None, *, released: bool) -> Stage:
    """S0 to S8 from the care phase, the proposal's state and whether a release is on file.

    Every combination has a stage; docs/architecture.md shows the table.
    """
    match state:
        case None:
            if phase in {Phase.READY, Phase.OFFERED}:
                return Stage.READY
            return Stage.AFTERCARE if phase == Phase.HOUSED else Stage.REGISTERED
        case S.PROPOSED | S.CORPORATION_YES:
            return Stage.PROPOSED
        case S.CLIENT_YES:
            return Stage.RELEASED if released else Stage.PROPOSED
        case S.VIEWING:
            return Stage.VIEWING if released else Stage.PROPOSED
        case S.CONTRACT:
            return Stage.CONTRACT
        case S.KEY | S.GUIDED | S.EVALUATED | S.OWN_CONTRACT | S.WATCHED:
            return Stage.AFTERCARE
        case S.CLOSED | S.DECLINED | S.WITHDRAWN | S.EXPIRED:
            return Stage.CLOSED
    raise ValueError(state)


class ScreenPhase(models.TextChoices):
    """The eight steps of the line on the client page."""

    INTAKE = "intake", _("Intake")
    STABILISING = "stabilising", _("Stabilising")
    PREPARING = "preparing", _("Preparing")
    READY = "ready", _("Ready")
    PROPOSAL = "proposal", _("Proposal")
    CONTRACT = "contract", _("Contract")
    KEY = "key", _("Key")
    LIVING = "living", _("Living with guidance")


def screen_phase(phase: str, state: str | None) -> ScreenPhase:
    """Where the line on the client page stands."""
    match state:
        case S.PROPOSED | S.CORPORATION_YES | S.CLIENT_YES | S.VIEWING:
            return ScreenPhase.PROPOSAL
        case S.CONTRACT:
            return ScreenPhase.CONTRACT
        case S.KEY:
            return ScreenPhase.KEY
        case S.GUIDED | S.EVALUATED | S.OWN_CONTRACT | S.WATCHED:
            return ScreenPhase.LIVING
    match phase:
        case Phase.OFFERED:
            return ScreenPhase.PROPOSAL
        case Phase.HOUSED:
            return ScreenPhase.LIVING
        case Phase.RELAPSE:
            return ScreenPhase.STABILISING
    return ScreenPhase(phase)
