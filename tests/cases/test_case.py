"""Every case folder comes in with exactly the results of its expected.json."""

from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from example.lists import write_case
from housing.distribution import Key, Place, distribute
from lists.cells.texts import shown as raw_text
from lists.parts import Part
from lists.reading import column_index
from lists.rows import Outcome, Row
from outflow.duplicates import Tokens, initial, likely_duplicates, phonetic
from tests.cases.expected import (
    KINDS,
    PHASES,
    defect_name,
    field_name,
    same,
    shown,
)
from tests.cases.folders import every_case
from tests.cases.reader import Case, read_case
from tests.scale import n

AS_OF = date(2026, 10, 1)
# Lists that the project writes itself, so that a clone alone has a case too.
SEEDS = range(1, n(2, 12))


@pytest.fixture(scope="module", params=every_case("read", SEEDS))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = request.param
    if not isinstance(folder, Path):
        folder = tmp_path_factory.mktemp(f"written-{request.param}")
        written = write_case(folder, seed=request.param, as_of=AS_OF)
        former = {old: (new,) for old, new in written.former_municipalities.items()}
        read = read_case(folder, former=former)
    else:
        read = read_case(folder)
    for name, person in read.people.items():
        print(f"{name}: answered {dict(person.answers)}")
    return read


def parts_of(case: Case, file: dict[str, Any]) -> list[tuple[dict[str, Any], Part]]:
    parts = case.readings[file["bestand"]].parts
    assert [part.name for part in parts] == [sheet["blad"] for sheet in file["bladen"]]
    return list(zip(file["bladen"], parts, strict=True))


def test_case_files_are_recognised_for_what_they_are(case: Case) -> None:
    for file in case.files:
        reading = case.readings[file["bestand"]]
        assert set(reading.kinds) == {KINDS[file["soort"]]}, file["bestand"]
        assert reading.workbook.form == file["vorm"]
        if file["vorm"] == "csv":
            assert reading.workbook.separator == file["scheiding"]
            data = (case.folder / file["bestand"]).read_bytes()
            assert data.decode(reading.workbook.encoding or "") == data.decode(file["codering"])
        owner = file.get("aanbieder") or file.get("corporatie")
        if owner:
            assert reading.organisation == owner


def test_case_the_person_was_asked_only_what_a_person_must_say(case: Case) -> None:
    for file in case.files:
        asked = case.asked[file["bestand"]]
        topics = {question.topic for question in asked}
        assert topics <= {"swaps", "words.phase", "neighbourhoods", "places", "columns"}
        # A column is asked only if the list has no use for it: unknown columns are reported.
        unused = {
            column["kop"]
            for sheet in file["bladen"]
            for column in sheet["kolommen"]
            if not column["velden"]
        }
        assert {question.text for question in asked if question.topic == "columns"} == unused


def test_case_header_rows_and_edges_are_found(case: Case) -> None:
    for file in case.files:
        for sheet, part in parts_of(case, file):
            assert list(part.block.header_rows) == sheet["kop_rijen"], file["bestand"]
            found = (part.facts.first_row, part.facts.last_row)
            assert found == (sheet["eerste_rij"], sheet["laatste_rij"]), file["bestand"]
        if file.get("totaalrij"):
            assert part.facts.total_rows == (file["totaalrij"],)
        if file.get("verborgen_rijen"):
            assert list(part.facts.hidden_rows) == file["verborgen_rijen"]


def test_case_columns_hold_the_expected_fields(case: Case) -> None:
    for file in case.files:
        for sheet, part in parts_of(case, file):
            found = [
                (
                    column.letter,
                    column.header.group,
                    column.header.text,
                    column.field.produces if column.field else (),
                )
                for column in part.columns.columns
            ]
            expected = [
                (
                    column["kolomletter"],
                    column.get("groep"),
                    column["kop"],
                    tuple(field_name(veld, file["soort"]) for veld in column["velden"]),
                )
                for column in sheet["kolommen"]
            ]
            assert found == expected, file["bestand"]


