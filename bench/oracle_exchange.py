"""Asks the oracles of bench/oracles, which live in an environment of their own.

The environment is made on first use from its own hashed lock, below var/bench, and made again
when the lock changed. Nothing of it is ever imported here: tables go there and back as CSV.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tools.processes import Stop
from tools.servers import ROOT

LOCK = ROOT / "bench" / "oracles" / "requirements.lock"
SCRIPT = ROOT / "bench" / "oracles" / "run.py"
PLACE = ROOT / "var" / "bench" / "oracles"
SECONDS_TO_MAKE = 900
SECONDS_TO_ANSWER = 1800


def python() -> Path:
    """Return the oracles' Python; the environment is made or renewed when it has to be."""
    PLACE.mkdir(parents=True, exist_ok=True)
    command, mark = PLACE / "venv" / "bin" / "python", PLACE / "made-from"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    with _alone(PLACE / "making.lock"):
        if not (command.exists() and mark.exists() and mark.read_text() == wanted):
            mark.unlink(missing_ok=True)
            _make(command)
            mark.write_text(wanted)
    return command


def ask(question: str, table: pd.DataFrame, **options: object) -> pd.DataFrame:
    """Return the answer to one of the questions of bench/oracles/run.py."""
    command = python()
    with tempfile.TemporaryDirectory(dir=PLACE) as scratch:
        given, answer, settings = (Path(scratch, name) for name in ("in.csv", "out.csv", "o.json"))
        table.to_csv(given, index=False)
        settings.write_text(json.dumps(options))
        _run([command, SCRIPT, question, given, answer, settings], SECONDS_TO_ANSWER)
        return pd.read_csv(answer, dtype={"series": str, "draws": str})


def versions() -> dict[str, str]:
    """Return the version of every oracle."""
    told = ask("versions", pd.DataFrame({"nothing": [0]}))
    return dict(zip(told["package"], told["version"], strict=True))


def autoets(frame: pd.DataFrame, horizon: int = 4) -> dict[str, NDArray[np.int64]]:
    """Return AutoETS's forecast of every series as equally likely numbers (100, horizon).

    Parameters
    ----------
    frame
        ``series`` (a name; one for each place, measure and origin), ``quarter`` (anything that
        sorts: only the order counts) and ``value``. Every series ends where its forecast begins.
    horizon
        Quarters ahead.

    The numbers are the quantiles 0.005, 0.015, ... 0.995. They are rounded and never negative:
    people come whole, and both make its score better, so that the rival is not held back. For
    quarters on their own only: they are no paths, and a sum over quarters cannot be read off.
    """
    table = frame[["series", "quarter", "value"]].astype({"series": str})
    turn = table.groupby("series")["quarter"].rank(method="first").astype(int)
    told = ask("autoets", table.assign(turn=turn)[["series", "turn", "value"]], horizon=horizon)
    points = [name for name in told.columns if name.startswith("q")]
    return {
        str(name): np.maximum(np.rint(rows.sort_values("ahead")[points].to_numpy()), 0)
        .T.astype(np.int64)
        .copy()
        for name, rows in told.groupby("series", sort=False)
    }


def _make(command: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    print(f"making the oracles' environment in {command.parent.parent}", flush=True)
    _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, command.parent.parent])
    _run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", command, LOCK])


def _run(argv: list[str | Path], seconds: int = SECONDS_TO_MAKE) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    }
    try:
        done = subprocess.run(
            argv,
            cwd=PLACE,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as trouble:
        raise Stop(f"The oracles do not answer: {trouble}") from trouble
    if done.returncode != 0:
        words = (done.stdout + done.stderr).strip().splitlines()
        raise Stop(f"The oracles do not answer: {words[-1] if words else 'no reason given'}")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
