"""Calendar quarters by their first day."""

from datetime import date, timedelta


def quarter_of(day: date) -> date:
    """The first day of the quarter that holds a day."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarter_after(start: date) -> date:
    """The first day of the next quarter."""
    return date(start.year + start.month // 10, (start.month + 2) % 12 + 1, 1)


def quarters_before(start: date, count: int) -> list[date]:
    """The first days of so many quarters before a quarter, the earliest first.

    >>> quarters_before(date(2026, 10, 1), 2)
    [datetime.date(2026, 4, 1), datetime.date(2026, 7, 1)]
    """
    found: list[date] = []
    while len(found) < count:
        start = quarter_of(start - timedelta(days=1))
        found.insert(0, start)
    return found


def quarter_named(name: str) -> date:
    """The first day of a quarter as an estimate names it.

    >>> quarter_named("2026Q4")
    datetime.date(2026, 10, 1)
    """
    year, quarter = name.split("Q")
    return date(int(year), 3 * int(quarter) - 2, 1)


def name_of(start: date) -> str:
    """The name of a quarter in an estimate.

    >>> name_of(date(2026, 10, 1))
    '2026Q4'
    """
    return f"{start.year}Q{(start.month + 2) // 3}"
