"""Turns counts of draws into the series of the contract; parts add up because draws are added."""

import math

import numpy as np

from outflow.estimation.contract import MEASURES, QUANTILES, Counts
from outflow.estimation.exposure import Ints
from outflow.estimation.histories import Histories
from outflow.estimation.quarters import label


def series(counts: Counts, histories: Histories, *, first_quarter: int) -> list[dict[str, object]]:
    """Return rows for every region and municipality, of all facility types and of each.

    ``counts`` has the shape (draws, cells, measures, quarters); a cell is municipality x type.
    """
    h = histories
    kinds = max(len(h.kinds), 1)
    rows: list[dict[str, object]] = []
    towns = np.array([region for region, _ in h.municipalities], dtype=np.int64)
    for number, region in enumerate(h.regions):
        ours = np.flatnonzero(towns == number)
        cells = ours[:, None] * kinds + np.arange(kinds)
        places: list[tuple[str | None, Ints]] = [(None, cells)]
        places += [
            (h.municipalities[town][1], cells[place : place + 1])
            for place, town in enumerate(ours.tolist())
        ]
        for town, block in places:
            wanted: list[tuple[str | None, Ints]] = [(None, block.ravel())]
            wanted += [(kind, block[:, column]) for column, kind in enumerate(h.kinds)]
            for kind, which in wanted:
                rows += _rows(counts[:, which].sum(axis=1), region, town, kind, first_quarter)
    return rows


def _rows(
    draws: Ints | Counts, region: str, town: str | None, kind: str | None, first_quarter: int
) -> list[dict[str, object]]:
    means = draws.mean(axis=0)
    ordered = np.sort(draws, axis=0)
    at = [inverted(share, len(draws)) for share in QUANTILES]
    quantiles = ordered[at]
    names = [str(share) for share in QUANTILES]
    return [
        {
            "region": region,
            "municipality": town,
            "facility_type": kind,
            "measure": name,
            "quarter": label(first_quarter + ahead),
            "mean": float(means[measure, ahead]),
            "quantiles": dict(zip(names, quantiles[:, measure, ahead].tolist(), strict=True)),
        }
        for measure, name in enumerate(MEASURES)
        for ahead in range(draws.shape[2])
    ]


def inverted(share: float, count: int) -> int:
    """Return the place, from 0, of a quantile among sorted draws: the inverted distribution.

    >>> inverted(0.1, 1000), inverted(0.5, 1), inverted(0.975, 1000)
    (99, 0, 974)
    """
    return min(max(math.ceil(share * count - 1e-9) - 1, 0), count - 1)
