"""The other side of a pair: which dwellings fitted its client too, and whom its dwelling fitted."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import Permission, Purpose, Viewer
from housing.models import MatchPair
from housing.outcomes import clients_of, homes_by_ref, homes_of, name_of
from housing.possibilities import Possibilities
from housing.projections import DwellingSeen
from outflow.filters import Bounds
from outflow.models import Client
from outflow.projections import ClientSeen, see_clients
from outflow.rows import waiting
from regions.marks import Clock

MOST_SHOWN = 25


@dataclass(frozen=True, slots=True)
class OtherDwelling:
    """A dwelling that fits the same client, and what the matching did with it."""

    dwelling: DwellingSeen
    name: str
    outcome: str


@dataclass(frozen=True, slots=True)
class OtherSeeker:
    """Somebody whom the same dwelling fits, and what the matching did for them."""

    client: ClientSeen
    clock: Clock | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Others[Row]:
    """Rows to show, and how many there are in all."""

    rows: list[Row]
    count: int


def other_dwellings(pair: MatchPair, viewer: Viewer) -> Others[OtherDwelling]:
    """The dwellings that fit the client of a pair, apart from its own."""
    client, own = _refs(pair)
    fitting = Possibilities.of(pair.run).homes_for([client]).get(client, [])
    others = sorted(ref for ref in fitting if ref != own)
    homes = homes_by_ref(viewer, others[:MOST_SHOWN])
    found = list(_pairs(pair).filter(dwelling__ref__in=list(homes)))
    people = clients_of(viewer, [each.client_id for each in found])
    taken = {
        str(each.dwelling.ref): _outcome_for_dwelling(each, people[each.client_id])
        for each in found
        if each.client_id in people
    }
    rows = [
        OtherDwelling(home, name_of(home), taken.get(ref, _("left over")))
        for ref, home in homes.items()
    ]
    return Others(sorted(rows, key=lambda row: row.dwelling.available_on), len(others))


def other_seekers(pair: MatchPair, viewer: Viewer) -> Others[OtherSeeker]:
    """Everybody else whom the dwelling of a pair fits, longest waiting first."""
    own, dwelling = _refs(pair)
    others = [ref for ref in Possibilities.of(pair.run).people_for(dwelling) if ref != own]
    clients = list(
        Client.objects.visible_to(viewer, Permission.SEE_CLIENTS)
        .filter(ref__in=others[:MOST_SHOWN])
        .longest_waiting_first()
        .for_list()
    )
    seen = see_clients(clients, viewer, purpose=Purpose.MATCHING)
    found = {
        each.client_id: each
        for each in _pairs(pair).filter(client__in=[client.pk for client in clients])
    }
    homes = homes_of(viewer, [each.dwelling_id for each in found.values()])
    bounds = Bounds.of(viewer)
    rows = [
        OtherSeeker(one, waiting(one, bounds), _outcome_for_client(found.get(client.pk), homes))
        for client, one in zip(clients, seen, strict=True)
    ]
    return Others(rows, len(others))


def _pairs(pair: MatchPair) -> QuerySet[MatchPair]:
    found = MatchPair.objects.filter(run_id=pair.run_id)
    return found.select_related("client", "dwelling")


def _refs(pair: MatchPair) -> tuple[str, str]:
    return str(pair.client.ref), str(pair.dwelling.ref)


def _outcome_for_dwelling(found: MatchPair, client: ClientSeen) -> str:
    words = _("promised to case %(code)s") if found.is_locked else _("goes to case %(code)s")
    return words % {"code": client.label}


def _outcome_for_client(found: MatchPair | None, homes: dict[int, DwellingSeen]) -> str:
    if found is None or found.dwelling_id not in homes:
        return _("no proposal")
    return name_of(homes[found.dwelling_id])
