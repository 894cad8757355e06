"""What a viewer sees of an arrangement: four parts, and in them who arranges what by when.

The parties that arrange see the items; whoever only oversees sees how far each part is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Permission, Stage, Viewer, sees
from outflow.lifecycle import ArrangementPart, ItemState
from outflow.models import ArrangementItem, Client
from outflow.projections import relations_to
from regions import formats
from regions.clock import today


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """One thing to arrange; `gap` when nobody has arranged it."""

    ref: UUID
    what: str
    who: str
    gap: bool
    code: str
    state: str


@dataclass(frozen=True, slots=True)
class PartSeen:
    """One of the four parts, its state in a word, and its items as far as they may be seen."""

    part: str
    label: str
    kind: str
    word: str
    has_gap: bool
    items: tuple[ItemSeen, ...]


def see_arrangement(client: Client, viewer: Viewer) -> list[PartSeen]:
    """The four parts, in their order; without items for whoever only oversees."""
    held = relations_to(client, viewer)
    shows_items = any(
        sees(viewer, Permission.UPDATE_ARRANGEMENT, relation=relation, stage=Stage.REGISTERED)
        for relation in held
    )
    items: dict[str, list[ArrangementItem]] = {}
    for item in client.arrangement.select_related("responsible"):
        items.setdefault(item.part, []).append(item)
    return [_part(part, items.get(part, []), shows_items) for part in ArrangementPart]


def sentence_of(parts: Iterable[PartSeen]) -> str:
    """How the whole arrangement stands, to be said aloud."""
    parts = list(parts)
    gaps = sum(part.has_gap for part in parts)
    empty = sum(part.kind == "none" for part in parts)
    if empty == len(parts):
        return _("Nothing is arranged yet. Begin with housing.")
    if gaps:
        return ngettext(
            "In %(count)s of the four parts something is missing.",
            "In %(count)s of the four parts something is missing.",
            gaps,
        ) % {"count": gaps}
    if all(part.kind == "ok" for part in parts):
        return _("All four parts are arranged.")
    return _("Nothing is missing; not everything is arranged yet.")


def _part(part: ArrangementPart, items: list[ArrangementItem], shows_items: bool) -> PartSeen:
    needed = [item for item in items if item.state != ItemState.NOT_NEEDED]
    missing = sum(item.state == ItemState.MISSING for item in needed)
    running = sum(item.state == ItemState.IN_PROGRESS for item in needed)
    if missing:
        kind, word = "late", ngettext("%(count)s missing", "%(count)s missing", missing)
        word %= {"count": missing}
    elif running:
        kind, word = "warn", ngettext("%(count)s in progress", "%(count)s in progress", running)
        word %= {"count": running}
    elif items:
        kind, word = "ok", _("Arranged")
    else:
        kind, word = "none", _("Not begun")
    return PartSeen(
        part=part.value,
        label=str(capfirst(part.label)),
        kind=kind,
        word=word,
        has_gap=bool(missing),
        items=tuple(_item(item) for item in items) if shows_items else (),
    )


def _item(item: ArrangementItem) -> ItemSeen:
    who = item.responsible.name if item.responsible else _("Nobody yet")
    when = ""
    if item.state == ItemState.ARRANGED:
        when = _("arranged")
    elif item.state == ItemState.NOT_NEEDED:
        when = _("not needed")
    elif item.due_on and item.due_on < today():
        when = _("should have been there on %(day)s") % {"day": formats.day(item.due_on)}
    elif item.due_on:
        when = _("by %(day)s") % {"day": formats.day(item.due_on)}
    elif item.state == ItemState.IN_PROGRESS:
        when = _("in progress")
    if item.state == ItemState.NOT_NEEDED or (
        item.state == ItemState.ARRANGED and not item.responsible
    ):
        line = capfirst(when)
    else:
        line = ", ".join(part for part in (who, when) if part)
    return ItemSeen(
        ref=item.ref,
        what=capfirst(item.subject),
        who=line,
        gap=item.state == ItemState.MISSING,
        code=item.what,
        state=item.state,
    )
