"""Days as people type them: d-m-yyyy, ISO, `1 oktober 2026`, or Excel's day number in text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lists.cells.texts import is_empty, plain
from lists.reading import Cell

EARLIEST, LATEST = 1900, 2100
ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?z?)?"
)
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
THREE = re.compile(
    r"(\d{1,2})\s?[-/. ]\s?(\d{1,2})\s?[-/. ]\s?(\d{4}|\d{2})(?: \d{1,2}:\d{2}(?::\d{2})?)?"
)
WORDED = re.compile(r"(?:\w{2,9},? )?(\d{1,2})(?:e|ste|de)?[ -]([a-z]{3,9})\.?[ -,]*(\d{4}|\d{2})")
DAY_NUMBER = re.compile(r"\d{5}(?:[.,]0+)?")
DAY_ONE = date(1899, 12, 30)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "januari", "january"),
            ("feb", "februari", "february"),
            ("mrt", "maart", "mar", "march"),
            ("apr", "april"),
            ("mei", "may"),
            ("jun", "juni", "june"),
            ("jul", "juli", "july"),
            ("aug", "augustus", "august"),
            ("sep", "sept", "september"),
            ("okt", "oktober", "oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}


@dataclass(frozen=True, slots=True)
class DayStyle:
    """Whether a column writes the month first, as American exports do."""

    month_first: bool = False


def style_of(cells: Iterable[Cell]) -> DayStyle:
    """The month comes first only if that makes days of clearly more cells."""
    day_first = month_first = 0
    for cell in cells:
        match = THREE.fullmatch(plain(cell)) if isinstance(cell, str) else None
        if match:
            first, second = int(match[1]), int(match[2])
            day_first += second <= 12
            month_first += first <= 12 and second <= 31
    return DayStyle(month_first=month_first > day_first * 1.2 and month_first >= 5)


def day(cell: Cell, style: DayStyle, *, pivot: date, is_birth: bool = False) -> date | None:
    """Return the day in a cell, or None when there is no such day."""
    if isinstance(cell, datetime):
        return _known(cell.year, cell.month, cell.day)
    if isinstance(cell, date):
        return _known(cell.year, cell.month, cell.day)
    if not isinstance(cell, str) or is_empty(cell):
        return None
    text = plain(cell)
    if match := ISO.fullmatch(text) or COMPACT.fullmatch(text):
        return _known(int(match[1]), int(match[2]), int(match[3]))
    if match := THREE.fullmatch(text):
        first, second = int(match[1]), int(match[2])
        month, number = (first, second) if style.month_first else (second, first)
        return _known(_year(match[3], pivot=pivot, is_birth=is_birth), month, number)
    if (match := WORDED.fullmatch(text)) and match[2] in MONTHS:
        year = _year(match[3], pivot=pivot, is_birth=is_birth)
        return _known(year, MONTHS[match[2]], int(match[1]))
    return None


def day_number(cell: Cell) -> date | None:
    """The day behind an Excel day number: `24217` is 20 April 1966."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        number = int(cell)
    elif isinstance(cell, str) and DAY_NUMBER.fullmatch(cell.strip()):
        number = int(cell.strip()[:5])
    else:
        return None
    return DAY_ONE + timedelta(days=number) if 3653 <= number <= 73415 else None


def day_in(text: str) -> date | None:
    """The one day that a title names: `peildatum 1 oktober 2026`; None if none or several."""
    text = plain(text)
    found = set()
    for match in re.finditer(r"(\d{1,2})(?:e)? ([a-z]{3,9}) (\d{4})", text):
        if match[2] in MONTHS:
            found.add(_known(int(match[3]), MONTHS[match[2]], int(match[1])))
    for match in re.finditer(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", text):
        found.add(_known(int(match[1]), int(match[2]), int(match[3])))
    for match in re.finditer(r"\b(\d{1,2})[-/](\d{1,2})[-/](\d{4})\b", text):
        found.add(_known(int(match[3]), int(match[2]), int(match[1])))
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _year(text: str, *, pivot: date, is_birth: bool) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    century = pivot.year - pivot.year % 100
    latest = pivot.year if is_birth else pivot.year + 20
    return century + year if century + year <= latest else century + year - 100


def _known(year: int, month: int, number: int) -> date | None:
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date(year, month, number)
    except ValueError:
        return None
