"""Tables on screen as a list to take along: xlsx, ods or csv, one sheet a table.

What a cell says on screen is what the list holds, and nothing more: a number that is not told there
is not in the file either. Text stays text: whatever a spreadsheet would take for a formula is never
one.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import Http404, HttpResponse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from odf import number, style, table, teletype, text
from odf.opendocument import OpenDocumentSpreadsheet

from regions import formats
from regions.clock import today
from regions.tables import Cell, Column, Table

Value = str | int | float | Decimal | date

LONGEST_SHEET_NAME = 31
LONGEST_TEXT = 32_000
NARROWEST, WIDEST = 10, 48
# What a spreadsheet takes for the beginning of a formula, also written wide or behind a space.
FORMULA_STARTS = tuple("=+-@")
PLAIN_NUMBER = re.compile(r"[+-]?[\d.,\s]*%?")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One table as rows of plain values: its caption, its day, its headings, what stands under."""

    name: str
    caption: str
    stamp: str
    headings: list[str]
    rows: list[list[Value]]
    totals: list[Value] | None

    @property
    def lines(self) -> list[list[Value]]:
        return self.rows + ([self.totals] if self.totals else [])


def download(
    tables: list[Table], name: str, format: str, *, as_of: date | None = None
) -> HttpResponse:
    """Answer with the tables as a file.

    Parameters
    ----------
    tables
        One sheet each, in this order; in a csv they follow each other.
    name
        What the list is about, in words; the file is called after it and the day. Nothing of a
        person belongs in it.
    format
        "xlsx", "ods" or "csv"; anything else is not found.
    as_of
        The day the numbers speak of; today unless given.
    """
    if format not in WRITERS:
        raise Http404
    day = as_of or today()
    content_type, write = WRITERS[format]
    response = HttpResponse(write(_sheets(tables, day)), content_type=content_type)
    stem = slugify(name) or "weerthuis"
    response["Content-Disposition"] = f'attachment; filename="{stem}-{day.isoformat()}.{format}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _sheets(tables: list[Table], day: date) -> list[_Sheet]:
    taken: set[str] = set()
    stamp = _("As of %(day)s") % {"day": formats.day(day)}
    return [_sheet(each, _sheet_name(each.caption, taken), stamp) for each in tables]


def _sheet(content: Table, name: str, stamp: str) -> _Sheet:
    # A picture repeats in form what another column says.
    drawn = [column.kind == "picture" for column in content.columns]
    lines = [*content.rows, *([content.totals] if content.totals else [])]
    columns = [
        (at, column, any(line[at].sub for line in lines))
        for at, column in enumerate(content.columns)
        if not drawn[at]
    ]
    return _Sheet(
        name=name,
        caption=_plain(content.caption),
        stamp=stamp,
        headings=[words for _at, column, noted in columns for words in _headings(column, noted)],
        rows=[
            [value for at, _column, noted in columns for value in _values(row[at], noted)]
            for row in content.rows
        ],
        totals=[
            value for at, _column, noted in columns for value in _values(content.totals[at], noted)
        ]
        if content.totals
        else None,
    )


def _headings(column: Column, noted: bool) -> Iterator[str]:
    label = _plain(column.label)
    yield f"{label} ({_plain(column.sub)})" if column.sub else label
    if noted:
        yield _("%(column)s, note") % {"column": label}


def _values(cell: Cell, noted: bool) -> Iterator[Value]:
    yield _plain(cell.text) if cell.value is None else cell.value
    if noted:
        yield _plain(cell.sub)


def _plain(words: object) -> str:
    """Text that every format can hold, without what no one can see."""
    return NOT_IN_XML.sub("", str(words))[:LONGEST_TEXT]


def _sheet_name(caption: str, taken: set[str]) -> str:
    """A name that every spreadsheet accepts and no other sheet has."""
    stem = NOT_IN_SHEET_NAMES.sub(" ", _plain(caption)).strip(" .'") or _("Sheet")
    made, number_of_it = stem[:LONGEST_SHEET_NAME].strip(" '"), 1
    while made.lower() in taken or made.lower() == "history":
        number_of_it += 1
        end = f" {number_of_it}"
        made = stem[: LONGEST_SHEET_NAME - len(end)].strip(" '") + end
    taken.add(made.lower())
    return made


def _as_xlsx(sheets: list[_Sheet]) -> bytes:
    target = io.BytesIO()
    text_stays_text = {
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(target, {"in_memory": True, **text_stays_text})
    caption = book.add_format({"bold": True, "font_size": 13})
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2})
    patterns = {"text": "@", "whole": "#,##0", "broken": "#,##0.0", "day": "d mmm yyyy"}
    line_looks = {kind: book.add_format({"num_format": it}) for kind, it in patterns.items()}
    total_looks = {
        kind: book.add_format({"num_format": it, "top": 1, "bold": True})
        for kind, it in patterns.items()
    }
    for content in sheets:
        page = book.add_worksheet(content.name)
        page.write_string(0, 0, content.caption, caption)
        page.write_string(1, 0, content.stamp)
        for column, words in enumerate(content.headings):
            page.write_string(3, column, words, heading)
            page.set_column(column, column, _width(content, column))
        for at, line in enumerate(content.lines, 4):
            looks = total_looks if line is content.totals else line_looks
            for column, value in enumerate(line):
                _put(page, at, column, value, looks)
        page.freeze_panes(4, 1)
    book.close()
    return target.getvalue()