def test_case_every_row_is_counted(case: Case) -> None:
    for file in case.files:
        reading = case.readings[file["bestand"]]
        assert reading.rows_in == file["aantal_rijen"], file["bestand"]
        assert sum(part.facts.valid for part in reading.parts) == file["aantal_geldig"]
        assert sum(reading.count(outcome) for outcome in Outcome) == file["aantal_rijen"]
        for sheet, part in parts_of(case, file):
            assert part.facts.rows_in == sheet["aantal_rijen"]
            assert part.facts.valid == sheet["aantal_geldig"]


def defects_of(part: Part, soort: str) -> list[dict[str, Any]]:
    found = []
    for row in part.rows():
        for defect in row.defects:
            line = {
                "rij": row.number,
                "kolom": defect.header,
                "kolomletter": defect.letter,
                "soort": defect_name(defect.kind, soort),
                "waarde": shown(defect.value),
            }
            if defect.kind == "long_text":
                line["lengte"] = defect.facts["length"]
            if defect.kind == "duplicate_row":
                line["zelfde_als_rij"] = defect.facts["row"]
            if defect.kind == "formula_cell" and defect.suggestion is not None:
                line["opgeslagen_uitkomst"] = defect.suggestion
            if defect.kind.startswith("municipality") and defect.suggestion:
                line["bedoeld"] = defect.suggestion
            found.append(line)
    for each in part.facts.structure:
        if each.kind in {"empty_row", "header_repeated"}:
            name = defect_name(each.kind, soort)
            found.append(
                {
                    "rij": each.number,
                    "kolom": None,
                    "kolomletter": None,
                    "soort": name,
                    "waarde": None,
                }
            )
    for defect in part.facts.swapped:
        left = {"kop": defect.suggestion, "letter": defect.facts["other_letter"]}
        found.append(
            {
                "rij": defect.facts["row"],
                "kolom": defect.header,
                "kolomletter": defect.letter,
                "soort": "koppen_verwisseld",
                "waarde": defect.value,
                "hoort_te_zijn": left["kop"],
                "ook_kolom": left["kop"],
                "ook_kolomletter": left["letter"],
            }
        )
    return sorted(found, key=lambda line: (line["rij"], line["soort"]))


def test_case_every_defect_is_found_where_it_is_and_no_other(case: Case) -> None:
    for file in case.files:
        for sheet, part in parts_of(case, file):
            expected = sorted(sheet["gebreken"], key=lambda line: (line["rij"], line["soort"]))
            found = defects_of(part, file["soort"])
            assert found == expected, file["bestand"]
            assert len(found) == sheet["aantal_gebreken"]


def test_case_every_defect_has_a_sentence(case: Case) -> None:
    for file in case.files:
        for _, part in parts_of(case, file):
            for row in part.rows():
                for defect in row.defects:
                    sentence = defect.sentence(part.kind)
                    assert sentence.endswith(".")
                    assert "%(" not in sentence


def test_case_sampled_rows_have_their_normal_values(case: Case) -> None:
    for file in case.files:
        for sheet, part in parts_of(case, file):
            rows = {row.number: row for row in part.rows()}
            letters = {
                veld: column_index(column["kolomletter"])
                for column in sheet["kolommen"]
                for veld in column["velden"]
            }
            wrong = [
                (file["bestand"], sample["rij"], veld, expected, found)
                for sample in sheet["normaal"]
                for veld, expected in sample["velden"].items()
                for found in [rows[sample["rij"]].values.get(field_name(veld, file["soort"]))]
                if not same(
                    field_name(veld, file["soort"]),
                    expected,
                    found,
                    raw_text(rows[sample["rij"]].cells[letters[veld]]) if veld in letters else "",
                )
            ]
            assert wrong == []


