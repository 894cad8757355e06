"""Whether two groups differ by more than chance: Fisher's exact test, corrected by Holm. Pure.

The test asks how often, if everybody had the same chance, a group of this size would differ from
the whole at least as much as it does. It needs no approximation and holds for small groups too.
Holm's correction keeps the chance of even one false alarm on a whole page below the level.
"""

from collections.abc import Sequence
from math import exp, lgamma

LEVEL = 0.05
# Outcomes that differ in likelihood by rounding alone count as equally likely.
_ALIKE = 1e-7


def two_sided(part: int, whole: int, all_part: int, all_whole: int) -> float:
    """The chance of a division at least as unlikely as `part` of `whole` in `all_part` of all.

    >>> round(two_sided(1, 10, 11, 20), 4)
    0.0001
    """
    if not (0 <= part <= min(whole, all_part) and max(whole, all_part) <= all_whole):
        raise ValueError("a part is larger than its whole")
    least, most = max(0, whole + all_part - all_whole), min(whole, all_part)
    logs = [_log_chance(number, whole, all_part, all_whole) for number in range(least, most + 1)]
    observed = logs[part - least] + _ALIKE
    return min(1.0, sum(exp(each) for each in logs if each <= observed))


def stand_out(chances: Sequence[float], *, level: float = LEVEL) -> list[bool]:
    """Which of these chances are too small to be chance, all of them looked at together."""
    found = [False] * len(chances)
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    for place, at in enumerate(order):
        if chances[at] > level / (len(chances) - place):
            break
        found[at] = True
    return found


def _log_chance(part: int, whole: int, all_part: int, all_whole: int) -> float:
    return (
        _log_choose(all_part, part)
        + _log_choose(all_whole - all_part, whole - part)
        - _log_choose(all_whole, whole)
    )


def _log_choose(total: int, chosen: int) -> float:
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)
