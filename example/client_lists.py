"""The client lists of three providers, each in its own form and with its own words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from example.chance import Chance, stream
from example.list_words import (
    FORMS,
    PHASES,
    SUPPORT_NEEDED,
    column,
    comma,
    d_m_jjjj,
    day_of,
    euros,
    many,
    optional_text,
    plain_number,
    text,
    words,
    yes_no,
)
from example.records import ZRM_DOMAINS, Registration, World
from example.tables import INJECTION, LONG_TEXT, Cell, Column, Facts, Formula, Table

UNKNOWN_NEIGHBOURHOOD = "Vijverrand-West"
ONDERDAK_PHASES = {
    "instroom": "Start",
    "stabilisatie": "Herstel",
    "voorbereiding": "Oefenen",
    "gereed": "Klaar",
    "aangeboden": "Woning in beeld",
    "gehuisvest": "Over naar eigen woning",
    "terugval": "Terugkeer",
}
KOMPAS_PHASES = {
    "instroom": "1 intake",
    "stabilisatie": "2 stabiliseren",
    "voorbereiding": "3 voorbereiden uitstroom",
    "gereed": "4 uitstroomklaar",
    "aangeboden": "5 aanbod ontvangen",
    "gehuisvest": "6 uitgestroomd",
    "terugval": "9 terugval",
}
OVERKANT_PHASES = {
    "instroom": "F1",
    "stabilisatie": "F2",
    "voorbereiding": "F3",
    "gereed": "F4",
    "aangeboden": "F5",
    "gehuisvest": "F6",
    "terugval": "FT",
}
ZRM_HEADERS = (
    "Financiën", "Werk/opleiding", "Dagbesteding", "Wonen", "Huiselijke relaties",
    "Psychisch", "Lichamelijk", "Middelen", "ADL basis", "ADL instrumenteel", "Netwerk",
    "Meedoen", "Justitie",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClientList:
    """A client list: its table, whose it is, its phase words, and rows that are hidden."""

    provider: str
    table: Table
    phase_words: dict[str, str]
    hidden_rows: tuple[int, ...] = ()


def client_facts(registration: Registration) -> Facts:
    """Everything a client list may say about a client, in normal form."""
    care, need, identity = registration.care, registration.need, registration.identity
    if care is None or need is None or registration.ready_on is None:
        raise ValueError(f"{registration.number} is a client of the past and on no list")
    ready = registration.ready_on.isoformat()
    expected = registration.ready_is_expected
    return {
        "client_nummer": registration.number,
        "achternaam": identity.surname,
        "tussenvoegsel": identity.prefix,
        "voornaam": identity.given_name,
        "geboortedatum": identity.born_on.isoformat(),
        "geslacht": identity.sex,
        "locatie": registration.location,
        "soort": registration.facility_type,
        "in_zorg_sinds": registration.in_care_since.isoformat(),
        "gemeente_herkomst": registration.origin,
        "fase": PHASES[str(registration.phase)],
        "gereed_datum": ready,
        "gereed_soort": "verwacht" if expected else "bereikt",
        "gereed_bereikt": None if expected else ready,
        "gereed_verwacht": ready if expected else None,
        "voorkeur_gemeenten": list(need.municipalities),
        "voorkeur_wijken": [name for _, name in need.neighbourhoods],
        "vermijden": [name for _, name in need.avoided],
        "zrm": dict(zip(ZRM_DOMAINS, care.zrm, strict=True)),
        "inkomen_maand": float(care.income),
        "inkomen_jaar": float(care.income * 12),
        "inkomen_bron": care.income_source,
        "schulden": care.has_debts,
        "schulden_bedrag": float(care.debts),
        "bewind": care.money_support,
        "personen": need.persons,
        "kinderen": need.children,
        "slaapkamers": need.bedrooms,
        "gelijkvloers": need.step_free,
        "lift": need.lift,
        "rolstoel": need.wheelchair,
        "prikkelarm": need.low_stimulus,
        "woonvorm": FORMS[need.forms[0]],
        "begeleiding_uren": plain_number(need.guidance_hours),
        "bereikbaar_24u": need.round_the_clock,
        "ondersteuning": [SUPPORT_NEEDED[kind] for kind in need.support],
        "opmerkingen": care.remarks,
    }


def _onderdak_columns() -> list[Column]:
    def day(name: str) -> Any:
        def write(facts: Facts, chance: Chance) -> Cell:
            value = day_of(facts[name])
            return d_m_jjjj(value) if chance.happens(0.2) else value

        return write

    def amount(name: str) -> Any:
        def write(facts: Facts, chance: Chance) -> Cell:
            return euros(facts[name]) if chance.happens(0.2) else facts[name]

        return write

    def number(name: str) -> Any:
        def write(facts: Facts, chance: Chance) -> Cell:
            value = facts[name]
            return str(value).replace(".", ",") if chance.happens(0.05) else value

        return write

    def score(domain: str) -> Any:
        return lambda facts, chance: facts["zrm"][domain]

    def tick(name: str) -> Any:
        return yes_no(name, ("ja", "ja", "x", "Ja "), ("nee", "nee", "", "Nee"))

    person, stay, way, wish = "Deelnemer", "In zorg", "Uitstroomklaar", "Woonwens"
    zrm, money, debt = "Zelfredzaamheid-Matrix", "Inkomen", "Schuldensituatie"
    household, home, guidance = (
        "Huishouden",
        "Eisen aan de woning",
        "Begeleiding na verhuizing",
    )
    return [
        column("Nr.", "client_nummer", text("client_nummer", sloppy=0), person),
        column("Roepnaam", "voornaam", group=person),
        column(
            "Tussenvoegsel",
            "tussenvoegsel",
            optional_text("tussenvoegsel"),
            group=person,
        ),
        column("Achternaam", "achternaam", group=person),
        column(
            "Geslacht",
            "geslacht",
            words("geslacht", {"M": "m", "V": "v", "X": "x"}),
            person,
        ),
        column("Geboortedatum", "geboortedatum", day("geboortedatum"), person),
        column("BW/MO", "soort", group=stay),
        column("Huis", "locatie", group=stay),
        column("Datum", "in_zorg_sinds", day("in_zorg_sinds"), stay),
        column("Herkomstgemeente", "gemeente_herkomst", group=stay),
        column("Trede", "fase", words("fase", ONDERDAK_PHASES), way),
        column("Datum", "gereed_datum", day("gereed_datum"), way),
        column("Verwacht/bereikt", "gereed_soort", group=way),
        column("Gemeente", "voorkeur_gemeenten", many("voorkeur_gemeenten", "\n"), wish),
        column("Buurt", "voorkeur_wijken", many("voorkeur_wijken", "\n"), wish),
        column("Buurt liever niet", "vermijden", many("vermijden", "\n"), wish),
        column("Woonvorm", "woonvorm", group=wish),
        *(
            column(header, f"zrm.{domain}", score(domain), zrm)
            for header, domain in zip(ZRM_HEADERS, ZRM_DOMAINS, strict=True)
        ),
        column("Netto per maand", "inkomen_maand", amount("inkomen_maand"), money),
        column("Bron van inkomen", "inkomen_bron", group=money),
        column("Schulden", "schulden", tick("schulden"), debt),
        column("Totaalbedrag", "schulden_bedrag", amount("schulden_bedrag"), debt),
        column("Bewindvoering", "bewind", group=debt),
        column("Aantal personen", "personen", number("personen"), household),
        column("Aantal kinderen", "kinderen", number("kinderen"), household),
        column("Slaapkamers", "slaapkamers", number("slaapkamers"), home),
        column("Gelijkvloers", "gelijkvloers", tick("gelijkvloers"), home),
        column("Lift", "lift", tick("lift"), home),
        column("Rolstoel", "rolstoel", tick("rolstoel"), home),
        column("Prikkelarm", "prikkelarm", tick("prikkelarm"), home),
        column("Uren per week", "begeleiding_uren", number("begeleiding_uren"), guidance),
        column("24-uurs bereikbaar", "bereikbaar_24u", tick("bereikbaar_24u"), guidance),
        column("Steun in de wijk", "ondersteuning", many("ondersteuning", "\n"), guidance),
        column("Toelichting", "opmerkingen", optional_text("opmerkingen")),
    ]


def _kompas_columns() -> list[Column]:
    def day(name: str) -> Any:
        return lambda facts, chance: d_m_jjjj(day_of(facts[name]), "/") if facts[name] else None

    def tick(name: str) -> Any:
        return yes_no(name, ("WAAR",), ("ONWAAR", "ONWAAR", ""))

    genders = {"M": "Man", "V": "Vrouw", "X": "Anders"}
    kinds = {"BW": "Beschermd wonen", "MO": "Maatschappelijke opvang"}
    return [
        column("Teamcode", (), lambda facts, chance: f"T{chance.randint(1, 6)}"),
        column("Cliëntnummer", "client_nummer", text("client_nummer", sloppy=0)),
        column("Achternaam", "achternaam"),
        column("Voorvoegsels", "tussenvoegsel"),
        column("Voornaam", "voornaam"),
        column("Geslacht", "geslacht", words("geslacht", genders)),
        column("Geboortedatum", "geboortedatum", day("geboortedatum")),
        column("Voorziening", "soort", words("soort", kinds)),
        column("Locatienaam", "locatie"),
        column("Startdatum zorg", "in_zorg_sinds", day("in_zorg_sinds")),
        column("Gemeente van herkomst", "gemeente_herkomst"),
        column("Trajectfase", "fase", words("fase", KOMPAS_PHASES)),
        column("Verwachte uitstroomdatum", "gereed_verwacht", day("gereed_verwacht")),
        column("Uitstroomklaar sinds", "gereed_bereikt", day("gereed_bereikt")),
        column(
            "Voorkeursgemeente(n)",
            "voorkeur_gemeenten",
            many("voorkeur_gemeenten", "; "),
        ),
        column("Voorkeurswijk(en)", "voorkeur_wijken", many("voorkeur_wijken", "; ")),
        column("Te vermijden wijken", "vermijden", many("vermijden", "; ")),
        column("Inkomen per jaar", "inkomen_jaar", _comma("inkomen_jaar")),
        column("Inkomstenbron", "inkomen_bron"),
        column("Schulden", "schulden", tick("schulden")),
        column("Bewind of beheer", "bewind"),
        column("Huishoudgrootte", "personen"),
        column("Kinderen", "kinderen"),
        column("Minimaal aantal slaapkamers", "slaapkamers"),
        column("Gelijkvloers", "gelijkvloers", tick("gelijkvloers")),
        column("Rolstoelgeschikt", "rolstoel", tick("rolstoel")),
        column("Prikkelarm", "prikkelarm", tick("prikkelarm")),
        column("Gewenste woonvorm", "woonvorm"),
        column(
            "Uren begeleiding per week",
            "begeleiding_uren",
            _comma("begeleiding_uren", 1),
        ),
        column("24-uurs bereikbaarheid", "bereikbaar_24u", tick("bereikbaar_24u")),
        column("Ondersteuning in de wijk", "ondersteuning", many("ondersteuning", "; ")),
        column("Opmerking", "opmerkingen"),
    ]


def _comma(name: str, places: int = 2) -> Any:
    return lambda facts, chance: comma(facts[name], places)


def _overkant_columns() -> list[Column]:
    def day(name: str) -> Any:
        return lambda facts, chance: f"{day_of(facts[name]):%Y%m%d}"

    def tick(name: str) -> Any:
        return yes_no(name, ("1",), ("0",))

    kinds = {"verwacht": "verwacht", "bereikt": "bereikt"}
    return [
        column("dossiernr", "client_nummer", text("client_nummer", sloppy=0)),
        column("naam", "achternaam"),
        column("tussenvoegsel", "tussenvoegsel"),
        column("roepnaam", "voornaam"),
        column("geb.datum", "geboortedatum", day("geboortedatum")),
        column("geslacht", "geslacht"),
        column("bw/mo", "soort"),
        column("verblijf", "locatie"),
        column("datum_in", "in_zorg_sinds", day("in_zorg_sinds")),
        column("herkomst", "gemeente_herkomst"),
        column("status", "fase", words("fase", OVERKANT_PHASES)),
        column("gereed_op", "gereed_datum", day("gereed_datum")),
        column("verwacht_of_bereikt", "gereed_soort", words("gereed_soort", kinds)),
        column("wil_wonen_in", "voorkeur_gemeenten", many("voorkeur_gemeenten", ", ")),
        column("voorkeur_buurt", "voorkeur_wijken", many("voorkeur_wijken", ", ")),
        column("inkomen_mnd", "inkomen_maand", _comma("inkomen_maand")),
        column("inkomen_soort", "inkomen_bron"),
        column("schulden_jn", "schulden", tick("schulden")),
        column("schuldbedrag", "schulden_bedrag", _comma("schulden_bedrag")),
        column("beheer", "bewind"),
        column("aantal_pers", "personen"),
        column("aantal_kind", "kinderen"),
        column("slaapkamers", "slaapkamers"),
        column("lift", "lift", tick("lift")),
        column("rolstoel", "rolstoel", tick("rolstoel")),
        column("rustige_plek", "prikkelarm", tick("prikkelarm")),
        column("uren_begeleiding", "begeleiding_uren", _comma("begeleiding_uren", 1)),
        column("24uurs", "bereikbaar_24u", tick("bereikbaar_24u")),
        column("inzet_in_wijk", "ondersteuning", many("ondersteuning", ", ")),
        column("bijzonderheden", "opmerkingen"),
    ]


@dataclass(frozen=True, slots=True)
class _Style:
    """How a list writes what is wrong: dates in its own way, a formula, the unknown phase."""

    day: Any
    impossible: tuple[str, str]
    ready: str
    formula: Formula
    unknown_phase: str


def _before_arrival(style: _Style, days: int) -> Callable[[Facts], Cell]:
    def write(facts: Facts) -> Cell:
        cell: Cell = style.day(day_of(facts["in_zorg_sinds"]) - timedelta(days=days))
        return cell

    return write


def _plant(table: Table, world: World, style: _Style, *, income: str) -> None:
    """Put every kind of defect that a client list has into rows that are right."""
    town = world.region.municipalities[0].name
    former = next(m for m in world.region.municipalities if m.former_names)
    for wrong in style.impossible:
        table.spoil("onmogelijke_datum", style.ready, wrong)
    for gap in (90, 400):
        table.spoil("gereed_voor_instroom", style.ready, _before_arrival(style, gap))
    table.spoil("geboortedatum_toekomst", "geboortedatum",
                style.day(date(world.as_of.year + 5, 5, 14)))  # fmt: skip
    table.spoil(
        "serienummer_in_tekst",
        "geboortedatum",
        lambda facts: str((day_of(facts["geboortedatum"]) - date(1899, 12, 30)).days),
    )
    table.spoil("geen_getal", income, "?")
    table.spoil("geen_getal", "begeleiding_uren", "?")
    table.spoil("geen_getal", "personen", "n.v.t.")
    misspelt = town[:-2] + town[-1]
    table.spoil("gemeente_onbekend", "gemeente_herkomst", misspelt,
                where=lambda facts: facts["gemeente_herkomst"] == town, bedoeld=town)  # fmt: skip
    table.spoil("gemeente_opgeheven", "gemeente_herkomst", former.former_names[0],
                where=lambda facts: facts["gemeente_herkomst"] == former.name,
                bedoeld=former.name)  # fmt: skip
    table.spoil("wijk_onbekend", "voorkeur_wijken", UNKNOWN_NEIGHBOURHOOD)
    table.spoil("fase_onbekend", "fase", style.unknown_phase)
    table.spoil("formulecel", "slaapkamers", style.formula)
    table.spoil("lange_tekst", "opmerkingen", (LONG_TEXT * 200)[:10_000])
    table.spoil("formule_injectie", "opmerkingen", INJECTION)
    table.leave_a_gap()
    table.copy_a_row()


def client_lists(world: World) -> list[ClientList]:
    """The lists of the three providers: a workbook, a tab-separated and a semicolon file."""
    chance = stream(world.seed, "client lists")
    first, second, third = world.organisations_of("care_provider")
    onderdak = Table(_onderdak_columns(), chance, name="Deelnemers", header_rows=(5, 6))
    kompas = Table(_kompas_columns(), chance)
    overkant = Table(_overkant_columns(), chance)
    tables = {first.key: onderdak, second.key: kompas, third.key: overkant}
    listed = list(world.current)
    chance.shuffle(listed)
    for registration in listed:
        facts = client_facts(registration)
        if registration.provider == third.key:
            # That list is kept in Windows-1252, which has no dotless i.
            facts["achternaam"] = facts["achternaam"].replace("ı", "i")
        tables[registration.provider].add(facts, key=registration.number)

    year = world.as_of.year
    _plant(onderdak, world, _Style(
        day=lambda day: day,
        impossible=(f"31-02-{year}", f"30-02-{year}"),
        ready="gereed_datum",
        formula=Formula("=SUM(1+1)", 2),
        unknown_phase="on hold",
    ), income="inkomen_maand")  # fmt: skip
    for wrong, domain in ((6, "Huisvesting"), (0, "Sociaal netwerk")):
        onderdak.spoil("zrm_buiten_bereik", f"zrm.{domain}", wrong)

    _plant(kompas, world, _Style(
        day=lambda day: d_m_jjjj(day, "/"),
        impossible=(f"31/2/{year}", f"31-02-{year}"),
        ready="gereed_bereikt",
        formula=Formula("=SUM(A2:A3)"),
        unknown_phase="nader te bepalen",
    ), income="inkomen_jaar")  # fmt: skip
    kompas.repeat_the_header()

    overkant.swap_headers("geslacht", "soort")
    _plant(overkant, world, _Style(
        day=lambda day: f"{day:%Y%m%d}",
        impossible=(f"{year}0231", f"{year}0230"),
        ready="gereed_datum",
        formula=Formula("=SUM(A2:A3)"),
        unknown_phase="pauze",
    ), income="inkomen_maand")  # fmt: skip
    overkant.repeat_the_header()
    return [
        ClientList(first.name, onderdak, ONDERDAK_PHASES,
                   tuple(sorted(chance.sample(range(9, onderdak.last_row - 2), 3)))),
        ClientList(second.name, kompas, KOMPAS_PHASES),
        ClientList(third.name, overkant, OVERKANT_PHASES),
    ]  # fmt: skip
