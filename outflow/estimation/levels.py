"""The level of a count per quarter that may drift, and how sure one can be of it.

Used for arrivals, for homes that came free and for the pace at which people move on. A gamma
level forgets at a rate ``memory`` a quarter; the variance of counts is ``scatter`` times that of
chance (less than one for homes that were agreed beforehand).
Which memory and scatter fit, whether it grows and whether the time of the year matters, is weighed
by how well each would have foretold the next quarter; a draw takes one of them by that weight, so
doubt about them is in the band too.
"""

from dataclasses import dataclass

import numpy as np

from outflow.estimation.exposure import Floats, Ints

MEMORY = np.array([1.0, 0.98, 0.95, 0.9, 0.84, 0.75])
SCATTER = np.array([0.4, 0.65, 1.0, 1.4, 1.9, 2.8, 4.5])
MEMORY_BEFORE = np.array([2.0, 3.0, 2.5, 2.0, 1.0, 0.5])
SCATTER_BEFORE = np.array([0.1, 0.5, 2.0, 2.0, 1.5, 1.0, 0.5])
GROWTH = np.array([-0.02, 0.0, 0.02])
GROWTH_BEFORE = np.array([0.02, 0.96, 0.02])
DAMPED = 0.9
"""A level may grow or shrink steadily; ahead, what it grows in a quarter is this share of what it
grew in the one before."""

SEASONS = 4
SEASON_BEFORE = 0.25
"""How likely seasons are before anything is seen."""

SEASON_WEIGHT = 20.0
"""Events that a season of one weighs before anything is seen."""

AHEAD = 2.0
"""How much further levels drift ahead than their memory says: memory is chosen by the next quarter
alone, and on invented worlds the bands of later quarters and of stocks were too narrow without."""

WIDEST_STEP = 0.15
"""The largest standard deviation of the drift in one quarter, as a share of the level."""


