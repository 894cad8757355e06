"""What changed is computed anew: noticed by query, after a while of quiet, once."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEntry
from housing import inputs as match_inputs
from housing import runs as match_runs
from housing.models import MatchRun
from housing.operations import withdraw_dwelling
from housing.operations.matching import request_match
from outflow import runs as estimate_runs
from outflow.models import EstimateRun
from outflow.operations.estimates import request_estimate
from regions import runs
from regions.models import RunCause, RunState
from tests import factories
from tests.factories import World, acting_as, make_client, make_dwelling
from tests.jobs.support import FEWER, MORE, a_scenario

BOTH = pytest.mark.parametrize(
    ("made", "model"), [(match_runs, MatchRun), (estimate_runs, EstimateRun)]
)


@pytest.fixture
def world(db: None) -> World:
    """People, and both runs done: five minutes ago everything was as it is."""
    world = factories.world()
    make_client(world)
    for run in (
        request_match(region=world.region, by=None),
        request_estimate(region=world.region, by=None),
    ):
        begun(run)
        began = timezone.now() - timedelta(minutes=5)
        type(run).objects.update(started_at=began, finished_at=began)
    return world


def change(world: World, operation: str = "client.readiness_recorded", **ago: int) -> None:
    entry = audit.entry(operation, world.region, by=world.care_worker)
    entry.at = timezone.now() - timedelta(**ago)
    AuditEntry.objects.bulk_create([entry])


def begun(run: Any) -> None:
    """The run began now and is done."""
    type(run).objects.filter(pk=run.pk).update(not_before=timezone.now() - timedelta(seconds=1))
    runs.claim(run).finish()
    type(run).objects.filter(pk=run.pk).update(started_at=timezone.now())


@BOTH
def test_a_change_asks_for_a_run_after_a_while(world: World, made: Any, model: Any) -> None:
    change(world)
    (run,) = made.notice_changes()
    assert (run.region, run.cause, run.state) == (world.region, RunCause.CHANGED, RunState.QUEUED)
    wait = run.not_before - timezone.now()
    assert timedelta(seconds=30) < wait <= made.DEBOUNCE
    assert made.DEBOUNCE > runs.OVERLAP


def test_a_region_rests_after_a_long_estimate_unless_somebody_asks(world: World) -> None:
    finished = timezone.now()
    took = timedelta(minutes=1)
    EstimateRun.objects.update(started_at=finished - took, finished_at=finished)
    change(world)
    (run,) = estimate_runs.notice_changes()
    wait = run.not_before - finished
    assert abs(wait - estimate_runs.REST * took) < timedelta(seconds=20)
    asked = request_estimate(region=world.region, by=world.coordinator)
    assert asked.pk == run.pk
    assert asked.not_before <= timezone.now()


@BOTH
def test_changes_that_follow_each_other_ask_once(world: World, made: Any, model: Any) -> None:
    for _ in range(5):
        change(world)
        made.notice_changes()
    assert model.objects.count() == 2


@BOTH
def test_what_a_run_has_seen_asks_for_nothing(world: World, made: Any, model: Any) -> None:
    change(world, minutes=1)
    (run,) = made.notice_changes()
    begun(run)
    assert made.notice_changes() == []
    change(world)
    assert len(made.notice_changes()) == 1


@BOTH
def test_what_changes_while_a_run_computes_is_noticed(world: World, made: Any, model: Any) -> None:
    change(world, minutes=1)
    (run,) = made.notice_changes()
    model.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    runs.claim(run)
    change(world)
    (next_,) = made.notice_changes()
    assert next_.pk != run.pk


@BOTH
def test_what_was_committed_a_moment_before_a_run_began_is_not_missed(
    world: World, made: Any, model: Any
) -> None:
    change(world, minutes=1)
    (run,) = made.notice_changes()
    begun(run)
    change(world, seconds=2)
    assert len(made.notice_changes()) == 1


@BOTH
@pytest.mark.parametrize(
    "operation",
    ["client.assigned", "client.readiness_confirmed", "account.changed", "match.requested"],
)
def test_what_touches_no_answer_asks_for_nothing(
    world: World, made: Any, model: Any, operation: str
) -> None:
    change(world, operation)
    assert made.notice_changes() == []


@BOTH
def test_where_people_are_and_nothing_was_ever_computed_the_first_run_comes(
    world: World, made: Any, model: Any
) -> None:
    assert made.notice_changes() == []
    make_client(world, provider=world.foreign_provider, region=world.other_region)
    (run,) = made.notice_changes()
    assert run.region == world.other_region


def test_a_dwelling_is_for_the_matching_alone(world: World) -> None:
    with acting_as(world.allocator):
        withdraw_dwelling(dwelling=make_dwelling(world), by=world.allocator)
    assert [run.region for run in match_runs.notice_changes()] == [world.region]
    assert estimate_runs.notice_changes() == []


def test_a_scenario_that_was_saved_changed_or_put_away_is_noticed(world: World) -> None:
    def noticed() -> bool:
        found = estimate_runs.notice_changes()
        for run in found:
            begun(run)
        return bool(found)

    scenario = a_scenario(world, "more", MORE)
    assert noticed()
    assert not noticed()
    scenario.changes = FEWER
    scenario.save()
    assert noticed()
    scenario.archived_at = timezone.now()
    scenario.save()
    assert noticed()
    assert not noticed()
    assert match_runs.notice_changes() == []


def test_a_scenario_that_was_renamed_or_shared_asks_for_nothing(world: World) -> None:
    scenario = a_scenario(world, "more", MORE)
    for run in estimate_runs.notice_changes():
        begun(run)
    scenario.name = "much more"
    scenario.save()
    scenario.shared_with.add(world.corporation)
    change(world, "scenario.changed")
    change(world, "scenario.shared")
    assert estimate_runs.notice_changes() == []


def test_operations_without_effect_are_operations_that_exist() -> None:
    """A name that nobody writes any more would hide nothing, and one misspelt would not hide."""
    written = {
        text
        for folder in ("outflow", "housing")
        for path in (settings.BASE_DIR / folder / "operations").glob("*.py")
        for text in path.read_text().split('"')
    }
    for name in match_inputs.WITHOUT_EFFECT | estimate_runs.WITHOUT_EFFECT:
        assert name in written, name


@BOTH
def test_the_night_asks_for_every_region_with_people(world: World, made: Any, model: Any) -> None:
    (run,) = made.request_nightly()
    assert (run.region, run.cause) == (world.region, RunCause.NIGHTLY)
    assert [again.pk for again in made.request_nightly()] == [run.pk]
    model.objects.update(state=RunState.DONE)
    assert [again.pk for again in made.request_nightly()] == [run.pk]


def test_every_name_on_the_schedule_is_a_task_that_the_worker_knows() -> None:
    current_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in current_app.tasks
        assert entry["options"]["expires"] > 0


def test_every_kind_of_run_names_a_task_that_can_be_woken() -> None:
    current_app.loader.import_default_modules()
    assert {MatchRun, EstimateRun} <= set(runs.models())
    for model in runs.models():
        assert hasattr(current_app.tasks[model.TASK], "wake")
