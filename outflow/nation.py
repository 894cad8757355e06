"""What the regions show together, from the numbers of their estimates; people are never read.

Each region keeps with its estimate how often people moved on and how long they stayed, and its own
draws. A picture adds both up: the counts are what a region leans on where its own past is short
(the others' only, never its own twice), the draws give the bands of the whole country. Regions are
drawn independently of each other, so draw n of the country is draw n of each of them together.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from accounts.context import working_for
from outflow.estimation import CORE_VERSION, add_national
from outflow.estimation.contract import QUANTILES
from outflow.estimation.quarters import label, parse_quarter
from outflow.models import EstimateRecord, EstimateRun, NationalPicture
from regions import together
from regions.models import Region, RunState
from regions.together import STALE_AFTER

Names = tuple[str, ...]
Counts = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Draws:
    """A region's futures as a whole: `counts` by draw, measure and quarter."""

    quarters: Names
    measures: Names
    counts: Counts

    @classmethod
    def of(cls, computed: Mapping[str, Any]) -> "Draws":
        """The draws as the core hands them over."""
        first, counts = parse_quarter(computed["first_quarter"]), computed["counts"]
        quarters = tuple(label(first + ahead) for ahead in range(counts.shape[2]))
        return cls(quarters, tuple(computed["measures"]), counts)

    def packed(self) -> bytes:
        """The numbers in few bytes: a line of JSON that says what they are, then the numbers."""
        about = {
            "quarters": self.quarters,
            "measures": self.measures,
            "shape": self.counts.shape,
        }
        numbers = np.ascontiguousarray(self.counts, dtype="<i4").tobytes()
        return zlib.compress(json.dumps(about).encode() + b"\n" + numbers)

    @classmethod
    def unpacked(cls, packed: bytes) -> "Draws":
        """What `packed` was made from."""
        head, _, numbers = zlib.decompress(packed).partition(b"\n")
        about = json.loads(head)
        return cls(
            quarters=tuple(about["quarters"]),
            measures=tuple(about["measures"]),
            counts=np.frombuffer(numbers, dtype="<i4").reshape(about["shape"]),
        )

    def __add__(self, other: "Draws") -> "Draws":
        """Both together, over the quarters, measures and draws that both have."""
        quarters = tuple(name for name in self.quarters if name in other.quarters)
        measures = tuple(name for name in self.measures if name in other.measures)
        mine, theirs = self._only(measures, quarters), other._only(measures, quarters)
        draws = min(len(mine), len(theirs))
        return Draws(quarters, measures, mine[:draws] + theirs[:draws])

    def _only(self, measures: Names, quarters: Names) -> Counts:
        rows = [self.measures.index(name) for name in measures]
        columns = [self.quarters.index(name) for name in quarters]
        return self.counts[:, rows][:, :, columns]

    def series(self) -> list[dict[str, Any]]:
        """The rows of a result's series, for everybody together."""
        ordered = np.quantile(self.counts, QUANTILES, axis=0, method="inverted_cdf")
        return [
            {
                "region": None,
                "municipality": None,
                "facility_type": None,
                "measure": measure,
                "quarter": quarter,
                "mean": float(self.counts[:, row, column].mean()),
                "quantiles": {
                    str(level): int(value)
                    for level, value in zip(QUANTILES, ordered[:, row, column], strict=True)
                },
            }
            for row, measure in enumerate(self.measures)
            for column, quarter in enumerate(self.quarters)
        ]


@dataclass(frozen=True)
class Part:
    """What one region adds."""

    region: str
    run: str
    counts: dict[str, Any]
    draws: Draws


# Adding up ---------------------------------------------------------------------------------------


def newest() -> NationalPicture | None:
    """The last picture that was made."""
    return NationalPicture.objects.order_by("-made_on").first()


def picture_of(night: date) -> NationalPicture | None:
    """Add up the latest estimate of each region; None when no region has one.

    Whoever does it twice gets the same picture: it is a function of the estimates.
    """
    counts: list[dict[str, Any]] = []
    runs: dict[str, str] = {}
    total: Draws | None = None
    for part in _parts(night):
        counts.append(part.counts)
        runs[part.region] = part.run
        total = part.draws if total is None else total + part.draws
    if total is None:
        return None
    picture, _made = NationalPicture.objects.update_or_create(
        made_on=night,
        defaults={
            "regions": len(runs),
            "counts": {
                "core_version": CORE_VERSION,
                "runs": runs,
                "nation": add_national(counts),
            },
            "series": total.series(),
        },
    )
    return picture


def _parts(night: date) -> Iterable[Part]:
    for region in Region.objects.order_by("pk"):
        with working_for(region.pk, job="estimate"):
            record = (
                _countable()
                .filter(run__region=region, run__as_of__gt=night - STALE_AFTER)
                .order_by("-run__finished_at", "-run__pk")
                .values_list("run__ref", "counts", "draws")
                .first()
            )
        if record is not None:
            run, counts, draws = record
            yield Part(str(region.ref), str(run), counts or {}, Draws.unpacked(bytes(draws or b"")))


def _countable() -> QuerySet[EstimateRecord]:
    """Records that can be added: other versions of the core may count something else."""
    return EstimateRecord.objects.filter(
        run__state=RunState.DONE,
        run__core_version=CORE_VERSION,
        counts__isnull=False,
        draws__isnull=False,
    )


def others_than(region: Region) -> dict[str, Any] | None:
    """What the other regions show in the last picture; None when there are none.

    What is taken off is what this region added to that very picture, not what it shows now. When
    that is gone, leaning on nobody is better than leaning on the own past twice.
    """
    picture = newest()
    if picture is None or picture.counts.get("core_version") != CORE_VERSION:
        return None
    runs = picture.counts["runs"]
    if not runs.keys() - {str(region.ref)}:
        return None
    if str(region.ref) not in runs:
        return dict(picture.counts["nation"])
    with working_for(region.pk, job="estimate"):
        own = (
            EstimateRecord.objects.filter(run__ref=runs[str(region.ref)])
            .values_list("counts", flat=True)
            .first()
        )
    if own is None:
        return None
    return dict(add_national([picture.counts["nation"]], without=own))


# When --------------------------------------------------------------------------------------------


def make_what_is_due() -> NationalPicture | None:
    """Make the picture if the last run of the night is finished and it is not in a picture yet.

    Asked after each run and again every minute: no message has to arrive, and none may count.
    """
    night = due()
    return None if night is None else picture_of(night)


def due() -> date | None:
    """The day of the picture that is to be made now."""
    picture = newest()
    held = {}
    if picture is not None and picture.counts.get("core_version") == CORE_VERSION:
        held = together.finished_at(EstimateRun, picture.counts["runs"].values())
    return together.due(EstimateRun, core_version=CORE_VERSION, held=held)
