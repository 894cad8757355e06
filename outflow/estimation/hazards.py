"""How fast people move on, by days already stayed: never one constant rate.

The nation gives the shape, the facility type and the region bend it as far as their own numbers
carry (gamma-Poisson shrinkage). A step that nobody ever took has rate zero.
"""

from dataclasses import dataclass

import numpy as np

from outflow.estimation.contract import STATES
from outflow.estimation.exposure import Exposure, Floats, Ints

FAR = 3_000_000
"""Days after which nobody looks: the stay of who never leaves."""

LEAST_WEIGHT, MOST_WEIGHT = 1.0, 10_000.0


@dataclass(frozen=True)
class PhaseHazards:
    """Rates a day in one phase, for every draw of the parameters.

    ``edges`` (bins), ``rate`` (draws, groups, bins), ``total`` the sum of the rates up to the
    begin of each bin, ``causes`` the states one can go to, ``share`` (draws, groups, bins,
    causes) the cumulative share of each.
    """

    edges: Floats
    rate: Floats
    total: Floats
    causes: Ints
    share: Floats


def expected_rates(exposure: Exposure, kinds: int) -> tuple[Ints, Floats]:
    """Return the causes and the best single rates, shape (groups, bins, causes)."""
    causes, rates = _rates(exposure, kinds, draws=1, rng=None)
    return causes, rates[0]


def draw_hazards(
    exposures: list[Exposure], kinds: int, *, draws: int, rng: np.random.Generator
) -> list[PhaseHazards]:
    """Return rates for every phase that differ from draw to draw as far as the data leave open."""
    found = []
    for exposure in exposures:
        causes, rates = _rates(exposure, kinds, draws=draws, rng=rng)
        found.append(_cumulated(exposure.edges, causes, rates))
    return found


def incidence(exposure: Exposure, kinds: int, group: int, days: Floats) -> dict[str, Floats]:
    """Return for each state after the phase the share that went there within so many days.

    The curves add up to one minus the share still staying.
    """
    causes, rates = expected_rates(exposure, kinds)
    grid = np.unique(np.concatenate([[0.0], exposure.edges, days]))
    at = np.searchsorted(exposure.edges, grid[:-1], side="right") - 1
    each = rates[group][at]
    whole = each.sum(axis=1)
    width = np.diff(grid)
    staying = np.concatenate([[1.0], np.exp(-np.cumsum(whole * width))])
    leave = staying[:-1] - staying[1:]
    share = np.divide(each, whole[:, None], out=np.zeros_like(each), where=whole[:, None] > 0)
    gone = np.vstack([np.zeros(len(causes)), np.cumsum(leave[:, None] * share, axis=0)])
    wanted = np.searchsorted(grid, days)
    return {STATES[cause]: gone[wanted, number] for number, cause in enumerate(causes)}


def _cumulated(edges: Floats, causes: Ints, rates: Floats) -> PhaseHazards:
    rate = rates.sum(axis=3)
    total = np.zeros_like(rate)
    np.cumsum(rate[:, :, :-1] * np.diff(edges), axis=2, out=total[:, :, 1:])
    share = np.cumsum(rates, axis=3)
    np.divide(share, rate[..., None], out=share, where=rate[..., None] > 0)
    return PhaseHazards(edges, rate, total, causes, share)


def _rates(
    exposure: Exposure, kinds: int, *, draws: int, rng: np.random.Generator | None
) -> tuple[Ints, Floats]:
    """Return causes and rates (draws, groups, bins, causes): nation, then kind, then region."""
    groups, bins, _ = exposure.moved.shape
    regions = groups // max(kinds, 1)
    causes = np.flatnonzero(exposure.moved.sum(axis=(0, 1)))
    if not len(causes):
        return causes, np.zeros((draws, groups, bins, 0))
    moved = exposure.moved[:, :, causes].reshape(regions, kinds, bins, len(causes))
    days = exposure.person_days.reshape(regions, kinds, bins, 1)

    nation = _nation(moved.sum(axis=(0, 1)), days.sum(axis=(0, 1)), draws, rng)[:, None, None]
    rates = nation
    if kinds > 1:
        rates = _shrunk(moved.sum(axis=0), days.sum(axis=0), rates[:, 0], rng)[:, None]
    if regions > 1:
        expected = (days[None] * rates).sum(axis=3, keepdims=True)
        bend = _shrunk(
            moved.sum(axis=2, keepdims=True),
            expected.mean(axis=0),
            1.0,
            rng,
            expected=expected,
            weight=exposure.weight,
        )
        rates = rates * bend
    full = np.broadcast_to(rates, (draws, regions, kinds, bins, len(causes)))
    return causes, full.reshape(draws, groups, bins, len(causes))


def _nation(moved: Floats, days: Floats, draws: int, rng: np.random.Generator | None) -> Floats:
    """Return rates (draws, bins, causes); a thin bin borrows one event from the whole phase."""
    each = moved.sum(axis=1, keepdims=True)
    overall = moved.sum() / max(days.sum(), 0.5)
    mix = moved.sum(axis=0) / moved.sum()
    rare = 1 / (days + 1 / overall)
    own = np.divide(each, days, out=np.full_like(each, overall), where=(each > 0) & (days > 0))
    near = np.exp((each * np.log(own) + np.log(overall)) / (each + 1))
    level = np.where(each > 0, near, rare)
    return _gamma(moved + mix, days + 1 / level, draws, rng)


def _shrunk(
    moved: Floats,
    days: Floats,
    towards: Floats | float,
    rng: np.random.Generator | None,
    *,
    expected: Floats | None = None,
    weight: float | None = None,
) -> Floats:
    """Return rates drawn towards ``towards``, as much as the groups resemble each other.

    The weight is in events: how far groups differ beyond chance (moments), unless given. With
    ``expected`` (draws first) the numbers are factors on expected events instead of rates a day.
    """
    aim = np.asarray(towards)
    middle = days * (aim.mean(axis=0) if aim.ndim else aim)
    if weight is None:
        squares = float((middle**2).sum())
        spread = float(((moved - middle) ** 2 - middle).sum()) / squares if squares > 0 else 0.0
        weight = MOST_WEIGHT
        if spread > 0:
            weight = float(np.clip(1 / spread, LEAST_WEIGHT, MOST_WEIGHT))
    if expected is not None:
        return _gamma_each(weight + moved[None], weight + expected, rng)
    return _gamma_each(
        weight + moved[None], np.maximum(weight / np.maximum(aim, 1e-12) + days[None], 1e-12), rng
    )


def _gamma(shape: Floats, days: Floats, draws: int, rng: np.random.Generator | None) -> Floats:
    if rng is None:
        return np.broadcast_to(shape / days, (draws, *shape.shape))
    return rng.standard_gamma(np.broadcast_to(shape, (draws, *shape.shape))) / days


def _gamma_each(shape: Floats, days: Floats, rng: np.random.Generator | None) -> Floats:
    whole = np.broadcast_to(shape, np.broadcast_shapes(shape.shape, days.shape))
    return (whole if rng is None else rng.standard_gamma(whole)) / days


def of_causes(hazards: PhaseHazards, states: tuple[int, ...]) -> PhaseHazards:
    """Return the rates of moves to some states only."""
    each = np.diff(hazards.share, axis=3, prepend=0.0) * hazards.rate[..., None]
    which = np.flatnonzero(np.isin(hazards.causes, states))
    return _cumulated(hazards.edges, hazards.causes[which], each[..., which])
