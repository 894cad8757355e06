"""The plain facts of an invented region, as frozen records without behaviour of their own.

Codes are those of the contracts of the two cores (phases, BW and MO) and of the application
(roles, kinds). A record points at another one by that record's key.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

PHASES = ("intake", "stabilising", "preparing", "ready", "offered", "housed", "relapse")
EXITS = ("self_housed", "long_term_care", "left_other", "deceased", "end_of_aftercare")
ZRM_DOMAINS = (
    "Financiën",
    "Werk & opleiding",
    "Tijdsbesteding",
    "Huisvesting",
    "Huiselijke relaties",
    "Geestelijke gezondheid",
    "Lichamelijke gezondheid",
    "Middelengebruik",
    "Basale ADL",
    "Instrumentele ADL",
    "Sociaal netwerk",
    "Maatschappelijke participatie",
    "Justitie",
)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A part of a municipality; its boundary is one GeoJSON ring of (longitude, latitude)."""

    name: str
    municipality: str
    postcode: int
    town: str
    social_dwellings: int
    restless: bool
    boundary: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality of the region with what the distribution key needs to know of it."""

    code: str
    name: str
    households: int
    social_dwellings: int
    neighbourhoods: tuple[Neighbourhood, ...]
    former_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """The region, and the municipalities around it where people come from as well."""

    code: str
    name: str
    municipalities: tuple[Municipality, ...]
    elsewhere: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Organisation:
    """A party of the region; the kinds are those of the application."""

    key: str
    kind: str
    name: str
    municipality: str | None = None
    works_in: tuple[str, ...] = ()
    locations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff with the roles that person has, each at one organisation."""

    email: str
    name: str
    memberships: tuple[tuple[str, str], ...]
    location: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, the way one party wrote it down."""

    given_name: str
    prefix: str
    surname: str
    born_on: date
    sex: str


@dataclass(frozen=True, slots=True)
class Person:
    """A human being; registrations at several providers may be about the same person."""

    key: str
    identity: Identity
    household: str | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """A stay in one phase over the days [from, to); `following` is a phase or an exit."""

    phase: str
    begins: date
    ends: date | None
    following: str | None


@dataclass(frozen=True, slots=True)
class CareProfile:
    """What stays with the care side: assessment, income, debts, and remarks."""

    zrm: tuple[int, ...]
    zrm_on: date
    zrm_version: str
    income: Decimal
    income_source: str
    has_debts: bool
    debts: Decimal
    money_support: str
    remarks: str
    avoided_because: str = ""


@dataclass(frozen=True, slots=True)
class HousingNeed:
    """What a home and its surroundings must have; nothing here says why."""

    persons: int
    children: int
    bedrooms: int
    step_free: bool
    lift: bool
    wheelchair: bool
    low_stimulus: bool
    forms: tuple[str, ...]
    municipalities: tuple[str, ...]
    neighbourhoods: tuple[tuple[str, str], ...]
    avoided: tuple[tuple[str, str], ...]
    guidance_hours: Decimal
    round_the_clock: bool
    support: tuple[str, ...]
    max_rent: Decimal
    urgency: int
    pets: str = ""
    distance_to: str = ""
    contract_forms: tuple[str, ...] = ()
    network: tuple[tuple[str, str], ...] = ()
    day_activity: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ArrangementItem:
    """One thing that has to be arranged: in which of the four parts, by whom, by when."""

    part: str
    subject: str
    arranged_by: str
    due_on: date
    arranged_on: date | None


@dataclass(frozen=True, slots=True)
class Registration:
    """One client number at one provider, with the phases it went through.

    Clients of the past keep only what the history needs: no care profile, no housing need.
    """

    number: str
    provider: str
    person: str
    identity: Identity
    facility_type: str
    location: str
    origin: str
    in_care_since: date
    spells: tuple[Spell, ...]
    ready_on: date | None = None
    ready_is_expected: bool = True
    updated_on: date | None = None
    worker: str | None = None
    route: str = "regular"
    shielded: bool = False
    care: CareProfile | None = None
    need: HousingNeed | None = None
    arrangement: tuple[ArrangementItem, ...] = ()

    @property
    def phase(self) -> str | None:
        """The phase that is still going on, or nothing for somebody who has left."""
        last = self.spells[-1]
        return last.phase if last.ends is None else None

    @property
    def is_current(self) -> bool:
        """Whether the provider still keeps this client on its list."""
        return self.need is not None


@dataclass(frozen=True, slots=True)
class Household:
    """People who each have a place now and will live together in one home."""

    key: str
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Two registrations that are one person, spelled a little differently."""

    first: str
    second: str
    difference: str


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Two registrations that look like one person and are two."""

    first: str
    second: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A home of a corporation; with whom it is promised or let, if it is."""

    key: str
    corporation: str
    municipality: str
    neighbourhood: str
    street: str
    house_number: str
    postcode: str
    town: str
    rent: Decimal
    service_costs: Decimal
    rooms: int
    bedrooms: int
    most_persons: int | None
    surface: int
    floor: int
    lift: bool
    wheelchair: bool
    low_stimulus: bool
    kind: str
    form: str
    contract: str
    available_on: date
    entered_on: date
    nuisance_file: bool = False
    offered_to: str | None = None
    let_to: str | None = None
    let_on: date | None = None