def _put(page: Any, row: int, column: int, value: Value, looks: dict[str, Any]) -> None:
    match value:
        case str():
            page.write_string(row, column, value, looks["text"])
        case date():
            page.write_datetime(row, column, value, looks["day"])
        case int():
            page.write_number(row, column, value, looks["whole"])
        case _:
            page.write_number(row, column, value, looks["broken"])


def _width(content: _Sheet, column: int) -> int:
    longest = max((len(str(line[column])) for line in content.lines), default=0)
    words = max((len(word) for word in content.headings[column].split()), default=0)
    return min(max(longest, words, NARROWEST) + 2, WIDEST)


def _as_ods(sheets: list[_Sheet]) -> bytes:
    document = OpenDocumentSpreadsheet()
    day = number.DateStyle(name="day")
    for part in (number.Year(style="long"), number.Month(style="long"), number.Day(style="long")):
        if day.hasChildNodes():
            day.addElement(number.Text(text="-"))
        day.addElement(part)
    document.styles.addElement(day)
    in_days = style.Style(name="in-days", family="table-cell", datastylename=day)
    strong = style.Style(name="strong", family="table-cell")
    strong.addElement(style.TextProperties(fontweight="bold"))
    for each in (in_days, strong):
        document.automaticstyles.addElement(each)
    for place, content in enumerate(sheets, 1):
        page = table.Table(name=content.name)
        widths = [_width(content, column) for column in range(len(content.headings))]
        for at, width in enumerate(widths):
            look = style.Style(name=f"column-{place}-{at}", family="table-column")
            look.addElement(style.TableColumnProperties(columnwidth=f"{width * 0.19:.2f}cm"))
            document.automaticstyles.addElement(look)
            page.addElement(table.TableColumn(stylename=look))
        page.addElement(_ods_row([content.caption], in_days, strong))
        page.addElement(_ods_row([content.stamp], in_days))
        page.addElement(_ods_row([""], in_days))
        heads = table.TableHeaderRows()
        heads.addElement(_ods_row(content.headings, in_days, strong))
        page.addElement(heads)
        for line in content.lines:
            page.addElement(_ods_row(line, in_days, strong if line is content.totals else None))
        document.spreadsheet.addElement(page)
    target = io.BytesIO()
    document.write(target)
    return target.getvalue()


def _ods_row(line: list[Value] | list[str], in_days: Any, look: Any = None) -> Any:
    row = table.TableRow()
    of_text = {"stylename": look} if look else {}
    for value in line:
        match value:
            case "":
                row.addElement(table.TableCell())
                continue
            case str():
                cell, shown = table.TableCell(valuetype="string", **of_text), value
            case date():
                cell = table.TableCell(
                    valuetype="date", datevalue=value.isoformat(), stylename=in_days
                )
                shown = formats.day(value)
            case _:
                cell, shown = table.TableCell(valuetype="float", value=value, **of_text), str(value)
        for part in shown.split("\n"):
            paragraph = text.P()
            teletype.addTextToElement(paragraph, part)
            cell.addElement(paragraph)
        row.addElement(cell)
    return row


def _as_csv(sheets: list[_Sheet]) -> bytes:
    """As spreadsheets in the reader's language expect it: Dutch with semicolons and comma.

    Everything is quoted: a spreadsheet set to another separator splits no text into new cells.
    """
    dutch = (get_language() or "").startswith("nl")
    target = io.StringIO(newline="")
    lines = csv.writer(target, delimiter=";" if dutch else ",", quoting=csv.QUOTE_ALL)
    for at, content in enumerate(sheets):
        if at:
            lines.writerow([])
        lines.writerow([_never_live(content.caption)])
        lines.writerow([content.stamp])
        lines.writerow([])
        lines.writerow([_never_live(heading) for heading in content.headings])
        for line in content.lines:
            lines.writerow([_csv_value(value, "," if dutch else ".") for value in line])
    return target.getvalue().encode("utf-8-sig")


def _csv_value(value: Value, mark: str) -> str:
    match value:
        case str():
            return _never_live(value)
        case date():
            return value.isoformat()
        case int():
            return str(value)
    return str(value).replace(".", mark)


def _never_live(words: str) -> str:
    """An apostrophe before what would be a formula; a plain number needs none."""
    seen = unicodedata.normalize("NFKC", words).strip()
    is_live = seen.startswith(FORMULA_STARTS) or words[:1] in ("\t", "\r", "\n")
    return f"'{words}" if is_live and not PLAIN_NUMBER.fullmatch(seen) else words


WRITERS: dict[str, tuple[str, Callable[[list[_Sheet]], bytes]]] = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _as_xlsx),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", _as_ods),
    "csv": ("text/csv; charset=utf-8", _as_csv),
}
