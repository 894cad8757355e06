"""The same lists with their columns in another order, under headers nobody has thought of."""

import random
from dataclasses import replace
from typing import Any

import pytest

from example.lists import write_case
from lists.mapping import Mapping
from lists.pipeline import Reading, read_list
from lists.questions import Question
from lists.reading import Sheet, Workbook, open_list
from lists.recognising.headers import words_of
from outflow.listkinds import CLIENTS
from tests.cases.expected import KINDS
from tests.cases.folders import FOLDERS
from tests.cases.person import Person
from tests.cases.reader import ALL_KINDS, Case, case_of, read_case
from tests.cases.test_case import AS_OF

# Headers that a list might have and the importer has not been told.
OTHER = {
    "client_number": "Sleutel",
    "family_name": "Heet van zichzelf",
    "prefix": "Woordje ertussen",
    "given_name": "Wordt genoemd",
    "born_on": "Verjaart",
    "sex": "Hij of zij",
    "location": "Slaapt in",
    "facility_type": "Dak boven hoofd",
    "in_care_since": "Kwam binnen",
    "origin_municipality": "Vandaan",
    "phase": "Hoever",
    "ready_kind": "Zeker of gok",
    "ready_reached_on": "Mocht weg",
    "ready_expected_on": "Mag ooit weg",
    "ready_on": "Mag weg",
    "preferred_municipalities": "Droomt van",
    "preferred_neighbourhoods": "Droomhoekje",
    "avoided": "Liefst nooit",
    "monthly_income": "Geld elke vier weken",
    "yearly_income": "Geld van januari tot december",
    "income_source": "Leeft van",
    "debts": "Staat rood",
    "debt_amount": "Hoe rood",
    "administration": "Wie telt het geld",
    "persons": "Koppen",
    "children": "Kleintjes",
    "bedrooms": "Bedden",
    "step_free": "Zonder treden",
    "lift": "Knopje omhoog",
    "wheelchair": "Wielen",
    "low_stimulus": "Stilte",
    "form": "Onder welk dak",
    "guidance_hours": "Hulptijd",
    "reachable_24h": "Altijd iemand",
    "support": "Buurthulp",
    "remarks": "Verder nog",
    "corporation": "Bij wie te huur",
    "address": "Waar precies",
    "street": "Laan of plein",
    "house_number": "Cijfer op de deur",
    "postcode": "Vier cijfers twee letters",
    "place": "In welk oord",
    "municipality": "Raadhuis",
    "neighbourhood": "Hoekje",
    "basic_rent": "Zonder extra",
    "service_costs": "Extra erbij",
    "rooms": "Hoeveel deuren",
    "surface": "Vloer",
    "floor": "Hoe hoog",
    "dwelling_type": "Wat voor huis",
    "available_on": "Sleutel per",
    "contract_form": "Papieren",
    "kind": "Wat gebeurt er",
    "provider": "Wie doet het",
    "places": "Stoelen",
    "in_use": "Stoelen warm",
    "times": "Klok",
    "contact": "Bellen met",
    "from_on": "Eerste dag",
    "until_on": "Laatste dag",
}


class Renamer(Person):
    """Knows which of its own new headers holds what, and answers nothing that is not asked."""

    def __init__(self, file: dict[str, Any], expected: dict[str, Any], known: dict[str, str]):
        super().__init__(file, expected)
        self._known = known

    def _column(self, question: Question) -> str | None:
        return self._known.get(question.text, "")


def other_header(name: str) -> str:
    if name.startswith("zrm."):
        domains = [field.name for field in CLIENTS.fields if field.name.startswith("zrm.")]
        return f"Cijfer {'abcdefghijklmn'[domains.index(name)]}"
    return OTHER[name]


def turned(sheet: Sheet, part: Any, seed: int) -> tuple[Sheet, dict[str, str]]:
    """The sheet with one header line of new words, its columns shuffled; new header -> field."""
    width = sheet.width
    order = list(range(width))
    random.Random(seed).shuffle(order)
    known = {}
    line = [""] * width
    for column in part.columns.columns:
        name = column.field.name if column.field else None
        line[column.index] = other_header(name) if name else f"Vreemd {column.letter}"
        if name:
            known[line[column.index]] = name
    repeated = {each.number for each in part.facts.structure if each.kind == "header_repeated"}
    rows = []
    for number, cells in enumerate(sheet.rows, start=1):
        full = list(cells) + [""] * (width - len(cells))
        if number in part.block.header_rows:
            full = line if number == part.block.header_rows[-1] else [""] * width
        elif number in repeated:
            full = line
        rows.append(tuple(full[index] for index in order))
    place = {old: new for new, old in enumerate(order)}
    formulas = {(row, place[column]): text for (row, column), text in sheet.formulas.items()}
    return replace(sheet, rows=tuple(rows), formulas=formulas, merged=()), known


