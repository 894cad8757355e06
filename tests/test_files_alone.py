"""Both cores run on files, on a machine with no database, no broker and no secrets."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.housing.matching.instances import tiny

ROOT = Path(__file__).resolve().parent.parent
BARE = {"PATH": os.environ["PATH"], "READ_DOT_ENV": "off", "HOME": "/nonexistent"}


def manage(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env=BARE,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_match_needs_nothing_but_its_file(tmp_path):
    instance, out = tmp_path / "instance.json", tmp_path / "result.json"
    instance.write_text(json.dumps(tiny(3)))
    done = manage("match", "--instance", instance, "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(out.read_text())["schema"] == "weerthuis/match-result/1"


def test_an_estimate_needs_nothing_but_its_file(tmp_path):
    spells, out = tmp_path / "spells.csv", tmp_path / "estimate.json"
    spells.write_text(
        "client,region,provider,facility_type,municipality,phase,from,to,next\n"
        "c1,r,p,BW,m,intake,2025-01-01,2025-06-01,ready\n"
        "c1,r,p,BW,m,ready,2025-06-01,2025-09-01,housed\n"
        "c1,r,p,BW,m,housed,2025-09-01,,\n"
        "c2,r,p,BW,m,intake,2026-01-01,,\n"
    )
    done = manage(
        "estimate", "--spells", spells, "--as-of", "2026-10-01", "--quarters", 2,
        "--draws", 10, "--seed", 1, "--out", out,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(out.read_text())["schema"] == "weerthuis/outflow-estimate/1"


def test_a_wrong_file_ends_with_one_sentence_and_code_two(tmp_path):
    broken = tmp_path / "instance.json"
    broken.write_text('{"schema": "something else"}')
    done = manage("match", "--instance", broken, "--out", tmp_path / "out.json")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_everything_else_still_refuses_without_secrets():
    done = manage("check")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
