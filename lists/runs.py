"""A list on the worker: read and previewed, then, once a person confirmed, put in."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from itertools import batched
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import Role, Viewer, grants_for, may
from accounts.context import acting_as
from accounts.middleware import viewer_of
from accounts.models import Membership
from lists.cells.texts import plain, shown
from lists.importing import (
    WRITTEN,
    Given,
    Importer,
    Judged,
    all_importers,
    importer_of,
    refused,
)
from lists.known import context_for, names_known
from lists.lifecycle import ImportStage, RowOutcome
from lists.mapping import Mapping
from lists.models import ImportFile, ImportRow, ImportRun, RememberedMapping
from lists.operations import KEPT_DAYS
from lists.parts import Part, columns_as_table
from lists.pipeline import Reading, read_list
from lists.reading import Workbook, open_list
from lists.reading.refusals import ListRefused
from lists.rows import Outcome, Row, letters_of
from regions.clock import today
from regions.errors import Refused
from regions.formats import and_list
from regions.geography import place_new_neighbourhoods
from regions.models import Municipality, Neighbourhood, NeighbourhoodAlias, RunStep
from regions.runs import Claim, claimed

BATCH = 2000
OUTCOME_OF = {
    Outcome.DUPLICATE: RowOutcome.DUPLICATE,
    Outcome.SET_ASIDE: RowOutcome.SET_ASIDE,
    Outcome.REJECTED: RowOutcome.REJECTED,
}


def carry_out(run: ImportRun) -> None:
    """Read the list, or put it in, for the person who brought it and with their rights."""
    with claimed(run) as claim:
        membership = (
            Membership.objects.live()
            .select_related("organisation", "user")
            .filter(pk=run.membership_id)
            .first()
        )
        viewer = viewer_of(membership)
        if viewer is None or membership is None:
            raise Refused(_("Who brought this list no longer works here. Bring it anew."))
        with translation.override(membership.user.language):
            if run.stage == ImportStage.CONFIRMED:
                _put_in(claim, viewer)
            else:
                _recognise(claim, viewer)


def read_again(run: ImportRun, viewer: Viewer) -> Reading:
    """The reading as it stands now: the file, what is known, remembered and answered."""
    data = base64.b64decode(ImportFile.objects.get(run=run).content)
    return read_workbook(open_list(data, run.file_name), run, viewer)


def read_workbook(workbook: Workbook, run: ImportRun, viewer: Viewer) -> Reading:
    """Read an opened list with what is known in the region and what this run was told."""
    remembered = names_known(run.region_id)
    for known in RememberedMapping.objects.filter(
        organisation_id=run.organisation_id, region_id=run.region_id
    ).order_by("updated_at"):
        remembered = remembered.under(Mapping.from_json(known.mapping))
    context = context_for(
        run.region_id, uploader=run.organisation, on=run.reference_date or today()
    )
    read = partial(
        read_list,
        workbook,
        context=context,
        remembered=remembered,
        answers=Mapping.from_json(run.answers),
    )
    reading = read(kinds=tuple(importer.kind for importer in all_importers()))
    others = [kind for kind in reading.kinds if not may(viewer, importer_of(kind).permission)]
    if not others:
        return reading
    if len(others) == len(reading.kinds):
        raise of_somebody_else(others[0])
    return read(kinds=tuple(i.kind for i in all_importers() if may(viewer, i.permission)))


def of_somebody_else(kind: str) -> ListRefused:
    """A list that this viewer may not bring: the sentence says who may."""
    importer = importer_of(kind)
    roles = [role.label for role in Role if grants_for(role, importer.permission)]
    return ListRefused(
        "of_somebody_else",
        _("This is a list of another kind: %(kind)s. It is brought by: %(roles)s.")
        % {"kind": importer.kind.label, "roles": and_list(roles)},
    )


def judge(
    reading: Reading, *, by: Viewer, given: Given
) -> list[tuple[Part, Importer, list[Judged]]]:
    """Every record of the file with its outcome, in the order of the file."""
    found = []
    for part in reading.parts:
        importer = importer_of(part.kind.name)
        rows = list(part.rows())
        good = [row for row in rows if row.outcome is Outcome.READY]
        judged = {j.row.number: j for j in importer.judge(good, by=by, given=given)}
        found.append(
            (
                part,
                importer,
                [
                    judged.get(row.number)
                    or Judged(
                        row, OUTCOME_OF[row.outcome], importer.subject(row), defects=row.defects
                    )
                    for row in rows
                ],
            )
        )
    return found


def _recognise(claim: Claim, viewer: Viewer) -> None:
    claim.step(RunStep.READING_LIST)
    try:
        with acting_as(viewer):
            run = ImportRun.objects.select_related("organisation").get(pk=claim.run.pk)
            reading = read_again(run, viewer)
            given = given_of(run, reading.reference_date)
            claim.note(RunStep.COMPARING, done=1, total=2)
            parts = judge(reading, by=viewer, given=given)
            ImportRow.objects.filter(run=run).delete()
            for part, _importer, rows in parts:
                _keep_rows(run, part, rows, on=today())
            counts = _counts(parts)
            claim.finish(
                stage=ImportStage.CHECKING,
                kind=reading.kinds[0] if reading.kinds else "",
                reference_date=reading.reference_date,
                recognised=_recognised(reading, parts),
                report={"counts": counts},
                rows_in=sum(counts.values()),
            )
    except ListRefused as refusal:
        with acting_as(viewer):
            ImportFile.objects.filter(run_id=claim.run.pk).delete()
            claim.finish(stage=ImportStage.REFUSED, report={"refused": refusal.sentence}, rows_in=0)


def _put_in(claim: Claim, viewer: Viewer) -> None:
    """All rows of the list in one transaction: whole, or not at all."""
    claim.step(RunStep.READING_LIST)
    followers = []
    with acting_as(viewer):
        run = ImportRun.objects.select_related("organisation").get(pk=claim.run.pk)
        reading = read_again(run, viewer)
        if not reading.is_ready:
            raise Refused(_("This list still asks something. Nothing was put in."))
        given = given_of(run, reading.reference_date)
        _learn_places(reading, viewer)
        parts = sorted(judge(reading, by=viewer, given=given), key=lambda found: found[1].turn)
        total = sum(len(rows) for _part, _importer, rows in parts)
        done = 0
        ImportRow.objects.filter(run=run).delete()
        for part, importer, rows in parts:
            for start in range(0, len(rows), BATCH):
                batch = rows[start : start + BATCH]
                _write(importer, batch, by=viewer, given=given)
                again = [j for j in batch if j.outcome == RowOutcome.UNCHANGED]
                importer.still_right(again, by=viewer, given=given)
                done += len(batch)
                claim.note(RunStep.PUTTING_IN, done=done, total=total)
            _keep_rows(run, part, rows, on=today())
            followers.append(partial(importer.afterwards, rows, by=viewer, given=given))
        _remember(run, reading)
        counts = _counts(parts)
        claim.finish(
            stage=ImportStage.REPORTED,
            report={"counts": counts},
            rows_in=sum(counts.values()),
            reference_date=reading.reference_date,
        )
    for follow in followers:
        follow()


def _write(importer: Importer, rows: Sequence[Judged], *, by: Viewer, given: Given) -> None:
    """Write a batch; if the operation refuses, find the row, set it aside, write the others."""
    meant = [judged for judged in rows if judged.outcome in WRITTEN]
    if not meant:
        return
    try:
        with transaction.atomic():
            importer.write(meant, by=by, given=given)
    except (Refused, IntegrityError, DataError) as fault:
        if len(meant) == 1:
            refused(meant[0], fault if isinstance(fault, Refused) else Refused(_database(fault)))
            return
        middle = len(meant) // 2
        _write(importer, meant[:middle], by=by, given=given)
        _write(importer, meant[middle:], by=by, given=given)


def _database(fault: Exception) -> str:
    return _("The database refuses this row: %(rule)s. Check the values of the row.") % {
        "rule": getattr(getattr(fault.__cause__, "diag", None), "constraint_name", None)
        or type(fault).__name__
    }


def given_of(run: ImportRun, reference_date: date) -> Given:
    return Given(
        reference_date=reference_date,
        sharing_ground=run.sharing_ground,
        ready_counts_as_granted=run.ready_counts_as_granted,
    )


def _counts(parts: Sequence[tuple[Part, Importer, list[Judged]]]) -> dict[str, int]:
    counted = Counter(judged.outcome for _part, _importer, rows in parts for judged in rows)
    return {outcome.value: counted[outcome] for outcome in RowOutcome}


def _keep_rows(run: ImportRun, part: Part, rows: Sequence[Judged], *, on: date) -> None:
    for some in batched(rows, BATCH):
        ImportRow.objects.bulk_create([_row(run, part, judged, on=on) for judged in some])


def _row(run: ImportRun, part: Part, judged: Judged, *, on: date) -> ImportRow:
    """What stays of a row: its outcome and defects; what it says only sealed, and for a month."""
    row = judged.row
    kept: dict[str, Any] = {"subject": judged.subject}
    if judged.defects:
        kept["cells"] = letters_of(row.cells)
        kept["values"] = [shown(defect.value) for defect in judged.defects]
        kept["suggestions"] = [suggested(defect.suggestion) for defect in judged.defects]
    if judged.differences:
        kept["differences"] = [asdict(difference) for difference in judged.differences]
    return ImportRow(
        run=run,
        sheet=_sheet_name(part),
        row=row.number,
        outcome=judged.outcome,
        defects=[_defect(part, defect) for defect in judged.defects],
        cells=json.dumps(kept),
        kept_until=_kept_until(on),
    )


def suggested(suggestion: Any) -> str:
    """A suggestion as somebody would type it into the cell; none that is not one value."""
    if isinstance(suggestion, date):
        return suggestion.strftime("%d-%m-%Y")
    if suggestion is None or isinstance(suggestion, bool | list | tuple):
        return ""
    if isinstance(suggestion, float) and not suggestion.is_integer():
        whole, _point, part = str(suggestion).partition(".")
        # Three figures after the comma would read as thousands.
        return f"{whole},{part}0" if len(part) == 3 else f"{whole},{part}"
    return shown(suggestion)


def _defect(part: Part, defect: Any) -> dict[str, Any]:
    """A defect without its value: that stays sealed with the cells of the row."""
    stored = defect.to_json()
    stored.pop("suggestion", None)
    stored["list"] = part.kind.name
    return stored


def _sheet_name(part: Part) -> str:
    """Two lists below each other in one sheet are told apart by their kind."""
    return f"{part.name or ''}|{part.kind.name}"


def _kept_until(on: date) -> date:
    return date.fromordinal(on.toordinal() + KEPT_DAYS)


def _recognised(
    reading: Reading, parts: Sequence[tuple[Part, Importer, list[Judged]]]
) -> dict[str, Any]:
    """How the list was read, for the screen; words of the list, never a row of it."""
    return {
        "is_ready": reading.is_ready,
        "kinds": list(reading.kinds),
        "form": reading.workbook.form,
        "encoding": reading.workbook.encoding,
        "separator": reading.workbook.separator,
        "reference_date_was_found": reading.reference_date_was_found,
        "organisation": reading.organisation,
        "is_about_people": any(importer.is_about_people for _p, importer, _r in parts),
        "parts": [
            {
                "sheet": part.name or "",
                "kind": part.kind.name,
                "header_rows": list(part.block.header_rows),
                "first_row": part.facts.first_row,
                "last_row": part.facts.last_row,
                "rows": part.facts.rows_in,
                "columns": [
                    {
                        name: column[name]
                        for name in ("letter", "group", "header", "key", "field", "known")
                    }
                    for column in columns_as_table(part)
                ],
                "skipped": [
                    {"kind": structure.kind, "row": structure.number}
                    for structure in part.facts.structure[:200]
                ],
                "hidden_rows": list(part.facts.hidden_rows[:200]),
                "new_neighbourhoods": [
                    [n.municipality, n.name] for n in part.facts.new_neighbourhoods
                ],
            }
            for part, _importer, _rows in parts
        ],
        "unused": [
            {"name": sheet.name or "", "rows": sheet.rows, "is_legend": sheet.is_legend}
            for sheet in reading.unused
        ],
        "questions": [
            {
                "topic": question.topic,
                "key": question.key,
                "text": question.text,
                "options": list(question.options),
                "facts": {name: shown(fact) for name, fact in question.facts.items()},
                "rows": list(question.rows),
                "times": question.times,
                "is_needed": question.is_needed,
            }
            for question in reading.questions
        ],
    }


def _learn_places(reading: Reading, viewer: Viewer) -> None:
    """Neighbourhoods that the person confirmed for this list, and other names for known ones."""
    own = {m.name: m for m in Municipality.objects.filter(region_id=viewer.region_id)}
    for part in reading.parts:
        for new in part.facts.new_neighbourhoods:
            if new.municipality in own:
                Neighbourhood.objects.get_or_create(
                    municipality=own[new.municipality], name=new.name
                )
    place_new_neighbourhoods()
    for asked, answered in reading.mapping.neighbourhoods.items():
        municipality, _bar, written = asked.partition("|")
        home, _bar, name = answered.partition("|")
        if home not in own or plain(name) == written or municipality not in {home, ""}:
            continue
        known = Neighbourhood.objects.filter(municipality=own[home], name=name).first()
        if known is not None:
            NeighbourhoodAlias.objects.get_or_create(neighbourhood=known, name=written)


def _remember(run: ImportRun, reading: Reading) -> None:
    """The next list with these headers is read in the same way without asking."""
    RememberedMapping.objects.update_or_create(
        organisation_id=run.organisation_id,
        region_id=run.region_id,
        kind=reading.kinds[0],
        header_digest=_header_digest(reading),
        defaults={"mapping": replace(reading.mapping.to_remember(), kinds={}).to_json()},
    )


def _header_digest(reading: Reading) -> str:
    headers = [column["key"] for part in reading.parts for column in columns_as_table(part)]
    headers += [part.kind.name for part in reading.parts]
    return hashlib.sha256("|".join(headers).encode()).hexdigest()


def row_of(reading: Reading, sheet: str, number: int) -> tuple[Part, Row] | None:
    """One row of a reading, by the place it has in the file."""
    for part, row in reading.rows():
        if _sheet_name(part) == sheet and row.number == number:
            return part, row
    return None
