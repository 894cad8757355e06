"""What a viewer sees of dwellings and proposals, as values; `projections` fills them in.

Whatever a viewer may not see is None.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.access import Stage
from housing.fit import Fit
from housing.lifecycle import ENDED, LIVE, TENANCY
from regions.marks import Clock


@dataclass(frozen=True, slots=True)
class DwellingSeen:
    """A dwelling in a viewer's eyes; `address` is None until the viewer may know where it is."""

    ref: UUID
    url: str | None
    address: str | None
    postcode: str | None
    district: str
    municipality: str
    corporation: str
    basic_rent: Decimal
    service_costs: Decimal
    rooms: int | None
    bedrooms: int
    most_persons: int | None
    surface: int | None
    floor: int | None
    has_lift: bool
    wheelchair: bool
    low_stimulus: bool
    dwelling_type: str
    form: str
    contract_form: str
    available_on: date
    withdrawn_on: date | None
    is_held: bool | None

    @property
    def label(self) -> str:
        """Its address, or only whereabouts it is."""
        if self.address:
            return f"{self.address}, {self.municipality}"
        return _("a dwelling in %(district)s") % {"district": self.district}

    @property
    def state(self) -> tuple[str, str]:
        """Kind and word of its state: withdrawn, held or free."""
        if self.withdrawn_on is not None:
            return ("none", _("withdrawn"))
        if self.is_held:
            return ("lock", pgettext("of a dwelling", "taken"))
        return ("ok", pgettext("of a dwelling", "free"))


@dataclass(frozen=True, slots=True)
class ProfileSeen:
    """The functional profile in closed lists.

    `household` and `children` are None for somebody shielded; what says where somebody wants to
    live and which support comes along stays with those who look for it.
    """

    household: int | None
    children: int | None
    bedrooms: int
    step_free: bool
    wheelchair: bool
    low_stimulus: bool
    forms: tuple[str, ...]
    max_rent: Decimal | None
    max_rent_is_assumed: bool
    reachable_24h: bool
    ready_month: date | None
    guidance_hours: Decimal | None = None
    support: tuple[str, ...] | None = None
    municipalities: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """Who it is about, as far as this viewer may know at this stage."""

    label: str
    url: str | None
    case_code: str | None
    name: str | None
    born_on: date | None
    phone: str | None
    email: str | None
    provider: str
    provider_phone: str


@dataclass(frozen=True, slots=True)
class RefusalSeen:
    """Who said no; the reason and the own words only for those they are for."""

    party: str
    reason: str | None
    own_words: str | None


@dataclass(frozen=True, slots=True)
class StepSeen:
    """One line of a proposal's history: a day, a state, and whose step it was."""

    on: date
    label: str
    organisation: str
    role: str


@dataclass(frozen=True, slots=True)
class ProposalSeen:
    """One proposal in a viewer's eyes."""

    ref: UUID
    url: str
    code: str
    state: str
    state_label: str
    stage: Stage
    waits_for: str | None
    person: PersonSeen
    dwelling: DwellingSeen
    proposed_on: date
    answer_by: date | None
    clock: Clock | None
    corporation_answered_on: date | None
    client_answered_on: date | None
    released_on: date | None
    release_ground: str | None
    viewing_at: datetime | None
    meeting_point: str | None
    contract_form: str | None
    contract_on: date | None
    key_on: date | None
    ended_on: date | None
    refusal: RefusalSeen | None
    withdrawal_reason: str | None
    follows_matching: bool | None
    departure_reason: str | None
    is_shielded: bool
    profile: ProfileSeen | None = None
    fit: Fit | None = None
    steps: tuple[StepSeen, ...] = ()

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_tenancy(self) -> bool:
        return self.state in TENANCY

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED
