"""The phases somebody goes through: spells that follow each other and never overlap.

`offer_made`, `offer_ended` and `housed` are called by the housing side, inside its own operation.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from outflow.errors import Refused, RefusedAt
from outflow.facts import SpellFacts
from outflow.lifecycle import Exit, Phase, Route, is_allowed
from outflow.models import Client, Spell
from outflow.operations.locking import locked, open_spells
from regions import formats
from regions.clock import today


@transaction.atomic
def offer_made(*, client: Client, on: date, by: Viewer) -> None:
    """The client has a proposal: from ready, or from any phase on a route without the gate."""
    _by_housing(client, Phase.OFFERED, on=on, by=by)


@transaction.atomic
def offer_ended(*, client: Client, on: date, by: Viewer) -> None:
    """The proposal came to nothing: the client is again where they were before it."""
    spell = open_spells([client]).get(client.pk)
    if spell is None or spell.phase != Phase.OFFERED:
        return  # the client left or moved on meanwhile: nothing to go back to
    before = client.spells.filter(until_on__lte=spell.from_on).order_by("from_on", "pk").last()
    phase = Phase(before.phase) if before else Phase.READY
    if not is_allowed(Phase.OFFERED, phase, route=Route(client.route), by_housing=True):
        phase = Phase.READY
    _by_housing(client, phase, on=on, by=by)


@transaction.atomic
def housed(*, client: Client, on: date, by: Viewer) -> None:
    """The client has the key and lives at home with guidance."""
    _by_housing(client, Phase.HOUSED, on=on, by=by)


@transaction.atomic
def record_relapse(*, client: Client, on: date, by: Viewer) -> Client:
    """Somebody who lived at home is back in care; the way home begins anew."""
    client = locked([client], by, Permission.UPDATE_READINESS)[client.pk]
    spell = _open_spell(client)
    if not is_allowed(Phase(spell.phase), Phase.RELAPSE, route=Route(client.route)):
        raise Refused(_("Only somebody who lives at home can come back."))
    enter(client, spell, Phase.RELAPSE, on=on)
    client.ready_on = client.expected_ready_on = None
    client.save(update_fields=["ready_on", "expected_ready_on"])
    audit.record("client.relapsed", client, by=by, on=on.isoformat())
    return client


@transaction.atomic
def record_exit(*, client: Client, exit: Exit, on: date, by: Viewer) -> Client:
    """The client left for good; the file stays, nothing runs any more."""
    client = locked([client], by, Permission.UPDATE_READINESS)[client.pk]
    spell = _open_spell(client)
    _refuse_day(on, spell)
    spell.until_on = on
    spell.exit = exit
    spell.save(update_fields=["until_on", "exit"])
    audit.record("client.left", client, by=by, exit=exit, on=on.isoformat())
    return client


@transaction.atomic
def end_guidance(*, client: Client, on: date, by: Viewer) -> None:
    """Guidance at home has ended: the way home is complete. Called by the housing side."""
    spell = open_spells([client]).get(client.pk)
    if spell is None or spell.phase != Phase.HOUSED:
        return
    spell.until_on = max(on, spell.from_on)
    spell.exit = Exit.END_OF_AFTERCARE
    spell.save(update_fields=["until_on", "exit"])
    audit.record("client.left", client, by=by, exit=spell.exit, on=on.isoformat())


@transaction.atomic
def record_history(
    rows: Sequence[tuple[Client, Sequence[SpellFacts]]], *, by: Viewer
) -> list[Client]:
    """Make the spells of these clients what a list says, and return the clients that changed."""
    clients = locked((client for client, _ in rows), by, Permission.SEE_CLIENTS)
    known: dict[int, list[SpellFacts]] = {}
    for spell in Spell.objects.filter(client__in=clients).order_by("from_on", "pk"):
        known.setdefault(spell.client_id, []).append(
            SpellFacts(spell.phase, spell.from_on, spell.until_on, spell.exit)
        )
    changed = [
        (clients[client.pk], spells)
        for client, spells in rows
        if known.get(client.pk, []) != list(spells)
    ]
    Spell.objects.filter(client__in=[client.pk for client, _ in changed]).delete()
    Spell.objects.bulk_create(
        (
            Spell(
                client=client,
                phase=spell.phase,
                from_on=spell.from_on,
                until_on=spell.until_on,
                exit=spell.exit,
            )
            for client, spells in changed
            for spell in spells
        ),
        batch_size=2000,
    )
    audit.record_many(
        [
            audit.entry("client.history_recorded", client, by=by, spells=len(spells))
            for client, spells in changed
        ]
    )
    return [client for client, _ in changed]


def enter(client: Client, spell: Spell, phase: str, *, on: date) -> None:
    """End the open spell on a day and begin the next; on the same day the phase is replaced.

    Whoever goes back on the day they came stays where they were: that day left no trace.
    """
    _refuse_day(on, spell)
    if on > spell.from_on:
        spell.until_on = on
        spell.save(update_fields=["until_on"])
        Spell.objects.create(client=client, phase=phase, from_on=on)
        return
    before = client.spells.filter(until_on=spell.from_on).order_by("from_on", "pk").last()
    if before is not None and before.phase == phase and not before.exit:
        spell.delete()
        before.until_on = None
        before.save(update_fields=["until_on"])
        return
    spell.phase = phase
    spell.save(update_fields=["phase"])


def _by_housing(client: Client, phase: Phase, *, on: date, by: Viewer) -> None:
    spell = open_spells([client]).get(client.pk)
    if spell is None:
        raise Refused(_("This client has left. Nothing was changed."))
    if not is_allowed(Phase(spell.phase), phase, route=Route(client.route), by_housing=True):
        raise Refused(
            _("This client is now in the phase %(phase)s, so this step is not possible.")
            % {"phase": spell.get_phase_display()}
        )
    # A proposal made on the day after tomorrow's list must not tear the line of phases.
    enter(client, spell, phase, on=max(on, spell.from_on))
    audit.record("client.entered_phase", client, by=by, phase=phase, on=on.isoformat())


def _open_spell(client: Client) -> Spell:
    spell = open_spells([client]).get(client.pk)
    if spell is None:
        raise Refused(_("This client has left. Nothing was changed."))
    return spell


def _refuse_day(on: date, spell: Spell) -> None:
    if on > today():
        raise RefusedAt("on", _("This day has not come yet. Choose today or earlier."))
    if on < spell.from_on:
        raise RefusedAt(
            "on",
            _("The phase %(phase)s began on %(day)s. Choose that day or later.")
            % {"phase": spell.get_phase_display(), "day": formats.day(spell.from_on)},
        )
