"""How far somebody is: recorded by whoever looks after them, kept, and put back within a day.

Who recorded it is kept, because that person may not confirm the proposal that follows from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from accounts.models import AuditEntry
from outflow.errors import ChangedMeanwhile, Refused, RefusedAt
from outflow.facts import Readiness
from outflow.lifecycle import BEFORE_GATE, Phase, Route, is_allowed
from outflow.models import Client, ReadinessRecord, Spell
from outflow.operations import phases
from outflow.operations.locking import locked, open_spells
from regions import formats
from regions.clock import today

UNDO_WITHIN = timedelta(days=1)


def readiness_of(client: Client, spell: Spell | None) -> Readiness:
    """What is recorded now."""
    return Readiness(
        phase=spell.phase if spell else "",
        ready_on=client.ready_on,
        expected_ready_on=client.expected_ready_on,
        blockers=frozenset(client.blockers),
        from_on=spell.from_on if spell else None,
    )


@transaction.atomic
def record_readiness(
    *, client: Client, readiness: Readiness | None, by: Viewer, seen: str | None = None
) -> ReadinessRecord:
    """Record how far the client is; None means that what stands there is still right.

    `seen` is the mark of what the page showed. When somebody else recorded something different
    meanwhile, nothing is overwritten and `ChangedMeanwhile` is raised.
    """
    client = locked([client], by, Permission.UPDATE_READINESS)[client.pk]
    spell = open_spells([client]).get(client.pk)
    if spell is None:
        raise Refused(_("This client has left, so there is nothing to record."))
    now = readiness_of(client, spell)
    if seen is not None and seen != now.mark:
        raise ChangedMeanwhile(_("Somebody else changed this meanwhile. Choose what stays."))
    wanted = readiness or now
    _refuse_passed(wanted)
    return apply_readiness([(client, spell, wanted)], by=by)[0]


@transaction.atomic
def undo_readiness(*, record: ReadinessRecord, by: Viewer) -> Client:
    """Put back what stood there before; within a day, and only the last that was recorded."""
    client = locked([record.client], by, Permission.UPDATE_READINESS)[record.client_id]
    spell = open_spells([client]).get(client.pk)
    last = client.readiness_records.select_for_update(of=("self",)).filter(undone_at=None).first()
    if last is None or last.pk != record.pk:
        raise Refused(_("Something was recorded after this, so it cannot be put back."))
    if timezone.now() - last.recorded_at > UNDO_WITHIN:
        raise Refused(_("This was recorded more than a day ago. Record what is right now."))
    if _stored(client, spell) != last.after:
        raise Refused(_("The client has moved on since, so this cannot be put back."))
    before = last.before
    if spell is not None:
        _put_back(client, spell, phase=before["phase"], on=_day(before["phase_from"]))
    client.ready_on = _day(before["ready_on"])
    client.expected_ready_on = _day(before["expected_ready_on"])
    client.blockers = before["blockers"]
    client.checked_on = _day(before["checked_on"])
    client.checked_by_id = before["checked_by"]
    client.save(update_fields=READINESS_FIELDS)
    last.undone_at = timezone.now()
    last.save(update_fields=["undone_at"])
    audit.record("client.readiness_put_back", client, by=by, phase=before["phase"])
    return client


def recorders_of_readiness(client: Client) -> frozenset[int]:
    """The users who declared this client ready: they may not confirm the client's proposal."""
    records = ReadinessRecord.objects.filter(
        client=client, phase=Phase.READY, undone_at=None
    ).values_list("recorded_by_id", flat=True)
    return frozenset(records)


READINESS_FIELDS = ["ready_on", "expected_ready_on", "blockers", "checked_on", "checked_by"]


@dataclass
class _Changes:
    """What many rows need written; each kind in one statement."""

    ended: list[Spell] = field(default_factory=list)
    begun: list[Spell] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)
    records: list[ReadinessRecord] = field(default_factory=list)


def apply_readiness(
    rows: Sequence[tuple[Client, Spell, Readiness]], *, by: Viewer, checked_on: date | None = None
) -> list[ReadinessRecord]:
    """Write readiness of locked clients; the caller has locked client and spell.

    Raises `Refused` for a step that care may not take, before anything is written.
    """
    day = checked_on or today()
    changes = _Changes()
    for client, spell, wanted in rows:
        _refuse_step(client, spell, wanted)
    for client, spell, wanted in rows:
        before = _stored(client, spell)
        differs = readiness_of(client, spell).mark != wanted.mark
        _write(client, spell, wanted, changes)
        client.checked_on = day
        client.checked_by_id = by.user_id
        after = _stored(client, _latest(client, spell, changes))
        changes.records.append(
            ReadinessRecord(
                client=client,
                recorded_by_id=by.user_id,
                phase=after["phase"],
                before=before,
                after=after,
            )
        )
        deed = "client.readiness_recorded" if differs else "client.readiness_confirmed"
        changes.entries.append(audit.entry(deed, client, by=by, phase=after["phase"]))
    Spell.objects.bulk_update(changes.ended, ["until_on"], batch_size=1000)
    Spell.objects.bulk_create(changes.begun, batch_size=2000)
    clients = [client for client, _, _ in rows]
    Client.objects.bulk_update(clients, READINESS_FIELDS, batch_size=1000)
    audit.record_many(changes.entries)
    return ReadinessRecord.objects.bulk_create(changes.records, batch_size=2000)