def client_rows(case: Case) -> list[tuple[dict[str, Any], Row]]:
    return [
        (file, row)
        for file in case.files
        if file["soort"] == "clienten"
        for part in case.readings[file["bestand"]].parts
        for row in part.rows()
    ]


def phases_of_history(case: Case) -> dict[tuple[str, str], str]:
    """Where the history says each client is on the reference date."""
    day = case.context.reference_date
    found = {}
    for file in case.files:
        if file["soort"] != "fasehistorie":
            continue
        for _, row in case.readings[file["bestand"]].rows():
            begin, end = row.values.get("from_on"), row.values.get("until_on")
            if begin and begin <= day and (end is None or end > day):
                key = (row.values["provider"], row.values["client_number"])
                found[key] = row.values["phase"]
    return found


def counted(rows: list[tuple[str, str, str]]) -> dict[str, Any]:
    to_dutch = {str(phase): word for word, phase in PHASES.items()}
    return {
        "aantal": len(rows),
        "gemeente_herkomst": dict(Counter(municipality for municipality, _, _ in rows)),
        "soort": dict(Counter(facility for _, facility, _ in rows)),
        "fase": dict(Counter(to_dutch[phase] for _, _, phase in rows)),
    }


def mended(row: Row, provider: str, history: dict[tuple[str, str], str]) -> tuple[str, str, str]:
    """The row after a person took the suggestions and looked up the phase."""
    municipality = row.values.get("origin_municipality")
    for defect in row.defects:
        if defect.kind.startswith("municipality"):
            municipality = defect.suggestion
    phase = row.values.get("phase") or history[provider, row.values["client_number"]]
    return str(municipality), str(row.values["facility_type"]), str(phase)


def test_case_clients_are_counted_as_they_are_and_over_the_valid_rows(case: Case) -> None:
    history = phases_of_history(case)
    everybody = []
    for file in case.files:
        if file["soort"] != "clienten":
            continue
        rows = [row for own, row in client_rows(case) if own is file]
        once = [row for row in rows if row.outcome is not Outcome.DUPLICATE]
        valid = [row for row in rows if not row.defects]
        as_is = [mended(row, file["aanbieder"], history) for row in once]
        everybody += as_is
        assert counted(as_is) == file["tellingen"]["clienten"]
        assert (
            counted([mended(row, file["aanbieder"], history) for row in valid])
            == file["tellingen"]["geldige_rijen"]
        )
    assert counted(everybody) == case.expected["regio_tellingen"]


def test_case_likely_duplicates_are_the_expected_people_and_no_others(case: Case) -> None:
    expected = case.expected["personen"]
    tokens = []
    # A birth date that a person has yet to mend cannot be compared.
    unknown = set()
    for file, row in client_rows(case):
        if row.outcome is Outcome.DUPLICATE:
            continue
        values = row.values
        if any(defect.field_name == "born_on" for defect in row.defects):
            unknown.add((file["bestand"], row.number))
        tokens.append(
            Tokens(
                ref=(file["bestand"], row.number),
                provider=file["aanbieder"],
                born_on=values.get("born_on"),
                surname=phonetic(values["family_name"]),
                initial=initial(values["given_name"]),
            )
        )
    found = {frozenset((pair.first, pair.second)) for pair in likely_duplicates(tokens)}
    everyone = [
        frozenset((row["bestand"], row["rij"]) for row in pair)
        for pair in expected["zelfde_persoon"]
    ]
    wanted = {pair for pair in everyone if not pair & unknown}
    waiting = len(everyone) - len(wanted)
    kept_apart = {
        frozenset((row["bestand"], row["rij"]) for row in pair["rijen"])
        for pair in expected["niet_samenvoegen"]
    }
    assert not kept_apart & found
    assert found == wanted
    assert len(client_rows(case)) == expected["clientregels"]
    assert len(tokens) == expected["clientnummers"]
    assert len(tokens) - len(found) - waiting == expected["unieke_personen"]


