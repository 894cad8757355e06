"""Scenarios: the list, making and changing one, sharing it, putting it away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, Viewer, may, requires
from outflow.errors import ChangedMeanwhile, Refused, RefusedAt
from outflow.forms.scenarios import ScenarioForm, ShareForm
from outflow.models import Scenario
from outflow.operations import scenarios as operations
from outflow.scenarios import reading
from outflow.scenarios.reading import Answer, see
from outflow.scenarios.words import (
    POLICY_SHARE,
    Words,
    change_sentence,
    housed_sentence,
    refusal_sentence,
    waits_sentence,
)
from outflow.tasks import carry_out_estimate
from regions.clock import today
from regions.models import RunState

SEE, MAKE = Permission.SEE_SCENARIOS, Permission.MAKE_SCENARIO


@requires(SEE)
@require_GET
def scenario_list(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    found = list(reading.visible(viewer).live())
    names = reading.place_names(viewer.region_id)
    answers = reading.short_answers(found)
    under_way = reading.runs_under_way(viewer)
    put_away = _own(viewer).exclude(archived_at=None) if may(viewer, MAKE) else ()
    return render(
        request,
        "outflow/scenarios.html",
        {
            "rows": [
                {
                    "scenario": seen,
                    "is_under_way": any(reading.asks_for(run, each) for run in under_way),
                    **_standing(answers.get(each.pk)),
                }
                for each, seen in zip(found, see(found, viewer, names), strict=True)
            ],
            "may_compare": any(answer.waiting for answer in answers.values()),
            "may_make": may(viewer, MAKE),
            "starts": starting_points(),
            "put_away": see(put_away, viewer, names),
        },
    )


@requires(MAKE)
@require_http_methods(["GET", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = ScenarioForm(
        request.POST or None, places=reading.place_names(viewer.region_id), **_begin_with(request)
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.make_scenario(
                name=form.cleaned_data["name"], changes=form.changes(), by=viewer
            )
        except Refused as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("The scenario is kept and is being computed."))
            return _computed(made, viewer)
    return _form_page(request, form, starts=starting_points())


@requires(MAKE)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    scenario = _mine(viewer, ref)
    form = ScenarioForm(
        request.POST or None,
        places=reading.place_names(viewer.region_id),
        name=scenario.name,
        changes=scenario.changes,
        seen=operations.mark_of(scenario),
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = operations.change_scenario(
                scenario=scenario,
                name=form.cleaned_data["name"],
                changes=form.changes(),
                by=viewer,
                seen=form.cleaned_data["seen"],
            )
        except ChangedMeanwhile:
            _show_theirs(form, scenario, viewer)
        except Refused as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("The scenario is saved."))
            return _computed(changed, viewer)
    return _form_page(request, form, scenario=scenario)


@requires(MAKE)
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    scenario = _mine(viewer, ref)
    partners = {str(party.ref): party for party in operations.partners_of(viewer)}
    sharing = sorted(scenario.shared_with.all(), key=lambda party: party.name)
    there = {party.pk for party in sharing}
    open_to = [(key, party.name) for key, party in partners.items() if party.pk not in there]
    form = ShareForm(request.POST if "organisations" in request.POST else None, parties=open_to)
    if request.method == "POST":
        deed, done = _sharing_deed(request, scenario, form, partners)
        if deed is None:
            form = ShareForm(request.POST, parties=open_to)
        else:
            try:
                deed()
            except Refused as refused:
                messages.error(request, refused.sentence)
            else:
                messages.success(request, done)
            return redirect("outflow:scenario_share", scenario.ref)
    return render(
        request,
        "outflow/scenario_share.html",
        {
            "scenario": _seen(scenario, viewer),
            "sharing": sharing,
            "form": form,
            "open_to": open_to,
            "may_share_with_all": operations.may_share_with_all(viewer),
        },
        status=422 if form.errors else 200,
    )


@requires(MAKE)
@require_http_methods(["GET", "POST"])
def archive(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Put a scenario away; one that was put away can be put back here."""
    viewer = request.viewer
    scenario = get_object_or_404(_own(viewer), ref=ref)
    back = scenario.archived_at is not None
    if request.method == "POST":
        wants_back = request.POST.get("deed") == "restore"
        try:
            if wants_back:
                operations.restore_scenario(scenario=scenario, by=viewer)
            else:
                operations.archive_scenario(scenario=scenario, by=viewer)
        except Refused as refused:
            messages.error(request, refused.sentence)
            return redirect("outflow:scenarios")
        if wants_back:
            messages.success(request, _("The scenario is back and is being computed."))
            return _computed(scenario, viewer)
        messages.success(request, _("The scenario is put away. It can be put back any time."))
        _wake(viewer)
        return redirect("outflow:scenarios")
    return render(
        request,
        "outflow/scenario_back.html" if back else "outflow/scenario_archive.html",
        {
            "scenario": _seen(scenario, viewer),
            "verb": _("Put scenario back") if back else _("Put scenario away"),
            "safe_url": reverse("outflow:scenarios") if back else scenario.get_absolute_url(),
            "safe_label": _("Leave it as it is"),
        },
    )


def _standing(answer: Answer | None) -> dict[str, Any]:
    """What a list says of a scenario: its answer, and whether that is about the changes of now."""
    if answer is not None and answer.refused and answer.is_of_now:
        sentences = [_("This cannot be computed."), refusal_sentence(answer.refused)]
        return {"sentences": sentences, "is_refused": True}
    if answer is None or answer.waiting is None:
        return {}
    return {
        "sentences": [waits_sentence(answer.waiting), housed_sentence(answer.housed)],
        "is_old": not answer.is_of_now,
        "has_answer": True,
    }


