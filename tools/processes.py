"""Starting, watching and stopping child processes so that none outlives its launcher unseen."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Stop(Exception):
    """A launcher cannot go on; the message is one sentence for the person at the keyboard."""


def die_with_parent(how: int = signal.SIGTERM) -> None:
    """Ask the kernel for a signal when the parent dies; a no-op where the kernel cannot."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)


def _before_exec(how: int, parent: int) -> Callable[[], None]:
    def prepare() -> None:
        die_with_parent(how)
        if os.getppid() != parent:  # the launcher died between fork and prctl
            os._exit(1)

    return prepare


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    bound_to_parent: bool = True,
    death_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own, so that Ctrl-C reaches only the launcher."""
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_before_exec(death_signal, os.getpid()) if bound_to_parent else None,
            **identity(user),
        )


class Identity(TypedDict, total=False):
    """What subprocess takes to become another user."""

    user: str
    group: int
    extra_groups: list[str | int]


def identity(user: str | None) -> Identity:
    """Keyword arguments that make subprocess run as another user."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def is_alive(pid: int) -> bool:
    """Whether a process with this id runs; one that ended and waits to be reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self").exists()


def command_of(pid: int) -> str:
    """The command line of a process, empty when there is none."""
    answer = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()


def wait_until(ready: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Poll until ready or until the time is over; tells which."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        time.sleep(every)
    return ready()


def end(pid: int, *, how: int = signal.SIGTERM, seconds: float = 10, group: bool = False) -> None:
    """Stop a process (or its whole group): politely first, by force when it does not listen."""
    send = os.killpg if group else os.kill
    for attempt in (how, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            send(pid, attempt)
        if wait_until(lambda: _gone(pid), seconds=seconds):
            return


def _gone(pid: int) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return not is_alive(pid)


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Whether somebody could listen on this loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def server_user() -> str | None:
    """Who runs the servers: nobody when we are root, for PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam("nobody")
    except KeyError:
        raise Stop(
            "PostgreSQL refuses to run as root and this machine has no user 'nobody': "
            "run this as an ordinary user."
        ) from None
    return "nobody"


def can_enter(directory: Path, user: str | None) -> bool:
    """Whether the user reaches this directory; tried, not computed."""
    if user is None:
        return True
    test = shutil.which("test") or "/bin/test"
    return (
        subprocess.run([test, "-x", str(directory)], check=False, **identity(user)).returncode == 0
    )


def give(path: Path, user: str | None) -> None:
    """Hand a path to the user who runs the servers."""
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
