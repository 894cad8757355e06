"""The line from a matching to a key, each step by whoever takes it, at their own browser."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from accounts.access import Viewer
from accounts.context import acting_as
from accounts.models import User
from accounts.words import OPERATIONS
from housing.lifecycle import DepartureReason, EntryKind, ProposalState
from housing.models import Contingent, MatchRun, Placement, Proposal, TryOut
from outflow.lifecycle import Phase
from outflow.models import Client, Identity, SharingGround, Spell
from regions.clock import today
from tests.journeys.seats import Seat, said

Sit = Callable[[Viewer], Seat]
TEXT_VERSION = "2026-1"


@dataclass
class People:
    """Who takes part in one proposal."""

    coordinator: Viewer
    care_worker: Viewer
    allocator: Viewer
    other_allocator: Viewer
    steering_member: Viewer
    privacy_officer: Viewer


def run_on_the_worker(seat: Seat, page: str, verb: str, done: Callable[[], bool]) -> None:
    """Ask for a run with the button of a page, and look until it is ready."""
    seat.opens(page)
    seat.press(verb)
    for _look in range(120):
        if done():
            break
        seat.page.wait_for_timeout(1000)
    assert done(), seat.shows()
    seat.opens(page)


def assign_everybody(seat: Seat, worker: Viewer) -> None:
    """A team leader gives all who wait to one care worker, in one step."""
    seat.opens("outflow:assign")
    seat.fill(to=str(worker.membership_id))
    for place in seat.page.locator("[name=location]").all():
        place.check()
    seat.press("Assign clients")
    assert said("Nobody waits") in seat.shows()


def confirm_the_first(seat: Seat, run: MatchRun) -> Proposal:
    """The coordinator goes through the proposals of the matching and follows the first one."""
    seat.opens("housing:match_run", run.ref)
    seat.follow("Go through proposals")
    seat.follow("Follow", "proposal")
    if seat.page.locator("[name=ground]").count():
        seat.fill(ground=SharingGround.Ground.CONSENT, text_version=TEXT_VERSION)
    seat.press("Follow and propose")
    with acting_as(seat.viewer):
        known = Proposal.objects.select_related(
            "client", "dwelling__corporation", "dwelling__municipality"
        )
        [made] = known.filter(pair__run=run)
    return made


def try_one_more(seat: Seat, run: MatchRun) -> TryOut:
    """The coordinator tries what one more of the first bottleneck brings, and sees it."""
    seat.opens("housing:match_run", run.ref)
    seat.press("Try with one more")
    address = seat.page.url
    for _look in range(120):
        if seat.page.locator(".wt-answer").count():
            break
        seat.page.wait_for_timeout(1000)
        seat.page.goto(address)
    assert said("For whom it differs") in seat.shows(), seat.shows()
    [tried] = TryOut.objects.all()
    with acting_as(seat.viewer):
        assert not Proposal.objects.exists()
    return tried


def choose_another(seat: Seat, run: MatchRun) -> Proposal:
    """The coordinator chooses another home than was proposed, from the page that shows both."""
    seat.opens("housing:match_run", run.ref)
    seat.follow("Go through proposals")
    seat.follow("Full explanation")
    seat.follow("Choose this one")
    seat.fill(departure_reason=DepartureReason.CLIENT_WISH)
    if seat.page.locator("[name=ground]").count():
        seat.fill(ground=SharingGround.Ground.CONSENT, text_version=TEXT_VERSION)
    seat.press("Depart and propose")
    with acting_as(seat.viewer):
        known = Proposal.objects.select_related(
            "client", "dwelling__corporation", "dwelling__municipality"
        )
        [made] = known.filter(pair__run=run, departure_reason=DepartureReason.CLIENT_WISH)
    return made


def names_of(client: Client, by: Viewer) -> tuple[str, str]:
    with acting_as(by):
        known = Identity.objects.get(client=client)
        return str(known.given_name), str(known.family_name)


def holds(page: str, word: str) -> bool:
    """Whether the word stands in a page, on its own: Roos is not in Rooseveltlaan."""
    return re.search(rf"\b{re.escape(word)}\b", page) is not None


def state_of(proposal: Proposal, by: Viewer) -> str:
    with acting_as(by):
        return Proposal.objects.get(pk=proposal.pk).state


def walk(proposal: Proposal, who: People, sit: Sit) -> None:
    """From the corporation's answer up to the key; who may see the name is asked at each step."""
    allocator, care = sit(who.allocator), sit(who.care_worker)
    other = sit(who.other_allocator)
    names = names_of(proposal.client, who.care_worker)
    page = ("housing:proposal", proposal.ref)

    # The corporation judges a profile: no name, no code of the case.
    for address in (("housing:proposals",), ("steering:today",), page):
        allocator.opens(*address)
        seen = allocator.sees()
        assert not any(holds(seen, name) for name in names), (address, names)
        assert proposal.client.case_code not in seen
    assert proposal.code in seen
    assert other.open(*page).status == 404
    allocator.fill(answer="yes")
    allocator.press("Record answer")
    assert state_of(proposal, who.allocator) == ProposalState.CORPORATION_YES
    allocator.opens(*page)
    assert not any(holds(allocator.sees(), name) for name in names)

    # The client's yes and the release of the name come from the care worker.
    care.opens(*page)
    assert all(holds(care.sees(), name) for name in names)
    care.fill(
        answer="yes",
        release_ground=SharingGround.Ground.CONSENT,
        release_text_version=TEXT_VERSION,
    )
    care.press("Record answer")
    assert state_of(proposal, who.care_worker) == ProposalState.CLIENT_YES

    # Now this corporation sees who it is, for this proposal; nobody else does.
    assert allocator.open("steering:client", proposal.client.ref).status == 404
    allocator.opens(*page)
    assert all(holds(allocator.sees(), name) for name in names)
    assert other.open(*page).status == 404
    other.opens("housing:proposals")
    assert proposal.code not in other.sees()

    # Viewing, contract, key.
    allocator.follow("Plan viewing")
    tomorrow = (today() + timedelta(days=1)).isoformat()
    allocator.fill(day=tomorrow, at="10:30", meeting_point="Bij de brievenbussen")
    allocator.press("Plan viewing")
    care.opens(*page)
    assert proposal.dwelling.street in care.sees()  # the address reaches the client from here on
    allocator.follow("Record contract")
    allocator.fill(contract_form="three_party", on=today().isoformat())
    allocator.press("Record contract")
    allocator.follow("Record key")
    allocator.fill(on=today().isoformat())
    allocator.press("Record key")
    assert state_of(proposal, who.allocator) == ProposalState.KEY


