"""`make demo`: the whole of Weerthuis on this machine, with an example region.

Starts PostgreSQL, Valkey, web, worker and beat, shows each step, and stops everything on Ctrl-C.
Killed hard, it leaves nothing that the next start cannot handle. The data stay between runs.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

import environ

from tools import processes
from tools.processes import Stop
from tools.servers import ROOT, Servers, choose_home

PREFERRED_PORT = 8000
PYTHON = sys.executable


class Interrupted(Exception):
    """Somebody asked the demo to stop."""


@contextmanager
def step(text: str) -> Iterator[None]:
    """One line per step: what happens, and how long it took."""
    print(f"  {text:<34}", end="", flush=True)
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        print()
        raise
    print(f"{time.monotonic() - begun:5.1f} s", flush=True)


def refuse_outside_database() -> None:
    """The demo never touches a database that it did not make."""
    with suppress(FileNotFoundError):
        environ.Env.read_env(ROOT / ".env")
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        if os.environ.get(name):
            raise Stop(
                f"{name} is set, and the demo works with its own servers only: unset it "
                "(or remove it from .env) and run this again."
            )


@contextmanager
def only_one(home: Path) -> Iterator[TextIO]:
    """One demo per data directory; a killed one has let go of the lock by itself."""
    with (home / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            where = lock.read().strip() or "somewhere"
            raise Stop(f"The demo already runs at {where}.") from None
        lock.truncate(0)
        yield lock


def choose_port() -> int:
    """The port that people remember, else the next free one."""
    for port in range(PREFERRED_PORT, PREFERRED_PORT + 20):
        if processes.port_is_free(port):
            return port
    return processes.free_port()


def end_leftovers(home: Path) -> None:
    """End what a killed demo left running, where the kernel did not do it for us."""
    memory = home / "processes.json"
    if memory.exists():
        for name, pid in json.loads(memory.read_text()).items():
            if "weerthuis" in processes.command_of(pid):
                print(f"  ending {name} of an earlier run")
                processes.end(pid, seconds=3, group=True)
        memory.unlink()


def run_command(env: dict[str, str], *arguments: str, show: bool = False) -> None:
    """A manage.py command; its output is shown when asked for or when it fails."""
    done = subprocess.run(
        [PYTHON, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=not show,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = "" if show else (done.stderr.strip() or done.stdout.strip())
        raise Stop(f"{words}\nmanage.py {arguments[0]} failed.".strip())


def answers(address: str) -> bool:
    """Whether the site is up: any answer counts, a refused connection does not."""
    with (
        suppress(urllib.error.URLError, ConnectionError, TimeoutError),
        urllib.request.urlopen(address, timeout=5) as response,
    ):
        return bool(response.status == 200)
    return False


class Demo:
    """The servers and the three processes of the application."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self.servers = Servers(home)
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def environment(self) -> dict[str, str]:
        media, mail = self.home / "media", self.home / "mail"
        for directory in (media, mail):
            directory.mkdir(mode=0o700, exist_ok=True)
        return {
            **os.environ,
            **self.servers.environment(),
            **self.servers.demo_environment(),
            "MEDIA_ROOT": str(media),
            "EMAIL_DIRECTORY": str(mail),
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
        }

    def start(self) -> None:
        with step("PostgreSQL and Valkey"):
            self.servers.start()
        env = self.environment()
        self._migrate(env)
        self._spawn(
            "worker",
            env,
            "celery",
            "--app=weerthuis",
            "worker",
            "--concurrency=1",
            "--loglevel=WARNING",
        )
        self._spawn(
            "beat",
            env,
            "celery",
            "--app=weerthuis",
            "beat",
            f"--schedule={self.home / 'beat-schedule'}",
            "--pidfile=",
            "--loglevel=WARNING",
        )
        self._spawn(
            "web",
            env,
            "gunicorn",
            "weerthuis.wsgi",
            f"--bind=127.0.0.1:{self.port}",
            "--workers=1",
            "--threads=8",
            "--timeout=120",
            "--access-logfile=/dev/null",
        )
        print("  the example region", flush=True)
        run_command(env, "load_example", show=True)
        with step("web, worker and beat"):
            self._wait_for_all()

    def _migrate(self, env: dict[str, str]) -> None:
        """Migrate when a migration was added or changed since this database was last migrated."""
        now = hashlib.sha256()
        for path in sorted(ROOT.glob("*/migrations/*.py")):
            now.update(path.read_bytes())
        mark = self.home / "migrated"
        if mark.exists() and mark.read_text() == now.hexdigest():
            return
        with step("database up to date"):
            run_command(env, "migrate", "--database", "owner", "--verbosity", "0")
        mark.write_text(now.hexdigest())

    def _spawn(self, name: str, env: dict[str, str], module: str, *arguments: str) -> None:
        self.children[name] = processes.spawn(
            [PYTHON, "-m", module, *arguments],
            log=self.home / f"{name}.log",
            env=env,
            cwd=ROOT,
        )
        pids = {name: child.pid for name, child in self.children.items()}
        (self.home / "processes.json").write_text(json.dumps(pids))

    def _wait_for_all(self) -> None:
        def ready() -> bool:
            self.refuse_dead()
            return answers(f"{self.address}/readyz")

        if not processes.wait_until(ready, seconds=60, every=0.1):
            raise Stop(f"The site does not become ready; the logs in {self.home} tell why.")

    def refuse_dead(self) -> None:
        for name, child in self.children.items():
            if child.poll() is not None:
                log = self.home / f"{name}.log"
                last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["no words"]
                raise Stop(f"{name} stopped by itself ({last[0].strip()}); {log} tells more.")

    def watch(self) -> NoReturn:
        """Until somebody interrupts; a process that dies is said, not hidden."""
        while True:
            time.sleep(1)
            self.refuse_dead()

    def stop(self) -> None:
        """The application first, then what it leans on."""
        for child in self.children.values():
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGTERM)
        for child in self.children.values():
            processes.end(child.pid, seconds=15, group=True)
        self.children.clear()
        self.servers.stop()
        (self.home / "processes.json").unlink(missing_ok=True)


