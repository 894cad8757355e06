"""Dividing a whole number so that the parts are whole and add up: the largest remainder.

Everything is worked out in fractions, so that anybody gets the same answer with a pencil.
"""

from collections.abc import Mapping
from fractions import Fraction


class CannotDivide(ValueError):
    """These numbers cannot be divided; the form says so in words fit for a screen."""


def largest_remainder(total: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Divide a whole number by weights; the parts add up to it exactly.

    Each name gets the whole part of its share; what is left goes one by one to the largest
    remainders, of equal ones to the larger weight, then to the first name.

    >>> largest_remainder(7, {"a": Fraction(50), "b": Fraction(30), "c": Fraction(20)})
    {'a': 4, 'b': 2, 'c': 1}
    """
    sum_of_weights = sum(weights.values(), Fraction())
    if total < 0 or any(weight < 0 for weight in weights.values()):
        raise CannotDivide("negative number or weight")
    if not sum_of_weights:
        raise CannotDivide("no weights")
    shares = {name: total * weight / sum_of_weights for name, weight in weights.items()}
    parts = {name: int(share) for name, share in shares.items()}
    left = total - sum(parts.values())
    first_served = sorted(
        weights, key=lambda name: (parts[name] - shares[name], -weights[name], name)
    )
    for name in first_served[:left]:
        parts[name] += 1
    return parts
