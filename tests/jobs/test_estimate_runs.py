"""An estimate run: first figures, the whole with its scenarios, and what stays of it."""

import json
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.context import working_for
from outflow import questions, replays, runs
from outflow.estimation import EstimateError
from outflow.models import (
    EstimateRecord,
    EstimateRun,
    ScenarioResult,
)
from outflow.operations.estimates import request_estimate
from outflow.questions import Question
from regions.models import RunFailure, RunState, RunStep
from regions.runs import Claim
from tests import factories
from tests.factories import World, make_client
from tests.jobs.support import FEWER, MORE, a_scenario, carried_out, end_lease


@pytest.fixture
def world(db: None) -> World:
    return factories.world()


# The run ------------------------------------------------------------------------------------------


def test_a_run_keeps_its_result_and_what_it_was_asked(world: World) -> None:
    for days in (400, 300, 200, 100):
        make_client(world, days=days)
    run = carried_out(world)
    assert run.state == RunState.DONE
    assert run.parameters == {"quarters": 20, "draws": 20, "scenarios": []}
    assert (run.result["seed"], run.result["draws"]) == (run.seed, 20)
    assert run.core_version == run.result["core_version"]
    assert {row["region"] for row in run.result["series"]} == {str(world.region.ref)}
    assert json.loads(json.dumps(run.result)) == run.result


def test_an_estimate_can_be_made_again_when_the_data_have_changed(world: World) -> None:
    for days in (400, 300, 200):
        make_client(world, days=days)
    run = carried_out(world)
    make_client(world, days=150)
    assert replays.first_difference(run) is None
    other = carried_out(world)
    assert other.seed == run.seed
    assert other.fingerprint != run.fingerprint


def test_the_tables_of_an_estimate_are_for_that_job_alone(world: World) -> None:
    make_client(world)
    run = carried_out(world)
    for viewer in (world.coordinator, world.team_leader, world.steering_member):
        with factories.acting_as(viewer):
            assert not EstimateRecord.objects.exists()
    with working_for(world.other_region.pk, job="estimate"):
        assert not EstimateRecord.objects.exists()
    with working_for(world.region.pk, job="estimate"):
        assert EstimateRecord.objects.filter(run=run).exists()


def test_a_region_with_nobody_fails_with_that_reason(world: World) -> None:
    run = carried_out(world)
    assert (run.state, run.reason) == (RunState.FAILED, RunFailure.NOBODY.label)
    assert run.result is None


def test_data_that_contradict_each_other_are_the_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*tables: object, **options: object) -> None:
        raise EstimateError("cell", "Row 2, column phase: no phase.")

    make_client(world)
    monkeypatch.setattr(questions, "estimate", refuse)
    run = carried_out(world)
    assert (run.state, run.reason) == (RunState.FAILED, RunFailure.INPUT.label)
    assert run.failure == "input:Row 2, column phase: no phase."


def test_results_of_a_month_stay_and_what_they_were_made_from_does_not(world: World) -> None:
    make_client(world)
    a_scenario(world, "more", MORE)
    made = [carried_out(world) for _ in range(4)]
    EstimateRun.objects.filter(pk__in=[made[0].pk, made[1].pk]).update(as_of=date(2020, 1, 5))
    EstimateRun.objects.filter(pk=made[1].pk).update(as_of=date(2020, 1, 9))
    EstimateRun.objects.update(requested_at=made[0].requested_at - runs.DAYS_KEPT * 2)
    assert runs.prune() == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "RESULTS_KEPT", 1)
        patch.setattr(runs, "RECORDS_KEPT", 1)
        assert runs.prune() == 2
    left = EstimateRun.objects.order_by("pk").values_list("pk", flat=True)
    assert list(left) == [made[1].pk, made[3].pk]
    with working_for(world.region.pk, job="estimate"):
        assert list(EstimateRecord.objects.values_list("run", flat=True)) == [made[3].pk]
    assert list(ScenarioResult.objects.values_list("run", flat=True)) == [made[3].pk]


# First figures ------------------------------------------------------------------------------------


def kept_now(run: EstimateRun) -> Any:
    return EstimateRun.objects.values_list("first_result", flat=True).get(pk=run.pk)


