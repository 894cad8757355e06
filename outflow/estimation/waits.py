"""How long people wait for a home, draw by draw.

Three numbers a quarter, for a region and each of its facility types:

``within_3_months``
    of the people who move into a home in the quarter, the share that had been ready for at most
    three months (92 days), in per cent.
``median_days``
    the middle of their days between ready and the home.
``expected_days``
    what a person who becomes ready in the quarter must expect: the middle of the days until the
    home, of those who do not leave without one. Who still waits after the last quarter counts
    with the days until then: where those are more than half, the middle is "at least so many".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.exposure import Floats, Ints

NAMES = ("within_3_months", "median_days", "expected_days")
WITHIN, MEDIAN, EXPECTED = range(len(NAMES))
THREE_MONTHS = 92
NOT_YET = 10_000_000
"""Added to the days of who still waits, so that they come after everybody who moved."""


@dataclass(frozen=True)
class Waits:
    """``days`` (draws, places, names, quarters), NaN where nobody is; a place is a region's
    whole, then each of its facility types. ``at_least`` (draws, places, quarters) flags expected
    days of which the end was not seen."""

    days: Floats
    at_least: NDArray[np.bool_]


class WaitNotes:
    """Collects who moved into a home, and after how many days."""

    def __init__(self, *, draws: int, regions: int, kinds: int, quarters: int) -> None:
        self.shape = (draws, regions, kinds, quarters)
        self.housed: list[tuple[Ints, Ints, Ints]] = []
        self.ready: list[tuple[Ints, Ints, Ints]] = []

    def moved_in(self, who: Ints, quarter: int, ready_in: Ints, days: Ints) -> None:
        """Note people who moved in: their place (draw x group), the quarter, when they became
        ready (-1: before the reference date) and the days between."""
        self.housed.append((who, np.full(len(who), quarter), days))
        ahead = ready_in >= 0
        self.ready.append((who[ahead], ready_in[ahead], days[ahead]))

    def result(self, who: Ints, ready_in: Ints, days: Ints) -> Waits:
        """Return the numbers; the arrays are the people who still wait after the last quarter."""
        draws, regions, kinds, quarters = self.shape
        found = np.full((draws, regions, kinds + 1, len(NAMES), quarters), np.nan)
        at_least = np.zeros((draws, regions, kinds + 1, quarters), dtype=bool)
        ahead = ready_in >= 0
        still = (who[ahead], ready_in[ahead], days[ahead] + NOT_YET)
        for notes, expected in ((self.housed, False), ([*self.ready, still], True)):
            people, quarter, waited = (
                np.concatenate([note[part] for note in notes]) if notes else np.zeros(0, np.int64)
                for part in range(3)
            )
            for here, places, place in (
                (slice(0, 1), 1, people // kinds),
                (slice(1, None), kinds, people),
            ):
                shape = (draws, regions, places, quarters)
                cell = place * quarters + quarter
                size = draws * regions * places * quarters
                middle = middles(cell, waited, size)
                if expected:
                    open_end = middle >= NOT_YET
                    at_least[:, :, here] = open_end.reshape(shape)
                    found[:, :, here, EXPECTED] = np.where(
                        open_end, middle - NOT_YET, middle
                    ).reshape(shape)
                    continue
                soon = np.bincount(cell, weights=waited <= THREE_MONTHS, minlength=size)
                everybody = np.bincount(cell, minlength=size)
                share = np.full(size, np.nan)
                np.divide(100 * soon, everybody, out=share, where=everybody > 0)
                found[:, :, here, WITHIN] = share.reshape(shape)
                found[:, :, here, MEDIAN] = middle.reshape(shape)
        return Waits(
            found.reshape(draws, -1, len(NAMES), quarters), at_least.reshape(draws, -1, quarters)
        )


def middles(cell: Ints, values: Ints, size: int) -> Floats:
    """Return the middle value of each cell (of an even number the lower), NaN for an empty one.

    >>> import numpy as np
    >>> middles(np.array([0, 2, 0, 0, 2]), np.array([9, 4, 1, 5, 3]), 3).tolist()
    [5.0, nan, 3.0]
    """
    order = np.lexsort((values, cell))
    count = np.bincount(cell, minlength=size)
    first = np.cumsum(count) - count
    filled = np.flatnonzero(count)
    found = np.full(size, np.nan)
    found[filled] = values[order[first[filled] + (count[filled] - 1) // 2]]
    return found