def reset(home: Path) -> int:
    """Begin anew, after asking: the only way in which demo data are ever deleted."""
    with only_one(home):
        try:
            answer = input(f"Delete the demo and everything you did in it ({home})? [y/N] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in {"y", "yes", "j", "ja"}:
            print("Nothing deleted.")
            return 1
        end_leftovers(home)
        servers = Servers(home)
        stray = servers.postgres.postmaster()
        if stray is not None:
            processes.end(stray[0], how=signal.SIGINT, seconds=30)
        for path in home.iterdir():
            if path.name == "demo.lock":
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    print("The demo begins anew at the next 'make demo'.")
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted


def run(home: Path) -> int:
    # Also where Ctrl-C arrives ignored, as in a shell that put us in the background.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    if os.environ.get("MAKELEVEL"):
        processes.die_with_parent()
    with only_one(home) as lock:
        print(f"Weerthuis demo (data in {home})", flush=True)
        end_leftovers(home)
        demo = Demo(home, choose_port())
        try:
            demo.start()
            lock.write(demo.address)
            lock.flush()
            print(f"\n  {demo.address}\n\n  Ctrl-C stops everything.", flush=True)
            demo.watch()
        except (KeyboardInterrupt, Interrupted):
            print("\n  stopping", flush=True)
        finally:
            # A second Ctrl-C while stopping must not leave anything behind.
            for way in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(way, signal.SIG_IGN)
            demo.stop()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reset", action="store_true", help="begin anew, after asking")
    parser.add_argument("--home", type=Path, help="another data directory than the usual one")
    arguments = parser.parse_args()
    try:
        refuse_outside_database()
        home = arguments.home or choose_home("demo")
        home.mkdir(parents=True, exist_ok=True)
        return reset(home) if arguments.reset else run(home)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, Interrupted):
        return 1


if __name__ == "__main__":
    sys.exit(main())
