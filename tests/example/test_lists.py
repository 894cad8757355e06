"""The written lists, read again by other means, say what `expected.json` says of them."""

import csv
import io
import json
import os
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from odf import opendocument, table, teletype

from example.lists import Case, write_case
from tests.scale import n

AS_OF = date(2026, 10, 1)
KINDS = {
    "clienten": {
        "onmogelijke_datum", "gereed_voor_instroom", "geboortedatum_toekomst", "geen_getal",
        "gemeente_onbekend", "gemeente_opgeheven", "wijk_onbekend", "fase_onbekend",
        "zrm_buiten_bereik", "formulecel", "formule_injectie", "lange_tekst",
        "serienummer_in_tekst", "dubbele_rij", "lege_rij", "kop_herhaald", "koppen_verwisseld",
    },
    "woningen": {
        "onmogelijke_datum", "geen_getal", "wijk_onbekend", "huur_negatief",
        "postcode_ontbreekt", "formulecel", "dubbele_rij", "lege_rij",
    },
    "wijkondersteuning": {
        "onmogelijke_datum", "geen_getal", "gemeente_onbekend", "wijk_onbekend",
        "meer_bezet_dan_plaatsen", "tot_voor_vanaf", "dubbele_rij", "lege_rij",
    },
    "fasehistorie": {
        "onmogelijke_datum", "datum_in_toekomst", "tot_voor_van", "fase_onbekend",
        "gemeente_onbekend", "dubbele_rij", "lege_rij",
    },
}  # fmt: skip
STRUCTURE = {"koppen_verwisseld"}
NO_RECORD = {"lege_rij", "kop_herhaald"}
Rows = list[list[Any]]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return write_case(tmp_path_factory.mktemp("case"), seed=5, as_of=AS_OF)


