"""The example region shows what a scenario is: two of them, of two parties, shared."""

from accounts.access import Permission
from accounts.context import acting_as
from accounts.middleware import viewer_of
from accounts.models import Membership
from outflow.models import EstimateRun, Scenario
from outflow.operations.estimates import scenarios_of
from regions.models import RunState
from tests.databases import Database


def test_two_parties_ask_what_if_and_the_first_estimate_computes_both(
    example_database: Database,
) -> None:
    made = list(Scenario.objects.live().order_by("pk"))
    assert len({scenario.owner_id for scenario in made}) == 2
    [run] = EstimateRun.objects.exclude(state=RunState.SUPERSEDED)
    assert run.parameters["scenarios"] == scenarios_of(run.region)
    assert len(run.parameters["scenarios"]) == 2


def test_the_coordinator_and_the_steering_group_find_them_on_their_list(
    example_database: Database,
) -> None:
    for role, count in (("coordinator", 2), ("steering_member", 1)):
        membership = Membership.objects.live().filter(role=role, region__is_example=True).first()
        assert membership is not None
        viewer = viewer_of(membership)
        assert viewer is not None
        with acting_as(viewer):
            seen = Scenario.objects.visible_to(viewer, Permission.SEE_SCENARIOS)
            assert seen.count() >= count
