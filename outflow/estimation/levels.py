"""The level of a count per quarter that may drift, and how sure one can be of it.

Used for arrivals, for homes that came free and for the pace at which people move on. A gamma
level forgets at a rate ``memory`` a quarter; the variance of counts is ``scatter`` times that of
chance (less than one for homes that were agreed beforehand).
Which memory and scatter fit is weighed by how well each would have foretold the next quarter;
a draw takes one of them by that weight, so doubt about them is in the band too.
"""

from dataclasses import dataclass

import numpy as np

from outflow.estimation.exposure import Floats, Ints

MEMORY = np.array([1.0, 0.99, 0.97, 0.94, 0.9, 0.84, 0.75])
SCATTER = np.array([0.4, 0.65, 1.0, 1.3, 1.7, 2.3, 3.2, 4.5])
MEMORY_BEFORE = np.array([1.0, 2.0, 2.0, 2.0, 1.5, 1.0, 0.5])
SCATTER_BEFORE = np.array([0.5, 1.0, 2.0, 2.0, 1.5, 1.0, 0.5, 0.3])
WIDEST_STEP = 0.15
"""The largest standard deviation of the drift in one quarter, as a share of the level."""


@dataclass(frozen=True)
class Levels:
    """Weighed candidates (first axis) for the level of several series (second axis)."""

    weights: Floats
    memory: Floats
    scatter: Floats
    shape: Floats
    exposure: Floats

    def mean(self) -> Floats:
        """Return the level per unit of exposure of each series."""
        level = np.divide(
            self.shape, self.exposure, out=np.zeros_like(self.shape), where=self.exposure > 0
        )
        return self.weights @ level

    def paths(self, draws: int, quarters: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return levels (draws, series, quarters) from now on and the scatter of each draw."""
        pick = rng.choice(len(self.weights), size=draws, p=self.weights)
        shape, exposure = self.shape[pick], self.exposure[pick]
        now = np.divide(
            rng.standard_gamma(shape), exposure, out=np.zeros_like(shape), where=exposure > 0
        )
        forgets = (1 / self.memory[pick] - 1)[:, None]
        step = np.minimum(np.sqrt(forgets / np.maximum(shape, 1.0)), WIDEST_STEP)[..., None]
        walk = np.cumsum(step * rng.standard_normal((*shape.shape, quarters)) - step**2 / 2, axis=2)
        return now[..., None] * np.exp(walk), self.scatter[pick]


def fit_levels(counts: Floats, exposure: Floats, *, expected: Floats, weight: float) -> Levels:
    """Return the levels behind counts per quarter.

    Parameters
    ----------
    counts, exposure
        Shape (series, quarters): what happened, and how much of the quarter was watched (or how
        many events a level of one would give).
    expected
        The level of each series before anything is seen, worth ``weight`` events.
    """
    memory, scatter = (axis.ravel() for axis in np.meshgrid(MEMORY, SCATTER, indexing="ij"))
    before = np.outer(MEMORY_BEFORE, SCATTER_BEFORE).ravel()
    series = len(expected)
    known = (expected > 0).astype(np.float64)
    shape = np.broadcast_to(weight * known, (len(memory), series)).copy()
    seen = np.broadcast_to(
        np.divide(weight, expected, out=np.zeros(series), where=expected > 0), shape.shape
    ).copy()
    fits = np.log(before)
    for quarter in range(counts.shape[1]):
        count, size = counts[:, quarter], exposure[:, quarter]
        level = np.divide(shape, seen, out=np.zeros_like(shape), where=seen > 0)
        middle = level * size
        doubt = np.divide(middle * size, seen, out=np.zeros_like(shape), where=seen > 0)
        variance = scatter[:, None] * middle + doubt
        told = (variance > 0) & (size > 0)
        error = np.divide((count - middle) ** 2, variance, out=np.zeros_like(shape), where=told)
        spread = np.log(variance, out=np.zeros_like(shape), where=told)
        if quarter > 0:
            fits = fits - 0.5 * (np.minimum(error, 25.0) + spread).sum(axis=1)
        shape = memory[:, None] * shape + count / scatter[:, None]
        seen = memory[:, None] * seen + size / scatter[:, None]
    weights = np.exp(fits - fits.max())
    return Levels(weights / weights.sum(), memory, scatter, shape, seen)


def draw_counts(means: Floats, scatter: Floats, rng: np.random.Generator) -> Ints:
    """Return whole numbers around ``means`` (draws first) with ``scatter`` times their variance.

    Gamma-Poisson where they scatter wider than chance, binomial where less wide.
    """
    ratio = np.broadcast_to(scatter.reshape(-1, *[1] * (means.ndim - 1)), means.shape)
    wide = np.maximum(ratio - 1, 0)
    mixed = rng.standard_gamma(np.divide(means, wide, out=np.zeros_like(means), where=wide > 0))
    poisson = rng.poisson(np.where(wide > 0, mixed * wide, means))
    chance = 1 - np.minimum(ratio, 1)
    tries = np.divide(means, chance, out=np.zeros_like(means), where=chance > 0)
    tries = np.floor(tries + rng.random(means.shape)).astype(np.int64)
    return np.where(chance > 0, rng.binomial(tries, chance), poisson).astype(np.int64)
