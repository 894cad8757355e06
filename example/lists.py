"""Writes the lists that the parties of an invented region keep, as a folder of a case.

The form is that of the case of a real region: one file per party, each with its own words, and
`expected.json` with what a correct import finds. The words, headers and shapes are others.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from example.client_lists import ClientList, client_lists
from example.home_lists import (
    MONTHS,
    OfferList,
    counted_dwellings,
    counted_support,
    offer_lists,
    support_list,
)
from example.list_files import Workbook, write_csv, write_ods
from example.records import World
from example.tables import Cell, Facts, Formula, Table, letter
from example.world import invent_world
from example.year_lists import (
    HISTORY_WORDS,
    counted_history,
    history_list,
    write_contingents,
)

PEOPLE = 270
DWELLINGS = 120
HISTORY_YEARS = 2


@dataclass(frozen=True, slots=True)
class Case:
    """What the application knows before the first list: places, old names, and the parties."""

    folder: Path
    world: World
    expected: dict[str, Any]

    @property
    def neighbourhoods(self) -> dict[str, tuple[str, ...]]:
        """The names of the neighbourhoods of each municipality."""
        return {
            town.name: tuple(n.name for n in town.neighbourhoods)
            for town in self.world.region.municipalities
        }

    @property
    def former_municipalities(self) -> dict[str, str]:
        """Municipalities that were dissolved, with the one each of them became part of."""
        return {
            old: town.name for town in self.world.region.municipalities for old in town.former_names
        }


def write_case(folder: Path, *, seed: int, as_of: date) -> Case:
    """Write all lists and `expected.json` into a folder; the same seed writes the same values."""
    world = invent_world(
        seed=seed, as_of=as_of, people=PEOPLE, dwellings=DWELLINGS, history_years=HISTORY_YEARS
    )
    folder.mkdir(parents=True, exist_ok=True)
    month = f"{MONTHS[as_of.month - 1]}{as_of.year}"
    clients, offers = client_lists(world), offer_lists(world)
    files = [
        _onderdak(folder / f"Onderdak_deelnemers_{month}.xlsx", clients[0], as_of),
        _client_csv(folder / "Kompas_clientoverzicht.csv", clients[1], "utf-16", "\t"),
        _client_csv(folder / "overkant_lijst.csv", clients[2], "cp1252", ";", blank_line=True),
        _large_offers(folder / "Thuisgoed_vrijkomend.csv", offers[0]),
        _two_sheets(folder / "vrijkomende_woningen.ods", offers[1]),
        _other_offers(folder / "overige_verhuurders.xlsx", offers[2], as_of),
        _support(folder / "buurtaanbod.xlsx", support_list(world)),
        _history(folder / f"trajecten_{world.register_start.year}_{as_of.year}.csv", world),
    ]
    client_files = [file["bestand"] for file in files[:3]]
    expected = {
        "regio": world.region.name,
        "peildatum": as_of.isoformat(),
        "gemeenten": {
            **{town.name: town.code for town in world.region.municipalities},
            **{name: code for code, name in world.region.elsewhere},
        },
        "bestanden": files,
        "personen": _persons(world, clients, client_files),
        "regio_tellingen": _counted_clients(
            row.facts for c in clients for row in c.table.originals
        ),
        "woningen": counted_dwellings(offers),
        "contingent": write_contingents(folder / "afspraken_uitstroom.xlsx", world),
    }
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    (folder / "expected.json").write_text(text + "\n", encoding="utf-8")
    return Case(folder, world, expected)


def _sheets(tables: Iterable[Table]) -> dict[str, Any]:
    sheets = [table.described() for table in tables]
    return {
        "aantal_rijen": sum(sheet["aantal_rijen"] for sheet in sheets),
        "aantal_geldig": sum(sheet["aantal_geldig"] for sheet in sheets),
        "bladen": sheets,
    }


def _counted_clients(facts: Iterable[Facts]) -> dict[str, Any]:
    listed = list(facts)

    def by(name: str) -> dict[str, int]:
        return dict(sorted(Counter(f[name] for f in listed).items()))

    return {
        "aantal": len(listed),
        "gemeente_herkomst": by("gemeente_herkomst"),
        "soort": by("soort"),
        "fase": by("fase"),
    }


def _client_counts(content: ClientList) -> dict[str, Any]:
    return {
        "clienten": _counted_clients(row.facts for row in content.table.originals),
        "geldige_rijen": _counted_clients(row.facts for row in content.table.valid),
    }


def _onderdak(path: Path, content: ClientList, as_of: date) -> dict[str, Any]:
    """A workbook whose first sheet explains and whose second one holds the list."""
    table = content.table
    book = Workbook(path)
    legend = book.add("Leeswijzer")
    lines = ["Zo leest u deze lijst", "", "Treden op weg naar een eigen woning:"]
    lines += [f"- {word}" for word in content.phase_words.values()]
    lines += ["", "Herkomst: de gemeente waar iemand woonde voor de opname."]
    for row, line in enumerate(lines):
        legend.write_string(row, 0, line)
    totals: list[Cell] = [None] * len(table.columns)
    totals[0] = "Totaal"
    for name in ("personen", "kinderen"):
        at = table.at(name)
        cells = f"{letter(at)}{table.first_row}:{letter(at)}{table.last_row}"
        numbers = [row.cells[at] for row in table.rows]
        totals[at] = Formula(f"=SUM({cells})", sum(n for n in numbers if isinstance(n, int)))
    title = (f"{content.provider} – overzicht deelnemers",
             f"Peildatum: {as_of.day} {MONTHS[as_of.month - 1]} {as_of.year}",
             "Vertrouwelijk: alleen voor de regietafel")  # fmt: skip
    sheet = book.add_table(table, title=title, totals=totals)
    for row in content.hidden_rows:
        sheet.set_row(row - 1, None, None, {"hidden": True})
    book.close()
    return {
        "bestand": path.name,
        "soort": "clienten",
        "vorm": "xlsx",
        "aanbieder": content.provider,
        "fasewoorden": _turned(content.phase_words),
        "verborgen_rijen": list(content.hidden_rows),
        "totaalrij": table.last_row + 1,
        "tellingen": _client_counts(content),
        **_sheets([table]),
    }


def _client_csv(
    path: Path,
    content: ClientList,
    encoding: str,
    delimiter: str,
    *,
    blank_line: bool = False,
) -> dict[str, Any]:
    write_csv(
        path,
        content.table,
        encoding=encoding,
        delimiter=delimiter,
        blank_line=blank_line,
    )
    return {
        "bestand": path.name,
        "soort": "clienten",
        "vorm": "csv",
        "aanbieder": content.provider,
        "fasewoorden": _turned(content.phase_words),
        "codering": encoding,
        "scheiding": delimiter,
        "totaalrij": None,
        "tellingen": _client_counts(content),
        **_sheets([content.table]),
    }


def _large_offers(path: Path, offers: OfferList) -> dict[str, Any]:
    (table,) = offers.tables
    write_csv(path, table, encoding="utf-8-sig", delimiter=";")
    return {
        "bestand": path.name,
        "soort": "woningen",
        "vorm": "csv",
        "corporatie": offers.corporation,
        "codering": "utf-8-sig",
        "scheiding": ";",
        **_sheets([table]),
    }


def _two_sheets(path: Path, offers: OfferList) -> dict[str, Any]:
    write_ods(path, [(table, (f"{offers.corporation}: vrijkomende woningen", ""))
                     for table in offers.tables])  # fmt: skip
    return {
        "bestand": path.name,
        "soort": "woningen",
        "vorm": "ods",
        "corporatie": offers.corporation,
        **_sheets(offers.tables),
    }


def _other_offers(path: Path, offers: OfferList, as_of: date) -> dict[str, Any]:
    (table,) = offers.tables
    book = Workbook(path)
    title = ("Vrijkomende woningen van de overige verhuurders",
             f"Stand op {as_of.day} {MONTHS[as_of.month - 1]} {as_of.year}")  # fmt: skip
    book.add_table(table, title=title)
    book.close()
    return {
        "bestand": path.name,
        "soort": "woningen",
        "vorm": "xlsx",
        "corporatie": None,
        **_sheets([table]),
    }


def _support(path: Path, table: Table) -> dict[str, Any]:
    book = Workbook(path)
    book.add_table(table, title=("Wat is er in de buurt? Overzicht voorzieningen",))
    book.close()
    return {
        "bestand": path.name,
        "soort": "wijkondersteuning",
        "vorm": "xlsx",
        "tellingen": counted_support(table),
        **_sheets([table]),
    }


def _history(path: Path, world: World) -> dict[str, Any]:
    table = history_list(world)
    write_csv(path, table, encoding="utf-8-sig", delimiter=";")
    return {
        "bestand": path.name,
        "soort": "fasehistorie",
        "vorm": "csv",
        "codering": "utf-8-sig",
        "scheiding": ";",
        "fasewoorden": _turned(HISTORY_WORDS),
        "tellingen": counted_history(table, world),
        **_sheets([table]),
    }


def _turned(wording: dict[str, str]) -> dict[str, str]:
    return {word: phase for phase, word in wording.items()}


def _persons(world: World, lists: list[ClientList], files: list[str]) -> dict[str, Any]:
    """Rows, numbers and people, and which rows are one person or only look like it."""
    places = {
        row.key: {"bestand": file, "rij": content.table.row_number(row)}
        for content, file in zip(lists, files, strict=True)
        for row in content.table.originals
    }
    reasons = {"twins": "tweeling", "namesakes": "naamgenoten met andere geboortedatum"}
    return {
        "clientregels": sum(len(content.table.records) for content in lists),
        "clientnummers": len(places),
        "unieke_personen": len({r.person for r in world.current}),
        "zelfde_persoon": [
            [places[pair.first], places[pair.second]] for pair in world.same_persons
        ],
        "niet_samenvoegen": [
            {
                "reden": reasons[pair.reason],
                "rijen": [places[pair.first], places[pair.second]],
            }
            for pair in world.look_alikes
        ],
    }
