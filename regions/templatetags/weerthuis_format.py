"""The filters that write dates, money, counts and durations; an empty value stays empty."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any

from django import template

from regions import formats

register = template.Library()


def _filter(write: Callable[..., str]) -> Callable[..., str]:
    """Register a filter under its own name that writes nothing where nothing is known."""

    @wraps(write)  # Django counts the arguments of what is wrapped
    def unless_empty(value: Any, *arguments: Any) -> str:
        return "" if value is None or value == "" else write(value, *arguments)

    register.filter(write.__name__, unless_empty)
    return write


for _write in (
    formats.money,
    formats.signed,
    formats.people_count,
    formats.day,
    formats.day_with_weekday,
    formats.day_long,
    formats.month,
    formats.quarter,
    formats.time_of_day,
    formats.moment,
):
    _filter(_write)


@_filter
def number(value: int | float | Decimal, decimals: int = 0) -> str:
    return formats.number(value, decimals=decimals)


@_filter
def percent(value: int | float | Decimal, decimals: int = 0) -> str:
    return formats.percent(value, decimals=decimals)


@_filter
def span(low: int | float | Decimal, high: int | float | Decimal | None) -> str:
    return formats.span(low, high)


@_filter
def people_span(low: int | float | Decimal, high: int | float | Decimal | None) -> str:
    return formats.people_span(low, high)


@_filter
def duration(since: date | int, until: date | None = None) -> str:
    """`since|duration:until` for two days, `days|duration` for a number of days."""
    if isinstance(since, int):
        return formats.duration_of(since)
    return "" if until is None else formats.duration(since, until)


@_filter
def duration_in_words(since: date, until: date) -> str:
    return formats.duration_in_words(since, until)


@_filter
def days_short(days: int) -> str:
    return formats.days_short(days)


@_filter
def and_list(words: Iterable[object]) -> str:
    return formats.and_list(words)


@_filter
def machine_time(when: date | datetime) -> str:
    """For the datetime attribute of <time>."""
    return when.isoformat()
