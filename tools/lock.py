"""The locks: hashed, for every platform, without a header and without addresses.

python -m tools.lock          makes requirements.lock (run time), requirements-dev.lock (all) and
                              the lock of the oracles, which have an environment of their own
python -m tools.lock check    tells whether they are in step with what was asked for
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "pyproject.toml"
RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
ORACLES = ROOT / "bench" / "oracles" / "requirements.lock"
ASKED_OF_ORACLES = ROOT / "bench" / "oracles" / "requirements.in"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)


def wishes() -> tuple[list[str], list[str]]:
    """Run-time and development dependencies as pyproject.toml states them."""
    project = tomllib.loads(PROJECT.read_text())
    return project["project"]["dependencies"], project["dependency-groups"]["dev"]


def oracle_wishes() -> list[str]:
    """What the environment of the oracles asks for."""
    lines = (line.partition("#")[0].strip() for line in ASKED_OF_ORACLES.read_text().splitlines())
    return [line for line in lines if line]


def mark(lock: Path) -> str:
    """First line of a lock: which wishes it answers."""
    source = ASKED_OF_ORACLES if lock == ORACLES else PROJECT
    asked = oracle_wishes() if lock == ORACLES else wishes()
    told = json.dumps(asked) + tomllib.loads(PROJECT.read_text())["project"]["requires-python"]
    return f"# answers {source.name} {hashlib.sha256(told.encode()).hexdigest()[:16]}"


def make(target: Path, *extra: str) -> None:
    """Resolve again, keeping what is pinned as long as what was asked for allows it."""
    subprocess.run(
        [
            Path(sys.executable).parent / "uv",
            "pip",
            "compile",
            ASKED_OF_ORACLES if target == ORACLES else PROJECT,
            "--quiet",
            "--generate-hashes",
            "--universal",
            "--python-version=3.12",
            "--no-header",
            "--no-emit-index-url",
            "--no-emit-find-links",
            *extra,
            f"--output-file={target}",
        ],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    lines = [line for line in target.read_text().splitlines() if not line.startswith("# answers")]
    target.write_text("\n".join([mark(target), *lines]) + "\n")


def pins(lock: Path) -> dict[str, set[str]]:
    """Name to versions; a universal lock may hold one per kind of machine."""
    found: dict[str, set[str]] = {}
    for pin in _PIN.finditer(lock.read_text()):
        found.setdefault(canonicalize_name(pin["name"]), set()).add(pin["version"])
    return found


def faults() -> Iterator[str]:
    """What is out of step, one sentence each."""
    runtime, development = wishes()
    for lock, wanted in (
        (RUNTIME, runtime),
        (DEVELOPMENT, runtime + development),
        (ORACLES, oracle_wishes()),
    ):
        name = f"{lock.parent.name}/{lock.name}" if lock == ORACLES else lock.name
        if not lock.exists():
            yield f"{name} is missing: run 'make lock'."
            continue
        text = lock.read_text()
        if text.splitlines()[0] != mark(lock):
            source = ASKED_OF_ORACLES if lock == ORACLES else PROJECT
            yield f"{name} answers another {source.name}: run 'make lock'."
        if re.search(r"https?://", text):
            yield f"{name} holds an address."
        found = pins(lock)
        for wish in map(Requirement, wanted):
            versions = found.get(canonicalize_name(wish.name), set())
            if not versions:
                yield f"{name} lacks {wish.name}: run 'make lock'."
            for version in versions:
                if Version(version) not in wish.specifier:
                    yield f"{name} has {wish.name} {version}, wanted is {wish.specifier}."
        for block in re.split(r"\n(?=\S)", text)[1:]:
            if _PIN.match(block) and "--hash=sha256:" not in block:
                yield f"{name} has no hash for {block.split()[0]}."
    if RUNTIME.exists() and DEVELOPMENT.exists():
        everything = pins(DEVELOPMENT)
        for package, versions in pins(RUNTIME).items():
            if everything.get(package) != versions:
                yield f"the two locks differ on {package}: run 'make lock'."


def main() -> int:
    if sys.argv[1:] != ["check"]:
        make(DEVELOPMENT, "--group=dev")
        # The run-time lock takes the versions that development already has.
        make(RUNTIME, f"--constraint={DEVELOPMENT.name}")
        make(ORACLES)
    found = list(faults())
    print("\n".join(found) or "locks: in step with what was asked for")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