@dataclass(frozen=True, slots=True)
class DistributionKey:
    """The weights of one year and the numbers that follow from them by largest remainder."""

    year: int
    weight_households: Decimal
    weight_social: Decimal
    per_municipality: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Contingent:
    """What one corporation promised one municipality for one year."""

    year: int
    municipality: str
    corporation: str
    number: int
    kind: str = "maximum"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger of a contingent: agreed or let, on a day, so many homes."""

    kind: str
    on: date
    year: int
    municipality: str
    corporation: str
    dwellings: int
    registration: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedSupply:
    """How many homes are expected for this purpose in a municipality in a quarter."""

    municipality: str
    quarter: str
    dwellings: int


@dataclass(frozen=True, slots=True)
class SupportOffer:
    """Something in a neighbourhood that people can lean on, with its places and its days."""

    municipality: str
    neighbourhood: str
    kind: str
    organisation: str
    places: int
    in_use: int
    hours: str
    contact: str
    begins: date
    ends: date | None
    planned: bool = False


@dataclass(frozen=True, slots=True)
class GuidanceCapacity:
    """The hours of guidance a week that a provider still has free in a municipality."""

    provider: str
    municipality: str
    free_hours: Decimal


@dataclass(frozen=True, slots=True)
class CarryingCapacity:
    """How many placements a neighbourhood can bear, agreed with an owner and a day."""

    municipality: str
    neighbourhood: str
    soft_placements: int | None
    max_placements: int | None
    agreed_on: date
    owner: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything there is in the invented region on the reference date."""

    seed: int
    as_of: date
    register_start: date
    region: Region
    yearly_ceiling: int
    organisations: tuple[Organisation, ...]
    accounts: tuple[Account, ...]
    persons: tuple[Person, ...]
    registrations: tuple[Registration, ...]
    households: tuple[Household, ...]
    same_persons: tuple[SamePerson, ...]
    look_alikes: tuple[LookAlike, ...]
    dwellings: tuple[Dwelling, ...]
    keys: tuple[DistributionKey, ...]
    contingents: tuple[Contingent, ...]
    ledger: tuple[LedgerEntry, ...]
    supply: tuple[PlannedSupply, ...]
    support: tuple[SupportOffer, ...]
    guidance: tuple[GuidanceCapacity, ...]
    capacities: tuple[CarryingCapacity, ...]

    def organisations_of(self, kind: str) -> tuple[Organisation, ...]:
        """The organisations of one kind, in the order in which they were founded."""
        return tuple(o for o in self.organisations if o.kind == kind)

    @property
    def current(self) -> tuple[Registration, ...]:
        """The registrations that providers keep on their lists today."""
        return tuple(r for r in self.registrations if r.is_current)

    @property
    def past(self) -> tuple[Registration, ...]:
        """The registrations of those who live on their own or are gone."""
        return tuple(r for r in self.registrations if not r.is_current)
