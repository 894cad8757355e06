"""Homes, promises about homes and the support around them, each entered by its own party."""

from datetime import date, datetime, time
from fractions import Fraction

from django.utils import timezone

from accounts.access import Role
from accounts.context import acting_as
from example import records
from example.loading.frame import Frame
from example.loading.people import support_codes
from example.loading.plans import Plans
from housing import operations
from housing.distribution import Key, Place
from housing.lifecycle import ContingentKind
from housing.models import Contingent, Dwelling
from outflow.operations import plan_supply

SOURCE = "example"
Cell = tuple[int, str, str]  # year, municipality, corporation


def load_promises(frame: Frame) -> dict[Cell, Contingent]:
    """What was agreed per year, and the homes let under it that are not on the list any more."""
    world, by = frame.world, frame.coordinator
    listed = {(d.let_to, d.let_on) for d in world.dwellings if d.let_to}
    delivered: dict[Cell, list[operations.Delivered]] = {}
    for entry in world.ledger:
        if entry.kind == "let" and (entry.registration, entry.on) not in listed:
            cell = (entry.year, entry.municipality, entry.corporation)
            delivered.setdefault(cell, []).append(operations.Delivered(entry.on, entry.dwellings))
    cells: dict[Cell, Contingent] = {}
    with acting_as(by):
        for key in world.keys:
            _agree_year(frame, key)
            promised = [c for c in world.contingents if c.year == key.year]
            rows = operations.agree_contingents(
                rows=[
                    operations.AgreedNumber(
                        corporation=frame.organisations[c.corporation],
                        municipality=frame.municipalities[c.municipality],
                        year=c.year,
                        agreed=c.number,
                        kind=c.kind,
                        delivered=tuple(delivered.get((c.year, c.municipality, c.corporation), ())),
                    )
                    for c in promised
                ],
                by=by,
                source=SOURCE,
                on=date(key.year, 1, 1),
            )
            cells |= {
                (c.year, c.municipality, c.corporation): row
                for c, row in zip(promised, rows, strict=True)
            }
    return cells


def load_dwellings(frame: Frame, plans: Plans) -> dict[str, Dwelling]:
    """Each corporation puts its dwellings on offer, on their own days; by the world's key."""
    found: dict[str, Dwelling] = {}
    for corporation in frame.world.organisations_of("corporation"):
        allocator = frame.viewer(corporation.key, Role.ALLOCATOR)
        by_day: dict[date, list[records.Dwelling]] = {}
        for dwelling in frame.world.dwellings:
            if dwelling.corporation == corporation.key and not dwelling.nuisance_file:
                by_day.setdefault(plans.entered_on(dwelling), []).append(dwelling)
        with acting_as(allocator):
            for day, dwellings in sorted(by_day.items()):
                rows = operations.enter_dwellings(
                    rows=[_facts(frame, dwelling) for dwelling in dwellings],
                    by=allocator,
                    source=SOURCE,
                    on=day,
                )
                for dwelling, row in zip(dwellings, rows, strict=True):
                    row.entered_at = timezone.make_aware(datetime.combine(day, time(10)))
                    found[dwelling.key] = row
    # Corporations take a dwelling with a nuisance file off offer; only the record remains.
    withdrawn = [d for d in frame.world.dwellings if d.nuisance_file]
    rows = Dwelling.objects.bulk_create(
        Dwelling(
            region=frame.region, withdrawn_on=dwelling.entered_on, **vars(_facts(frame, dwelling))
        )
        for dwelling in withdrawn
    )
    Dwelling.objects.bulk_update(found.values(), ["entered_at"])
    return found | {d.key: row for d, row in zip(withdrawn, rows, strict=True)}


def load_surroundings(frame: Frame) -> None:
    """Support, what neighbourhoods can carry, hours of guidance and what is planned."""
    world, by = frame.world, frame.coordinator
    with acting_as(by):
        operations.enter_support_offers(
            rows=[
                operations.SupportFacts(
                    neighbourhood=frame.neighbourhoods[offer.municipality, offer.neighbourhood],
                    kind=support_codes([offer.kind])[0],
                    organisation=frame.organisations[offer.organisation],
                    provider_name=frame.organisations[offer.organisation].name,
                    places=offer.places,
                    in_use=offer.in_use,
                    times=offer.hours,
                    contact=offer.contact,
                    from_on=offer.begins,
                    until_on=offer.ends,
                )
                for offer in world.support
            ],
            by=by,
            source=SOURCE,
            on=world.as_of,
        )
        for capacity in world.capacities:
            place = frame.neighbourhoods[capacity.municipality, capacity.neighbourhood]
            operations.set_capacity(
                neighbourhood=place,
                soft=capacity.soft_placements,
                most=capacity.max_placements,
                owner=frame.organisations[capacity.owner].name,
                agreed_on=capacity.agreed_on,
                social_dwellings=place.social_dwellings,
                by=by,
            )
        operations.set_guidance_hours(
            rows=[
                operations.GuidanceFacts(
                    provider=frame.organisations[row.provider],
                    municipality=frame.municipalities[row.municipality],
                    free_hours=row.free_hours,
                )
                for row in world.guidance
            ],
            by=by,
            on=world.as_of,
        )
        plan_supply(
            region=frame.region,
            numbers={
                (frame.municipalities[row.municipality].pk, first_day(row.quarter)): row.dwellings
                for row in world.supply
            },
            by=by,
        )


def first_day(quarter: str) -> date:
    """The first day of a quarter such as 2027-Q2.

    >>> first_day("2027-Q2")
    datetime.date(2027, 4, 1)
    """
    year, _, number = quarter.partition("-Q")
    return date(int(year), 3 * int(number) - 2, 1)


def _agree_year(frame: Frame, key: records.DistributionKey) -> None:
    """The maximum of a year, with the key by which the municipalities divide it."""
    operations.set_region_year(
        year=key.year,
        kind=ContingentKind.MAXIMUM,
        agreed=frame.world.yearly_ceiling,
        by=frame.coordinator,
        basis=Key(
            total=frame.world.yearly_ceiling,
            places=[
                Place(place.code, place.name, place.households, place.social_dwellings)
                for place in frame.world.region.municipalities
            ],
            weight_households=Fraction(key.weight_households),
            weight_social=Fraction(key.weight_social),
        ),
    )


def _facts(frame: Frame, dwelling: records.Dwelling) -> operations.DwellingFacts:
    """What a corporation tells of a dwelling."""
    return operations.DwellingFacts(
        corporation=frame.organisations[dwelling.corporation],
        municipality=frame.municipalities[dwelling.municipality],
        neighbourhood=frame.neighbourhoods[dwelling.municipality, dwelling.neighbourhood],
        street=dwelling.street,
        house_number=dwelling.house_number,
        postcode=dwelling.postcode,
        place=dwelling.town,
        basic_rent=dwelling.rent,
        service_costs=dwelling.service_costs,
        rooms=dwelling.rooms,
        bedrooms=dwelling.bedrooms,
        most_persons=dwelling.most_persons,
        surface=dwelling.surface,
        floor=dwelling.floor,
        has_lift=dwelling.lift,
        wheelchair=dwelling.wheelchair,
        low_stimulus=dwelling.low_stimulus,
        dwelling_type=dwelling.kind,
        form=dwelling.form,
        contract_form=dwelling.contract,
        has_nuisance_file=dwelling.nuisance_file,
        available_on=dwelling.available_on,
    )
