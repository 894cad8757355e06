"""The whole line in a real browser, with web and worker as processes of their own."""

from collections.abc import Callable

import pytest

from accounts.access import Viewer
from housing.models import MatchRun
from outflow.models import EstimateRun
from regions.models import RunState
from tests.factories import make_client, make_contingent, make_dwelling, make_support, world
from tests.journeys import line
from tests.journeys.line import People
from tests.journeys.seats import Seat
from tests.running import Processes

pytestmark = [pytest.mark.browser]


def test_from_a_matching_to_a_key(running: Processes, sit: Callable[[str, Viewer], Seat]) -> None:
    w = world()
    for number in range(3):
        make_client(
            w,
            assigned_to=None,
            days=60 + 40 * number,
            family_name=("Wolkenveld", "Zonnewende", "Regenboogh")[number],
            given_name=("Quirijn", "Xandra", "Ysbrand")[number],
        )
    make_dwelling(w)
    make_dwelling(w, neighbourhood=w.other_neighbourhood)
    make_contingent(w)
    make_support(w)
    site = running.web().address
    running.worker()
    seats: dict[int, Seat] = {}

    def at(viewer: Viewer) -> Seat:
        return seats.setdefault(viewer.membership_id, sit(site, viewer))

    who = People(
        coordinator=w.coordinator,
        care_worker=w.care_worker,
        allocator=w.allocator,
        other_allocator=w.other_allocator,
        steering_member=w.steering_member,
        privacy_officer=w.privacy_officer,
    )
    before = line.overview(at(who.steering_member))
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
    proposal = line.confirm_the_first(at(w.coordinator), MatchRun.objects.get(state=RunState.DONE))
    line.walk(proposal, who, at)
    line.everybody_sees_it(proposal, who, at, before=before)
