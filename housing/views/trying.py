"""Trying out what is not so: putting changes together, the list, one answer, putting it away."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, Viewer, requires
from housing import operations, signedchanges, tried
from housing.errors import Refused
from housing.forms.trying import FORMS, ChangeForm
from housing.matching_words import Names
from housing.models import MatchPolicy, TryOut
from housing.tasks import carry_out_try_out
from housing.trychoices import Choices
from housing.trying import MOST_CHANGES, Change
from housing.trying_words import GROUPS, LABELS, change_sentence, failure_sentence
from housing.views.places import PER_PAGE
from regions import formats
from regions.downloads import download
from regions.models import Region, RunState
from regions.progress import Progress, RunWords, progress_of
from regions.tables import Cell, Column, Table


@requires(Permission.TRY_OUT)
@require_GET
def try_outs(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    page = Paginator(tried.try_outs_for(viewer), PER_PAGE).get_page(request.GET.get("page"))
    rows = tried.see_try_outs(page.object_list, viewer, Names(viewer.region_id))
    return render(request, "housing/try_outs.html", {"page": page, "rows": rows})


@requires(Permission.TRY_OUT)
@require_http_methods(["GET", "POST"])
def try_out_new(request: HttpRequest) -> HttpResponse:
    """The changes, one after the other; a button elsewhere sends its changes to try at once."""
    viewer = request.viewer
    composing = _Composing(request)
    if request.method == "GET":
        composing.begin()
    else:
        composing.go_on()
    if composing.is_to_try:
        region = get_object_or_404(Region, pk=viewer.region_id)
        try:
            made = operations.request_try_out(
                region=region, changes=composing.changes, policy=composing.policy, by=viewer
            )
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            carry_out_try_out.delay_on_commit(made.pk)
            return redirect(made)
    return _composing_page(request, composing)


@requires(Permission.TRY_OUT)
@require_GET
def try_out(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    run = get_object_or_404(tried.try_outs_for(viewer), ref=ref)
    names = Names(viewer.region_id)
    [seen] = tried.see_try_outs([run], viewer, names)
    context: dict[str, Any] = {
        "seen": seen,
        "again_url": f"{reverse('housing:try_out_new')}?like={run.ref}",
        "policy": run.policy
        and {"number": run.policy.number, "url": run.policy.get_absolute_url()},
    }
    if run.state != RunState.DONE:
        context["run"] = _progress(run)
        return render(request, "housing/try_out.html", context)
    answers = tried.Answers(run, viewer, names)
    if "format" in request.GET:
        table = _table(answers.see(answers.differences))
        return download([table], _("try-out"), request.GET["format"], as_of=run.as_of)
    page = Paginator(answers.differences, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "housing/try_out.html",
        {
            **context,
            "as_of": run.as_of,
            "figures": _figures(run),
            "is_proven": run.summary["is_proven"],
            "page": page,
            "differences": answers.see(list(page.object_list)),
            "bottlenecks": answers.bottlenecks(),
        },
    )


@requires(Permission.TRY_OUT)
@require_GET
def try_out_progress(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The state of one try-out, asked again and again while it waits or runs."""
    run = get_object_or_404(tried.try_outs_for(request.viewer), ref=ref)
    return render(request, "housing/_match_progress.html", {"run": _progress(run)})


