"""How dates, money, counts and durations are written, in Dutch and in English.

Templates use these through `weerthuis_format`; mails, documents and messages call them directly.
Whatever is unknown (None) is written as nothing, and zero as 0.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import dates, timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext

Number = int | float | Decimal

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
SMALLEST_COUNT_SHOWN = 10
COUNTS_ROUND_TO = 5
DAYS_WRITTEN_AS_DAYS = 30
AVERAGE_MONTH_DAYS = 365.25 / 12


def money(amount: Number | None) -> str:
    """€ 712,50 or EUR 712.50: always two decimals."""
    if amount is None:
        return ""
    written = gettext("EUR %(amount)s") % {"amount": number(amount, decimals=2)}
    return written.replace(" ", NO_BREAK_SPACE)


def number(value: Number | None, *, decimals: int = 0) -> str:
    """1.450 or 1,450; with `decimals`, always that many of them."""
    if value is None:
        return ""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return number_format(rounded, decimals, use_l10n=True, force_grouping=True)


def signed(value: Number | None) -> str:
    """+3, −1 or 0: what a booking does to a balance."""
    if value is None:
        return ""
    if value < 0:
        return MINUS + number(-value)
    return ("+" if value > 0 else "") + number(value)


def percent(value: Number | None, *, decimals: int = 0) -> str:
    """58 %, from a value that already is a percentage."""
    return "" if value is None else number(value, decimals=decimals) + NO_BREAK_SPACE + "%"


def span(low: Number | None, high: Number | None) -> str:
    """31 tot 44; a span without width is one number."""
    if low is None or high is None:
        return ""
    lowest, highest = number(low), number(high)
    return lowest if lowest == highest else _from_to(lowest, highest)


def people_count(count: int | None) -> str:
    """People outside the own organisation: fewer than 10 in words, else rounded to 5."""
    if count is None:
        return ""
    if count < SMALLEST_COUNT_SHOWN:
        return _fewer()
    return number(to_five(count))


def to_five(count: int) -> int:
    """A number of people as it is told where it is not told exactly; below 10 words stand."""
    return COUNTS_ROUND_TO * round(count / COUNTS_ROUND_TO)


def people_span(low: Number | None, high: Number | None) -> str:
    """A forecast of people: whole numbers, a bound under 10 in words."""
    if low is None or high is None:
        return ""
    if round(high) < SMALLEST_COUNT_SHOWN:
        return _fewer()
    if round(low) < SMALLEST_COUNT_SHOWN:
        return _from_to(_fewer(), number(high))
    return span(low, high)


def day(when: date | None) -> str:
    """12 okt 2026."""
    return "" if when is None else f"{when.day} {_month_short(when)} {when.year}"


def day_with_weekday(when: date | None) -> str:
    """wo 14 okt: a day nearby, where the year goes without saying."""
    if when is None:
        return ""
    return f"{dates.WEEKDAYS_ABBR[when.weekday()]} {when.day} {_month_short(when)}"


def day_long(when: date | None) -> str:
    """woensdag 14 oktober 2026."""
    if when is None:
        return ""
    return f"{dates.WEEKDAYS[when.weekday()]} {when.day} {dates.MONTHS[when.month]} {when.year}"


def month(when: date | None) -> str:
    """mrt 2026."""
    return "" if when is None else f"{_month_short(when)} {when.year}"


def quarter(when: date | None) -> str:
    """4e kwartaal 2026."""
    if when is None:
        return ""
    return gettext("Q%(quarter)d %(year)d") % {
        "quarter": (when.month + 2) // 3,
        "year": when.year,
    }


def time_of_day(when: datetime | None) -> str:
    """09:14 on the clocks of the Netherlands."""
    return "" if when is None else f"{_local(when):%H:%M}"


def moment(when: datetime | None) -> str:
    """12 okt 2026, 09:14."""
    return "" if when is None else f"{day(_local(when))}, {time_of_day(when)}"


def months_and_days(since: date, until: date) -> tuple[int, int]:
    """Whole calendar months from `since` to `until`, and the days left over."""
    months = (until.year - since.year) * 12 + until.month - since.month
    reached = months_after(since, months)
    if reached > until:
        months -= 1
        reached = months_after(since, months)
    return months, (until - reached).days


def duration(since: date, until: date) -> str:
    """30 dgn, from then on 3 mnd 12 dgn; never negative."""
    days = max((until - since).days, 0)
    if days <= DAYS_WRITTEN_AS_DAYS:
        return days_short(days)
    return _months_short(*months_and_days(since, until))


def duration_of(days: int) -> str:
    """The same for a number of days without a beginning, in months of average length."""
    if days <= DAYS_WRITTEN_AS_DAYS:
        return days_short(max(days, 0))
    months = int(days / AVERAGE_MONTH_DAYS)
    return _months_short(months, round(days - months * AVERAGE_MONTH_DAYS))


def days_short(days: int) -> str:
    """34 dgn: for the age of data, which is never written in months."""
    return ngettext("%(count)d d", "%(count)d d", days) % {"count": days}


def duration_in_words(since: date, until: date) -> str:
    """3 maanden: for a sentence, where left-over days do not matter."""
    days = max((until - since).days, 0)
    if days <= DAYS_WRITTEN_AS_DAYS:
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    months, _ = months_and_days(since, until)
    return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}


def and_list(words: Iterable[object]) -> str:
    """A, B en C."""
    *first, last = [str(word) for word in words] or [""]
    if not first:
        return last
    return gettext("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last}


def _from_to(low: str, high: str) -> str:
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}


def _fewer() -> str:
    return gettext("fewer than %(count)d") % {"count": SMALLEST_COUNT_SHOWN}


def _months_short(months: int, days: int) -> str:
    written = ngettext("%(count)d mo", "%(count)d mo", months) % {"count": months}
    return f"{written} {days_short(days)}" if days else written


def _month_short(when: date) -> str:
    """Dutch writes months small, English with a capital."""
    name = str(dates.MONTHS_3[when.month])
    return name.capitalize() if (get_language() or "").startswith("en") else name


def months_after(since: date, months: int) -> date:
    """The same day some months later, or the last day of a shorter month."""
    year, index = divmod(since.year * 12 + since.month - 1 + months, 12)
    last = (date(year + index // 11, (index + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, index + 1, min(since.day, last))


def _local(when: datetime) -> datetime:
    return timezone.localtime(when) if timezone.is_aware(when) else when
