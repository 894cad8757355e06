"""Finding the list: kinds, headers, totals, remarks; and rows in are rows out."""

import random
from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lists.context import Context
from lists.mapping import Mapping
from lists.pipeline import read_list
from lists.reading import Sheet, Workbook
from lists.rows import Outcome, Row
from outflow.listkinds import CLIENTS, LIST_KINDS
from tests.scale import n

CONTEXT = Context(
    reference_date=date(2026, 10, 1),
    municipalities=frozenset({"Haarlem", "Velsen"}),
    region_municipalities=frozenset({"Haarlem", "Velsen"}),
    organisations={"Onderdak": "care_provider"},
    uploader="Onderdak",
)
HEADER = ("Cliëntnummer", "Achternaam", "Voornaam", "Geboortedatum", "BW/MO", "Fase", "Personen")


def client(number, name="Bos", phase="gereed", persons=1):
    return (f"C-{number}", name, "Sem", "1-2-1980", "BW", phase, persons)


def read(rows, answers=None, context=CONTEXT, name="lijst.xlsx"):
    sheet = Sheet(name="Blad1", rows=tuple(tuple(row) for row in rows))
    book = Workbook(name, "xlsx", "", (sheet,))
    return read_list(book, kinds=LIST_KINDS, context=context, answers=answers)


def only_part(reading):
    assert len(reading.parts) == 1
    return reading.parts[0]


def test_titles_totals_remarks_and_repeated_headers_are_no_records():
    part = only_part(
        read(
            [
                ("Overzicht cliënten per 1 september 2026",),
                (),
                HEADER,
                client(1),
                ("Locatie De Haven",),
                client(2),
                HEADER,
                (),
                client(3),
                ("Totaal", "", "", "", "", "", 3),
                ("Bron: eigen administratie",),
            ]
        )
    )
    assert [row.number for row in part.rows()] == [4, 6, 9]
    assert {(each.kind, each.number) for each in part.facts.structure} >= {
        ("note_row", 5),
        ("header_repeated", 7),
        ("empty_row", 8),
        ("total_row", 10),
    }
    assert part.settled.context.reference_date == date(2026, 9, 1)


def test_a_client_called_totaal_is_a_client():
    part = only_part(
        read([HEADER, client(1), ("C-2", "Totaal", "Sem", "1-2-1980", "BW", "gereed", 1)])
    )
    assert part.facts.rows_in == 2


def test_the_columns_of_two_header_lines_belong_together():
    part = only_part(
        read(
            [
                ("Cliënt", "", "Verblijf", "", "Inkomen per maand", "Schulden", ""),
                ("Nummer", "Achternaam", "Soort", "Fase", "Bedrag", "J/N", "Bedrag"),
                ("C-1", "Bos", "BW", "gereed", "€ 1.234,56", "ja", 200),
            ]
        )
    )
    assert part.block.header_rows == (1, 2)
    row = next(iter(part.rows()))
    assert float(row.values["monthly_income"]) == 1234.56
    assert row.values["debts"] is True
    assert row.values["debt_amount"] == 200


def test_unknown_columns_are_reported_and_not_used():
    header = (*HEADER, "Subsidiecode")
    reading = read([header, (*client(1), "xyz")])
    column = only_part(reading).columns.columns[-1]
    assert (column.header.text, column.field) == ("Subsidiecode", None)
    assert [q.text for q in reading.questions if q.topic == "columns"] == ["Subsidiecode"]


def test_swapped_headers_are_asked_and_block_the_list_until_answered():
    header = ("Cliëntnummer", "Achternaam", "Tussenvoegsel", "Voornaam", "Fase", "BW/MO")
    rows = [(f"C-{i}", "Bos", "Sem", "van", "gereed", "BW") for i in range(8)]
    rows = [(a, b, f"{c}{'abcdefgh'[i]}", d, e, f) for i, (a, b, c, d, e, f) in enumerate(rows)]
    reading = read([header, *rows])
    question = next(q for q in reading.questions if q.topic == "swaps")
    assert not reading.is_ready
    mended = read([header, *rows], answers=question.answered("yes"))
    values = next(iter(only_part(mended).rows())).values
    assert (values["given_name"], values["prefix"]) == ("Sema", "van")
    kept = read([header, *rows], answers=question.answered("no"))
    assert next(iter(only_part(kept).rows())).values["prefix"] == "Sema"
    assert kept.is_ready


