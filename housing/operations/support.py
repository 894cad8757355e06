"""Support in the neighbourhood: offers and their use, what a place can carry, hours of guidance."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Relation, Viewer, grants_for
from accounts.models import AuditEntry, Organisation
from housing.errors import NotAllowed, Refused
from housing.models import GuidanceCapacity, SupportOffer
from housing.operations.doing import must_be_allowed, operation
from regions.clock import today
from regions.geography import Place, place_of
from regions.models import Municipality, Neighbourhood


@dataclass(frozen=True)
class SupportFacts:
    """What a party offers in a neighbourhood."""

    neighbourhood: Neighbourhood
    kind: str
    provider_name: str
    places: int
    in_use: int = 0
    organisation: Organisation | None = None
    times: str = ""
    contact: str = ""
    from_on: date | None = None
    until_on: date | None = None


FIELDS = tuple(field.name for field in fields(SupportFacts))


@dataclass(frozen=True)
class GuidanceFacts:
    """Hours of guidance a week that a provider has free in a municipality."""

    provider: Organisation
    municipality: Municipality
    free_hours: Decimal


@operation
def enter_support_offers(
    *, rows: Sequence[SupportFacts], by: Viewer, source: str = "screen", on: date | None = None
) -> list[SupportOffer]:
    """Note support that can be used; a list of them or one."""
    must_be_allowed(by, Permission.ENTER_SUPPORT, Permission.IMPORT_SUPPORT)
    for row in rows:
        _check(row, by)
    day = on or today()
    offers = SupportOffer.objects.bulk_create(
        SupportOffer(updated_on=day, **{name: getattr(row, name) for name in FIELDS})
        for row in rows
    )
    AuditEntry.objects.bulk_create(
        audit.entry("support.entered", offer, by=by, source=source) for offer in offers
    )
    return offers


@operation
def change_support_offers(
    *,
    changes: Sequence[tuple[SupportOffer, SupportFacts]],
    by: Viewer,
    source: str = "screen",
    on: date | None = None,
) -> list[SupportOffer]:
    """Bring offers and their use up to date; returns the ones that are different now.

    An offer that is still right gets the day as well: somebody looked.
    """
    must_be_allowed(by, Permission.ENTER_SUPPORT, Permission.IMPORT_SUPPORT)
    facts = {offer.pk: row for offer, row in changes}
    changed = []
    locked = (
        SupportOffer.objects.select_for_update(of=("self",))
        .select_related("neighbourhood__municipality")
        .filter(pk__in=facts)
        .order_by("pk")
    )
    for offer in locked:
        row = facts[offer.pk]
        _must_be_own(offer.organisation_id, offer.neighbourhood, by)
        _check(row, by)
        differing = [name for name in FIELDS if getattr(offer, name) != getattr(row, name)]
        for name in differing:
            setattr(offer, name, getattr(row, name))
        offer.updated_on = on or today()
        offer.save(update_fields=[*differing, "updated_on"])
        if differing:
            audit.record("support.changed", offer, by=by, fields=differing, source=source)
            changed.append(offer)
    return changed


@operation
def set_capacity(
    *,
    neighbourhood: Neighbourhood,
    soft: int | None,
    most: int | None,
    owner: str,
    agreed_on: date,
    by: Viewer,
    social_dwellings: int | None = None,
    at: Place | None = None,
) -> Neighbourhood:
    """How many people can come to live in a neighbourhood in 24 months, agreed with whom.

    `at` is where it lies (latitude, longitude); None is where the boundaries say.
    """
    must_be_allowed(by, Permission.SET_CAPACITY)
    place = (
        Neighbourhood.objects.select_for_update(of=("self",))
        .select_related("municipality")
        .get(pk=neighbourhood.pk)
    )
    if place.municipality.region_id != by.region_id:
        raise NotAllowed(_("This belongs to another region. Nothing was changed."))
    if not owner.strip():
        raise Refused(_("Write down with whom this was agreed."))
    place.soft_placements, place.max_placements = soft, most
    place.capacity_owner, place.capacity_agreed_on = owner.strip(), agreed_on
    place.social_dwellings = social_dwellings
    place.latitude, place.longitude = at or place_of(place) or (None, None)
    place.save(
        update_fields=[
            "soft_placements",
            "max_placements",
            "capacity_owner",
            "capacity_agreed_on",
            "social_dwellings",
            "latitude",
            "longitude",
        ]
    )
    audit.record("neighbourhood.capacity_set", place, by=by, soft=soft, most=most)
    return place


@operation
def set_guidance_hours(
    *, rows: Sequence[GuidanceFacts], by: Viewer, on: date | None = None
) -> list[GuidanceCapacity]:
    """How many hours of guidance a week providers have free, per municipality."""
    must_be_allowed(by, Permission.SET_CAPACITY, Permission.IMPORT_SUPPORT)
    if any(row.municipality.region_id != by.region_id for row in rows):
        raise Refused(_("This municipality lies outside the region."))
    day = on or today()
    capacities = GuidanceCapacity.objects.bulk_create(
        [
            GuidanceCapacity(
                provider=row.provider,
                municipality=row.municipality,
                free_hours=row.free_hours,
                updated_on=day,
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["provider", "municipality"],
        update_fields=["free_hours", "updated_on"],
    )
    AuditEntry.objects.bulk_create(
        audit.entry(
            "guidance.hours_set",
            capacity,
            by=by,
            provider=str(row.provider.ref),
            municipality=row.municipality.code,
            hours=str(row.free_hours),
        )
        for capacity, row in zip(capacities, rows, strict=True)
    )
    return capacities


def _check(row: SupportFacts, by: Viewer) -> None:
    _must_be_own(row.organisation.pk if row.organisation else None, row.neighbourhood, by)


def _must_be_own(organisation_id: int | None, place: Neighbourhood, by: Viewer) -> None:
    if place.municipality.region_id != by.region_id:
        raise Refused(_("This municipality lies outside the region."))
    relations = {grant.relation for grant in grants_for(by.role, Permission.ENTER_SUPPORT)}
    if relations == {Relation.OWN_ORGANISATION} and organisation_id != by.organisation_id:
        raise NotAllowed(_("This support belongs to another organisation."))
