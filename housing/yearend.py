"""Where a year will end: what is counted so far, and what the same pace will still bring.

Counts that arrive at an unknown constant pace: after k of them in t days, the number in the r days
that are left is negative binomial (a gamma prior with shape 1/2 updated by what was seen). Pure.
"""

from dataclasses import dataclass
from math import exp, lgamma, log

PRIOR_SHAPE = 0.5
LEAST_DAYS = 60
EIGHT_IN_TEN = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class YearEnd:
    """The number at the end of the year: 8 of 10 times from `low` to `high`."""

    low: int
    likely: int
    high: int


def at_year_end(
    counted: int, *, days_gone: int, days_left: int, most: int | None = None
) -> YearEnd | None:
    """Expect the end of the year from what was counted in it; None while that is too short.

    `most` is a maximum that nothing can go over.

    >>> at_year_end(30, days_gone=183, days_left=182)
    YearEnd(low=51, likely=60, high=71)
    """
    if counted < 0 or days_gone < LEAST_DAYS:
        return None
    if days_left <= 0:
        return YearEnd(counted, counted, counted)
    low, likely, high = (
        counted + more for more in _quantiles(counted + PRIOR_SHAPE, days_gone, days_left)
    )
    if most is None:
        return YearEnd(low, likely, high)
    top = max(most, counted)
    return YearEnd(min(low, top), min(likely, top), min(high, top))


def _quantiles(shape: float, gone: int, left: int) -> list[int]:
    """The smallest numbers that are reached with each probability, by summing term after term."""
    ratio = left / (gone + left)
    start = shape * log(1 - ratio)
    found: list[int] = []
    reached, number = 0.0, 0
    while len(found) < len(EIGHT_IN_TEN):
        reached += exp(
            lgamma(number + shape)
            - lgamma(shape)
            - lgamma(number + 1)
            + start
            + number * log(ratio)
        )
        while len(found) < len(EIGHT_IN_TEN) and reached >= EIGHT_IN_TEN[len(found)] - 1e-12:
            found.append(number)
        number += 1
    return found