def rent_class(rent: float, limits: list[float]) -> str:
    def euros(amount: float) -> str:
        return f"{amount:.2f}".replace(".", ",")

    below = [limit for limit in limits if rent > limit + 0.001]
    if not below:
        return f"t/m {euros(limits[0])}"
    if len(below) == len(limits):
        return f"boven {euros(limits[-1])}"
    return f"{euros(below[-1] + 0.01)} t/m {euros(limits[len(below)])}"


def test_case_dwellings_are_counted_per_neighbourhood_and_rent_class(case: Case) -> None:
    expected = case.expected["woningen"]
    rows = [
        row
        for file in case.files
        if file["soort"] == "woningen"
        for _, row in case.readings[file["bestand"]].rows()
    ]
    valid = [row for row in rows if not row.defects]
    assert sum(row.outcome is not Outcome.DUPLICATE for row in rows) == expected["aantal_uniek"]
    assert len(valid) == expected["aantal_geldig"]
    limits = next(expected[key] for key in expected if key.startswith("huurgrenzen"))
    found = Counter(
        (
            row.values["municipality"],
            row.values["neighbourhood"].name,
            rent_class(float(row.values["basic_rent"]), limits),
        )
        for row in valid
    )
    assert found == {
        (line["gemeente"], line["wijk"], line["huurklasse"]): line["aantal"]
        for line in expected["per_wijk_en_huurklasse"]
    }
    assert Counter(row.values["municipality"] for row in valid) == expected["per_gemeente"]
    assert (
        Counter(rent_class(float(row.values["basic_rent"]), limits) for row in valid)
        == expected["per_huurklasse"]
    )


def test_case_contingents_come_in_with_deliveries_and_key(case: Case) -> None:
    expected = case.expected["contingent"]
    reading = case.readings[expected["bestand"]]
    rows = [(part.kind.name, row) for part, row in reading.rows()]
    assert all(row.outcome is Outcome.READY for _, row in rows)
    basis = {
        row.values["municipality"]: {
            "code": row.values["code"],
            "huishoudens": row.values["households"],
            "sociale_huur": row.values["social_dwellings"],
        }
        for kind, row in rows
        if kind == "distribution_key" and not row.part
    }
    assert basis == expected["grondslag"]
    weights = {row.values["year"]: row.values for _, row in rows if row.part == "weights"}
    for label, year in expected["jaren"].items():
        number = int(label)
        matrix: dict[str, dict[str, int]] = {}
        for kind, row in rows:
            if kind == "contingents" and row.values["year"] == number:
                for municipality, corporation, homes in row.values["agreed"]:
                    matrix.setdefault(municipality, {})[corporation] = homes
        assert matrix == year["matrix"]
        assert sum(sum(each.values()) for each in matrix.values()) == year["totaal"]
        delivered = [
            {
                "gemeente": row.values["municipality"],
                "corporatie": row.values["corporation"],
                **{f"K{q}": row.values["delivered"][str(q)] or 0 for q in range(1, 5)},
            }
            for kind, row in rows
            if kind == "deliveries" and row.values["year"] == number
        ]
        assert sorted(delivered, key=str) == sorted(year["geleverd"], key=str)
        found = weights[number]
        assert float(found["households"]) == year["gewichten"]["huishoudens"]
        assert float(found["social_dwellings"]) == year["gewichten"]["sociale_huur"]
        key = Key(
            total=year["totaal"],
            places=[
                Place(name, name, each["huishoudens"], each["sociale_huur"])
                for name, each in basis.items()
            ],
            weight_households=Fraction(found["households"]),
            weight_social=Fraction(found["social_dwellings"]),
            fixed=expected["vast"],
        )
        assert distribute(key) == year["per_gemeente"]
        assert {name: sum(each.values()) for name, each in matrix.items()} == distribute(key)
