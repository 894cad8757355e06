"""Claiming and losing a run: PostgreSQL lets one worker through, and lets only that one write."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import F
from django.db.models.functions import Now

from housing.models import MatchRun
from housing.operations.matching import request_match
from regions import runs
from regions.errors import Refused
from regions.models import RunCause, RunFailure, RunState
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


# Stopped, or overtaken by what changed ------------------------------------------------------------


def test_a_run_that_is_stopped_takes_nothing_from_its_worker(world: World) -> None:
    run = asked(world)
    held = runs.claim(run)
    assert runs.cancel(run)
    for deed in (held.finish, lambda: held.step("solving", 1, 2), lambda: held.put(failure="x")):
        with pytest.raises(LostClaim):
            deed()
    assert not held.keep(longer=False)
    assert (fresh(run).state, fresh(run).lease_until) == (RunState.CANCELLED, None)
    assert fresh(run).is_finished
    with pytest.raises(NotClaimed):
        runs.claim(fresh(run))
    MatchRun.objects.update(offered_at=None)
    assert runs.offer(MatchRun) == []


def test_a_run_that_waits_can_be_stopped_and_one_that_ended_cannot(world: World) -> None:
    waits = asked(world)
    assert runs.cancel(waits)
    assert not runs.cancel(waits)
    done = asked(world)
    assert done.pk != waits.pk
    runs.claim(done).finish()
    assert not runs.cancel(done)
    assert fresh(done).state == RunState.DONE


def always(moment: datetime) -> bool:
    return True


def never(moment: datetime) -> bool:
    return False


def running(world: World, **facts: Any) -> MatchRun:
    """A run that began a minute after all that began before."""
    run = request_match(region=world.region, by=None, **facts)
    runs.claim(run)
    begun = MatchRun.objects.exclude(pk=run.pk).filter(started_at__isnull=False)
    begun.update(started_at=F("started_at") - timedelta(minutes=1))
    return run


def test_what_changed_while_a_run_computes_lets_the_newer_one_go_first(world: World) -> None:
    old = running(world)
    new = request_match(region=world.region, cause=RunCause.CHANGED, by=None)
    assert runs.make_way(new, changed_since=always)
    assert (fresh(old).state, fresh(old).lease_until) == (RunState.SUPERSEDED, None)
    assert fresh(new).cause == "asked,changed"
    runs.claim(fresh(new))


def test_without_a_change_the_newer_one_waits(world: World) -> None:
    old = running(world)
    new = asked(world)
    assert not runs.make_way(new, changed_since=never)
    assert fresh(old).state == RunState.RUNNING
    assert fresh(new).state == RunState.QUEUED


def test_it_is_asked_what_changed_since_the_run_began(world: World) -> None:
    old = running(world)
    since: list[datetime] = []
    runs.make_way(asked(world), changed_since=lambda at: bool(since.append(at)))
    assert since == [fresh(old).started_at]


def test_however_fast_things_change_every_second_run_comes_to_an_end(world: World) -> None:
    first = running(world)
    assert runs.make_way(asked(world), changed_since=always)
    second = running(world)
    assert not runs.make_way(asked(world), changed_since=always)
    assert fresh(second).state == RunState.RUNNING
    Claim(second, fresh(second).token).finish()
    third = running(world)
    assert runs.make_way(asked(world), changed_since=always)
    assert [fresh(run).state for run in (first, second, third)] == [
        RunState.SUPERSEDED,
        RunState.DONE,
        RunState.SUPERSEDED,
    ]


@pytest.mark.parametrize("cause", [RunCause.NIGHTLY, RunCause.NATION])
def test_a_run_that_others_count_on_is_never_overtaken(world: World, cause: str) -> None:
    run = running(world, cause=cause)
    assert not runs.make_way(asked(world), changed_since=always)
    assert fresh(run).state == RunState.RUNNING


def test_one_that_still_waits_for_quiet_overtakes_nobody(world: World) -> None:
    running(world)
    later = request_match(region=world.region, by=None, wait=timedelta(minutes=1))
    assert not runs.make_way(later, changed_since=always)


# What is left of a run that is done ---------------------------------------------------------------


@pytest.fixture
def done(world: World) -> MatchRun:
    run = asked(world)
    runs.claim(run).finish()
    return MatchRun.objects.get(pk=run.pk)


def test_what_is_left_to_work_out_is_offered_until_it_is_done(done: MatchRun) -> None:
    assert (done.state, done.has_follow_up) == (RunState.DONE, True)
    assert runs.offer(MatchRun) == [done.pk]
    assert runs.offer(MatchRun) == []
    with runs.following_up(done) as held:
        MatchRun.objects.update(offered_at=None)
        assert runs.offer(MatchRun) == []
        with pytest.raises(NotClaimed), runs.following_up(fresh(done)):
            pass
        held.step(MatchRun.FOLLOW_UP, 1, 2)
        held.followed_up()
    assert not fresh(done).has_follow_up
    assert runs.offer(MatchRun) == []
    with pytest.raises(NotClaimed), runs.following_up(fresh(done)):
        pass


def test_a_follow_up_whose_worker_died_is_offered_again(done: MatchRun) -> None:
    with pytest.raises(KeyboardInterrupt), runs.following_up(done):
        raise KeyboardInterrupt
    MatchRun.objects.update(offered_at=None)
    assert runs.offer(MatchRun) == [done.pk]
    assert fresh(done).state == RunState.DONE


def test_a_follow_up_that_goes_wrong_leaves_the_result(done: MatchRun) -> None:
    with pytest.raises(ZeroDivisionError), runs.following_up(done):
        raise ZeroDivisionError
    assert (fresh(done).state, fresh(done).has_follow_up) == (RunState.DONE, False)


def test_a_late_follow_up_writes_nothing(done: MatchRun) -> None:
    with runs.following_up(done) as late:
        end_lease(done)
        with runs.following_up(fresh(done)) as other:
            with pytest.raises(LostClaim):
                late.followed_up()
            other.followed_up()


def test_a_follow_up_over_which_workers_keep_dying_is_let_go(done: MatchRun) -> None:
    MatchRun.objects.update(finished_at=Now() - runs.FOLLOWED_UP_WITHIN, offered_at=None)
    assert runs.offer(MatchRun) == []
