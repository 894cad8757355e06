"""The servers, the roles and the processes that all other tests lean on."""

import os
import signal
import threading
import urllib.request
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from regions.models import Region
from tests.databases import Database
from tests.running import Processes, status
from tools import processes
from tools.servers import Servers, Valkey
from weerthuis import pulse


@pytest.mark.django_db
def test_a_test_works_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("weerthuis_application",)


def test_commits_on_an_own_database_are_seen_by_other_threads(own_database: Database) -> None:
    Region.objects.create(name="Voorbeeldland")
    seen: list[int] = []

    def look() -> None:
        seen.append(Region.objects.count())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [1]


def test_an_own_database_starts_empty(own_database: Database) -> None:
    assert Region.objects.count() == 0


def test_the_matcher_role_can_be_stepped_into_and_ends_with_the_transaction(
    own_database: Database,
) -> None:
    with connection.cursor() as cursor:
        with transaction.atomic():
            cursor.execute("SET LOCAL ROLE weerthuis_matcher")
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == ("weerthuis_matcher",)
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("weerthuis_application",)


@pytest.mark.parametrize("role", ["weerthuis_owner", "weerthuis_backup", "postgres"])
def test_the_application_cannot_step_up(own_database: Database, role: str) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        psycopg.connect(own_database.environment()["DATABASE_URL"]) as direct,
    ):
        direct.execute(f"SET ROLE {role}")


def test_killed_servers_start_again_with_their_data(servers_home: Path) -> None:
    servers = Servers(servers_home)
    servers.start()
    try:
        with psycopg.connect(servers.postgres.url("owner")) as owner:
            owner.execute("CREATE TABLE kept AS SELECT 1 AS number")
        for pid in (servers.postgres.pid, servers.valkey.pid):
            os.kill(pid, signal.SIGKILL)
        servers.start()
        with psycopg.connect(servers.postgres.url("owner")) as owner:
            assert owner.execute("SELECT number FROM kept").fetchone() == (1,)
    finally:
        servers.stop()


def test_a_second_launcher_adopts_running_servers(servers_home: Path) -> None:
    first, second = Servers(servers_home, throw_away=True), Servers(servers_home, throw_away=True)
    first.start()
    try:
        second.start()
        assert second.environment() == first.environment()
        assert (second.postgres.pid, second.valkey.pid) == (first.postgres.pid, first.valkey.pid)
    finally:
        second.stop()
    assert not processes.is_alive(first.postgres.pid)


def test_secrets_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    servers = Servers(tmp_path / "home")
    assert (servers.home / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_web_and_worker_are_ready_as_separate_processes(running: Processes) -> None:
    running.worker()
    web = running.web()
    with urllib.request.urlopen(f"{web.address}/readyz") as response:
        assert response.read() == b'{"database": true, "broker": true, "worker": true}'


def test_a_site_without_broker_lives_and_says_it_is_not_ready(
    running: Processes, valkey: Valkey
) -> None:
    web = running.web()
    valkey.stop()
    assert status(f"{web.address}/healthz") == 200
    assert status(f"{web.address}/readyz") == 503
    assert pulse.computing_waits()


def test_a_killed_worker_is_missed(running: Processes, valkey: Valkey) -> None:
    worker = running.worker()
    pulse.forget()
    assert not pulse.computing_waits()
    worker.kill()
    assert not worker.is_alive()
