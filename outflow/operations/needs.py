"""What a home must offer, and the rent somebody can pay according to the law."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts import audit
from accounts.access import Permission, Viewer
from outflow.facts import NeedFacts
from outflow.lifecycle import NearKind
from outflow.models import (
    CareProfile,
    Client,
    ExcludedNeighbourhood,
    FunctionalProfile,
    PlaceToBeNear,
    WishedMunicipality,
)
from outflow.operations.locking import locked
from regions.models import LegalParameter

Kind = LegalParameter.Kind
PLAIN_FIELDS = (
    "persons",
    "children",
    "bedrooms",
    "step_free",
    "wheelchair",
    "low_stimulus",
    "max_rent",
    "max_rent_is_assumed",
    "guidance_hours",
    "reachable_24h",
)


@dataclass(frozen=True, slots=True)
class RentSuggestion:
    """A limit from the law that fits the household; an assumption until a person decides."""

    amount: Decimal
    valid_from: date
    source: str
    is_verified: bool
    income_is_known: bool


def suggest_max_rent(
    *, persons: int, on: date, yearly_income: Decimal | None = None
) -> RentSuggestion | None:
    """The limit of appropriate allocation, when the taxable income is below its limit or unknown.

    Above the income limit, or where the law's number is missing, there is no suggestion.
    """
    rent = _limit(Kind.FITTING_RENT_SMALL if persons <= 2 else Kind.FITTING_RENT_LARGE, on=on)
    if rent is None:
        return None
    if yearly_income is not None:
        kind = Kind.FITTING_INCOME_SINGLE if persons == 1 else Kind.FITTING_INCOME_MULTI
        income = _limit(kind, on=on)
        if income is None or yearly_income > income.value:
            return None
    return RentSuggestion(
        amount=rent.value,
        valid_from=rent.valid_from,
        source=rent.source,
        is_verified=rent.verified,
        income_is_known=yearly_income is not None,
    )


def _limit(kind: LegalParameter.Kind, *, on: date) -> LegalParameter | None:
    return LegalParameter.objects.filter(kind=kind, valid_from__lte=on).first()


def needs_of(clients: Sequence[Client]) -> dict[int, NeedFacts]:
    """What is recorded now, by client key; clients without a need are left out."""
    profiles = FunctionalProfile.objects.filter(client__in=clients).prefetch_related(
        "wishes", "preferred_neighbourhoods", "places_to_be_near"
    )
    excluded: dict[int, set[int]] = {}
    for client_id, place in ExcludedNeighbourhood.objects.filter(client__in=clients).values_list(
        "client_id", "neighbourhood_id"
    ):
        excluded.setdefault(client_id, set()).add(place)
    return {
        profile.client_id: NeedFacts(
            **{name: getattr(profile, name) for name in PLAIN_FIELDS},
            forms=tuple(profile.forms),
            contract_forms=tuple(profile.contract_forms),
            support=tuple(profile.support),
            municipalities=tuple(wish.municipality_id for wish in profile.wishes.all()),
            preferred_neighbourhoods=frozenset(
                place.pk for place in profile.preferred_neighbourhoods.all()
            ),
            network=_near(profile, NearKind.NETWORK),
            day_activity=_near(profile, NearKind.DAY_ACTIVITY),
            excluded_neighbourhoods=frozenset(excluded.get(profile.client_id, ())),
        )
        for profile in profiles
    }


def _near(profile: FunctionalProfile, kind: NearKind) -> frozenset[int]:
    return frozenset(
        place.neighbourhood_id for place in profile.places_to_be_near.all() if place.kind == kind
    )


@transaction.atomic
def record_need(
    rows: Sequence[tuple[Client, NeedFacts]], *, by: Viewer, exclusion_reason: str | None = None
) -> list[Client]:
    """Record what a home must offer, and return the clients whose need changed.

    The reason why areas cannot be stays with the provider; None leaves it as it is.
    """
    clients = locked((client for client, _ in rows), by, Permission.UPDATE_NEED)
    known = needs_of(list(clients.values()))
    changed = [
        (clients[client.pk], facts) for client, facts in rows if known.get(client.pk) != facts
    ]
    write_needs(changed)
    if exclusion_reason is not None:
        for profile in CareProfile.objects.filter(client__in=clients):
            profile.exclusion_reason = exclusion_reason
            profile.save(update_fields=["exclusion_reason"])
    audit.record_many([audit.entry("client.need_recorded", client, by=by) for client, _ in changed])
    return [client for client, _ in changed]


def write_needs(rows: Sequence[tuple[Client, NeedFacts]]) -> None:
    """Write needs of locked clients, new or not."""
    fields = (*PLAIN_FIELDS, "forms", "contract_forms", "support")
    profiles = [
        FunctionalProfile(
            client=client,
            **{name: getattr(facts, name) for name in PLAIN_FIELDS},
            forms=list(facts.forms),
            contract_forms=list(facts.contract_forms),
            support=list(facts.support),
        )
        for client, facts in rows
    ]
    FunctionalProfile.objects.bulk_create(
        profiles,
        update_conflicts=True,
        unique_fields=["client"],
        update_fields=fields,
        batch_size=500,
    )
    keys = [client.pk for client, _ in rows]
    WishedMunicipality.objects.filter(profile__in=keys).delete()
    WishedMunicipality.objects.bulk_create(
        (
            WishedMunicipality(profile_id=client.pk, municipality_id=place, rank=rank)
            for client, facts in rows
            for rank, place in enumerate(facts.municipalities, start=1)
        ),
        batch_size=2000,
    )
    preferred = FunctionalProfile.preferred_neighbourhoods.through
    preferred.objects.filter(functionalprofile__in=keys).delete()
    preferred.objects.bulk_create(
        (
            preferred(functionalprofile_id=client.pk, neighbourhood_id=place)
            for client, facts in rows
            for place in sorted(facts.preferred_neighbourhoods)
        ),
        batch_size=2000,
    )
    PlaceToBeNear.objects.filter(profile__in=keys).delete()
    PlaceToBeNear.objects.bulk_create(
        (
            PlaceToBeNear(profile_id=client.pk, kind=kind, neighbourhood_id=place)
            for client, facts in rows
            for kind, places in (
                (NearKind.NETWORK, facts.network),
                (NearKind.DAY_ACTIVITY, facts.day_activity),
            )
            for place in sorted(places)
        ),
        batch_size=2000,
    )
    ExcludedNeighbourhood.objects.filter(client__in=keys).delete()
    ExcludedNeighbourhood.objects.bulk_create(
        (
            ExcludedNeighbourhood(client=client, neighbourhood_id=place)
            for client, facts in rows
            for place in sorted(facts.excluded_neighbourhoods)
        ),
        batch_size=2000,
    )
