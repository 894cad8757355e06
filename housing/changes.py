"""What a matching changed against the one before, and by what cause."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.access import Permission, Purpose, Viewer
from housing import causes
from housing.cause_words import in_words
from housing.causes import GONE, MOVED, NEW, PROMISED, Answered, Changed
from housing.models import MatchRecord, MatchRun
from housing.outcomes import homes_by_ref, name_of
from outflow.models import Client
from outflow.projections import ClientSeen, see_clients


@dataclass(frozen=True, slots=True)
class Differences:
    """Every pair that differs between two matchings, and what changed in what they saw."""

    pairs: list[Changed]
    facts: Counter[str]
    # The version of the policy that counts now, if there is one.
    policy: str

    @property
    def kinds(self) -> Counter[str]:
        return Counter(change.kind for change in self.pairs)

    @property
    def causes(self) -> Counter[str]:
        return causes.counted(self.pairs)


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    client: ClientSeen
    words: str
    before: str
    now: str
    causes: list[str]


def differences(run: MatchRun, before: MatchRun) -> Differences:
    """What is other in a matching than in the one before, from what both of them kept."""
    records = {
        record.run_id: Answered(record.instance, record.result)
        for record in MatchRecord.objects.filter(run__in=(run, before))
    }
    then, now = records[before.pk], records[run.pk]
    return Differences(
        pairs=causes.between(then, now),
        facts=causes.facts_between(then, now),
        policy=str(run.policy.number) if run.policy else "",
    )


def see_changes(found: Iterable[Changed], viewer: Viewer, *, policy: str = "") -> list[ChangeSeen]:
    """Changes as rows of a page."""
    found = list(found)
    clients = _clients(viewer, [change.client for change in found])
    refs = {change.before for change in found} | {change.now for change in found}
    homes = homes_by_ref(viewer, [ref for ref in refs if ref is not None])

    def named(ref: str | None) -> str:
        return name_of(homes[ref]) if ref in homes else ""

    words = {
        NEW: _("new"),
        GONE: _("gone"),
        MOVED: _("to another dwelling"),
        PROMISED: _("became a promise"),
    }
    return [
        ChangeSeen(
            client=clients[change.client],
            words=words[change.kind],
            before=named(change.before),
            now=named(change.now),
            causes=in_words(change.causes, policy=policy),
        )
        for change in found
        if change.client in clients
    ]


def _clients(viewer: Viewer, refs: Iterable[str]) -> dict[str, ClientSeen]:
    """Clients by ref, as runs name them, with a line in the log of who looked for each."""
    visible = Client.objects.visible_to(viewer, Permission.SEE_CLIENTS)
    found = list(visible.for_list().filter(ref__in=list(refs)))
    seen = see_clients(found, viewer, purpose=Purpose.MATCHING)
    return {str(client.ref): one for client, one in zip(found, seen, strict=True)}
