"""Lists in: bring one, check how it was read, put it in, mend what was set aside."""

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Permission, may, requires
from lists import operations
from lists.errors import Refused
from lists.forms import AnswersForm, ColumnsForm, ConfirmForm, MendForm, UploadForm, as_typed
from lists.importing import all_importers, importer_of
from lists.lifecycle import ImportStage, RowOutcome
from lists.mending import mend_row
from lists.models import ImportRow, ImportRun
from lists.sentences import sentence
from lists.tasks import read_or_put_in
from lists.words import meaning_words
from regions.formats import and_list
from regions.models import RunState
from regions.progress import RunWords, progress_of

ROWS_SHOWN = 100
KINDS_OF_OUTCOME = {
    RowOutcome.NEW: "ok",
    RowOutcome.CHANGED: "ok",
    RowOutcome.UNCHANGED: "none",
    RowOutcome.DUPLICATE: "none",
    RowOutcome.SET_ASIDE: "warn",
    RowOutcome.REJECTED: "late",
}
# What needs a person stands first.
FIRST = (
    RowOutcome.REJECTED,
    RowOutcome.SET_ASIDE,
    RowOutcome.CHANGED,
    RowOutcome.DUPLICATE,
    RowOutcome.NEW,
    RowOutcome.UNCHANGED,
)


@requires(Permission.SEE_IMPORTS)
@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """The lists of the own organisation, newest first."""
    runs = ImportRun.objects.visible_to(request.viewer, Permission.SEE_IMPORTS).exclude(
        stage=ImportStage.CANCELLED
    )
    page = Paginator(runs.order_by("-requested_at"), 25).get_page(request.GET.get("page"))
    rows = [
        {
            "url": run.get_absolute_url(),
            "file": run.file_name,
            "kind": _kind_words(run.kind),
            "at": run.requested_at,
            "stage": _stage_words(run),
            "rows": run.rows_in,
            "set_aside": run.report.get("counts", {}).get(RowOutcome.SET_ASIDE, 0),
        }
        for run in page
    ]
    return render(request, "lists/imports.html", {"page": page, "rows": rows})


@requires(
    Permission.IMPORT_CLIENTS,
    Permission.IMPORT_DWELLINGS,
    Permission.IMPORT_CONTINGENT,
    Permission.IMPORT_SUPPORT,
)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = operations.bring_list(name=file.name, data=file.read(), by=request.viewer)
        except Refused as refusal:
            form.add_error("file", refusal.sentence)
        else:
            read_or_put_in.delay_on_commit(run.pk)
            return redirect(run)
    allowed = [
        str(importer.kind.label)
        for importer in all_importers()
        if may(request.viewer, importer.permission)
    ]
    return render(request, "lists/upload.html", {"form": form, "kinds": allowed})


@requires(Permission.SEE_IMPORTS)
@require_GET
def one(request: HttpRequest, ref: str) -> HttpResponse:
    """Where one list is: being read, to be checked, put in, or refused."""
    return _page(request, _run(request, ref))


@requires(Permission.SEE_IMPORTS)
@require_GET
def progress(request: HttpRequest, ref: str) -> HttpResponse:
    """The progress of one list; the page itself once there is something to see."""
    run = _run(request, ref)
    if run.is_finished and request.htmx:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    if run.is_finished:
        return redirect(run)
    return render(
        request, "components/run_progress.html", {"run": _progress(run), "csrf_token": ""}
    )


@requires(Permission.SEE_IMPORTS)
@require_POST
def answer(request: HttpRequest, ref: str) -> HttpResponse:
    """Answers to what the list asks; it is read again with them."""
    run = _run(request, ref)
    form = AnswersForm(request.POST, recognised=run.recognised, reference_date=run.reference_date)
    if not form.is_valid():
        return _page(request, run, answers_form=form, status=422)
    return _read_again(request, run, form)


@requires(Permission.SEE_IMPORTS)
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, ref: str) -> HttpResponse:
    """How each column was recognised, to be put right."""
    run = _run(request, ref)
    form = ColumnsForm(request.POST or None, recognised=run.recognised)
    if request.method == "POST" and form.is_valid():
        return _read_again(request, run, form)
    status = 422 if form.errors else 200
    return render(request, "lists/columns.html", {"run": run, "form": form}, status=status)


@requires(Permission.SEE_IMPORTS)
@require_POST
def confirm(request: HttpRequest, ref: str) -> HttpResponse:
    run = _run(request, ref)
    form = _confirm_form(run, request.POST)
    if not form.is_valid():
        return _page(request, run, confirm_form=form, status=422)
    try:
        run = operations.confirm_list(run=run, by=request.viewer, **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        read_or_put_in.delay_on_commit(run.pk)
    return redirect(run)


@requires(Permission.SEE_IMPORTS)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, ref: str) -> HttpResponse:
    """Asks first: the file goes."""
    run = _run(request, ref)
    if request.method == "POST":
        try:
            operations.cancel_list(run=run, by=request.viewer)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
            return redirect(run)
        messages.success(request, _("The list was left aside. Nothing was put in."))
        return redirect("lists:imports")
    return render(request, "lists/cancel.html", {"run": run})


