"""The third level of the objective: how well a home fits, as whole points.

The weights are documented in docs/matcher.md. They never outweigh a person housed or priority:
fit chooses only among answers that are equally good in both.
"""

import numpy as np

from housing.matching.arrays import Positions, Wholes, codes, flags, members, positions
from housing.matching.instance import Client, Dwelling, Instance

PREFERRED_NEIGHBOURHOOD = 100
WASTED_WHEELCHAIR = -60
WASTED_LOW_STIMULUS = -30
WASTED_STEP_FREE = -10
SPARE_BEDROOM = -10
ABOVE_SOFT_PLACEMENTS = -40


def wasted_features(client: Client, dwelling: Dwelling) -> list[str]:
    """Return the scarce features of the home that this person does not need.

    A wheelchair home counts once: it is step-free by its nature.
    """
    wasted = []
    if dwelling.wheelchair and not client.wheelchair:
        wasted.append("wheelchair")
    elif dwelling.step_free and not (client.step_free or client.wheelchair):
        wasted.append("step_free")
    if dwelling.low_stimulus and not client.low_stimulus:
        wasted.append("low_stimulus")
    return wasted


class Fit:
    """The points of any pairs of one instance; the spread over neighbourhoods is counted apart."""

    def __init__(self, instance: Instance) -> None:
        clients, dwellings = instance.clients, instance.dwellings
        self.above_soft = ABOVE_SOFT_PLACEMENTS
        place_of = positions(d.neighbourhood for d in dwellings)
        self._place = codes((d.neighbourhood for d in dwellings), place_of)
        self._prefers = members((c.preferred_neighbourhoods for c in clients), place_of)
        needs_wheelchair = flags(c.wheelchair for c in clients)
        self._wheels_too_many = ~needs_wheelchair
        self._steps_no_matter = ~needs_wheelchair & ~flags(c.step_free for c in clients)
        self._noise_no_matter = ~flags(c.low_stimulus for c in clients)
        self._wheelchair = flags(d.wheelchair for d in dwellings)
        self._only_step_free = ~self._wheelchair & flags(d.step_free for d in dwellings)
        self._low_stimulus = flags(d.low_stimulus for d in dwellings)
        self._least = np.array([max(1, c.bedrooms) for c in clients], dtype=np.int64)
        self._bedrooms = np.array([d.bedrooms for d in dwellings], dtype=np.int64)

    def points(self, clients: Positions, dwellings: Positions) -> Wholes:
        """Return the points of the pairs (clients[k], dwellings[k]), positions of the instance."""
        points: Wholes = SPARE_BEDROOM * np.maximum(
            0, self._bedrooms[dwellings] - self._least[clients]
        )
        for weight, holds in (
            (PREFERRED_NEIGHBOURHOOD, self._prefers[clients, self._place[dwellings]]),
            (WASTED_WHEELCHAIR, self._wheels_too_many[clients] & self._wheelchair[dwellings]),
            (WASTED_STEP_FREE, self._steps_no_matter[clients] & self._only_step_free[dwellings]),
            (WASTED_LOW_STIMULUS, self._noise_no_matter[clients] & self._low_stimulus[dwellings]),
        ):
            points += weight * holds
        return points
