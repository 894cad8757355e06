"""Values as a spreadsheet user sees them: rows, zeros, formulas, hidden rows, encodings."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import numbers

from lists.reading import column_index, column_letter, open_list
from tests.lists.files import ods, ods_row, saved
from tests.scale import n

TEXT = "Cliënt;Fase;Bedrag\nJösé;gereed;1,50\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_a_csv_is_read_in_the_encoding_it_was_written_in(encoding):
    book = open_list(TEXT.encode(encoding), "lijst.csv")
    assert book.sheets[0].rows == (("Cliënt", "Fase", "Bedrag"), ("Jösé", "gereed", "1,50"))
    assert book.separator == ";"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_the_one_that_makes_columns(separator):
    text = "\n".join(
        separator.join(line)
        for line in (
            ["naam", "fase", "opmerking"],
            ["Bos", "gereed", '"a; b, c"'],
            ["Vos", "x", ""],
        )
    )
    assert open_list(text.encode(), "lijst.csv").separator == separator


def test_a_line_that_tells_excel_the_separator_is_no_row():
    book = open_list(b"sep=,\nnaam,fase\nBos,gereed\n", "lijst.csv")
    assert book.separator == ","
    assert book.sheets[0].rows[0] == ("naam", "fase")


def test_a_record_is_one_row_however_many_lines_its_fields_take():
    text = 'naam;wijken\nBos;"Noord\nZuid\n\nWest"\nVos;Oost\n'
    rows = open_list(text.encode(), "lijst.csv").sheets[0].rows
    assert rows[1] == ("Bos", "Noord\nZuid\n\nWest")
    assert rows[2] == ("Vos", "Oost")


def test_a_stray_quotation_mark_in_a_text_is_a_letter():
    rows = open_list(b'naam;maat\nBos;5" pijp\nVos;"zeg ""nee"""\n', "lijst.csv").sheets[0].rows
    assert rows[1:] == (("Bos", '5" pijp'), ("Vos", 'zeg "nee"'))


CELL = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\r\x00"), max_size=12
)


@settings(max_examples=n(60, 5000), deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=2, max_size=12),
    separator=st.sampled_from(";,\t"),
    encoding=st.sampled_from(["utf-8-sig", "utf-16"]),
)
def test_whatever_a_csv_holds_no_record_is_lost_or_split(rows, separator, encoding):
    rows = [("naam", "fase", "opmerking"), *((f"k{i}", *row[1:]) for i, row in enumerate(rows))]
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    book = open_list(target.getvalue().encode(encoding), "lijst.csv")
    assert book.sheets[0].rows == tuple(rows)


def test_formulas_hidden_rows_and_merged_cells_stand_beside_the_values():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Groep", None, "Los"])
    sheet.append(["a", "b", "c"])
    sheet.append([1, 2, "=A3+B3"])
    sheet.row_dimensions[3].hidden = True
    sheet.merge_cells("A1:B1")
    found = open_list(saved(book), "lijst.xlsx").sheets[0]
    assert found.formulas == {(3, 2): "=A3+B3"}
    assert found.hidden_rows == {3}
    assert found.merged == ((1, 0, 1, 1),)


def test_text_that_looks_like_a_formula_is_text_and_no_formula():
    book = openpyxl.Workbook()
    book.active.append(["Naam", "Opmerking"])
    book.active.append(["Bos", "x"])
    book.active["B2"].value = "=1+1"
    book.active["B2"].data_type = "s"
    found = open_list(saved(book), "lijst.xlsx").sheets[0]
    assert found.formulas == {}
    assert found.rows[1][1] == "=1+1"


def test_a_number_shown_with_zeros_in_front_keeps_them():
    book = openpyxl.Workbook()
    book.active.append(["Cliëntnummer", "Kamers"])
    book.active.append([5402, 3])
    book.active["A2"].number_format = "0000000"
    book.active["B2"].number_format = numbers.FORMAT_NUMBER
    assert open_list(saved(book), "lijst.xlsx").sheets[0].rows[1] == ("0005402", 3)


def test_rows_count_as_a_spreadsheet_does_also_when_the_first_ones_are_empty():
    book = openpyxl.Workbook()
    book.active["B4"] = "Naam"
    sheet = open_list(saved(book), "lijst.xlsx").sheets[0]
    assert sheet.cell(4, 1) == "Naam"
    assert sheet.cell(1, 0) == ""


def test_rows_and_columns_of_an_ods_count_from_the_first_also_when_that_is_empty():
    empty = "<table:table-row><table:table-cell/></table:table-row>"
    full = (
        '<table:table-row><table:table-cell table:number-columns-repeated="2"/>'
        '<table:table-cell office:value-type="string"><text:p>Naam</text:p></table:table-cell>'
        "</table:table-row>"
    )
    sheet = open_list(ods(empty * 3 + full + empty), "lijst.ods").sheets[0]
    assert sheet.cell(4, 2) == "Naam"
    assert len(sheet.rows) == 4


def test_an_ods_tells_hidden_rows_and_formulas():
    formula = (
        '<table:table-row><table:table-cell table:formula="of:=SUM(30+22)"'
        ' office:value-type="float" office:value="52"><text:p>52</text:p></table:table-cell>'
        "</table:table-row>"
    )
    data = ods(ods_row("m2") + formula + ods_row("60", hidden=True))
    sheet = open_list(data, "lijst.ods").sheets[0]
    assert sheet.rows[1] == (52,)
    assert sheet.formulas == {(2, 0): "=SUM(30+22)"}
    assert sheet.hidden_rows == {3}


@given(st.integers(0, 20000))
def test_letters_of_columns_count_there_and_back(index):
    assert column_index(column_letter(index)) == index


@pytest.mark.parametrize(("index", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
def test_columns_have_the_letters_of_a_spreadsheet(index, letter):
    assert column_letter(index) == letter
