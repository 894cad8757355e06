"""The two answers to a proposal: of the corporation on the profile, then of the client."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, requires
from housing import operations
from housing.errors import Refused, StepNotPossible
from housing.forms.proposals import YES
from housing.lifecycle import ProposalState
from housing.models import Proposal
from housing.projections import see_proposal
from housing.views.proposals import proposal_or_404, proposal_page
from housing.views.standing import already_recorded, out_of_step
from housing.views.steps import client_form, corporation_form
from regions import formats


@requires(Permission.ANSWER_FOR_CORPORATION)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    found = proposal_or_404(viewer, ref, Permission.ANSWER_FOR_CORPORATION)
    if (elsewhere := out_of_step(request, found, "answer")) is not None:
        return elsewhere
    form = corporation_form(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            after = operations.answer_for_corporation(
                proposal=found,
                yes=facts["answer"] == YES,
                reason=facts["reason"],
                own_words=facts["own_words"],
                seen=ProposalState(found.state),
                by=viewer,
            )
        except StepNotPossible:
            return already_recorded(request, found)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _corporation_words(after))
            return redirect(after)
    if found.state == ProposalState.PROPOSED:
        return _answer_page(request, found, form)
    return _no_page(request, found, form, _("Say no after all?"))


@requires(Permission.ANSWER_FOR_CLIENT)
@require_http_methods(["GET", "POST"])
def client_answer(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    found = proposal_or_404(viewer, ref, Permission.ANSWER_FOR_CLIENT)
    if (elsewhere := out_of_step(request, found, "client_answer")) is not None:
        return elsewhere
    form = client_form(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            after = operations.answer_for_client(
                proposal=found,
                yes=facts["answer"] == YES,
                release_ground=facts.get("release_ground", ""),
                release_text_version=facts.get("release_text_version", ""),
                reason=facts["reason"],
                own_words=facts["own_words"],
                seen=ProposalState(found.state),
                by=viewer,
            )
        except StepNotPossible:
            return already_recorded(request, found)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _client_words(after))
            return redirect(after)
    if found.state == ProposalState.CORPORATION_YES:
        return _answer_page(request, found, form)
    return _no_page(request, found, form, _("Record a no of the client?"))


def _answer_page(request: HttpRequest, found: Proposal, form) -> HttpResponse:
    """The proposal itself, with the form on it as it was filled in."""
    return proposal_page(request, found, form=form, status=422 if form.is_bound else 200)


def _no_page(request: HttpRequest, found: Proposal, form, title: str) -> HttpResponse:
    return render(
        request,
        "housing/proposal_step.html",
        {
            "proposal": see_proposal(found, request.viewer),
            "form": form,
            "title": title,
            "word_goes_to": [
                _("The coordinator, who looks for another home or another client."),
                _("The other party: only that it is a no, or the reason from the list."),
            ],
        },
        status=422 if form.is_bound else 200,
    )


def _corporation_words(after: Proposal) -> str:
    if after.state == ProposalState.CORPORATION_YES:
        return _("The answer is recorded. %(provider)s asks the client and has until %(day)s.") % {
            "provider": after.client.provider.name,
            "day": formats.day(after.answer_by) if after.answer_by else "",
        }
    return _("The no is recorded. The dwelling is free again and the coordinator sees why.")


def _client_words(after: Proposal) -> str:
    if after.state == ProposalState.CLIENT_YES:
        return _(
            "The yes and the release are recorded. %(corporation)s now sees who it is, and plans"
            " a viewing by %(day)s."
        ) % {
            "corporation": after.dwelling.corporation.name,
            "day": formats.day(after.answer_by) if after.answer_by else "",
        }
    return _("The no is recorded. The client waits on; the coordinator sees the reason.")
