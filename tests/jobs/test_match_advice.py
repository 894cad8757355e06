"""The second part of a matching: worked out when the pairs are shown, found again when lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from accounts.context import working_for
from housing import runs, tasks
from housing.matching import CheckFailed, check_advice
from housing.models import MatchRecord, MatchRun, UnmatchedClient
from housing.operations.matching import request_match
from regions.models import RunState
from regions.runs import offer
from regions.tasks import offer_again
from tests import factories
from tests.factories import World, make_client, make_dwelling
from tests.jobs.support import end_lease, fresh
from tools.servers import Valkey


@pytest.fixture
def world(db: None) -> World:
    made = factories.world()
    for days in (100, 50, 20):
        make_client(made, days=days)
    make_dwelling(made)
    return made


def matched(world: World) -> MatchRun:
    run = request_match(region=world.region, by=None)
    assert runs.carry_out(run)
    found: MatchRun = fresh(run)
    assert found.state == RunState.DONE, found.failure
    return found


def advice_of(run: MatchRun) -> tuple[MatchRecord, list[dict[str, Any]]]:
    with working_for(run.region_id, job="match"):
        left = UnmatchedClient.objects.filter(run=run).order_by("pk")
        return MatchRecord.objects.get(run=run), [row.advice for row in left]


def test_the_pairs_are_there_before_the_advice_and_the_advice_follows(world: World) -> None:
    run = matched(world)
    record, rows = advice_of(run)
    assert (record.advice, rows) == ({}, [{}, {}])
    assert run.has_follow_up
    assert runs.carry_out(run)
    record, rows = advice_of(run)
    check_advice(record.instance, record.result, record.advice)
    assert sorted(row["client"] for row in record.advice["unmatched"]) == sorted(
        row["client"] for row in rows
    )
    assert all(row["grounds"] for row in rows)
    done = fresh(run)
    assert (done.state, done.has_follow_up, done.finished_at) == (
        RunState.DONE,
        False,
        run.finished_at,
    )
    assert not runs.carry_out(done), "worked out a second time"


def test_a_message_for_the_advice_that_was_lost_is_sent_again(world: World, valkey: Valkey) -> None:
    run = matched(world)
    assert offer(MatchRun) == [run.pk]
    MatchRun.objects.update(offered_at=Now() - timedelta(minutes=1))
    offer_again()
    assert fresh(run).offered_at > run.finished_at
    tasks.carry_out_match(run.pk)
    tasks.carry_out_match(run.pk)
    assert advice_of(run)[0].advice
    MatchRun.objects.update(offered_at=None)
    assert offer(MatchRun) == []


def test_only_the_newest_matching_is_advised_on(world: World) -> None:
    old = matched(world)
    new = matched(world)
    MatchRun.objects.update(offered_at=None)
    assert offer(MatchRun) == [new.pk]
    assert not fresh(old).has_follow_up


def test_advice_that_fails_the_check_is_not_kept_and_the_matching_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*documents: object, **how: object) -> None:
        raise CheckFailed("A ground is not true.")

    run = matched(world)
    monkeypatch.setattr(runs, "check_advice", refuse)
    with pytest.raises(CheckFailed):
        runs.carry_out(run)
    assert advice_of(run)[0].advice == {}
    assert (fresh(run).state, fresh(run).has_follow_up) == (RunState.DONE, False)


def test_advice_of_a_late_worker_is_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = matched(world)

    def overtaken(*documents: object, **how: object) -> None:
        end_lease(run)
        MatchRun.objects.filter(pk=run.pk).update(token=run.ref)

    monkeypatch.setattr(runs, "check_advice", overtaken)
    runs.carry_out(run)
    assert advice_of(run)[0].advice == {}
    assert fresh(run).has_follow_up
