"""Reads what one cell holds, or raises a ValueError that says what is wrong with it."""

import math
import re
from collections.abc import Callable
from datetime import date, datetime

from outflow.estimation.errors import EstimateError
from outflow.estimation.quarters import ISO_DATE, day_number, parse_quarter

MOST_HOURS = 24 * 7
MOST_COUNTED = 1_000_000

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def as_is(value: object) -> str:
    """Return a text that can be written."""
    text = str(value)
    if not can_be_written(text):
        raise ValueError("a character that cannot be written")
    return text


def can_be_written(text: str) -> bool:
    """Say whether a text can stand in a file: half a surrogate pair cannot."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def required(value: object) -> str:
    """Return a text that is not empty."""
    if value == "":
        raise ValueError("a value is needed")
    return as_is(value)


def one_of(
    known: dict[str, object] | dict[str, int] | dict[str, str], what: str
) -> Callable[[object], object]:
    """Return a reader of the words known: what each stands for."""

    def read(value: object) -> object:
        if str(value) not in known:
            raise ValueError(f'"{value}" is not a {what}' if value != "" else f"a {what} is needed")
        return known[str(value)]

    return read


def optional(read: Callable[[object], object]) -> Callable[[object], object]:
    """Return a reader that leaves an empty cell empty."""
    return lambda value: "" if value == "" else read(value)


def a_day(value: object) -> int:
    """Return the number of a day: a date, or one written 2026-10-01."""
    if isinstance(value, datetime):
        if (value.hour, value.minute, value.second, value.microsecond) != (0, 0, 0, 0):
            raise ValueError(f'"{value}" has a time of day')
        return day_number(value.date())
    if isinstance(value, date):
        return day_number(value)
    if value == "":
        raise ValueError("a date is needed")
    if not ISO_DATE.fullmatch(str(value)):
        raise ValueError(f'"{value}" is not a date such as 2026-10-01')
    try:
        return day_number(date.fromisoformat(str(value)))
    except ValueError:
        raise ValueError(f'"{value}" does not exist in the calendar') from None


def a_quarter(value: object) -> int:
    """Return the number of a quarter."""
    try:
        return parse_quarter(str(value))
    except EstimateError as trouble:
        raise ValueError(str(trouble).rstrip(".")) from None


def not_negative(value: object) -> float:
    """Return a number from zero, in plain digits."""
    text = str(value)
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(number):
        raise ValueError(f'"{value}" is not a number')
    if number < 0:
        raise ValueError(f"{value} is less than zero")
    return number


def whole_number(value: object) -> int:
    """Return a whole number from zero."""
    number = not_negative(value)
    if number != int(number):
        raise ValueError(f"{value} is not a whole number")
    return int(_at_most(MOST_COUNTED, number))


def week_hours(value: object) -> float:
    """Return hours that fit in a week."""
    return _at_most(MOST_HOURS, not_negative(value))


def a_rent(value: object) -> str:
    """Return a rent class: any name, but a number is an amount of euros."""
    text = as_is(value)
    amount = text.replace(",", ".")
    if _NUMBER.fullmatch(amount):
        _at_most(MOST_COUNTED, not_negative(amount))
    return text


def _at_most(most: float, number: float) -> float:
    if number > most:
        raise ValueError(f"{number:g} is more than can be meant")
    return number
