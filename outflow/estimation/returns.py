"""More or fewer people who come back to care after a home.

Fewer: a return of the estimate happens with chance f, else the person stays housed and the clock
runs on. More: beside the returns of the estimate there are others at f - 1 times their rate.
Both leave the luck of everybody else, and of the same person before, as it was.
"""

import numpy as np

from outflow.estimation.chance import Keys, uniform
from outflow.estimation.contract import HOUSED, IN_CARE
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.hazards import FAR, PhaseHazards, of_causes
from outflow.estimation.horizon import Horizon
from outflow.estimation.stays import Stays

RETURN_STEP = 1 << 41
TRIES = 1 << 10
FEWER, MORE, KEPT = 0, 1, 2
KINDS_OF_LUCK = 4


class Returns:
    """Changes when and whether people who have a home come back; ``factor`` (cells, quarters)."""

    def __init__(
        self, factor: Floats, stays: Stays, hazards: PhaseHazards, horizon: Horizon
    ) -> None:
        self.factor, self.stays, self.horizon = factor, stays, horizon
        self.most = float(factor.max())
        self.only = Stays.of([of_causes(hazards, IN_CARE)])

    def change(
        self,
        *,
        draw: Ints,
        group: Ints,
        cell: Ints,
        key: Keys,
        step: Ints,
        since: Ints,
        days: Ints,
        then: Ints,
    ) -> tuple[Ints, Ints]:
        """Return the days in the home and the state after it, of stays drawn for the estimate."""
        days, then = days.copy(), then.copy()

        def luck(who: Ints, turn: int, kind: int) -> Floats:
            at = RETURN_STEP + (step[who] * TRIES + turn) * KINDS_OF_LUCK * 2 + kind
            return uniform(key[who], at)

        who = np.arange(len(days))
        for turn in range(TRIES):
            who = who[np.isin(then[who], IN_CARE)]
            chance = self._factor(cell[who], since[who] + days[who])
            who = who[luck(who, turn, KEPT) >= chance]
            if not len(who):
                break
            days[who], then[who] = self.stays.draw(
                np.full(len(who), HOUSED),
                draw[who],
                group[who],
                luck=luck(who, turn, FEWER),
                choice=luck(who, turn, FEWER + KINDS_OF_LUCK),
                pace=np.ones(len(who)),
                stayed=days[who] + 1,
            )
        if self.most <= 1:
            return days, then
        who = np.arange(len(days))
        stayed = np.maximum(self.horizon.days[0] - since, 0)
        for turn in range(TRIES):
            extra, back = self.only.draw(
                np.zeros(len(who), dtype=np.int64),
                draw[who],
                group[who],
                luck=luck(who, turn, MORE),
                choice=luck(who, turn, MORE + KINDS_OF_LUCK),
                pace=np.full(len(who), self.most - 1),
                stayed=stayed[who],
            )
            sooner = (extra < days[who]) & (extra < FAR)
            who, extra, back = who[sooner], extra[sooner], back[sooner]
            if not len(who):
                break
            chance = (self._factor(cell[who], since[who] + extra) - 1) / (self.most - 1)
            comes = luck(who, turn, KEPT + KINDS_OF_LUCK) < chance
            days[who[comes]], then[who[comes]] = extra[comes], back[comes]
            stayed[who] = extra + 1
            who = who[~comes]
        return days, then

    def _factor(self, cell: Ints, day: Ints) -> Floats:
        """Return the factor on a day; after the horizon one, so that nobody looks further."""
        quarter = self.horizon.quarter_of(day)
        inside = quarter < self.horizon.quarters
        found = np.ones(len(cell))
        found[inside] = self.factor[cell[inside], np.maximum(quarter[inside], 0)]
        return found
