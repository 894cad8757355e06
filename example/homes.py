"""The homes of an invented region: let, promised and free, each in a real neighbourhood of it."""

from datetime import date, timedelta
from decimal import Decimal

from example import names
from example.chance import Chance, stream
from example.people import RENT_LIMITS
from example.promises import Promises
from example.records import (
    Dwelling,
    HousingNeed,
    Neighbourhood,
    Organisation,
    Region,
    Registration,
)

FREE_SHARE = 0.36
KINDS_LOW = ("benedenwoning", "eengezinswoning", "seniorenwoning")
KINDS_HIGH = ("appartement", "galerijflat", "portiekflat", "bovenwoning")
FORMS = (
    ("independent", 0.78),
    ("clustered", 0.09),
    ("mixed", 0.08),
    ("intermediate", 0.05),
)
CONTRACTS = (
    ("three_party", 0.42),
    ("omklap", 0.32),
    ("temporary", 0.14),
    ("regular", 0.12),
)
LETTERS = "ABCDEFGHJKLMNPRSTUVWXZ"


class _Builder:
    """Builds homes one after the other, no address twice."""

    def __init__(
        self, chance: Chance, region: Region, as_of: date, number: int, crowd: Chance
    ) -> None:
        self.chance = chance
        self.region = region
        self.as_of = as_of
        self.number = number
        self.crowd = crowd
        self.addresses: set[tuple[str, str, str]] = set()
        self.built: list[Dwelling] = []
        year = min(max(as_of.year, min(RENT_LIMITS)), max(RENT_LIMITS))
        self.limits = RENT_LIMITS[year]

    def _address(self, town: str) -> tuple[str, str]:
        while True:
            street = self.chance.choice(names.STREETS)
            number = str(self.chance.randint(1, 240))
            number += self.chance.one_of((("", 0.8), ("A", 0.08), (" bis", 0.06), ("-2", 0.06)))
            if (street, number, town) not in self.addresses:
                self.addresses.add((street, number, town))
                return street, number

    def _rent(self, bedrooms: int) -> Decimal:
        young, small, large = self.limits
        bands = (
            ((float(young) * 0.86, float(young)), 0.14 if bedrooms == 1 else 0.02),
            ((float(young) + 5, float(small)), 0.64 if bedrooms < 3 else 0.35),
            ((float(small) + 0.01, float(large)), 0.14 if bedrooms < 3 else 0.5),
            ((float(large) + 1, float(large) * 1.2), 0.08),
        )
        low, high = self.chance.one_of(bands)
        if self.chance.happens(0.06):
            return small
        return Decimal(str(round(self.chance.uniform(low, high), 2)))

    def _most_persons(self, bedrooms: int, need: HousingNeed | None) -> int | None:
        """How many people a corporation lets live there, where it says so."""
        most = bedrooms + self.crowd.randint(1, 2)
        told = self.crowd.happens(0.6)
        return max(most, need.persons if need else 1) if told else None

    def build(
        self,
        corporation: str,
        neighbourhood: Neighbourhood,
        *,
        available_on: date,
        entered_on: date,
        need: HousingNeed | None = None,
        offered_to: str | None = None,
        let_to: str | None = None,
        let_on: date | None = None,
    ) -> None:
        """Add one home; for somebody with a need it fits that need."""
        chance = self.chance
        bedrooms = chance.one_of(((1, 0.56), (2, 0.29), (3, 0.12), (4, 0.03)))
        floor = chance.one_of(((0, 0.36), (1, 0.2), (2, 0.18), (3, 0.12), (4, 0.08), (6, 0.06)))
        lift = floor > 0 and chance.happens(0.25 + 0.1 * min(floor, 4))
        wheelchair = (floor == 0 or lift) and chance.happens(0.08)
        form = chance.one_of(FORMS)
        rent = self._rent(bedrooms)
        if need:
            bedrooms = max(bedrooms, need.bedrooms)
            floor = 0 if need.step_free else floor
            lift = lift and floor > 0
            wheelchair = wheelchair or need.wheelchair
            form = need.forms[0] if need.forms[0] in dict(FORMS) else "independent"
            rent = min(rent, need.max_rent)
        street, house_number = self._address(neighbourhood.town)
        letters = "".join(chance.choice(LETTERS) for _ in range(2))
        kind = chance.choice(KINDS_LOW if floor == 0 and chance.happens(0.6) else KINDS_HIGH)
        self.built.append(
            Dwelling(
                key=f"D{self.number:02d}-{len(self.built):05d}",
                corporation=corporation,
                municipality=neighbourhood.municipality,
                neighbourhood=neighbourhood.name,
                street=street,
                house_number=house_number,
                postcode=f"{neighbourhood.postcode} {letters}",
                town=neighbourhood.town,
                rent=rent,
                service_costs=Decimal(chance.choice(("0.00", "8.50", "22.40", "36.10", "58.75"))),
                rooms=bedrooms + 1,
                bedrooms=bedrooms,
                most_persons=self._most_persons(bedrooms, need),
                surface=34 + 14 * bedrooms + chance.randint(-3, 14),
                floor=floor,
                lift=lift,
                wheelchair=wheelchair,
                low_stimulus=not neighbourhood.restless and chance.happens(0.45),
                kind=kind,
                form=form,
                contract=chance.one_of(CONTRACTS),
                available_on=available_on,
                entered_on=min(entered_on, self.as_of),
                nuisance_file=not (offered_to or let_to) and chance.happens(0.03),
                offered_to=offered_to,
                let_to=let_to,
                let_on=let_on,
            )
        )