def starting_points() -> list[dict[str, Any]]:
    """Questions that regions ask most, ready to be made one's own."""
    address = reverse("outflow:scenario_make")
    return [
        {
            "url": f"{address}?start={code}",
            "label": start.label,
            "text": f"{_in_words(start.change())}.",
        }
        for code, start in STARTS.items()
    ]


def _begin_with(request: HttpRequest) -> dict[str, Any]:
    """What a new scenario opens with: a ready-made question, or another scenario's changes."""
    start = request.GET.get("start", "")
    if start in STARTS:
        change = STARTS[start].change()
        is_long = change["what"] == POLICY_SHARE
        name = str(STARTS[start].label) if is_long else _in_words(change)
        return {"name": name, "changes": [change]}
    if like := request.GET.get("like"):
        try:
            ref = UUID(like)
        except ValueError:
            raise Http404 from None
        model = get_object_or_404(reading.visible(request.viewer).live(), ref=ref)
        name = _("%(name)s, variant") % {"name": model.name}
        return {"name": name[:80], "changes": model.changes}
    return {}


def _in_words(change: dict[str, Any]) -> str:
    return capfirst(change_sentence(change, {}))


@dataclass(frozen=True, slots=True)
class Start:
    """A question to begin with: what it is called, and the change it makes."""

    label: Words
    change: Callable[[], dict[str, Any]]


def _times(what: str, value: float) -> Callable[[], dict[str, Any]]:
    return lambda: {"what": what, "how": "times", "value": value}


def _third_by_next_year() -> dict[str, Any]:
    return {"what": POLICY_SHARE, "share": 0.333, "by": f"{today().year + 1}Q4"}


STARTS = {
    "homes": Start(gettext_lazy("More homes"), _times("contingent", 1.2)),
    "readiness": Start(gettext_lazy("Ready faster"), _times("readiness", 1.2)),
    "places": Start(gettext_lazy("Fewer places in care"), _times("places", 0.9)),
    "returns": Start(gettext_lazy("Fewer people come back"), _times("relapse", 0.8)),
    "third": Start(gettext_lazy("One third is ready by a date"), _third_by_next_year),
}


def _own(viewer: Viewer) -> Any:
    mine = Scenario.objects.visible_to(viewer, MAKE)
    return mine.select_related("owner").prefetch_related("shared_with")


def _mine(viewer: Viewer, ref: UUID) -> Scenario:
    """A scenario that can be changed: of the own organisation, and not put away."""
    return get_object_or_404(_own(viewer).live(), ref=ref)


def _seen(scenario: Scenario, viewer: Viewer) -> reading.Seen:
    [seen] = see([scenario], viewer, reading.place_names(viewer.region_id))
    return seen


def _computed(scenario: Scenario, viewer: Viewer) -> HttpResponseRedirect:
    """On to its page, while a worker is told that there is something to compute."""
    _wake(viewer)
    return redirect(scenario)


def _wake(viewer: Viewer) -> None:
    for run in reading.runs_under_way(viewer):
        if run.state == RunState.QUEUED:
            carry_out_estimate.delay_on_commit(run.pk)


def _refuse(form: ScenarioForm, refused: Refused) -> None:
    field = refused.field if isinstance(refused, RefusedAt) else None
    form.add_error(field if field in form.fields else None, refused.sentence)


def _show_theirs(form: ScenarioForm, scenario: Scenario, viewer: Viewer) -> None:
    """What somebody else saved stands above what was typed; sent again, what was typed stands."""
    theirs = _seen(scenario, viewer)
    form.data = form.data.copy()
    form.data["seen"] = operations.mark_of(scenario)
    form.add_error(
        None,
        _(
            "Somebody else changed this scenario meanwhile. Now it is called %(name)s and says:"
            " %(changes)s. Save again to let your values stand, or open the page anew to keep"
            " theirs."
        )
        % {"name": theirs.name, "changes": "; ".join(theirs.changes)},
    )


def _form_page(
    request: HttpRequest,
    form: ScenarioForm,
    *,
    scenario: Scenario | None = None,
    starts: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    return render(
        request,
        "outflow/scenario_form.html",
        {
            "form": form,
            "scenario": _seen(scenario, request.viewer) if scenario else None,
            "starts": starts or [],
            "title": _("Change scenario") if scenario else _("Make a scenario"),
            "verb": _("Save scenario") if scenario else _("Keep and compute"),
            "cancel_url": scenario.get_absolute_url() if scenario else reverse("outflow:scenarios"),
        },
        status=422 if form.errors else 200,
    )


def _sharing_deed(
    request: HttpRequest, scenario: Scenario, form: ShareForm, partners: dict[str, Any]
) -> tuple[Callable[[], object] | None, str]:
    """What was asked on the page of sharing; None when nobody was chosen."""
    viewer = request.viewer
    if stop := request.POST.get("stop"):
        party = next((p for p in scenario.shared_with.all() if str(p.ref) == stop), None)
        if party is None:
            raise Http404
        return (
            lambda: operations.stop_sharing(scenario=scenario, organisation=party, by=viewer),
            _("%(party)s does not see the scenario any more.") % {"party": party.name},
        )
    if request.POST.get("deed") == "all" and operations.may_share_with_all(viewer):
        return (
            lambda: operations.share_scenario(scenario=scenario, organisations=None, by=viewer),
            _("All organisations of the region that work with estimates see it now."),
        )
    if not form.is_valid():
        return None, ""
    chosen = [partners[key] for key in form.cleaned_data["organisations"]]
    return (
        lambda: operations.share_scenario(scenario=scenario, organisations=chosen, by=viewer),
        _("The scenario is shared."),
    )
