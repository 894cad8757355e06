"""Places: who wants to come where care is full waits until somebody leaves."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.crowd import CARE, Crowd
from outflow.estimation.exposure import Ints
from outflow.estimation.hazards import FAR
from outflow.estimation.knobs import Cap

NO_CAP = -1


class Admission:
    """Hands out places step by step: those that are free when the step begins.

    People come on their own day as long as places last, in order of the day on which they
    wanted one; the others try again on the first day of the next step. Where places never run
    out nothing changes. Who was there before stays, also where that is more than the places.
    """

    def __init__(self, caps: Sequence[Cap], *, draws: int, cells: int, quarters: int) -> None:
        self.draws = draws
        self.of_cell = np.full((cells, quarters), NO_CAP)
        for number, cap in enumerate(caps):
            self.of_cell[np.ix_(cap.cells, cap.quarters)] = number
        self.most = np.array([cap.most for cap in caps], dtype=np.int64)
        self.free = np.zeros(draws * len(caps), dtype=np.int64)
        self.wished = np.zeros(0, dtype=np.int64)

    def begin(self, crowd: Crowd, quarter: int) -> None:
        """Count the free places at the begin of a step."""
        if not len(self.wished):
            self.wished = np.full(len(crowd), FAR)
        inside = np.flatnonzero(CARE[crowd.phase])
        cap = self.of_cell[crowd.cell[inside], quarter]
        capped = cap != NO_CAP
        code = crowd.draw[inside[capped]] * len(self.most) + cap[capped]
        there = np.bincount(code, minlength=len(self.free))
        self.free = np.maximum(np.tile(self.most, self.draws) - there, 0)

    def turned_away(self, crowd: Crowd, coming: Ints, quarter: int) -> NDArray[np.bool_]:
        """Flag who of the rows ``coming`` finds no place now; the others take theirs."""
        away = np.zeros(len(coming), dtype=bool)
        cap = self.of_cell[crowd.cell[coming], quarter]
        capped = np.flatnonzero(cap != NO_CAP)
        if not len(capped):
            return away
        who = coming[capped]
        self.wished[who] = np.minimum(self.wished[who], crowd.ends[who])
        place = crowd.draw[who] * len(self.most) + cap[capped]
        order = np.lexsort((crowd.key[who], self.wished[who], place))
        sorted_place = place[order]
        first = np.searchsorted(sorted_place, sorted_place, side="left")
        takes = np.arange(len(order)) - first < self.free[sorted_place]
        np.subtract.at(self.free, sorted_place[takes], 1)
        away[capped[order[~takes]]] = True
        self.wished[who[order[takes]]] = FAR
        return away