@dataclass(frozen=True)
class Levels:
    """Weighed candidates (first axis) for the level of several series (second axis).

    ``season`` holds the factors of the four quarters of a year for each candidate, ``now`` is the
    first quarter to come (0 to 3).
    """

    weights: Floats
    memory: Floats
    scatter: Floats
    growth: Floats
    shape: Floats
    exposure: Floats
    season: Floats
    now: int

    def mean(self) -> Floats:
        """Return the level per unit of exposure of each series, whatever the season."""
        level = np.divide(
            self.shape, self.exposure, out=np.zeros_like(self.shape), where=self.exposure > 0
        )
        return self.weights @ level

    def seasonal(self) -> float:
        """Return how likely it is that the time of the year matters."""
        differs = (self.season != 1).any(axis=1)
        return float(self.weights[differs].sum())

    def mean_season(self) -> Floats:
        """Return the factors of the four quarters of a year, doubt about them included."""
        return self.weights @ self.season

    def paths(self, draws: int, quarters: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return levels (draws, series, quarters) from now on and the scatter of each draw."""
        pick = rng.choice(len(self.weights), size=draws, p=self.weights)
        shape, exposure = self.shape[pick], self.exposure[pick]
        now = np.divide(
            rng.standard_gamma(shape), exposure, out=np.zeros_like(shape), where=exposure > 0
        )
        forgets = (1 / self.memory[pick] - 1)[:, None]
        step = AHEAD * np.sqrt(forgets / np.maximum(shape, 1.0))
        step = np.minimum(step, WIDEST_STEP)[..., None]
        walk = np.cumsum(step * rng.standard_normal((*shape.shape, quarters)) - step**2 / 2, axis=2)
        growth = self.growth[pick][:, None, None]
        walk += growth * (np.cumsum(DAMPED ** np.arange(quarters)) - 1)
        season = self.season[pick][:, (self.now + np.arange(quarters)) % SEASONS]
        return now[..., None] * np.exp(walk) * season[:, None], self.scatter[pick]


def fit_levels(
    counts: Floats,
    exposure: Floats,
    *,
    expected: Floats,
    weight: float,
    first: int | None = None,
    now: int = 0,
    guessed: tuple[Floats, Floats] | None = None,
) -> Levels:
    """Return the levels behind counts per quarter.

    Parameters
    ----------
    counts, exposure
        Shape (series, quarters): what happened, and how much of the quarter was watched (or how
        many events a level of one would give).
    expected
        The level of each series before anything is seen, worth ``weight`` events.
    first, now
        The number of the first quarter of ``counts`` and of the first one to come. Without
        ``first`` the time of the year is taken not to matter.
    guessed
        Counts and exposure of which only a guess is at hand (none where it is zero): they tell
        the level, but weigh no candidates.
    """
    seasons = (0.0,) if first is None else (0.0, 1.0)
    memory, scatter, seasonal, growth = (
        axis.ravel() for axis in np.meshgrid(MEMORY, SCATTER, seasons, GROWTH, indexing="ij")
    )
    likely = np.array([1 - SEASON_BEFORE, SEASON_BEFORE])[: len(seasons)]
    before = np.multiply.outer(np.outer(MEMORY_BEFORE, SCATTER_BEFORE), likely)
    before = np.multiply.outer(before, GROWTH_BEFORE).ravel()
    series = len(expected)
    known = (expected > 0).astype(np.float64)
    shape = np.broadcast_to(weight * known, (len(memory), series)).copy()
    seen = np.broadcast_to(
        np.divide(weight, expected, out=np.zeros(series), where=expected > 0), shape.shape
    ).copy()
    year = _Year(seasonal)
    fits = np.log(before)
    for quarter in range(counts.shape[1]):
        part = ((first or 0) + quarter) % SEASONS
        count, size = counts[:, quarter], exposure[:, quarter]
        factor = year.factors()[:, part, None]
        level = np.divide(shape, seen, out=np.zeros_like(shape), where=seen > 0)
        middle = level * size * factor
        doubt = np.divide(middle * size * factor, seen, out=np.zeros_like(shape), where=seen > 0)
        variance = scatter[:, None] * middle + doubt
        told = (variance > 0) & (size > 0)
        error = np.divide((count - middle) ** 2, variance, out=np.zeros_like(shape), where=told)
        spread = np.log(variance, out=np.zeros_like(shape), where=told)
        if quarter > 0:
            fits = fits - 0.5 * (np.minimum(error, 25.0) + spread).sum(axis=1)
        year.learn(part, count.sum() / scatter, (level * size).sum(axis=1) / scatter)
        shape = memory[:, None] * shape + count / scatter[:, None]
        seen = memory[:, None] * seen + size * factor / scatter[:, None]
        if guessed is not None:
            count, size = guessed[0][:, quarter], guessed[1][:, quarter]
            shape = shape + count / scatter[:, None]
            seen = seen + np.where(count > 0, size, 0.0) / scatter[:, None]
        seen = seen / (1 + growth[:, None])
    weights = np.exp(fits - fits.max())
    return Levels(
        weights / weights.sum(), memory, scatter, growth, shape, seen, year.factors(), now % SEASONS
    )


class _Year:
    """Learns the factors of the quarters of a year for each candidate that has seasons."""

    def __init__(self, seasonal: Floats) -> None:
        self.seasonal = seasonal > 0
        self.came = np.zeros((len(seasonal), SEASONS))
        self.hoped = np.zeros((len(seasonal), SEASONS))

    def learn(self, part: int, came: Floats, hoped: Floats) -> None:
        self.came[:, part] += came
        self.hoped[:, part] += hoped

    def factors(self) -> Floats:
        found = (SEASON_WEIGHT + self.came) / (SEASON_WEIGHT + self.hoped)
        found /= found.mean(axis=1, keepdims=True)
        return np.where(self.seasonal[:, None], found, 1.0)


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
