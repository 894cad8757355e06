"""Claiming and losing a run: PostgreSQL lets one worker through, and lets only that one write."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from housing.models import MatchRun
from housing.operations.matching import request_match
from regions import runs
from regions.errors import Refused
from regions.models import RunFailure, RunState
from regions.runs import Claim, LostClaim, NotClaimed
from tests import factories
from tests.factories import World
from tests.jobs.support import end_lease, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return factories.world()


def asked(world: World) -> MatchRun:
    return request_match(region=world.region, by=None)


def test_a_claimed_run_is_running_under_a_lease(world: World) -> None:
    run = asked(world)
    held = runs.claim(run)
    assert (run.state, run.attempts, run.token) == (RunState.RUNNING, 1, held.token)
    assert MatchRun.objects.filter(pk=run.pk, lease_until__gt=Now()).exists()


def test_a_run_is_claimed_once(world: World) -> None:
    run = asked(world)
    runs.claim(run)
    with pytest.raises(NotClaimed):
        runs.claim(fresh(run))


def test_a_finished_run_stays_finished(world: World) -> None:
    run = asked(world)
    runs.claim(run).finish()
    with pytest.raises(NotClaimed):
        runs.claim(fresh(run))
    assert fresh(run).state == RunState.DONE


def test_a_run_is_not_claimed_before_its_time(world: World) -> None:
    run = request_match(region=world.region, by=None, wait=timedelta(minutes=1))
    with pytest.raises(NotClaimed):
        runs.claim(run)


def test_a_region_computes_one_run_at_a_time(world: World) -> None:
    first = asked(world)
    held = runs.claim(first)
    second = asked(world)
    with pytest.raises(NotClaimed):
        runs.claim(second)
    held.finish()
    runs.claim(second)


def test_a_worker_that_was_overtaken_cannot_write(world: World) -> None:
    run = asked(world)
    late = runs.claim(run)
    end_lease(run)
    taken_over = runs.claim(fresh(run))
    deeds = (late.finish, lambda: late.step("solving", 1, 2), lambda: late.put(failure="x"))
    for deed in deeds:
        with pytest.raises(LostClaim):
            deed()
    late.fail("too late")
    late.let_go()
    assert not late.extend()
    assert fresh(run).state == RunState.RUNNING
    assert fresh(run).attempts == 2
    taken_over.finish()
    assert fresh(run).state == RunState.DONE


def test_without_its_token_the_late_worker_would_write(world: World) -> None:
    """The control: it is the token that keeps the late worker out."""
    run = asked(world)
    late = runs.claim(run)
    end_lease(run)
    Claim(run, runs.claim(fresh(run)).token).finish()
    assert fresh(run).state == RunState.DONE
    with pytest.raises(LostClaim):
        late.finish()


def test_a_refusal_is_the_reason(world: World) -> None:
    run = asked(world)
    with runs.claimed(run):
        raise Refused("Daarom niet.")
    assert (fresh(run).state, fresh(run).reason) == (RunState.FAILED, "Daarom niet.")


def test_a_fault_is_told_by_its_kind_and_never_by_its_text(world: World) -> None:
    run = asked(world)
    with pytest.raises(ZeroDivisionError), runs.claimed(run):
        raise ZeroDivisionError("Jan Jansen")
    failed = fresh(run)
    assert (failed.state, failed.failure) == (RunState.FAILED, "fault:ZeroDivisionError")
    assert failed.reason == RunFailure.FAULT.label
    assert failed.lease_until is None


@pytest.mark.parametrize("gone", [OperationalError("gone"), KeyboardInterrupt(), SystemExit()])
def test_when_worker_or_database_goes_away_the_run_is_offered_again(
    world: World, gone: BaseException
) -> None:
    run = asked(world)
    with pytest.raises(type(gone)), runs.claimed(run):
        raise gone
    assert fresh(run).state == RunState.RUNNING
    MatchRun.objects.update(offered_at=None)
    assert runs.offer(MatchRun) == [run.pk]
    runs.claim(fresh(run))


def test_a_run_over_which_workers_keep_dying_is_given_up(world: World) -> None:
    run = asked(world)
    for attempt in range(1, runs.MOST_ATTEMPTS + 1):
        runs.claim(fresh(run))
        assert fresh(run).attempts == attempt
        assert runs.give_up(MatchRun) == 0
        end_lease(run)
    assert runs.give_up(MatchRun) == 1
    assert (fresh(run).state, fresh(run).reason) == (
        RunState.FAILED,
        RunFailure.WORKER_LOST.label,
    )
    assert runs.offer(MatchRun) == []


def test_a_message_that_was_lost_is_sent_again_after_a_while(world: World) -> None:
    run = asked(world)
    assert runs.offer(MatchRun) == []
    MatchRun.objects.update(offered_at=Now() - runs.PATIENCE)
    assert runs.offer(MatchRun) == [run.pk]
    assert runs.offer(MatchRun) == []


def test_steps_are_told_at_a_pace_that_the_database_can_bear(
    world: World, django_assert_num_queries
) -> None:
    held = runs.claim(asked(world))
    with django_assert_num_queries(2):
        for done in range(1000):
            held.step("solving", done, 1000)
        held.step("bottlenecks")
    assert fresh(held.run).step == "bottlenecks"
