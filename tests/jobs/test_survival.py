"""Broker gone, worker killed or frozen, messages doubled, two beats: with real processes."""

import os
import signal
import time

from django.test import Client as Browser
from django.utils import translation
from django.utils.translation import gettext

from housing.models import MatchRun
from housing.operations.matching import request_match
from housing.tasks import carry_out_match
from outflow.models import EstimateRun
from outflow.operations.estimates import request_estimate
from outflow.tasks import carry_out_estimate
from regions.clock import today
from regions.models import RunFailure, RunState
from regions.tasks import offer_again
from tests.databases import Database
from tests.factories import World, sign_in
from tests.jobs.support import end_lease, fresh, kept, pause_at, wait_for
from tests.running import Processes
from tools import processes
from tools.servers import Valkey

# Read in the middle of a match: a worker that comes here has claimed and has not yet computed.
READ_IN_MID_RUN = "housing_supportoffer"
ONE_RESULT = (1, 2, 0)  # a record, both pairs, nobody left over


def let_time_pass(*runs: MatchRun | EstimateRun) -> None:
    """The half minute after which the reconciler asks again."""
    for run in runs:
        type(run).objects.filter(pk=run.pk).update(offered_at=None)


def test_with_the_broker_gone_asking_works_and_nothing_is_lost(
    crew: Processes, committed: World, valkey: Valkey
) -> None:
    valkey.stop()
    worker = crew.worker(ready=False)
    begun = time.monotonic()
    match = request_match(region=committed.region, by=committed.coordinator)
    assert carry_out_match.wake(match.pk) is False
    estimate = request_estimate(region=committed.region, by=committed.coordinator)
    carry_out_estimate.delay_on_commit(estimate.pk)
    nobody = request_estimate(region=committed.third_region, by=None)
    assert time.monotonic() - begun < 3

    page = sign_in(Browser(), committed.coordinator).get("/")
    with translation.override(page.headers["Content-Language"]):
        assert gettext("Computing waits") in page.content.decode()

    valkey.start()
    let_time_pass(match, estimate, nobody)
    offer_again()
    assert wait_for(match, RunState.DONE), worker.words()
    assert wait_for(estimate, RunState.DONE), worker.words()
    assert wait_for(nobody, RunState.FAILED), worker.words()
    assert kept(match) == ONE_RESULT
    assert fresh(estimate).result["draws"] == 20
    assert fresh(nobody).reason == RunFailure.NOBODY.label

    # Told three times, done once.
    again = request_match(region=committed.region, by=committed.coordinator)
    for _ in range(3):
        carry_out_match.wake(again.pk)
    assert wait_for(again, RunState.DONE), worker.words()
    carry_out_match.wake(again.pk)
    told = f"Task {carry_out_match.name}"
    assert processes.wait_until(lambda: worker.words().count(f"{told}[") >= 5, seconds=20)
    assert fresh(again).attempts == 1
    assert kept(again) == ONE_RESULT


def test_a_run_whose_worker_was_killed_is_finished_by_another(
    crew: Processes, committed: World, shared_database: Database
) -> None:
    run = request_match(region=committed.region, by=None)
    first = crew.worker()
    with pause_at(shared_database, READ_IN_MID_RUN) as pause:
        carry_out_match.wake(run.pk)
        assert pause.reached(), first.words()
        second = crew.worker(ready=False)
        first.kill()
        pause.end()
    assert fresh(run).state == RunState.RUNNING
    offer_again()
    assert fresh(run).offered_at == run.offered_at, "offered while its lease still ran"

    end_lease(run)
    offer_again()
    assert wait_for(run, RunState.DONE), second.words()
    assert fresh(run).attempts == 2
    assert kept(run) == ONE_RESULT

    # A third, which freezes in the middle and wakes up after another has done its work.
    run = request_match(region=committed.region, by=None)
    with pause_at(shared_database, READ_IN_MID_RUN) as pause:
        carry_out_match.wake(run.pk)
        assert pause.reached(), second.words()
        os.killpg(second.pid, signal.SIGSTOP)
        third = crew.worker(ready=False)
        pause.end()
    end_lease(run)
    offer_again()
    assert wait_for(run, RunState.DONE), third.words()
    offer_again()  # the message for what follows the result may have gone to the frozen one
    followed = processes.wait_until(lambda: not fresh(run).has_follow_up, seconds=40)
    assert followed, third.words()
    done = fresh(run)
    os.killpg(second.pid, signal.SIGCONT)
    assert processes.wait_until(lambda: "run.lost" in second.words(), seconds=20), second.words()
    late = fresh(run)
    assert (late.token, late.finished_at, late.attempts) == (done.token, done.finished_at, 2)
    assert kept(run) == ONE_RESULT


def test_two_beats_make_one_run_of_the_night_and_the_worker_does_it(
    crew: Processes, committed: World
) -> None:
    worker = crew.worker(concurrency=2)
    crew.extra["DJANGO_SETTINGS_MODULE"] = "tests.jobs.every_second"
    beats = [crew.beat(), crew.beat()]

    def of_tonight() -> list[MatchRun | EstimateRun]:
        return [
            *MatchRun.objects.filter(night=today()),
            *EstimateRun.objects.filter(night=today()),
        ]

    def all_done() -> bool:
        found = of_tonight()
        return len(found) == 2 and all(run.state == RunState.DONE for run in found)

    def asked_twice() -> bool:
        return all(beat.words().count("match every region") >= 3 for beat in beats)

    assert processes.wait_until(all_done, seconds=40), worker.words()
    assert processes.wait_until(asked_twice, seconds=20), [beat.words() for beat in beats]
    time.sleep(1)
    assert sorted(run.attempts for run in of_tonight()) == [1, 1]
    assert {run.region_id for run in of_tonight()} == {committed.region.pk}
