"""The readiness round: all own clients on one page, each row saved by itself, stale ones first."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, Purpose, Viewer, requires
from outflow import operations
from outflow.errors import ChangedMeanwhile, Refused
from outflow.facts import Readiness
from outflow.filters import Bounds
from outflow.forms.readiness import ReadinessForm
from outflow.lifecycle import Blocker
from outflow.models import Client, ReadinessRecord
from outflow.projections import ClientSeen, see_clients
from outflow.querysets import ClientQuerySet
from outflow.rows import Age, age_of
from outflow.views.editing import refuse, theirs_or_mine
from regions import formats
from regions.clock import today

# A team leader's round could be the whole provider: the stalest come first, the rest follows.
MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One client of the round: what is seen, the fields, and the mark at the end of the row."""

    seen: ClientSeen
    form: ReadinessForm
    mark: Age
    saved: bool = False
    may_put_back: bool = False
    conflict: str = ""

    @property
    def open_words(self) -> str:
        """What is still open, in the line that unfolds the boxes."""
        ticked = self.form["blockers"].value() or ()
        words = [str(label) for code, label in Blocker.choices if code in ticked]
        return capfirst(formats.and_list(words) if words else _("nothing"))

    @property
    def has_error(self) -> bool:
        return bool(self.form.errors) or bool(self.conflict)


@requires(Permission.UPDATE_READINESS)
@require_http_methods(["GET", "POST"])
def readiness_round(request: HttpRequest) -> HttpResponse:
    """Shows the round, or saves: one row in place, or without JavaScript whatever was changed."""
    viewer = request.viewer
    bounds = Bounds.of(viewer)
    if request.method == "GET":
        rows = _rows(viewer, bounds, _own(viewer)[:MOST_ROWS])
        return _page(request, rows, bounds)
    pressed = request.POST.get("save") or request.POST.get("put_back") or "all"
    if request.htmx:
        return _one_row(request, _ref(pressed), bounds)
    return _whole_page(request, pressed, bounds)


def _one_row(request: HttpRequest, ref: UUID, bounds: Bounds) -> HttpResponse:
    client = _own(request.viewer).filter(ref=ref).first()
    if client is None:
        raise Http404
    if "put_back" in request.POST:
        row = _put_back(request.viewer, client, bounds)
    else:
        row = _save(request.viewer, client, request.POST, bounds)
    return render(
        request,
        "outflow/_round_row.html",
        {"row": row, **_progress(request.viewer, bounds), "in_place": True},
        status=422 if row.has_error else 200,
    )


def _whole_page(request: HttpRequest, pressed: str, bounds: Bounds) -> HttpResponse:
    """Save every row that was changed, and the pressed one even if it was not."""
    viewer = request.viewer
    refs = [_ref(name.removesuffix("-seen")) for name in request.POST if name.endswith("-seen")]
    sent = {client.ref: client for client in _own(viewer).filter(ref__in=refs)}
    if "put_back" in request.POST:
        client = sent.get(_ref(pressed))
        if client is None:
            raise Http404
        row = _put_back(viewer, client, bounds)
        if row.conflict:
            messages.error(request, row.conflict)
        return redirect("outflow:round")
    results = []
    for ref in refs:
        client = sent.get(ref)
        if client is None:
            raise Http404
        form = _form(client, _now(client), request.POST)
        if str(ref) == pressed or form.has_changed():
            results.append(_save(viewer, client, request.POST, bounds))
    failed = {row.seen.ref: row for row in results if row.has_error}
    saved = len(results) - len(failed)
    if not failed:
        messages.success(request, _saved_sentence(saved))
        return redirect("outflow:round")
    rows = [
        failed.get(row.seen.ref, row) for row in _rows(viewer, bounds, _own(viewer)[:MOST_ROWS])
    ]
    messages.error(
        request,
        ngettext(
            "%(count)s row was not saved. Its sentence says why.",
            "%(count)s rows were not saved. Their sentences say why.",
            len(failed),
        )
        % {"count": len(failed)},
    )
    return _page(request, rows, bounds, status=422)


def _saved_sentence(count: int) -> str:
    return ngettext("%(count)s row is saved.", "%(count)s rows are saved.", count) % {
        "count": count
    }


