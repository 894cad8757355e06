"""Make everything that `make demo` and `make test` need, from any Python that happens to be there.

This file runs before there is an environment, so it uses the standard library only and keeps to
what Python 3.8 understands. It finds Python >= 3.12, makes .venv from the hashed lock, fetches the
static files and compiles the catalogues; each step is skipped when nothing changed.
"""

import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
LOCK = os.path.join(ROOT, "requirements-dev.lock")
MARK = os.path.join(VENV, "made-from")
OLDEST = (3, 12)
UV_PYTHON_SECONDS = 120


def say(sentence):
    print("  " + sentence, flush=True)


def give_up(sentence):
    sys.exit(sentence)


def runs(argv, seconds=30, **more):
    """Output of a command, or None when it is missing, fails or hangs."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            **more,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode() if done.returncode == 0 else None


def is_recent_enough(python):
    """A candidate counts only if it really runs: a pyenv shim exists and still fails."""
    answer = runs([python, "-c", "import sys, venv; print('%d %d' % sys.version_info[:2])"])
    return answer is not None and tuple(map(int, answer.split())) >= OLDEST


def newest_first(paths):
    return sorted(paths, key=lambda path: [int(n) for n in re.findall(r"\d+", path)], reverse=True)


def find_python(uv):
    """A Python that Django accepts, or one clear sentence."""
    versions = os.path.expanduser("~/.pyenv/versions/3.1[2-9]*/bin/python")
    candidates = ["python3.14", "python3.13", "python3.12", "python3", "python", sys.executable]
    for candidate in candidates + newest_first(glob.glob(versions)):
        found = candidate if os.path.isabs(candidate) else shutil.which(candidate)
        if found and is_recent_enough(found):
            return found
    if uv:
        say("no Python %d.%d or newer here; asking uv for one" % OLDEST)
        runs([uv, "python", "install", "3.12"], seconds=UV_PYTHON_SECONDS)
        found = runs([uv, "python", "find", ">=3.12"])
        if found and is_recent_enough(found.strip()):
            return found.strip()
    give_up(
        "Weerthuis needs Python %d.%d or newer and none was found: install it (for example from "
        "python.org, or with your system's package manager) and run this again." % OLDEST
    )


def find_uv():
    """An uv that runs, from PATH."""
    found = shutil.which("uv")
    return found if found and runs([found, "--version"]) is not None else None


def lock_mark():
    with open(LOCK, "rb") as lock:
        return hashlib.sha256(lock.read()).hexdigest()


def locked_block(name):
    """The lines of the lock that pin one package with its hashes."""
    with open(LOCK, encoding="utf-8") as lock:
        text = lock.read()
    block = re.search(r"^%s==.*(?:\n .*)*" % re.escape(name), text, re.MULTILINE)
    return block.group(0) if block else ""


def uv_from_lock(python):
    """uv itself, in a place of its own, with the hashes of the lock; None when it cannot be had."""
    place = os.path.join(ROOT, "var", "uv")
    command = os.path.join(place, "bin", "uv")
    if runs([command, "--version"]) is not None:
        return command
    shutil.rmtree(place, ignore_errors=True)
    if runs([python, "-m", "venv", place], seconds=120) is None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        wanted = os.path.join(scratch, "uv.txt")
        with open(wanted, "w", encoding="utf-8") as file:
            file.write(locked_block("uv") + "\n")
        pip = [os.path.join(place, "bin", "python"), "-m", "pip", "install", "--quiet"]
        if runs(pip + ["--require-hashes", "-r", wanted], seconds=300) is None:
            return None
    return command if runs([command, "--version"]) is not None else None


def last_words(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason given"


def make_environment():
    """.venv exactly as the lock says; made again when the lock changed."""
    if os.path.exists(MARK) and is_recent_enough(PYTHON):
        with open(MARK, encoding="utf-8") as mark:
            if mark.read() == lock_mark():
                return
    uv = find_uv()
    # An environment that works is brought up to the lock in place: something may be using it.
    fresh = not is_recent_enough(PYTHON)
    python = find_python(uv) if fresh else PYTHON
    uv = uv or uv_from_lock(python)
    say("making .venv with %s" % python if fresh else "bringing .venv up to the lock")
    begun = time.time()
    commands = []
    if uv:
        sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, LOCK]
        new = [uv, "venv", "--quiet", "--clear", "--python", python, VENV]
        commands.append([new, sync] if fresh else [sync])
    if fresh or not uv:
        install = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCK]
        new = [python, "-m", "venv", "--clear", VENV]
        commands.append([new, install] if fresh else [install])
    reason = ""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    for attempt in commands:
        for argv in attempt:
            done = subprocess.run(
                argv,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            if done.returncode != 0:
                reason = last_words(done.stdout.decode(errors="replace"))
                break
        else:
            break
    else:
        give_up("The environment could not be made: %s" % reason)
    with open(MARK, "w", encoding="utf-8") as mark:
        mark.write(lock_mark())
    say("environment made in %d seconds" % (time.time() - begun))


def in_environment(module, *arguments):
    done = subprocess.run([PYTHON, "-m", module] + list(arguments), cwd=ROOT)
    if done.returncode != 0:
        sys.exit(done.returncode)


def main():
    if os.name != "posix":
        give_up("Weerthuis starts on Linux and macOS; on Windows use WSL.")
    os.makedirs(os.path.join(ROOT, "var"), exist_ok=True)
    make_environment()
    in_environment("tools.static")
    in_environment("tools.catalogues", "compile")


if __name__ == "__main__":
    main()
