"""What a person does with a list: bring it, answer what it asks, put it in, mend a row."""

import base64
import hashlib
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Viewer, may
from accounts.context import working_for
from lists.errors import Refused
from lists.importing import importer_of
from lists.lifecycle import ImportStage
from lists.mapping import Mapping
from lists.models import ImportFile, ImportRow, ImportRun
from lists.reading.opening import MOST_BYTES
from lists.reading.refusals import empty, too_large
from regions.clock import today
from regions.models import RunState

KEPT_DAYS = 30


@transaction.atomic
def bring_list(*, name: str, data: bytes, by: Viewer) -> ImportRun:
    """Keep the file, sealed, and queue its reading. Nothing else changes yet."""
    if not data:
        raise empty()
    if len(data) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    run = ImportRun.objects.create(
        region_id=by.region_id,
        organisation_id=by.organisation_id,
        membership_id=by.membership_id,
        file_name=name[-200:],
        file_digest=hashlib.sha256(data).hexdigest(),
    )
    ImportFile.objects.create(
        run=run,
        content=base64.b64encode(data).decode("ascii"),
        kept_until=today() + timedelta(days=KEPT_DAYS),
    )
    audit.record("import.brought", run, by=by, bytes=len(data))
    return run


@transaction.atomic
def answer_list(
    *,
    run: ImportRun,
    answers: Mapping,
    by: Viewer,
    sharing_ground: str = "",
    ready_counts_as_granted: bool | None = None,
) -> ImportRun:
    """Lay the person's answers over the reading, and have it read anew with them."""
    run = _own(run, by, ImportStage.CHECKING)
    run.answers = Mapping.from_json(run.answers).under(answers).to_json()
    if sharing_ground:
        run.sharing_ground = sharing_ground
    if ready_counts_as_granted is not None:
        run.ready_counts_as_granted = ready_counts_as_granted
    _queue(run, ImportStage.RECOGNISING)
    return run


@transaction.atomic
def confirm_list(
    *,
    run: ImportRun,
    by: Viewer,
    sharing_ground: str = "",
    ready_counts_as_granted: bool | None = None,
) -> ImportRun:
    """Put the list in as the preview shows it."""
    run = _own(run, by, ImportStage.CHECKING)
    if not run.recognised.get("is_ready"):
        raise Refused(_("This list still asks something. Answer that first; nothing was put in."))
    if not run.rows_in:
        raise Refused(_("Below the header there are no rows, so there is nothing to put in."))
    for kind in run.recognised["kinds"]:
        if not may(by, importer_of(kind).permission):
            raise Refused(_("This kind of list is put in by somebody else. Nothing was put in."))
    if any(importer_of(kind).is_about_people for kind in run.recognised["kinds"]):
        if not (sharing_ground or run.sharing_ground):
            raise Refused(_("Choose on what ground these data are shared. Nothing was put in yet."))
        run.sharing_ground = sharing_ground or run.sharing_ground
        run.ready_counts_as_granted = ready_counts_as_granted
    _queue(run, ImportStage.CONFIRMED)
    audit.record("import.confirmed", run, by=by, kinds=run.recognised["kinds"], rows=run.rows_in)
    return run


@transaction.atomic
def cancel_list(*, run: ImportRun, by: Viewer) -> None:
    """Leave the list aside; its file goes, and nothing was put in."""
    run = _own(run, by, ImportStage.CHECKING, ImportStage.REFUSED, ImportStage.RECOGNISING)
    run.stage = ImportStage.CANCELLED
    run.state = RunState.SUPERSEDED
    run.save(update_fields=["stage", "state"])
    ImportFile.objects.filter(run=run).delete()
    ImportRow.objects.filter(run=run).delete()
    audit.record("import.cancelled", run, by=by)


def forget_expired(*, on: date) -> int:
    """Files and cells are kept a month; afterwards only what became of each row remains.

    For the night, outside any viewer; returns the number of rows whose cells are gone.
    """
    gone = 0
    owners = ImportRun.objects.order_by().values_list("region_id", "organisation_id").distinct()
    for region_id, organisation_id in owners:
        with working_for(region_id, job="retention", organisation_id=organisation_id):
            ImportFile.objects.filter(kept_until__lt=on).delete()
            gone += ImportRow.objects.filter(kept_until__lt=on, cells__isnull=False).update(
                cells=None
            )
    return gone


def _own(run: ImportRun, by: Viewer, *stages: ImportStage) -> ImportRun:
    run = ImportRun.objects.select_for_update(of=("self",), no_key=True).get(
        pk=run.pk, organisation_id=by.organisation_id, region_id=by.region_id
    )
    if run.stage not in stages or run.state == RunState.RUNNING:
        raise Refused(_("This list is already further. Open the page anew to see where it is."))
    return run


def _queue(run: ImportRun, stage: ImportStage) -> None:
    run.stage = stage
    run.state = RunState.QUEUED
    run.not_before = timezone.now()
    run.offered_at = None
    # Reading and putting in are two pieces of work: workers that died over one count for it only.
    run.attempts = 0
    run.save()
