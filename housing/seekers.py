"""From registrations to who looks for a home: a person once, a household as one. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from outflow.lifecycle import HousingForm

LONGEST_COUNTED_WAIT = 730
PER_URGENCY = 1000


@dataclass(frozen=True)
class Registration:
    """One registration of somebody who looks for a home, or has one promised."""

    key: int
    ref: UUID
    person: int
    household: int | None
    provider: UUID
    target_group: str
    urgency: int
    ready_on: date
    waiting_since: date
    max_rent: Decimal | None
    bedrooms: int
    step_free: bool
    wheelchair: bool
    low_stimulus: bool
    guidance_hours: Decimal
    forms: frozenset[str] = frozenset()
    support: frozenset[str] = frozenset()
    municipalities: frozenset[str] = frozenset()
    preferred: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    def priority(self, as_of: date) -> int:
        """As the contract has it."""
        days = (as_of - self.waiting_since).days
        return PER_URGENCY * self.urgency + max(0, min(days, LONGEST_COUNTED_WAIT))


@dataclass(frozen=True)
class Seeker:
    """Who asks for one home: the registration with the highest priority, and who moves along."""

    lead: Registration
    others: tuple[Registration, ...] = field(default=())

    @property
    def members(self) -> tuple[Registration, ...]:
        return (self.lead, *self.others)

    @property
    def half_hours(self) -> int:
        """Guidance by the lead's provider for all of them, in half hours, rounded up."""
        hours = sum(
            (m.guidance_hours for m in self.members if m.provider == self.lead.provider), Decimal()
        )
        return math.ceil(hours * 2)

    @property
    def support(self) -> frozenset[str]:
        return frozenset().union(*(member.support for member in self.members))

    def as_client(self) -> dict[str, Any]:
        """The client of the contract: a home must suit all of them."""
        lead, members = self.lead, self.members
        rents = [float(m.max_rent) for m in members if m.max_rent is not None]
        return {
            "ref": str(lead.ref),
            "target_group": lead.target_group,
            "provider": str(lead.provider),
            "max_rent": min(rents, default=None),
            "bedrooms": max(m.bedrooms for m in members),
            "step_free": any(m.step_free for m in members),
            "wheelchair": any(m.wheelchair for m in members),
            "low_stimulus": any(m.low_stimulus for m in members),
            # Without a wish somebody looks for a home of their own, not for a room.
            "forms": _common(m.forms for m in members) or [str(HousingForm.INDEPENDENT)],
            "municipalities": _common(m.municipalities for m in members),
            "excluded_neighbourhoods": _all(m.excluded for m in members),
            "preferred_neighbourhoods": _all(m.preferred for m in members),
            "ready_on": lead.ready_on.isoformat(),
            "waiting_since": lead.waiting_since.isoformat(),
            "urgency": lead.urgency,
            "guidance_hours": self.half_hours / 2,
            "support": sorted(self.support),
            "refused_dwellings": _all(m.refused for m in members),
        }


def seekers(
    registrations: Iterable[Registration], *, spoken_for: Iterable[int], as_of: date
) -> list[Seeker]:
    """Everybody who looks, once; `spoken_for` are households of whom somebody has a home or offer.

    Of one person's registrations the one with the highest priority counts, the oldest if equal.
    """
    first_of_person: dict[int, Registration] = {}
    for registration in sorted(registrations, key=_by_priority(as_of)):
        first_of_person.setdefault(registration.person, registration)
    groups: dict[tuple[str, int], list[Registration]] = {}
    taken = set(spoken_for)
    for registration in first_of_person.values():
        if registration.household is None:
            groups["person", registration.person] = [registration]
        elif registration.household not in taken:
            groups.setdefault(("household", registration.household), []).append(registration)
    return [Seeker(lead, tuple(others)) for lead, *others in groups.values()]


def first_day(row: dict[str, Any], *, gate: bool, as_of: date) -> tuple[date, date]:
    """From which day a home suits, and since when somebody waits; both as well as it is known.

    Whoever goes without the readiness gate has waited since care began.
    """
    ready = row["ready_on"] or (row["phase_from"] if gate else None)
    if ready is not None:
        return ready, ready
    since = row["in_care_since"] or row["phase_from"] or as_of
    return min(since, as_of), since


def years_before(day: date, years: int) -> date:
    """The same day so many years before; of 29 February, the day before it."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return (day - timedelta(days=1)).replace(year=day.year - years)


def _by_priority(as_of: date) -> Any:
    return lambda r: (-r.priority(as_of), r.waiting_since, r.key)


def _common(sets: Iterable[frozenset[str]]) -> list[str]:
    """What suits all who have a wish; where they differ altogether the first has the say."""
    wishes: Sequence[frozenset[str]] = [wish for wish in sets if wish]
    if not wishes:
        return []
    return sorted(frozenset.intersection(*wishes) or wishes[0])


def _all(sets: Iterable[frozenset[str]]) -> list[str]:
    return sorted(frozenset().union(*sets))
