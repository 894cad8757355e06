"""Everybody of a chunk of draws as flat arrays: one row is one person in one draw."""

from dataclasses import dataclass, fields

import numpy as np

from outflow.estimation.chance import Keys
from outflow.estimation.contract import BACKLOG, IN_CARE, NOWHERE
from outflow.estimation.exposure import Floats, Ints

NOT_COUNTED = -1
ALONE = -1

CARE = np.isin(np.arange(NOWHERE + 1), IN_CARE)
WAITS = np.isin(np.arange(NOWHERE + 1), BACKLOG)


@dataclass
class Crowd:
    """Parallel arrays, one entry per person and draw.

    ``cell`` is municipality x facility type, ``group`` region x facility type; ``ends`` is the day
    of the next own move and ``then`` the state it leads to; ``step`` counts the stays drawn so
    far; ``home`` is the home on offer, ``counted`` the quarter in which a home was counted as
    needed, ``lead`` the row of the person whose home it will be (ALONE: the own);
    ``care_since`` the day on which the present time in care began; ``profile`` what the person
    needs (a row of ``Profiles``, 0 without them); ``faster`` the person's own factor on the pace.
    """

    draw: Ints
    cell: Ints
    group: Ints
    region: Ints
    town: Ints
    key: Keys
    phase: Ints
    since: Ints
    waiting_since: Ints
    care_since: Ints
    ends: Ints
    then: Ints
    step: Ints
    home: Ints
    counted: Ints
    lead: Ints
    profile: Ints
    faster: Floats

    def __len__(self) -> int:
        return len(self.draw)

    def picked(self, which: Ints) -> "Crowd":
        """Return copies of some rows; ``which`` ascends. Whose lead is not among them is alone."""
        place = np.full(len(self) + 1, ALONE)
        place[which] = np.arange(len(which))
        found = Crowd(**{field.name: getattr(self, field.name)[which] for field in fields(self)})
        found.lead = place[found.lead]
        return found

    def joined(self, other: "Crowd") -> "Crowd":
        """Return these rows and then the other's."""
        moved = np.where(other.lead == ALONE, ALONE, other.lead + len(self))
        return Crowd(
            **{
                field.name: np.concatenate(
                    [
                        getattr(self, field.name),
                        moved if field.name == "lead" else getattr(other, field.name),
                    ]
                )
                for field in fields(self)
            }
        )
