"""Where numbers land on a picture: round steps, and labels that keep clear of each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, inf, log10

STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Scale:
    """Maps 0..top onto pixels; `start` is where 0 lands."""

    top: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (self.end - self.start) * value / self.top


def steps_up_to(highest: float, *, at_most: int) -> list[int]:
    """Whole round steps from 0 that reach `highest`, at most so many of them above 0.

    >>> steps_up_to(66, at_most=7)
    [0, 10, 20, 30, 40, 50, 60, 70]
    """
    highest = max(highest, 1)
    size = 10 ** max(floor(log10(highest / at_most)), 0) if highest > at_most else 1
    step = next(size * factor for factor in STEPS if size * factor * at_most >= highest)
    count = -int(-highest // step)
    return [step * index for index in range(count + 1)]


def kept_apart(positions: Sequence[float], *, gap: float, lowest: float = inf) -> list[float]:
    """The positions, moved as little as needed so that neighbours are `gap` apart.

    Labels are pushed down from the top one, and back up if the last would pass `lowest`.
    """
    order = sorted(range(len(positions)), key=positions.__getitem__)
    moved = list(positions)
    for above, below in zip(order, order[1:], strict=False):
        moved[below] = max(moved[below], moved[above] + gap)
    ceiling = lowest
    for index in reversed(order):
        moved[index] = min(moved[index], ceiling)
        ceiling = moved[index] - gap
    return moved
