"""Calendar quarters as whole numbers, and the days they begin on.

A day is a whole number too: days since 1 January 1970, as numpy's ``datetime64[D]`` has it.
"""

import re
from datetime import date

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.errors import EstimateError

EPOCH = date(1970, 1, 1).toordinal()
DAYS_PER_QUARTER = 365.2425 / 4

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_QUARTER = re.compile(r"\s*(\d{4})\s*-?\s*[QqKk]([1-4])\s*", re.ASCII)


def day_number(day: date) -> int:
    """Return the number of a day.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return day.toordinal() - EPOCH


def date_of(day: int) -> date:
    """Return the date of a day number.

    >>> date_of(1)
    datetime.date(1970, 1, 2)
    """
    return date.fromordinal(day + EPOCH)


def quarter_of(day: date) -> int:
    """Return the number of the quarter that holds a date: four a year.

    >>> quarter_of(date(2026, 11, 15)) == 4 * 2026 + 3
    True
    """
    return 4 * day.year + (day.month - 1) // 3


def parse_quarter(text: str) -> int:
    """Return the number of a quarter written as ``2026Q4`` or ``2026-Q4``.

    >>> parse_quarter("2026-Q4") == parse_quarter("2026Q4")
    True
    """
    found = _QUARTER.fullmatch(text)
    if not found:
        raise EstimateError("quarter", '"%(value)s" is not a quarter such as 2026Q4.', value=text)
    return 4 * int(found[1]) + int(found[2]) - 1


def label(quarter: int) -> str:
    """Return how a quarter is written.

    >>> label(parse_quarter("2026-Q4"))
    '2026Q4'
    """
    return f"{quarter // 4:04d}Q{quarter % 4 + 1}"


def first_day(quarter: int) -> int:
    """Return the number of the first day of a quarter."""
    return day_number(date(quarter // 4, 3 * (quarter % 4) + 1, 1))


def first_days(quarter: int, count: int) -> NDArray[np.int64]:
    """Return the first days of ``count`` quarters and of the one after: count + 1 numbers."""
    return np.array([first_day(quarter + k) for k in range(count + 1)], dtype=np.int64)