@requires(Permission.TRY_OUT)
@require_http_methods(["GET", "POST"])
def try_out_drop(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Stop what waits or runs; put away what is finished, after asking."""
    viewer = request.viewer
    run = get_object_or_404(tried.try_outs_for(viewer), ref=ref)
    if request.method == "POST":
        if operations.drop_try_out(try_out=run, by=viewer):
            messages.success(request, _("The try-out is stopped. Nothing of it is kept."))
        else:
            messages.success(request, _("The try-out is put away."))
        return redirect("housing:try_outs")
    [seen] = tried.see_try_outs([run], viewer, Names(viewer.region_id))
    return render(
        request,
        "housing/try_out_drop.html",
        {
            "seen": seen,
            "verb": _("Put try-out away") if run.is_finished else _("Stop try-out"),
            "safe_url": seen.url,
            "safe_label": _("Leave it as it is"),
        },
    )


# Putting the changes together --------------------------------------------------------------------


class _Composing:
    """The changes so far, the one that is being filled in, and what was asked to do with them."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.viewer: Viewer = request.viewer
        self.names = Names(self.viewer.region_id)
        self.choices = Choices(self.viewer, self.names)
        self.changes: list[Change] = []
        self.policy: MatchPolicy | None = None
        self.form: ChangeForm | None = None
        self.is_to_try = False

    def begin(self) -> None:
        """Open with nothing, or with the changes of an earlier try-out."""
        if "like" not in self.request.GET:
            return
        like = _like(self.viewer, self.request.GET["like"])
        self.changes = list(like.changes)
        # A version that was put away meanwhile is tried no more.
        if like.policy is not None and like.policy.dropped_at is None:
            self.policy = like.policy

    def go_on(self) -> None:
        given = self.request.POST
        self.changes = _unsigned(self.request)
        if given.get("policy"):
            self.policy = _policy(self.viewer, given["policy"])
        deed, _colon, what = given.get("deed", "").partition(":")
        adding = given.get("adding", "")
        if deed == "pick" and what in FORMS:
            self.form = FORMS[what](choices=self.choices)
        elif deed == "remove" and what.isdecimal() and int(what) < len(self.changes):
            del self.changes[int(what)]
        elif deed in ("add", "try") and adding in FORMS:
            form = FORMS[adding](given, choices=self.choices)
            # A form that was opened and left alone says nothing.
            says_something = self.changes or self.policy
            if deed == "add" or not says_something or form.has_changed():
                self._add(form)
        self.is_to_try = deed == "try" and self.form is None

    def _add(self, form: ChangeForm) -> None:
        if form.is_valid():
            self.changes.append(form.change())
        else:
            self.form = form

    def sentences(self) -> list[str]:
        known = tried.known_of(self.changes, self.viewer, self.names)
        return [change_sentence(change, known) for change in self.changes]


def _unsigned(request: HttpRequest) -> list[Change]:
    given = request.POST.get("changes", "")
    changes = signedchanges.unsign(request.viewer, given) if given else []
    if changes is None:
        messages.error(
            request,
            _("The changes could not be read any more; nothing was tried. Put them together anew."),
        )
        return []
    return changes


def _like(viewer: Viewer, given: str) -> TryOut:
    try:
        ref = UUID(given)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(tried.try_outs_for(viewer), ref=ref)


def _policy(viewer: Viewer, given: str) -> MatchPolicy:
    """The version that is tried, counting already or still a draft."""
    try:
        ref = UUID(given)
    except ValueError:
        raise Http404 from None
    visible = MatchPolicy.objects.visible_to(viewer, Permission.SEE_POLICY)
    found: MatchPolicy = get_object_or_404(visible.filter(dropped_at=None), ref=ref)
    return found


def _composing_page(request: HttpRequest, composing: _Composing) -> HttpResponse:
    form, policy = composing.form, composing.policy
    count = len(composing.changes)
    return render(
        request,
        "housing/try_out_new.html",
        {
            "policy": policy and {"ref": policy.ref, "number": policy.number},
            "sentences": composing.sentences(),
            "signed": signedchanges.sign(composing.viewer, composing.changes),
            "form": form,
            "kind_label": LABELS[form.kind] if form else "",
            "rows": _rows_of(form) if form else [],
            "groups": [(label, list(kinds.items())) for label, kinds in GROUPS.items()],
            "may_add": count < MOST_CHANGES,
            "most": MOST_CHANGES,
        },
        status=422 if form and form.errors and request.method == "POST" else 200,
    )


def _rows_of(form: ChangeForm) -> list[dict[str, Any]]:
    """The fields in rows: one under the other, some beside each other, ticks together."""
    rows: list[dict[str, Any]] = []
    for field in form:
        look = "beside" if field.name in form.beside else "alone"
        if rows and rows[-1]["look"] == look == "beside":
            rows[-1]["fields"].append(field)
        else:
            rows.append({"look": look, "fields": [field]})
    return rows


# One answer --------------------------------------------------------------------------------------


def _progress(run: TryOut) -> Progress:
    words = RunWords(
        waits=_("The try-out waits for its turn."),
        runs=_("The try-out runs."),
        ready=_("The try-out is ready."),
        failed=_("The try-out came to nothing."),
        keeps=_("This page may be closed; the try-out stays in the list."),
        stopped=_("This try-out was stopped; nothing of it is kept."),
    )
    shown = progress_of(
        run,
        words,
        poll_url=reverse("housing:try_out_progress", args=[run.ref]),
        stop_url=reverse("housing:try_out_drop", args=[run.ref]),
        ready_note=tried.link_to(run),
    )
    if run.state != RunState.FAILED:
        return shown
    note = _("%(why)s Nothing in the lists or agreements was changed.") % {
        "why": failure_sentence(run)
    }
    return Progress("failed", words.failed, note)


def _figures(run: TryOut) -> list[dict[str, Any]]:
    """The numbers as it is and as it would be, side by side."""
    summary = run.summary
    rows = [
        (_("With a home"), summary["placements"]),
        (_("Dwellings left"), summary["unused"]),
    ]
    figures = [
        {
            "label": label,
            "value": formats.number(after),
            "note": _("now %(before)s, %(change)s")
            % {"before": formats.number(before), "change": formats.signed(after - before)}
            if after != before
            else _("as now"),
        }
        for label, (before, after) in rows
    ]
    return [
        *figures,
        {
            "label": _("Another home"),
            "value": formats.number(summary["moved"]),
            "note": _("than in the matching as it is"),
        },
        {
            "label": _("Nothing changes for"),
            "value": formats.number(summary["same"]),
            "note": _("people"),
        },
    ]


def _table(rows: list[tried.DifferenceSeen]) -> Table:
    return Table(
        _("For whom it differs"),
        [
            Column(_("Case")),
            Column(_("What changes")),
            Column(_("Home as it is")),
            Column(_("Home as it would be")),
            Column(_("Why")),
        ],
        [
            [
                Cell(row.client.label),
                Cell(row.words),
                Cell(row.before),
                Cell(row.after),
                Cell(" ".join(row.why)),
            ]
            for row in rows
        ],
    )
