"""The broker only wakes: with it gone the site goes on at once, back again the worker listens."""

import time

import redis
from django.db import transaction

from tests.databases import Database
from tests.running import Processes
from tools import processes
from tools.servers import Valkey
from weerthuis.celery import app

BUILT_IN = "celery.accumulate"  # a task that every worker knows and that does nothing


def queued(valkey: Valkey) -> int:
    with redis.Redis.from_url(valkey.url) as client:
        return int(client.llen("celery"))


def test_a_wake_up_call_reaches_the_broker(valkey: Valkey) -> None:
    assert app.tasks[BUILT_IN].wake() is True
    assert queued(valkey) == 1


def test_waking_without_a_broker_takes_no_time_and_breaks_nothing(valkey: Valkey) -> None:
    valkey.stop()
    begun = time.monotonic()
    assert app.tasks[BUILT_IN].wake() is False
    assert time.monotonic() - begun < 2


def test_waking_works_again_after_the_broker_returned(valkey: Valkey) -> None:
    app.tasks[BUILT_IN].wake()
    valkey.stop()
    assert app.tasks[BUILT_IN].wake() is False
    valkey.start()
    assert app.tasks[BUILT_IN].wake() is True


def test_a_commit_stands_though_nobody_can_be_woken(own_database: Database, valkey: Valkey) -> None:
    valkey.stop()
    with transaction.atomic():
        app.tasks[BUILT_IN].delay_on_commit()
    assert not transaction.get_connection().in_atomic_block


def test_nobody_is_woken_for_what_was_rolled_back(own_database: Database, valkey: Valkey) -> None:
    with transaction.atomic():
        app.tasks[BUILT_IN].delay_on_commit()
        transaction.set_rollback(True)
    assert queued(valkey) == 0


def test_a_worker_listens_again_when_the_broker_returns(running: Processes, valkey: Valkey) -> None:
    worker = running.worker()
    valkey.stop()
    time.sleep(1)
    valkey.start()
    app.tasks[BUILT_IN].wake()
    assert processes.wait_until(lambda: queued(valkey) == 0, seconds=30), worker.words()
    assert processes.wait_until(lambda: f"Task {BUILT_IN}" in worker.words(), seconds=10)
    assert worker.is_alive()


def test_a_worker_that_starts_before_the_broker_waits_for_it(
    running: Processes, valkey: Valkey
) -> None:
    valkey.stop()
    worker = running.worker(ready=False)
    time.sleep(4)
    assert worker.is_alive()
    valkey.start()
    app.tasks[BUILT_IN].wake()
    assert processes.wait_until(lambda: queued(valkey) == 0, seconds=40), worker.words()
