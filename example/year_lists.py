"""The lists that cover years: the phase history, and what was agreed and delivered."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from example.chance import stream
from example.list_files import Workbook
from example.list_words import EXITS, PHASES, column, d_m_jjjj, day_of, words
from example.records import Registration, World
from example.tables import Cell, Facts, Formula, Table, letter

HISTORY_WORDS = {
    "instroom": "Intake",
    "stabilisatie": "Stabilisatie",
    "voorbereiding": "Voorbereiding uitstroom",
    "gereed": "Uitstroomklaar",
    "aangeboden": "Woningaanbod",
    "gehuisvest": "Gehuisvest",
    "terugval": "Terugval",
    "overig vertrokken": "Vertrokken overig",
    "zelf gevonden": "Zelf woning gevonden",
    "Wlz": "Naar Wlz",
}
QUARTERS = ("K1", "K2", "K3", "K4")


def _history_facts(registration: Registration, provider: str) -> list[Facts]:
    """The spells of one client number, and the way it left as a last row without an end."""
    common = {
        "client_nummer": registration.number,
        "aanbieder": provider,
        "soort": registration.facility_type,
        "gemeente_herkomst": registration.origin,
    }
    rows = [
        {
            **common,
            "fase": PHASES[spell.phase],
            "van": spell.begins.isoformat(),
            "tot": spell.ends.isoformat() if spell.ends else None,
        }
        for spell in registration.spells
    ]
    last = registration.spells[-1]
    if last.ends and last.following in EXITS:
        rows.append({**common, "fase": EXITS[last.following], "van": last.ends.isoformat(),
                     "tot": None})  # fmt: skip
    return rows


def history_list(world: World) -> Table:
    """The register of all phases since it was opened, with its defects."""
    chance = stream(world.seed, "history list")
    names = {o.key: o.name for o in world.organisations}

    def day(name: str) -> Any:
        return lambda facts, chance: d_m_jjjj(day_of(facts[name])) if facts[name] else None

    def plain(name: str) -> Any:
        return lambda facts, chance: facts[name]

    table = Table(
        [
            column("Instelling", "aanbieder", plain("aanbieder")),
            column("Cliëntnummer", "client_nummer", plain("client_nummer")),
            column("Voorziening", "soort", plain("soort")),
            column("Herkomstgemeente", "gemeente_herkomst", plain("gemeente_herkomst")),
            column("Trajectfase", "fase", words("fase", HISTORY_WORDS)),
            column("Begindatum", "van", day("van")),
            column("Einddatum", "tot", day("tot")),
        ],
        chance,
    )
    for registration in sorted(world.registrations, key=lambda r: (r.provider, r.number)):
        for facts in _history_facts(registration, names[registration.provider]):
            table.add(facts)
    town = world.region.municipalities[0].name
    table.spoil("datum_in_toekomst", "tot", d_m_jjjj(date(world.as_of.year + 1, 3, 1)))
    table.spoil("onmogelijke_datum", "van", f"30-2-{world.as_of.year - 1}")
    table.spoil("tot_voor_van", "tot",
                lambda facts: d_m_jjjj(date(day_of(facts["van"]).year - 1, 7, 13)))  # fmt: skip
    table.spoil("gemeente_onbekend", "gemeente_herkomst", town[:-2] + town[-1],
                where=lambda facts: facts["gemeente_herkomst"] == town, bedoeld=town)  # fmt: skip
    table.spoil("fase_onbekend", "fase", "niet ingevuld")
    table.leave_a_gap()
    table.copy_a_row()
    table.copy_a_row()
    return table


def counted_history(table: Table, world: World) -> dict[str, Any]:
    """Counts over the spells as they really were."""
    truth = [row.facts for row in table.originals]
    moves = [day_of(f["van"]) for f in truth if f["fase"] == "gehuisvest"]
    since = world.register_start
    return {
        "perioden": len(truth),
        "trajecten": len({f["client_nummer"] for f in truth}),
        "per_fase": dict(sorted(Counter(f["fase"] for f in truth).items())),
        "per_aanbieder": dict(sorted(Counter(f["aanbieder"] for f in truth).items())),
        "gehuisvest_per_kwartaal": dict(
            sorted(
                Counter(
                    f"{day.year}-K{(day.month + 2) // 3}" for day in moves if day >= since
                ).items()
            )
        ),
        "open_op_peildatum": dict(
            sorted(
                Counter(
                    f["fase"] for f in truth if f["tot"] is None and f["fase"] in PHASES.values()
                ).items()
            )
        ),
    }


class _YearOfAgreement:
    """What was agreed for one year and what was delivered in its quarters."""

    def __init__(self, world: World, year: int) -> None:
        self.names = {o.key: o.name for o in world.organisations}
        self.year = year
        self.key = next(key for key in world.keys if key.year == year)
        self.agreed: dict[str, dict[str, int]] = {}
        for contingent in world.contingents:
            if contingent.year == year:
                row = self.agreed.setdefault(contingent.municipality, {})
                row[self.names[contingent.corporation]] = contingent.number
        moves = Counter(
            (
                entry.municipality,
                self.names[entry.corporation],
                (entry.on.month - 1) // 3,
            )
            for entry in world.ledger
            if entry.kind == "let" and entry.year == year
        )
        self.delivered = [
            (
                town,
                corporation,
                [moves[town, corporation, quarter] for quarter in range(4)],
            )
            for town, row in self.agreed.items()
            for corporation in row
        ]
        self.begun = [date(year, 1 + 3 * q, 1) < world.as_of for q in range(4)]

    def expected(self) -> dict[str, Any]:
        """The year as `expected.json` writes it."""
        totals = [sum(counts[q] for _, _, counts in self.delivered) for q in range(4)]
        return {
            "gewichten": {
                "huishoudens": float(self.key.weight_households),
                "sociale_huur": float(self.key.weight_social),
            },
            "per_gemeente": dict(self.key.per_municipality),
            "matrix": self.agreed,
            "totaal": sum(number for _, number in self.key.per_municipality),
            "geleverd": [
                {"gemeente": town, "corporatie": corporation,
                 **dict(zip(QUARTERS, counts, strict=True))}
                for town, corporation, counts in self.delivered
            ],
            "geleverd_per_kwartaal": dict(zip(QUARTERS, totals, strict=True)),
            "geleverd_totaal": sum(totals),
        }  # fmt: skip

    def write(self, book: Workbook, title: str) -> None:
        """A sheet with two blocks: corporations down and municipalities across, then quarters."""
        sheet = book.add(f"Jaar {self.year}")
        towns = list(self.agreed)
        corporations = sorted({name for row in self.agreed.values() for name in row})
        sheet.write_string(0, 0, title, book.bold)
        book.put_row(sheet, 2, ["Corporatie", *towns, "Totaal"])
        last = letter(len(towns))
        row = 3
        for corporation in corporations:
            numbers: list[Cell] = [self.agreed[town].get(corporation) for town in towns]
            total = sum(self.agreed[town].get(corporation, 0) for town in towns)
            formula = Formula(f"=SUM(B{row + 1}:{last}{row + 1})", total)
            book.put_row(sheet, row, [corporation, *numbers, formula])
            row += 1
        sums: list[Cell] = [
            Formula(
                f"=SUM({letter(at)}4:{letter(at)}{row})",
                sum(self.agreed[town].values()),
            )
            for at, town in enumerate(towns, 1)
        ]
        book.put_row(sheet, row, ["Totaal", *sums])
        row += 2
        sheet.write_string(row, 0, "Gerealiseerde verhuringen per kwartaal", book.bold)
        row += 1
        heads = ["1e kwartaal", "2e kwartaal", "3e kwartaal", "4e kwartaal"]
        book.put_row(sheet, row, ["Corporatie", "Gemeente", *heads, "Totaal"])
        first = row + 2
        for town, corporation, counts in self.delivered:
            row += 1
            known: list[Cell] = [
                count if begun else None for count, begun in zip(counts, self.begun, strict=True)
            ]
            formula = Formula(f"=SUM(C{row + 1}:F{row + 1})", sum(counts))
            book.put_row(sheet, row, [corporation, town, *known, formula])
        totals = [sum(counts[q] for _, _, counts in self.delivered) for q in range(4)]
        book.put_row(sheet, row + 1, [
            "Totaal", None,
            *(Formula(f"=SUM({c}{first}:{c}{row + 1})", totals[at])
              for at, c in enumerate("CDEF")),
        ])  # fmt: skip


def write_contingents(path: Path, world: World) -> dict[str, Any]:
    """Write the workbook of agreements and return what it says."""
    years = [_YearOfAgreement(world, year) for year in (world.as_of.year - 1, world.as_of.year)]
    region = world.region
    book = Workbook(path)
    basis = book.add("Verdeling")
    basis.write_string(0, 0, "Waarop de verdeling berust", book.bold)
    book.put_row(basis, 2, ["Gemeente", "Gemeentecode", "Sociale huurwoningen", "Huishoudens"])
    for row, town in enumerate(region.municipalities, 3):
        book.put_row(basis, row, [town.name, town.code, town.social_dwellings, town.households])
    row = 4 + len(region.municipalities)
    for year in years:
        weights = (float(year.key.weight_social), float(year.key.weight_households))
        book.put_row(basis, row, [f"Weging {year.year}", None, *weights])
        row += 1
    for year in reversed(years):
        year.write(book, f"Afspraken {region.name} {year.year}: ten hoogste "
                         f"{world.yearly_ceiling} woningen")  # fmt: skip
    book.close()
    return {
        "bestand": path.name,
        "soort_totaal": "maximum",
        "totaal_per_jaar": world.yearly_ceiling,
        "vast": {},
        "grondslag": {
            town.name: {
                "code": town.code,
                "huishoudens": town.households,
                "sociale_huur": town.social_dwellings,
            }
            for town in region.municipalities
        },
        "jaren": {str(year.year): year.expected() for year in years},
    }
