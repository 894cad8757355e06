"""How good a forecast was: the continuous ranked probability score and the coverage of bands."""

import math

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


def crps_of_counts(mean: Floats, variance: Floats, truth: Ints) -> Floats:
    """Return the scores of negative binomial forecasts (Poisson where nothing scatters wider).

    >>> import numpy as np
    >>> crps_of_counts(np.array([0.0]), np.array([0.0]), np.array([3])).tolist()
    [3.0]
    """
    most = int(max(float(np.max(truth, initial=0)), float(np.max(mean, initial=0)))) + 1
    most += int(12 * np.sqrt(float(np.max(np.maximum(variance, mean), initial=0.0))) + 12)
    middle = np.maximum(mean, 0.0)[..., None]
    extra = np.maximum(variance[..., None] - middle, 0.0)
    size = np.divide(middle**2, extra, out=np.full_like(middle, np.inf), where=extra > 1e-9)
    count = np.arange(most)
    wide = np.isfinite(size)
    held = np.where(wide, size, 1.0)
    ratio = np.where(
        wide,
        (held + count) / (count + 1) * (middle / (held + middle + (middle <= 0))),
        middle / (count + 1),
    )
    first = np.where(wide, held * -np.log1p(middle / held), -middle)
    logs = np.log(ratio, out=np.full_like(ratio, -np.inf), where=ratio > 0)
    each = np.exp(np.concatenate([first, first + np.cumsum(logs, axis=-1)], axis=-1))
    below = np.minimum(np.cumsum(each, axis=-1), 1.0)
    above = np.arange(most + 1) >= truth[..., None]
    return np.asarray(((below - above) ** 2).sum(axis=-1))


def crps_of_normal(mean: Floats, deviation: Floats, truth: Ints) -> Floats:
    """Return the scores of normal forecasts rounded to whole numbers, none below zero."""
    most = int(np.max(np.maximum(mean + 8 * deviation, truth), initial=0)) + 2
    edge = np.arange(most) + 0.5
    spread = np.maximum(deviation, 1e-9)[..., None]
    below = _normal_below((edge - mean[..., None]) / spread)
    return np.asarray(((below - (np.arange(most) >= truth[..., None])) ** 2).sum(axis=-1))


def _normal_below(z: Floats) -> Floats:
    flat = [0.5 * math.erfc(-value / math.sqrt(2)) for value in z.ravel().tolist()]
    return np.array(flat).reshape(z.shape)


def place_of(truth: Ints, draws: Ints, luck: Floats) -> Floats:
    """Return where the truth lies among the draws, from 0 to 1, ties split at random.

    For a forecast that is right these are uniform, whole numbers or not (randomised PIT).
    """
    less: Floats = (draws < truth).mean(axis=0)
    same: Floats = (draws == truth).mean(axis=0)
    return less + luck * same


def covered(truth: Ints, draws: Ints, width: float) -> Floats:
    """Return the share of each truth that lies inside the middle band of that width.

    A truth that many draws share covers a stretch of the distribution; what counts is how much of
    the stretch lies inside. It is the mean of ``place_of`` being inside over its luck.

    >>> import numpy as np
    >>> covered(np.array([0]), np.zeros((9, 1), dtype=np.int64), 0.8).round(3).tolist()
    [0.8]
    """
    less: Floats = (draws < truth).mean(axis=0)
    upto: Floats = (draws <= truth).mean(axis=0)
    low, high = (1 - width) / 2, (1 + width) / 2
    inside = np.clip(np.minimum(upto, high) - np.maximum(less, low), 0, None)
    point = (less >= low) & (less <= high)
    return np.where(upto > less, inside / np.maximum(upto - less, 1e-12), point)


def coverage(places: Floats, width: float) -> float:
    """Return the share of places inside the middle band of that width."""
    return float((np.abs(places - 0.5) <= width / 2).mean())