def _page(
    request: HttpRequest, rows: list[RoundRow], bounds: Bounds, status: int = 200
) -> HttpResponse:
    return render(
        request,
        "outflow/round.html",
        {
            "rows": rows,
            **_progress(request.viewer, bounds),
            "stale_days": formats.days_short(bounds.stale_days),
        },
        status=status,
    )


def _progress(viewer: Viewer, bounds: Bounds) -> dict[str, int]:
    """How many of the round's clients are recent enough."""
    clients = Client.objects.visible_to(viewer, Permission.UPDATE_READINESS)
    total = clients.in_care().count()
    return {"total": total, "done": total - clients.stale(days=bounds.stale_days).count()}


def _own(viewer: Viewer) -> ClientQuerySet:
    return (
        Client.objects.visible_to(viewer, Permission.UPDATE_READINESS)
        .in_care()
        .for_list()
        .with_identity()
        .stale_first()
    )


def _rows(viewer: Viewer, bounds: Bounds, clients: ClientQuerySet) -> list[RoundRow]:
    found = list(clients)
    seen = see_clients(found, viewer, purpose=Purpose.READINESS)
    records = _last_records(found)
    return [
        _row(client, shown, records.get(client.pk), bounds)
        for client, shown in zip(found, seen, strict=True)
    ]


def _row(
    client: Client, seen: ClientSeen, record: ReadinessRecord | None, bounds: Bounds
) -> RoundRow:
    """The row as it stands; who saved it today can put it back."""
    form = _form(client, _now(client))
    if record is not None and timezone.localtime(record.recorded_at).date() == today():
        word = _("Saved %(time)s") % {"time": formats.time_of_day(record.recorded_at)}
        return RoundRow(seen, form, Age("ok", word), saved=True, may_put_back=True)
    return RoundRow(seen, form, age_of(client.checked_on, bounds))


def _save(viewer: Viewer, client: Client, sent: QueryDict, bounds: Bounds) -> RoundRow:
    """Save one row; what was typed stays in the row when it cannot be."""
    now = _now(client)
    form = _form(client, now, sent)
    shown = see_clients([client], viewer, purpose=Purpose.READINESS)[0]
    conflict = ""
    if form.is_valid():
        wanted = form.readiness()
        try:
            operations.record_readiness(
                client=client,
                readiness=None if wanted.mark == now.mark else wanted,
                by=viewer,
                seen=form.cleaned_data["seen"] or None,
            )
        except ChangedMeanwhile:
            form.data = sent.copy()
            form.data[form.add_prefix("seen")] = now.mark
            conflict = theirs_or_mine(now)
        except Refused as refused:
            refuse(form, refused)
        else:
            return _rows(viewer, bounds, _own(viewer).filter(pk=client.pk))[0]
    return RoundRow(shown, form, Age("late", _("Not saved")), conflict=conflict)


def _put_back(viewer: Viewer, client: Client, bounds: Bounds) -> RoundRow:
    record = _last_records([client]).get(client.pk)
    if record is None:
        raise Http404
    refusal = ""
    try:
        operations.undo_readiness(record=record, by=viewer)
    except Refused as refused:
        refusal = refused.sentence
    row = _rows(viewer, bounds, _own(viewer).filter(pk=client.pk))[0]
    return replace(row, conflict=refusal)


def _form(client: Client, now: Readiness, sent: QueryDict | None = None) -> ReadinessForm:
    return ReadinessForm(sent, now=now, prefix=str(client.ref), auto_id="r-%s")


def _now(client: Client) -> Readiness:
    """From the annotations of the list: a row costs no query of its own."""
    return Readiness(
        phase=client.phase,
        ready_on=client.ready_on,
        expected_ready_on=client.expected_ready_on,
        blockers=frozenset(client.blockers),
        from_on=client.phase_from,
    )


def _last_records(clients: list[Client]) -> dict[int, ReadinessRecord]:
    """The last record of each that still stands, if it was made within a day."""
    records = ReadinessRecord.objects.filter(
        client__in=[client.pk for client in clients],
        undone_at=None,
        recorded_at__gte=timezone.now() - operations.UNDO_WITHIN,
    ).order_by("recorded_at", "pk")
    return {record.client_id: record for record in records if record.before}


def _ref(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
