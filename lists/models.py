"""Lists as parties keep them: what was uploaded, how it was read, what became of each row."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.encryption import SealedTextField
from lists.lifecycle import ImportStage, RowOutcome
from lists.querysets import ImportRowQuerySet, ImportRunQuerySet
from regions.models import Run, RunState


class ImportRun(Run):
    """One uploaded list, from the file to the report that adds up."""

    TASK = "lists.tasks.read_or_put_in"

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    membership = models.ForeignKey(
        "accounts.Membership", on_delete=models.PROTECT, related_name="+"
    )
    stage = models.CharField(
        max_length=12, choices=ImportStage.choices, default=ImportStage.RECOGNISING
    )
    kind = models.CharField(_("kind of list"), max_length=24, blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    file_digest = models.CharField(max_length=64)
    reference_date = models.DateField(_("reference date"), null=True, blank=True)
    sharing_ground = models.CharField(_("ground for sharing"), max_length=12, blank=True)
    ready_counts_as_granted = models.BooleanField(null=True, blank=True)
    # What was recognised, what is asked, what the person answered; no cell of the file.
    recognised = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    rows_in = models.PositiveIntegerField(default=0)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "organisation"],
                condition=Q(state=RunState.RUNNING),
                name="import_one_running_per_organisation",
                violation_error_message=_("Another list of your organisation is being read."),
            )
        ]

    def get_absolute_url(self) -> str:
        return reverse("lists:import", args=[self.ref])


class ImportFile(models.Model):
    """The file itself, sealed, kept only until its rows are settled."""

    run = models.OneToOneField(
        ImportRun, on_delete=models.CASCADE, related_name="file", primary_key=True
    )
    seal_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    content = SealedTextField()
    kept_until = models.DateField()

    def __str__(self) -> str:
        return str(self.seal_id)


class ImportRow(models.Model):
    """What became of one row of the list; a row set aside keeps its cells for 30 days."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    seal_id = models.UUIDField(default=uuid.uuid4, editable=False)
    sheet = models.CharField(max_length=120, blank=True)
    row = models.PositiveIntegerField(_("row"))
    outcome = models.CharField(max_length=12, choices=RowOutcome.choices)
    # [{column, letter, kind, sentence}]; the values stay in `cells`.
    defects = models.JSONField(default=list)
    cells = SealedTextField(null=True)
    kept_until = models.DateField(null=True, blank=True)
    mended_at = models.DateTimeField(null=True, blank=True)
    mended_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["run", "sheet", "row"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "sheet", "row"],
                name="import_row_ends_once",
                violation_error_message=_("This row already has an outcome."),
            )
        ]
        indexes = [models.Index(fields=["run", "outcome"], name="import_row_outcome")]

    def __str__(self) -> str:
        return f"{self.sheet} {self.row}"


class RememberedMapping(models.Model):
    """How an organisation's list was read last time, for the same headers."""

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24)
    header_digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "region", "kind", "header_digest"],
                name="mapping_remembered_once",
                violation_error_message=_("This list already has a remembered reading."),
            )
        ]

    def __str__(self) -> str:
        return self.kind
