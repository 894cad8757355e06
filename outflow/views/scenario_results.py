"""What scenarios do: one beside the base, and a few side by side."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Permission, may, requires
from outflow.estimates.words import MEASURES
from outflow.models import EstimateRun, Scenario
from outflow.scenarios import reading
from outflow.scenarios.reading import Answer, Comparison, see
from outflow.scenarios.tables import (
    LETTERS,
    SHOWN,
    TITLES,
    comparison_tables,
    figure_of,
    figure_of_all,
    place_table,
    quarter_table,
    year_table,
)
from outflow.scenarios.words import (
    changes_in_words,
    housed_sentence,
    refusal_sentence,
    waits_sentence,
)
from regions import formats
from regions.downloads import download
from regions.models import RunState
from regions.progress import Progress, RunWords, progress_of

SENTENCE_ID = "scenario-sentence"
MOST_COMPARED = 3


@requires(Permission.SEE_SCENARIOS)
@require_GET
def scenario(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    found = get_object_or_404(reading.visible(viewer), ref=ref)
    if found.archived_at is not None and found.owner_id != viewer.organisation_id:
        raise Http404
    run = reading.run_of(found, viewer)
    if request.htmx and "progress" in request.GET and run is not None:
        return render(request, "outflow/_estimate_progress.html", {"run": _progress(run, found)})
    names = reading.place_names(viewer.region_id)
    answer = reading.answer(found)
    if answer is not None and answer.waiting is not None and "format" in request.GET:
        tables = [year_table(answer), *(quarter_table(answer, each) for each in SHOWN)]
        places, _left_out = place_table(answer)
        if places:
            tables.append(places)
        return download(tables, found.name, request.GET["format"], as_of=answer.as_of)
    [seen] = see([found], viewer, names)
    measure = request.GET.get("show", "")
    context: dict[str, Any] = {
        "scenario": seen,
        "run": _progress(run, found) if run and _is_wanted(run, found, answer) else None,
        "may_copy": may(viewer, Permission.MAKE_SCENARIO),
    }
    if answer is not None and answer.refused and answer.is_of_now:
        context["refused"] = refusal_sentence(answer.refused)
    elif answer is not None and answer.waiting is not None:
        context |= _page(answer, measure if measure in SHOWN else SHOWN[0], names)
    return render(request, "outflow/scenario.html", context)


@requires(Permission.SEE_SCENARIOS)
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """One to three scenarios beside the base: `?with=ref&with=ref`."""
    viewer = request.viewer
    refs = list(dict.fromkeys(_uuid(text) for text in request.GET.getlist("with")))
    if not refs:
        messages.info(request, _("Choose one, two or three scenarios to put side by side."))
        return redirect("outflow:scenarios")
    by_ref = {each.ref: each for each in reading.visible(viewer).live().filter(ref__in=refs)}
    if by_ref.keys() != set(refs):
        raise Http404
    if len(refs) > MOST_COMPARED:
        messages.info(request, _("At most three fit side by side; these are the first three."))
    chosen = [by_ref[ref] for ref in refs[:MOST_COMPARED]]
    comparison = reading.compare(chosen)
    if comparison is not None and "format" in request.GET:
        return download(
            comparison_tables(comparison),
            _("Scenarios side by side"),
            request.GET["format"],
            as_of=comparison.as_of,
        )
    names = reading.place_names(viewer.region_id)
    context: dict[str, Any] = {
        "chosen": see(chosen, viewer, names),
        "download_url": "?" + "&".join(f"with={ref}" for ref in refs[:MOST_COMPARED]),
        "is_under_way": bool(reading.runs_under_way(viewer)),
    }
    if comparison is not None:
        context |= _side_by_side(comparison, names)
    return render(request, "outflow/scenario_compare.html", context)


def _page(answer: Answer, measure: str, names: dict[str, str]) -> dict[str, Any]:
    assert answer.waiting is not None
    places, left_out = place_table(answer)
    return {
        "as_of": answer.as_of,
        "finished_at": answer.finished_at,
        "is_old": not answer.is_of_now,
        "computed_for": "; ".join(changes_in_words(answer.changes, names)) + ".",
        "waits": waits_sentence(answer.waiting),
        "housed": housed_sentence(answer.housed),
        "sentence_id": SENTENCE_ID,
        "measures": [
            {
                "label": MEASURES[each],
                "url": f"?show={each}" if each != SHOWN[0] else "?",
                "current": each == measure,
            }
            for each in SHOWN
        ],
        "figure": figure_of(answer, measure, sentence_id=SENTENCE_ID),
        "caption": _(
            "%(what)s. Thick broken line and bands: with this scenario; dark band 8 of 10 times,"
            " light band 19 of 20 times. Line of dashes and dots: as now. The table with the"
            " numbers follows."
        )
        % {"what": TITLES[measure]},
        "quarters": quarter_table(answer, measure),
        "years": year_table(answer),
        "places": places,
        "left_out": left_out,
        "is_idle": answer.makes_no_difference,
    }


def _side_by_side(comparison: Comparison, names: dict[str, str]) -> dict[str, Any]:
    named = list(zip(LETTERS, comparison.answers, strict=False))
    missing = formats.and_list(each.name for each in comparison.missing)
    return {
        "as_of": comparison.as_of,
        "finished_at": comparison.finished_at,
        "answers": [
            {
                "letter": letter,
                "name": each.name,
                "url": each.get_absolute_url(),
                "changes": changes_in_words(answer.changes, names),
                "sentences": _told(answer),
                "is_old": not answer.is_of_now,
            }
            for letter, (each, answer) in named
        ],
        "refused": [
            {"name": each.name, "sentence": " ".join(_told(answer))}
            for each, answer in comparison.refused
        ],
        "missing": f"{missing}." if missing else "",
        "sentence_id": SENTENCE_ID,
        "figure": figure_of_all(comparison, sentence_id=SENTENCE_ID) if named else None,
        "caption": _(
            "%(what)s. Thick broken line and bands: as now; dark band 8 of 10 times, light band"
            " 19 of 20 times. The lines with a letter at their end: the scenarios. The tables"
            " with the numbers follow."
        )
        % {"what": TITLES["backlog"]},
        "tables": comparison_tables(comparison),
    }


def _told(answer: Answer) -> list[str]:
    """What a scenario does in a sentence or two, or why that could not be computed."""
    if answer.refused:
        return [_("This cannot be computed."), refusal_sentence(answer.refused)]
    if answer.waiting is None:
        return []
    return [waits_sentence(answer.waiting), housed_sentence(answer.housed)]


def _is_wanted(run: EstimateRun | None, found: Scenario, answer: Answer | None) -> bool:
    """Whether the page waits for figures of the changes as they are now."""
    answered = answer is not None and answer.is_of_now
    is_done = run is not None and run.state == RunState.DONE
    return not (answered or is_done or found.archived_at is not None)


def _progress(run: EstimateRun, found: Scenario) -> Progress:
    words = RunWords(
        waits=_("This scenario waits for its turn to be computed."),
        runs=_("This scenario is being computed, together with the estimate."),
        ready=_("The scenario is computed."),
        failed=_("Computing did not work out."),
        keeps=_("This page may be closed."),
    )
    address = reverse("outflow:scenario", args=[found.ref])
    return progress_of(
        run,
        words,
        poll_url=f"{address}?progress=1",
        ready_note=format_html('<a href="{}">{}</a>', address, _("Show it")),
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