def answered(workbook: Workbook, case: Case, person: Person) -> Reading:
    answers = Mapping()
    reading = read_list(workbook, kinds=ALL_KINDS, context=case.context)
    for _ in range(6):
        more = answers.under(person.answer(reading))
        if more == answers:
            break
        answers = more
        reading = read_list(workbook, kinds=ALL_KINDS, context=case.context, answers=answers)
    return reading


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    if FOLDERS:
        return read_case(FOLDERS[0])
    folder = tmp_path_factory.mktemp("other")
    written = write_case(folder, seed=1, as_of=AS_OF)
    return read_case(
        folder, former={old: (new,) for old, new in written.former_municipalities.items()}
    )


def test_case_headers_of_this_test_are_none_that_the_importer_knows() -> None:
    known = {
        words_of(synonym)
        for kind in ALL_KINDS
        for field in kind.fields
        for synonym in field.synonyms
    }
    assert not {header for header in OTHER.values() if words_of(header) in known}


def test_case_shuffled_columns_under_unknown_headers_come_to_the_same_rows(case: Case) -> None:
    for file in case.files:
        if file["soort"] == "fasehistorie":
            continue
        before = case.readings[file["bestand"]]
        known: dict[str, str] = {}
        sheets = []
        for index, sheet in enumerate(before.workbook.sheets):
            part = next((part for part in before.parts if part.sheet is sheet), None)
            if part is None:
                sheets.append(sheet)
                continue
            changed, names = turned(sheet, part, seed=index)
            known |= names
            sheets.append(changed)
        person = Renamer(file, case.expected, known)
        after = answered(replace(before.workbook, sheets=tuple(sheets)), case, person)
        print(f"{file['bestand']}: answered {dict(person.answers)}")
        assert set(after.kinds) == {KINDS[file["soort"]]}
        for old, new in zip(before.parts, after.parts, strict=True):
            for was, now in zip(old.rows(), new.rows(), strict=True):
                assert now.number == was.number
                assert now.values == was.values, (file["bestand"], was.number)
                assert sorted(d.kind for d in now.defects) == sorted(d.kind for d in was.defects)


def test_case_a_list_is_read_again_with_what_was_remembered_and_nothing_is_asked(
    case: Case,
) -> None:
    for file in case.files:
        first = case.readings[file["bestand"]]
        workbook = open_list((case.folder / file["bestand"]).read_bytes(), file["bestand"])
        again = read_list(
            workbook,
            kinds=ALL_KINDS,
            context=case.context,
            remembered=Mapping.from_json(first.mapping.to_remember().to_json()),
        )
        asked = {question.topic for question in again.questions}
        # Mistakes of the file itself are asked each time: swapped headers, wrong words and names.
        assert asked <= {"swaps", "words.phase", "neighbourhoods"}
        swapped = any(
            defect["soort"] == "koppen_verwisseld"
            for sheet in file["bladen"]
            for defect in sheet["gebreken"]
        )
        assert ("swaps" in asked) == swapped


def test_case_without_answers_nothing_unknown_is_guessed(case: Case) -> None:
    """Negative control: an empty region and a silent person leave wishes set aside, not lost."""
    fresh = case_of(case.folder)
    file = next(file for file in case.files if file["soort"] == "clienten")
    workbook = open_list((case.folder / file["bestand"]).read_bytes(), file["bestand"])
    reading = read_list(workbook, kinds=ALL_KINDS, context=fresh.context)
    assert reading.rows_in == file["aantal_rijen"]
    assert sum(part.facts.valid for part in reading.parts) < file["aantal_geldig"]
    for _, row in reading.rows():
        for name in row.values.get("preferred_neighbourhoods") or ():
            raise AssertionError(f"guessed {name}")
