"""What the tests of jobs share: a region on real commits, threads, and a pause in mid-run."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection
from django.db.models.functions import Now

from accounts.access import Role
from accounts.context import working_for
from housing.models import MatchPair, MatchRecord, UnmatchedClient
from outflow import runs
from outflow.lifecycle import Phase
from outflow.models import Client, EstimateRun, Scenario, Spell
from outflow.operations.estimates import request_estimate
from regions.models import Run, RunState
from tests import factories
from tests.databases import Database
from tests.factories import World, make_client, make_dwelling, make_support
from tools import processes


def small_region() -> World:
    """Two people who are ready, one who is preparing, and two homes: enough for both runs."""
    world = factories.world()
    for days in (100, 50):
        make_client(world, days=days)
    make_client(world, phase=Phase.PREPARING, days=30)
    make_dwelling(world)
    make_dwelling(world)
    make_support(world)
    return world


def at_once(number: int, deed: Callable[[], Any]) -> list[Any]:
    """What so many threads get when all of them do it in the same moment; faults included."""
    gate = threading.Barrier(number)
    found: list[Any] = []

    def act() -> None:
        try:
            gate.wait(timeout=20)
            found.append(deed())
        except Exception as fault:
            found.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


def end_lease(run: Run) -> None:
    """Let the time of the lease pass."""
    type(run)._default_manager.filter(pk=run.pk).update(
        lease_until=Now() - timedelta(seconds=1), offered_at=None
    )


def fresh(run: Run) -> Any:
    return type(run)._default_manager.get(pk=run.pk)


def wait_for(run: Run, state: RunState, *, seconds: float = 40) -> bool:
    return bool(processes.wait_until(lambda: fresh(run).state == state, seconds=seconds))


def kept(run: Run) -> tuple[int, int, int]:
    """How many records, pairs and unmatched clients a match run has."""
    with working_for(run.region_id, job="match"):
        return (
            MatchRecord.objects.filter(run=run.pk).count(),
            MatchPair.objects.filter(run=run.pk).count(),
            UnmatchedClient.objects.filter(run=run.pk).count(),
        )


class Pause:
    """Holds a table, so that whoever comes to it stands still in the middle of the work."""

    def __init__(self, holder: psycopg.Connection, database: Database, table: str) -> None:
        self.holder = holder
        self.database = database
        self.table = table

    def somebody_waits(self) -> bool:
        with self.database.as_superuser() as watch:
            found = watch.execute(
                "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND NOT granted",
                [self.table],
            ).fetchone()
        return bool(found and found[0])

    def reached(self) -> bool:
        return bool(processes.wait_until(self.somebody_waits, seconds=40))

    def end(self) -> None:
        self.holder.execute("ROLLBACK")


@contextmanager
def pause_at(database: Database, table: str) -> Iterator[Pause]:
    with database.as_superuser() as holder:
        holder.execute("BEGIN")
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")  # type: ignore[arg-type]
        yield Pause(holder, database, table)


# Estimates ----------------------------------------------------------------------------------------

MORE = [{"what": "inflow", "how": "times", "value": 1.5}]
FEWER = [{"what": "inflow", "how": "times", "value": 0.5}]


def after(client: Client, phase: str, days: int) -> Client:
    """Let a client have been in a phase for so many days before the first that is recorded."""
    leader = factories.viewer_for(client.provider, client.region, Role.TEAM_LEADER)
    with factories.keeping_context(), factories.acting_as(leader):
        first = client.spells.order_by("from_on")[0].from_on
        Spell.objects.create(
            client=client, phase=phase, from_on=first - timedelta(days=days), until_on=first
        )
    return client


def a_scenario(world: World, name: str, changes: list[dict[str, Any]], **facts: Any) -> Scenario:
    return Scenario.objects.create(
        **{
            "region": world.region,
            "owner": world.bureau,
            "made_by_id": world.coordinator.user_id,
            "name": name,
            "changes": changes,
            **facts,
        }
    )


def carried_out(world: World) -> EstimateRun:
    run = request_estimate(region=world.region, by=None)
    assert runs.carry_out(run)
    run.refresh_from_db()
    return run
