"""Turns draws into the series of the contract; parts add up because draws are added.

What is counted in a scenario less what is counted in the estimate goes through the same functions:
a difference is taken draw by draw before anything is averaged.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from outflow.estimation.contract import MEASURES, QUANTILES, Counts
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.histories import Histories
from outflow.estimation.profiles import COUNTED, HALF_HOURS
from outflow.estimation.quarters import label
from outflow.estimation.task import Outcome
from outflow.estimation.waits import EXPECTED, NAMES, Waits

Row = dict[str, object]


def rows_of(
    outcome: Outcome,
    histories: Histories,
    *,
    first_quarter: int,
    labels: Sequence[dict[str, str]] = (),
) -> list[Row]:
    """Return all rows of an outcome: the measures, by need, and waiting times."""
    rows = series(outcome.counts, histories, first_quarter=first_quarter)
    if outcome.needs is not None:
        rows += _by_need(outcome.needs, histories, first_quarter, labels)
    if outcome.waits is not None:
        rows += waiting(outcome.waits, histories, first_quarter=first_quarter)
    return rows


def less(scenario: Outcome, base: Outcome) -> Outcome:
    """Return a scenario less the estimate, draw by draw."""
    waits = None
    if scenario.waits is not None and base.waits is not None:
        waits = Waits(
            scenario.waits.days - base.waits.days, scenario.waits.at_least | base.waits.at_least
        )
    return Outcome(
        scenario.counts - base.counts,
        None if scenario.needs is None or base.needs is None else scenario.needs - base.needs,
        waits,
    )


def series(counts: Counts, histories: Histories, *, first_quarter: int) -> list[Row]:
    """Return rows for every region and municipality, of all facility types and of each.

    ``counts`` has the shape (draws, cells, measures, quarters); a cell is municipality x type.
    """
    h = histories
    kinds = max(len(h.kinds), 1)
    rows: list[Row] = []
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
                draws = counts[:, which].sum(axis=1)
                for measure, name in enumerate(MEASURES):
                    rows += _rows(draws[:, measure], (region, town, kind), name, first_quarter)
    return rows


def _by_need(
    needs: Ints, h: Histories, first_quarter: int, labels: Sequence[dict[str, str]]
) -> Iterator[Row]:
    """Yield rows of the regions by what people need; hours are counted in halves."""
    for number, region in enumerate(h.regions):
        for value, by in enumerate(labels):
            parts = HALF_HOURS if "hours" in by else 1
            for place, measure in enumerate(COUNTED):
                yield from _rows(
                    needs[:, number, value, place],
                    (region, None, None),
                    MEASURES[measure],
                    first_quarter,
                    by=by,
                    parts=parts,
                )


def waiting(waits: Waits, histories: Histories, *, first_quarter: int) -> list[Row]:
    """Return the rows of waiting times, whole numbers; none for a quarter in which nobody is.

    A draw in which nobody is housed (or becomes ready) in a quarter has no waiting time; the
    others make the band.
    """
    h = histories
    rows: list[Row] = []
    kinds: list[str | None] = [None, *(h.kinds or [""])]
    for number, region in enumerate(h.regions):
        for turn, kind in enumerate(kinds):
            if kind == "":
                continue
            place = number * len(kinds) + turn
            for name in range(len(NAMES)):
                for ahead in range(waits.days.shape[3]):
                    found = waits.days[:, place, name, ahead]
                    known = ~np.isnan(found)
                    if not known.any():
                        continue
                    whole = np.floor(found[known] + 0.5).astype(np.int64)
                    row = _rows(
                        whole[:, None],
                        (region, None, kind),
                        "waiting",
                        first_quarter + ahead,
                        by={"waiting": NAMES[name]},
                    )[0]
                    if name == EXPECTED and waits.at_least[known, place, ahead].mean() > 0.5:
                        row["at_least"] = True
                    rows.append(row)
    return rows


def _rows(
    draws: Ints | Counts,
    place: tuple[str, str | None, str | None],
    measure: str,
    first_quarter: int,
    *,
    by: dict[str, str] | None = None,
    parts: int = 1,
) -> list[Row]:
    """Return a row for each quarter of ``draws`` (draws, quarters), counted in ``parts``."""
    means: Floats = draws.mean(axis=0) / parts
    ordered = np.sort(draws, axis=0)
    quantiles = ordered[[inverted(share, len(draws)) for share in QUANTILES]]
    if parts > 1:
        quantiles = quantiles // parts
    names = [str(share) for share in QUANTILES]
    region, town, kind = place
    found: list[Row] = []
    for ahead in range(draws.shape[1]):
        row: Row = {"region": region, "municipality": town, "facility_type": kind}
        if by is not None:
            row["by"] = dict(by)
        row |= {
            "measure": measure,
            "quarter": label(first_quarter + ahead),
            "mean": float(means[ahead]) + 0.0,
            "quantiles": dict(zip(names, quantiles[:, ahead].tolist(), strict=True)),
        }
        found.append(row)
    return found


def inverted(share: float, count: int) -> int:
    """Return the place, from 0, of a quantile among sorted draws: the inverted distribution.

    >>> inverted(0.1, 1000), inverted(0.5, 1), inverted(0.975, 1000)
    (99, 0, 974)
    """
    return min(max(math.ceil(share * count - 1e-9) - 1, 0), count - 1)
