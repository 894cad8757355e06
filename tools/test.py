"""`make test`: all tests against servers of their own with a throw-away data directory."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tools import processes
from tools.processes import Stop
from tools.servers import ROOT, Servers

PREFIX = "weerthuis-test-"


def throw_away_home() -> Path:
    """A fresh directory that the servers' user can enter; the name tells who made it."""
    user = processes.server_user()
    for place in (Path(tempfile.gettempdir()), Path("/var/tmp")):  # noqa: S108 - fresh name
        if place.is_dir() and processes.can_enter(place, user):
            clear_stale(place)
            home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
            home.chmod(0o711 if user else 0o700)
            return home
    raise Stop("The servers' user can enter neither the temporary directory nor /var/tmp.")


def clear_stale(place: Path) -> None:
    """Remove what test runs that were killed left behind; their servers died with them."""
    for left in place.glob(f"{PREFIX}*-*"):
        maker = left.name.removeprefix(PREFIX).partition("-")[0]
        mine = left.stat().st_uid == os.geteuid()
        if mine and maker.isdecimal() and not processes.is_alive(int(maker)):
            shutil.rmtree(left, ignore_errors=True)


def in_parallel(arguments: list[str]) -> list[str]:
    """As many workers as cores, unless the caller says otherwise."""
    chosen = any(
        argument.startswith(("-n", "--numprocesses", "--collect-only", "--co", "--pdb"))
        for argument in arguments
    )
    return [] if chosen else ["-n", str(min(os.cpu_count() or 2, 4)), "--dist", "loadgroup"]


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _small() -> dict[str, str]:
    """What a test run computes less of, unless it is a proof or somebody said how much."""
    proving = os.environ.get("WEERTHUIS_SCALE") == "full"
    return {} if proving else {"ESTIMATE_DRAWS": "40"}


def run_pytest(arguments: list[str], env: dict[str, str] | None = None) -> int:
    """Start the servers, run pytest with their addresses, stop and remove everything."""
    home = throw_away_home()
    servers = Servers(home, throw_away=True)
    try:
        servers.start()
        return subprocess.run(
            [sys.executable, "-m", "pytest", *in_parallel(arguments), *arguments],
            cwd=ROOT,
            env={
                **_small(),
                **os.environ,
                **servers.environment(),
                **servers.superuser_environment(),
                "MEDIA_ROOT": str(home / "media"),
                **(env or {}),
            },
            check=False,
        ).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        servers.stop()
        shutil.rmtree(home, ignore_errors=True)


def main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    if os.environ.get("MAKELEVEL"):
        processes.die_with_parent()
    try:
        return run_pytest(sys.argv[1:])
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
