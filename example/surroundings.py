"""What people can lean on in the neighbourhoods of an invented region."""

from datetime import date, timedelta
from decimal import Decimal

from example.chance import Chance, stream
from example.parties import slug
from example.records import (
    CarryingCapacity,
    GuidanceCapacity,
    Organisation,
    Region,
    SupportOffer,
)

KINDS = (
    ("meeting_place", 0.16, (15, 20, 30)),
    ("day_activity", 0.15, (6, 8, 12, 16)),
    ("neighbourhood_management", 0.11, (20, 30)),
    ("buddy", 0.16, (4, 6, 8, 10)),
    ("tenancy_course", 0.12, (8, 10, 12)),
    ("neighbour", 0.1, (4, 6, 8)),
    ("walk_in", 0.12, (20, 30, 40)),
    ("round_the_clock", 0.1, (6, 10, 15)),
    ("budget_coach", 0.1, (8, 10, 15)),
)
HOURS = ("ma t/m vr 9.30-16.30", "di en do 13.00-17.00", "wo 10-12 uur, vr 14-16 uur",
         "op afspraak", "elke dag behalve zondag")  # fmt: skip


def invent_support(
    region: Region,
    organisations: tuple[Organisation, ...],
    *,
    as_of: date,
    seed: int,
    number: int = 0,
) -> tuple[SupportOffer, ...]:
    """Return the offers of welfare and care, running and planned, about 2.4 a neighbourhood."""
    chance = stream(seed, number, "support")
    helpers = [o for o in organisations if o.kind in ("welfare", "care_provider")]
    offers: dict[tuple[str, str, str, str], SupportOffer] = {}
    for neighbourhood in (n for m in region.municipalities for n in m.neighbourhoods):
        for _ in range(chance.choice((0, 1, 2, 3, 4, 5))):
            kind, _, sizes = chance.choices(KINDS, weights=[row[1] for row in KINDS])[0]
            near = [o for o in helpers if neighbourhood.municipality in o.works_in]
            welfare = [o for o in near if o.kind == "welfare"]
            helper = chance.choice(welfare if welfare and chance.happens(0.7) else near)
            offer = _offer(chance, neighbourhood.municipality, neighbourhood.name, kind,
                           helper, chance.choice(sizes), as_of)  # fmt: skip
            # One party offers a kind once in a neighbourhood.
            offers.setdefault(
                (neighbourhood.municipality, neighbourhood.name, kind, helper.key), offer
            )
    return tuple(offers.values())


def _offer(
    chance: Chance, municipality: str, neighbourhood: str, kind: str, helper: Organisation,
    places: int, as_of: date,
) -> SupportOffer:  # fmt: skip
    planned = chance.happens(0.08)
    if planned:
        begins = as_of + timedelta(days=chance.randint(20, 200))
    else:
        begins = date(as_of.year - chance.randint(1, 6), chance.choice((1, 3, 9)), 1)
    last_year = as_of.year + chance.choice((1, 2))
    return SupportOffer(
        municipality=municipality,
        neighbourhood=neighbourhood,
        kind=kind,
        organisation=helper.key,
        places=places,
        in_use=0 if planned else round(places * min(1.0, chance.triangular(0.1, 1.15, 0.8))),
        hours="dag en nacht" if kind == "round_the_clock" else chance.choice(HOURS),
        contact=f"{slug(neighbourhood)}.{slug(municipality)}@{helper.key}.example",
        begins=begins,
        ends=date(last_year, 12, 31) if chance.happens(0.45) else None,
        planned=planned,
    )


def invent_guidance(
    region: Region,
    organisations: tuple[Organisation, ...],
    *,
    seed: int,
    number: int = 0,
) -> tuple[GuidanceCapacity, ...]:
    """Return the free hours a week per provider and municipality, in halves."""
    chance = stream(seed, number, "guidance")
    return tuple(
        GuidanceCapacity(provider.key, municipality.name,
                         Decimal(chance.randint(8, 60)) / 2)
        for provider in organisations
        if provider.kind == "care_provider"
        for municipality in region.municipalities
        if chance.happens(0.8)
    )  # fmt: skip


def invent_capacities(
    region: Region, *, as_of: date, seed: int, number: int = 0
) -> tuple[CarryingCapacity, ...]:
    """Return the agreed carrying capacity of some neighbourhoods, the restless ones first."""
    chance = stream(seed, number, "capacities")
    agreed = []
    for municipality in region.municipalities:
        for neighbourhood in municipality.neighbourhoods:
            if not (neighbourhood.restless or chance.happens(0.2)):
                continue
            soft = 1 + neighbourhood.social_dwellings // 600
            agreed.append(
                CarryingCapacity(
                    municipality=municipality.name,
                    neighbourhood=neighbourhood.name,
                    soft_placements=soft,
                    max_placements=soft + chance.randint(1, 2) if neighbourhood.restless else None,
                    agreed_on=as_of - timedelta(days=chance.randint(40, 330)),
                    owner=f"gemeente-{slug(municipality.name)}",
                )
            )
    return tuple(agreed)
