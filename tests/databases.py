"""Databases of the tests: one migrated template, and a clone of it for whoever needs one."""

import hashlib
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connections

from tools.servers import ROLES_SQL, ROOT, Servers

LOCK = 20_260_101  # one process at a time makes a template


def superuser_connection(database: str = "postgres") -> psycopg.Connection:
    """Above every lock: only to make and drop databases, and to look behind row-level security."""
    address = urlsplit(os.environ["DATABASE_SUPERUSER_URL"])
    return psycopg.connect(urlunsplit(address._replace(path=f"/{database}")), autocommit=True)


def at(variable: str, database: str) -> str:
    """The address in an environment variable, for another database."""
    return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{database}"))


def environment(database: str) -> dict[str, str]:
    """The environment of a process that must use this database."""
    variables = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL")
    return {**os.environ, **{name: at(name, database) for name in variables}}


def fingerprint(*more: Path) -> str:
    """Changes when a migration, the roles or what fills the template changes."""
    found = hashlib.sha256()
    for path in (ROLES_SQL, *sorted(ROOT.glob("*/migrations/*.py")), *sorted(more)):
        found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:12]


def _exists(connection: psycopg.Connection, name: str) -> bool:
    return bool(connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount)


def _servers() -> Servers:
    servers = Servers(Path(os.environ["WEERTHUIS_SERVERS"]))
    servers.start()  # adopts what runs
    return servers


def _migrate(name: str) -> None:
    _servers().postgres.prepare(name)
    manage(name, "migrate", "--database", "owner", "--verbosity", "0")


def manage(database: str, *arguments: str, **extra: str) -> str:
    """A manage.py command in a process of its own, against this database."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(database) | extra,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"manage.py {arguments[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def template(name: str, build: Callable[[str], None]) -> str:
    """A database that is made once and only copied afterwards; killed half-way, made again."""
    with superuser_connection() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if not _exists(connection, name):
            unfinished = f"{name}_unfinished"
            connection.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
            build(unfinished)
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [unfinished],
            )
            connection.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


def migrated_template() -> str:
    """Empty tables, roles and policies as the migrations make them."""
    return template(f"template_{fingerprint()}", _migrate)


def example_template() -> str:
    """The example region, loaded once for all tests that look at a full site."""
    base = migrated_template()

    def build(name: str) -> None:
        copy(base, name)
        manage(name, "load_example", **_servers().demo_environment())

    return template(f"example_{fingerprint(*(ROOT / 'example').rglob('*.py'))}", build)


def copy(source: str, name: str) -> None:
    with superuser_connection() as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" OWNER weerthuis_owner')


def drop(name: str) -> None:
    with superuser_connection() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass(frozen=True)
class Database:
    """A clone and how to reach it from elsewhere."""

    name: str

    def environment(self) -> dict[str, str]:
        return environment(self.name)

    def manage(self, *arguments: str, **extra: str) -> str:
        """Run a manage.py command against this database, in a process of its own."""
        return manage(self.name, *arguments, **extra)

    def as_superuser(self) -> psycopg.Connection:
        return superuser_connection(self.name)

    def as_owner(self) -> psycopg.Connection:
        return psycopg.connect(at("DATABASE_OWNER_URL", self.name), autocommit=True)


@contextmanager
def clone(source: str) -> Iterator[Database]:
    """A copy that is dropped afterwards, whoever still looks at it."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    copy(source, name)
    try:
        yield Database(name)
    finally:
        drop(name)


@contextmanager
def pointed_at(database: str) -> Iterator[None]:
    """Let Django's connections, in every thread of this process, use another database."""
    settings = {alias: connections.settings[alias] for alias in connections}
    before = {alias: setting["NAME"] for alias, setting in settings.items()}
    connections.close_all()
    for setting in settings.values():
        setting["NAME"] = database
    try:
        yield
    finally:
        connections.close_all()
        for alias, setting in settings.items():
            setting["NAME"] = before[alias]
