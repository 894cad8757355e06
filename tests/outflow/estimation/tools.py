"""Small tables and how to read results, for the tests of the estimator."""

from typing import Any

import pandas as pd

from tests.outflow.estimation.truths import COLUMNS

Row = tuple[str, str, str, str]


def spells_of(
    *rows: Row,
    clients: list[str] | None = None,
    region: str = "Elmrand",
    kind: str = "BW",
    town: str = "Elmstede",
) -> pd.DataFrame:
    """Return spells of (phase, from, to, next); all of one client, or each of the client named."""
    names = clients or ["c1"] * len(rows)
    return pd.DataFrame(
        [
            [name, region, "Provider", kind, town, *row]
            for name, row in zip(names, rows, strict=True)
        ],
        columns=COLUMNS,
        dtype=object,
    )


def supply_of(*quarters: tuple[str, int], region: str = "Elmrand", town: str = "") -> pd.DataFrame:
    """Return planned homes of one region or municipality."""
    return pd.DataFrame(
        [[region, town, quarter, number] for quarter, number in quarters],
        columns=["region", "municipality", "quarter", "dwellings"],
        dtype=object,
    )


def measure(
    result: dict[str, Any],
    name: str,
    *,
    region: str = "Elmrand",
    town: str | None = None,
    kind: str | None = None,
    of: str = "mean",
    by: dict[str, str] | None = None,
) -> list[float]:
    """Return a measure by quarter: its mean, or the quantile ``of``; of everybody, or ``by``."""
    return [
        row["mean"] if of == "mean" else row["quantiles"][of]
        for row in result["series"]
        if (row["region"], row["municipality"], row["facility_type"], row["measure"])
        == (region, town, kind, name)
        and row.get("by") == by
    ]