def invent_dwellings(
    region: Region,
    organisations: tuple[Organisation, ...],
    registrations: list[Registration],
    promises: Promises,
    *,
    as_of: date,
    size: int,
    seed: int,
    number: int = 0,
) -> tuple[Dwelling, ...]:
    """Return about `size` homes: those of the latest moves, those offered now, the rest free."""
    chance = stream(seed, number, "homes")
    crowd = stream(seed, number, "crowd")
    builder = _Builder(chance, region, as_of, number, crowd)
    parts = {m.name: m.neighbourhoods for m in region.municipalities}
    owners = {
        m.name: [o.key for o in organisations if o.kind == "corporation" and m.name in o.works_in]
        for m in region.municipalities
    }
    by_number = {r.number: r for r in registrations}
    offered = [(r, r.need) for r in registrations if r.need and r.phase == "offered"]
    let_count = max(0, round(size * (1 - FREE_SHARE)) - len(offered))
    lets = [entry for entry in promises.ledger if entry.kind == "let"][-let_count or None :]
    for entry in lets if let_count else []:
        registration = by_number[str(entry.registration)]
        builder.build(
            entry.corporation,
            chance.choice(_bearable(parts[entry.municipality], registration.need)),
            need=registration.need,
            available_on=entry.on - timedelta(days=chance.randint(0, 20)),
            entered_on=entry.on - timedelta(days=chance.randint(30, 70)),
            let_to=registration.number,
            let_on=entry.on,
        )
    for registration, need in offered:
        wished = [name for name in need.municipalities if name in parts]
        town = wished[0] if wished else region.municipalities[0].name
        begun = registration.spells[-1].begins
        builder.build(
            chance.choice(owners[town]),
            chance.choice(_bearable(parts[town], need)),
            need=need,
            available_on=as_of + timedelta(days=chance.randint(-10, 45)),
            entered_on=begun - timedelta(days=chance.randint(1, 20)),
            offered_to=registration.number,
        )
    weights = [(m.name, float(m.social_dwellings)) for m in region.municipalities]
    while len(builder.built) < size:
        town = chance.one_of(weights)
        builder.build(
            chance.choice(owners[town]),
            chance.choice(parts[town]),
            available_on=as_of + timedelta(days=chance.randint(-25, 80)),
            entered_on=as_of - timedelta(days=chance.randint(0, 40)),
        )
    return tuple(builder.built)


def _bearable(
    parts: tuple[Neighbourhood, ...], need: HousingNeed | None
) -> tuple[Neighbourhood, ...]:
    """The neighbourhoods where somebody can live: all but the avoided ones."""
    avoided = need.avoided if need else ()
    return tuple(part for part in parts if (part.municipality, part.name) not in avoided)
