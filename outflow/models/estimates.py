"""What is estimated about a region, and what it was made from."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outflow.querysets import EstimateRunQuerySet, ScenarioQuerySet
from regions.models import Run, RunState


class PlannedSupply(models.Model):
    """Dwellings that were promised for a quarter, of the region or of one municipality."""

    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    municipality = models.ForeignKey(
        "regions.Municipality", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    quarter_from = models.DateField(_("first day of the quarter"))
    dwellings = models.PositiveIntegerField(_("dwellings"))

    class Meta:
        verbose_name_plural = "planned supply"
        constraints = [
            models.UniqueConstraint(
                fields=["region", "municipality", "quarter_from"],
                nulls_distinct=False,
                name="planned_supply_once_per_quarter",
                violation_error_message=_("This quarter already has a number."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.quarter_from} {self.dwellings}"


class EstimateRun(Run):
    """One estimate of a region: its inputs, its state and its result."""

    TASK = "outflow.tasks.carry_out_estimate"

    as_of = models.DateField(_("as of"))
    # The night this run was made for: one a night, however many beats ask.
    night = models.DateField(null=True, blank=True)
    parameters = models.JSONField(default=dict)
    seed = models.PositiveBigIntegerField(default=1)
    # First figures, of few draws, while the whole estimate is still being made.
    first_result = models.JSONField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    # What one more dwelling a quarter of a kind does, beside the result of the contract.
    effects = models.JSONField(null=True, blank=True)

    objects = EstimateRunQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(state=RunState.QUEUED),
                name="estimate_one_queued_per_region",
                violation_error_message=_("An estimate is already waiting."),
            ),
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(state=RunState.RUNNING),
                name="estimate_one_running_per_region",
                violation_error_message=_("An estimate is already running."),
            ),
            models.UniqueConstraint(
                fields=["region", "night"],
                name="estimate_one_per_night",
                violation_error_message=_("This night already has an estimate."),
            ),
        ]


class EstimateRecord(models.Model):
    """The exact tables an estimate was made from, packed, so that it can be made again."""

    run = models.OneToOneField(
        EstimateRun, on_delete=models.CASCADE, related_name="record", primary_key=True
    )
    tables = models.BinaryField()
    # For the nation: moves and days counted, and the draws of the region as a whole.
    counts = models.JSONField(null=True, blank=True)
    draws = models.BinaryField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.run_id)


class Scenario(models.Model):
    """A question to the estimate: what if more homes came, or people were ready sooner."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+", verbose_name=_("of")
    )
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    # The changes as the core reads them; it refuses what cannot be.
    changes = models.JSONField(default=list)
    shared_with = models.ManyToManyField(
        "accounts.Organisation", blank=True, related_name="+", verbose_name=_("shared with")
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "owner", "name"],
                condition=Q(archived_at__isnull=True),
                name="scenario_name_once_per_owner",
                violation_error_message=_("There is already a scenario with this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("outflow:scenario", args=[self.ref])


class ScenarioResult(models.Model):
    """What an estimate says if a scenario came true, and how that differs from the base."""

    run = models.ForeignKey(EstimateRun, on_delete=models.CASCADE, related_name="scenarios")
    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="results")
    # As they were when it was computed; a scenario may have been changed since.
    changes = models.JSONField(default=list)
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "scenario"],
                name="scenario_result_once_per_run",
                violation_error_message=_("This scenario was already computed in this run."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.scenario_id}"


class NationalPicture(models.Model):
    """What the regions together show: a rate to lean on where one region has seen too little."""

    made_on = models.DateField(_("made on"), unique=True)
    regions = models.PositiveIntegerField(_("regions"))
    counts = models.JSONField(default=dict)
    # Bands of the regions added up, draw by draw.
    series = models.JSONField(default=list)

    class Meta:
        ordering = ["-made_on"]

    def __str__(self) -> str:
        return f"{self.made_on} {self.regions}"