def everybody_sees_it(proposal: Proposal, who: People, sit: Sit, *, before: str) -> None:
    """The client is housed: on the client's page, in the ledger, the overview and the trail."""
    home = proposal.dwelling
    with acting_as(who.care_worker):
        last = Spell.objects.filter(client=proposal.client).order_by("from_on", "pk").last()
        assert last is not None
        assert last.phase == Phase.HOUSED
    with acting_as(who.coordinator):
        assert Placement.objects.get(proposal=proposal).dwelling_id == home.pk
        contingent = Contingent.objects.get(
            corporation=home.corporation, municipality=home.municipality, year=today().year
        )
    care = sit(who.care_worker)
    care.opens("steering:client", proposal.client.ref)
    assert said(str(Phase.HOUSED.label)) in care.shows().lower()

    coordinator = sit(who.coordinator)
    coordinator.opens("housing:contingent", contingent.ref)
    ledger = coordinator.page.locator("main table tbody tr").filter(has_text=proposal.code)
    written = " ".join(ledger.all_inner_texts()).lower()
    for kind in (EntryKind.ACCEPTED, EntryKind.LET):
        assert said(str(kind.label)) in written, written

    steering = sit(who.steering_member)
    after = overview(steering)
    assert after != before
    assert proposal.client.case_code not in steering.sees()

    privacy = sit(who.privacy_officer)
    privacy.opens("accounts:audit")
    trail = privacy.page.locator("main table tbody tr").filter(has_text=str(proposal.ref)[:8])
    told = [line.lower() for line in trail.all_inner_texts()]
    steps = [
        ("proposal.proposed", who.coordinator),
        ("proposal.corporation_yes", who.allocator),
        ("proposal.client_yes", who.care_worker),
        ("proposal.viewing", who.allocator),
        ("proposal.contract", who.allocator),
        ("proposal.key", who.allocator),
    ]
    assert len(told) == len(steps), told
    for line, (operation, by) in zip(reversed(told), steps, strict=True):
        assert said(str(OPERATIONS[operation])) in line, line
        assert User.objects.get(pk=by.user_id).name.lower() in line, line


def overview(seat: Seat) -> str:
    """What the overview says in its first lines and about who came home and what was promised."""
    seat.opens("steering:dashboard")
    return seat.shows()
