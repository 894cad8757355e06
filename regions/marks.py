"""What a running term looks like on screen: how long, what it means, how urgent."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.translation import gettext, pgettext

from regions import formats

Level = Literal["", "soon", "late"]

_RANK: dict[Level, int] = {"late": 0, "soon": 1, "": 2}


@dataclass(frozen=True)
class Clock:
    """The duration first, then its meaning; the level says how much weight it gets."""

    level: Level
    figure: str
    meaning: str
    days: int = 0

    @property
    def urgency(self) -> tuple[int, int]:
        """Sorts the most urgent first: past the term, then soon; the longest within each."""
        return (_RANK[self.level], -self.days)


def waiting_clock(
    *, since: date, today: date, soon_after_months: int, late_after_months: int
) -> Clock:
    """How long somebody has waited, against the bounds of the region's rules."""
    months, _ = formats.months_and_days(since, today)
    level: Level = ""
    if months >= late_after_months:
        level = "late"
    elif months >= soon_after_months:
        level = "soon"
    return Clock(
        level,
        formats.duration(since, today),
        pgettext("of a person", "waiting"),
        (today - since).days,
    )


def due_clock(*, due: date, today: date, soon_within_days: int, meaning: str) -> Clock:
    """What is left until the last day of a term, or how far it is past; that day is in time."""
    left = (due - today).days
    if left < 0:
        return Clock("late", formats.duration(due, today), gettext("past the term"), -left)
    level: Level = "soon" if left <= soon_within_days else ""
    figure = gettext("today") if left == 0 else _left(formats.duration(today, due))
    return Clock(level, figure, meaning, -left)


def age_clock(*, since: date, today: date, old_after_days: int, meaning: str) -> Clock:
    """How old a fact is: always in days, because it is compared with a term in days."""
    days = (today - since).days
    figure = gettext("%(age)s old") % {"age": formats.days_short(days)}
    return Clock("late" if days > old_after_days else "", figure, meaning, days)


def _left(duration: str) -> str:
    return gettext("%(duration)s left") % {"duration": duration}
