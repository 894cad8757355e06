"""From two times yes to a home: viewing, its calendar file, contract, key, and what follows."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, requires
from housing import operations
from housing.calendar import viewing_file
from housing.errors import Refused, StepNotPossible
from housing.forms.proposals import ClosingForm, ContractSignedForm, DayForm, ViewingForm
from housing.lifecycle import ProposalState
from housing.models import Proposal
from housing.operations import steps_for
from housing.projections import may_do, proposals_for, see_proposal
from housing.views.proposals import proposal_or_404
from housing.views.standing import already_recorded, not_now, out_of_step
from housing.views.steps import FOLLOW_UP_WORDS


@requires(Permission.ARRANGE_TENANCY)
@require_http_methods(["GET", "POST"])
def viewing(request: HttpRequest, ref: UUID) -> HttpResponse:
    found = proposal_or_404(request.viewer, ref, Permission.ARRANGE_TENANCY)
    if (elsewhere := out_of_step(request, found, "viewing")) is not None:
        return elsewhere
    form = ViewingForm(
        request.POST or None,
        state=found.state,
        planned=found.viewing_at,
        meeting_point=found.meeting_point,
        cancel_url=found.get_absolute_url(),
    )

    def plan() -> str:
        operations.plan_viewing(
            proposal=found,
            at=form.cleaned_data["moment"],
            meeting_point=form.cleaned_data["meeting_point"],
            seen=ProposalState(found.state),
            by=request.viewer,
        )
        return _("The viewing is planned. %(provider)s sees when and where.") % {
            "provider": found.client.provider.name
        }

    return _step(
        request,
        found,
        form,
        plan,
        title=_("Plan viewing"),
        word_goes_to=[
            _("The care worker: day, time, meeting point and the address."),
            _("The client hears it from the care worker."),
        ],
    )


@requires(Permission.ARRANGE_TENANCY)
@require_http_methods(["GET", "POST"])
def contract(request: HttpRequest, ref: UUID) -> HttpResponse:
    found = proposal_or_404(request.viewer, ref, Permission.ARRANGE_TENANCY)
    if (elsewhere := out_of_step(request, found, "contract")) is not None:
        return elsewhere
    form = ContractSignedForm(
        request.POST or None,
        state=found.state,
        usual=found.dwelling.contract_form,
        cancel_url=found.get_absolute_url(),
    )

    def sign() -> str:
        operations.sign_contract(
            proposal=found,
            contract_form=form.cleaned_data["contract_form"],
            on=form.cleaned_data["on"],
            seen=ProposalState(found.state),
            by=request.viewer,
        )
        return _("The contract is recorded.")

    return _step(
        request,
        found,
        form,
        sign,
        title=_("Record contract"),
        word_goes_to=[
            _("The care provider, which arranges support from the key on."),
            _("The coordinator."),
        ],
    )


@requires(Permission.ARRANGE_TENANCY)
@require_http_methods(["GET", "POST"])
def key(request: HttpRequest, ref: UUID) -> HttpResponse:
    found = proposal_or_404(request.viewer, ref, Permission.ARRANGE_TENANCY)
    if (elsewhere := out_of_step(request, found, "key")) is not None:
        return elsewhere
    form = DayForm(
        request.POST or None,
        state=found.state,
        verb=_("Record key"),
        label=_("Key handed over on"),
        cancel_url=found.get_absolute_url(),
    )

    def hand_over() -> str:
        operations.hand_over_key(
            proposal=found,
            on=form.cleaned_data["on"],
            seen=ProposalState(found.state),
            by=request.viewer,
        )
        return _("The key is recorded: somebody lives at home. The ledger shows it as let.")

    return _step(
        request,
        found,
        form,
        hand_over,
        title=_("Record key"),
        word_goes_to=[
            _("The care provider: the guidance plan is due within a month."),
            _("The coordinator; the contingent counts the dwelling as let."),
        ],
    )


@requires(Permission.ANSWER_FOR_CLIENT, Permission.ARRANGE_TENANCY)
@require_http_methods(["GET", "POST"])
def follow_up(request: HttpRequest, ref: UUID, step: str) -> HttpResponse:
    viewer = request.viewer
    found = get_object_or_404(proposals_for(viewer), ref=ref)
    own = [
        permission
        for permission in (Permission.ANSWER_FOR_CLIENT, Permission.ARRANGE_TENANCY)
        if may_do(found, viewer, permission)
    ]
    if step not in FOLLOW_UP_WORDS or not own:
        raise Http404
    after = ProposalState(step)
    if operations.recorder_of(after) not in own:
        raise Http404
    if request.method == "POST" and request.POST.get("seen") != found.state:
        return already_recorded(request, found)
    if after not in steps_for(found, *own):
        return not_now(request, found)
    words = FOLLOW_UP_WORDS[after]
    form: forms.Form
    if after == ProposalState.CLOSED:
        form = ClosingForm(
            request.POST or None, state=found.state, cancel_url=found.get_absolute_url()
        )
    else:
        form = DayForm(
            request.POST or None,
            state=found.state,
            verb=words,
            label=_("On"),
            cancel_url=found.get_absolute_url(),
        )

    def record() -> str:
        operations.follow_up(
            proposal=found,
            step=after,
            on=form.cleaned_data["on"],
            left_on=form.cleaned_data.get("left_on"),
            seen=ProposalState(found.state),
            by=viewer,
        )
        return _("Recorded.")

    return _step(request, found, form, record, title=str(words), word_goes_to=[])


@requires(Permission.SEE_PROPOSALS)
@require_GET
def viewing_calendar(request: HttpRequest, ref: UUID) -> HttpResponse:
    """When and where the viewing is, for somebody's own calendar; it names nobody."""
    found = get_object_or_404(proposals_for(request.viewer), ref=ref)
    seen = see_proposal(found, request.viewer)
    if seen.viewing_at is None or not seen.dwelling.address:
        raise Http404
    place = f"{seen.dwelling.address}, {seen.dwelling.municipality}"
    response = HttpResponse(
        viewing_file(
            code=seen.code,
            at=seen.viewing_at,
            summary=_("Viewing %(code)s") % {"code": seen.code},
            location=f"{place} ({seen.meeting_point})" if seen.meeting_point else place,
            made_at=timezone.now(),
        ),
        content_type="text/calendar; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{seen.code}.ics"'
    return response


def _step(
    request: HttpRequest,
    found: Proposal,
    form: forms.Form,
    take: Callable[[], str],
    *,
    title: str,
    word_goes_to: list[str],
) -> HttpResponse:
    """Show the form; take the step when it is filled in well, else say what is in the way."""
    if request.method == "POST" and form.is_valid():
        try:
            said = take()
        except StepNotPossible:
            return already_recorded(request, found)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, said)
            return redirect(found)
    return render(
        request,
        "housing/proposal_step.html",
        {
            "proposal": see_proposal(found, request.viewer),
            "form": form,
            "title": title,
            "word_goes_to": word_goes_to,
        },
        status=422 if form.is_bound else 200,
    )
