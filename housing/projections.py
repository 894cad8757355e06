"""What a viewer sees of dwellings and proposals: by role, relation and stage, and nothing else.

Templates, files and mails get these and never a model. Whatever a viewer may not see is None.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.access import Permission, Purpose, Relation, Stage, Viewer, grants_for, sees
from housing.fit import fit_of
from housing.lifecycle import (
    ENDED,
    DepartureReason,
    ProposalState,
    RefusalByClient,
    RefusalByCorporation,
    WithdrawalReason,
    stage_of,
)
from housing.models import Dwelling, Proposal, ProposalStep, RefusalNote
from housing.seen import (
    DwellingSeen,
    PersonSeen,
    ProfileSeen,
    ProposalSeen,
    RefusalSeen,
    StepSeen,
)
from outflow.lifecycle import ContractForm, HousingForm, SupportKind
from outflow.models import Client, FunctionalProfile, Identity, SharingGround
from outflow.projections import needs_identity, relations_to
from regions.clock import today
from regions.marks import Clock, due_clock

SOON_WITHIN_DAYS = 2
# What was done, where a state says what is waited for.
STEP_WORDS = {
    ProposalState.PROPOSED: gettext_lazy("proposed"),
    ProposalState.CORPORATION_YES: gettext_lazy("the corporation said yes"),
    ProposalState.CLIENT_YES: gettext_lazy("the client said yes and released the name"),
    ProposalState.GUIDED: gettext_lazy("guidance plan made"),
}


def see_dwelling(
    dwelling: Dwelling,
    viewer: Viewer,
    *,
    relations: frozenset[Relation] | None = None,
    stage: Stage = Stage.REGISTERED,
) -> DwellingSeen:
    """The fields of one dwelling; in a proposal its relations and stage decide."""
    held = relations or _relations_to_dwelling(dwelling, viewer)
    shows_address = _sees(viewer, Permission.FIELD_ADDRESS, held, stage)
    place = dwelling.municipality.name
    part = dwelling.neighbourhood
    reaches = bool(grants_for(viewer.role, Permission.SEE_DWELLINGS))
    return DwellingSeen(
        ref=dwelling.ref,
        url=dwelling.get_absolute_url() if reaches else None,
        address=f"{dwelling.street} {dwelling.house_number}" if shows_address else None,
        postcode=dwelling.postcode if shows_address else None,
        district=f"{part.name}, {place}" if part else place,
        municipality=place,
        corporation=dwelling.corporation.name,
        basic_rent=dwelling.basic_rent,
        service_costs=dwelling.service_costs,
        rooms=dwelling.rooms,
        bedrooms=dwelling.bedrooms,
        most_persons=dwelling.most_persons,
        surface=dwelling.surface,
        floor=dwelling.floor,
        has_lift=dwelling.has_lift,
        wheelchair=dwelling.wheelchair,
        low_stimulus=dwelling.low_stimulus,
        dwelling_type=dwelling.dwelling_type if shows_address else "",
        form=str(HousingForm(dwelling.form).label),
        contract_form=str(ContractForm(dwelling.contract_form).label),
        available_on=dwelling.available_on,
        withdrawn_on=dwelling.withdrawn_on,
        is_held=getattr(dwelling, "is_held", None),
    )


def see_dwellings(dwellings: Iterable[Dwelling], viewer: Viewer) -> list[DwellingSeen]:
    """Rows of a list, from a queryset `for_list().with_held()`."""
    return [see_dwelling(dwelling, viewer) for dwelling in dwellings]


def see_proposal(proposal: Proposal, viewer: Viewer) -> ProposalSeen:
    """The whole page of a proposal; who looked is written in the same transaction."""
    seen, fields = _project(proposal, viewer, whole=True)
    audit.record_looks(
        [proposal.client.ref],
        by=viewer,
        purpose=Purpose.PROPOSAL,
        fields=fields,
        occasion=proposal.code,
    )
    return seen


def see_proposals(proposals: Iterable[Proposal], viewer: Viewer) -> list[ProposalSeen]:
    """Rows of a list, from a queryset `for_list()`; one log line for each client shown."""
    rows = [(proposal, *_project(proposal, viewer, whole=False)) for proposal in proposals]
    if rows:
        audit.record_looks(
            sorted({proposal.client.ref for proposal, _seen, _fields in rows}),
            by=viewer,
            purpose=Purpose.PROPOSAL,
            fields=sorted({field for _proposal, _seen, fields in rows for field in fields}),
            occasion=rows[0][0].code if len(rows) == 1 else "",
        )
    return [seen for _proposal, seen, _fields in rows]


def see_proposals_of(client: Client, viewer: Viewer) -> list[ProposalSeen]:
    """The proposals of one client that this viewer may see, newest first."""
    return see_proposals(
        proposals_for(viewer).filter(client=client).order_by("-proposed_on", "-pk"), viewer
    )


def last_step(proposal: Proposal) -> StepSeen | None:
    """What was recorded last: the day, what it was, and by which party."""
    step = proposal.steps.select_related("organisation").order_by("pk").last()
    return _step(step) if step else None


def proposals_for(
    viewer: Viewer, permission: Permission = Permission.SEE_PROPOSALS
) -> QuerySet[Proposal]:
    """The proposals of which this viewer may do something, with what a row needs."""
    found = Proposal.objects.visible_to(viewer, permission).for_list()
    return found.select_related("client__identity") if needs_identity(viewer) else found


def stage_of_proposal(proposal: Proposal) -> Stage:
    return stage_of("", proposal.state, released=proposal.released_on is not None)


def _stage_of_place(proposal: Proposal) -> Stage:
    """As far as the proposal ever came, for where the dwelling is.

    An end tells nobody more than the way to it: without a viewing nobody had to find the door.
    """
    stage = stage_of_proposal(proposal)
    if stage == Stage.CLOSED and proposal.viewing_at is None:
        return Stage.PROPOSED
    return stage


def may_do(proposal: Proposal, viewer: Viewer, permission: Permission) -> bool:
    """Whether a page should offer this to the viewer; the row itself is `visible_to`'s answer."""
    return _sees(viewer, permission, relations_in(proposal, viewer), stage_of_proposal(proposal))


