"""One seed, many independent streams of chance: a change in one part leaves the others alone."""

import math
import random
from collections.abc import Sequence


class Chance(random.Random):
    """A stream of chance with the few draws that an invented region needs."""

    def happens(self, probability: float) -> bool:
        """Say yes with this probability."""
        return self.random() < probability

    def days(self, median: float, spread: float, *, least: int = 1) -> int:
        """A length of stay in days, skewed to the right around its median."""
        return max(least, round(self.lognormvariate(math.log(median), spread)))

    def one_of[T](self, weighted: Sequence[tuple[T, float]]) -> T:
        """One of the values, each as likely as its weight says."""
        values = [value for value, _ in weighted]
        return self.choices(values, weights=[weight for _, weight in weighted])[0]


def stream(*names: object) -> Chance:
    """The stream that belongs to these names; the same names give the same draws."""
    return Chance("/".join(str(name) for name in names))