@requires(Permission.SEE_IMPORTS)
@require_http_methods(["GET", "POST"])
def mend(request: HttpRequest, ref: str) -> HttpResponse:
    """One row that was set aside, with its cells as they stand in the file."""
    runs = ImportRun.objects.visible_to(request.viewer, Permission.SEE_IMPORTS)
    row = get_object_or_404(
        ImportRow.objects.set_aside().select_related("run"), ref=ref, run__in=runs
    )
    kept = json.loads(row.cells) if row.cells else {}
    sheet, _bar, kind = row.sheet.rpartition("|")
    columns_of_part: list[dict[str, Any]] = next(
        (
            part["columns"]
            for part in row.run.recognised["parts"]
            if part["sheet"] == sheet and part["kind"] == kind
        ),
        [],
    )
    defects = _defects(row, kept)
    form = MendForm(
        _with_suggestions(request, defects, kept),
        columns=columns_of_part,
        cells=kept.get("cells", {}),
        wrong={d["letter"]: d["sentence"] for d in defects if d["letter"]},
        cancel_url=row.run.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            mended = mend_row(row=row, cells=form.edited(), by=request.viewer)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(
                request,
                _("Row %(row)s: %(outcome)s.")
                % {"row": mended.row, "outcome": mended.get_outcome_display()},
            )
            return redirect(row.run)
    return render(
        request,
        "lists/mend.html",
        {
            "row": row,
            "run": row.run,
            "form": form,
            # What is wrong with a cell stands at that cell.
            "defects": [d for d in defects if d["letter"] not in form.letters.values()],
            "sheet": sheet,
            "subject": kept.get("subject", ""),
            "take": _take(defects),
        },
        status=422 if request.method == "POST" else 200,
    )


def _with_suggestions(
    request: HttpRequest, defects: list[dict[str, Any]], kept: dict[str, Any]
) -> Any:
    """What was posted; the button that takes the suggestions posts nothing of its own."""
    if request.method != "POST" or "take" not in request.GET:
        return request.POST or None
    taken = {f"cell_{letter}": as_typed(cell) for letter, cell in kept.get("cells", {}).items()}
    return taken | {f"cell_{d['letter']}": d["suggestion"] for d in defects if d["suggestion"]}


def _run(request: HttpRequest, ref: str) -> ImportRun:
    return get_object_or_404(
        ImportRun.objects.visible_to(request.viewer, Permission.SEE_IMPORTS), ref=ref
    )


def _read_again(
    request: HttpRequest, run: ImportRun, form: AnswersForm | ColumnsForm
) -> HttpResponse:
    try:
        run = operations.answer_list(run=run, answers=form.mapping(), by=request.viewer)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        read_or_put_in.delay_on_commit(run.pk)
    return redirect(run)


def _confirm_form(run: ImportRun, data: Any = None) -> ConfirmForm:
    return ConfirmForm(
        data,
        is_about_people=run.recognised.get("is_about_people", False),
        cancel_url=reverse("lists:cancel", args=[run.ref]),
    )


def _page(
    request: HttpRequest,
    run: ImportRun,
    *,
    answers_form: Any = None,
    confirm_form: Any = None,
    status: int = 200,
) -> HttpResponse:
    if run.state in {RunState.QUEUED, RunState.RUNNING}:
        return render(request, "lists/waiting.html", {"run": run, "progress": _progress(run)})
    if run.state == RunState.FAILED or run.stage == ImportStage.REFUSED:
        reason = run.report.get("refused") or run.reason
        return render(request, "lists/refused.html", {"run": run, "reason": reason})
    checking = run.stage == ImportStage.CHECKING
    chosen = request.GET.get("outcome", "")
    rows = ImportRow.objects.filter(run=run)
    outcome = next((o for o in FIRST if o.value == chosen), None)
    if outcome is None:
        outcome = next((o for o in FIRST if rows.filter(outcome=o).exists()), RowOutcome.NEW)
    page = Paginator(rows.filter(outcome=outcome).order_by("sheet", "row"), ROWS_SHOWN).get_page(
        request.GET.get("page")
    )
    counts = run.report.get("counts", {})
    context = {
        "run": run,
        "kind": _kind_words(run.kind),
        "parts": [
            {
                "label": o.label,
                "count": counts.get(o.value, 0),
                "url": f"{run.get_absolute_url()}?outcome={o.value}#rows",
            }
            for o in RowOutcome
        ],
        "outcome": outcome.label,
        "page": page,
        "rows": [_row(row) for row in page],
        "new_neighbourhoods": [
            n for part in run.recognised.get("parts", []) for n in part["new_neighbourhoods"]
        ],
        "unused": run.recognised.get("unused", []),
        "unknown_columns": [
            c["header"]
            for part in run.recognised.get("parts", [])
            for c in part["columns"]
            if not c["field"] and c["header"]
        ],
        "skipped": sum(len(part["skipped"]) for part in run.recognised.get("parts", [])),
        "hidden": sum(len(part["hidden_rows"]) for part in run.recognised.get("parts", [])),
    }
    if not checking:
        return render(request, "lists/report.html", context)
    questions = run.recognised.get("questions", [])
    context |= {
        "answers_form": answers_form
        or AnswersForm(recognised=run.recognised, reference_date=run.reference_date),
        "confirm_form": confirm_form or _confirm_form(run),
        "questions": len(questions),
        "needed": sum(question["is_needed"] for question in questions),
        "is_ready": run.recognised.get("is_ready", False),
        "before": _put_in_before(request, run),
    }
    return render(request, "lists/check.html", context, status=status)


def _put_in_before(request: HttpRequest, run: ImportRun) -> ImportRun | None:
    """The last time that the organisation put in this very file."""
    runs = ImportRun.objects.visible_to(request.viewer, Permission.SEE_IMPORTS)
    same = runs.filter(
        organisation_id=run.organisation_id,
        file_digest=run.file_digest,
        stage=ImportStage.REPORTED,
        finished_at__isnull=False,
    )
    return same.exclude(pk=run.pk).order_by("-finished_at").first()


def _row(row: ImportRow) -> dict[str, Any]:
    kept = json.loads(row.cells) if row.cells else {}
    defects = _defects(row, kept)
    first = defects[0] if defects else {}
    differences = kept.get("differences", [])
    words = " ".join(d["sentence"] for d in defects) or "; ".join(
        _("%(label)s: was %(was)s, becomes %(becomes)s")
        % {
            "label": d["label"],
            "was": d["was"] or _("empty"),
            "becomes": d["becomes"] or _("empty"),
        }
        for d in differences
    )
    may_mend = (
        row.outcome == RowOutcome.SET_ASIDE
        and row.mended_at is None
        and row.run.stage == ImportStage.REPORTED
    )
    return {
        "number": row.row,
        "subject": kept.get("subject", ""),
        "kind": KINDS_OF_OUTCOME[RowOutcome(row.outcome)],
        "word": row.get_outcome_display(),
        "column": first.get("header") or "",
        "value": "" if first.get("value", "") in words else first["value"],
        "sentence": words,
        "step": _step(row, defects) if may_mend else None,
    }


def _step(row: ImportRow, defects: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the row is mended; with one click where everything wrong has a suggestion."""
    address = reverse("lists:mend", args=[row.ref])
    mend_step = {"label": _("Mend row"), "url": address}
    if take := _take(defects):
        return {"label": take, "url": f"{address}?take=1", "post": True, "other": mend_step}
    return mend_step


def _take(defects: list[dict[str, Any]]) -> str:
    """What the button says that takes every suggestion; none where one is lacking."""
    wrong = [defect for defect in defects if not defect["is_note"]]
    if not wrong or not all(defect["suggestion"] and defect["letter"] for defect in wrong):
        return ""
    return _("Take %(values)s") % {"values": and_list(defect["suggested"] for defect in wrong)}


def _defects(row: ImportRow, kept: dict[str, Any]) -> list[dict[str, Any]]:
    values = kept.get("values", [])
    suggestions = kept.get("suggestions", [])
    found = []
    for index, stored in enumerate(row.defects):
        value = as_typed(values[index]) if index < len(values) else ""
        kind = importer_of(stored["list"]).kind
        suggestion = suggestions[index] if index < len(suggestions) else ""
        found.append(
            {
                "header": stored["header"],
                "letter": stored["letter"],
                "is_note": stored["is_note"],
                "suggestion": suggestion,
                "suggested": meaning_words([kind], stored["field"] or "", suggestion),
                "value": value if len(value) <= 60 else f"{value[:60]}…",
                "sentence": sentence(kind, stored["kind"], value=value, facts=stored["facts"]),
            }
        )
    return found


def _kind_words(kind: str) -> str:
    return str(importer_of(kind).kind.label) if kind else ""


def _stage_words(run: ImportRun) -> str:
    if run.state == RunState.FAILED:
        return str(RunState.FAILED.label)
    return run.get_stage_display()


def _progress(run: ImportRun) -> Any:
    confirmed = run.stage == ImportStage.CONFIRMED
    return progress_of(
        run,
        RunWords(
            waits=_("This list waits for its turn."),
            runs=_("The rows are being put in.") if confirmed else _("The list is being read."),
            ready=_("The list is ready."),
            failed=_("The list could not be read."),
            keeps=_("This page may be closed; nothing is lost."),
        ),
        poll_url=reverse("lists:progress", args=[run.ref]),
    )
