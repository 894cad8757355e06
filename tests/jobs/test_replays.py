"""An estimate can be made again from what was kept, and whatever differs is named."""

import io
import json
import uuid
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.context import working_for
from outflow import nation, replays, runs
from outflow.estimation import published
from outflow.models import (
    EstimateRecord,
    EstimateRun,
    NationalPicture,
    PlannedSupply,
    Scenario,
)
from outflow.operations.estimates import request_estimate
from outflow.questions import Question, answer
from regions.clock import today
from regions.models import RunState
from tests import factories
from tests.factories import World, make_client
from tests.jobs.support import FEWER, MORE, a_scenario, after, carried_out


@pytest.fixture
def world(db: None) -> World:
    return factories.world()


def a_full_run(world: World) -> EstimateRun:
    """With scenarios, and with another region to lean on."""
    for days in (400, 300, 200):
        after(make_client(world, days=days, need={"persons": 1}), "preparing", 100)
    for days in (300, 200):
        client = make_client(
            world, days=days, provider=world.foreign_provider, region=world.other_region
        )
        after(client, "preparing", 50)
    beside = request_estimate(region=world.other_region, by=None)
    assert runs.carry_out(beside)
    assert nation.picture_of(today())
    a_scenario(world, "more", MORE)
    run = carried_out(world)
    assert run.state == RunState.DONE, run.failure
    return run


def test_everything_of_a_run_can_be_made_again_when_all_data_have_changed(world: World) -> None:
    run = a_full_run(world)
    make_client(world, days=150)
    Scenario.objects.update(changes=FEWER, archived_at=timezone.now())
    NationalPicture.objects.all().delete()
    PlannedSupply.objects.create(
        region=world.region, quarter_from=date(today().year + 1, 1, 1), dwellings=9
    )
    assert replays.first_difference(EstimateRun.objects.get(pk=run.pk)) is None
    again = replays.replay(run)
    kept = json.dumps(without_clock(run.result), sort_keys=True)
    assert json.dumps(without_clock(again.result), sort_keys=True) == kept
    scenario = run.scenarios.get()
    assert again.scenarios == {str(scenario.scenario.ref): scenario.result}


def test_what_others_showed_then_is_part_of_the_answer(world: World) -> None:
    """The control: with other counts to lean on the answer is another."""
    run = a_full_run(world)
    with working_for(world.region.pk, job="estimate"):
        asked = Question.unpacked(bytes(EstimateRecord.objects.get(run=run).tables))
    assert asked.nation["regions"] == 1
    assert answer(asked).result["series"] == run.result["series"]
    assert answer(replace(asked, nation=published())).result["series"] != run.result["series"]


def without_clock(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key != "run"}


def test_the_first_difference_is_named_wherever_it_is(world: World) -> None:
    run = a_full_run(world)
    run.result["series"][3]["mean"] += 1
    assert str(replays.first_difference(run)).startswith("result.series[3].mean: ")
    run.refresh_from_db()
    run.effects = [*run.effects, {}]
    assert str(replays.first_difference(run)).startswith("effects: ")
    run.refresh_from_db()
    result = run.scenarios.get()
    result.result["difference"][0]["quantiles"]["0.5"] += 1
    result.save()
    ref = str(result.scenario.ref)
    found = f"scenarios.{ref}.difference[0].quantiles.0.5: "
    assert str(replays.first_difference(run)).startswith(found)
    with working_for(world.region.pk, job="estimate"):
        EstimateRecord.objects.filter(run=run).update(counts={})
    assert str(replays.first_difference(run)).startswith("counts.")


def replayed(*arguments: str) -> tuple[int, str]:
    """Exit code and what it said."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("replay_estimate", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), err.getvalue().strip()
    return 0, out.getvalue().strip()


def test_the_command_says_equal_or_what_differs_or_why_it_cannot(world: World) -> None:
    make_client(world, days=100)
    run = carried_out(world)
    ref = str(run.ref)
    assert replayed(ref) == (0, "equal")
    EstimateRun.objects.update(result={**run.result, "seed": run.seed + 1})
    differs = f"different: result.seed: {run.seed + 1} then, {run.seed} now"
    assert replayed(ref) == (1, differs)
    with working_for(world.region.pk, job="estimate"):
        EstimateRecord.objects.all().delete()
    assert replayed(ref) == (2, "What this estimate was asked is not kept any more.")
    EstimateRun.objects.update(core_version="0.9.0")
    assert replayed(ref)[0] == 2
    assert "0.9.0" in replayed(ref)[1]
    EstimateRun.objects.update(state=RunState.FAILED)
    assert replayed(ref) == (2, "This estimate is failed: it has no result.")
    assert replayed(str(uuid.uuid4())) == (2, "There is no estimate with this ref.")
