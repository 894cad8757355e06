"""Proposals: the list, one of them as each party sees it, and what the coordinator decides."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, Purpose, Relation, Viewer, may, requires
from housing import operations
from housing.departures import homes_in_words
from housing.errors import Refused, StepNotPossible
from housing.filters import PROPOSAL_GROUPS, in_group
from housing.forms.proposals import ProposeForm, StepForm, WithdrawForm
from housing.lifecycle import LIVE, TENANCY, ProposalState
from housing.models import Dwelling, Proposal
from housing.operations import GroundGiven
from housing.projections import (
    proposals_for,
    relations_in,
    see_proposal,
    see_proposals,
)
from housing.views.places import PER_PAGE
from housing.views.standing import already_recorded, out_of_step
from housing.views.steps import next_step, steps_of
from outflow.models import Client
from outflow.projections import see_clients
from regions import formats
from regions.clock import today

MOST_DWELLINGS_OFFERED = 200


@requires(Permission.SEE_PROPOSALS)
@require_GET
def proposals(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    group = request.GET.get("group", "")
    visible = Proposal.objects.visible_to(viewer, Permission.SEE_PROPOSALS)
    listed = in_group(proposals_for(viewer), group)
    words = request.GET.get("q", "").strip()
    if words:
        listed = listed.filter(code__iexact=words)
    ordered = (
        listed.order_by("-ended_on", "-pk") if group == "ended" else listed.most_urgent_first()
    )
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "housing/proposals.html",
        {
            "page": page,
            "proposals": see_proposals(page.object_list, viewer),
            "groups": _groups(visible, group),
            "group": group,
            "q": words,
            "may_match": may(viewer, Permission.SEE_MATCHING),
        },
    )


@requires(Permission.SEE_PROPOSALS)
@require_GET
def proposal(request: HttpRequest, ref: UUID) -> HttpResponse:
    found = proposal_or_404(request.viewer, ref, Permission.SEE_PROPOSALS)
    return proposal_page(request, found)


def proposal_page(
    request: HttpRequest, found: Proposal, *, form: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    """The page of a proposal for this viewer, with the answer it waits for as a form."""
    viewer = request.viewer
    seen = see_proposal(found, viewer)
    steps = steps_of(found, viewer)
    if form is None and steps.form is not None:
        form = steps.form(found)
    return render(
        request,
        _template_for(found, viewer),
        {"proposal": seen, "form": form, "steps": steps, "next_step": next_step(seen, steps)},
        status=status,
    )


@requires(Permission.DECIDE_PROPOSAL)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A coordinator proposes a dwelling by hand, beside what the matching says."""
    viewer = request.viewer
    visible = Client.objects.visible_to(viewer, Permission.SEE_CLIENTS)
    if (running := _running_for(get_object_or_404(visible, ref=ref), viewer)) is not None:
        return _spoken_for(request, running)
    client = get_object_or_404(visible.ready_for_proposal().for_list(), ref=ref)
    [seen] = see_clients([client], viewer, purpose=Purpose.PROPOSAL)
    free = (
        Dwelling.objects.visible_to(viewer, Permission.SEE_DWELLINGS)
        .free()
        .for_list()
        .soonest_first()[:MOST_DWELLINGS_OFFERED]
    )
    homes = {str(home.ref): home for home in free}
    form = ProposeForm(
        request.POST or None,
        dwellings=homes_in_words(client, list(homes.values()), viewer),
        asks_ground=operations.lacks_sharing_ground(client),
        cancel_url=seen.url,
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            made = operations.propose(
                client=client,
                dwelling=homes[facts["dwelling"]],
                by=viewer,
                departure_reason=facts["departure_reason"],
                sharing=GroundGiven(facts["ground"], facts["text_version"])
                if "ground" in facts
                else None,
            )
        except Refused as refusal:
            if (running := _running_for(client, viewer)) is not None:
                return _spoken_for(request, running)
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, proposed_words(made))
            return redirect(made)
    return render(
        request,
        "housing/propose.html",
        {"form": form, "client": seen, "has_dwellings": bool(homes)},
        status=422 if form.is_bound else 200,
    )


