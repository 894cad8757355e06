"""How many fitting homes somebody refused, from the facts alone. Pure.

A refusal counts when the client said no to a home that fits the need as it is recorded now, for
another reason than safety, after the table last let the client in again. Whoever refused for
something that was not recorded is helped by recording it: the refusal then stops counting.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from housing.fit import Home, Need, misfits
from housing.lifecycle import NEVER_COUNTS


@dataclass(frozen=True, slots=True)
class Refusal:
    """A home the client said no to, and the day; `neighbourhood` is None where it is not known."""

    on: date
    reason: str
    home: Home
    municipality: str
    neighbourhood: str | None


def counted(
    refusals: Iterable[Refusal],
    need: Need,
    *,
    municipalities: frozenset[str],
    excluded: frozenset[str],
    since: date | None,
) -> list[date]:
    """The days of the refusals that count, the first one first; `since` is the last readmission."""
    return sorted(
        refusal.on
        for refusal in refusals
        if refusal.reason not in NEVER_COUNTS
        and (since is None or refusal.on > since)
        and not misfits(need, refusal.home)
        and (not municipalities or refusal.municipality in municipalities)
        and refusal.neighbourhood not in excluded
    )
