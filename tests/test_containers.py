"""The compose file and the Dockerfile, tried without containers: every command as a process.

Images cannot be built in a test. What can go wrong in these files is tried for real instead: the
command, the environment and the health check of each service, and the names in .env.example.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from tests.running import Child
from tools import processes
from tools.secrets import new_secrets
from tools.servers import ROOT, Postgres, Servers, Valkey

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?P<how>:[?-])?(?P<rest>[^}]*)\}")
EXAMPLE = (ROOT / ".env.example").read_text()
IN_SETTINGS = re.compile(r'(?:env\.\w+|_secret|_database|_versioned_keys|environ\.get)\(\s*"(\w+)"')


def variables_of_compose() -> dict[str, str]:
    """Name to how it is asked: `:?` refuses without it, `:-` has a default."""
    text = (ROOT / "docker-compose.yml").read_text()
    return {found["name"]: found["how"] or "" for found in VARIABLE.finditer(text)}


def variables_of_the_application() -> set[str]:
    names: set[str] = set()
    for path in (ROOT / "weerthuis").glob("*.py"):
        names |= set(IN_SETTINGS.findall(path.read_text()))
    return names


def named_in(example: str) -> dict[str, str]:
    """What .env.example names, commented out or not, with the value it gives."""
    return dict(re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", example, re.MULTILINE))


def unexplained(example: str) -> set[str]:
    return (variables_of_compose().keys() | variables_of_the_application()) - named_in(
        example
    ).keys()


def test_every_variable_is_explained_in_the_example() -> None:
    assert unexplained(EXAMPLE) == set()


@pytest.mark.parametrize("name", ["VALKEY_PASSWORD", "LOG_LEVEL", "DATABASE_OWNER_URL", "PORT"])
def test_a_variable_missing_from_the_example_is_noticed(name: str) -> None:
    assert unexplained(re.sub(rf"^#?{name}=.*$", "", EXAMPLE, flags=re.MULTILINE)) == {name}


def test_the_example_names_nothing_that_nobody_reads() -> None:
    read = variables_of_compose().keys() | variables_of_the_application() | {"DATABASE_BACKUP_URL"}
    assert named_in(EXAMPLE).keys() - read == set()


SECRETS = sorted(
    name
    for name in variables_of_compose()
    if re.search(r"SECRET_KEY$|KEYS|INDEX_KEY|PASSWORD", name) and not name.startswith("EMAIL")
)


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_has_a_default(name: str) -> None:
    assert variables_of_compose()[name] == ":?"
    assert named_in(EXAMPLE)[name] == ""


def test_the_printed_set_of_secrets_fills_every_secret() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "tools.secrets"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert {line.partition("=")[0] for line in printed.splitlines()} == set(SECRETS)


def test_every_service_says_how_it_is_and_comes_back() -> None:
    for name, service in SERVICES.items():
        assert service.get("healthcheck"), name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped"), name


def test_the_way_in_of_the_owner_is_given_to_the_migration_only() -> None:
    holders = {
        name for name, service in SERVICES.items() if "DATABASE_OWNER_URL" in service["environment"]
    }
    assert holders == {"migrate"}


def test_the_image_runs_what_compose_runs_as_an_ordinary_user() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    final = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM")) :]
    command = next(line for line in final if line.startswith("CMD"))
    assert yaml.safe_load(command.removeprefix("CMD")) == SERVICES["web"]["command"]
    check = next(line for line in final if line.startswith("HEALTHCHECK"))
    assert yaml.safe_load(check.partition("CMD ")[2]) == SERVICES["web"]["healthcheck"]["test"][1:]
    users = [line.split()[1] for line in final if line.startswith("USER")]
    assert users == ["weerthuis"]


def test_the_image_copies_only_what_exists() -> None:
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY") and "--from" not in line:
            for source in shlex.split(line)[1:-1]:
                assert (ROOT / source).exists(), line


def test_broker_messages_survive_a_restart_of_the_broker() -> None:
    command = SERVICES["valkey"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert any(volume.endswith(":/data") for volume in SERVICES["valkey"]["volumes"])


class Installation:
    """The services as processes: addresses and folders differ, everything else is compose's."""

    def __init__(self, home: Path) -> None:
        made = new_secrets()
        self.home = home
        self.servers = Servers(home, throw_away=True)
        self.valkey_port = processes.free_port()
        self.web_port = processes.free_port()
        self.values = {
            "SECRET_KEY": made["secret_key"],
            "IDENTITY_KEYS": f"1:{made['identity_key']}",
            "BLIND_INDEX_KEY": made["blind_index_key"],
            "POSTGRES_PASSWORD": self.servers.secrets["superuser"],
            "WEERTHUIS_OWNER_PASSWORD": self.servers.secrets["owner"],
            "WEERTHUIS_APPLICATION_PASSWORD": self.servers.secrets["application"],
            "WEERTHUIS_BACKUP_PASSWORD": self.servers.secrets["backup"],
            "VALKEY_PASSWORD": made["valkey"],
            "ALLOWED_HOSTS": "weerthuis.example",
        }
        self.children: list[Child] = []

    @property
    def postgres(self) -> Postgres:
        return self.servers.postgres

    def filled(self, text: str) -> str:
        """What compose does with ${NAME}, and the addresses that its network would give."""

        def value(found: re.Match[str]) -> str:
            given = self.values.get(found["name"], "")
            if found["how"] == ":?":
                assert given, f"compose would refuse: {found['rest']}"
            return given or (found["rest"] if found["how"] == ":-" else "")

        text = VARIABLE.sub(value, str(text))
        for there, here in (
            ("@postgres:5432", f"@127.0.0.1:{self.postgres.port}"),
            ("@valkey:6379", f"@127.0.0.1:{self.valkey_port}"),
            ("0.0.0.0:8000", f"127.0.0.1:{self.web_port}"),
            ("/data", str(self.home / "data")),
        ):
            text = text.replace(there, here)
        return text

    def environment(self, name: str) -> dict[str, str]:
        """Nothing of the test's own settings: what compose does not give is not there."""
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        given = SERVICES[name].get("environment", {})
        return {
            **inherited,
            "READ_DOT_ENV": "off",  # as the image says
            "PORT": str(self.web_port),
            "STATIC_ROOT": str(self.home / "static"),
            **{key: self.filled(value) for key, value in given.items()},
        }

    def argv(self, command: list[str]) -> list[str]:
        program, *arguments = [self.filled(part) for part in command]
        if program == "valkey-server":
            binary = Valkey(home=self.home, password="").binary
            return [
                str(binary),
                "--port",
                str(self.valkey_port),
                "--dir",
                str(self.home / "broker"),
                *arguments,
            ]
        if program == "pg_isready":
            return [
                str(self.postgres.binaries / program),
                f"--port={self.postgres.port}",
                *arguments,
            ]
        if program == "python":
            return [sys.executable, *arguments]
        return [sys.executable, "-m", program, *arguments]

    def start(self, name: str) -> Child:
        log = self.home / f"{name}.log"
        process = processes.spawn(
            self.argv(SERVICES[name]["command"]), log=log, env=self.environment(name), cwd=ROOT
        )
        self.children.append(Child(name=name, process=process, log=log))
        return self.children[-1]

    def is_healthy(self, name: str) -> bool:
        kind, *check = SERVICES[name]["healthcheck"]["test"]
        assert kind == "CMD"
        done = subprocess.run(
            self.argv(check), env=self.environment(name), cwd=ROOT, capture_output=True, check=False
        )
        return done.returncode == 0

    def becomes_healthy(self, name: str) -> bool:
        """Within a minute, unless its process ends before that."""

        def decided() -> bool:
            ended = any(child.name == name and not child.is_alive() for child in self.children)
            return ended or self.is_healthy(name)

        processes.wait_until(decided, seconds=60, every=0.3)
        return self.is_healthy(name)

    def stop(self) -> None:
        for child in self.children:
            child.kill()
        self.servers.stop()


