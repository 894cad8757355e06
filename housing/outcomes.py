"""Reads a matching for a page: its pairs and where each of them stands now.

A run is a picture of one moment. Whether a pair can still be decided is asked of the facts of now.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Permission, Purpose, Viewer
from housing.lifecycle import LIVE, DepartureReason
from housing.matching_words import Names, Reasons, reasons_in_words
from housing.models import (
    Dwelling,
    MatchPair,
    MatchRecord,
    MatchRun,
    Placement,
    Proposal,
)
from housing.possibilities import Possibilities
from housing.projections import DwellingSeen, see_dwellings
from outflow.filters import Bounds
from outflow.lifecycle import BEFORE_GATE
from outflow.models import Client
from outflow.projections import ClientSeen, see_clients
from outflow.rows import waiting
from regions import formats
from regions.marks import Clock
from regions.models import RunState

ALTERNATIVES_ON_A_CARD = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a pair stands now: open to decide, decided, or overtaken by the facts."""

    kind: str  # open, decided, gone
    words: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class PairSeen:
    """A client and a dwelling that a run proposes together."""

    ref: UUID
    title: str
    client: ClientSeen
    dwelling: DwellingSeen
    clock: Clock | None
    reasons: Reasons
    alternatives: list[str] | None
    is_locked: bool
    standing: Standing

    @property
    def is_open(self) -> bool:
        return self.standing.kind == "open"


# Runs --------------------------------------------------------------------------------------------


def runs_for(viewer: Viewer) -> QuerySet[MatchRun]:
    """The runs a viewer may see, the newest first."""
    return MatchRun.objects.visible_to(viewer, Permission.SEE_MATCHING).order_by(
        "-requested_at", "-pk"
    )


def last_done(viewer: Viewer) -> MatchRun | None:
    """The matching that counts now: the last one that succeeded."""
    done = runs_for(viewer).filter(state=RunState.DONE)
    return done.order_by("-finished_at", "-pk").first()


def newest(viewer: Viewer) -> MatchRun | None:
    """The run that was asked for last, whatever became of it."""
    return runs_for(viewer).exclude(state=RunState.SUPERSEDED).first()


def done_before(run: MatchRun) -> MatchRun | None:
    """The result that this one replaced."""
    return (
        MatchRun.objects.filter(
            region_id=run.region_id, state=RunState.DONE, finished_at__lt=run.finished_at
        )
        .order_by("-finished_at", "-pk")
        .first()
    )


# Pairs -------------------------------------------------------------------------------------------


def see_pairs(
    pairs: Iterable[MatchPair],
    viewer: Viewer,
    names: Names,
    *,
    on: date,
    alternatives: dict[int, list[str]] | None = None,
    whole: bool = False,
) -> list[PairSeen]:
    """Pairs as cards, from one run of the day `on`; `whole` gives every reason."""
    pairs = list(pairs)
    clients = clients_of(viewer, [pair.client_id for pair in pairs])
    homes = homes_of(viewer, [pair.dwelling_id for pair in pairs])
    bounds = Bounds.of(viewer)
    shown = [pair for pair in pairs if pair.client_id in clients and pair.dwelling_id in homes]
    standings = _standings(shown, viewer)
    found = []
    for pair in shown:
        client, home = clients[pair.client_id], homes[pair.dwelling_id]
        found.append(
            PairSeen(
                ref=pair.ref,
                title=_("Case %(code)s and %(dwelling)s")
                % {"code": client.label, "dwelling": name_of(home)},
                client=client,
                dwelling=home,
                clock=waiting(client, bounds),
                reasons=reasons_in_words(pair.reasons, names, on=on, whole=whole),
                alternatives=None if alternatives is None else alternatives.get(pair.pk, []),
                is_locked=pair.is_locked,
                standing=standings[pair.pk],
            )
        )
    return found


def undecided(run: MatchRun) -> QuerySet[MatchPair]:
    """Pairs of a run that nobody decided about."""
    decided = Proposal.objects.filter(pair__run=run).values("pair_id")
    return MatchPair.objects.filter(run=run, is_locked=False).exclude(pk__in=decided)


def alternatives_for(
    pairs: Sequence[MatchPair], run: MatchRun, viewer: Viewer
) -> dict[int, list[str]]:
    """For each pair other dwellings that fit its client and were left over in this run."""
    left = [row["dwelling"] for row in unused_rows(run)]
    if not pairs or not left:
        return {}
    refs = dict(
        Client.objects.filter(pk__in=[pair.client_id for pair in pairs]).values_list("pk", "ref")
    )
    fitting = Possibilities.of(run).homes_for(
        [str(refs[pair.client_id]) for pair in pairs if pair.client_id in refs], among=left
    )
    wanted = {ref for homes in fitting.values() for ref in homes[:ALTERNATIVES_ON_A_CARD]}
    homes = homes_by_ref(viewer, wanted)
    return {
        pair.pk: [
            dwelling_in_words(homes[ref])
            for ref in fitting.get(str(refs.get(pair.client_id)), [])[:ALTERNATIVES_ON_A_CARD]
            if ref in homes
        ]
        for pair in pairs
    }


