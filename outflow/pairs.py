"""What a viewer sees of two registrations that may be one person.

A coordinator sees two case codes and which tokens agree; a provider sees its own client and that
there is another registration elsewhere, never whose.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import pgettext_lazy

from accounts.access import Permission, Purpose, Relation, Viewer, grants_for
from outflow.models import Client, LikelyDuplicate
from outflow.projections import see_clients
from regions import formats

AGREEING = {
    "surname": pgettext_lazy("agrees", "the sound of the surname"),
    "born": pgettext_lazy("agrees", "the birth date"),
    "initial": pgettext_lazy("agrees", "the initial"),
}


@dataclass(frozen=True, slots=True)
class SideSeen:
    """One of the two registrations; without label and address for whoever may not see it."""

    label: str
    url: str
    confirms: bool | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class PairSeen:
    """Two registrations, what agrees, what each provider said and what was decided."""

    ref: UUID
    sides: tuple[SideSeen, SideSeen]
    agreeing: str
    verdict: str
    decides: bool

    @property
    def both_confirm(self) -> bool:
        return all(side.confirms for side in self.sides)

    @property
    def own(self) -> SideSeen | None:
        return next((side for side in self.sides if side.is_own), None)


def see_pairs(pairs: Iterable[LikelyDuplicate], viewer: Viewer) -> list[PairSeen]:
    """Rows of the list, from rows `visible_to` this viewer."""
    pairs = list(pairs)
    decides = any(
        grant.relation == Relation.REGION
        for grant in grants_for(viewer.role, Permission.REVIEW_DUPLICATES)
    )
    keys = {key for pair in pairs for key in (pair.first_id, pair.second_id)}
    clients = Client.objects.visible_to(viewer, Permission.REVIEW_DUPLICATES).filter(pk__in=keys)
    rows = list(clients.for_list() if decides else clients.for_list().with_identity())
    seen = dict(
        zip(
            (client.pk for client in rows),
            see_clients(rows, viewer, purpose=Purpose.DUPLICATES),
            strict=True,
        )
    )

    def side(key: int, confirms: bool | None) -> SideSeen:
        client = seen.get(key)
        return SideSeen(
            label=client.label if client else "",
            url=client.url if client else "",
            confirms=confirms,
            is_own=client is not None and not decides,
        )

    return [
        PairSeen(
            ref=pair.ref,
            sides=(
                side(pair.first_id, pair.first_confirms),
                side(pair.second_id, pair.second_confirms),
            ),
            agreeing=formats.and_list(
                str(words) for code, words in AGREEING.items() if code in pair.agreeing
            ),
            verdict=pair.verdict,
            decides=decides,
        )
        for pair in pairs
    ]
