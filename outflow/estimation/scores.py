"""How good a forecast was: the continuous ranked probability score and the coverage of bands."""

import numpy as np

from outflow.estimation.exposure import Floats, Ints


def crps_of_draws(draws: Ints, truth: Ints) -> Floats:
    """Return the score of draws (first axis) against what happened; smaller is better.

    >>> import numpy as np
    >>> crps_of_draws(np.array([[1], [3]]), np.array([2])).tolist()
    [0.5]
    """
    count = len(draws)
    ordered = np.sort(draws, axis=0)
    weight = (2 * np.arange(1, count + 1) - count - 1).reshape(-1, *[1] * (draws.ndim - 1))
    apart = (weight * ordered).sum(axis=0) / count**2
    away = np.abs(draws - truth).mean(axis=0)
    return away - apart


def crps_of_poisson(mean: float, truth: int) -> float:
    """Return the score of a Poisson forecast.

    >>> round(crps_of_poisson(0.0, 3), 6)
    3.0
    """
    if mean <= 0:
        return float(truth)
    most = int(max(truth, mean + 12 * np.sqrt(mean) + 12))
    count = np.arange(most + 1)
    log_each = count * np.log(mean) - mean
    log_each[1:] -= np.cumsum(np.log(count[1:]))
    below = np.minimum(np.cumsum(np.exp(log_each)), 1.0)
    return float(((below - (count >= truth)) ** 2).sum())


def place_of(truth: Ints, draws: Ints, luck: Floats) -> Floats:
    """Return where the truth lies among the draws, from 0 to 1, ties split at random.

    For a forecast that is right these are uniform, whole numbers or not (randomised PIT).
    """
    less: Floats = (draws < truth).mean(axis=0)
    same: Floats = (draws == truth).mean(axis=0)
    return less + luck * same


def coverage(places: Floats, width: float) -> float:
    """Return the share of places inside the middle band of that width."""
    return float((np.abs(places - 0.5) <= width / 2).mean())
