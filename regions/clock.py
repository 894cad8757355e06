"""The one clock of the domain: every rule about days asks it, so that tests can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from django.utils import timezone

_set_day: ContextVar[date | None] = ContextVar("weerthuis_day", default=None)


def today() -> date:
    """The day in the Netherlands, or the day that `on_day` set."""
    return _set_day.get() or timezone.localdate()


@contextmanager
def on_day(day: date) -> Iterator[None]:
    """Let `today()` answer `day` inside the block."""
    token = _set_day.set(day)
    try:
        yield
    finally:
        _set_day.reset(token)
