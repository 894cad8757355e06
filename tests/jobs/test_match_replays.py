"""A matching can be made again from what was kept, and the place of a difference is named."""

import io
import uuid

import pytest
from django.core.management import CommandError, call_command

from accounts.context import working_for
from housing import replays, runs
from housing.models import MatchRecord, MatchRun
from housing.operations.matching import request_match
from regions.models import RunState
from regions.replays import first_difference
from tests import factories
from tests.factories import World, make_client, make_dwelling
from tests.housing.factories import make_proposal


@pytest.fixture
def world(db: None) -> World:
    return factories.world()


def a_run(world: World) -> MatchRun:
    make_proposal(world)
    for days in (10, 20, 30):
        make_client(world, days=days)
    make_dwelling(world)
    run = request_match(region=world.region, by=None)
    assert runs.carry_out(run)
    return MatchRun.objects.get(pk=run.pk)


def record_of(world: World, run: MatchRun) -> MatchRecord:
    with working_for(world.region.pk, job="match"):
        return MatchRecord.objects.get(run=run)


def test_a_replay_is_equal_when_all_data_have_changed(world: World) -> None:
    run = a_run(world)
    kept = record_of(world, run).result
    make_client(world, days=500)
    make_dwelling(world)
    again = replays.replay(run)
    assert replays.difference(run) is None
    assert again["solver"].keys() == kept["solver"].keys()
    del again["solver"]["seconds"], kept["solver"]["seconds"]
    assert again == kept


def test_only_the_place_of_a_difference_is_told(world: World) -> None:
    run = a_run(world)
    record = record_of(world, run)
    record.result["pairs"][1]["client"] = "somebody"
    with working_for(world.region.pk, job="match"):
        record.save()
    assert replays.difference(run) == "pairs[1].client"


def test_everything_but_the_seconds_counts() -> None:
    kept = {"pairs": [1], "solver": {"name": "HiGHS", "seconds": 1}}
    assert replays.between(kept, {"pairs": [1], "solver": {"name": "HiGHS", "seconds": 2}}) is None
    assert replays.between(kept, {"pairs": [1], "solver": {"name": "X"}}) == "solver.name"
    assert replays.between(kept, {"pairs": [2], "solver": {"name": "HiGHS"}}) == "pairs[0]"
    assert first_difference([1], [1, 2]) == ": 1 rows then, 2 now"


def replayed(*arguments: str) -> tuple[int, str]:
    """Exit code and what it said."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("replay_match", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), err.getvalue().strip()
    return 0, out.getvalue().strip()


def test_the_command_says_equal_or_what_differs_or_why_it_cannot(world: World) -> None:
    name = world.region.name
    assert replayed("--region", name) == (2, "This region has no matching yet.")
    run = a_run(world)
    of_run = ("--run", str(run.ref))
    assert replayed(*of_run) == (0, "equal")
    assert replayed("--region", name) == (0, "equal")
    record = record_of(world, run)
    record.result["placements"] += 1
    with working_for(world.region.pk, job="match"):
        record.save()
    assert replayed(*of_run) == (1, "different: placements")
    with working_for(world.region.pk, job="match"):
        record.delete()
    assert replayed(*of_run) == (2, "What this matching was asked is not kept any more.")
    MatchRun.objects.update(core_version="0.9.0")
    assert replayed(*of_run)[0] == 2
    assert "Core 0.9.0 made this matching" in replayed(*of_run)[1]
    MatchRun.objects.update(state=RunState.CANCELLED)
    assert replayed(*of_run) == (2, "This matching is cancelled: it has no result.")
    assert replayed("--run", str(uuid.uuid4())) == (2, "There is no matching with this ref.")
    assert replayed("--region", "Nergens") == (2, "There is no region with this name.")
    with pytest.raises(CommandError):
        replayed()
