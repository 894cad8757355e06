"""`make bench`: how fast it is, on servers of its own in var/bench.

python -m bench [load|cores|matcher|start|import|first|oracles|accuracy|all] [--short]

Exit code 1 when a goal of docs/benchmarks.md is missed.
"""

import argparse
import os
import platform
import sys
from datetime import datetime

from bench import accuracy, cores, first, lists, load, matcher, start
from tests.housing.matching import oracle_cases as integer_programs
from tests.outflow.estimation import oracle_cases
from tools.processes import Stop


def oracles(*, short: bool) -> bool:
    """Every oracle, also where an earlier one says something else than before."""
    return all([oracle_cases.run(short=short), integer_programs.run(short=short)])


PARTS = {
    "load": load.run,
    "cores": cores.run,
    "matcher": matcher.run,
    "start": start.run,
    "import": lists.run,
    "first": first.run,
    "oracles": oracles,
    "accuracy": accuracy.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=[*PARTS, "all"])
    parser.add_argument(
        "--short",
        action="store_true",
        help="small data and little time: shows that the bench works, says nothing about speed",
    )
    given = parser.parse_args()
    wanted = list(PARTS) if given.part == "all" else [given.part]
    print(
        f"{datetime.now():%Y-%m-%d %H:%M}, {os.cpu_count()} cores, {platform.machine()},"
        f" Python {platform.python_version()}, load average {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    try:
        missed = [name for name in wanted if not PARTS[name](short=given.short)]
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    if missed:
        print(f"\nMissed: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