@requires(Permission.DECIDE_PROPOSAL)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    found = proposal_or_404(viewer, ref, Permission.DECIDE_PROPOSAL)
    if (elsewhere := out_of_step(request, found, "withdraw")) is not None:
        return elsewhere
    form = WithdrawForm(request.POST or None, state=found.state)
    if request.method == "POST" and form.is_valid():
        try:
            operations.withdraw_proposal(
                proposal=found,
                reason=form.cleaned_data["reason"],
                seen=ProposalState(found.state),
                by=viewer,
            )
        except StepNotPossible:
            return already_recorded(request, found)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("Proposal %(code)s is withdrawn.") % {"code": found.code})
        return redirect(found)
    return _confirm(request, found, "housing/withdraw_proposal.html", _("Withdraw proposal"), form)


@requires(Permission.DECIDE_PROPOSAL)
@require_http_methods(["GET", "POST"])
def expire(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    found = proposal_or_404(viewer, ref, Permission.DECIDE_PROPOSAL)
    if (elsewhere := out_of_step(request, found, "expire")) is not None:
        return elsewhere
    if found.answer_by is None or found.answer_by >= today():
        messages.info(request, _("The term for an answer has not passed yet."))
        return redirect(found)
    if request.method == "POST":
        try:
            operations.expire_proposal(proposal=found, seen=ProposalState(found.state), by=viewer)
        except StepNotPossible:
            return already_recorded(request, found)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("Proposal %(code)s has expired.") % {"code": found.code})
        return redirect(found)
    return _confirm(
        request,
        found,
        "housing/expire_proposal.html",
        _("Let proposal expire"),
        StepForm(state=found.state),
    )


def proposal_or_404(viewer: Viewer, ref: UUID, permission: Permission) -> Proposal:
    """A proposal of which the viewer may do this, at the stage where they may; else 404."""
    found = get_object_or_404(
        proposals_for(viewer, permission).prefetch_related(
            "client__functional_profile__wishes__municipality"
        ),
        ref=ref,
    )
    return found


def proposed_words(made: Proposal) -> str:
    """What was done and who gets word, for the message after proposing."""
    return _(
        "Proposal %(code)s is made. %(corporation)s finds it on Today and has until %(day)s to"
        " answer."
    ) % {
        "code": made.code,
        "corporation": made.dwelling.corporation.name,
        "day": formats.day(made.answer_by) if made.answer_by else "",
    }


def _running_for(client: Client, viewer: Viewer) -> Proposal | None:
    """The live proposal of this person, whichever of their registrations it was made for."""
    return proposals_for(viewer).live().filter(person_id=client.person_id).first()


def _spoken_for(request: HttpRequest, running: Proposal) -> HttpResponse:
    messages.info(request, _("This client already has a proposal."))
    return redirect(running)


def _groups(visible: QuerySet[Proposal], current: str) -> list[dict[str, Any]]:
    """The parts of the way as links, each with how many the viewer has there."""
    overdue = Q(state__in=LIVE | TENANCY, answer_by__lt=today())
    counts = visible.aggregate(
        live=Count("pk", filter=Q(state__in=LIVE)),
        overdue=Count("pk", filter=overdue),
        **{
            key: Count("pk", filter=Q(state__in=states))
            for key, (_label, states) in PROPOSAL_GROUPS.items()
        },
    )
    links = [("", _("Running"), counts["live"]), ("overdue", _("Past the term"), counts["overdue"])]
    links += [(key, str(label), counts[key]) for key, (label, _states) in PROPOSAL_GROUPS.items()]
    known = {key for key, _label, _count in links}
    return [
        {
            "label": label,
            "count": count,
            "url": f"?group={key}" if key else "?",
            "current": key == (current if current in known else ""),
        }
        for key, label, count in links
    ]


def _template_for(found: Proposal, viewer: Viewer) -> str:
    if Relation.OWN_PROPOSAL in relations_in(found, viewer) and may(
        viewer, Permission.ANSWER_FOR_CORPORATION
    ):
        return "housing/proposal_corporation.html"
    if may(viewer, Permission.DECIDE_PROPOSAL):
        return "housing/proposal_coordinator.html"
    return "housing/proposal_care.html"


def _confirm(
    request: HttpRequest, found: Proposal, template: str, verb: str, form: Any
) -> HttpResponse:
    return render(
        request,
        template,
        {
            "proposal": see_proposal(found, request.viewer),
            "form": form,
            "verb": verb,
            "safe_url": found.get_absolute_url(),
            "safe_label": _("Keep it"),
        },
        status=422 if form is not None and form.is_bound else 200,
    )
