"""The lists about homes and neighbourhoods: offers of corporations, and support."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from example.chance import Chance, stream
from example.client_lists import UNKNOWN_NEIGHBOURHOOD
from example.list_words import (
    CONTRACTS,
    FORMS,
    SUPPORT,
    column,
    comma,
    d_m_jjjj,
    day_of,
    euros,
    words,
    yes_no,
)
from example.records import Dwelling, SupportOffer, World
from example.tables import Cell, Column, Facts, Formula, Table

# The upper ends of the rent classes of 2026, as the format names them.
RENT_CLASSES = (498.20, 713.02, 764.14, 932.93)
MONTHS = ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus",
          "september", "oktober", "november", "december")  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfferList:
    """The dwellings that one corporation, or several, offer in one file."""

    corporation: str | None
    tables: tuple[Table, ...]


def rent_class(rent: float) -> str:
    """The class of a rent in the words of the format."""
    low = None
    for limit in RENT_CLASSES:
        if rent <= limit:
            return f"t/m {comma(limit)}" if low is None else f"{comma(low)} t/m {comma(limit)}"
        low = round(limit + 0.01, 2)
    return f"boven {comma(RENT_CLASSES[-1])}"


def dwelling_facts(dwelling: Dwelling, names: dict[str, str]) -> Facts:
    """Everything a list may say about a home, in normal form; with what only the test knows."""
    return {
        "corporatie": names[dwelling.corporation],
        "straat": dwelling.street,
        "huisnummer": dwelling.house_number,
        "postcode": dwelling.postcode,
        "plaats": dwelling.town,
        "wijk": dwelling.neighbourhood,
        "kale_huur": float(dwelling.rent),
        "servicekosten": float(dwelling.service_costs),
        "kamers": dwelling.rooms,
        "slaapkamers": dwelling.bedrooms,
        "oppervlakte": dwelling.surface,
        "verdieping": dwelling.floor,
        "lift": dwelling.lift,
        "rolstoel": dwelling.wheelchair,
        "woningtype": dwelling.kind,
        "beschikbaar_per": dwelling.available_on.isoformat(),
        "woonvorm": FORMS[dwelling.form],
        "contractvorm": CONTRACTS[dwelling.contract],
        "gemeente": dwelling.municipality,
    }


def _floor(facts: Facts, chance: Chance) -> Cell:
    return "BG" if facts["verdieping"] == 0 else facts["verdieping"]


def _address(facts: Facts, chance: Chance) -> Cell:
    return f"{facts['straat']} {facts['huisnummer']}"


def _as_is(name: str) -> Any:
    return lambda facts, chance: facts[name]


def _thuisgoed_columns() -> list[Column]:
    tick = (("J",), ("N", "N", ""))
    return [
        column("Straatnaam", "straat"),
        column("Huisnummer", "huisnummer"),
        column("Postcode", "postcode", lambda f, c: f["postcode"].replace(" ", "")),
        column("Woonplaats", "plaats"),
        column("Buurt", "wijk"),
        column("Type", "woningtype"),
        column("Slaapkamers", "slaapkamers", _as_is("slaapkamers")),
        column("Kamers", "kamers", _as_is("kamers")),
        column("Woonoppervlak", "oppervlakte", _as_is("oppervlakte")),
        column("Verdieping", "verdieping", _floor),
        column("Lift", "lift", yes_no("lift", *tick)),
        column("Rolstoelgeschikt", "rolstoel", yes_no("rolstoel", *tick)),
        column("Kale huurprijs", "kale_huur", lambda f, c: euros(f["kale_huur"])),
        column("Servicekosten", "servicekosten", lambda f, c: euros(f["servicekosten"])),
        column("Contractvorm", "contractvorm"),
        column("Woonvorm", "woonvorm"),
        column("Beschikbaar vanaf", "beschikbaar_per",
               lambda f, c: d_m_jjjj(day_of(f["beschikbaar_per"]), "/")),
    ]  # fmt: skip


def _linde_columns() -> list[Column]:
    tick = (("ja",), ("nee", "nee", ""))
    return [
        column("Vrij per", "beschikbaar_per", lambda f, c: day_of(f["beschikbaar_per"])),
        column("Plaats", "plaats"),
        column("Wijk", "wijk"),
        column("Adres", ("straat", "huisnummer"), _address),
        column("Postcode", "postcode"),
        column("Soort woning", "woningtype"),
        column("Aantal kamers", "kamers", _as_is("kamers")),
        column("waarvan slaapkamers", "slaapkamers", _as_is("slaapkamers")),
        column("m²", "oppervlakte", _as_is("oppervlakte")),
        column("Etage", "verdieping", _floor),
        column("Lift", "lift", yes_no("lift", *tick)),
        column("Rolstoeltoegankelijk", "rolstoel", yes_no("rolstoel", *tick)),
        column("Kale huur", "kale_huur", _as_is("kale_huur")),
        column("Servicekosten", "servicekosten", _as_is("servicekosten")),
        column("Woonvorm", "woonvorm"),
        column("Contract", "contractvorm"),
    ]


def _others_columns() -> list[Column]:
    tick = (("x", "ja"), ("", "nee"))

    def day(facts: Facts, chance: Chance) -> Cell:
        value = day_of(facts["beschikbaar_per"])
        return d_m_jjjj(value) if chance.happens(0.2) else value

    def amount(name: str) -> Any:
        return lambda f, c: euros(f[name]) if c.happens(0.25) else f[name]

    return [
        column("Verhuurder", "corporatie"),
        column("Wijk", "wijk"),
        column("Plaats", "plaats"),
        column("Postcode", "postcode"),
        column("Adres", ("straat", "huisnummer"), _address),
        column("Netto huur", "kale_huur", amount("kale_huur")),
        column("Service", "servicekosten", amount("servicekosten")),
        column("Kamers", "kamers", _as_is("kamers")),
        column("Slaapkamers", "slaapkamers", _as_is("slaapkamers")),
        column("Oppervlakte", "oppervlakte", _as_is("oppervlakte")),
        column("Verdieping", "verdieping", _floor),
        column("Lift aanwezig", "lift", yes_no("lift", *tick)),
        column("Rolstoel", "rolstoel", yes_no("rolstoel", *tick)),
        column("Woningtype", "woningtype"),
        column("Beschikbaar", "beschikbaar_per", day),
        column("Woonvorm", "woonvorm", lambda f, c: f["woonvorm"].capitalize()),
        column("Huurcontract", "contractvorm", lambda f, c: f["contractvorm"].capitalize()),
    ]


def _plant(tables: list[Table], year: int, *, money: Any, impossible: str,
           formula: Formula) -> None:  # fmt: skip
    """Put every kind of defect of an offer list in the file, spread over its sheets."""
    steps: list[Any] = [
        lambda t: t.spoil("postcode_ontbreekt", "postcode", None),
        lambda t: t.spoil("geen_getal", "servicekosten", "?"),
        lambda t: t.spoil("onmogelijke_datum", "beschikbaar_per", impossible),
        lambda t: t.spoil("huur_negatief", "kale_huur", lambda facts: money(-facts["kale_huur"])),
        lambda t: t.spoil("wijk_onbekend", "wijk", UNKNOWN_NEIGHBOURHOOD),
        lambda t: t.spoil("formulecel", "oppervlakte", formula),
        lambda t: t.spoil("geen_getal", "kamers", "n.v.t."),
        lambda t: t.leave_a_gap(),
        lambda t: t.copy_a_row(),
    ]
    for at, step in enumerate(steps):
        step(tables[at % len(tables)])


def offer_lists(world: World) -> list[OfferList]:
    """The offers: a file of the largest corporation, two sheets of the next, and all the others."""
    chance = stream(world.seed, "offer lists")
    corporations = world.organisations_of("corporation")
    names = {c.key: c.name for c in corporations}
    second = max(
        corporations[1:],
        key=lambda c: sum(d.corporation == c.key for d in world.dwellings),
    )
    by_day = sorted(
        (d for d in world.dwellings if d.corporation == second.key),
        key=lambda d: (d.available_on, d.key),
    )
    first_half = {d.key for d in by_day[: len(by_day) // 2]}
    early = Table(_linde_columns(), chance, name="Eerste lijst", header_rows=(3,))
    late = Table(_linde_columns(), chance, name="Aanvulling", header_rows=(3,))
    large = Table(_thuisgoed_columns(), chance)
    others = Table(_others_columns(), chance, name="Overige verhuurders", header_rows=(4,))
    offered = list(world.dwellings)
    chance.shuffle(offered)
    for dwelling in offered:
        if dwelling.corporation == corporations[0].key:
            table = large
        elif dwelling.corporation == second.key:
            table = early if dwelling.key in first_half else late
        else:
            table = others
        table.add(dwelling_facts(dwelling, names), key=dwelling.key)
    year = world.as_of.year
    stored = Formula("=SUM(30+22)", 52)
    _plant(
        [large],
        year,
        money=euros,
        impossible=f"31/2/{year}",
        formula=Formula("=SUM(30+22)"),
    )
    _plant(
        [early, late],
        year,
        money=lambda value: value,
        impossible=f"31-02-{year}",
        formula=stored,
    )
    _plant(
        [others],
        year,
        money=lambda value: value,
        impossible=f"30-02-{year}",
        formula=stored,
    )
    return [
        OfferList(corporations[0].name, (large,)),
        OfferList(second.name, (early, late)),
        OfferList(None, (others,)),
    ]


def counted_dwellings(lists: list[OfferList]) -> dict[str, Any]:
    """Counts of the homes: all of them once, and the valid rows by place and rent class."""
    tables = [table for offers in lists for table in offers.tables]
    valid = [row.facts for table in tables for row in table.valid]
    classes = [(f["gemeente"], f["wijk"], rent_class(f["kale_huur"])) for f in valid]
    return {
        "aantal_uniek": sum(len(table.originals) for table in tables),
        "aantal_geldig": len(valid),
        "huurgrenzen_2026": list(RENT_CLASSES),
        "per_gemeente": dict(sorted(Counter(f["gemeente"] for f in valid).items())),
        "per_huurklasse": dict(sorted(Counter(c for _, _, c in classes).items())),
        "per_wijk_en_huurklasse": [
            {"gemeente": town, "wijk": part, "huurklasse": rent, "aantal": count}
            for (town, part, rent), count in sorted(Counter(classes).items())
        ],
    }


def _support_columns() -> list[Column]:
    def day(name: str) -> Any:
        def write(facts: Facts, chance: Chance) -> Cell:
            if facts[name] is None:
                return None
            value = day_of(facts[name])
            return d_m_jjjj(value) if chance.happens(0.2) else value

        return write

    capital = {word: word[0].upper() + word[1:] for word in SUPPORT.values()}
    return [
        column("Organisatie", "aanbieder"),
        column("Voorziening", "soort", words("soort", capital)),
        column("Buurt of wijk", "wijk"),
        column("Gemeente", "gemeente"),
        column("Openingstijden", "tijden"),
        column("Capaciteit", "plaatsen", _as_is("plaatsen")),
        column("Bezet", "bezet", _as_is("bezet")),
        column("Contactpersoon", "contact"),
        column("Startdatum", "vanaf", day("vanaf")),
        column("Einddatum", "tot", day("tot")),
        column("Subsidie", (), lambda f, c: c.choice(("structureel", "incidenteel", None))),
    ]


def _support_facts(offer: SupportOffer, names: dict[str, str]) -> Facts:
    return {
        "gemeente": offer.municipality,
        "wijk": offer.neighbourhood,
        "soort": SUPPORT[offer.kind],
        "aanbieder": names[offer.organisation],
        "plaatsen": offer.places,
        "bezet": offer.in_use,
        "tijden": offer.hours,
        "contact": offer.contact,
        "vanaf": offer.begins.isoformat(),
        "tot": offer.ends.isoformat() if offer.ends else None,
    }


def support_list(world: World) -> Table:
    """The list of what there is in the neighbourhoods, with its defects."""
    chance = stream(world.seed, "support list")
    names = {o.key: o.name for o in world.organisations}
    table = Table(_support_columns(), chance, name="Aanbod per buurt", header_rows=(3,))
    offers = list(world.support)
    chance.shuffle(offers)
    for offer in offers:
        table.add(_support_facts(offer, names))
    town = world.region.municipalities[0].name
    year = world.as_of.year
    table.spoil("onmogelijke_datum", "vanaf", f"31-02-{year}")
    table.spoil("wijk_onbekend", "wijk", UNKNOWN_NEIGHBOURHOOD)
    table.spoil("meer_bezet_dan_plaatsen", "bezet", lambda facts: facts["plaatsen"] + 4)
    table.spoil("geen_getal", "plaatsen", "?")
    table.spoil("gemeente_onbekend", "gemeente", town[:-2] + town[-1],
                where=lambda facts: facts["gemeente"] == town, bedoeld=town)  # fmt: skip
    table.spoil("tot_voor_vanaf", "tot",
                lambda facts: date(day_of(facts["vanaf"]).year - 1, 11, 3),
                where=lambda facts: facts["tot"] is not None)  # fmt: skip
    table.leave_a_gap()
    table.copy_a_row()
    return table


def counted_support(table: Table) -> dict[str, Any]:
    """Counts over the valid rows of the support list."""
    valid = [row.facts for row in table.valid]
    places: Counter[str] = Counter()
    for facts in valid:
        places[facts["gemeente"]] += facts["plaatsen"]
    return {
        "geldige_rijen": {
            "aantal": len(valid),
            "plaatsen": sum(f["plaatsen"] for f in valid),
            "bezet": sum(f["bezet"] for f in valid),
            "plaatsen_per_gemeente": dict(sorted(places.items())),
            "per_soort": dict(sorted(Counter(f["soort"] for f in valid).items())),
        }
    }