def _write(client: Client, spell: Spell, wanted: Readiness, changes: _Changes) -> None:
    if wanted.phase != spell.phase:
        on = max(_first_day(wanted), spell.from_on)
        if on > spell.from_on:
            spell.until_on = on
            changes.ended.append(spell)
            changes.begun.append(Spell(client=client, phase=wanted.phase, from_on=on))
        else:
            phases.enter(client, spell, wanted.phase, on=on)
    elif wanted.phase == Phase.READY and wanted.ready_on and wanted.ready_on != client.ready_on:
        _begin_on(client, spell, wanted.ready_on)
    if wanted.phase in BEFORE_GATE:
        client.ready_on = None
        client.expected_ready_on = wanted.expected_ready_on
    elif wanted.phase == Phase.READY:
        client.ready_on = wanted.ready_on
        client.expected_ready_on = None
    client.blockers = sorted(wanted.blockers)


def _first_day(wanted: Readiness) -> date:
    if wanted.from_on is not None:
        return wanted.from_on
    if wanted.phase == Phase.READY and wanted.ready_on is not None:
        return wanted.ready_on
    return today()


def _latest(client: Client, spell: Spell, changes: _Changes) -> Spell:
    """The open spell as it will stand: begun here, or rewritten in place."""
    if changes.begun and changes.begun[-1].client is client:
        return changes.begun[-1]
    if spell.pk is None:  # it left no trace: the spell before it is open again
        return client.spells.open().get()
    return spell


def _begin_on(client: Client, spell: Spell, day: date) -> None:
    """Move the first day of the open spell, and with it the last of the one before."""
    before = client.spells.filter(until_on=spell.from_on).order_by("from_on", "pk").last()
    if before is not None:
        day = max(day, before.from_on)
    if day == spell.from_on:
        return
    earlier = day < spell.from_on
    spell.from_on = day
    if before is None:
        spell.save(update_fields=["from_on"])
        return
    before.until_on = day
    # Shorten first, then lengthen: they may not overlap in between.
    for row, name in (
        ((before, "until_on"), (spell, "from_on"))
        if earlier
        else ((spell, "from_on"), (before, "until_on"))
    ):
        row.save(update_fields=[name])


def _put_back(client: Client, spell: Spell, *, phase: str, on: date | None) -> None:
    """Let the open spell be of this phase from this day again."""
    assert on is not None
    if spell.phase == phase:
        _begin_on(client, spell, on)
    elif spell.from_on == on:
        spell.phase = phase
        spell.save(update_fields=["phase"])
    elif spell.from_on < on:  # the client had gone back to the phase before, on the same day
        spell.until_on = on
        spell.save(update_fields=["until_on"])
        Spell.objects.create(client=client, phase=phase, from_on=on)
    else:
        day = spell.from_on
        spell.delete()
        client.spells.filter(from_on=on, until_on=day).update(until_on=None)


def _stored(client: Client, spell: Spell | None) -> dict[str, Any]:
    return {
        "phase": spell.phase if spell else "",
        "phase_from": _text(spell.from_on if spell else None),
        "ready_on": _text(client.ready_on),
        "expected_ready_on": _text(client.expected_ready_on),
        "blockers": sorted(client.blockers),
        "checked_on": _text(client.checked_on),
        "checked_by": client.checked_by_id,
    }


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _refuse_step(client: Client, spell: Spell, wanted: Readiness) -> None:
    if wanted.phase != spell.phase and not is_allowed(
        Phase(spell.phase), Phase(wanted.phase), route=Route(client.route)
    ):
        raise RefusedAt(
            "phase",
            _("From the phase %(before)s nobody goes to %(after)s. Choose another phase.")
            % {"before": spell.get_phase_display(), "after": Phase(wanted.phase).label},
        )
    if wanted.phase != Phase.READY:
        return
    if wanted.ready_on is None:
        raise RefusedAt("day", _("Whoever is ready needs a date. Write from which day."))
    if wanted.ready_on > today():
        raise RefusedAt(
            "day",
            _("This day has not come yet. Choose %(today)s or earlier, or the phase Preparing.")
            % {"today": formats.day(today())},
        )
    if client.in_care_since and wanted.ready_on < client.in_care_since:
        raise RefusedAt(
            "day",
            _("Care began on %(day)s. Choose that day or later.")
            % {"day": formats.day(client.in_care_since)},
        )


def _refuse_passed(wanted: Readiness) -> None:
    """A person who says "still right" cannot expect a day that is over."""
    if (
        wanted.phase in BEFORE_GATE
        and wanted.expected_ready_on
        and wanted.expected_ready_on < today()
    ):
        raise RefusedAt(
            "day",
            _("This day has passed. Choose %(today)s or later, or the phase Ready.")
            % {"today": formats.day(today())},
        )
