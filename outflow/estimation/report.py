"""What an estimate says about itself: what it took for granted, warnings, a fingerprint."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date

import pandas as pd

from outflow.estimation.contract import CORE_VERSION, DAYS_A_DWELLING_WAITS
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.histories import Histories, Warned
from outflow.estimation.learned import leans_on_nation, learned
from outflow.estimation.model import Model
from outflow.estimation.quarters import date_of, label
from outflow.estimation.tables import Supply
from outflow.estimation.task import LONGEST_IN_CARE


def about_data(h: Histories, since: int, tested: bool) -> list[Warned]:
    """Return warnings about a past too short to learn from or to be checked against."""
    found = []
    if since >= h.as_of:
        found.append(
            Warned(
                "no_history",
                (),
                "Nothing ended before the reference date: the region's own past says nothing.",
                count=0,
            )
        )
    if not tested:
        found.append(
            Warned(
                "no_backtest",
                (),
                "The history is too short to try the estimate on its own past: three years are "
                "needed.",
                count=0,
            )
        )
    return found


def about_nation(model: Model) -> list[Warned]:
    """Return a warning where a region leans on other regions more than on its own past."""
    regions = leans_on_nation(model)
    if not regions:
        return []
    return [
        Warned(
            "from_national_priors",
            (),
            "Regions whose own past weighs less than that of other regions or published figures.",
            count=len(regions),
        )
    ]


def about_supply(planned: Supply | None, read: pd.DataFrame) -> list[Warned]:
    """Return warnings about regions that only one of spells and supply names."""
    if planned is None:
        return []
    lived = set(read["region"])
    strange = [
        int(row)
        for row, name in zip(planned.rows, planned.regions, strict=True)
        if name not in lived
    ]
    left_out = read.loc[~read["region"].isin(planned.regions), "row"]
    return [
        Warned(code, tuple(int(row) for row in rows), message)
        for code, rows, message in (
            (
                "region_only_in_supply",
                strange,
                "Rows of supply whose region has no spells: zeros.",
            ),
            (
                "region_without_supply",
                list(left_out),
                "Spells of regions that the supply does not name: no homes are expected there.",
            ),
        )
        if len(rows)
    ]


def assumptions(
    model: Model,
    planned: Supply | None,
    register_start: date | None,
    *,
    since: int,
    queue: str,
    needs: pd.DataFrame | None,
    joins: Floats | None,
    places: Mapping[tuple[str, str], int],
) -> list[dict[str, object]]:
    """Return what the estimate takes for granted, with where each comes from."""
    h = model.histories
    kinds = model.kinds
    inflow = model.inflow.mean().reshape(-1, kinds).sum(axis=1)
    supply = model.supply.mean()
    rows: list[tuple[str, object, str]] = [
        (
            "register_start",
            date_of(since).isoformat(),
            "the first end of a spell" if register_start is None else "given",
        ),
        ("days_a_dwelling_waits", DAYS_A_DWELLING_WAITS, "contract"),
        (
            "queue",
            "longest in care first, own municipality first"
            if queue == LONGEST_IN_CARE
            else "longest ready first, own municipality first",
            "given" if queue == LONGEST_IN_CARE else "contract",
        ),
    ]
    if needs is not None:
        rows.append(("needs_known", len(needs), "needs"))
    for (region, kind), most in sorted(places.items()):
        rows.append((f"places:{region}" + (f":{kind}" if kind else ""), most, "places"))
    for number, region in enumerate(h.regions):
        if joins is not None:
            share = round(float(joins[number]), 3)
            rows.append((f"share_who_join_a_household:{region}", share, "needs"))
        rows.append((f"arrivals_per_quarter:{region}", round(float(inflow[number]), 2), "spells"))
        if planned is None:
            rows.append(
                (
                    f"dwellings_per_quarter:{region}",
                    round(float(supply[number]), 2),
                    "homes moved into in the past",
                )
            )
    if planned is not None:
        rows.append(("dwellings", "as planned, certain", "supply"))
        if len(planned.quarters):
            rows.append(("dwellings_planned_until", label(int(planned.quarters.max())), "supply"))
    rows += learned(model)
    return [{"name": name, "value": value, "source": source} for name, value, source in rows]


def fingerprint(
    h: Histories,
    planned: Supply | None,
    arrays: list[Ints | Floats | None],
    options: list[object],
) -> str:
    """Return a digest of what the estimate used, free of row order and of client refs."""
    homes = (
        None
        if planned is None
        else sorted(
            zip(
                planned.regions,
                planned.municipalities,
                planned.quarters.tolist(),
                planned.dwellings.tolist(),
                strict=True,
            )
        )
    )
    digest = hashlib.sha256(h.keys.tobytes())
    for array in arrays:
        digest.update(b"-" if array is None else array.tobytes())
    digest.update(json.dumps([CORE_VERSION, homes, options], sort_keys=True).encode())
    return digest.hexdigest()
