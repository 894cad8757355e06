"""Neighbourhoods ready for a page: what support there is, how much room, who will live there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission, Relation, Viewer, grants_for
from accounts.context import reading_for
from housing.lifecycle import AGREED
from housing.models import Placement, Proposal, SupportOffer
from outflow.lifecycle import SupportKind
from regions.charts.map import Area, map_figure
from regions.charts.svg import Figure
from regions.clock import today
from regions.models import Neighbourhood

CAPACITY_WINDOW = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class OfferSeen:
    """One support offer on a page."""

    url: str | None
    kind: str
    provider: str
    places: int
    in_use: int
    free: int
    times: str
    contact: str
    from_on: date | None
    until_on: date | None
    updated_on: date | None
    is_running: bool
    is_planned: bool


@dataclass(frozen=True, slots=True)
class PlaceSeen:
    """A neighbourhood on a page; numbers of people only for who may know them exactly."""

    ref: UUID
    url: str
    name: str
    municipality: str
    kinds: tuple[str, ...]
    offers: int
    free_places: int
    room: tuple[str, str]
    level: int | None
    came_to_live: int | None
    will_live: int | None
    soft: int | None
    most: int | None
    owner: str
    agreed_on: date | None
    social_dwellings: int | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Support that people who will live here need and that has no free place here."""

    kind: str
    people: int
    free: int


def see_places(places: Iterable[Neighbourhood], viewer: Viewer) -> list[PlaceSeen]:
    """Neighbourhoods with their support and their room, in a fixed number of queries."""
    found = list(places)
    ids = [place.pk for place in found]
    offers: dict[int, list[SupportOffer]] = {}
    for offer in _offers_for(viewer).running().filter(neighbourhood__in=ids):
        offers.setdefault(offer.neighbourhood_id, []).append(offer)
    came, will = _people_in(viewer.region_id, ids)
    exact = counts_people(viewer)
    return [_seen(place, offers.get(place.pk, []), came, will, exact=exact) for place in found]


def counts_people(viewer: Viewer) -> bool:
    """Only who sees every client of the region by code sees how many there are in a place."""
    return Relation.REGION in {
        grant.relation for grant in grants_for(viewer.role, Permission.SEE_CLIENTS)
    }


def see_offers(place: Neighbourhood, viewer: Viewer) -> list[OfferSeen]:
    """The support of a neighbourhood: what runs and what is planned; what has ended is left out."""
    changeable = set(
        SupportOffer.objects.visible_to(viewer, Permission.ENTER_SUPPORT)
        .filter(neighbourhood=place)
        .values_list("pk", flat=True)
    )
    day = today()
    return [
        OfferSeen(
            url=reverse("housing:support_offer", args=[offer.ref])
            if offer.pk in changeable
            else None,
            kind=str(offer.get_kind_display()),
            provider=offer.provider_name,
            places=offer.places,
            in_use=offer.in_use,
            free=offer.free_places,
            times=offer.times,
            contact=offer.contact,
            from_on=offer.from_on,
            until_on=offer.until_on,
            updated_on=offer.updated_on,
            is_running=offer.from_on is None or offer.from_on <= day,
            is_planned=offer.from_on is not None and offer.from_on > day,
        )
        for offer in _offers_for(viewer).filter(neighbourhood=place).order_by("kind", "pk")
        if offer.until_on is None or offer.until_on > day
    ]


def gaps_in(place: Neighbourhood, viewer: Viewer) -> list[Gap]:
    """What is missing for the people who will live here, for who may count them."""
    if not counts_people(viewer):
        return []
    needed: Counter[str] = Counter()
    coming = Proposal.objects.filter(
        region_id=viewer.region_id, dwelling__neighbourhood=place, state__in=AGREED
    ).select_related("client__functional_profile")
    for proposal in coming:
        needed.update(proposal.client.functional_profile.support)
    free: Counter[str] = Counter()
    for offer in SupportOffer.objects.running().filter(neighbourhood=place):
        free[offer.kind] += offer.free_places
    return [
        Gap(kind=str(SupportKind(kind).label), people=people, free=free[kind])
        for kind, people in sorted(needed.items())
        if free[kind] < people
    ]


def map_of(
    places: list[Neighbourhood], seen: list[PlaceSeen], *, sentence_id: str
) -> Figure | None:
    """The neighbourhoods that have a boundary, drawn; the list below numbers them alike."""
    areas = [
        Area(name=shown.name, geometry=place.boundary, level=shown.level, mark=str(number))
        for number, (place, shown) in enumerate(zip(places, seen, strict=True), start=1)
        if place.boundary
    ]
    return map_figure(areas, sentence_id=sentence_id) if areas else None


def _offers_for(viewer: Viewer):
    return SupportOffer.objects.visible_to(viewer, Permission.SEE_SUPPORT).for_list()


def _people_in(region_id: int, ids: list[int]) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """How many came to live in each place in the window, and how many will; read as figures."""
    with reading_for(region_id, job="figures"):
        came = dict(
            Placement.objects.filter(
                dwelling__neighbourhood__in=ids, from_on__gt=today() - CAPACITY_WINDOW
            )
            .values_list("dwelling__neighbourhood")
            .annotate(people=Count("pk"))
        )
        will = dict(
            Proposal.objects.filter(dwelling__neighbourhood__in=ids, state__in=AGREED)
            .order_by()
            .values_list("dwelling__neighbourhood")
            .annotate(people=Count("pk"))
        )
    return came, will


def _seen(
    place: Neighbourhood,
    offers: list[SupportOffer],
    came: Mapping[int, int],
    will: Mapping[int, int],
    *,
    exact: bool,
) -> PlaceSeen:
    here, coming = came.get(place.pk, 0), will.get(place.pk, 0)
    room, level = _room(place, here + coming)
    return PlaceSeen(
        ref=place.ref,
        url=reverse("housing:neighbourhood", args=[place.ref]),
        name=place.name,
        municipality=place.municipality.name,
        kinds=tuple(sorted({str(offer.get_kind_display()) for offer in offers})),
        offers=len(offers),
        free_places=sum(offer.free_places for offer in offers),
        room=room,
        level=level,
        came_to_live=here if exact else None,
        will_live=coming if exact else None,
        soft=place.soft_placements,
        most=place.max_placements,
        owner=place.capacity_owner,
        agreed_on=place.capacity_agreed_on,
        social_dwellings=place.social_dwellings,
    )


def _room(place: Neighbourhood, people: int) -> tuple[tuple[str, str], int | None]:
    """The word for the room that is left and the level for the map, from what was agreed.

    The level follows the word and not the number: nobody reads from a shade how many live there.
    """
    if place.max_placements is None and place.soft_placements is None:
        return ("none", _("nothing agreed")), None
    if place.max_placements is not None and people >= place.max_placements:
        return ("late", _("full")), 4
    if place.soft_placements is not None and people >= place.soft_placements:
        return ("warn", _("near its limit")), 2
    return ("ok", _("has room")), 0
