"""Who shares a home with whom: one home for a household, however many of it become ready."""

import numpy as np
import pandas as pd

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
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.histories import Histories
from outflow.estimation.tables import OPEN

NEAREST_HOME_FIRST = (HOUSED, OFFERED, READY, PREPARING, STABILISING, INTAKE, RELAPSE)


JOINS_WEIGHT = 5.0
"""People that the share of joiners elsewhere weighs beside a region's own."""


def household_of(needs: pd.DataFrame) -> dict[str, str]:
    """Return the household of every client of ``tables.read_needs`` who has one."""
    some = needs[needs["household"] != ""]
    return dict(zip(some["client"], some["household"], strict=True))


def joins(histories: Histories, needs: pd.DataFrame, shared: Ints | None) -> Floats | None:
    """Return by region the share of people whose home is somebody else's, None when nobody's is.

    Known from the people in care whose need is known; people still to come join somebody as
    often.
    """
    if shared is None:
        return None
    h = histories
    known = set(needs["client"])
    present = np.flatnonzero((h.end >= OPEN) & [h.names[each] in known for each in h.client])
    everybody = np.bincount(h.region[present], minlength=len(h.regions))
    join = present[shared[h.client[present]] >= 0]
    joiners = np.bincount(h.region[join], minlength=len(h.regions))
    usual = int(joiners.sum()) / max(int(everybody.sum()), 1)
    return np.asarray((joiners + JOINS_WEIGHT * usual) / (everybody + JOINS_WEIGHT))


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
