"""Who shares a home with whom: one home for a household, however many of it become ready."""

import numpy as np

from outflow.estimation.contract import (
    HOUSED,
    INTAKE,
    OFFERED,
    PHASES,
    PREPARING,
    READY,
    RELAPSE,
    STABILISING,
)
from outflow.estimation.exposure import Ints
from outflow.estimation.histories import Histories
from outflow.estimation.tables import OPEN

NEAREST_HOME_FIRST = (HOUSED, OFFERED, READY, PREPARING, STABILISING, INTAKE, RELAPSE)


def leads(histories: Histories, household_of: dict[str, str]) -> Ints | None:
    """Return for each client whose home it will be: another client's number, or -1 for the own.

    Of a household the one nearest to a home, then longest in that phase, gets the home; the
    others join. None when nobody shares.
    """
    h = histories
    turn = np.zeros(len(PHASES), dtype=np.int64)
    turn[list(NEAREST_HOME_FIRST)] = np.arange(len(PHASES))
    members: dict[str, list[tuple[int, int, int, int]]] = {}
    for spell in np.flatnonzero(h.end >= OPEN).tolist():
        client = int(h.client[spell])
        home = household_of.get(h.names[client])
        if home is not None:
            members.setdefault(home, []).append(
                (int(turn[h.phase[spell]]), int(h.start[spell]), int(h.keys[client]), client)
            )
    found = np.full(len(h.keys), -1, dtype=np.int64)
    for people in members.values():
        first, *others = sorted(people)
        for other in others:
            found[other[3]] = first[3]
    return found if (found >= 0).any() else None
