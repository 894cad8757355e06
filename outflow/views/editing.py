"""What is changed on one client, each thing on its own page."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Permission, Purpose, requires
from outflow import operations
from outflow.arrangement import see_arrangement
from outflow.errors import ChangedMeanwhile, Refused, RefusedAt
from outflow.facts import Readiness
from outflow.forms.needs import ArrangementForm, NeedForm
from outflow.forms.people import PersonForm
from outflow.forms.readiness import ExitForm, ReadinessForm, RelapseForm, ZrmForm, day_of
from outflow.lifecycle import ArrangementPart, Blocker, Exit, ItemState, Phase
from outflow.models import ArrangementItem, Client
from outflow.projections import needs_identity
from outflow.views.clients import list_title
from regions import formats
from regions.clock import today


def client_of(request: HttpRequest, ref: UUID, permission: Permission) -> Client:
    """The client at this address, if it is the viewer's for this; else the page is not there."""
    clients = Client.objects.visible_to(request.viewer, permission).for_list()
    if needs_identity(request.viewer):
        clients = clients.with_identity()
    return get_object_or_404(clients, ref=ref)


def refuse(form: Form, refused: Refused) -> None:
    """Show what an operation refused at its field, or above the form."""
    field = refused.field if isinstance(refused, RefusedAt) else None
    form.add_error(field if field in form.fields else None, refused.sentence)


def form_page(
    request: HttpRequest,
    client: Client,
    form: Form,
    *,
    title: str,
    purpose: Purpose,
    template: str = "outflow/edit.html",
    **more: object,
) -> HttpResponse:
    """A form about one client; 422 when it was sent and something is wrong."""
    seen = client.as_seen_by(request.viewer, purpose=purpose)
    return render(
        request,
        template,
        {
            "client": seen,
            "form": form,
            "title": title,
            "list_title": list_title(request.viewer.role),
            **more,
        },
        status=422 if form.errors else 200,
    )


