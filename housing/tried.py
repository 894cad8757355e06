"""Reads try-outs for a page: what was tried, by whom, what came of it, and for whom it differs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.access import Permission, Purpose, Viewer
from housing.matching_words import Names
from housing.models import TryOut, TryOutRecord
from housing.outcomes import homes_by_ref, name_of
from housing.shortage_words import bottleneck
from housing.trying import ADDED, Change, Difference, bottlenecks, differences
from housing.trying_words import (
    Known,
    Why,
    change_sentence,
    failure_sentence,
    kind_words,
    neck_change,
    outcome_sentence,
)
from outflow.models import Client
from outflow.projections import ClientSeen, see_clients
from regions.models import RunState

STATE_KINDS = {RunState.DONE: "ok", RunState.FAILED: "late"}


@dataclass(frozen=True, slots=True)
class TryOutSeen:
    """A try-out as a row and as the head of its page."""

    ref: UUID
    url: str
    sentences: list[str]
    asked_by: str
    asked_at: datetime
    state: str
    kind: str
    outcome: str
    is_finished: bool
    is_done: bool


@dataclass(frozen=True, slots=True)
class DifferenceSeen:
    """One person for whom the try-out differs; `why` is for whoever weighs it."""

    client: ClientSeen
    words: str
    before: str
    after: str
    why: list[str]


def try_outs_for(viewer: Viewer) -> QuerySet[TryOut]:
    """The try-outs of the viewer's region, the newest first."""
    found = TryOut.objects.visible_to(viewer, Permission.TRY_OUT)
    return found.select_related("asked_by", "policy").order_by("-requested_at", "-pk")


def see_try_outs(runs: Iterable[TryOut], viewer: Viewer, names: Names) -> list[TryOutSeen]:
    runs = list(runs)
    known = known_of([change for run in runs for change in run.changes], viewer, names)
    return [_seen(run, known) for run in runs]


def known_of(changes: Sequence[Change], viewer: Viewer, names: Names) -> Known:
    """What the people and homes in these changes are called."""
    clients = clients_by_ref(viewer, {c["client"] for c in changes if "client" in c})
    homes = homes_by_ref(viewer, {c["dwelling"] for c in changes if "dwelling" in c})
    return Known(
        names,
        codes={ref: client.label for ref, client in clients.items()},
        homes={ref: name_of(home) for ref, home in homes.items()},
    )


def clients_by_ref(viewer: Viewer, refs: Iterable[str]) -> dict[str, ClientSeen]:
    """Clients by ref, with a line in the log of who looked for each."""
    wanted = list(refs)
    if not wanted:
        return {}
    found = Client.objects.visible_to(viewer, Permission.SEE_CLIENTS).for_list()
    seen = see_clients(found.filter(ref__in=wanted), viewer, purpose=Purpose.MATCHING)
    return {str(client.ref): client for client in seen}


def link_to(run: TryOut) -> SafeString:
    """To the answer, for the note of a run that is ready."""
    return format_html('<a href="{}">{}</a>', run.get_absolute_url(), _("Show it"))


def _seen(run: TryOut, known: Known) -> TryOutSeen:
    sentences = [change_sentence(change, known) for change in run.changes]
    if run.policy is not None:
        version = _("The policy as version %(number)s has it") % {"number": run.policy.number}
        sentences.insert(0, version)
    outcome = ""
    if run.state == RunState.DONE:
        outcome = outcome_sentence(run.summary)
    elif run.state == RunState.FAILED:
        outcome = failure_sentence(run)
    return TryOutSeen(
        ref=run.ref,
        url=run.get_absolute_url(),
        sentences=sentences,
        asked_by=run.asked_by.name,
        asked_at=run.requested_at,
        state=str(run.get_state_display()),
        kind=STATE_KINDS.get(RunState(run.state), "none"),
        outcome=outcome,
        is_finished=run.is_finished,
        is_done=run.state == RunState.DONE,
    )


class Answers:
    """Both answers of one try-out, for its page."""

    def __init__(self, run: TryOut, viewer: Viewer, names: Names) -> None:
        record = TryOutRecord.objects.get(run=run)
        self.viewer = viewer
        self.names = names
        self.before, self.after = record.before, record.after
        self.differences = differences(self.before, self.after)

    def see(self, shown: Sequence[Difference]) -> list[DifferenceSeen]:
        """Some of the differences as rows; case codes of others stand where they say why."""
        dwellers = Why(self.before, self.after, Known(self.names))
        homes = {home for each in shown for home in (each.before, each.after) if home}
        others = {
            found.get(home, "")
            for home in homes
            for found in (dwellers.dwellers_before, dwellers.dwellers_after)
        } - {""}
        clients = clients_by_ref(self.viewer, others | {each.client for each in shown})
        places = homes_by_ref(self.viewer, {home for home in homes if not home.startswith(ADDED)})
        known = Known(
            self.names,
            codes={ref: client.label for ref, client in clients.items()},
            homes={ref: name_of(home) for ref, home in places.items()},
        )
        why = Why(self.before, self.after, known)
        return [
            DifferenceSeen(
                client=clients[each.client],
                words=kind_words(each.kind),
                before=known.home(each.before) if each.before else "",
                after=known.home(each.after) if each.after else "",
                why=why.sentences(each),
            )
            for each in shown
            if each.client in clients
        ]

    def bottlenecks(self) -> list[dict[str, Any]]:
        """What is short if it were so, with what it was before."""
        found = []
        for row, was in bottlenecks(self.before, self.after):
            shown = bottleneck(row, self.names)
            change = neck_change(row["gain"][0], was)
            # What is short no more has nothing behind it that still counts.
            shown["behind"] = f"{change} {shown['behind']}" if row["gain"][0] else change
            found.append(shown)
        return found
