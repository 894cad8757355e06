"""The estimate: how many people become ready, find a home and wait, and how sure that is."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Permission, Viewer, may, requires
from outflow.errors import NotAllowed, Refused
from outflow.estimates import results
from outflow.estimates.page import Page, measures_of, tables_of
from outflow.estimates.results import WHOLE_REGION, Focus, Outlook
from outflow.lifecycle import FacilityType
from outflow.models import EstimateRun
from outflow.operations.estimates import request_estimate
from outflow.tasks import carry_out_estimate
from regions.downloads import download
from regions.models import Region
from regions.progress import Progress, RunWords, progress_of


@requires(Permission.SEE_ESTIMATE)
@require_GET
def estimate(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    done, newest = results.last_done(viewer), results.newest(viewer)
    run, is_first = _shown(done, newest, wants_first="first" in request.GET)
    outlook = _outlook(run, _focus(request), is_first=is_first)
    context: dict[str, Any] = {
        "run": _progress(newest, viewer, is_shown=outlook is not None, shows_first=is_first)
        if newest and not _is_shown(newest, done)
        else None,
        "may_start": may(viewer, Permission.RUN_ESTIMATE)
        and (newest is None or newest.is_finished),
        "may_import": may(viewer, Permission.IMPORT_HISTORY),
        "may_see_scenarios": may(viewer, Permission.SEE_SCENARIOS),
    }
    if outlook is None:
        return render(request, "outflow/estimate_empty.html", context)
    if file_format := request.GET.get("format", ""):
        tables = list(tables_of(viewer, outlook))
        return download(tables, _("Estimate"), file_format, as_of=outlook.as_of)
    shown, known = request.GET.get("show", ""), measures_of(outlook)
    page = Page(viewer, outlook, shown if shown in known else known[0])
    return render(request, "outflow/estimate.html", context | page.context())


@requires(Permission.SEE_ESTIMATE)
@require_GET
def estimate_progress(request: HttpRequest, ref: Any) -> HttpResponse:
    """The state of one run, asked again and again while it waits or runs."""
    viewer = request.viewer
    run = get_object_or_404(results.runs_of(viewer), ref=ref)
    shows_first = "first" in request.GET
    progress = _progress(
        run,
        viewer,
        is_shown=shows_first or results.last_done(viewer) is not None,
        shows_first=shows_first,
    )
    return render(request, "outflow/_estimate_progress.html", {"run": progress})


@requires(Permission.RUN_ESTIMATE)
@require_POST
def start_estimate(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    region = get_object_or_404(Region, pk=viewer.region_id)
    try:
        run = request_estimate(region=region, by=viewer)
    except (NotAllowed, Refused) as refusal:
        messages.error(request, refusal.sentence)
    else:
        carry_out_estimate.delay_on_commit(run.pk)
        messages.success(request, _("A new estimate is asked for. This page may be closed."))
    return redirect("outflow:estimate")


# What is shown -----------------------------------------------------------------------------------


def _shown(
    done: EstimateRun | None, newest: EstimateRun | None, *, wants_first: bool
) -> tuple[EstimateRun | None, bool]:
    """The last whole estimate; first figures where there is none, or where they are asked for."""
    has_first = newest is not None and newest.has_first and not newest.is_finished
    if has_first and (done is None or wants_first):
        return newest, True
    return done, False


def _focus(request: HttpRequest) -> Focus:
    kind, place = request.GET.get("kind", ""), request.GET.get("place", "")
    return Focus(
        place=place if place.isprintable() and place else None,
        kind=kind if kind in FacilityType.values else None,
    )


def _outlook(run: EstimateRun | None, focus: Focus, *, is_first: bool) -> Outlook | None:
    """The estimate of a part; of the whole region where it knows no such part."""
    if run is None:
        return None
    for each in (focus, WHOLE_REGION):
        outlook = Outlook(run, focus=each, is_first=is_first)
        if not outlook.is_empty:
            return outlook
    return None


def _is_shown(newest: EstimateRun, done: EstimateRun | None) -> bool:
    return done is not None and newest.pk == done.pk


def _progress(run: EstimateRun, viewer: Viewer, *, is_shown: bool, shows_first: bool) -> Progress:
    """How a run stands; `is_shown` says whether an estimate stands under it."""
    words = RunWords(
        waits=_("A new estimate waits for its turn."),
        runs=_("A new estimate is being made."),
        ready=_("The new estimate is ready."),
        failed=_("The new estimate did not work out."),
        keeps=_("What stands below stays until then; this page may be closed.")
        if is_shown
        else _("This page may be closed."),
    )
    page, poll = reverse("outflow:estimate"), reverse("outflow:estimate_progress", args=[run.ref])
    progress = progress_of(
        run,
        words,
        poll_url=f"{poll}?first=1" if shows_first else poll,
        retry_url=reverse("outflow:estimate_start") if may(viewer, Permission.RUN_ESTIMATE) else "",
        ready_note=_link(page, _("Show it")),
    )
    if run.has_first and not run.is_finished and not shows_first:
        first = _link(f"{page}?first=1", _("Show first figures"))
        return replace(progress, note=format_html("{} {}", progress.note, first))
    return progress


def _link(url: str, label: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, label)
