"""A list that was opened: sheets of plain values, with what stands beside the values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

type Cell = str | int | float | bool | date | datetime | time | timedelta | None


def column_letter(index: int) -> str:
    """Return the letter of a column as a spreadsheet shows it; the first index is 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Return the index of a column, from 0, for its letter."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: `rows[0]` is row 1 of the spreadsheet; an empty cell is the empty text."""

    name: str | None
    rows: tuple[tuple[Cell, ...], ...]
    # (row from 1, column from 0) -> the formula as a user sees it.
    formulas: Mapping[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    # (first row, first column, last row, last column), rows from 1 and columns from 0.
    merged: tuple[tuple[int, int, int, int], ...] = ()
    is_hidden: bool = False

    def cell(self, row: int, column: int) -> Cell:
        """The value at a row (from 1) and a column (from 0); empty beyond the edges."""
        if 0 < row <= len(self.rows):
            cells = self.rows[row - 1]
            if column < len(cells):
                return cells[column]
        return ""

    @property
    def width(self) -> int:
        return max((len(row) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Workbook:
    """A whole file: its form, how its text was read, and its sheets in order."""

    name: str
    form: str
    digest: str
    sheets: tuple[Sheet, ...]
    encoding: str | None = None
    separator: str | None = None
