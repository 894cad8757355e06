"""The matcher on files: 0 and a result, or 2 and one sentence, never a traceback."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from housing.matching import check, check_advice, run_file
from tests.housing.matching.instances import region

NAN = float("nan")
ROOT = Path(__file__).parents[3]


def run(path, out):
    errors = io.StringIO()
    code = run_file(str(path), str(out), errors=errors)
    return code, errors.getvalue()


def test_a_valid_file_gives_a_result_file(tmp_path):
    given = region(20, 8)
    (tmp_path / "in.json").write_text(json.dumps(given), encoding="utf-8")
    assert run(tmp_path / "in.json", tmp_path / "out.json") == (0, "")
    check(given, json.loads((tmp_path / "out.json").read_text(encoding="utf-8")))


def test_the_advice_is_written_beside_the_result_when_asked_for(tmp_path):
    given = region(8, 4)
    source, out, beside = (str(tmp_path / name) for name in ("in.json", "out.json", "advice.json"))
    Path(source).write_text(json.dumps(given), encoding="utf-8")
    assert run_file(source, out, advice_path=beside) == 0
    result, advice = (json.loads(Path(path).read_text()) for path in (out, beside))
    check_advice(given, result, advice, solve_again=False)
    assert run_file(source, out, advice_path=str(tmp_path / "nowhere" / "a"), errors=io.StringIO())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"[1, 2]", "not an object"),
        (b"\xff\xfe", "not encoded in UTF-8"),
        (b'{"schema": 1, "schema": 2}', "key schema twice"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a number that is too long"),
        (json.dumps(region(2, 1) | {"as_of": "today"}).encode(), "must be a date"),
        (b'{"schema": NaN}', "lacks the key"),
        (json.dumps(region(2, 1) | {"options": {"vacancy_days": NAN}}).encode(), "not a finite"),
    ],
)
def test_an_invalid_file_gives_one_sentence(tmp_path, content, sentence):
    (tmp_path / "in.json").write_bytes(content)
    code, said = run(tmp_path / "in.json", tmp_path / "out.json")
    assert code == 2
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out.json").exists()


def test_a_missing_file_and_a_place_that_cannot_be_written_are_told(tmp_path):
    code, said = run(tmp_path / "absent.json", tmp_path / "out.json")
    assert code == 2
    assert "cannot be read" in said
    (tmp_path / "in.json").write_text(json.dumps(region(2, 1)), encoding="utf-8")
    code, said = run(tmp_path / "in.json", tmp_path / "nowhere" / "out.json")
    assert code == 2
    assert "cannot be written" in said


def test_the_command_needs_no_database(tmp_path):
    (tmp_path / "in.json").write_text(json.dumps(region(6, 3)), encoding="utf-8")
    environment = os.environ | {"DATABASE_URL": "postgres://nobody:none@127.0.0.1:9/none"}

    def command(source):
        return subprocess.run(
            [sys.executable, "manage.py", "match", "--instance", source, "--out", tmp_path / "out"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    done = command(tmp_path / "in.json")
    assert (done.returncode, done.stderr) == (0, "")
    refused = command(tmp_path / "absent")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
