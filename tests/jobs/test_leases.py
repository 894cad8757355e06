"""Leases and races on real commits: threads that claim at once, a heartbeat beside the core."""

import threading
import time
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import InternalError, connection

from housing import runs as match_runs
from housing.models import MatchRun
from housing.operations.matching import request_match
from outflow import questions
from outflow import runs as estimate_runs
from outflow.operations.estimates import request_estimate
from regions import runs
from regions.clock import today
from regions.models import RunCause, RunState
from regions.picture import one_moment
from regions.runs import Claim, LostClaim, NotClaimed
from tests.factories import World
from tests.jobs.support import at_once, end_lease, fresh
from tests.scale import n


def asked(world: World) -> MatchRun:
    return request_match(region=world.region, by=None)


def test_many_who_ask_in_one_moment_share_one_run(committed: World) -> None:
    for _ in range(n(3, 100)):
        found = at_once(6, lambda: asked(committed).pk)
        assert len(set(found)) == 1, found
        MatchRun.objects.filter(pk__in=found).update(state=RunState.DONE)


def test_two_beats_in_one_moment_make_one_run_of_the_night(committed: World) -> None:
    def ask(night: date) -> int:
        return request_match(
            region=committed.region, cause=RunCause.NIGHTLY, by=None, night=night
        ).pk

    for number in range(n(3, 100)):
        night = today() + timedelta(days=number)
        found = at_once(6, lambda night=night: ask(night))
        assert len(set(found)) == 1, found
        MatchRun.objects.filter(pk__in=found).update(state=RunState.DONE)
        assert ask(night) == found[0]


def test_workers_that_claim_in_one_moment_get_one_run_between_them(committed: World) -> None:
    for _ in range(n(3, 100)):
        run = asked(committed)
        found = at_once(6, lambda run=run: runs.claim(fresh(run)))
        assert sum(isinstance(one, Claim) for one in found) == 1, found
        assert sum(isinstance(one, NotClaimed) for one in found) == 5, found
        next(one for one in found if isinstance(one, Claim)).finish()


def test_two_reconcilers_send_one_message_between_them(committed: World) -> None:
    run = asked(committed)
    for _ in range(n(3, 100)):
        MatchRun.objects.update(offered_at=None)
        found = at_once(4, lambda: runs.offer(MatchRun))
        assert sorted(found) == [[], [], [], [run.pk]]


def test_the_lease_is_kept_while_the_core_computes(
    committed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MatchRun, "LEASE", timedelta(seconds=0.8))
    run = asked(committed)
    with runs.claimed(run) as held:
        time.sleep(1.5)
        with pytest.raises(NotClaimed):
            runs.claim(fresh(run))
        held.finish()
    assert fresh(run).attempts == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "lease"]


def test_without_the_heartbeat_the_lease_would_be_lost(
    committed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the heartbeat that keeps the others out."""
    monkeypatch.setattr(MatchRun, "LEASE", timedelta(seconds=0.8))
    monkeypatch.setattr(Claim, "extend", lambda self: True)
    run = asked(committed)
    with runs.claimed(run) as held:
        time.sleep(1.5)
        runs.claim(fresh(run)).finish()
        with pytest.raises(LostClaim):
            held.finish()


def test_a_worker_learns_that_it_was_overtaken_while_it_computes(
    committed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MatchRun, "LEASE", timedelta(seconds=0.4))
    run = asked(committed)
    with runs.claimed(run) as held:
        end_lease(run)
        runs.claim(fresh(run))
        assert held.lost.wait(timeout=5)
        with pytest.raises(LostClaim):
            held.step("solving", 1, 2)


def test_a_computation_that_hangs_loses_its_lease(
    committed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MatchRun, "LEASE", timedelta(seconds=0.4))
    monkeypatch.setattr(runs, "LONGEST", timedelta(0))
    run = asked(committed)
    with runs.claimed(run) as held:
        time.sleep(0.6)
        runs.claim(fresh(run)).finish()
        assert held.run.pk == run.pk


@pytest.mark.parametrize(
    ("made", "asking", "core", "ask"),
    [
        (match_runs, match_runs, "match", request_match),
        (estimate_runs, questions, "estimate", request_estimate),
        (estimate_runs, questions, "run_all", request_estimate),
    ],
)
def test_the_cores_compute_outside_any_transaction(
    committed: World,
    monkeypatch: pytest.MonkeyPatch,
    made: Any,
    asking: Any,
    core: str,
    ask: Any,
) -> None:
    compute, inside = getattr(asking, core), []

    def watched(*tables: Any, **options: Any) -> Any:
        inside.append(connection.in_atomic_block)
        return compute(*tables, **options)

    monkeypatch.setattr(asking, core, watched)
    run = ask(region=committed.region, by=None)
    assert made.carry_out(run)
    assert fresh(run).state == RunState.DONE, fresh(run).failure
    assert inside == [False]
    assert not made.carry_out(run)
    assert inside == [False], "computed a second time"


def test_a_picture_shows_one_moment_and_takes_no_writing(committed: World) -> None:
    with one_moment():
        before = MatchRun.objects.count()
        at_once(1, lambda: asked(committed))
        assert MatchRun.objects.count() == before
        with pytest.raises(InternalError, match="read-only transaction"):
            MatchRun.objects.update(step="")
    assert MatchRun.objects.count() == before + 1