def relations_in(proposal: Proposal, viewer: Viewer) -> frozenset[Relation]:
    """How the viewer stands to a proposal: through its client or through its dwelling."""
    held = set(relations_to(proposal.client, viewer))
    if (
        proposal.region_id == viewer.region_id
        and proposal.dwelling.corporation_id == viewer.organisation_id
    ):
        held |= {Relation.OWN_PROPOSAL, Relation.OWN_ORGANISATION}
    return frozenset(held)


def _project(proposal: Proposal, viewer: Viewer, *, whole: bool) -> tuple[ProposalSeen, list[str]]:
    held, stage = relations_in(proposal, viewer), stage_of_proposal(proposal)
    fields: list[str] = []

    def shows(permission: Permission) -> bool:
        yes = _sees(viewer, permission, held, stage)
        if yes:
            fields.append(permission.removeprefix("field_"))
        return yes

    client = proposal.client
    is_care = bool(held & {Relation.OWN_TEAM, Relation.ASSIGNED})
    decides = bool(grants_for(viewer.role, Permission.DECIDE_PROPOSAL))
    person = _person(
        proposal,
        viewer,
        shows_code=shows(Permission.FIELD_CASE_CODE),
        shows_identity=shows(Permission.FIELD_IDENTITY),
        shows_contact=whole and shows(Permission.FIELD_CONTACT),
        whole=whole,
    )
    dwelling = see_dwelling(
        proposal.dwelling, viewer, relations=held, stage=_stage_of_place(proposal)
    )
    of_client, of_corporation = (
        shows(Permission.FIELD_REFUSAL_OF_CLIENT),
        shows(Permission.FIELD_REFUSAL_OF_CORPORATION),
    )
    need = getattr(client, "functional_profile", None) if whole else None
    shows_need = need is not None and shows(Permission.FIELD_NEED)
    seen = ProposalSeen(
        ref=proposal.ref,
        url=proposal.get_absolute_url(),
        code=proposal.code,
        state=proposal.state,
        state_label=str(proposal.get_state_display()),
        stage=stage,
        waits_for=_waits_for(proposal),
        person=person,
        dwelling=dwelling,
        proposed_on=proposal.proposed_on,
        answer_by=proposal.answer_by,
        clock=_clock(proposal),
        corporation_answered_on=proposal.corporation_answered_on,
        client_answered_on=proposal.client_answered_on,
        released_on=proposal.released_on,
        release_ground=str(SharingGround.Ground(proposal.release_ground).label)
        if proposal.release_ground
        else None,
        viewing_at=proposal.viewing_at,
        meeting_point=proposal.meeting_point if dwelling.address else None,
        contract_form=str(ContractForm(proposal.contract_form).label)
        if proposal.contract_form
        else None,
        contract_on=proposal.contract_on,
        key_on=proposal.key_on,
        ended_on=proposal.ended_on,
        refusal=_refusal(
            proposal, viewer, of_client=of_client, of_corporation=of_corporation, whole=whole
        ),
        withdrawal_reason=str(WithdrawalReason(proposal.withdrawal_reason).label)
        if proposal.withdrawal_reason and of_client
        else None,
        follows_matching=proposal.follows_matching if decides else None,
        departure_reason=str(DepartureReason(proposal.departure_reason).label)
        if decides and proposal.departure_reason
        else None,
        is_shielded=client.is_shielded,
        profile=_profile(client, need, own=is_care, wide=is_care or decides)
        if shows_need and need is not None
        else None,
        fit=fit_of(need, proposal.dwelling) if shows_need and need is not None else None,
        steps=_steps(proposal) if whole else (),
    )
    return seen, fields


def _sees(
    viewer: Viewer, permission: Permission, relations: frozenset[Relation], stage: Stage
) -> bool:
    return any(sees(viewer, permission, relation=held, stage=stage) for held in relations)


