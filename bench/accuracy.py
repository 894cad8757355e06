"""How good the estimate is, on invented worlds whose future is known.

For every truth the estimate is made on earlier days with what the lists showed then, and held
against what really came, beside forecasts that need no model: last year's average, the average
of eight quarters with the scatter they had, and AutoETS (bench/oracles).
"""

import os
import time

import numpy as np
import pandas as pd

from bench.oracle_exchange import autoets
from outflow.estimation.scores import crps_of_draws
from tests.outflow.estimation.trials import (
    AHEAD,
    MEASURED,
    SETTINGS,
    Found,
    Setting,
    origins_of,
    trial,
)

ORIGINS = 4
DRAWS = 200
SHORT_DRAWS = 40
COVERAGE = {0.8: 0.04, 0.95: 0.03}
"""How far the share of truths inside a band may lie from what the band says."""

WORLDS_OF_AUTOETS = 3
"""AutoETS takes a fifth of a second a series: it is asked in the first worlds of a truth only, and
compared with the estimate in the same ones."""

SMALL_WORLDS_OF_AUTOETS = 12


FIRST_SEED = 1
"""The estimator was made on the worlds from 1 on; WEERTHUIS_FIRST_SEED=1001 asks unseen ones."""


def run(*, short: bool) -> bool:
    print("\naccuracy: quarters 1 to 4, rolling origins, regions x origins", flush=True)
    print(
        f"  {'truth':<16}{'measure':<14}{'n':>5}  {'in 80 %':>7} {'in 95 %':>7}  {'CRPS':>6}"
        f" {'last y.':>8} {'8 quart.':>8} {'AutoETS':>8}  {'ratio':>6}",
        flush=True,
    )
    reached = [_setting(setting, short=short) for setting in SETTINGS]
    return short or all(reached)


def _setting(setting: Setting, *, short: bool) -> bool:
    """Print a line for every measure; say whether all goals of the truth were reached."""
    begun = time.perf_counter()
    worlds = 1 if short else setting.worlds
    origins = origins_of(setting.truth, 1 if short else ORIGINS)
    found: dict[str, Found] | None = None
    first = int(os.environ.get("WEERTHUIS_FIRST_SEED", FIRST_SEED))
    for seed in range(first, first + worlds):
        found = trial(
            setting.truth,
            seed,
            origins=origins,
            draws=SHORT_DRAWS if short else DRAWS,
            found=found,
        )
    assert found is not None
    alone = setting.truth.regions == 1
    asked = min(worlds, SMALL_WORLDS_OF_AUTOETS if alone else WORLDS_OF_AUTOETS)
    rival = None if short else _autoets(found, asked)
    good = True
    for (name, here), most in zip(found.items(), setting.most, strict=True):
        good &= _line(setting, name, here, most, rival)
    print(f"  {'':<16}{setting.what}; {time.perf_counter() - begun:.0f} s", flush=True)
    return good


def _line(
    setting: Setting,
    name: str,
    here: Found,
    most: float,
    rival: dict[str, tuple[float, float]] | None,
) -> bool:
    """Print how one measure was told; say whether its goals were reached."""
    own, simple = here.score(), here.simple_scores()
    last_year, eight = simple.values()
    ratio = own / min(simple.values())
    scores = [f"{last_year:>8.2f}", f"{eight:>8.2f}"]
    if rival is None:
        scores.append(f"{'-':>8}")
    else:
        theirs, ours = rival[name]
        ratio = max(ratio, ours / theirs)
        scores.append(f"{own * theirs / ours:>8.2f}")
    covered = {width: here.coverage(width) for width in COVERAGE}
    missed = []
    if ratio > most:
        missed.append(f"CRPS at most {most} x")
    if setting.steady:
        missed += [
            f"{width:.0%} +- {slack:.0%}"
            for width, slack in COVERAGE.items()
            if abs(covered[width] - width) > slack
        ]
    print(
        f"  {setting.name:<16}{name:<14}{here.n:>5}  {covered[0.8]:>7.3f} {covered[0.95]:>7.3f}"
        f"  {own:>6.2f} {' '.join(scores)}  {ratio:>6.2f}"
        f"  {'missed: ' + ', '.join(missed) if missed else 'reached'}",
        flush=True,
    )
    return not missed


def _autoets(found: dict[str, Found], worlds: int) -> dict[str, tuple[float, float]]:
    """Return the scores of AutoETS and of the estimate where AutoETS was asked, by measure."""
    rows = []
    places: dict[str, tuple[str, int, int]] = {}
    for name in MEASURED:
        here = found[name]
        for part, world in enumerate(here.worlds):
            if world >= here.worlds[0] + worlds:
                continue
            for region, values in enumerate(here.before[part]):
                series = f"{name}|{part}|{region}"
                places[series] = (name, part, region)
                rows += [(series, quarter, value) for quarter, value in enumerate(values.tolist())]
    told = autoets(pd.DataFrame(rows, columns=["series", "quarter", "value"]), horizon=AHEAD)
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in MEASURED}
    for series, (name, part, region) in places.items():
        here = found[name]
        theirs = crps_of_draws(told[series], here.came[part][region])
        scores[name].append((float(theirs.mean()), float(here.crps[part][region].mean())))
    means = {name: np.array(pairs).mean(axis=0) for name, pairs in scores.items()}
    return {name: (float(pair[0]), float(pair[1])) for name, pair in means.items()}
