"""One pair of a matching: its full explanation, following it, and departing from it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, Viewer, requires
from housing import operations, outcomes
from housing.considering import opened, seconds_since
from housing.departures import HOME, other_homes, other_people
from housing.errors import Refused
from housing.explanations import Around, HomeColumn
from housing.forms.departing import DepartForm, FollowForm
from housing.matching_words import Names
from housing.models import Dwelling, MatchPair
from housing.operations import GroundGiven
from housing.outcomes import PairSeen, pair_url
from housing.signedchanges import sign
from housing.trying import Change
from housing.views.proposals import proposed_words
from outflow.models import Client


@requires(Permission.SEE_MATCHING)
@require_GET
def match_pair(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Everything behind one pair: all reasons, who else and what else, and how it was chosen."""
    viewer = request.viewer
    pair = pair_or_404(viewer, ref)
    seen = see_pair(pair, viewer, whole=True)
    is_last = outcomes.last_done(viewer) == pair.run
    decides = seen.is_open and not seen.is_locked and is_last
    around = Around(pair, viewer, Names(viewer.region_id))
    depart = pair_url(seen, "depart")
    return render(
        request,
        "housing/match_pair.html",
        {
            "pair": seen,
            "match": pair.run,
            "proven": pair.run.summary["status"] == "optimal",
            "columns": [
                {
                    "home": column,
                    "choose_url": f"{depart}?instead={column.choice}"
                    if decides and column.choice
                    else "",
                    "trial": sign(viewer, [_chosen(pair, column)])
                    if is_last and column.choice and not seen.is_locked
                    else "",
                }
                for column in around.columns()
            ],
            "dwellings": around.further_dwellings(),
            "seekers": around.seekers(),
            "choose_url": f"{depart}?instead=" if decides else "",
            "follow_url": pair_url(seen, "follow") if decides else "",
            "depart_url": pair_url(seen, "depart") if decides else "",
        },
    )


@requires(Permission.DECIDE_PROPOSAL)
@require_http_methods(["GET", "POST"])
def match_follow(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    pair = pair_or_404(viewer, ref)
    client, dwelling = client_of(viewer, pair.client_id), dwelling_of(viewer, pair.dwelling_id)
    form = FollowForm(
        request.POST if request.method == "POST" else None,
        asks_ground=operations.lacks_sharing_ground(client),
        opened=opened(pair, viewer),
        cancel_url=_list_of(pair),
    )
    if form.is_bound and form.is_valid():
        try:
            made = operations.propose(
                client=client,
                dwelling=dwelling,
                by=viewer,
                pair=pair,
                follows=True,
                considered_seconds=seconds_since(form.cleaned_data["opened"], pair, viewer),
                sharing=ground_of(form.cleaned_data),
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, proposed_words(made))
            return redirect(_list_of(pair))
    return _decide(request, "housing/match_follow.html", pair, form)


@requires(Permission.DECIDE_PROPOSAL)
@require_http_methods(["GET", "POST"])
def match_depart(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    pair = pair_or_404(viewer, ref)
    client, dwelling = client_of(viewer, pair.client_id), dwelling_of(viewer, pair.dwelling_id)
    form = DepartForm(
        request.POST if request.method == "POST" else None,
        homes=other_homes(pair, client, viewer),
        people=other_people(pair, dwelling, viewer),
        opened=opened(pair, viewer),
        instead=request.GET.get("instead", ""),
        cancel_url=_list_of(pair),
    )
    if form.is_bound and form.is_valid():
        facts = form.cleaned_data
        kind, _colon, chosen = facts["instead"].partition(":")
        try:
            made = operations.propose(
                client=client if kind == HOME else client_of(viewer, ref=chosen),
                dwelling=dwelling_of(viewer, ref=chosen) if kind == HOME else dwelling,
                by=viewer,
                pair=pair,
                departure_reason=facts["departure_reason"],
                considered_seconds=seconds_since(facts["opened"], pair, viewer),
                sharing=ground_of(facts),
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, proposed_words(made))
            return redirect(_list_of(pair))
    return _decide(request, "housing/match_depart.html", pair, form)


def _chosen(pair: MatchPair, column: HomeColumn) -> Change:
    """Another home for the client of a pair, as a try-out sees it."""
    return {
        "kind": "choose",
        "client": str(pair.client.ref),
        "dwelling": str(column.dwelling.ref),
    }


def pair_or_404(viewer: Viewer, ref: UUID) -> MatchPair:
    """A pair of a run that the viewer may see."""
    return get_object_or_404(
        MatchPair.objects.filter(run__in=outcomes.runs_for(viewer)).select_related(
            "run__policy", "client", "dwelling"
        ),
        ref=ref,
    )


def see_pair(pair: MatchPair, viewer: Viewer, *, whole: bool = False) -> PairSeen:
    [seen] = outcomes.see_pairs(
        [pair], viewer, Names(viewer.region_id), on=pair.run.as_of, whole=whole
    )
    return seen


def client_of(viewer: Viewer, pk: int | None = None, *, ref: str | None = None) -> Client:
    wanted = {"pk": pk} if ref is None else {"ref": ref}
    return get_object_or_404(Client.objects.visible_to(viewer, Permission.SEE_CLIENTS), **wanted)


def dwelling_of(viewer: Viewer, pk: int | None = None, *, ref: str | None = None) -> Dwelling:
    wanted = {"pk": pk} if ref is None else {"ref": ref}
    return get_object_or_404(
        Dwelling.objects.visible_to(viewer, Permission.SEE_DWELLINGS), **wanted
    )


def ground_of(facts: dict[str, Any]) -> GroundGiven | None:
    if not facts.get("ground"):
        return None
    return GroundGiven(facts["ground"], facts["text_version"])


def _decide(
    request: HttpRequest, template: str, pair: MatchPair, form: FollowForm | DepartForm
) -> HttpResponse:
    """The page of a decision, as things stand after whatever was tried."""
    return render(
        request,
        template,
        {
            "form": form,
            "pair": see_pair(pair, request.viewer),
            "match": pair.run,
            "list_url": _list_of(pair),
        },
        status=422 if form.is_bound else 200,
    )


def _list_of(pair: MatchPair) -> str:
    return reverse("housing:match_pairs", args=[pair.run.ref])
