"""What a viewer sees of a client: the only form in which a client reaches a template or a file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from accounts import audit
from accounts.access import Permission, Purpose, Relation, Stage, Viewer, grants_for, sees
from outflow.lifecycle import (
    Blocker,
    ContractForm,
    HousingForm,
    NearKind,
    Phase,
    SupportKind,
    ZrmDomain,
)
from regions.clock import today

if TYPE_CHECKING:
    from outflow.models import Client, FunctionalProfile


@dataclass(frozen=True, slots=True)
class NeedSeen:
    """Housing need in closed lists; `persons` is None where the client is shielded."""

    persons: int | None
    children: int | None
    bedrooms: int
    step_free: bool
    wheelchair: bool
    low_stimulus: bool
    forms: tuple[str, ...]
    max_rent: Decimal | None
    max_rent_is_assumed: bool
    guidance_hours: Decimal
    reachable_24h: bool
    support: tuple[str, ...]
    municipalities: tuple[str, ...]
    neighbourhoods: tuple[str, ...]
    contract_forms: tuple[str, ...]
    # Where one's own people are and where one spends the day; None where that is not shown.
    network: tuple[str, ...] | None
    day_activity: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class CareSeen:
    """What only the provider sees."""

    monthly_income: Decimal | None
    yearly_income: Decimal | None
    income_source: str
    has_debts: bool | None
    debt_amount: Decimal | None
    administration: str
    remarks: str
    exclusion_reason: str


@dataclass(frozen=True, slots=True)
class ZrmSeen:
    """The course of one domain: days and levels, oldest first."""

    domain: str
    levels: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class ClientSeen:
    """One client in a viewer's eyes. What the viewer may not see is None or empty."""

    ref: UUID
    url: str
    label: str
    case_code: str | None
    name: str | None
    born_on: str | None
    sex: str | None
    phone: str | None
    email: str | None
    client_number: str | None
    provider: str
    location: str | None
    facility_type: str
    route: str
    origin: str | None
    phase: str
    phase_label: str
    phase_from: date | None
    in_care_since: date | None
    ready_on: date | None
    waiting_days: int | None
    expected_ready_on: date | None
    checked_on: date | None
    blockers: tuple[str, ...]
    is_shielded: bool
    need: NeedSeen | None = None
    care: CareSeen | None = None
    exclusions: tuple[str, ...] | None = None
    zrm: tuple[ZrmSeen, ...] | None = None


def relations_to(client: "Client", viewer: Viewer) -> frozenset[Relation]:
    """How the viewer stands to this client, worked out from the rows themselves."""
    if client.region_id != viewer.region_id:
        return frozenset()
    held = {Relation.REGION}
    if client.provider_id == viewer.organisation_id:
        held.add(Relation.OWN_TEAM)
        day = today()
        if any(
            a.membership_id == viewer.membership_id
            and a.from_on <= day
            and (a.until_on is None or a.until_on > day)
            for a in client.assignments.all()
        ):
            held.add(Relation.ASSIGNED)
    if viewer.municipality_id and viewer.municipality_id in {
        client.origin_municipality_id,
        client.financing_municipality_id,
    }:
        held.add(Relation.TASK)
    return frozenset(held)


def care_stage(phase: str) -> Stage:
    """The stage as far as care alone tells it; proposals take it further (housing)."""
    return Stage.READY if phase in {Phase.READY, Phase.OFFERED} else Stage.REGISTERED


def needs_identity(viewer: Viewer) -> bool:
    """Whether a list for this viewer should fetch identities at all."""
    return bool(grants_for(viewer.role, Permission.FIELD_IDENTITY))


def see_client(client: "Client", viewer: Viewer, *, purpose: Purpose) -> ClientSeen:
    """The whole client page; writes who looked in the same transaction."""
    seen, fields = _project(client, viewer, whole=True)
    audit.record_looks([client.ref], by=viewer, purpose=purpose, fields=fields)
    return seen


def see_clients(
    clients: Iterable["Client"], viewer: Viewer, *, purpose: Purpose, with_need: bool = False
) -> list[ClientSeen]:
    """Rows of a list; one log line per client shown."""
    rows = [_project(client, viewer, whole=False, with_need=with_need) for client in clients]
    if rows:
        audit.record_looks(
            [seen.ref for seen, _ in rows], by=viewer, purpose=purpose, fields=rows[0][1]
        )
    return [seen for seen, _ in rows]


