"""Rows of phase histories, met with the spells that are known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from accounts.access import Permission, Role, Viewer
from accounts.models import Organisation
from lists.importing import Given, Importer, Judged
from lists.lifecycle import RowOutcome
from lists.rows import Row
from lists.words import meaning_words
from outflow import operations
from outflow.facts import ClientFacts, SpellFacts
from outflow.historylists import PHASE_HISTORY
from outflow.lifecycle import Exit, FacilityType, Phase
from outflow.models import Client, SharingGround, Spell
from regions.formats import day as day_words
from regions.models import Municipality


class HistoryImporter(Importer):
    """Spells of phases, per client; clients who left long ago are registered without a name."""

    kind = PHASE_HISTORY
    permission = Permission.IMPORT_HISTORY
    is_about_people = True

    def subject(self, row: Row) -> str:
        """Client number, phase and first day."""
        begins = row.values.get("from_on")
        phase = meaning_words([PHASE_HISTORY], "phase", row.values.get("phase") or "")
        words = (str(row.values.get("client_number") or ""), phase, day_words(begins))
        return ", ".join(word for word in words if word)

    def judge(self, rows: Sequence[Row], *, by: Viewer, given: Given) -> list[Judged]:
        providers = dict(
            Organisation.objects.filter(regions=by.region_id).values_list("name", "pk")
        )
        clients, spells = _known_spells(by)
        found: list[Judged] = []
        of_client: dict[tuple[int, str], list[Judged]] = {}
        for row in rows:
            judged = Judged(row, RowOutcome.NEW, self.subject(row), defects=row.defects)
            found.append(judged)
            provider = providers.get(str(row.values.get("provider") or ""))
            if provider is None:
                judged.set_aside("organisation_unknown", field_name="provider")
            elif by.role == Role.TEAM_LEADER and provider != by.organisation_id:
                judged.reject("of_another_provider")
            else:
                key = (provider, str(row.values["client_number"]))
                of_client.setdefault(key, []).append(judged)
        for key, own in of_client.items():
            client = clients.get(key)
            before = spells.get(client.pk, []) if client else []
            _judge_history(own, key, client, before, given.reference_date)
        return found

    def write(self, judged: Sequence[Judged], *, by: Viewer, given: Given) -> None:
        """Every client whose rows are here, once, with all of their spells."""
        histories = {j.extra["key"]: j for j in judged}
        unknown = [j for j in histories.values() if j.extra["box"]["client"] is None]
        municipalities = dict(Municipality.objects.values_list("name", "pk"))
        made = operations.register_clients(
            [
                ClientFacts(
                    client_number=j.extra["key"][1],
                    provider=j.extra["key"][0],
                    facility_type=j.row.values.get("facility_type") or FacilityType.BW,
                    origin_municipality=municipalities.get(
                        j.row.values.get("origin_municipality") or ""
                    ),
                )
                for j in unknown
            ],
            by=by,
            checked_on=given.reference_date,
        )
        if made and given.sharing_ground:
            operations.record_sharing_ground(
                clients=made,
                ground=SharingGround.Ground(given.sharing_ground),
                on=given.reference_date,
                by=by,
            )
        known = {j.extra["key"]: client for j, client in zip(unknown, made, strict=True)}
        of = {key: known.get(key) or j.extra["box"]["client"] for key, j in histories.items()}
        operations.record_history(
            [(of[key], j.extra["spells"]) for key, j in histories.items()], by=by
        )
        # A client's rows may lie in more than one batch: all of them learn who it is.
        for key, j in histories.items():
            j.extra["box"]["client"] = of[key]


def _known_spells(
    by: Viewer,
) -> tuple[dict[tuple[int, str], Client], dict[int, list[SpellFacts]]]:
    clients = {
        (client.provider_id, client.client_number): client
        for client in Client.objects.filter(region_id=by.region_id)
    }
    spells: dict[int, list[SpellFacts]] = {}
    keys = [client.pk for client in clients.values()]
    for spell in Spell.objects.filter(client__in=keys).order_by("from_on", "pk"):
        spells.setdefault(spell.client_id, []).append(
            SpellFacts(spell.phase, spell.from_on, spell.until_on, spell.exit)
        )
    return clients, spells


def _judge_history(
    rows: list[Judged],
    key: tuple[int, str],
    client: Client | None,
    before: list[SpellFacts],
    told_on: date,
) -> None:
    """The rows of one client as spells that follow each other; what overlaps is set aside."""
    rows.sort(key=lambda j: (j.row.values["from_on"], j.row.values["phase"] in Exit.values))
    spells: list[SpellFacts] = []
    kept: list[tuple[Judged, int]] = []
    for judged in rows:
        values = judged.row.values
        phase, begins, ends = values["phase"], values["from_on"], values.get("until_on")
        if phase in Exit.values:
            if not spells or (spells[-1].until_on or begins) > begins or spells[-1].exit:
                judged.set_aside("exit_without_stay", field_name="phase")
                continue
            spells[-1] = replace(spells[-1], until_on=begins, exit=phase)
            kept.append((judged, len(spells) - 1))
            continue
        if spells and (spells[-1].until_on is None or spells[-1].until_on > begins):
            judged.set_aside("spells_overlap", field_name="from_on")
            continue
        spells.append(SpellFacts(phase, begins, ends))
        kept.append((judged, len(spells) - 1))
    if spells and spells[-1].phase == Phase.HOUSED and spells[-1].until_on and not spells[-1].exit:
        spells[-1] = replace(spells[-1], exit=Exit.END_OF_AFTERCARE)
    _continue_with(spells, before, told_on)
    known = {(spell.phase, spell.from_on): spell for spell in before}
    box = {"client": client}
    for judged, index in kept:
        spell = spells[index]
        judged.extra |= {"key": key, "spells": spells, "box": box}
        old = known.get((spell.phase, spell.from_on))
        if old is None:
            judged.outcome = RowOutcome.NEW
        else:
            judged.outcome = RowOutcome.UNCHANGED if old == spell else RowOutcome.CHANGED


def _continue_with(spells: list[SpellFacts], before: list[SpellFacts], told_on: date) -> None:
    """A list tells nothing of what came after its day, nor that an open phase is over."""
    later = [spell for spell in before if spell.from_on > told_on]
    if later and spells and spells[-1].until_on is None:
        spells[-1] = replace(spells[-1], until_on=later[0].from_on)
    elif spells and spells[-1].until_on is not None and not spells[-1].exit:
        # The row of the phase that goes on may be set aside: who is here stays here.
        later = later or [
            replace(spell, from_on=max(spell.from_on, spells[-1].until_on))
            for spell in before
            if spell.until_on is None
        ]
    spells += later
