"""The nation for the estimator: invented once, kept in var/bench, measured in a process of its own.

Called by bench.cores: python -m bench.nation fit|estimate|region FILE [PROCESSES]; prints JSON.
"""

import hashlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from outflow.estimation import estimate
from outflow.estimation.exposure import exposures
from outflow.estimation.files import read_csv
from outflow.estimation.hazards import expected_rates
from outflow.estimation.histories import follow
from outflow.estimation.model import default_register_start, fit
from outflow.estimation.quarters import day_number
from outflow.estimation.tables import read_spells
from tests.outflow.estimation import truths
from tools.processes import Stop
from tools.servers import ROOT

AS_OF = date(2026, 1, 1)
QUARTERS, DRAWS = 20, 200
NATION = truths.Truth(
    regions=40,
    arrivals_per_quarter=30,
    homes_per_quarter=12,
    years=10,
    years_before=6,
    years_after=0,
    own_exits_per_year=0.14,
    as_of=AS_OF,
    municipalities=(*(f"Municipality {number}" for number in range(1, 9)), ""),
    providers=4,
    provider_pace=0.1,
    region_pace=0.1,
)
SMALL_NATION = 4
SEED = 1
TIMES = 7
SAMPLE_SECONDS = 0.1


def made(*, short: bool) -> Path:
    """Return the file of the nation's spells, made when it is not there yet."""
    truth = replace(NATION, regions=SMALL_NATION) if short else NATION
    source = Path(truths.__file__).read_bytes()
    digest = hashlib.sha256(source + repr((truth, SEED)).encode()).hexdigest()[:12]
    path = ROOT / "var" / "bench" / f"nation-{truth.regions}-{digest}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        begun = time.perf_counter()
        for stale in path.parent.glob(f"nation-{truth.regions}-*"):
            stale.unlink()
        unfinished = path.with_suffix(".part")
        truths.World(truth, SEED).spells().to_csv(unfinished, index=False)
        unfinished.replace(path)
        print(f"  made {path.name} in {time.perf_counter() - begun:.0f} s", flush=True)
    return path


def fitting(path: Path) -> dict[str, Any]:
    """Seconds of each step from table to model, and of a pandas groupby of the same spells."""
    spells = read_csv(path)
    today = day_number(AS_OF)
    read = read_spells(spells)
    known = follow(read, as_of=today)
    since = default_register_start(known)
    keys = ["region", "facility_type", "phase", "next"]

    def with_days() -> pd.DataFrame:
        begin = pd.to_datetime(spells["from"])
        end = pd.to_datetime(spells["to"].replace("", AS_OF.isoformat()))
        return spells[keys].assign(days=(end - begin).dt.days)

    whole = with_days()

    def grouped(table: pd.DataFrame) -> object:
        return table.groupby(keys)["days"].agg(["size", "sum"])

    def counted() -> object:
        found = exposures(known, register_start=since)
        return [expected_rates(each, max(len(known.kinds), 1)) for each in found]

    steps: dict[str, Callable[[], object]] = {
        "groupby": lambda: grouped(whole),
        "dates and groupby": lambda: grouped(with_days()),
        "read": lambda: read_spells(spells),
        "follow": lambda: follow(read, as_of=today),
        "count and shrink": counted,
        "fit": lambda: fit(known, register_start=since),
    }
    # In turns, so that what else the machine does weighs on all of them.
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _number in range(TIMES):
        for name, step in steps.items():
            begun = time.process_time()
            step()
            seconds[name].append(time.process_time() - begun)
    return {
        "spells": len(spells),
        "clients": len(known.keys),
        "open": int((spells["to"] == "").sum()),
        "in care": int(((spells["to"] == "") & (spells["phase"] != "housed")).sum()),
        "seconds": {name: statistics.median(found) for name, found in seconds.items()},
    }


def estimating(path: Path, processes: int) -> dict[str, Any]:
    """Seconds of an estimate of the whole nation, stage by stage."""
    begun = time.perf_counter()
    stages: dict[str, float] = {}

    def tell(stage: str, _done: int, _total: int) -> None:
        stages.setdefault(stage, time.perf_counter() - begun)

    found = estimate(
        read_csv(path),
        None,
        as_of=AS_OF,
        quarters=QUARTERS,
        draws=DRAWS,
        seed=SEED,
        processes=processes,
        progress=tell,
    )
    whole = time.perf_counter() - begun
    ends = [*list(stages.values())[1:], whole]
    spent = os.times()
    return {
        "rows": len(found["series"]),
        "seconds": whole,
        "cpu": spent.user + spent.system + spent.children_user + spent.children_system,
        "stages": {name: end - at for (name, at), end in zip(stages.items(), ends, strict=True)},
    }


def one_region(path: Path) -> dict[str, Any]:
    """Seconds until the largest region has its first figures, from its table."""
    spells = read_csv(path)
    largest = spells["region"].value_counts().index[0]
    ours = spells[spells["region"] == largest].reset_index(drop=True)
    seconds = []
    for _number in range(3):
        begun = time.perf_counter()
        estimate(
            ours,
            None,
            as_of=AS_OF,
            quarters=QUARTERS,
            draws=DRAWS,
            seed=SEED,
            backtested=False,
        )
        seconds.append(time.perf_counter() - begun)
    return {"spells": len(ours), "seconds": statistics.median(seconds), "first": seconds[0]}


def measured(part: str, path: Path, *more: str) -> dict[str, Any]:
    """Run a part in a process of its own; ``megabytes`` is the peak of it and its children.

    Memory that processes share counts once (proportional set size).
    """
    command = [sys.executable, "-m", "bench.nation", part, str(path), *more]
    worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    peak = 0.0
    while worker.poll() is None:
        peak = max(peak, sum(_megabytes(each) for each in _family(worker.pid)))
        time.sleep(SAMPLE_SECONDS)
    told = worker.stdout.read() if worker.stdout else ""
    if worker.returncode:
        raise Stop(f"bench.nation {part} ended with {worker.returncode}.")
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found | {"megabytes": peak}


def _family(process: int) -> Iterator[int]:
    """Yield a process and all its children."""
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in _text(children).split():
            yield from _family(int(child))


def _megabytes(process: int) -> float:
    for line in _text(Path(f"/proc/{process}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _text(path: Path) -> str:
    """What the kernel tells; nothing of a process that ended just now."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""


def main() -> None:
    part, path, *more = sys.argv[1:]
    if part == "fit":
        found = fitting(Path(path))
    elif part == "estimate":
        found = estimating(Path(path), int(more[0]))
    else:
        found = one_region(Path(path))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
