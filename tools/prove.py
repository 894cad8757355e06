"""`make prove`: the tests of `make test` at full size, one part after the other.

A part is one test file and takes at most an hour. Its result is kept, so that a run that was
stopped goes on where it was; a part is done again when the commit differs. docs/proof.md tells
N, result, date and commit of every part.

python -m tools.prove [WORD ...]     only parts whose path holds one of the words
"""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from tools import processes
from tools.processes import Stop
from tools.servers import ROOT
from tools.test import run_pytest

KEPT = ROOT / "var" / "prove"
PAGE = ROOT / "docs" / "proof.md"
SECONDS = 60 * 60
CHANGED = " and changes"


@dataclass(frozen=True)
class Result:
    """What one part showed."""

    part: str
    commit: str
    date: str
    passed: int
    failed: int
    skipped: int
    seconds: int
    sizes: list[str]
    verdict: str


def commit() -> str:
    """The commit that is proven; a changed tree is named so, for it proves nothing lasting."""
    head = _git("rev-parse", "--short=10", "HEAD") or "no commit"
    return f"{head}{CHANGED}" if _git("status", "--porcelain", "--", "*.py", "*.sql") else head


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()


def parts(words: list[str]) -> Iterator[str]:
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not words or any(word in name for word in words):
            yield name


def kept(part: str) -> Result | None:
    path = _file(part)
    return Result(**json.loads(path.read_text())) if path.exists() else None


def _file(part: str) -> Path:
    return KEPT / (part.replace("/", "-") + ".json")


def prove(part: str, at: str) -> Result:
    """Run one part at full size, in a process of its own with a time limit."""
    ledger, report = KEPT / "sizes.jsonl", KEPT / "report.xml"
    for path in (ledger, report):
        path.unlink(missing_ok=True)
    env = {**os.environ, "WEERTHUIS_SCALE": "full", "WEERTHUIS_PROOF": str(ledger)}
    child = subprocess.Popen(
        [sys.executable, "-m", "tools.prove", "--part", part, str(report)], cwd=ROOT, env=env
    )
    try:
        code = child.wait(timeout=SECONDS)
        verdict = "shown" if code == 0 else "NOT SHOWN"
    except subprocess.TimeoutExpired:
        processes.end(child.pid)
        verdict = "NOT SHOWN (an hour was not enough)"
    except KeyboardInterrupt:
        processes.end(child.pid)
        raise
    counts = _counts(report)
    return Result(
        part=part,
        commit=at,
        date=date.today().isoformat(),
        passed=counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"],
        failed=counts["failures"] + counts["errors"],
        skipped=counts["skipped"],
        seconds=counts["seconds"],
        sizes=_sizes(ledger),
        verdict=verdict,
    )


def _counts(report: Path) -> dict[str, int]:
    names = ("tests", "failures", "errors", "skipped")
    if not report.exists():
        return dict.fromkeys((*names, "seconds"), 0)
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 - our own report
    assert suite is not None
    counts = {name: int(suite.get(name, "0")) for name in names}
    return counts | {"seconds": round(float(suite.get("time", "0")))}


def _sizes(ledger: Path) -> list[str]:
    """The N of each place that asked for one, in the order of the file."""
    if not ledger.exists():
        return []
    told = (json.loads(line) for line in ledger.read_text().splitlines())
    largest: dict[tuple[str, int], int] = {}
    for entry in told:
        path, _colon, line = entry["place"].rpartition(":")
        place = (Path(path).name, int(line))
        largest[place] = max(entry["n"], largest.get(place, 0))
    return [f"{name}:{line} {n:,}" for (name, line), n in sorted(largest.items())]


def write_page() -> None:
    results = [Result(**json.loads(path.read_text())) for path in sorted(KEPT.glob("tests-*.json"))]
    lines = [
        "# Proof",
        "",
        "Made by `make prove`: every test of `make test`, at the N that the project promises. A",
        "part is shown only for the commit it names. Where random examples are tried, 0 failures",
        "in N means: with 95% certainty fewer than 3 in N.",
        "",
        "| part | result | passed | failed | skipped | N (file:line N) | seconds | date | commit |",
        "|---|---|---:|---:|---:|---|---:|---|---|",
    ]
    lines += [
        f"| {r.part} | {r.verdict} | {r.passed} | {r.failed} | {r.skipped} "
        f"| {', '.join(r.sizes)} | {r.seconds} | {r.date} | {r.commit} |"
        for r in results
    ]
    PAGE.write_text("\n".join(lines) + "\n")


def main() -> int:
    if sys.argv[1:2] == ["--part"]:
        part, report = sys.argv[2:4]
        processes.die_with_parent()
        return run_pytest([part, f"--junitxml={report}", "-q"])
    KEPT.mkdir(parents=True, exist_ok=True)
    at = commit()
    failed = 0
    for part in parts(sys.argv[1:]):
        known = kept(part)
        # A changed tree has no name of its own: what was shown for one says nothing of the next.
        same = known is not None and known.commit == at and not at.endswith(CHANGED)
        if same and known is not None and known.verdict == "shown":
            print(f"{part}: shown before at this commit")
            continue
        print(f"{part}: proving", flush=True)
        result = prove(part, at)
        _file(part).write_text(json.dumps(asdict(result)))
        write_page()
        print(f"{part}: {result.verdict}, {result.passed} passed, {result.failed} failed")
        failed += result.verdict != "shown"
    write_page()
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Stop as stop:
        sys.exit(str(stop))
    except KeyboardInterrupt:
        sys.exit("stopped; 'make prove' goes on where it was")