def see_need(client: "Client", *, shielded: bool, near: bool) -> NeedSeen:
    """The functional profile as it crosses between organisations.

    `near` opens where own people live and where somebody spends the day.
    """
    profile = client.functional_profile
    return NeedSeen(
        persons=None if shielded else profile.persons,
        children=None if shielded else profile.children,
        bedrooms=profile.bedrooms,
        step_free=profile.step_free,
        wheelchair=profile.wheelchair,
        low_stimulus=profile.low_stimulus,
        forms=tuple(str(HousingForm(f).label) for f in profile.forms),
        max_rent=profile.max_rent,
        max_rent_is_assumed=profile.max_rent_is_assumed,
        guidance_hours=profile.guidance_hours,
        reachable_24h=profile.reachable_24h,
        support=tuple(str(SupportKind(s).label) for s in profile.support),
        municipalities=tuple(w.municipality.name for w in profile.wishes.all()),
        neighbourhoods=tuple(str(n) for n in profile.preferred_neighbourhoods.all()),
        contract_forms=tuple(str(ContractForm(f).label) for f in profile.contract_forms),
        network=_near(profile, NearKind.NETWORK) if near else None,
        day_activity=_near(profile, NearKind.DAY_ACTIVITY) if near else None,
    )


def _near(profile: "FunctionalProfile", kind: NearKind) -> tuple[str, ...]:
    return tuple(
        str(place.neighbourhood) for place in profile.places_to_be_near.all() if place.kind == kind
    )


def _project(
    client: "Client", viewer: Viewer, *, whole: bool, with_need: bool = False
) -> tuple[ClientSeen, list[str]]:
    phase = getattr(client, "phase", None) or ""
    stage = care_stage(phase)
    held = relations_to(client, viewer)
    shown: list[str] = []

    def shows(permission: Permission) -> bool:
        yes = any(sees(viewer, permission, relation=r, stage=stage) for r in held)
        if yes:
            shown.append(permission.removeprefix("field_"))
        return yes

    code = client.case_code if shows(Permission.FIELD_CASE_CODE) else None
    identity = None
    if shows(Permission.FIELD_IDENTITY):
        identity = getattr(client, "identity", None)
    contact = identity if whole and shows(Permission.FIELD_CONTACT) else None
    detail = shows(Permission.FIELD_READINESS)
    outcome = detail or shows(Permission.FIELD_READINESS_OUTCOME)
    own = bool(held & {Relation.OWN_TEAM, Relation.ASSIGNED})
    hidden = client.is_shielded and not own
    name = identity.full_name if identity else None
    seen = ClientSeen(
        ref=client.ref,
        url=client.get_absolute_url(),
        label=name or code or "",
        case_code=code,
        name=name,
        born_on=identity.born_on if identity and whole else None,
        sex=identity.sex if identity and whole else None,
        phone=contact.phone if contact else None,
        email=contact.email if contact else None,
        client_number=client.client_number if own else None,
        provider=str(client.provider),
        location=client.location if own else None,
        facility_type=client.get_facility_type_display(),
        route=client.get_route_display(),
        origin=None
        if hidden or client.origin_municipality is None
        else client.origin_municipality.name,
        phase=phase,
        phase_label=str(Phase(phase).label) if phase else "",
        phase_from=getattr(client, "phase_from", None),
        in_care_since=client.in_care_since if own else None,
        ready_on=client.ready_on if outcome else None,
        waiting_days=_waiting_days(client, phase) if outcome else None,
        expected_ready_on=client.expected_ready_on if outcome else None,
        checked_on=client.checked_on if outcome else None,
        blockers=tuple(str(Blocker(b).label) for b in client.blockers) if outcome else (),
        is_shielded=client.is_shielded,
        need=see_need(client, shielded=hidden, near=not hidden and shows(Permission.FIELD_NEAR))
        if (whole or with_need) and _has_profile(client) and shows(Permission.FIELD_NEED)
        else None,
        care=_care(client) if whole and shows(Permission.FIELD_CARE_PROFILE) else None,
        exclusions=tuple(str(x.neighbourhood) for x in client.exclusions.all())
        if whole and shows(Permission.FIELD_EXCLUSIONS)
        else None,
        zrm=_zrm(client) if whole and detail else None,
    )
    return seen, shown


def _has_profile(client: "Client") -> bool:
    return getattr(client, "functional_profile", None) is not None


def _waiting_days(client: "Client", phase: str) -> int | None:
    if client.ready_on is None or phase not in {Phase.READY, Phase.OFFERED}:
        return None
    return max((today() - client.ready_on).days, 0)


def _care(client: "Client") -> CareSeen | None:
    profile = getattr(client, "care_profile", None)
    if profile is None:
        return None
    return CareSeen(
        monthly_income=profile.monthly_income,
        yearly_income=profile.yearly_income,
        income_source=profile.income_source,
        has_debts=profile.has_debts,
        debt_amount=profile.debt_amount,
        administration=profile.administration,
        remarks=profile.remarks,
        exclusion_reason=profile.exclusion_reason,
    )


def _zrm(client: "Client") -> tuple[ZrmSeen, ...]:
    course: dict[str, list[tuple[date, int]]] = {}
    for score in client.zrm_scores.all():
        course.setdefault(score.domain, []).append((score.assessed_on, score.level))
    return tuple(
        ZrmSeen(domain=str(domain.label), levels=tuple(sorted(course[domain.value])))
        for domain in ZrmDomain
        if domain.value in course
    )
