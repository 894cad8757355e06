"""Days on which people become ready by decision: of a policy, or as recorded dates tell."""

import math
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.chance import uniform
from outflow.estimation.crowd import Crowd
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.hazards import FAR
from outflow.estimation.knobs import Share
from outflow.estimation.lots import ranks

FORWARD_STEP = 1 << 42


def brought_forward(
    crowd: Crowd,
    share: Share,
    *,
    among: NDArray[np.bool_],
    ready_on: Ints,
    leaves: NDArray[np.bool_],
    days: Ints,
    draws: int,
) -> tuple[Ints, Ints]:
    """Return who is made ready, and on which day, so that the share is reached in every draw.

    ``among`` flags the people the share is of; ``ready_on`` is the day on which each becomes ready
    anyway (FAR: not within the horizon), ``leaves`` flags who leaves before. Who becomes ready
    soonest after the day is first, then who stays in care, and last who would have left.
    """
    deadline = int(days[share.by + 1])
    ours = np.flatnonzero(among & share.cells[crowd.cell])
    whole = np.bincount(crowd.draw[ours], minlength=draws)
    wanted = np.array([math.ceil(share.share * count - 1e-9) for count in whole.tolist()])
    in_time = ready_on[ours] < deadline
    lacking = wanted - np.bincount(crowd.draw[ours[in_time]], minlength=draws)
    rest = ours[~in_time]
    turn = ready_on[rest] + np.where(leaves[rest], FAR, 0) + uniform(crowd.key[rest], FORWARD_STEP)
    who = rest[ranks(turn, crowd.draw[rest]) < lacking[crowd.draw[rest]]]
    spread = uniform(crowd.key[who], FORWARD_STEP + 1) * (deadline - days[0])
    return who, days[0] + np.floor(spread).astype(np.int64)


def at_pace(day: Ints, factor: Floats, days: Ints) -> Ints:
    """Return the days that are reached when time runs at a pace, by quarter, from ``days[0]`` on.

    ``factor`` has the shape (people, quarters); after the last quarter time runs as usual.

    >>> import numpy as np
    >>> quarters = np.array([0, 90, 180])
    >>> at_pace(np.array([60, 270, 400]), np.full((3, 2), 2.0), quarters).tolist()
    [30, 135, 220]
    """
    passed = np.cumsum(factor * np.diff(days), axis=1)
    ahead = (day - days[0]).astype(np.float64)
    at = (passed <= ahead[:, None]).sum(axis=1)
    before = np.concatenate([np.zeros((len(day), 1)), passed], axis=1)
    paces = np.concatenate([factor, np.ones((len(day), 1))], axis=1)
    person = np.arange(len(day))
    rest = (ahead - before[person, at]) / paces[person, at]
    return np.asarray(days[at] + np.floor(rest).astype(np.int64))


def copied(crowd: Crowd) -> Crowd:
    """Return a crowd of its own, to see what would happen without letting it happen."""
    return Crowd(**{field.name: getattr(crowd, field.name).copy() for field in fields(crowd)})
