"""How often people follow the matching, how often they do not and why, and how fast they decide.

The one place that counts it. A decision is a proposal that follows the matching or departs from it
with a reason. Nothing is counted per person who decides: what matters is whether people decide.

Whoever decides sees every case anyway, and gets exact numbers of this moment. Everybody else gets
months that are over, each number rounded to 5 or "fewer than 10".
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from accounts.access import Permission, Viewer, may
from accounts.context import reading_for
from housing.lifecycle import DepartureReason
from housing.models import Proposal
from regions import formats
from regions.clock import today
from regions.rules import decision, rule

LOOKED_AT = 100
MONTHS = 12
A_MINUTE = 60
# Below so many decisions with a known time nothing is said about haste.
LEAST_TO_JUDGE = 10
LEAST_FOR_A_SHARE = 50
RULE = "hasty_follow_percent"


class _Decided(NamedTuple):
    """One decision as it is counted; who took it is not asked for."""

    follows: bool
    reason: str
    seconds: int | None
    on: date


@dataclass(frozen=True, slots=True)
class Decisions:
    """What became of a number of decisions.

    `timed` are those that followed and of which it is known how long somebody looked; `hasty` are
    those of them that took less than a minute. `is_exact` is for whoever may see the cases.
    """

    followed: int
    departed: int
    timed: int
    hasty: int
    reasons: list[tuple[str, int]]
    warns_from: int
    is_exact: bool

    @property
    def looked_at(self) -> int:
        return self.followed + self.departed

    @property
    def followed_share(self) -> int | None:
        return self._share(self.followed, self.looked_at)

    @property
    def hasty_share(self) -> int | None:
        return self._share(self.hasty, self.timed)

    @property
    def is_hasty(self) -> bool:
        """Whether following may have become a habit: the region's rule says from which share."""
        return self.timed >= LEAST_TO_JUDGE and 100 * self.hasty >= self.warns_from * self.timed

    def told(self, count: int) -> str:
        """A number as this viewer may see it."""
        return formats.number(count) if self.is_exact else formats.people_count(count)

    def _share(self, part: int, whole: int) -> int | None:
        """In percent, of the numbers as they are told, and only of fifty or more."""
        if whole < LEAST_FOR_A_SHARE:
            return None
        if not self.is_exact:
            if part < formats.SMALLEST_COUNT_SHOWN:
                return None
            part, whole = formats.to_five(part), formats.to_five(whole)
        return round(100 * part / whole)


@dataclass(frozen=True, slots=True)
class Month:
    """The decisions of one month."""

    first: date
    decisions: Decisions


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which share the page warns, who decided that, and from when; nobody is the default."""

    percent: int
    owner: str
    valid_from: date | None


def last_decisions(viewer: Viewer) -> Decisions:
    """The last hundred decisions of the region."""
    return _counted(_decided(viewer, most=LOOKED_AT), viewer)


def by_month(viewer: Viewer) -> list[Month]:
    """The decisions of each of the last twelve months that had any, the newest first."""
    since = formats.months_after(today().replace(day=1), -MONTHS)
    months: dict[date, list[_Decided]] = {}
    for each in _decided(viewer, since=since):
        months.setdefault(each.on.replace(day=1), []).append(each)
    return [
        Month(first, _counted(rows, viewer)) for first, rows in sorted(months.items(), reverse=True)
    ]


def threshold(viewer: Viewer) -> Threshold:
    """The rule of the region about haste."""
    own = decision(viewer.region_id, RULE, on=today())
    percent = int(rule(viewer.region_id, RULE, on=today()))
    return Threshold(percent, own.owner if own else "", own.valid_from if own else None)


def sees_exact(viewer: Viewer) -> bool:
    return may(viewer, Permission.DECIDE_PROPOSAL)


def _decided(
    viewer: Viewer, *, since: date | None = None, most: int | None = None
) -> Sequence[_Decided]:
    """Decisions, the newest first; only of months that are over for who sees no cases."""
    if not may(viewer, Permission.SEE_DECISIONS):
        return []
    rows = Proposal.objects.filter(region_id=viewer.region_id).filter(
        Q(follows_matching=True) | ~Q(departure_reason="")
    )
    if since is not None:
        rows = rows.filter(proposed_on__gte=since)
    if not sees_exact(viewer):
        rows = rows.filter(proposed_on__lt=today().replace(day=1))
    with reading_for(viewer.region_id, job="figures"):
        return [
            _Decided(*row)
            for row in rows.order_by("-pk").values_list(
                "follows_matching", "departure_reason", "considered_seconds", "proposed_on"
            )[:most]
        ]


def _counted(rows: Iterable[_Decided], viewer: Viewer) -> Decisions:
    rows = list(rows)
    followed = [row for row in rows if row.follows]
    timed = [row.seconds for row in followed if row.seconds is not None]
    why = Counter(row.reason for row in rows if not row.follows)
    return Decisions(
        followed=len(followed),
        departed=sum(why.values()),
        timed=len(timed),
        hasty=sum(1 for seconds in timed if seconds < A_MINUTE),
        reasons=[(str(DepartureReason(code).label), count) for code, count in why.most_common()],
        warns_from=int(rule(viewer.region_id, RULE, on=today())),
        is_exact=sees_exact(viewer),
    )
