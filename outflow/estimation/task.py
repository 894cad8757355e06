"""What is simulated, and what comes of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.contract import Counts
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.homes import Plan
from outflow.estimation.horizon import Horizon
from outflow.estimation.knobs import AS_IT_IS, Knobs
from outflow.estimation.model import Model
from outflow.estimation.profiles import Profiles
from outflow.estimation.waits import Waits

LONGEST_READY = "longest_ready"
LONGEST_IN_CARE = "longest_in_care"
QUEUES = (LONGEST_READY, LONGEST_IN_CARE)


@dataclass(frozen=True)
class Task:
    """Everything the draws are made from; picklable, so that processes can share the draws.

    Without a ``plan`` the homes are drawn from the past. ``leads`` names for each client the
    client of the same household whose home it is, or ALONE; ``joins`` is the share of people by
    region who come with somebody else. Each of ``futures`` is simulated with
    the same random numbers. ``profiles`` say what people need; ``by_need`` and ``waits`` ask for
    more to be counted.
    """

    model: Model
    horizon: Horizon
    seed: int
    plan: Plan | None = None
    leads: Ints | None = None
    joins: Floats | None = None
    futures: tuple[Knobs, ...] = (AS_IT_IS,)
    queue: str = LONGEST_READY
    profiles: Profiles | None = None
    by_need: bool = False
    waits: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of one future.

    ``counts`` (draws, cells, measures, quarters); ``needs`` (draws, regions, values, measures of
    profiles.COUNTED, quarters) or None; ``waits`` or None.
    """

    counts: Counts
    needs: Ints | None = None
    waits: Waits | None = None

    def of_size(self, draws: int) -> "Outcome":
        """Return room for so many draws of the same shape."""

        def room[Kind: np.generic](part: NDArray[Kind]) -> NDArray[Kind]:
            return np.zeros((draws, *part.shape[1:]), dtype=part.dtype)

        return Outcome(
            room(self.counts),
            None if self.needs is None else room(self.needs),
            None if self.waits is None else Waits(room(self.waits.days), room(self.waits.at_least)),
        )

    def put(self, begin: int, part: "Outcome") -> None:
        """Put the draws of a part in place, from ``begin`` on."""
        until = begin + len(part.counts)
        self.counts[begin:until] = part.counts
        if self.needs is not None and part.needs is not None:
            self.needs[begin:until] = part.needs
        if self.waits is not None and part.waits is not None:
            self.waits.days[begin:until] = part.waits.days
            self.waits.at_least[begin:until] = part.waits.at_least
