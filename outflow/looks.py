"""Who looked at a client's file: one line per person, day, kind of data and reason, newest first.

Written in words that a client understands; the care worker hands it over on paper.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.access import Purpose, Role
from accounts.models import ReadEntry
from outflow.models import Client
from regions import formats

# What somebody saw, in the order in which it weighs.
FIELDS = {
    "identity": pgettext_lazy("saw", "the name"),
    "contact": pgettext_lazy("saw", "telephone and e-mail"),
    "care_profile": pgettext_lazy("saw", "income, debts and remarks"),
    "exclusions": pgettext_lazy("saw", "areas that cannot be"),
    "readiness": pgettext_lazy("saw", "readiness"),
    "readiness_outcome": pgettext_lazy("saw", "the phase and its date"),
    "need": pgettext_lazy("saw", "the housing need"),
    "near": pgettext_lazy("saw", "where own people and day activity are"),
    "case_code": pgettext_lazy("saw", "the case code"),
}
PURPOSES = {
    Purpose.CASELOAD: pgettext_lazy("reason", "list of clients"),
    Purpose.READINESS: pgettext_lazy("reason", "readiness"),
    Purpose.NEED: pgettext_lazy("reason", "housing need"),
    Purpose.ARRANGEMENT: pgettext_lazy("reason", "arrangement"),
    Purpose.MATCHING: pgettext_lazy("reason", "matching"),
    Purpose.PROPOSAL: pgettext_lazy("reason", "proposal"),
    Purpose.DUPLICATES: pgettext_lazy("reason", "double registration"),
    Purpose.IMPORT: pgettext_lazy("reason", "list that was read"),
    Purpose.OVERSIGHT: pgettext_lazy("reason", "oversight"),
    Purpose.EXPLANATION: pgettext_lazy("reason", "explanation for the client"),
}
# How many entries are read at most for the short list on the client page.
RECENT = 60


@dataclass(frozen=True, slots=True)
class LookSeen:
    """One line of the log."""

    at: datetime
    who: str
    organisation: str
    what: str
    emergency: bool = False


def looks_at(client: Client, *, at_most: int | None = None) -> list[LookSeen]:
    """Lines about this client; the same look on the same day is one line."""
    entries = (
        ReadEntry.objects.filter(client_ref=client.ref)
        .select_related("organisation")
        .order_by("-at", "-pk")
    )
    if at_most is not None:
        entries = entries[:RECENT]
    lines: dict[tuple[object, ...], LookSeen] = {}
    for entry in entries:
        key = (_day(entry.at), entry.user_id, entry.role, entry.purpose, tuple(entry.fields))
        if key not in lines:
            lines[key] = _line(entry)
        if at_most is not None and len(lines) == at_most:
            break
    return list(lines.values())


def _line(entry: ReadEntry) -> LookSeen:
    seen = [str(words) for code, words in FIELDS.items() if code in entry.fields]
    reason = PURPOSES.get(Purpose(entry.purpose)) if entry.purpose in Purpose else entry.purpose
    if entry.occasion:
        reason = f"{reason} {entry.occasion}"
    what = _("saw %(what)s. Reason: %(reason)s.") % {
        "what": formats.and_list(seen or [_("the file")]),
        "reason": reason,
    }
    return LookSeen(
        at=entry.at,
        who=str(capfirst(Role(entry.role).label)),
        organisation=entry.organisation.name,
        what=what,
        emergency=entry.action == "B",
    )


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()
