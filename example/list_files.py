"""Writes tables as the files that offices make: xlsx, ods and csv in the encodings they use."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import xlsxwriter
from odf import number, style, table, text
from odf.opendocument import OpenDocumentSpreadsheet

from example.tables import Cell, Formula, Table

ROWS_OF_A_SHEET = 1_048_576
COLUMNS_OF_A_SHEET = 1024


def write_csv(
    path: Path,
    sheet: Table,
    *,
    encoding: str,
    delimiter: str,
    blank_line: bool = False,
) -> None:
    """Write one table; an empty row is a bare line, or one of separators."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(sheet.header(i) for i in range(len(sheet.columns)))
    for row in sheet.rows:
        if row.kind == "empty" and blank_line:
            out.write("\r\n")
        else:
            writer.writerow(_plain(cell) for cell in row.cells)
    path.write_bytes(out.getvalue().encode(encoding))


def _plain(cell: Cell) -> str:
    if isinstance(cell, Formula):
        return cell.text
    return "" if cell is None else str(cell)


class Workbook:
    """An xlsx workbook under construction."""

    def __init__(self, path: Path) -> None:
        # A fixed day of making: the same world gives the same bytes.
        self.book = xlsxwriter.Workbook(str(path), {"in_memory": True})
        self.book.set_properties({"created": date(2020, 1, 1)})
        self.bold = self.book.add_format({"bold": True})
        self.day = self.book.add_format({"num_format": "dd-mm-yyyy"})

    def close(self) -> None:
        """Write the file."""
        self.book.close()

    def add(self, name: str) -> xlsxwriter.worksheet.Worksheet:
        """Start a sheet."""
        return self.book.add_worksheet(name)

    def put(self, sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell) -> None:
        """Write one cell; row and column count from 0, text is never taken for a formula."""
        match cell:
            case None:
                return
            case Formula():
                sheet.write_formula(row, column, cell.text, None, cell.result or 0)
            case str():
                sheet.write_string(row, column, cell)
            case date():
                sheet.write_datetime(row, column, cell, self.day)
            case _:
                sheet.write_number(row, column, cell)

    def put_row(
        self, sheet: xlsxwriter.worksheet.Worksheet, row: int, cells: Iterable[Cell]
    ) -> None:
        """Write cells beside each other from the first column on."""
        for column, cell in enumerate(cells):
            self.put(sheet, row, column, cell)

    def add_table(
        self, content: Table, *, title: Sequence[str] = (), totals: Sequence[Cell] = ()
    ) -> xlsxwriter.worksheet.Worksheet:
        """Write a table under its title rows, with merged group headers, a filter and totals."""
        sheet = self.add(content.name or "Blad1")
        for row, line in enumerate(title):
            sheet.write_string(row, 0, line, self.bold)
        last = len(content.columns) - 1
        bottom = content.header_rows[-1] - 1
        if len(content.header_rows) == 2:
            self._groups(sheet, content, content.header_rows[0] - 1)
        for column in range(last + 1):
            sheet.write_string(bottom, column, content.header(column), self.bold)
        for row, line_of in enumerate(content.rows, bottom + 1):
            self.put_row(sheet, row, line_of.cells)
        self.put_row(sheet, content.last_row, totals)
        sheet.autofilter(bottom, 0, content.last_row - 1, last)
        return sheet

    def _groups(self, sheet: xlsxwriter.worksheet.Worksheet, content: Table, row: int) -> None:
        start = 0
        groups = [column.group for column in content.columns]
        while start < len(groups):
            end = start
            while end + 1 < len(groups) and groups[end + 1] == groups[start]:
                end += 1
            if groups[start]:
                if end > start:
                    sheet.merge_range(row, start, row, end, groups[start], self.bold)
                else:
                    sheet.write_string(row, start, str(groups[start]), self.bold)
            start = end + 1


def write_ods(path: Path, sheets: Sequence[tuple[Table, Sequence[str]]]) -> None:
    """Write tables with their title rows; each sheet is filled up with repeated empty rows."""
    document = OpenDocumentSpreadsheet()
    day = number.DateStyle(name="day")
    day.addElement(number.Day(style="long"))
    day.addElement(number.Text(text="-"))
    day.addElement(number.Month(style="long"))
    day.addElement(number.Text(text="-"))
    day.addElement(number.Year(style="long"))
    document.styles.addElement(day)
    in_days = style.Style(name="in-days", family="table-cell", datastylename=day)
    document.automaticstyles.addElement(in_days)
    for content, title in sheets:
        part = table.Table(name=content.name or "Blad1")
        part.addElement(table.TableColumn(numbercolumnsrepeated=COLUMNS_OF_A_SHEET))
        width = len(content.columns)
        lines: list[Sequence[Cell]] = [[line] if line else [] for line in title]
        lines.append([content.header(i) for i in range(width)])
        lines += [row.cells for row in content.rows]
        for cells in lines:
            part.addElement(_ods_row(cells, in_days))
        empty = table.TableRow(numberrowsrepeated=ROWS_OF_A_SHEET - len(lines))
        empty.addElement(table.TableCell(numbercolumnsrepeated=COLUMNS_OF_A_SHEET))
        part.addElement(empty)
        document.spreadsheet.addElement(part)
    document.save(str(path))


def _ods_row(cells: Sequence[Cell], in_days: style.Style) -> table.TableRow:
    row = table.TableRow()
    for cell in cells:
        row.addElement(_ods_cell(cell, in_days))
    if len(cells) < COLUMNS_OF_A_SHEET:
        row.addElement(table.TableCell(numbercolumnsrepeated=COLUMNS_OF_A_SHEET - len(cells)))
    return row


def _ods_cell(cell: Cell, in_days: style.Style) -> table.TableCell:
    match cell:
        case None:
            return table.TableCell()
        case Formula():
            made = table.TableCell(
                valuetype="float", value=cell.result or 0, formula=f"of:{cell.text}"
            )
            shown = str(cell.result or 0)
        case str():
            made, shown = table.TableCell(valuetype="string"), cell
        case date():
            made = table.TableCell(valuetype="date", datevalue=cell.isoformat(), stylename=in_days)
            shown = f"{cell:%d-%m-%Y}"
        case float():
            made = table.TableCell(valuetype="currency", currency="EUR", value=cell)
            shown = f"€ {cell:.2f}".replace(".", ",")
        case _:
            made, shown = table.TableCell(valuetype="float", value=cell), str(cell)
    for line in shown.split("\n"):
        made.addElement(text.P(text=line))
    return made