@pytest.fixture(scope="module", params=range(n(2, 20)))
def any_case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Cases with other seeds and reference dates."""
    seed = int(request.param)
    as_of = (date(2026, 3, 31), date(2028, 2, 29), date(2027, 1, 1))[seed % 3]
    return write_case(tmp_path_factory.mktemp("case"), seed=seed, as_of=as_of)


# --- reading by other means -----------------------------------------------------------------


def rows_of_csv(path: Path, encoding: str, delimiter: str) -> Rows:
    text = path.read_bytes().decode(encoding)
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]


def rows_of_xlsx(path: Path, sheet: str) -> Rows:
    book = openpyxl.load_workbook(path)
    return [
        [v.date() if isinstance(v, datetime) else v for v in row]
        for row in book[sheet].iter_rows(values_only=True)
    ]


def value_of_ods(cell: Any) -> Any:
    formula = cell.getAttribute("formula")
    if formula:
        return formula.removeprefix("of:")
    match cell.getAttribute("valuetype"):
        case "float" | "currency":
            value = float(cell.getAttribute("value"))
            return int(value) if value == int(value) else value
        case "date":
            return date.fromisoformat(cell.getAttribute("datevalue"))
        case None:
            return None
        case _:
            return teletype.extractText(cell)


def rows_of_ods(path: Path, sheet: str) -> Rows:
    document = opendocument.load(str(path))
    (part,) = (
        t for t in document.getElementsByType(table.Table) if t.getAttribute("name") == sheet
    )
    rows: Rows = []
    for row in part.getElementsByType(table.TableRow):
        repeated = int(row.getAttribute("numberrowsrepeated") or 1)
        cells = [
            value_of_ods(cell)
            for cell in row.getElementsByType(table.TableCell)
            if int(cell.getAttribute("numbercolumnsrepeated") or 1) == 1
        ]
        rows += [cells] * (repeated if repeated < 1000 else 0)
    return rows


def rows_of(case: Case, file: dict[str, Any], sheet: dict[str, Any]) -> Rows:
    path = case.folder / file["bestand"]
    match file["vorm"]:
        case "csv":
            return rows_of_csv(path, file["codering"], file["scheiding"])
        case "xlsx":
            return rows_of_xlsx(path, sheet["blad"])
        case _:
            return rows_of_ods(path, sheet["blad"])


READ: dict[Path, list[tuple[dict[str, Any], dict[str, Any], Rows]]] = {}


def sheets(case: Case) -> list[tuple[dict[str, Any], dict[str, Any], Rows]]:
    """Every sheet with its file and its rows; a folder is read once."""
    if case.folder not in READ:
        READ[case.folder] = [
            (file, sheet, rows_of(case, file, sheet))
            for file in case.expected["bestanden"]
            for sheet in file["bladen"]
        ]
    return READ[case.folder]


def is_empty(row: list[Any]) -> bool:
    return all(value in (None, "") for value in row)


def column_of(letters: str) -> int:
    index = 0
    for character in letters:
        index = index * 26 + ord(character) - 64
    return index - 1


def at(rows: Rows, number: int, letters: str) -> Any:
    row = rows[number - 1]
    index = column_of(letters)
    return row[index] if index < len(row) else None


def letters_of(sheet: dict[str, Any], field: str) -> str:
    return next(c["kolomletter"] for c in sheet["kolommen"] if field in c["velden"])


def records(sheet: dict[str, Any], rows: Rows) -> dict[int, list[Any]]:
    """The rows that hold a record, by what can be seen in the file alone."""
    header = [value for value in rows[sheet["kop_rijen"][-1] - 1] if value not in (None, "")]
    found = {}
    span = rows[sheet["eerste_rij"] - 1 : sheet["laatste_rij"]]
    for number, row in enumerate(span, sheet["eerste_rij"]):
        values = [value for value in row if value not in (None, "")]
        if values and values != header:
            found[number] = row
    return found


def spoiled(sheet: dict[str, Any]) -> set[int]:
    return {g["rij"] for g in sheet["gebreken"] if g["soort"] not in STRUCTURE | NO_RECORD}


def valid(sheet: dict[str, Any], rows: Rows) -> dict[int, list[Any]]:
    bad = spoiled(sheet)
    return {number: row for number, row in records(sheet, rows).items() if number not in bad}


def day(value: Any) -> date:
    """The day in any of the ways in which these lists write one."""
    if isinstance(value, date):
        return value
    if re.fullmatch(r"\d{8}", value):
        return datetime.strptime(value, "%Y%m%d").date()
    parts = [int(part) for part in re.split(r"[-/]", value.strip())]
    return date(parts[2], parts[1], parts[0])


def number_in(value: Any) -> float:
    if isinstance(value, int | float):
        return float(value)
    return float(value.replace("€", "").replace(".", "").replace(",", ".").strip())


# --- the file and what is said of it --------------------------------------------------------


def test_headers_stand_where_the_description_says(any_case: Case) -> None:
    for _, sheet, rows in sheets(any_case):
        bottom = sheet["kop_rijen"][-1]
        for column in sheet["kolommen"]:
            assert at(rows, bottom, column["kolomletter"]) == column["kop"]
        if len(sheet["kop_rijen"]) == 2:
            groups = [value for value in rows[sheet["kop_rijen"][0] - 1] if value]
            described = [c["groep"] for c in sheet["kolommen"] if c["groep"]]
            assert groups == list(dict.fromkeys(described))


def test_rows_are_as_many_as_said_and_nothing_follows_but_a_total(any_case: Case) -> None:
    for file, sheet, rows in sheets(any_case):
        assert len(records(sheet, rows)) == sheet["aantal_rijen"]
        assert len(valid(sheet, rows)) == sheet["aantal_geldig"]
        assert len(sheet["gebreken"]) == sheet["aantal_gebreken"]
        rest = [row for row in rows[sheet["laatste_rij"] :] if not is_empty(row)]
        total = file.get("totaalrij")
        assert len(rest) == (1 if total else 0)
        if total:
            assert total == sheet["laatste_rij"] + 1
            assert rows[total - 1][0] == "Totaal"
    for file in any_case.expected["bestanden"]:
        assert file["aantal_rijen"] == sum(s["aantal_rijen"] for s in file["bladen"])
        assert file["aantal_geldig"] == sum(s["aantal_geldig"] for s in file["bladen"])


def test_every_defect_stands_in_the_file_as_described(any_case: Case) -> None:
    for _, sheet, rows in sheets(any_case):
        for defect in sheet["gebreken"]:
            number, kind = defect["rij"], defect["soort"]
            if kind == "lege_rij":
                assert is_empty(rows[number - 1])
            elif kind == "kop_herhaald":
                assert rows[number - 1] == rows[sheet["kop_rijen"][-1] - 1]
            elif kind == "dubbele_rij":
                assert rows[number - 1] == rows[defect["zelfde_als_rij"] - 1]
                assert defect["zelfde_als_rij"] < number
            elif kind == "lange_tekst":
                text = at(rows, number, defect["kolomletter"])
                assert len(text) == defect["lengte"] == 10_000
                assert text.startswith(defect["waarde"])
            else:
                value = at(rows, number, defect["kolomletter"])
                stands = value.isoformat() if isinstance(value, date) else value
                stands = None if stands == "" else stands
                if isinstance(stands, str):
                    stands = stands.strip()
                shown = defect["waarde"]
                assert stands == shown or str(stands) == str(shown), (kind, number)


def test_a_row_has_one_defect_at_most(any_case: Case) -> None:
    for _, sheet, _ in sheets(any_case):
        rows = Counter(g["rij"] for g in sheet["gebreken"])
        assert max(rows.values()) == 1


def test_no_valid_row_is_an_exact_copy(any_case: Case) -> None:
    for _, sheet, rows in sheets(any_case):
        listed = [tuple(map(str, row)) for row in valid(sheet, rows).values()]
        assert len(set(listed)) == len(listed)


def test_every_kind_of_defect_occurs(any_case: Case) -> None:
    found: dict[str, set[str]] = {}
    for file, sheet, _ in sheets(any_case):
        found.setdefault(file["soort"], set()).update(g["soort"] for g in sheet["gebreken"])
    assert found == KINDS


def test_wrong_values_are_wrong(any_case: Case) -> None:
    as_of = any_case.world.as_of
    towns = set(any_case.expected["gemeenten"])
    parts = {name for names in any_case.neighbourhoods.values() for name in names}
    for file, sheet, rows in sheets(any_case):
        for defect in sheet["gebreken"]:
            value = defect["waarde"]
            match defect["soort"]:
                case "onmogelijke_datum":
                    with pytest.raises(ValueError, match=r"day|remains"):
                        day(value)
                case "geboortedatum_toekomst" | "datum_in_toekomst":
                    cell = at(rows, defect["rij"], defect["kolomletter"])
                    assert day(cell) > as_of
                case "gereed_voor_instroom":
                    arrival = at(rows, defect["rij"], letters_of(sheet, "in_zorg_sinds"))
                    ready = at(rows, defect["rij"], defect["kolomletter"])
                    assert day(ready) < day(arrival)
                case "gemeente_onbekend":
                    assert value not in towns
                    assert defect["bedoeld"] in towns
                case "gemeente_opgeheven":
                    assert value not in towns
                    assert any_case.former_municipalities[value] == defect["bedoeld"]
                case "wijk_onbekend":
                    assert value not in parts
                case "fase_onbekend":
                    assert value not in file["fasewoorden"]
                case "zrm_buiten_bereik":
                    assert not 1 <= value <= 5
                case "huur_negatief":
                    cell = at(rows, defect["rij"], defect["kolomletter"])
                    assert number_in(cell) < 0
                case "tot_voor_vanaf" | "tot_voor_van":
                    begin = letters_of(sheet, "vanaf" if defect["soort"][9:] == "vanaf" else "van")
                    end = at(rows, defect["rij"], defect["kolomletter"])
                    assert day(end) < day(at(rows, defect["rij"], begin))
                case "serienummer_in_tekst":
                    born = date(1899, 12, 30) + timedelta(days=int(value))
                    assert 18 <= (as_of - born).days / 365.25 <= 90


def test_valid_rows_keep_the_rules_that_defects_break(any_case: Case) -> None:
    """Otherwise a correct importer would find more than is said."""
    as_of = any_case.world.as_of
    towns = set(any_case.expected["gemeenten"])
    for file, sheet, rows in sheets(any_case):
        for number, row in valid(sheet, rows).items():
            if file["soort"] == "clienten":
                born = day(at(rows, number, letters_of(sheet, "geboortedatum")))
                arrival = day(at(rows, number, letters_of(sheet, "in_zorg_sinds")))
                assert born < arrival < as_of
                assert at(rows, number, letters_of(sheet, "gemeente_herkomst")).strip() in towns
                phase = at(rows, number, letters_of(sheet, "fase"))
                assert phase in file["fasewoorden"]
            elif file["soort"] == "woningen":
                assert number_in(at(rows, number, letters_of(sheet, "kale_huur"))) > 0
                assert at(rows, number, letters_of(sheet, "postcode"))
                day(at(rows, number, letters_of(sheet, "beschikbaar_per")))
            elif file["soort"] == "wijkondersteuning":
                places = at(rows, number, letters_of(sheet, "plaatsen"))
                assert at(rows, number, letters_of(sheet, "bezet")) <= places
            else:
                begin = day(at(rows, number, letters_of(sheet, "van")))
                end = at(rows, number, letters_of(sheet, "tot"))
                assert begin < as_of
                assert not end or begin < day(end) <= as_of
            assert not any(isinstance(v, str) and v.startswith(("=", "#")) for v in row)


SAMPLED = {
    "client_nummer": str,
    "achternaam": str,
    "geboortedatum": day,
    "in_zorg_sinds": day,
    "inkomen_maand": number_in,
    "inkomen_jaar": number_in,
    "schulden_bedrag": number_in,
    "begeleiding_uren": number_in,
    "kale_huur": number_in,
    "beschikbaar_per": day,
    "van": day,
    "vanaf": day,
}


def test_sampled_rows_say_what_their_cells_say(any_case: Case) -> None:
    compared: Counter[str] = Counter()
    for file, sheet, rows in sheets(any_case):
        assert len(sheet["normaal"]) == min(25, sheet["aantal_geldig"])
        good = valid(sheet, rows)
        for sample in sheet["normaal"]:
            assert sample["rij"] in good
            described = {f.split(".")[0] for c in sheet["kolommen"] for f in c["velden"]}
            assert set(sample["velden"]) == described
            for field, read in SAMPLED.items():
                if field in described:
                    cell = at(rows, sample["rij"], letters_of(sheet, field))
                    value = read(cell)
                    stands = value.isoformat() if isinstance(value, date) else value
                    if isinstance(stands, str):
                        stands = stands.strip()
                    assert stands == sample["velden"][field]
                    compared[field] += 1
            if file["soort"] in ("clienten", "fasehistorie"):
                word = at(rows, sample["rij"], letters_of(sheet, "fase"))
                assert file["fasewoorden"][word] == sample["velden"]["fase"]
    assert set(compared) == set(SAMPLED)


# --- counts ---------------------------------------------------------------------------------


def test_counts_of_valid_clients_are_those_of_the_rows(any_case: Case) -> None:
    for file, sheet, rows in sheets(any_case):
        if file["soort"] != "clienten":
            continue
        counted = file["tellingen"]["geldige_rijen"]
        good = valid(sheet, rows)
        phases = Counter(
            file["fasewoorden"][at(rows, number, letters_of(sheet, "fase"))] for number in good
        )
        towns = Counter(
            at(rows, number, letters_of(sheet, "gemeente_herkomst")).strip() for number in good
        )
        assert counted["aantal"] == len(good)
        assert counted["fase"] == phases
        assert counted["gemeente_herkomst"] == towns
        assert file["tellingen"]["clienten"]["aantal"] == sheet["aantal_rijen"] - 1


def test_client_numbers_and_people_add_up(any_case: Case) -> None:
    people = any_case.expected["personen"]
    numbers = []
    for file, sheet, rows in sheets(any_case):
        if file["soort"] == "clienten":
            place = letters_of(sheet, "client_nummer")
            numbers += [at(rows, number, place).strip() for number in records(sheet, rows)]
    assert people["clientregels"] == len(numbers)
    assert (
        people["clientnummers"]
        == len(set(numbers))
        == any_case.expected["regio_tellingen"]["aantal"]
    )
    assert people["unieke_personen"] == len(set(numbers)) - len(people["zelfde_persoon"])
    assert any(number.startswith("0") for number in numbers)


def named(case: Case, place: dict[str, Any], field: str) -> Any:
    for file, sheet, rows in sheets(case):
        if file["bestand"] == place["bestand"]:
            return at(rows, place["rij"], letters_of(sheet, field))
    raise AssertionError(place)


def test_rows_of_one_person_share_the_birth_date_and_look_alikes_are_two(case: Case) -> None:
    people = case.expected["personen"]
    assert len(people["zelfde_persoon"]) >= 10
    spoiled_births = {
        (file["bestand"], g["rij"])
        for file, sheet, _ in sheets(case)
        for g in sheet["gebreken"]
        if g["soort"] in ("geboortedatum_toekomst", "serienummer_in_tekst")
    }
    for first, second in people["zelfde_persoon"]:
        assert first["bestand"] != second["bestand"]
        if not {(p["bestand"], p["rij"]) for p in (first, second)} & spoiled_births:
            born = [day(named(case, place, "geboortedatum")) for place in (first, second)]
            assert born[0] == born[1]
    assert [pair["reden"] for pair in people["niet_samenvoegen"]] == [
        "tweeling",
        "naamgenoten met andere geboortedatum",
    ]


def test_counts_of_the_history_are_those_of_its_rows(any_case: Case) -> None:
    (found,) = (s for s in sheets(any_case) if s[0]["soort"] == "fasehistorie")
    file, sheet, rows = found
    counted = file["tellingen"]
    copies = sum(g["soort"] == "dubbele_rij" for g in sheet["gebreken"])
    assert counted["perioden"] == sheet["aantal_rijen"] - copies
    numbers = {at(rows, n_, letters_of(sheet, "client_nummer")) for n_ in records(sheet, rows)}
    assert counted["trajecten"] == len(numbers)
    phases = Counter(
        file["fasewoorden"][at(rows, n_, letters_of(sheet, "fase"))] for n_ in valid(sheet, rows)
    )
    assert sum(counted["per_fase"].values()) == counted["perioden"]
    assert all(phases[phase] <= count for phase, count in counted["per_fase"].items())
    assert sum(counted["per_fase"].values()) - sum(phases.values()) == 5


def test_history_and_client_lists_agree(any_case: Case) -> None:
    (history,) = (f for f in any_case.expected["bestanden"] if f["soort"] == "fasehistorie")
    still_open = dict(history["tellingen"]["open_op_peildatum"])
    listed = dict(any_case.expected["regio_tellingen"]["fase"])
    assert still_open.pop("gehuisvest") >= listed.pop("gehuisvest")
    assert still_open == listed


def test_homes_are_counted_by_place_and_rent_class(any_case: Case) -> None:
    homes = any_case.expected["woningen"]
    offers = [s for s in sheets(any_case) if s[0]["soort"] == "woningen"]
    copies = sum(g["soort"] == "dubbele_rij" for _, s, _ in offers for g in s["gebreken"])
    assert homes["aantal_uniek"] == sum(s["aantal_rijen"] for _, s, _ in offers) - copies
    assert homes["aantal_geldig"] == sum(s["aantal_geldig"] for _, s, _ in offers)
    limits = homes["huurgrenzen_2026"]
    classes: Counter[int] = Counter()
    for _, sheet, rows in offers:
        for number in valid(sheet, rows):
            rent = number_in(at(rows, number, letters_of(sheet, "kale_huur")))
            classes[sum(rent > limit for limit in limits)] += 1
    assert sorted(classes.values()) == sorted(homes["per_huurklasse"].values())
    assert classes[0] == homes["per_huurklasse"]["t/m 498,20"]
    for total in ("per_gemeente", "per_huurklasse"):
        assert sum(homes[total].values()) == homes["aantal_geldig"]
    assert sum(r["aantal"] for r in homes["per_wijk_en_huurklasse"]) == homes["aantal_geldig"]


def test_places_of_support_add_up(any_case: Case) -> None:
    (found,) = (s for s in sheets(any_case) if s[0]["soort"] == "wijkondersteuning")
    file, sheet, rows = found
    counted = file["tellingen"]["geldige_rijen"]
    good = valid(sheet, rows)
    assert counted["aantal"] == len(good)
    for field in ("plaatsen", "bezet"):
        total = sum(at(rows, number, letters_of(sheet, field)) for number in good)
        assert counted[field] == total
    assert sum(counted["plaatsen_per_gemeente"].values()) == counted["plaatsen"]
    assert sum(counted["per_soort"].values()) == counted["aantal"]


def test_the_workbook_of_agreements_says_what_is_expected(any_case: Case) -> None:
    agreed = any_case.expected["contingent"]
    path = any_case.folder / agreed["bestand"]
    key = {row[0]: row for row in rows_of_xlsx(path, "Verdeling")}
    for town, basis in agreed["grondslag"].items():
        assert key[town][1:] == [basis["code"], basis["sociale_huur"], basis["huishoudens"]]
    for year, said in agreed["jaren"].items():
        weights = said["gewichten"]
        assert key[f"Weging {year}"][2:] == [weights["sociale_huur"], weights["huishoudens"]]
        rows = rows_of_xlsx(path, f"Jaar {year}")
        towns = [v for v in rows[2][1:] if v and v != "Totaal"]
        matrix: dict[str, dict[str, int]] = {town: {} for town in towns}
        for row in rows[3:]:
            if row[0] == "Totaal":
                break
            for town, value in zip(towns, row[1:], strict=False):
                if value is not None:
                    matrix[town][row[0]] = value
        assert matrix == {town: dict(row) for town, row in said["matrix"].items()}
        assert said["totaal"] == agreed["totaal_per_jaar"]
        assert {t: sum(r.values()) for t, r in matrix.items()} == said["per_gemeente"]
        delivered = {
            (row[1], row[0]): [v or 0 for v in row[2:6]]
            for row in rows[len(matrix) :]
            if row[1] in matrix
        }
        assert delivered == {
            (d["gemeente"], d["corporatie"]): [d[q] for q in ("K1", "K2", "K3", "K4")]
            for d in said["geleverd"]
        }
        assert said["geleverd_totaal"] == sum(map(sum, delivered.values()))


def test_delivered_homes_are_the_moves_of_the_history(any_case: Case) -> None:
    (history,) = (f for f in any_case.expected["bestanden"] if f["soort"] == "fasehistorie")
    moves = history["tellingen"]["gehuisvest_per_kwartaal"]
    for year, said in any_case.expected["contingent"]["jaren"].items():
        for quarter, count in said["geleverd_per_kwartaal"].items():
            assert moves.get(f"{year}-{quarter}", 0) == count


# --- the form -------------------------------------------------------------------------------


def form(value: Any, path: str = "") -> set[str]:
    """The keys of a document; names, words and years stand for any of their kind."""
    if isinstance(value, list):
        return set().union(*(form(item, path) for item in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    free = re.search(
        r"(gemeenten|gemeente|fasewoorden|fase|soort|per_\w+|grondslag|jaren|matrix"
        r"|gehuisvest_per_kwartaal|open_op_peildatum|jaren\.\*|grondslag\.\*|gemeente_herkomst"
        r"|matrix\.\*|zrm|plaatsen_per_gemeente)$",
        path,
    )
    keyed = path.endswith(("jaren.*", "grondslag.*"))
    found = set()
    for key, item in value.items():
        inner = f"{path}.{'*' if free and not keyed else key}"
        found |= {inner} | form(item, inner)
    return found


CASES = Path(os.environ.get("WEERTHUIS_CASES", "/nowhere"))


@pytest.mark.skipif(not CASES.is_dir(), reason="needs a case folder to compare with")
def test_the_form_is_that_of_the_case_folders(case: Case) -> None:
    mine = form(case.expected)
    for path in CASES.glob("*/expected.json"):
        theirs = form(json.loads(path.read_text(encoding="utf-8")))
        assert mine == theirs, path


def test_the_document_has_these_parts(case: Case) -> None:
    written = json.loads((case.folder / "expected.json").read_text(encoding="utf-8"))
    assert written == case.expected
    assert list(written) == [
        "regio", "peildatum", "gemeenten", "bestanden", "personen", "regio_tellingen",
        "woningen", "contingent",
    ]  # fmt: skip
    assert [file["soort"] for file in written["bestanden"]] == [
        "clienten", "clienten", "clienten", "woningen", "woningen", "woningen",
        "wijkondersteuning", "fasehistorie",
    ]  # fmt: skip
    listed = {file["bestand"] for file in written["bestanden"]}
    names = {path.name for path in case.folder.iterdir()}
    assert names == listed | {written["contingent"]["bestand"], "expected.json"}


def test_lists_are_small_enough_for_quick_tests(any_case: Case) -> None:
    sizes = {file["bestand"]: file["aantal_rijen"] for file in any_case.expected["bestanden"]}
    assert all(60 <= size <= 130 for size in list(sizes.values())[:3])
    assert list(sizes.values())[-1] <= 4000


def test_the_same_seed_writes_the_same_lists(case: Case, tmp_path: Path) -> None:
    again = write_case(tmp_path, seed=5, as_of=AS_OF)
    assert again.expected == case.expected
    for first, second in zip(sheets(case), sheets(again), strict=True):
        assert first[2] == second[2]


def test_another_seed_writes_other_lists(case: Case, tmp_path: Path) -> None:
    other = write_case(tmp_path, seed=6, as_of=AS_OF)
    assert other.expected["personen"] != case.expected["personen"]


def test_a_changed_cell_would_be_noticed(tmp_path: Path) -> None:
    case = write_case(tmp_path, seed=5, as_of=AS_OF)
    file = case.expected["bestanden"][-1]
    path = case.folder / file["bestand"]
    text = path.read_bytes().decode("utf-8-sig")
    lines = text.split("\r\n")
    path.write_bytes("\r\n".join(lines[:40] + lines[41:]).encode("utf-8-sig"))
    with pytest.raises(AssertionError):
        test_rows_are_as_many_as_said_and_nothing_follows_but_a_total(case)


def test_the_ods_ends_in_a_very_long_run_of_empty_rows(case: Case) -> None:
    (file,) = (f for f in case.expected["bestanden"] if f["vorm"] == "ods")
    document = opendocument.load(str(case.folder / file["bestand"]))
    for part in document.getElementsByType(table.Table):
        last = part.getElementsByType(table.TableRow)[-1]
        assert int(last.getAttribute("numberrowsrepeated")) > 1_000_000


def test_hidden_rows_of_the_workbook_hold_records(case: Case) -> None:
    file = case.expected["bestanden"][0]
    book = openpyxl.load_workbook(case.folder / file["bestand"])
    sheet = book[file["bladen"][0]["blad"]]
    hidden = [number for number, row in sheet.row_dimensions.items() if row.hidden]
    assert hidden == file["verborgen_rijen"]
    assert len(hidden) == 3