def _relations_to_dwelling(dwelling: Dwelling, viewer: Viewer) -> frozenset[Relation]:
    if dwelling.region_id != viewer.region_id:
        return frozenset()
    held = {Relation.REGION}
    if dwelling.corporation_id == viewer.organisation_id:
        held.add(Relation.OWN_ORGANISATION)
    return frozenset(held)


def _person(
    proposal: Proposal,
    viewer: Viewer,
    *,
    shows_code: bool,
    shows_identity: bool,
    shows_contact: bool,
    whole: bool,
) -> PersonSeen:
    client = proposal.client
    identity = getattr(client, "identity", None) if shows_identity else None
    name = identity.full_name if identity else None
    code = client.case_code if shows_code else None
    reaches = bool(grants_for(viewer.role, Permission.SEE_CLIENTS))
    return PersonSeen(
        label=name or code or _("profile %(code)s") % {"code": proposal.code},
        url=client.get_absolute_url() if reaches else None,
        case_code=code,
        name=name,
        born_on=_birth_date(identity) if identity and whole else None,
        phone=identity.phone or None if identity and shows_contact else None,
        email=identity.email or None if identity and shows_contact else None,
        provider=client.provider.name,
        provider_phone=client.provider.phone,
    )


def _birth_date(identity: Identity) -> date | None:
    """The sealed text as a day; an old list may hold something that is none."""
    try:
        return date.fromisoformat(str(identity.born_on))
    except ValueError:
        return None


def _profile(client: Client, need: FunctionalProfile, *, own: bool, wide: bool) -> ProfileSeen:
    """`own`: the provider's own client; `wide`: for those who seek the place and the support."""
    hidden = client.is_shielded and not own
    return ProfileSeen(
        household=None if hidden else need.persons,
        children=None if hidden else need.children,
        bedrooms=need.bedrooms,
        step_free=need.step_free,
        wheelchair=need.wheelchair,
        low_stimulus=need.low_stimulus,
        forms=tuple(str(HousingForm(form).label) for form in need.forms),
        max_rent=need.max_rent,
        max_rent_is_assumed=need.max_rent_is_assumed,
        reachable_24h=need.reachable_24h,
        ready_month=client.ready_on.replace(day=1) if client.ready_on else None,
        guidance_hours=need.guidance_hours if wide else None,
        support=tuple(str(SupportKind(kind).label) for kind in need.support) if wide else None,
        municipalities=tuple(wish.municipality.name for wish in need.wishes.all())
        if wide
        else None,
    )


def _refusal(
    proposal: Proposal,
    viewer: Viewer,
    *,
    of_client: bool,
    of_corporation: bool,
    whole: bool,
) -> RefusalSeen | None:
    """A no: by whom for everybody, why for some, the own words for the party that wrote them."""
    if proposal.refusal_by_client:
        party, reason = _("the client"), str(RefusalByClient(proposal.refusal_by_client).label)
        known = of_client
    elif proposal.refusal_by_corporation:
        party = proposal.dwelling.corporation.name
        reason = str(RefusalByCorporation(proposal.refusal_by_corporation).label)
        known = of_corporation
    else:
        return None
    note = None
    if whole:
        note = RefusalNote.objects.filter(
            proposal=proposal, organisation_id=viewer.organisation_id
        ).first()
    return RefusalSeen(
        party=party,
        reason=reason if known else None,
        own_words=note.text if note else None,
    )


def _steps(proposal: Proposal) -> tuple[StepSeen, ...]:
    return tuple(_step(step) for step in proposal.steps.select_related("organisation"))


def _step(step: ProposalStep) -> StepSeen:
    return StepSeen(
        on=step.on,
        label=str(STEP_WORDS.get(ProposalState(step.after), step.get_after_display())),
        organisation=step.organisation.name,
        role=step.role,
    )


def _waits_for(proposal: Proposal) -> str | None:
    """The organisation whose step is next; nobody's once it has ended or runs without end."""
    match proposal.state:
        case (
            ProposalState.PROPOSED
            | ProposalState.CLIENT_YES
            | ProposalState.VIEWING
            | ProposalState.CONTRACT
        ):
            return proposal.dwelling.corporation.name
        case ProposalState.CORPORATION_YES | ProposalState.KEY | ProposalState.GUIDED:
            return proposal.client.provider.name
        case ProposalState.EVALUATED:
            return proposal.dwelling.corporation.name
    return None


def _clock(proposal: Proposal) -> Clock | None:
    if proposal.answer_by is None or proposal.state in ENDED:
        return None
    meanings = {
        ProposalState.PROPOSED: _("until an answer"),
        ProposalState.CORPORATION_YES: _("until an answer"),
        ProposalState.CLIENT_YES: _("until a viewing is planned"),
        ProposalState.VIEWING: _("until the contract"),
        ProposalState.KEY: _("until the guidance plan"),
        ProposalState.GUIDED: _("until the evaluation"),
        ProposalState.EVALUATED: _("until the contract in own name"),
    }
    return due_clock(
        due=proposal.answer_by,
        today=today(),
        soon_within_days=SOON_WITHIN_DAYS,
        meaning=meanings[ProposalState(proposal.state)],
    )
