"""What a matching changed against the one before: pairs that are new, gone, moved or promised."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.access import Viewer
from housing.models import MatchPair, MatchRun
from housing.outcomes import clients_of, homes_of, name_of
from outflow.projections import ClientSeen

NEW, GONE, MOVED, PROMISED = "new", "gone", "moved", "promised"
ORDER = (NEW, MOVED, GONE, PROMISED)


@dataclass(frozen=True, slots=True)
class Change:
    """One client whose pair is another than before; dwellings by key."""

    kind: str
    client_id: int
    before_id: int | None
    now_id: int | None


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    client: ClientSeen
    words: str
    before: str
    now: str


def changes(run: MatchRun, before: MatchRun | None) -> list[Change]:
    """Every pair that differs, kind by kind; without a run before nothing can differ."""
    if before is None:
        return []
    now, then = _pairs(run), _pairs(before)
    found = []
    for client in sorted(now.keys() | then.keys()):
        home, is_locked = now.get(client, (None, False))
        home_then, was_locked = then.get(client, (None, False))
        kind = _kind(home, home_then, becomes_promise=is_locked and not was_locked)
        if kind:
            found.append(Change(kind, client, home_then, home))
    return sorted(found, key=lambda change: ORDER.index(change.kind))


def counted(found: list[Change]) -> Counter[str]:
    return Counter(change.kind for change in found)


def see_changes(found: list[Change], viewer: Viewer) -> list[ChangeSeen]:
    """Changes as rows of a page."""
    clients = clients_of(viewer, [change.client_id for change in found])
    keys = {change.before_id for change in found} | {change.now_id for change in found}
    homes = homes_of(viewer, [key for key in keys if key is not None])

    def named(key: int | None) -> str:
        return name_of(homes[key]) if key in homes else ""

    words = {
        NEW: _("new"),
        GONE: _("gone"),
        MOVED: _("to another dwelling"),
        PROMISED: _("became a promise"),
    }
    return [
        ChangeSeen(
            client=clients[change.client_id],
            words=words[change.kind],
            before=named(change.before_id),
            now=named(change.now_id),
        )
        for change in found
        if change.client_id in clients
    ]


def _pairs(run: MatchRun) -> dict[int, tuple[int, bool]]:
    rows = MatchPair.objects.filter(run=run).values_list("client_id", "dwelling_id", "is_locked")
    return {client: (dwelling, is_locked) for client, dwelling, is_locked in rows}


def _kind(home: int | None, home_then: int | None, *, becomes_promise: bool) -> str:
    if home_then is None:
        return NEW
    if home is None:
        return GONE
    if home != home_then:
        return MOVED
    return PROMISED if becomes_promise else ""