def test_first_figures_are_there_before_the_whole_and_go_when_it_comes(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.ESTIMATE_DRAWS = questions.FIRST_DRAWS + 10
    for days in (400, 300, 200, 100):
        make_client(world, days=days)
    seen: list[Any] = []
    whole = runs.answer

    def look(question: Question, **options: Any) -> Any:
        seen.append(kept_now(run))
        return whole(question, **options)

    monkeypatch.setattr(runs, "answer", look)
    run = request_estimate(region=world.region, by=None)
    assert runs.carry_out(run)
    run.refresh_from_db()
    (first,) = seen
    assert (first["draws"], first["backtest"]) == (questions.FIRST_DRAWS, [])
    assert {row["region"] for row in first["series"]} == {str(world.region.ref)}
    assert (run.first_result, run.result["draws"]) == (None, questions.FIRST_DRAWS + 10)


def test_where_the_work_is_is_told_in_words_from_the_first_figures_to_the_last_effect(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (400, 300, 200):
        make_client(world, days=days, need={"wheelchair": True})
    a_scenario(world, "more", MORE)
    told: list[str] = []
    tell = Claim.step

    def listen(held: Claim, label: str, done: int = 0, total: int = 0) -> None:
        told.append(label)
        tell(held, label, done, total)

    monkeypatch.setattr(Claim, "step", listen)
    assert carried_out(world).state == RunState.DONE
    assert set(told) <= set(RunStep.values)
    order = ("reading", "first", "fitting", "simulating", "scenarios", "effects", "writing")
    assert [step for step in dict.fromkeys(told) if step in order] == list(order)


def test_first_figures_survive_a_database_that_goes_away_and_are_made_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_client(world, days=100)
    run = request_estimate(region=world.region, by=None)

    def gone(question: Question, **options: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(runs, "answer", gone)
        with pytest.raises(OperationalError):
            runs.carry_out(run)
    assert kept_now(run)["draws"] == 20
    EstimateRun.objects.update(first_result={"of": "the first attempt"})
    seen: list[Any] = []
    whole = runs.answer

    def look(question: Question, **options: Any) -> Any:
        seen.append(kept_now(run))
        return whole(question, **options)

    monkeypatch.setattr(runs, "answer", look)
    end_lease(run)
    assert runs.carry_out(run)
    assert seen[0]["draws"] == 20
    assert kept_now(run) is None


def test_first_figures_of_a_run_that_came_to_nothing_do_not_stay(world: World) -> None:
    make_client(world)
    run = carried_out(world)
    EstimateRun.objects.update(state=RunState.FAILED, first_result={"draws": 5})
    waits = request_estimate(region=world.region, by=None)
    EstimateRun.objects.filter(pk=waits.pk).update(first_result={"draws": 5})
    runs.prune()
    assert kept_now(run) is None
    assert kept_now(waits) == {"draws": 5}


def test_a_run_that_is_superseded_stops_at_its_next_step_and_keeps_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_client(world)
    went_on: list[str] = []
    whole = runs.answer

    def supersede(question: Question, *, progress: Any) -> Any:
        EstimateRun.objects.filter(pk=run.pk).update(state=RunState.SUPERSEDED)

        def tell(stage: str, done: int, total: int) -> None:
            progress(stage, done, total)
            went_on.append(stage)

        return whole(question, progress=tell)

    monkeypatch.setattr(runs, "answer", supersede)
    run = request_estimate(region=world.region, by=None)
    assert runs.carry_out(run)
    run.refresh_from_db()
    assert (run.state, run.result, went_on) == (RunState.SUPERSEDED, None, [])
    with working_for(world.region.pk, job="estimate"):
        assert not EstimateRecord.objects.exists()


# Scenarios ----------------------------------------------------------------------------------------


def test_each_live_scenario_of_the_region_is_computed_beside_the_estimate(world: World) -> None:
    for days in (400, 300, 200):
        make_client(world, days=days)
    more, fewer = a_scenario(world, "more", MORE), a_scenario(world, "fewer", FEWER)
    a_scenario(world, "away", MORE, archived_at=timezone.now())
    a_scenario(world, "elsewhere", MORE, region=world.other_region)
    run = carried_out(world)
    assert run.state == RunState.DONE, run.failure
    kept = {result.scenario_id: result for result in run.scenarios.all()}
    assert kept.keys() == {more.pk, fewer.pk}
    assert kept[more.pk].changes == MORE
    assert kept[more.pk].result.keys() == {"series", "difference"}
    assert kept[more.pk].result["series"]


def test_a_scenario_that_cannot_be_any_more_costs_nobody_else_anything(world: World) -> None:
    for days in (400, 300, 200):
        make_client(world, days=days)
    passed = [{"what": "policy_share", "share": 0.3, "by": "2001Q1"}]
    unknown = [{"what": "inflow", "how": "times", "value": 1.2, "municipality": "GM0000"}]
    unreadable = [{"what": "weather"}]
    refused = [
        a_scenario(world, "passed", passed),
        a_scenario(world, "unknown", unknown),
        a_scenario(world, "unreadable", unreadable),
    ]
    fine = a_scenario(world, "fine", MORE)
    run = carried_out(world)
    assert run.state == RunState.DONE, run.failure
    kept = {result.scenario_id: result.result for result in run.scenarios.all()}
    assert "series" in kept[fine.pk]
    codes = [kept[one.pk]["refused"]["code"] for one in refused]
    assert codes == ["change_past", "change_municipality", "change_what"]
    for one in refused:
        reason = kept[one.pk]["refused"]
        assert reason["sentence"] % reason["params"]
    assert replays.first_difference(run) is None


def test_a_scenario_that_was_removed_meanwhile_is_left_out(world: World) -> None:
    make_client(world)
    scenario = a_scenario(world, "more", MORE)
    run = request_estimate(region=world.region, by=None)
    scenario.delete()
    assert runs.carry_out(run)
    run.refresh_from_db()
    assert (run.state, run.scenarios.count()) == (RunState.DONE, 0)


def test_what_a_scenario_changes_is_part_of_the_question_and_its_name_is_not(world: World) -> None:
    make_client(world)
    first = request_estimate(region=world.region, by=None)
    scenario = a_scenario(world, "more", MORE)
    second = request_estimate(region=world.region, by=None)
    scenario.name = "much more"
    scenario.save()
    scenario.shared_with.add(world.corporation)
    assert request_estimate(region=world.region, by=None).pk == second.pk
    scenario.changes = FEWER
    scenario.save()
    third = request_estimate(region=world.region, by=None)
    first.refresh_from_db()
    second.refresh_from_db()
    assert len({first.pk, second.pk, third.pk}) == 3
    assert [run.state for run in (first, second, third)] == ["superseded", "superseded", "queued"]
    assert third.parameters["scenarios"] == [{"ref": str(scenario.ref), "changes": FEWER}]
