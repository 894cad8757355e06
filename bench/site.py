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


def command(env: dict[str, str], *arguments: str) -> None:
    """Run a Python module and show what it says."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, check=False)
    if done.returncode != 0:
        raise Stop(f"{' '.join(arguments[:3])} failed.")


@contextmanager
def web(env: dict[str, str], home: Path) -> Iterator[int]:
    """The web processes as the Dockerfile starts them; yields their port."""
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
        yield port
    finally:
        processes.end(child.pid, seconds=15, group=True)
