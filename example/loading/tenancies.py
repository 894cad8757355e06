"""Homes that were let in the past: proposal, answers, key and ledger, written as they were then."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.access import Role, Viewer
from accounts.context import acting_as
from example import records
from example.loading.frame import Frame
from example.loading.homes import SOURCE, Cell
from example.loading.people import TEXT_VERSION
from housing.lifecycle import TENANCY, EntryKind, ProposalState
from housing.models import (
    Contingent,
    ContingentEntry,
    Dwelling,
    Placement,
    Proposal,
    ProposalStep,
)
from housing.operations.steps import term_of
from outflow.lifecycle import Phase
from outflow.models import Client, SharingGround

USUAL_DAYS = 24
# Of the days between proposal and key, when each step was taken.
SHARES = {
    ProposalState.PROPOSED: 0.0,
    ProposalState.CORPORATION_YES: 0.2,
    ProposalState.CLIENT_YES: 0.4,
    ProposalState.VIEWING: 0.55,
    ProposalState.CONTRACT: 0.85,
    ProposalState.KEY: 1.0,
}
EVALUATED_AFTER_DAYS = 120
GUIDED_AFTER_DAYS = 20


@dataclass(frozen=True)
class Tenancy:
    """One home that was let: to whom, and the day of each step that was taken."""

    home: records.Dwelling
    registration: records.Registration
    steps: dict[ProposalState, date]
    left_on: date | None

    @property
    def state(self) -> ProposalState:
        return list(self.steps)[-1]


def load_tenancies(
    frame: Frame,
    clients: dict[str, Client],
    dwellings: dict[str, Dwelling],
    contingents: dict[Cell, Contingent],
) -> int:
    """Write the tenancies of the homes on the list; returns how many."""
    tenancies = list(_tenancies(frame.world))
    with acting_as(frame.coordinator):
        proposals = Proposal.objects.bulk_create(
            _proposal(frame, tenancy, clients, dwellings, contingents) for tenancy in tenancies
        )
        pairs = list(zip(tenancies, proposals, strict=True))
        ProposalStep.objects.bulk_create(
            step for tenancy, proposal in pairs for step in _steps(frame, tenancy, proposal)
        )
        Placement.objects.bulk_create(
            Placement(
                region=frame.region,
                person_id=proposal.person_id,
                client_id=proposal.client_id,
                dwelling_id=proposal.dwelling_id,
                proposal=proposal,
                contract_form=proposal.contract_form,
                from_on=tenancy.steps[ProposalState.KEY],
                ended_on=tenancy.left_on,
            )
            for tenancy, proposal in pairs
        )
        ContingentEntry.objects.bulk_create(
            entry for tenancy, proposal in pairs for entry in _entries(frame, tenancy, proposal)
        )
    left = [dwellings[tenancy.home.key] for tenancy in tenancies if tenancy.left_on]
    for dwelling, tenancy in zip(left, (t for t in tenancies if t.left_on), strict=True):
        dwelling.withdrawn_on = tenancy.left_on
    Dwelling.objects.bulk_update(left, ["withdrawn_on"])
    return len(tenancies)


def _tenancies(world: records.World) -> Iterator[Tenancy]:
    registrations = {r.number: r for r in world.registrations}
    for home in world.dwellings:
        if home.let_to is None or home.let_on is None:
            continue
        registration = registrations[home.let_to]
        at = next(
            i
            for i, spell in enumerate(registration.spells)
            if spell.phase == Phase.HOUSED and spell.begins == home.let_on
        )
        before = registration.spells[at - 1] if at else None
        first = (
            before.begins
            if before is not None and before.phase == Phase.OFFERED
            else home.let_on - timedelta(days=USUAL_DAYS)
        )
        days = (home.let_on - first).days
        steps = {
            state: first + timedelta(days=round(days * share)) for state, share in SHARES.items()
        }
        left_on = registration.spells[at].ends
        since = ((left_on or world.as_of) - home.let_on).days
        if since > GUIDED_AFTER_DAYS:
            steps[ProposalState.GUIDED] = home.let_on + timedelta(days=GUIDED_AFTER_DAYS)
        if since > EVALUATED_AFTER_DAYS:
            steps[ProposalState.EVALUATED] = home.let_on + timedelta(days=EVALUATED_AFTER_DAYS)
        if left_on:
            steps[ProposalState.CLOSED] = left_on
        yield Tenancy(home, registration, steps, left_on)


def _proposal(
    frame: Frame,
    tenancy: Tenancy,
    clients: dict[str, Client],
    dwellings: dict[str, Dwelling],
    contingents: dict[Cell, Contingent],
) -> Proposal:
    client, home, steps = clients[tenancy.registration.number], tenancy.home, tenancy.steps
    viewing = datetime.combine(steps[ProposalState.VIEWING], time(14))
    proposal = Proposal(
        region=frame.region,
        person_id=client.person_id,
        client=client,
        dwelling=dwellings[home.key],
        contingent=contingents[steps[ProposalState.KEY].year, home.municipality, home.corporation],
        state=tenancy.state,
        proposed_on=steps[ProposalState.PROPOSED],
        proposed_by_id=frame.coordinator.user_id,
        corporation_answered_on=steps[ProposalState.CORPORATION_YES],
        client_answered_on=steps[ProposalState.CLIENT_YES],
        released_on=steps[ProposalState.CLIENT_YES],
        release_ground=SharingGround.Ground.CONSENT,
        release_text_version=TEXT_VERSION,
        viewing_at=timezone.make_aware(viewing),
        meeting_point="bij de voordeur",
        contract_form=home.contract,
        contract_on=steps[ProposalState.CONTRACT],
        key_on=steps[ProposalState.KEY],
        ended_on=steps.get(ProposalState.CLOSED),
    )
    if proposal.state in TENANCY:
        proposal.answer_by = term_of(proposal, since=steps[tenancy.state])
    return proposal


def _steps(frame: Frame, tenancy: Tenancy, proposal: Proposal) -> Iterator[ProposalStep]:
    allocator = frame.viewer(tenancy.home.corporation, Role.ALLOCATOR)
    leader = frame.viewer(tenancy.registration.provider, Role.TEAM_LEADER)
    taken_by: dict[ProposalState, Viewer] = {
        ProposalState.PROPOSED: frame.coordinator,
        ProposalState.CORPORATION_YES: allocator,
        ProposalState.VIEWING: allocator,
        ProposalState.CONTRACT: allocator,
        ProposalState.KEY: allocator,
    }
    before = ""
    for state, day in tenancy.steps.items():
        by = taken_by.get(state, leader)
        yield ProposalStep(
            proposal=proposal,
            before=before,
            after=state,
            on=day,
            at=timezone.make_aware(datetime.combine(day, time(11))),
            by_id=by.user_id,
            organisation_id=by.organisation_id,
            role=by.role,
        )
        before = state


def _entries(frame: Frame, tenancy: Tenancy, proposal: Proposal) -> Iterator[ContingentEntry]:
    """Accepted and let, both under the year of the key."""
    contingent = proposal.contingent
    assert contingent is not None
    key_on = tenancy.steps[ProposalState.KEY]
    accepted_on = max(tenancy.steps[ProposalState.CLIENT_YES], date(key_on.year, 1, 1))
    for kind, day in ((EntryKind.ACCEPTED, accepted_on), (EntryKind.LET, key_on)):
        yield ContingentEntry(
            contingent=contingent,
            kind=kind,
            dwellings=1,
            on=day,
            proposal=proposal,
            dwelling_id=proposal.dwelling_id,
            source=SOURCE,
            recorded_by_id=frame.coordinator.user_id,
        )
