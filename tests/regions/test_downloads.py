"""Lists to take along: each format read back by other programs, and nothing in them is live."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.http import Http404
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from regions.clock import on_day
from regions.downloads import download
from regions.tables import Cell, Column, Table, dated, numeric
from tests.scale import n

DAY = date(2026, 10, 12)
LIVE = ["=1+1", "+1+cmd", "-2+3", "@SUM(A1)", "＝1+1", " =1+1", "\t=1+1", "-", "=cmd|' /C calc'!A0"]


@pytest.fixture(autouse=True)
def _dutch_on_a_day():
    with translation.override("nl"), on_day(DAY):
        yield


def a_table(**facts) -> Table:
    values = {
        "caption": "Verwacht per kwartaal",
        "columns": [
            Column("Kwartaal"),
            Column("Worden klaar", "number", "gemiddeld"),
            Column("Staafje", "picture"),
            Column("Sinds"),
        ],
        "rows": [
            [Cell("4e kwartaal 2026"), numeric(1450, sub="31 tot 44"), Cell(), dated(DAY)],
            [Cell("1e kwartaal 2027"), numeric(6.8, decimals=1), Cell(), dated(None)],
            [Cell("2e kwartaal 2027"), Cell("minder dan 10"), Cell(), Cell("onbekend")],
        ],
        "totals": [Cell("Samen"), numeric(1457), Cell(), Cell()],
        **facts,
    }
    return Table(**values)


def words_only(*texts: str) -> Table:
    return Table("Teksten", [Column("Tekst")], [[Cell(text)] for text in texts])


def sheets_of(response) -> dict[str, list[list[object]]]:
    """What another reader finds in an xlsx or ods."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def lines_of(response, separator: str = ";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=separator))


def test_an_xlsx_holds_numbers_as_numbers_and_days_as_days():
    book = openpyxl.load_workbook(io.BytesIO(download([a_table()], "Schatting", "xlsx").content))
    sheet = book["Verwacht per kwartaal"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "Verwacht per kwartaal"
    assert "12 okt 2026" in rows[1][0]
    assert rows[3][:2] == ["Kwartaal", "Worden klaar (gemiddeld)"]
    assert rows[4][:3] == ["4e kwartaal 2026", 1450, "31 tot 44"]
    assert rows[4][3].date() == DAY
    assert rows[5][1] == 6.8
    assert rows[6][1] == "minder dan 10"
    assert rows[7][:2] == ["Samen", 1457]
    assert not any("Staafje" in str(cell) for row in rows for cell in row)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_another_reader_finds_the_same_in_both_spreadsheets(kind):
    found = sheets_of(download([a_table()], "Schatting", kind))
    rows = found["Verwacht per kwartaal"]
    assert rows[0][0] == "Verwacht per kwartaal"
    assert rows[4][:2] == ["4e kwartaal 2026", 1450]
    assert rows[4][3] == DAY
    assert rows[5][1] == 6.8
    assert rows[6][1] == "minder dan 10"
    assert rows[7][:2] == ["Samen", 1457]


def test_a_csv_is_as_a_spreadsheet_in_that_language_reads_it():
    response = download([a_table()], "Schatting", "csv")
    assert response.content.startswith(b"\xef\xbb\xbf")
    lines = lines_of(response)
    assert lines[4] == ["4e kwartaal 2026", "1450", "31 tot 44", "2026-10-12"]
    assert lines[5][1] == "6,8"
    with translation.override("en"):
        lines = lines_of(download([a_table()], "Estimate", "csv"), ",")
    assert lines[5][1] == "6.8"


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_each_table_has_a_sheet_whatever_it_is_called(kind):
    captions = ["Wonen/zorg: [BW]?", "wonen zorg   bw", "x" * 60, "x" * 60, "'", "History"]
    tables = [a_table(caption=caption) for caption in captions]
    found = sheets_of(download(tables, "Schatting", kind))
    assert len(found) == len(captions)
    assert all(len(name) <= 31 for name in found)
    assert [rows[0][0] for rows in found.values()] == captions


@pytest.mark.parametrize("text", LIVE)
def test_text_that_looks_like_a_formula_stays_text(text):
    table = words_only(text)
    book = openpyxl.load_workbook(io.BytesIO(download([table], "x", "xlsx").content))
    cell = book.worksheets[0]["A5"]
    assert (cell.value, cell.data_type) == (text, "s")
    for kind in ("xlsx", "ods"):
        [rows] = sheets_of(download([table], "x", kind)).values()
        assert rows[4][0].strip() == text.strip()
    assert b"office:formula" not in download([table], "x", "ods").content
    written = lines_of(download([table], "x", "csv"))[4][0]
    assert written == ("-" if text == "-" else f"'{text}")


@pytest.mark.parametrize("text", ["gewoon", "−1", "-1,5", "+3", "31 tot 44", "a=b", ""])
def test_ordinary_text_is_left_as_it_is(text):
    """The control: the apostrophe stands only before what would be live."""
    assert lines_of(download([words_only(text)], "x", "csv"))[4] == [text]


def test_a_separator_in_a_text_makes_no_new_cell_in_any_spreadsheet():
    content = download([words_only("a;=1+1", "a,=1+1")], "x", "csv").content.decode("utf-8-sig")
    assert '"a;=1+1"' in content
    assert '"a,=1+1"' in content


@settings(max_examples=n(15, 200), deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_any_text_at_all_gives_a_file_that_opens(texts):
    rows = [[Cell("rij"), Cell(text)] for text in texts]
    table = Table("Teksten", [Column("Rij"), Column("Tekst")], rows)
    with translation.override("nl"), on_day(DAY):
        for kind in ("xlsx", "ods"):
            [found] = sheets_of(download([table], "x", kind)).values()
            assert [row[0] for row in found[4:]] == ["rij"] * len(texts)
        lines = lines_of(download([table], "x", "csv"))[4:]
        assert [line[0] for line in lines] == ["rij"] * len(texts)
    live = ("=", "+", "@")
    assert not any(line[1].startswith(live) and len(line[1].strip()) > 1 for line in lines)


def test_a_file_says_what_it_is_and_is_not_guessed_at():
    kinds = {"xlsx": "spreadsheetml.sheet", "ods": "opendocument.spreadsheet", "csv": "text/csv"}
    for kind, content_type in kinds.items():
        response = download([a_table()], 'Schatting "2026"\r\nX: y', kind)
        assert content_type in response["Content-Type"]
        assert response["X-Content-Type-Options"] == "nosniff"
        disposition = response["Content-Disposition"]
        assert disposition == f'attachment; filename="schatting-2026-x-y-2026-10-12.{kind}"'


def test_a_format_that_is_not_made_is_not_found():
    with pytest.raises(Http404):
        download([a_table()], "x", "exe")


def test_a_list_of_an_earlier_day_carries_that_day():
    response = download([a_table()], "x", "csv", as_of=date(2026, 3, 1))
    assert "2026-03-01" in response["Content-Disposition"]
    assert "1 mrt 2026" in lines_of(response)[1][0]


def test_a_number_on_screen_and_in_the_file_are_the_same_number():
    assert numeric(6.85, decimals=1) == Cell("6,9", value=6.9)
    assert numeric(Decimal("1449.5")) == Cell("1.450", value=1450)
    assert numeric(None) == Cell()
