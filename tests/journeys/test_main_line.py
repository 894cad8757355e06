"""The whole line in a real browser, with web and worker as processes of their own."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from accounts.access import OrganisationKind, Role, Viewer
from accounts.middleware import viewer_of
from accounts.models import Membership, Organisation, User
from example.lists import write_case
from housing.models import MatchRun
from outflow.models import EstimateRun
from regions.clock import today
from regions.models import Municipality, RunState
from tests.factories import make_client, make_contingent, make_dwelling, make_support, world
from tests.journeys import line
from tests.journeys.importing import bring_in_the_browser
from tests.journeys.line import People
from tests.journeys.seats import Seat
from tests.lists.bringing import CaseRegion, region_of
from tests.running import Processes

pytestmark = [pytest.mark.browser]

AS_OF = date(2026, 10, 1)


@pytest.fixture
def folder(tmp_path: Path) -> tuple[Path, dict[str, tuple[str, ...]]]:
    """A case folder and the former names of its municipalities; written when there is none."""
    if os.environ.get("WEERTHUIS_CASES"):
        return min(Path(os.environ["WEERTHUIS_CASES"]).glob("*/expected.json")).parent, {}
    written = write_case(tmp_path / "case", seed=1, as_of=AS_OF)
    return tmp_path / "case", {old: (new,) for old, new in written.former_municipalities.items()}


def join_in(region: CaseRegion) -> None:
    """Who is needed beside those who bring lists: a care worker for each provider, and readers."""
    for name, viewer in list(region.viewers.items()):
        if viewer.role == Role.TEAM_LEADER:
            region.viewers[f"care worker of {name}"] = another_member(viewer, Role.CARE_WORKER)
    bureau = region.viewers["coordinator"]
    region.viewers["privacy officer"] = another_member(bureau, Role.PRIVACY_OFFICER)
    office = Organisation.objects.create(
        name="Gemeentehuis",
        kind=OrganisationKind.MUNICIPALITY,
        municipality=Municipality.objects.filter(region=region.region).first(),
    )
    office.regions.add(region.region)
    region.viewers["steering member"] = another_member(
        bureau, Role.STEERING_MEMBER, organisation=office
    )


def another_member(
    beside: Viewer, role: Role, *, organisation: Organisation | None = None
) -> Viewer:
    """Somebody with another role in the same region, and mostly of the same organisation."""
    name = f"Lid {User.objects.count()}"
    made = Membership.objects.create(
        user=User.objects.create(email=f"lid{User.objects.count()}@voorbeeld.nl", name=name),
        organisation_id=organisation.pk if organisation else beside.organisation_id,
        region_id=beside.region_id,
        role=role,
        from_on=today() - timedelta(days=30),
    )
    viewer = viewer_of(Membership.objects.select_related("organisation").get(pk=made.pk))
    assert viewer is not None
    return viewer


@pytest.mark.case
def test_case_from_the_lists_to_a_key(
    running: Processes,
    sit: Callable[[str, Viewer], Seat],
    folder: tuple[Path, dict[str, tuple[str, ...]]],
) -> None:
    region = region_of(folder[0], former=folder[1])
    join_in(region)
    site = running.web().address
    running.worker()
    seats: dict[int, Seat] = {}

    def at(viewer: Viewer) -> Seat:
        if viewer.membership_id not in seats:
            seats[viewer.membership_id] = sit(site, viewer)
        return seats[viewer.membership_id]

    for file in region.files:
        run = bring_in_the_browser(at(region.bringer(file)), region, file)
        print(f"{file['bestand']}: {run.report['counts']}")
    coordinator = region.viewers["coordinator"]
    line.run_on_the_worker(
        at(coordinator),
        "outflow:estimate",
        "Make estimate",
        EstimateRun.objects.filter(state=RunState.DONE).exists,
    )
    assert at(coordinator).page.locator("#estimate-sentence").is_visible()
    line.run_on_the_worker(
        at(coordinator),
        "housing:matching",
        "Start matching",
        MatchRun.objects.filter(state=RunState.DONE).exists,
    )
    for name, viewer in list(region.viewers.items()):
        if viewer.role == Role.TEAM_LEADER:
            line.assign_everybody(at(viewer), region.viewers[f"care worker of {name}"])
    steering = region.viewers["steering member"]
    before = line.overview(at(steering))
    match = MatchRun.objects.get(state=RunState.DONE)
    proposal = line.confirm_the_first(at(coordinator), match)
    lets = [viewer for viewer in region.viewers.values() if viewer.role == Role.ALLOCATOR]
    landlord = proposal.dwelling.corporation_id
    who = People(
        coordinator=coordinator,
        care_worker=next(
            viewer
            for viewer in region.viewers.values()
            if viewer.role == Role.CARE_WORKER
            and viewer.organisation_id == proposal.client.provider_id
        ),
        allocator=next(viewer for viewer in lets if viewer.organisation_id == landlord),
        other_allocator=next(viewer for viewer in lets if viewer.organisation_id != landlord),
        steering_member=steering,
        privacy_officer=region.viewers["privacy officer"],
    )
    line.walk(proposal, who, at)
    line.everybody_sees_it(proposal, who, at, before=before)


def test_from_a_matching_to_a_key(running: Processes, sit: Callable[[str, Viewer], Seat]) -> None:
    w = world()
    for number in range(3):
        make_client(
            w,
            assigned_to=None,
            days=60 + 40 * number,
            family_name=("Wolkenveld", "Zonnewende", "Regenboogh")[number],
            given_name=("Quirijn", "Xandra", "Ysbrand")[number],
            need={"support": ["buddy"]},
        )
    for _ in range(3):
        make_dwelling(w)
    make_contingent(w)
    # Two places for three people: what is short, and what one more brings, is tried.
    make_support(w, places=2, in_use=0)
    site = running.web().address
    running.worker()
    seats: dict[int, Seat] = {}

    def at(viewer: Viewer) -> Seat:
        if viewer.membership_id not in seats:
            seats[viewer.membership_id] = sit(site, viewer)
        return seats[viewer.membership_id]

    who = People(
        coordinator=w.coordinator,
        care_worker=w.care_worker,
        allocator=w.allocator,
        other_allocator=w.other_allocator,
        steering_member=w.steering_member,
        privacy_officer=w.privacy_officer,
    )
    line.run_on_the_worker(
        at(w.coordinator),
        "outflow:estimate",
        "Make estimate",
        EstimateRun.objects.filter(state=RunState.DONE).exists,
    )
    line.assign_everybody(at(w.team_leader), w.care_worker)
    line.run_on_the_worker(
        at(w.coordinator),
        "housing:matching",
        "Start matching",
        MatchRun.objects.filter(state=RunState.DONE).exists,
    )
    before = line.overview(at(who.steering_member))
    match = MatchRun.objects.get(state=RunState.DONE)
    assert line.try_one_more(at(w.coordinator), match).summary["gained"] == 1
    proposal = line.choose_another(at(w.coordinator), match)
    line.walk(proposal, who, at)
    line.everybody_sees_it(proposal, who, at, before=before)
