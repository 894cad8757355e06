"""The quarters an estimate looks ahead to."""

from dataclasses import dataclass

import numpy as np

from outflow.estimation.exposure import Floats, Ints


@dataclass(frozen=True)
class Horizon:
    """The quarters to come: ``days`` are their first days and the first day after the last.

    ``days[0]`` is the reference date, also where that lies inside its quarter; ``share_left``
    says how much of each quarter still lies ahead.
    """

    days: Ints
    share_left: Floats

    @property
    def quarters(self) -> int:
        return len(self.share_left)

    def quarter_of(self, days: Ints) -> Ints:
        """Return the place of the quarter that holds each day: -1 before, ``quarters`` after."""
        return np.searchsorted(self.days, days, side="right") - 1
