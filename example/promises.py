"""What was agreed about homes in an invented region, and every home that was let under it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from example.chance import Chance, stream
from example.records import (
    Contingent,
    DistributionKey,
    LedgerEntry,
    Organisation,
    PlannedSupply,
    Region,
    Registration,
)
from regions.division import largest_remainder

YEARS_OF_AGREEMENT = 3
SLACK = 1.22  # how much the yearly maximum exceeds the best year so far
Cell = tuple[str, str]  # municipality, corporation


def distribution_key(region: Region, *, year: int, weight_social: Decimal, total: int
                     ) -> DistributionKey:  # fmt: skip
    """Divide the year's maximum by weighted shares of households and social dwellings."""
    households = sum(m.households for m in region.municipalities)
    social = sum(m.social_dwellings for m in region.municipalities)
    weight = Fraction(weight_social)
    shares = {
        m.name: (1 - weight) * Fraction(m.households, households)
        + weight * Fraction(m.social_dwellings, social)
        for m in region.municipalities
    }
    return DistributionKey(
        year=year,
        weight_households=1 - weight_social,
        weight_social=weight_social,
        per_municipality=tuple(largest_remainder(total, shares).items()),
    )


@dataclass(frozen=True, slots=True)
class Promises:
    """Maximum, keys, contingents and the ledger of what was let."""

    yearly_ceiling: int
    keys: tuple[DistributionKey, ...]
    contingents: tuple[Contingent, ...]
    ledger: tuple[LedgerEntry, ...]

    def lets(self) -> dict[str, tuple[LedgerEntry, ...]]:
        """Per client number the homes that were let to it, oldest first."""
        found: dict[str, tuple[LedgerEntry, ...]] = {}
        for entry in self.ledger:
            if entry.registration:
                found[entry.registration] = (*found.get(entry.registration, ()), entry)
        return found


def _moves(registrations: list[Registration], since: date) -> list[tuple[date, Registration]]:
    moves = [
        (spell.begins, registration)
        for registration in registrations
        for spell in registration.spells
        if spell.phase == "housed" and spell.begins >= since
    ]
    return sorted(moves, key=lambda move: (move[0], move[1].number))


def invent_promises(
    region: Region,
    organisations: tuple[Organisation, ...],
    registrations: list[Registration],
    *,
    as_of: date,
    seed: int,
    number: int = 0,
) -> Promises:
    """Return agreements that hold every move of these years, divided by the region's key."""
    chance = stream(seed, number, "promises")
    corporations = [o for o in organisations if o.kind == "corporation"]
    stock = {
        m.name: {
            c.key: Fraction(chance.randint(2, 9)) for c in corporations if m.name in c.works_in
        }
        for m in region.municipalities
    }
    years = range(as_of.year - YEARS_OF_AGREEMENT + 1, as_of.year + 1)
    moves = _moves(registrations, date(years[0], 1, 1))
    busiest = max(Counter(day.year for day, _ in moves).values(), default=0)
    ceiling = max(12, 2 * len(region.municipalities), round(busiest * SLACK))
    keys, contingents, ledger = [], [], []
    room: dict[tuple[int, str, str], int] = {}
    for year in years:
        weight = Decimal("0.5") if year == as_of.year else Decimal("0.4")
        key = distribution_key(region, year=year, weight_social=weight, total=ceiling)
        keys.append(key)
        for municipality, agreed in key.per_municipality:
            for corporation, part in largest_remainder(agreed, stock[municipality]).items():
                contingents.append(Contingent(year, municipality, corporation, part))
                room[year, municipality, corporation] = part
                ledger.append(
                    LedgerEntry(
                        "agreed",
                        date(year, 1, 1),
                        year,
                        municipality,
                        corporation,
                        part,
                    )
                )
    for day, registration in moves:
        municipality, corporation = _let(chance, room, day.year, registration)
        room[day.year, municipality, corporation] -= 1
        ledger.append(
            LedgerEntry("let", day, day.year, municipality, corporation, 1, registration.number)
        )
    return Promises(ceiling, tuple(keys), tuple(contingents), tuple(ledger))


def _let(
    chance: Chance,
    room: dict[tuple[int, str, str], int],
    year: int,
    registration: Registration,
) -> Cell:
    """Choose where somebody went: a wished municipality if it still has room that year."""
    open_cells = {(m, c): left for (y, m, c), left in room.items() if y == year and left > 0}
    wished = registration.need.municipalities if registration.need else (registration.origin,)
    near = {cell: left for cell, left in open_cells.items() if cell[0] in wished}
    choices = near if near and chance.happens(0.75) else open_cells
    return chance.one_of([(cell, float(left)) for cell, left in choices.items()])


def invent_supply(
    region: Region, promises: Promises, *, as_of: date, seed: int, number: int = 0
) -> tuple[PlannedSupply, ...]:
    """Return what is planned for the quarter of the day and the seven after it."""
    chance = stream(seed, number, "supply")
    agreed = dict(promises.keys[-1].per_municipality)
    planned = []
    year, quarter = as_of.year, (as_of.month + 2) // 3
    for _ in range(8):
        for municipality in region.municipalities:
            expected = agreed[municipality.name] / 4 * 0.85
            dwellings = max(0, round(chance.gauss(expected, expected * 0.2 + 0.3)))
            planned.append(PlannedSupply(municipality.name, f"{year}-Q{quarter}", dwellings))
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)
    return tuple(planned)
