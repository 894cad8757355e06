"""Facts of many people or homes as arrays, and the groups that they form."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint16]
Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]
Wholes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def wholes(values: Iterable[int]) -> Wholes:
    return np.fromiter(values, dtype=np.int64)


def flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, dtype=bool)


def positions(values: Iterable[str]) -> dict[str, int]:
    """Return every value once, in its order, with where it stands."""
    return {value: position for position, value in enumerate(sorted(set(values)))}


def codes(values: Iterable[str], position_of: dict[str, int]) -> Positions:
    return np.fromiter((position_of[value] for value in values), dtype=np.int64)


def members(sets: Iterable[tuple[str, ...]], position_of: dict[str, int]) -> Flags:
    """Return a table: does the set of row i hold the value of column j?"""
    rows = list(sets)
    table = np.zeros((len(rows), len(position_of)), dtype=bool)
    found = [
        (number, position_of[value])
        for number, values in enumerate(rows)
        for value in values
        if value in position_of
    ]
    if found:
        table[tuple(np.array(found).T)] = True
    return table


def joined(sides: list[tuple[Positions, Positions]], nodes: int) -> Positions:
    """Return for each of ``nodes`` the smallest node that edges connect it with.

    Every item of ``sides`` holds the two ends of some edges. Labels spread along the edges, and
    each node takes the label of its label, so that long chains take few rounds.

    >>> joined([(np.array([1, 2]), np.array([2, 4]))], 5).tolist()
    [0, 1, 1, 3, 1]
    """
    label = np.arange(nodes, dtype=np.int64)
    while True:
        before = label.copy()
        for one, other in sides:
            least = np.minimum(label[one], label[other])
            np.minimum.at(label, before[one], least)
            np.minimum.at(label, before[other], least)
            np.minimum.at(label, one, least)
            np.minimum.at(label, other, least)
        label = label[label]
        if np.array_equal(label, before):
            return label