def sent_well(request: HttpRequest, form: Form, deed: Callable[[], object], done: str) -> bool:
    """Whether the form was sent, was right, and the deed was not refused."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        deed()
    except Refused as refused:
        refuse(form, refused)
        return False
    messages.success(request, done)
    return True


@requires(Permission.UPDATE_READINESS)
@require_http_methods(["GET", "POST"])
def readiness(request: HttpRequest, ref: UUID) -> HttpResponse:
    client = client_of(request, ref, Permission.UPDATE_READINESS)
    now = _now(client)
    form = ReadinessForm(request.POST or None, now=now, cancel_url=client.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_readiness(
                client=client,
                readiness=form.readiness(),
                by=request.viewer,
                seen=form.cleaned_data["seen"] or None,
            )
        except ChangedMeanwhile:
            form.data = form.data.copy()
            form.data["seen"] = now.mark  # sent again, these values stand
            form.add_error(None, theirs_or_mine(now))
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Readiness is saved."))
            return redirect(client)
    return form_page(request, client, form, title=_("Readiness"), purpose=Purpose.READINESS)


@requires(Permission.UPDATE_READINESS)
@require_POST
def put_back(request: HttpRequest, ref: UUID) -> HttpResponse:
    client = client_of(request, ref, Permission.UPDATE_READINESS)
    record = client.readiness_records.filter(undone_at=None).first()
    if record is None:
        raise Http404
    try:
        operations.undo_readiness(record=record, by=request.viewer)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Put back as it was."))
    return redirect(client)


@requires(Permission.UPDATE_READINESS)
@require_http_methods(["GET", "POST"])
def assessment(request: HttpRequest, ref: UUID) -> HttpResponse:
    client = client_of(request, ref, Permission.UPDATE_READINESS)
    form = ZrmForm(
        request.POST or None,
        initial={"assessed_on": today(), "assessor": request.user.name, "version": "ZRM 2017"},
        cancel_url=client.get_absolute_url(),
    )
    if sent_well(
        request,
        form,
        lambda: operations.record_zrm([(client, form.scores())], by=request.viewer),
        _("The assessment is saved."),
    ):
        return redirect(client)
    return form_page(request, client, form, title=_("ZRM assessment"), purpose=Purpose.READINESS)


@requires(Permission.UPDATE_NEED)
@require_http_methods(["GET", "POST"])
def need(request: HttpRequest, ref: UUID) -> HttpResponse:
    client = client_of(request, ref, Permission.UPDATE_NEED)
    before = operations.needs_of([client]).get(client.pk)
    care = getattr(client, "care_profile", None)
    persons = before.persons if before else 1
    suggestion = operations.suggest_max_rent(
        persons=persons, on=today(), yearly_income=care.yearly_income if care else None
    )
    initial = NeedForm.initial_of(before) if before else {"persons": 1, "children": 0}
    if suggestion and initial.get("max_rent") is None:
        initial["max_rent"] = suggestion.amount
    initial["exclusion_reason"] = care.exclusion_reason if care else ""
    form = NeedForm(
        request.POST or None,
        region_id=request.viewer.region_id,
        initial=initial,
        cancel_url=client.get_absolute_url(),
    )
    if sent_well(
        request,
        form,
        lambda: operations.record_need(
            [(client, form.need(before))],
            by=request.viewer,
            exclusion_reason=form.cleaned_data["exclusion_reason"],
        ),
        _("The housing need is saved."),
    ):
        return redirect(client)
    return form_page(
        request,
        client,
        form,
        title=_("Housing need"),
        purpose=Purpose.NEED,
        template="outflow/need.html",
        suggestion=suggestion,
    )


@requires(Permission.UPDATE_ARRANGEMENT)
@require_http_methods(["GET", "POST"])
def arrangement(request: HttpRequest, ref: UUID, part: str) -> HttpResponse:
    client = client_of(request, ref, Permission.UPDATE_ARRANGEMENT)
    if part not in ArrangementPart.values:
        raise Http404
    wanted = client.arrangement.filter(part=part, what=request.GET.get("subject", "")).first()
    form = ArrangementForm(
        request.POST or None,
        part=ArrangementPart(part),
        organisations=operations.arrangers(request.viewer),
        initial=_initial_of(wanted),
        cancel_url=client.get_absolute_url(),
    )
    if sent_well(
        request,
        form,
        lambda: operations.arrange(
            client=client,
            part=ArrangementPart(part),
            subject=form.cleaned_data["subject"],
            state=ItemState(form.cleaned_data["state"]),
            responsible=form.cleaned_data["responsible"],
            due_on=form.cleaned_data["due_on"],
            by=request.viewer,
        ),
        _("Saved in the arrangement."),
    ):
        return redirect("outflow:arrangement", client.ref, part)
    parts = {seen.part: seen for seen in see_arrangement(client, request.viewer)}
    return form_page(
        request,
        client,
        form,
        title=_("Arrangement: %(part)s") % {"part": ArrangementPart(part).label},
        purpose=Purpose.ARRANGEMENT,
        template="outflow/arrangement.html",
        part=parts[part],
    )


@requires(Permission.UPDATE_READINESS)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, ref: UUID) -> HttpResponse:
    client = client_of(request, ref, Permission.UPDATE_READINESS)
    form = PersonForm(
        request.POST or None,
        region_id=request.viewer.region_id,
        initial=PersonForm.initial_of(operations.facts_of([client])[client.pk]),
        cancel_url=client.get_absolute_url(),
    )
    if sent_well(
        request,
        form,
        lambda: operations.update_clients([(client, form.facts())], by=request.viewer),
        _("The client is saved."),
    ):
        return redirect(client)
    return form_page(
        request, client, form, title=_("Identity and registration"), purpose=Purpose.CASELOAD
    )


@requires(Permission.UPDATE_READINESS)
@require_http_methods(["GET", "POST"])
def back_in_care(request: HttpRequest, ref: UUID) -> HttpResponse:
    client = client_of(request, ref, Permission.UPDATE_READINESS)
    if _now(client).phase != Phase.HOUSED:
        raise Http404
    form = RelapseForm(
        request.POST or None, initial={"on": today()}, cancel_url=client.get_absolute_url()
    )
    if sent_well(
        request,
        form,
        lambda: operations.record_relapse(
            client=client, on=form.cleaned_data["on"], by=request.viewer
        ),
        _("The client is back; the way home begins anew."),
    ):
        return redirect(client)
    return form_page(
        request,
        client,
        form,
        title=_("Back to sheltered housing or shelter"),
        purpose=Purpose.READINESS,
    )


@requires(Permission.UPDATE_READINESS)
@require_http_methods(["GET", "POST"])
def departure(request: HttpRequest, ref: UUID) -> HttpResponse:
    client = client_of(request, ref, Permission.UPDATE_READINESS)
    _now(client)
    form = ExitForm(
        request.POST or None, initial={"on": today()}, cancel_url=client.get_absolute_url()
    )
    if sent_well(
        request,
        form,
        lambda: operations.record_exit(
            client=client,
            exit=Exit(form.cleaned_data["exit"]),
            on=form.cleaned_data["on"],
            by=request.viewer,
        ),
        _("The departure is recorded."),
    ):
        return redirect(client)
    return form_page(
        request,
        client,
        form,
        title=_("Leaves for good"),
        purpose=Purpose.READINESS,
        template="outflow/departure.html",
    )


def theirs_or_mine(now: Readiness) -> str:
    """What somebody else recorded meanwhile, and how to choose."""
    open_now = formats.and_list(str(Blocker(code).label) for code in sorted(now.blockers))
    return _(
        "Somebody else changed this meanwhile. Now it says: %(phase)s, %(day)s, still open: "
        "%(open)s. Save again to let these values stand, or open the page anew to keep theirs."
    ) % {
        "phase": Phase(now.phase).label,
        "day": formats.day(day_of(now)) or _("no date"),
        "open": open_now or _("nothing"),
    }


def _now(client: Client) -> Readiness:
    """How far the client is; who has left has no such pages."""
    spell = client.spells.open().first()
    if spell is None:
        raise Http404
    return operations.readiness_of(client, spell)


def _initial_of(item: ArrangementItem | None) -> dict[str, object]:
    if item is None:
        return {"state": ItemState.IN_PROGRESS}
    return {
        "subject": item.what,
        "state": item.state,
        "responsible": item.responsible_id,
        "due_on": item.due_on,
    }
