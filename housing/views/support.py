"""Neighbourhoods and the support in them: a map and a list, one neighbourhood, entering and use."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OrganisationKind, Permission, Viewer, may, requires
from housing import operations
from housing.errors import Refused
from housing.filters import SupportFilter
from housing.forms.support import CapacityForm, GuidanceForm, SupportForm
from housing.models import GuidanceCapacity, SupportOffer
from housing.neighbourhoods import gaps_in, map_of, see_offers, see_places
from housing.operations import GuidanceFacts, SupportFacts
from housing.views.places import (
    PER_PAGE,
    municipalities_of,
    organisations_of,
    supporters_for,
)
from regions.models import Neighbourhood


@requires(Permission.SEE_SUPPORT)
@require_GET
def neighbourhoods(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    found = SupportFilter(
        request.GET,
        queryset=_places(viewer).order_by("municipality__name", "name"),
        municipalities=municipalities_of(viewer),
        offers=SupportOffer.objects.visible_to(viewer, Permission.SEE_SUPPORT).running(),
    )
    page = Paginator(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    places = list(page.object_list)
    seen = see_places(places, viewer)
    return render(
        request,
        "housing/neighbourhoods.html",
        {
            "page": page,
            "places": list(enumerate(seen, start=1)),
            "figure": map_of(places, seen, sentence_id="map-sentence"),
            "levels": [_("has room"), "", _("near its limit"), "", _("full")],
            "with_room": sum(1 for place in seen if place.room[0] == "ok"),
            "full": sum(1 for place in seen if place.room[0] == "late"),
            "filter": found,
            "counts_people": any(place.came_to_live is not None for place in seen),
            "may_enter": may(viewer, Permission.ENTER_SUPPORT),
            "may_import": may(viewer, Permission.IMPORT_SUPPORT),
            "may_set": may(viewer, Permission.SET_CAPACITY),
        },
    )


@requires(Permission.SEE_SUPPORT)
@require_GET
def neighbourhood(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    place = get_object_or_404(_places(viewer), ref=ref)
    [seen] = see_places([place], viewer)
    return render(
        request,
        "housing/neighbourhood.html",
        {
            "place": seen,
            "offers": see_offers(place, viewer),
            "gaps": gaps_in(place, viewer),
            "may_enter": may(viewer, Permission.ENTER_SUPPORT),
            "may_set": may(viewer, Permission.SET_CAPACITY),
        },
    )


@requires(Permission.ENTER_SUPPORT)
@require_http_methods(["GET", "POST"])
def enter_support(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    chosen = request.GET.get("in", "")
    form = SupportForm(
        request.POST or None,
        initial={"where": f"n:{chosen}"} if chosen else None,
        municipalities=municipalities_of(viewer),
        organisations=supporters_for(viewer),
        cancel_url=reverse("housing:neighbourhoods"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            [offer] = operations.enter_support_offers(
                rows=[SupportFacts(**form.cleaned_data)], by=viewer
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The support is entered; the matching counts its places."))
            return redirect("housing:neighbourhood", ref=offer.neighbourhood.ref)
    return _form_page(request, form, _("Enter support"))


@requires(Permission.ENTER_SUPPORT)
@require_http_methods(["GET", "POST"])
def support_offer(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    offer = get_object_or_404(
        SupportOffer.objects.visible_to(viewer, Permission.ENTER_SUPPORT).for_list(), ref=ref
    )
    back = reverse("housing:neighbourhood", args=[offer.neighbourhood.ref])
    form = SupportForm(
        request.POST or None,
        municipalities=municipalities_of(viewer),
        organisations=_parties_of(offer, viewer),
        offer=offer,
        cancel_url=back,
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_support_offers(
                changes=[(offer, SupportFacts(**form.cleaned_data))], by=viewer
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("Saved, with today as the day it was checked."))
            return redirect(back)
    return _form_page(request, form, _("Update support"), offer.neighbourhood)


@requires(Permission.SET_CAPACITY)
@require_http_methods(["GET", "POST"])
def neighbourhood_capacity(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    place = get_object_or_404(_places(viewer), ref=ref)
    back = reverse("housing:neighbourhood", args=[place.ref])
    form = CapacityForm(request.POST or None, place=place, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_capacity(neighbourhood=place, by=viewer, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The capacity is recorded."))
            return redirect(back)
    return _form_page(request, form, _("What %(name)s can carry") % {"name": place.name}, place)


@requires(Permission.SET_CAPACITY)
@require_http_methods(["GET", "POST"])
def neighbourhood_guidance(request: HttpRequest) -> HttpResponse:
    """Hours of guidance that providers have free, per municipality."""
    viewer = request.viewer
    form = GuidanceForm(
        request.POST or None,
        providers=organisations_of(viewer, OrganisationKind.CARE_PROVIDER),
        municipalities=municipalities_of(viewer),
        cancel_url=reverse("housing:neighbourhoods"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_guidance_hours(rows=[GuidanceFacts(**form.cleaned_data)], by=viewer)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The hours are recorded."))
            return redirect("housing:neighbourhood_guidance")
    hours = (
        GuidanceCapacity.objects.filter(
            municipality__region_id=viewer.region_id, provider__regions=viewer.region_id
        )
        .select_related("provider", "municipality")
        .order_by("provider__name", "municipality__name")
    )
    return render(
        request,
        "housing/guidance.html",
        {
            "form": form,
            "hours": hours.values_list(
                "provider__name", "municipality__name", "free_hours", "updated_on"
            ),
        },
        status=422 if form.is_bound else 200,
    )


def _places(viewer: Viewer):
    return Neighbourhood.objects.filter(municipality__region_id=viewer.region_id).select_related(
        "municipality"
    )


def _parties_of(offer: SupportOffer, viewer: Viewer) -> list[Any]:
    """An offer keeps the party it has, also one that is not among the usual ones."""
    parties = supporters_for(viewer)
    if offer.organisation is not None and offer.organisation not in parties:
        parties.append(offer.organisation)
    return parties


def _form_page(
    request: HttpRequest, form: Any, title: str, place: Neighbourhood | None = None
) -> HttpResponse:
    return render(
        request,
        "housing/support_form.html",
        {
            "form": form,
            "title": title,
            "place_name": place.name if place else "",
            "place_url": reverse("housing:neighbourhood", args=[place.ref]) if place else "",
        },
        status=422 if form.is_bound else 200,
    )
