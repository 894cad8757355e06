"""The estimate: how many people become ready, find a home and wait, and how sure that is."""

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
from outflow import estimates
from outflow.errors import NotAllowed, Refused
from outflow.estimate_words import (
    CAPTIONS,
    MEASURES,
    assumption,
    trial_sentences,
    warning,
)
from outflow.estimates import SHOWN, STOCKS, Band, Outlook, Part, Past
from outflow.models import EstimateRun
from outflow.operations.estimates import request_estimate
from outflow.tasks import carry_out_estimate
from regions import formats
from regions.charts.band import Counted, Expected, Moment, band_figure
from regions.charts.svg import Figure
from regions.models import Region
from regions.progress import Progress, RunWords, progress_of
from regions.tables import Cell, Column, Table

SENTENCE_ID = "estimate-sentence"
TRIED = ("becomes_ready", "housed", "backlog")


@requires(Permission.SEE_ESTIMATE)
@require_GET
def estimate(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    done, newest = estimates.last_done(viewer), estimates.newest(viewer)
    outlook = Outlook(done) if done else None
    context: dict[str, Any] = {
        "run": _progress(newest, viewer) if newest and not _is_shown(newest, done) else None,
        "may_start": may(viewer, Permission.RUN_ESTIMATE)
        and (newest is None or newest.is_finished),
        "may_import": may(viewer, Permission.IMPORT_HISTORY),
    }
    if outlook is None or outlook.is_empty:
        return render(request, "outflow/estimate_empty.html", context)
    shown = request.GET.get("show", "")
    measure = shown if shown in SHOWN else SHOWN[0]
    return render(request, "outflow/estimate.html", context | _page(viewer, outlook, measure))


@requires(Permission.SEE_ESTIMATE)
@require_GET
def estimate_progress(request: HttpRequest, ref: Any) -> HttpResponse:
    """The state of one run, asked again and again while it waits or runs."""
    run = get_object_or_404(
        EstimateRun.objects.visible_to(request.viewer, Permission.SEE_ESTIMATE).defer("result"),
        ref=ref,
    )
    return render(
        request, "outflow/_estimate_progress.html", {"run": _progress(run, request.viewer)}
    )


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


def _page(viewer: Viewer, outlook: Outlook, measure: str) -> dict[str, Any]:
    """Everything about one measure, and the region per year and per part."""
    told = {measure, "becomes_ready", "housed"}
    counted, so_far = estimates.counts(viewer, measure, among=told, as_of=outlook.as_of)
    bands = {each: estimates.with_so_far(outlook.bands(each), so_far.get(each, 0)) for each in told}
    of_measure = bands[measure]
    return {
        "as_of": outlook.as_of,
        "finished_at": outlook.run.finished_at,
        "core_version": outlook.run.core_version,
        "until": outlook.years()[-1].until_on,
        "measure": measure,
        "measures": _filters(measure),
        "now": of_measure[0],
        "last": of_measure[-1],
        "housed_now": bands["housed"][0],
        "is_stock": measure in STOCKS,
        "sentence_id": SENTENCE_ID,
        "figure": _figure(counted, of_measure),
        "caption": _caption(measure, counted),
        "quarters": _quarter_table(counted, of_measure, measure),
        "years": _year_table(outlook),
        "places": _part_table(
            _("The coming year per municipality"),
            _("Municipality"),
            outlook.municipalities(_("municipality not known")),
            outlook.whole(_("Region")),
        ),
        "kinds": _part_table(
            _("The coming year per kind of care"),
            _("Kind of care"),
            outlook.facility_types(),
            outlook.whole(_("Region")),
        ),
        "part_from": _first_whole_quarter(outlook),
        "assumptions": _assumption_table(outlook),
        "warnings": _warning_table(outlook),
        "tested": [
            sentences
            for each in TRIED
            if (sentences := trial_sentences(each, outlook.tested(each)))
        ],
        "trials": _trial_table(outlook),
    }


def _is_shown(newest: EstimateRun, done: EstimateRun | None) -> bool:
    return done is not None and newest.pk == done.pk


def _progress(run: EstimateRun, viewer: Viewer) -> Progress:
    words = RunWords(
        waits=_("A new estimate waits for its turn."),
        runs=_("A new estimate is being made."),
        ready=_("The new estimate is ready."),
        failed=_("The new estimate did not work out."),
        keeps=_("What stands below stays until then; this page may be closed."),
    )
    return progress_of(
        run,
        words,
        poll_url=reverse("outflow:estimate_progress", args=[run.ref]),
        retry_url=reverse("outflow:estimate_start") if may(viewer, Permission.RUN_ESTIMATE) else "",
        ready_note=_link(reverse("outflow:estimate"), _("Show it")),
    )


def _link(url: str, label: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, label)


def _filters(measure: str) -> list[dict[str, Any]]:
    return [
        {
            "label": MEASURES[each],
            "url": f"?show={each}" if each != SHOWN[0] else "?",
            "current": each == measure,
        }
        for each in SHOWN
    ]


def _figure(counted: list[Past], bands: list[Band]) -> Figure:
    moments: list[Moment] = [
        Counted(past.people, _tick(past.quarter_from.year, past.quarter_from.month))
        for past in counted
    ]
    moments += [
        Expected(
            likely=band.likely,
            low80=band.low,
            high80=band.high,
            low95=band.lowest,
            high95=band.highest,
            tick=_tick(band.quarter_from.year, band.quarter_from.month),
        )
        for band in bands
    ]
    return band_figure(moments, sentence_id=SENTENCE_ID)


def _tick(year: int, month: int) -> str:
    return str(year) if month == 1 else ""


def _caption(measure: str, counted: list[Past]) -> str:
    sentences = [
        str(CAPTIONS[measure]),
        _("Dark band: 8 of 10 times within it. Light band: 19 of 20 times."),
    ]
    if any(past.people is None for past in counted):
        sentences.append(_("Counted quarters with fewer than 10 people are not drawn."))
    sentences.append(_("The table with the same numbers follows."))
    return " ".join(sentences)


def _quarter_table(counted: list[Past], bands: list[Band], measure: str) -> Table:
    fewer = formats.people_count(0)
    expected, past_words = _("expected"), _("counted")
    rows = [
        [
            Cell(formats.quarter(past.quarter_from)),
            Cell(past_words),
            Cell(fewer if past.people is None else formats.number(past.people)),
            Cell(),
            Cell(),
        ]
        for past in counted
    ]
    rows += [
        [
            Cell(formats.quarter(band.quarter_from)),
            Cell(expected),
            Cell(formats.number(band.likely)),
            Cell(formats.span(band.low, band.high)),
            Cell(formats.span(band.lowest, band.highest)),
        ]
        for band in bands
    ]
    return Table(
        caption=str(CAPTIONS[measure]),
        columns=[
            Column(_("Quarter")),
            Column(_("Counted or expected")),
            Column(str(MEASURES[measure]), "number", _("expected: most likely")),
            Column(_("8 of 10 times"), "number"),
            Column(_("19 of 20 times"), "number"),
        ],
        rows=rows,
    )


def _year_table(outlook: Outlook) -> Table:
    rows = []
    for year in outlook.years():
        label = str(year.from_on.year)
        sub = ""
        if year.from_on.month > 1 or year.from_on.day > 1:
            sub = _("from %(day)s") % {"day": formats.day(year.from_on)}
        elif year.until_on.month < 12:
            sub = _("up to %(day)s") % {"day": formats.day(year.until_on)}
        rows.append(
            [
                Cell(label, sub=sub),
                Cell(formats.number(year.becomes_ready)),
                Cell(formats.number(year.needs_dwelling)),
                Cell(formats.number(year.housed)),
                Cell(
                    formats.number(year.backlog.likely),
                    sub=formats.span(year.backlog.low, year.backlog.high),
                ),
            ]
        )
    return Table(
        caption=_("Expected per year, whole region"),
        columns=[
            Column(_("Year")),
            Column(_("Become ready"), "number", _("on average")),
            Column(_("Dwellings needed"), "number", _("on average")),
            Column(_("Move into a home"), "number", _("on average")),
            Column(_("Wait at the end"), "number", _("most likely, 8 of 10 times")),
        ],
        rows=rows,
    )


def _part_table(caption: str, heading: str, parts: list[Part], whole: Part) -> Table | None:
    if not parts:
        return None
    fewer = formats.people_count(0)

    def cells(part: Part) -> list[Cell]:
        numbers = (part.becomes_ready, part.needs_dwelling, part.housed, part.backlog)
        shown = [Cell(fewer if n is None else formats.number(n)) for n in numbers]
        return [Cell(part.name), *shown]

    return Table(
        caption=caption,
        columns=[
            Column(heading),
            Column(_("Become ready"), "number"),
            Column(_("Dwellings needed"), "number"),
            Column(_("Move into a home"), "number"),
            Column(_("Wait at the end"), "number"),
        ],
        rows=[cells(part) for part in parts],
        totals=cells(whole),
    )


def _first_whole_quarter(outlook: Outlook) -> Any:
    whole = outlook.whole_quarters
    return outlook.bands("becomes_ready")[whole[0]].quarter_from if whole else None


def _assumption_table(outlook: Outlook) -> Table:
    known_on = formats.day(outlook.as_of)
    rows = [assumption(row) for row in outlook.result.get("assumptions", ())]
    draws = formats.number(outlook.result.get("draws"))
    rows.append((_("How often the future was drawn"), draws, _("set by the administrator")))
    return Table(
        caption=_("What the estimate takes for granted"),
        columns=[Column(_("Assumption")), Column(_("Value"), "wide"), Column(_("Source"), "wide")],
        rows=[
            [Cell(label), Cell(value), Cell(source, sub=known_on)] for label, value, source in rows
        ],
    )


def _warning_table(outlook: Outlook) -> Table | None:
    found = [warning(row) for row in outlook.result.get("warnings", ())]
    if not found:
        return None
    return Table(
        caption=_("What was noticed about the lists"),
        columns=[Column(_("What")), Column(_("How often"), "number")],
        rows=[[Cell(sentence), Cell(formats.number(count))] for sentence, count in found],
    )


def _trial_table(outlook: Outlook) -> Table | None:
    of = _("%(times)s of %(trials)s")
    rows = [
        [
            Cell(str(MEASURES[each])),
            Cell(formats.number(trial.horizon)),
            Cell(of % {"times": trial.in_band80, "trials": trial.trials}),
            Cell(of % {"times": trial.in_band95, "trials": trial.trials}),
            Cell(formats.number(trial.off_by, decimals=1)),
            Cell(formats.number(trial.off_by_usual, decimals=1)),
        ]
        for each in TRIED
        for trial in outlook.tested(each)
    ]
    if not rows:
        return None
    return Table(
        caption=_("The estimate made again at earlier days"),
        columns=[
            Column(_("What")),
            Column(_("Quarters ahead"), "number"),
            Column(_("In the dark band"), "number"),
            Column(_("In the light band"), "number"),
            Column(_("Off by"), "number", _("people")),
            Column(_("Average of the year before: off by"), "number", _("people")),
        ],
        rows=rows,
    )
