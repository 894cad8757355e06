"""What the inventory counts: definitions that the region fixes first, with who and from when.

Every figure of the inventory is counted with the definitions that count today, also at an earlier
reference date: two days can only be compared on one definition.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from outflow.lifecycle import FacilityType, Phase
from regions.models import Region
from regions.rules import RULES, decisions

# Codes of the rules, in the order of the page.
BW_PHASES = "inventory_bw_phases"
MO_PHASES = "inventory_mo_phases"
READY_PHASES = "inventory_ready_phases"
OFFER_IS_READY = "inventory_offer_is_ready"
TERM_MONTHS = "inventory_term_months"
AGREED_SHARES = "agreed_shares"
OWN_HOME = "own_home_share"
OTHER_CARE = "other_care_share"
RELAPSE = "relapse_share"
KEYS = (
    BW_PHASES,
    MO_PHASES,
    READY_PHASES,
    OFFER_IS_READY,
    TERM_MONTHS,
    AGREED_SHARES,
    OWN_HOME,
    OTHER_CARE,
    RELAPSE,
)


MOST_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Assumed:
    """A share that nobody counted, with where it comes from; None while it was not agreed."""

    percent: Decimal | None = None
    source: str = ""

    @property
    def share(self) -> Fraction:
        """Between 0 and 1; what was not agreed is left out of the sum."""
        return Fraction(self.percent or 0) / 100


@dataclass(frozen=True, slots=True)
class Definitions:
    """Who counts as what, and what the step plan takes for granted.

    `agreed_shares` is percent by CBS code of the municipality; empty when none were agreed.
    """

    bw_phases: frozenset[str]
    mo_phases: frozenset[str]
    ready_phases: frozenset[str]
    offer_is_ready: bool
    term_months: tuple[int, ...]
    agreed_shares: Mapping[str, Decimal]
    own_home: Assumed
    other_care: Assumed
    relapse: Assumed

    def counts(self, kind: str, phase: str) -> bool:
        """Whether somebody in this kind of care and phase is part of the stock."""
        return phase in (self.bw_phases if kind == FacilityType.BW else self.mo_phases)

    def is_ready(self, phase: str) -> bool:
        return phase in self.ready_phases or (phase == Phase.OFFERED and self.offer_is_ready)

    @property
    def phases(self) -> frozenset[str]:
        """All phases of which somebody counts."""
        return self.bw_phases | self.mo_phases

    @property
    def phases_of_ready(self) -> frozenset[str]:
        return self.ready_phases | ({Phase.OFFERED} if self.offer_is_ready else set())

    @property
    def mark(self) -> str:
        """Changes when a definition does: a form knows by it that somebody else saved meanwhile."""
        return sha256(json.dumps(self.as_rules(), sort_keys=True).encode()).hexdigest()[:16]

    def as_rules(self) -> dict[str, Any]:
        """Each definition as the value of its rule."""
        return {
            BW_PHASES: _in_order(self.bw_phases),
            MO_PHASES: _in_order(self.mo_phases),
            READY_PHASES: _in_order(self.ready_phases),
            OFFER_IS_READY: self.offer_is_ready,
            TERM_MONTHS: list(self.term_months),
            AGREED_SHARES: {
                code: _written(part) for code, part in sorted(self.agreed_shares.items())
            },
            OWN_HOME: _as_value(self.own_home),
            OTHER_CARE: _as_value(self.other_care),
            RELAPSE: _as_value(self.relapse),
        }


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decided a definition, and from when it counts."""

    owner: str
    from_on: date


def definitions_on(region: Region | int, day: date) -> tuple[Definitions, dict[str, Decided]]:
    """The definitions that count on a day, and who decided the ones that are the region's own."""
    own = decisions(region, KEYS, on=day)
    values = {key: own[key].value if key in own else RULES[key].default for key in KEYS}
    decided = {key: Decided(rule.owner, rule.valid_from) for key, rule in own.items()}
    return from_rules(values), decided


def from_rules(values: Mapping[str, Any]) -> Definitions:
    """The definitions that rules with these values make."""
    return Definitions(
        bw_phases=frozenset(values[BW_PHASES]),
        mo_phases=frozenset(values[MO_PHASES]),
        ready_phases=frozenset(values[READY_PHASES]),
        offer_is_ready=bool(values[OFFER_IS_READY]),
        term_months=tuple(values[TERM_MONTHS]),
        agreed_shares={code: Decimal(str(part)) for code, part in values[AGREED_SHARES].items()},
        own_home=_from_value(values[OWN_HOME]),
        other_care=_from_value(values[OTHER_CARE]),
        relapse=_from_value(values[RELAPSE]),
    )


def faults(definitions: Definitions) -> Iterator[tuple[str, str]]:
    """What is wrong with definitions, as the name of the field and a sentence."""
    both = definitions.bw_phases & definitions.mo_phases
    if not definitions.bw_phases:
        yield "bw_phases", _("Choose at least one phase.")
    if not definitions.mo_phases:
        yield "mo_phases", _("Choose at least one phase.")
    if not definitions.ready_phases:
        yield "ready_phases", _("Choose at least one phase.")
    elif not definitions.phases_of_ready <= both:
        yield "ready_phases", _("Whoever is ready must count as in care, in both kinds of care.")
    months = definitions.term_months
    if not months or list(months) != sorted({*months}) or not 0 < months[0] <= months[-1]:
        yield "terms", _("Write whole months from few to many, for example 6, 12, 24.")
    elif months[-1] > MOST_MONTHS:
        yield "terms", _("A term ends within %(months)d months.") % {"months": MOST_MONTHS}
    shares = definitions.agreed_shares.values()
    if shares and (sum(shares) != 100 or min(shares) < 0):
        yield "shares", _("The agreed shares add up to 100 percent, or none is filled in.")
    for name in ("own_home", "other_care", "relapse"):
        assumed: Assumed = getattr(definitions, name)
        if assumed.percent is None:
            continue
        if not 0 <= assumed.percent <= 100:
            yield name, _("A share lies between 0 and 100 percent.")
        if not assumed.source.strip():
            yield f"{name}_source", _("Write where this share comes from.")
    if definitions.own_home.share + definitions.other_care.share > 1:
        yield (
            "other_care",
            _("Who finds a home alone and who goes elsewhere are at most everybody."),
        )


def _in_order(phases: frozenset[str]) -> list[str]:
    return [phase.value for phase in Phase if phase in phases]


def _as_value(assumed: Assumed) -> dict[str, str]:
    if assumed.percent is None:
        return {}
    return {"percent": _written(assumed.percent), "source": assumed.source}


def _written(percent: Decimal) -> str:
    """60 and 60.0 are one number and are written as one."""
    return f"{percent.normalize():f}"


def _from_value(value: Mapping[str, Any]) -> Assumed:
    if "percent" not in value:
        return Assumed()
    return Assumed(Decimal(str(value["percent"])), value.get("source", ""))
