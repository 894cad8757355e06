"""From registrations to who looks for a home: a person once, a household as one. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from housing.matching.policy import Policy
from outflow.lifecycle import HousingForm

Place = tuple[float, float]

SMALL_HOUSEHOLD = 2


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
    persons: int = 1
    max_rent_is_assumed: bool = True
    contract_forms: frozenset[str] = frozenset()
    network: frozenset[Place] = frozenset()
    day_activity: frozenset[Place] = frozenset()
    # Refused what the region offers, and waits for the table to decide.
    waits_for_table: bool = False

    def priority(self, as_of: date, policy: Policy) -> int:
        """As the policy of the region has it."""
        days = (as_of - self.waiting_since).days
        return policy.urgency_points[self.urgency] + max(
            0, min(days, policy.longest_counted_wait_days)
        )


@dataclass(frozen=True)
class RentRule:
    """Appropriate allocation on a day: the limits for a small and a large household."""

    small: Decimal | None
    large: Decimal | None
    blocks: bool

    def limit(self, persons: int) -> Decimal | None:
        return self.small if persons <= SMALL_HOUSEHOLD else self.large


NO_RENT_RULE = RentRule(None, None, blocks=False)


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

    @property
    def persons(self) -> int:
        """How many will live there; each need may count all of them or only its own."""
        return max(len(self.members), *(member.persons for member in self.members))

    @property
    def max_rent(self) -> Decimal | None:
        return min((m.max_rent for m in self.members if m.max_rent is not None), default=None)

    @property
    def waits_for_table(self) -> bool:
        return any(member.waits_for_table for member in self.members)

    def appropriate_rent(self, rule: RentRule) -> Decimal | None:
        """The limit that counts for them; None where the law's number is missing, or their income.

        The income is no part of the picture. A limit that a person decided above the law's says
        that the income is above its limit as well, as far as is known: nothing is tested then.
        """
        limit, decided = rule.limit(self.persons), self.max_rent
        if limit is None or decided is None or decided <= limit:
            return limit
        is_assumed = all(m.max_rent_is_assumed for m in self.members if m.max_rent == decided)
        return limit if is_assumed else None

    def as_client(self, rents: RentRule = NO_RENT_RULE) -> dict[str, Any]:
        """The client of the contract: a home must suit all of them."""
        lead, members = self.lead, self.members
        appropriate, highest = self.appropriate_rent(rents), self.max_rent
        if rents.blocks and appropriate is not None:
            highest = appropriate if highest is None else min(highest, appropriate)
        return {
            "ref": str(lead.ref),
            "target_group": lead.target_group,
            "provider": str(lead.provider),
            "max_rent": None if highest is None else float(highest),
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
            "fit": {
                "network": _places(m.network for m in members),
                "day_activity": _places(m.day_activity for m in members),
                "contract_forms": _common(m.contract_forms for m in members),
                "persons": self.persons,
                "appropriate_rent": None if appropriate is None else float(appropriate),
            },
        }


def seekers(
    registrations: Iterable[Registration],
    *,
    spoken_for: Iterable[int],
    as_of: date,
    policy: Policy | None = None,
) -> list[Seeker]:
    """Everybody who looks, once; `spoken_for` are households of whom somebody has a home or offer.

    Of one person's registrations the one with the highest priority counts, the oldest if equal.
    """
    first_of_person: dict[int, Registration] = {}
    for registration in sorted(registrations, key=_by_priority(as_of, policy or Policy())):
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


def _by_priority(as_of: date, policy: Policy) -> Any:
    return lambda r: (-r.priority(as_of, policy), r.waiting_since, r.key)


def _common(sets: Iterable[frozenset[str]]) -> list[str]:
    """What suits all who have a wish; where they differ altogether the first has the say."""
    wishes: Sequence[frozenset[str]] = [wish for wish in sets if wish]
    if not wishes:
        return []
    return sorted(frozenset.intersection(*wishes) or wishes[0])


def _all(sets: Iterable[frozenset[str]]) -> list[str]:
    return sorted(frozenset().union(*sets))


def _places(sets: Iterable[frozenset[Place]]) -> list[list[float]]:
    return [list(place) for place in sorted(frozenset[Place]().union(*sets))]