def name_of(home: DwellingSeen) -> str:
    """Its address and neighbourhood in one line."""
    return f"{home.address}, {home.district}" if home.address else home.label


def dwelling_in_words(home: DwellingSeen) -> str:
    """A dwelling in one line: where, what it costs, from when."""
    return _("%(dwelling)s: %(rent)s, free from %(day)s") % {
        "dwelling": name_of(home),
        "rent": formats.money(home.basic_rent),
        "day": formats.day(home.available_on),
    }


def _standings(pairs: list[MatchPair], viewer: Viewer) -> dict[int, Standing]:
    """Where each pair stands, from the facts of now."""
    keys = [pair.client_id for pair in pairs]
    clients = {client.pk: client for client in Client.objects.filter(pk__in=keys).with_phase()}
    ready = set(
        Client.objects.ready_for_proposal().filter(pk__in=keys).values_list("pk", flat=True)
    )
    free = set(
        Dwelling.objects.free()
        .filter(pk__in=[pair.dwelling_id for pair in pairs])
        .values_list("pk", flat=True)
    )
    decided = {
        proposal.pair_id: proposal
        for proposal in Proposal.objects.filter(pair__in=pairs).order_by("pk")
    }
    people = [client.person_id for client in clients.values()]
    live = {
        proposal.person_id: proposal
        for proposal in Proposal.objects.filter(person_id__in=people, state__in=LIVE)
    }
    housed = set(
        Placement.objects.filter(person_id__in=people).running().values_list("person_id", flat=True)
    )
    return {
        pair.pk: _standing(
            pair,
            clients[pair.client_id],
            decided=decided.get(pair.pk),
            live=live.get(clients[pair.client_id].person_id),
            is_housed=clients[pair.client_id].person_id in housed,
            is_ready=pair.client_id in ready,
            is_free=pair.dwelling_id in free,
        )
        for pair in pairs
    }


def _standing(
    pair: MatchPair,
    client: Client,
    *,
    decided: Proposal | None,
    live: Proposal | None,
    is_housed: bool,
    is_ready: bool,
    is_free: bool,
) -> Standing:
    if decided is not None:
        return Standing("decided", decision_in_words(decided), decided.get_absolute_url())
    if live is not None:
        return Standing(
            "decided",
            _("This client has proposal %(code)s.") % {"code": live.code},
            live.get_absolute_url(),
        )
    if is_housed:
        return Standing("gone", _("This client lives in a dwelling by now."))
    if not is_ready:
        if getattr(client, "phase", None) in BEFORE_GATE:
            return Standing(
                "gone",
                _("This client is not ready yet. Propose as soon as readiness is recorded."),
            )
        return Standing("gone", _("This client is not waiting for a home any more."))
    if not is_free:
        return Standing("gone", _("This dwelling is no longer free."))
    return Standing("open")


def decision_in_words(proposal: Proposal) -> str:
    """What a person decided about a pair."""
    facts = {"day": formats.day(proposal.proposed_on), "code": proposal.code}
    if proposal.follows_matching:
        return _("Followed on %(day)s: proposal %(code)s.") % facts
    reason = DepartureReason(proposal.departure_reason).label
    return _("Departed on %(day)s, because of: %(reason)s. Proposal %(code)s instead.") % {
        **facts,
        "reason": reason,
    }


def unused_rows(run: MatchRun) -> list[dict[str, Any]]:
    """Rows of the dwellings for which the run proposed nobody."""
    rows = MatchRecord.objects.filter(run=run).values_list("result__unused", flat=True).first()
    return rows or []


# Clients and dwellings as they are seen ----------------------------------------------------------


def clients_of(viewer: Viewer, keys: Iterable[int]) -> dict[int, ClientSeen]:
    """Clients by key, with a line in the log of who looked for each."""
    found = list(
        Client.objects.visible_to(viewer, Permission.SEE_CLIENTS)
        .for_list()
        .filter(pk__in=list(keys))
    )
    seen = see_clients(found, viewer, purpose=Purpose.MATCHING)
    return {client.pk: one for client, one in zip(found, seen, strict=True)}


def homes_of(viewer: Viewer, keys: Iterable[int]) -> dict[int, DwellingSeen]:
    """Dwellings by key."""
    found = list(_homes(viewer).filter(pk__in=list(keys)))
    return {home.pk: seen for home, seen in zip(found, see_dwellings(found, viewer), strict=True)}


def homes_by_ref(viewer: Viewer, refs: Iterable[str]) -> dict[str, DwellingSeen]:
    """Dwellings by ref, as runs name them."""
    seen = see_dwellings(_homes(viewer).filter(ref__in=list(refs)), viewer)
    return {str(home.ref): home for home in seen}


def _homes(viewer: Viewer) -> QuerySet[Dwelling]:
    found = Dwelling.objects.visible_to(viewer, Permission.SEE_DWELLINGS)
    return found.for_list().with_held()


def pair_url(pair: PairSeen, step: str = "") -> str:
    """The address of a pair's explanation, or of deciding about it."""
    name = f"housing:match_{step}" if step else "housing:match_pair"
    return reverse(name, args=[pair.ref])
