"""Proposals that run or came to nothing: every step is taken by its own party, on its own day."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.access import Role, Viewer
from accounts.context import acting_as
from example.loading.frame import Frame
from example.loading.homes import Cell
from example.loading.people import TEXT_VERSION
from example.loading.plans import Plan, Plans
from housing import operations
from housing.lifecycle import ProposalState, RefusalByClient
from housing.models import Contingent, Dwelling, Proposal
from outflow.models import Client, SharingGround
from regions.clock import on_day

REFUSALS = (RefusalByClient.LOCATION, RefusalByClient.DWELLING, RefusalByClient.TIMING)
OWN_WORDS = "Heeft de woning gezien en kiest voor een buurt dichter bij de familie."
VIEWING_AFTER_DAYS = 3


def live_through(
    frame: Frame,
    plans: Plans,
    clients: dict[str, Client],
    dwellings: dict[str, Dwelling],
    contingents: dict[Cell, Contingent],
) -> int:
    """Take all steps of all plans, and return how many proposals run now.

    Where the plans ask for more than was promised, the promise is raised first, with who allows it.
    """
    with acting_as(frame.coordinator):
        for cell, dwellings_short in sorted(plans.shortages(frame.world).items()):
            operations.raise_contingent(
                contingent=contingents[cell],
                dwellings=dwellings_short,
                reason="Meer mensen zijn klaar dan bij de afspraak was voorzien",
                authority=f"Bestuurlijk overleg {frame.region.name}",
                by=frame.coordinator,
            )
    for at, plan in enumerate(plans.broken_off + plans.running):
        _Line(frame, plan, refusal=REFUSALS[at % len(REFUSALS)]).walk(
            clients[plan.registration.number], dwellings[plan.dwelling.key]
        )
    return len(plans.running)


class _Line:
    """One proposal on its way: who takes which step."""

    def __init__(self, frame: Frame, plan: Plan, *, refusal: str) -> None:
        self.plan = plan
        self.refusal = refusal
        self.coordinator = frame.coordinator
        self.allocator = frame.viewer(plan.dwelling.corporation, Role.ALLOCATOR)
        worker = plan.registration.worker
        self.care = (
            frame.viewer_of(frame.workers[worker])
            if worker
            else frame.viewer(plan.registration.provider, Role.TEAM_LEADER)
        )

    def walk(self, client: Client, dwelling: Dwelling) -> None:
        """Take the steps in their order, each on its day."""
        by_state: dict[ProposalState, tuple[Viewer, Callable[[Proposal, date], object]]] = {
            ProposalState.CORPORATION_YES: (self.allocator, self._offered),
            ProposalState.CLIENT_YES: (self.care, self._wanted),
            ProposalState.VIEWING: (self.allocator, self._viewed),
            ProposalState.CONTRACT: (self.allocator, self._signed),
            ProposalState.DECLINED: (self.care, self._declined),
        }
        (_, proposed_on), *steps = self.plan.steps
        with on_day(proposed_on), acting_as(self.coordinator):
            proposal = operations.propose(client=client, dwelling=dwelling, by=self.coordinator)
        for state, day in steps:
            viewer, take = by_state[state]
            with on_day(day), acting_as(viewer):
                take(proposal, day)

    def _offered(self, proposal: Proposal, _day: date) -> None:
        operations.answer_for_corporation(proposal=proposal, yes=True, by=self.allocator)

    def _wanted(self, proposal: Proposal, _day: date) -> None:
        operations.answer_for_client(
            proposal=proposal,
            yes=True,
            by=self.care,
            release_ground=SharingGround.Ground.CONSENT,
            release_text_version=TEXT_VERSION,
        )

    def _viewed(self, proposal: Proposal, day: date) -> None:
        viewing = datetime.combine(day + timedelta(days=VIEWING_AFTER_DAYS), time(10, 30))
        operations.plan_viewing(
            proposal=proposal,
            at=timezone.make_aware(viewing),
            meeting_point="bij de voordeur",
            by=self.allocator,
        )

    def _signed(self, proposal: Proposal, day: date) -> None:
        operations.sign_contract(
            proposal=proposal,
            contract_form=self.plan.dwelling.contract,
            on=day,
            by=self.allocator,
        )

    def _declined(self, proposal: Proposal, _day: date) -> None:
        operations.answer_for_client(
            proposal=proposal,
            yes=False,
            by=self.care,
            reason=self.refusal,
            own_words=OWN_WORDS,
            seen=None,
        )
