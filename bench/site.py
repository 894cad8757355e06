"""The site that is measured: servers in var/bench that keep their data, and two web processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import processes
from tools.processes import Stop
from tools.servers import ROOT, Servers, choose_home

WEB_PROCESSES = 2
THREADS = 4


@contextmanager
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey of the bench, stopped afterwards; the data stay."""
    running = Servers(choose_home("bench"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


def environment(running: Servers, database: str) -> dict[str, str]:
    """Settings as in production, but for TLS, which somebody else ends."""
    running.postgres.ensure_database(database)
    return {
        **os.environ,
        **running.environment(database),
        "DEBUG": "off",
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "weerthuis.settings",
    }


def succeeds(env: dict[str, str], *arguments: str) -> bool:
    """Run Python with these arguments, show what it says, tell whether it succeeded."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, check=False)
    return done.returncode == 0


def command(env: dict[str, str], *arguments: str) -> None:
    """The same where nothing can go on without."""
    if not succeeds(env, *arguments):
        raise Stop(f"{' '.join(arguments[:2])} failed.")


@contextmanager
def web(env: dict[str, str], home: Path) -> Iterator[tuple[int, int]]:
    """The web processes as the Dockerfile starts them; yields their port and their parent's id."""
    port = processes.free_port()
    log = home / "web.log"
    child = processes.spawn(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "weerthuis.wsgi",
            f"--bind=127.0.0.1:{port}",
            "--preload",
            f"--workers={WEB_PROCESSES}",
            f"--threads={THREADS}",
            "--timeout=60",
            "--access-logfile=/dev/null",
        ],
        log=log,
        env=env,
        cwd=ROOT,
    )
    try:
        if not processes.wait_until(
            lambda: child.poll() is not None or not processes.port_is_free(port), seconds=60
        ):
            raise Stop(f"The site does not start; {log} tells why.")
        if child.poll() is not None:
            raise Stop(f"The site stopped by itself; {log} tells why.")
        yield port, child.pid
    finally:
        processes.end(child.pid, seconds=15, group=True)


def processor_seconds(parent: int) -> float:
    """What a process and its children have used so far, waiting left out; 0 where nobody tells."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _end_of_name, tail = stat.read_text().rpartition(")")
        except OSError:  # it ended meanwhile
            continue
        fields = tail.split()
        if parent in (int(head.split()[0]), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
