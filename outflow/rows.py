"""A client as a row on a page: what is seen, with how long they wait and how old the data are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from outflow.filters import Bounds
from outflow.lifecycle import IN_CARE
from outflow.projections import ClientSeen
from regions import formats
from regions.clock import today
from regions.marks import Clock, waiting_clock


@dataclass(frozen=True, slots=True)
class Age:
    """How old readiness is; `kind` is that of a state word, empty when it is no matter."""

    kind: str
    word: str


@dataclass(frozen=True, slots=True)
class ClientRow:
    seen: ClientSeen
    clock: Clock | None
    age: Age | None


def client_rows(clients: Iterable[ClientSeen], bounds: Bounds) -> list[ClientRow]:
    return [
        ClientRow(
            seen=seen,
            clock=waiting(seen, bounds),
            age=age_of(seen.checked_on, bounds) if seen.phase in IN_CARE else None,
        )
        for seen in clients
    ]


def waiting(seen: ClientSeen, bounds: Bounds) -> Clock | None:
    """The clock of somebody who waits for a home."""
    if seen.waiting_days is None or seen.ready_on is None:
        return None
    soon, late = (*bounds.waiting_months, 3, 6)[:2]
    return waiting_clock(
        since=seen.ready_on, today=today(), soon_after_months=soon, late_after_months=late
    )


def age_of(checked_on: date | None, bounds: Bounds) -> Age:
    """How long ago readiness was confirmed; a client nobody ever checked is too old."""
    if checked_on is None:
        return Age("late", _("never checked"))
    days = max((today() - checked_on).days, 0)
    if days == 0:
        return Age("", _("today"))
    words = _("%(age)s old") % {"age": formats.days_short(days)}
    return Age("late" if days > bounds.stale_days else "", words)
