"""A row that was set aside, put right by a person: read anew with the cells they typed."""

import base64
from collections.abc import Mapping as AnyMapping
from dataclasses import replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Viewer
from lists.errors import Refused
from lists.importing import WRITTEN, Given, Judged, importer_of
from lists.lifecycle import RowOutcome
from lists.models import ImportFile, ImportRow
from lists.reading import Sheet, Workbook, open_list
from lists.reading.workbook import column_index
from lists.rows import Outcome
from lists.runs import given_of, read_workbook, row_of


@transaction.atomic
def mend_row(*, row: ImportRow, cells: AnyMapping[str, str], by: Viewer) -> ImportRow:
    """Put one row in as the person typed it, under the rules of the whole list.

    Raises `Refused` with what is still wrong; the row then stays as it was.
    """
    row = ImportRow.objects.select_for_update().get(pk=row.pk)
    run = row.run
    if row.outcome != RowOutcome.SET_ASIDE or row.mended_at is not None:
        raise Refused(_("This row was settled already."))
    stored = ImportFile.objects.filter(run=run).first()
    if stored is None:
        raise Refused(_("This list was kept for 30 days and is gone. Bring it anew."))
    workbook = open_list(base64.b64decode(stored.content), run.file_name)
    sheet, _bar, kind = row.sheet.rpartition("|")
    workbook = _with_cells(workbook, sheet, row.row, cells)
    reading = read_workbook(workbook, run, by)
    found = row_of(reading, row.sheet, row.row)
    if found is None:
        raise Refused(_("This row could not be found in the list again. Bring the list anew."))
    part, fresh = found
    if fresh.outcome is not Outcome.READY:
        raise Refused(
            " ".join(defect.sentence(part.kind) for defect in fresh.defects if not defect.is_note)
        )
    importer, given = importer_of(kind), given_of(run, reading.reference_date)
    good = [other for other in part.rows() if other.outcome is Outcome.READY]
    judged = next(
        j for j in importer.judge(good, by=by, given=given) if j.row.number == fresh.number
    )
    _write(judged, kind, by=by, given=given)
    row.outcome = judged.outcome
    row.mended_at = timezone.now()
    row.mended_by_id = by.user_id
    row.cells = None
    row.save()
    counts = dict(run.report.get("counts", {}))
    counts[RowOutcome.SET_ASIDE] = counts.get(RowOutcome.SET_ASIDE, 1) - 1
    counts[judged.outcome] = counts.get(judged.outcome, 0) + 1
    run.report = {**run.report, "counts": counts}
    run.save(update_fields=["report"])
    audit.record("import.row_mended", run, by=by, row=row.row, outcome=judged.outcome)
    return row


def _write(judged: Judged, kind: str, *, by: Viewer, given: Given) -> None:
    importer = importer_of(kind)
    if judged.outcome in {RowOutcome.SET_ASIDE, RowOutcome.REJECTED}:
        raise Refused(" ".join(defect.sentence(importer.kind) for defect in judged.defects))
    if judged.outcome in WRITTEN:
        importer.write([judged], by=by, given=given)
        transaction.on_commit(lambda: importer.afterwards([judged], by=by, given=given))


def _with_cells(
    workbook: Workbook, name: str, number: int, cells: AnyMapping[str, str]
) -> Workbook:
    """The same workbook with other texts in one row; what a person typed is no formula."""

    def changed(sheet: Sheet) -> Sheet:
        if (sheet.name or "") != name:
            return sheet
        row = list(sheet.rows[number - 1])
        formulas = dict(sheet.formulas)
        for letter, text in cells.items():
            index = column_index(letter)
            row.extend([""] * (index + 1 - len(row)))
            row[index] = text
            formulas.pop((number, index), None)
        rows = (*sheet.rows[: number - 1], tuple(row), *sheet.rows[number:])
        return replace(sheet, rows=rows, formulas=formulas)

    return replace(workbook, sheets=tuple(changed(sheet) for sheet in workbook.sheets))