def test_columns_that_fit_their_headers_are_not_called_swapped():
    header = ("Cliëntnummer", "Achternaam", "Tussenvoegsel", "Voornaam", "Fase", "BW/MO")
    rows = [(f"C-{i}", "Bos", "van", "Sem", "gereed", "BW") for i in range(8)]
    assert not any(q.topic == "swaps" for q in read([header, *rows]).questions)


def test_a_sheet_that_is_no_list_is_left_and_asked():
    reading = read([("Beste collega", ""), ("Hierbij de lijst", "")])
    assert reading.parts == ()
    assert [q.topic for q in reading.questions] == ["kinds"]
    assert not reading.is_ready


def test_words_that_another_sheet_explains_are_known():
    data = Sheet("Lijst", (HEADER, client(1, phase="Z1"), client(2, phase="Z2")))
    legend = Sheet("Uitleg", (("Z1 = gereed",), ("Z2 = stabilisatie",)))
    reading = read_list(
        Workbook("a.xlsx", "xlsx", "", (legend, data)), kinds=LIST_KINDS, context=CONTEXT
    )
    assert [row.values["phase"] for _, row in reading.rows()] == ["ready", "stabilising"]


def test_a_word_is_asked_once_with_its_rows_and_learnt():
    rows = [HEADER, *(client(i, phase="Zonnig") for i in range(5))]
    question = next(q for q in read(rows).questions if q.topic == "words.phase")
    assert (question.times, question.rows) == (5, (2, 3, 4, 5, 6))
    reading = read(rows, answers=question.answered("ready"))
    assert {row.values["phase"] for _, row in reading.rows()} == {"ready"}


def test_two_rows_about_one_client_that_differ_are_set_aside():
    part = only_part(read([HEADER, client(1), client(1, persons=2), client(1)]))
    outcomes = [row.outcome for row in part.rows()]
    assert outcomes == [Outcome.READY, Outcome.SET_ASIDE, Outcome.DUPLICATE]


def test_a_row_without_a_number_is_rejected():
    part = only_part(read([HEADER, client(1), ("", *client(2)[1:])]))
    assert [row.outcome for row in part.rows()] == [Outcome.READY, Outcome.REJECTED]


def test_an_answer_survives_being_stored():
    answers = Mapping(
        kinds={"blad1": "clients"},
        columns={"x": "phase"},
        words={"phase": {"zonnig": "ready"}},
        swaps={"C,D": True},
        reference_date=date(2026, 1, 1),
    )
    assert Mapping.from_json(answers.to_json()) == answers
    assert answers.to_remember().swaps == {}


ODD = st.one_of(
    st.sampled_from(
        [
            "",
            "?",
            "ja",
            "gereed",
            "31-02-2026",
            "=1+1",
            "Totaal",
            "Fase",
            "BW",
            "€ 1,5",
            "Haarlem",
            " ",
        ]
    ),
    st.integers(-5, 99999),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.dates(),
    st.booleans(),
    st.text(max_size=8),
)


@settings(max_examples=n(60, 4000), deadline=None)
@given(rows=st.lists(st.lists(ODD, min_size=0, max_size=9), max_size=15))
def test_every_row_ends_in_exactly_one_place_whatever_it_holds(rows):
    part = only_part(read([HEADER, client(1), *rows, client(2)]))
    seen = Counter()
    numbers = []
    for each in part.everything():
        numbers.append(each.number)
        seen[each.outcome if isinstance(each, Row) else each.kind] += 1
    assert numbers == list(range(2, part.block.last + 1))
    assert part.block.last == len(rows) + 3
    assert sum(part.facts.outcomes.values()) == sum(seen[outcome] for outcome in Outcome)
    for row in part.rows():
        for defect in row.defects:
            assert defect.sentence(CLIENTS)
            defect.to_json()


@pytest.mark.parametrize("seed", range(n(3, 30)))
def test_the_order_of_columns_changes_nothing(seed):
    rows = [HEADER, *(client(i, persons=i % 3 + 1) for i in range(10))]
    order = list(range(len(HEADER)))
    random.Random(seed).shuffle(order)
    before = [row.values for _, row in read(rows).rows()]
    after = [row.values for _, row in read([[row[i] for i in order] for row in rows]).rows()]
    assert after == before
