"""What a viewer can do with a proposal now: one thing first, the rest below it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Permission, Viewer
from housing.forms.proposals import ClientAnswerForm, CorporationAnswerForm
from housing.lifecycle import ANSWERABLE, LIVE, ProposalState
from housing.models import Proposal
from housing.operations import steps_for
from housing.projections import ProposalSeen, may_do
from regions import formats
from regions.clock import today

S, P = ProposalState, Permission


@dataclass(frozen=True)
class Action:
    """A step that somebody may take: its words, its page, whose it is and from which states."""

    url_name: str
    label: str | Promise
    permission: Permission
    states: frozenset[ProposalState]


FIRST = (
    Action("viewing", gettext_lazy("Plan viewing"), P.ARRANGE_TENANCY, frozenset({S.CLIENT_YES})),
    Action("contract", gettext_lazy("Record contract"), P.ARRANGE_TENANCY, frozenset({S.VIEWING})),
    Action("key", gettext_lazy("Record key"), P.ARRANGE_TENANCY, frozenset({S.CONTRACT})),
)
BESIDE = (
    Action("viewing", gettext_lazy("Move viewing"), P.ARRANGE_TENANCY, frozenset({S.VIEWING})),
    Action(
        "answer",
        gettext_lazy("Say no after all"),
        P.ANSWER_FOR_CORPORATION,
        frozenset({S.CORPORATION_YES, S.CLIENT_YES, S.VIEWING}),
    ),
    Action(
        "client_answer",
        gettext_lazy("Record a no of the client"),
        P.ANSWER_FOR_CLIENT,
        frozenset({S.CLIENT_YES, S.VIEWING}),
    ),
    Action("withdraw", gettext_lazy("Withdraw proposal"), P.DECIDE_PROPOSAL, LIVE),
)
# Beside the links above: the questions that stand as a form on the page, and what a term allows.
ASKED = {
    "answer": frozenset({S.PROPOSED}),
    "client_answer": frozenset({S.CORPORATION_YES}),
    "expire": ANSWERABLE,
}
FOLLOW_UP_WORDS = {
    S.GUIDED: gettext_lazy("Record guidance plan"),
    S.EVALUATED: gettext_lazy("Record evaluation"),
    S.OWN_CONTRACT: gettext_lazy("Record contract in own name"),
    S.WATCHED: gettext_lazy("Record light-touch aftercare"),
    S.CLOSED: gettext_lazy("Close follow-up"),
}


@dataclass(frozen=True)
class Link:
    label: str | Promise
    url: str


@dataclass(frozen=True)
class Steps:
    """The answer to give as a form on the page, else the first step as a link; others beside."""

    form: Callable[[Proposal], forms.Form] | None
    first: Link | None
    beside: list[Link]


def steps_of(proposal: Proposal, viewer: Viewer) -> Steps:
    """What the viewer may do with the proposal in its present state."""
    own = {permission for permission in P if may_do(proposal, viewer, permission)}
    follow_up = [
        Link(FOLLOW_UP_WORDS[step], _url("follow_up", proposal, step))
        for step in steps_for(proposal, *own)
    ]
    first = [_link(action, proposal) for action in FIRST if _fits(action, proposal, own)]
    beside = [_link(action, proposal) for action in BESIDE if _fits(action, proposal, own)]
    if (
        P.DECIDE_PROPOSAL in own
        and proposal.state in ANSWERABLE
        and proposal.answer_by is not None
        and proposal.answer_by < today()
    ):
        first.append(Link(_("Let proposal expire"), _url("expire", proposal)))
    ordered = [*first, *follow_up]
    form: Callable[[Proposal], forms.Form] | None = None
    if proposal.state == S.PROPOSED and P.ANSWER_FOR_CORPORATION in own:
        form = corporation_form
    elif proposal.state == S.CORPORATION_YES and P.ANSWER_FOR_CLIENT in own:
        form = client_form
    return Steps(
        form=form,
        first=ordered[0] if ordered else None,
        beside=[*ordered[1:], *beside],
    )


def states_for(step: str) -> frozenset[ProposalState]:
    """The states in which the page of this step has something to record."""
    found: frozenset[ProposalState] = ASKED.get(step, frozenset())
    return found.union(*(action.states for action in (*FIRST, *BESIDE) if action.url_name == step))


def corporation_form(proposal: Proposal, data: Any = None) -> CorporationAnswerForm:
    """The corporation's answer; after its yes only a no is left to give."""
    form = CorporationAnswerForm(
        data,
        state=proposal.state,
        only_no=proposal.state != S.PROPOSED,
        cancel_url="" if proposal.state == S.PROPOSED else proposal.get_absolute_url(),
    )
    form.helper.form_action = _url("answer", proposal)
    return form


def client_form(proposal: Proposal, data: Any = None) -> ClientAnswerForm:
    """The client's answer; after a yes only a no is left to give."""
    form = ClientAnswerForm(
        data,
        state=proposal.state,
        only_no=proposal.state != S.CORPORATION_YES,
        cancel_url="" if proposal.state == S.CORPORATION_YES else proposal.get_absolute_url(),
    )
    form.helper.form_action = _url("client_answer", proposal)
    return form


def next_step(seen: ProposalSeen, steps: Steps) -> dict[str, Any] | None:
    """The one thing this proposal waits for: the viewer's own step, or somebody else's."""
    if seen.has_ended or steps.form is not None:
        return None
    if steps.first is not None:
        text = _waits_until(seen) if seen.answer_by else _("There is no term for it.")
        return {
            "title": steps.first.label,
            "text": text,
            "url": steps.first.url,
            "label": steps.first.label,
        }
    if seen.waits_for is None:
        return None
    return {
        "title": _("Waits for %(party)s") % {"party": seen.waits_for},
        "text": _waits_until(seen),
    }


def _waits_until(seen: ProposalSeen) -> str:
    if seen.answer_by is None:
        return _("Nothing is asked here now.")
    return _("Needed by %(day)s.") % {"day": formats.day(seen.answer_by)}


def _fits(action: Action, proposal: Proposal, own: set[Permission]) -> bool:
    return action.permission in own and proposal.state in action.states


def _link(action: Action, proposal: Proposal) -> Link:
    return Link(action.label, _url(action.url_name, proposal))


def _url(name: str, proposal: Proposal, *more: str) -> str:
    return reverse(f"housing:proposal_{name}", args=[proposal.ref, *more])
