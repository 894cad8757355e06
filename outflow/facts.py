"""The values that operations on people take, from a form or a row of a list. Knows no model."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from outflow.lifecycle import Phase, Route


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """Who somebody is, as their provider writes it."""

    family_name: str
    prefix: str = ""
    given_name: str = ""
    born_on: date | None = None
    sex: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class CareFacts:
    """What never leaves the provider."""

    monthly_income: Decimal | None = None
    yearly_income: Decimal | None = None
    income_source: str = ""
    has_debts: bool | None = None
    debt_amount: Decimal | None = None
    administration: str = ""
    remarks: str = ""
    exclusion_reason: str = ""


@dataclass(frozen=True, slots=True)
class NeedFacts:
    """What a home must offer. Places are keys: municipalities in order of preference."""

    persons: int = 1
    children: int = 0
    bedrooms: int = 1
    step_free: bool = False
    wheelchair: bool = False
    low_stimulus: bool = False
    forms: tuple[str, ...] = ()
    contract_forms: tuple[str, ...] = ()
    max_rent: Decimal | None = None
    max_rent_is_assumed: bool = True
    guidance_hours: Decimal = Decimal(0)
    reachable_24h: bool = False
    support: tuple[str, ...] = ()
    municipalities: tuple[int, ...] = ()
    preferred_neighbourhoods: frozenset[int] = frozenset()
    # Where one's own people are, and where one works or spends the day.
    network: frozenset[int] = frozenset()
    day_activity: frozenset[int] = frozenset()
    excluded_neighbourhoods: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far somebody is, and what still stands in the way.

    `from_on` is the day the phase began where that is known; else the day follows from the phase.
    """

    phase: str = Phase.INTAKE
    ready_on: date | None = None
    expected_ready_on: date | None = None
    blockers: frozenset[str] = frozenset()
    from_on: date | None = None

    @property
    def mark(self) -> str:
        """Changes when the content does: a page knows by it that somebody else saved meanwhile."""
        content = (
            str(self.phase),
            str(self.ready_on),
            str(self.expected_ready_on),
            *sorted(self.blockers),
        )
        return sha256("|".join(content).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ZrmFacts:
    """One level of one domain on one day."""

    domain: str
    level: int
    assessed_on: date
    version: str = "ZRM 2017"
    assessor: str = ""


@dataclass(frozen=True, slots=True)
class SpellFacts:
    """A phase from a day until the day the next began; `exit` when the client left then."""

    phase: str
    from_on: date
    until_on: date | None = None
    exit: str = ""


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """One registration. A part that is None stays as it is, or empty for a new client."""

    client_number: str
    facility_type: str
    location: str = ""
    in_care_since: date | None = None
    origin_municipality: int | None = None
    financing_municipality: int | None = None
    route: str = Route.REGULAR
    urgency: int = 0
    is_shielded: bool = False
    identity: IdentityFacts | None = None
    care: CareFacts | None = None
    need: NeedFacts | None = None
    readiness: Readiness | None = None
    zrm: tuple[ZrmFacts, ...] = ()
    # The membership of the worker who looks after the client, where a list names one.
    assigned_to: int | None = None
    # The provider, where somebody else brings the list (a history of the whole region).
    provider: int | None = None