@pytest.fixture
def installation(servers_home: Path) -> Iterator[Installation]:
    mine = Installation(servers_home)
    for name in ("data", "broker"):
        (mine.home / name).mkdir()
    try:
        yield mine
    finally:
        mine.stop()


def test_every_service_starts_with_its_own_command_and_turns_healthy(
    installation: Installation,
) -> None:
    # postgres: the script that compose mounts makes roles and database (tools/servers.py runs it).
    mounted = SERVICES["postgres"]["volumes"][1].split(":")[0]
    assert (ROOT / mounted).samefile(ROOT / "tools" / "roles.sql")
    given = SERVICES["postgres"]["environment"].keys()
    assert installation.postgres.role_passwords().keys() <= given
    installation.postgres.start()
    assert installation.becomes_healthy("postgres")

    installation.start("valkey")
    broker = redis.Redis(
        port=installation.valkey_port, password=installation.values["VALKEY_PASSWORD"]
    )
    assert processes.wait_until(lambda: _answers(broker), seconds=20)
    strangers = redis.Redis(port=installation.valkey_port)
    with pytest.raises(redis.AuthenticationError):
        strangers.ping()

    migrate = installation.start("migrate")
    assert migrate.process.wait(timeout=120) == 0, migrate.words()

    for name in ("web", "worker", "beat"):
        assert not installation.is_healthy(name), f"{name} is healthy before it runs"
    children = {name: installation.start(name) for name in ("web", "worker", "beat")}
    for name, child in children.items():
        assert installation.becomes_healthy(name), f"{name}: {child.words()}"

    children["web"].kill()
    assert not installation.is_healthy("web")


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


@pytest.mark.parametrize("name", OURS)
def test_a_service_of_ours_has_all_settings_it_needs(installation: Installation, name: str) -> None:
    installation.postgres.port = 1  # settings load without any server
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=ROOT,
        env=installation.environment(name),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
