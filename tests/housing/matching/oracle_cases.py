"""The regions that scipy's integer programs were asked for, and how the answers are stored.

python -m tests.housing.matching.oracle_cases          asks again and stores the answers
python -m tests.housing.matching.oracle_cases check    asks again and compares

The pairs and rows are made of the JSON by the slow rules of oracle.py, so nothing here shares
code with the matcher. scipy lives in the environment of bench/oracles; `make test` needs only the
numbers stored in oracles/levels.csv.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from bench import oracle_exchange
from tests.housing.matching import oracle
from tests.housing.matching.instances import region

STORED = Path(__file__).parent / "oracles" / "levels.csv"
COMMAND = "python -m tests.housing.matching.oracle_cases"
CLIENTS, DWELLINGS = 200, 80
SEEDS = (6, 1, 8, 4, 7, 5)
ABOVE_SOFT = -40


def asked(given: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return every eligible pair with what it uses, and what there is of it."""
    places = {n["ref"]: n for n in given["neighbourhoods"]}
    soft = [ref for ref, n in places.items() if n["soft_placements"] is not None]
    rows: list[tuple[tuple[Any, ...], int]] = [
        *(
            (("quota", q["corporation"], q["municipality"], q["target_group"]), q["remaining"])
            for q in given["quotas"]
        ),
        *(
            (("place", ref), n["max_placements"])
            for ref, n in places.items()
            if n["max_placements"] is not None
        ),
        *((("support", s["neighbourhood"], s["kind"]), s["free_places"]) for s in given["support"]),
        *(
            (("guidance", g["provider"], g["municipality"]), round(2 * g["free_hours"]))
            for g in given["guidance"]
        ),
    ]
    number = {key: position for position, (key, _) in enumerate(rows)}
    pairs = []
    for c, person in enumerate(given["clients"]):
        for d, home in enumerate(given["dwellings"]):
            if oracle.failed(person, home, given):
                continue
            town, place = home["municipality"], home["neighbourhood"]
            uses = [
                (("quota", home["corporation"], town, person["target_group"]), 1),
                (("quota", home["corporation"], town, None), 1),
                (("place", place), 1),
                *((("support", place, kind), 1) for kind in person["support"]),
                (("guidance", person["provider"], town), round(2 * person["guidance_hours"])),
            ]
            alone = given | {"neighbourhoods": []}
            pairs.append(
                {
                    "client": c,
                    "dwelling": d,
                    "priority": oracle.priority(person, given),
                    "points": oracle.fit([(person, home)], alone),
                    "place": soft.index(place) if place in soft else -1,
                    "uses": " ".join(
                        f"{number[key]}:{load}" for key, load in uses if load and key in number
                    ),
                }
            )
    return pd.DataFrame(pairs), {
        "limits": [size for _, size in rows],
        "soft": [places[ref]["soft_placements"] for ref in soft],
        "above_soft": ABOVE_SOFT,
    }


def digest(given: dict[str, Any]) -> str:
    """Return a short digest of a region: an answer for another one is noticed."""
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]


def stored() -> pd.DataFrame:
    return pd.read_csv(STORED, comment="#").set_index("seed")


def answers() -> pd.DataFrame:
    found = []
    for seed in SEEDS:
        given = region(CLIENTS, DWELLINGS, seed=seed)
        table, options = asked(given)
        told = oracle_exchange.ask("levels", table, **options)
        found.append(told.assign(seed=seed, input=digest(given)))
        print(f"  region {seed}: {told.iloc[0].to_dict()}", flush=True)
    return pd.concat(found, ignore_index=True)


def run(*, short: bool = False) -> bool:
    """Compare what scipy says now with what is stored (`make bench ARGS=oracles`)."""
    now, before = answers().set_index("seed"), stored()
    same = now.loc[before.index, before.columns].equals(before)
    print(f"  integer programs of scipy: {'as stored' if same else 'other answers than stored'}")
    return same


def main() -> int:
    if sys.argv[1:] == ["check"]:
        return 0 if run() else 1
    versions = oracle_exchange.versions()
    lines = [f"# made by: {COMMAND}", f"# oracle: scipy.optimize.milp, scipy {versions['scipy']}"]
    text = answers().to_csv(index=False)
    STORED.write_text("\n".join([*lines, text]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
