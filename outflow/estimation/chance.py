"""Random numbers that belong to somebody: the same person, draw and step gives the same number.

A number is a hash of who, which draw and which step, not the next of a stream. So a run in which
one thing differs (more homes, another client) differs only where that thing matters.
"""

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_NEARLY_ONE = 1 - 1e-9


def mixed(keys: Keys) -> Keys:
    """Return the keys stirred (the finaliser of SplitMix64): near keys give unlike numbers."""
    keys = keys + _STEP
    keys = (keys ^ (keys >> np.uint64(30))) * _FIRST
    keys = (keys ^ (keys >> np.uint64(27))) * _SECOND
    return keys ^ (keys >> np.uint64(31))


def uniform(keys: Keys, step: NDArray[np.integer] | int) -> NDArray[np.float64]:
    """Return a number in (0, 1) for every key at a step.

    >>> import numpy as np
    >>> key = np.array([7], dtype=np.uint64)
    >>> bool(uniform(key, 1)[0] == uniform(key, 1)[0]), bool(uniform(key, 1) == uniform(key, 2))
    (True, False)
    """
    steps = np.asarray(step).astype(np.uint64)
    stirred = mixed(keys ^ (steps * _SECOND))
    return ((stirred >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def pick(
    weights: NDArray[np.float64], row: NDArray[np.int64], luck: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return for each uniform number the option it picks from its row of weights.

    An option without weight is never picked; a row without any gives its last option.

    >>> import numpy as np
    >>> weights = np.array([[1.0, 3.0], [0.0, 2.0]])
    >>> pick(weights, np.array([0, 0, 1]), np.array([0.2, 0.3, 0.0])).tolist()
    [0, 1, 1]
    """
    rows, options = weights.shape
    share = np.cumsum(weights, axis=1)
    whole = share[:, -1:].copy()
    np.divide(share, whole, out=share, where=whole > 0)
    share += np.arange(rows)[:, None]
    found = np.searchsorted(share.ravel(), row + np.minimum(luck, _NEARLY_ONE), side="right")
    return np.asarray(np.minimum(found - row * options, options - 1))


def of_text(text: str) -> int:
    """Return a number for a name, the same on every machine and in every run."""
    number = 0xCBF29CE484222325
    for byte in text.encode():
        number = ((number ^ byte) * 0x100000001B3) % 2**64
    return number
