"""How long people stay: all phases' rates as one table, in which every stay is one look-up."""

from dataclasses import dataclass

import numpy as np

from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.hazards import FAR, PhaseHazards


@dataclass(frozen=True)
class Stays:
    """Rates of all phases behind each other.

    A row is phase x draw x group, a cell is one bin of a row. ``key`` grows over all cells: the
    row times ``span`` and the sum of the rates up to the begin of the bin, so that one search
    finds the bin of any row in which a sum is reached.
    """

    edges: list[Floats]
    groups: int
    first_row: Ints
    first_cell: Ints
    bins: Ints
    key: Floats
    span: float
    begin: Floats
    rate: Floats
    share: Floats
    causes: Ints

    @classmethod
    def of(cls, hazards: list[PhaseHazards]) -> "Stays":
        """Return the table of the phases, in their order."""
        draws, groups = hazards[0].rate.shape[:2]
        rows = draws * groups
        bins = np.array([len(phase.edges) for phase in hazards])
        most = max(1, *(len(phase.causes) for phase in hazards))
        span = 1.0 + max(float(phase.total.max()) for phase in hazards)
        causes = np.full((len(hazards), most), -1)
        share = np.ones((most - 1, rows * int(bins.sum())), dtype=np.float32)
        keys = []
        cell = 0
        for number, phase in enumerate(hazards):
            row = np.arange(number * rows, (number + 1) * rows, dtype=np.float64)
            keys.append((phase.total.reshape(rows, -1) + row[:, None] * span).ravel())
            count = len(phase.causes)
            causes[number, :count] = phase.causes
            until = cell + rows * int(bins[number])
            for cause in range(count - 1):
                share[cause, cell:until] = phase.share[..., cause].ravel()
            cell = until
        return cls(
            edges=[phase.edges for phase in hazards],
            groups=groups,
            first_row=np.arange(len(hazards)) * rows,
            first_cell=np.concatenate([[0], np.cumsum(bins * rows)[:-1]]),
            bins=bins,
            key=np.concatenate(keys),
            span=span,
            begin=np.concatenate([np.tile(phase.edges, rows) for phase in hazards]),
            rate=np.concatenate([phase.rate.ravel() for phase in hazards]),
            share=share,
            causes=causes,
        )

    def draw(
        self,
        phase: Ints,
        draw: Ints,
        group: Ints,
        *,
        luck: Floats,
        choice: Floats,
        pace: Floats,
        stayed: Ints | None = None,
    ) -> tuple[Ints, Ints]:
        """Return whole days in the phase (FAR: no end in sight) and the state after it.

        ``luck`` and ``choice`` are uniform numbers, ``pace`` multiplies the rates; ``stayed`` days
        have passed already (None: people who just came).
        """
        row = self.first_row[phase] + draw * self.groups + group
        low = row * self.span
        reached = np.log(luck)
        reached /= -pace
        if stayed is not None:
            reached += self.used(phase, draw * self.groups + group, stayed)
        cell = np.searchsorted(self.key, low + np.minimum(reached, self.span - 0.5), side="right")
        cell -= 1
        speed = self.rate[cell]
        left = np.maximum(reached - (self.key[cell] - low), 0.0)
        days = np.full(len(row), float(FAR))
        np.divide(left, speed, out=days, where=speed > 0)
        days += self.begin[cell]
        np.minimum(days, FAR, out=days)
        whole = days.astype(np.int64)
        if stayed is not None:
            np.maximum(whole, stayed, out=whole)
        cause = (self.share[:, cell] <= choice).sum(axis=0)
        then = self.causes[phase, cause]
        then[whole >= FAR] = -1
        return whole, then

    def used(self, phase: Ints, row: Ints, stayed: Ints) -> Floats:
        """Return the sum of the rates over the days that have passed already."""
        bin_now = np.zeros(len(phase), dtype=np.int64)
        for number, edges in enumerate(self.edges):
            here = phase == number
            bin_now[here] = np.searchsorted(edges, stayed[here], side="right") - 1
        cell = self.first_cell[phase] + row * self.bins[phase] + bin_now
        low = (self.first_row[phase] + row) * self.span
        return self.key[cell] - low + self.rate[cell] * (stayed - self.begin[cell])
