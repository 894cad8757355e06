"""Dwellings on offer: the list, one of them, entering, changing and withdrawing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, Viewer, may, requires
from housing import operations
from housing.errors import Refused
from housing.filters import DWELLING_STATES, DwellingFilter, in_state
from housing.forms.dwellings import DwellingForm
from housing.models import Dwelling, Proposal
from housing.operations import DwellingFacts
from housing.projections import (
    DwellingSeen,
    proposals_for,
    see_dwelling,
    see_dwellings,
    see_proposals,
)
from housing.rents import limits_for
from housing.views.places import MOST_SEARCHED, PER_PAGE, corporations_for, municipalities_of


@requires(Permission.SEE_DWELLINGS)
@require_GET
def dwellings(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    state = request.GET.get("state", "free")
    words = request.GET.get("q", "")[:MOST_SEARCHED]
    places = municipalities_of(viewer)
    visible = Dwelling.objects.visible_to(viewer, Permission.SEE_DWELLINGS).with_held()
    found = DwellingFilter(request.GET, queryset=_searched(visible, words), municipalities=places)
    listed = in_state(found.qs, state).for_list().soonest_first()
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "housing/dwellings.html",
        {
            "page": page,
            "dwellings": see_dwellings(page.object_list, viewer),
            "filter": found,
            "states": [
                {
                    "label": label,
                    "url": _with(request, state=key),
                    "current": key == state or (key == "free" and state not in DWELLING_STATES),
                }
                for key, label in DWELLING_STATES.items()
            ],
            "state": state,
            "q": words,
            "is_narrowed": bool(request.GET),
            "may_enter": may(viewer, Permission.ENTER_DWELLING),
            "may_import": may(viewer, Permission.IMPORT_DWELLINGS),
            "may_see_contingent": may(viewer, Permission.SEE_CONTINGENT),
            "has_corporation_column": len({row.corporation for row in page.object_list}) > 1,
        },
    )


@requires(Permission.SEE_DWELLINGS)
@require_GET
def dwelling(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    home = _home_or_404(viewer, ref, Permission.SEE_DWELLINGS)
    return render(
        request,
        "housing/dwelling.html",
        {
            "dwelling": see_dwelling(home, viewer),
            "limits": limits_for(home.basic_rent, on=home.available_on),
            "proposals": _proposals_about(home, viewer),
            "may_change": Dwelling.objects.visible_to(viewer, Permission.ENTER_DWELLING)
            .filter(pk=home.pk)
            .exists(),
        },
    )


@requires(Permission.ENTER_DWELLING)
@require_http_methods(["GET", "POST"])
def enter_dwelling(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = DwellingForm(
        request.POST or None,
        municipalities=municipalities_of(viewer),
        corporations=corporations_for(viewer),
        cancel_url=reverse("housing:dwellings"),
    )
    standing = None
    if request.method == "POST" and form.is_valid():
        try:
            [home] = operations.enter_dwellings(
                rows=[DwellingFacts(**form.cleaned_data)], by=viewer
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            standing = _standing(form, viewer)
        else:
            messages.success(
                request,
                _("%(address)s is on offer. The matching takes it along the next time it runs.")
                % {"address": home},
            )
            return redirect(home)
    return _form_page(request, form, _("Enter dwelling"), home=None, standing=standing)


@requires(Permission.ENTER_DWELLING)
@require_http_methods(["GET", "POST"])
def change_dwelling(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    home = _home_or_404(viewer, ref, Permission.ENTER_DWELLING)
    form = DwellingForm(
        request.POST or None,
        municipalities=[home.municipality],
        corporations=[home.corporation],
        dwelling=home,
        verb=_("Save dwelling"),
        cancel_url=home.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = operations.change_dwellings(
                changes=[(home, DwellingFacts(**form.cleaned_data))], by=viewer
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
            return redirect(home)
    return _form_page(request, form, _("Change dwelling"), home=see_dwelling(home, viewer))


@requires(Permission.ENTER_DWELLING)
@require_http_methods(["GET", "POST"])
def withdraw_dwelling(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    home = _home_or_404(viewer, ref, Permission.ENTER_DWELLING)
    if request.method == "POST":
        try:
            operations.withdraw_dwelling(dwelling=home, by=viewer)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("The dwelling is no longer on offer."))
        return redirect(home)
    return render(
        request,
        "housing/withdraw_dwelling.html",
        {
            "dwelling": see_dwelling(home, viewer),
            "verb": _("Withdraw dwelling"),
            "safe_url": home.get_absolute_url(),
            "safe_label": _("Keep it on offer"),
        },
    )


def _home_or_404(viewer: Viewer, ref: UUID, permission: Permission) -> Dwelling:
    visible = Dwelling.objects.visible_to(viewer, permission).for_list().with_held()
    return get_object_or_404(visible, ref=ref)


def _proposals_about(home: Dwelling, viewer: Viewer) -> list[Any]:
    """Proposals about this dwelling, as far as the viewer may see them."""
    if not may(viewer, Permission.SEE_PROPOSALS):
        return []
    found: QuerySet[Proposal] = proposals_for(viewer).filter(dwelling=home)
    return see_proposals(found.order_by("-proposed_on", "-pk")[:PER_PAGE], viewer)


def _searched(found: QuerySet[Dwelling], words: str) -> QuerySet[Dwelling]:
    """Every word stands somewhere in the address."""
    for word in words.split()[:6]:
        found = found.filter(
            Q(street__icontains=word)
            | Q(house_number__istartswith=word)
            | Q(postcode__istartswith=word)
            | Q(neighbourhood__name__icontains=word)
        )
    return found


def _standing(form: DwellingForm, viewer: Viewer) -> DwellingSeen | None:
    """The dwelling that stands at this address already, to go to it."""
    facts = form.cleaned_data
    found = (
        Dwelling.objects.visible_to(viewer, Permission.ENTER_DWELLING)
        .filter(
            Q(withdrawn_on__isnull=True) | Q(available_on=facts["available_on"]),
            corporation=facts["corporation"],
            postcode=facts["postcode"],
            house_number__iexact=facts["house_number"],
        )
        .for_list()
        .with_held()
        .order_by(F("withdrawn_on").desc(nulls_first=True))
        .first()
    )
    return see_dwelling(found, viewer) if found else None


def _form_page(
    request: HttpRequest,
    form: DwellingForm,
    title: str,
    *,
    home: DwellingSeen | None,
    standing: DwellingSeen | None = None,
) -> HttpResponse:
    return render(
        request,
        "housing/dwelling_form.html",
        {
            "form": form,
            "title": title,
            "dwelling": home,
            "standing": standing,
            "may_import": home is None and may(request.viewer, Permission.IMPORT_DWELLINGS),
        },
        status=422 if form.is_bound else 200,
    )


def _with(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    for key, value in changes.items():
        query[key] = value
    return f"?{query.urlencode()}"
