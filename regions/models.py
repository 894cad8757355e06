"""The map and the frame: regions, municipalities, neighbourhoods, law, rules and runs."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Region(models.Model):
    """A set of municipalities that house people together."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120, unique=True)
    is_example = models.BooleanField(_("example"), default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """A municipality by its CBS code; outside any region it is only a place people come from."""

    code = models.CharField(_("CBS code"), max_length=6, unique=True)
    name = models.CharField(_("name"), max_length=80)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="municipalities"
    )
    inhabitants = models.PositiveIntegerField(_("inhabitants"), null=True, blank=True)
    boundary = models.JSONField(_("boundary"), null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "municipalities"
        indexes = [models.Index(fields=["name"], name="municipality_name")]

    def __str__(self) -> str:
        return self.name


class MunicipalityName(models.Model):
    """An old or other name by which lists still call a municipality; offered, never guessed."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(_("name"), max_length=80)
    until = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name"],
                name="municipality_name_once",
                violation_error_message=_("This name is already known for the municipality."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Neighbourhood(models.Model):
    """A part of a municipality; its name is unique only within that municipality."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="neighbourhoods"
    )
    name = models.CharField(_("name"), max_length=120)
    cbs_code = models.CharField(_("CBS code"), max_length=12, blank=True)
    boundary = models.JSONField(_("boundary"), null=True, blank=True)
    # Its middle, for distances and for a circle on the map where no boundary is loaded.
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    social_dwellings = models.PositiveIntegerField(_("social dwellings"), null=True, blank=True)
    max_placements = models.PositiveSmallIntegerField(
        _("most placements in 24 months"), null=True, blank=True
    )
    soft_placements = models.PositiveSmallIntegerField(
        _("placements from which we warn"), null=True, blank=True
    )
    capacity_owner = models.CharField(_("agreed by"), max_length=120, blank=True)
    capacity_agreed_on = models.DateField(_("agreed on"), null=True, blank=True)

    class Meta:
        ordering = ["municipality__name", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name"],
                name="neighbourhood_name_once_per_municipality",
                violation_error_message=_("This municipality already has that neighbourhood."),
            ),
            models.CheckConstraint(
                condition=Q(max_placements__isnull=True)
                | Q(soft_placements__isnull=True)
                | Q(soft_placements__lte=models.F("max_placements")),
                name="neighbourhood_warns_before_it_is_full",
                violation_error_message=_("The warning must come before the limit."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="neighbourhood_has_a_whole_place",
                violation_error_message=_("A place has a latitude and a longitude."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class NeighbourhoodAlias(models.Model):
    """Another name for a neighbourhood that a person has confirmed once."""

    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.CASCADE, related_name="aliases"
    )
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name_plural = "neighbourhood aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["neighbourhood", "name"],
                name="neighbourhood_alias_once",
                violation_error_message=_("This name is already known for the neighbourhood."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class LegalParameter(models.Model):
    """A limit that the law sets from a day on, with its source; a missing one stays missing."""

    class Kind(models.TextChoices):
        DAEB_RENT = "daeb_rent", _("social rent limit (DAEB)")
        FITTING_RENT_SMALL = "fitting_rent_small", _("appropriate allocation, 1 or 2 people")
        FITTING_RENT_LARGE = "fitting_rent_large", _("appropriate allocation, 3 people or more")
        YOUTH_RENT = "youth_rent", _("quality discount or youth limit")
        FITTING_INCOME_SINGLE = "fitting_income_single", _("income limit, one person")
        FITTING_INCOME_MULTI = "fitting_income_multi", _("income limit, more people")
        FITTING_INCOME_SINGLE_ELDERLY = (
            "fitting_income_single_elderly",
            _("income limit, one elderly person"),
        )
        FITTING_INCOME_MULTI_ELDERLY = (
            "fitting_income_multi_elderly",
            _("income limit, more elderly people"),
        )
        DAEB_INCOME_SINGLE = "daeb_income_single", _("DAEB income limit, one person")
        DAEB_INCOME_MULTI = "daeb_income_multi", _("DAEB income limit, more people")
        MID_RENT = "mid_rent", _("upper limit of mid-rent")

    kind = models.CharField(_("kind"), max_length=32, choices=Kind.choices)
    valid_from = models.DateField(_("valid from"))
    value = models.DecimalField(_("euros"), max_digits=10, decimal_places=2)
    source = models.CharField(_("source"), max_length=300)
    verified = models.BooleanField(_("verified"), default=False)

    class Meta:
        ordering = ["kind", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "valid_from"],
                name="legal_parameter_once_per_day",
                violation_error_message=_("This limit already has a value from that day."),
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0),
                name="legal_parameter_is_positive",
                violation_error_message=_("A limit is more than zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.valid_from}"


class RegionRule(models.Model):
    """A rule the region set for itself, from a day on, with who owns it."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="rules")
    key = models.CharField(_("rule"), max_length=60)
    value = models.JSONField(_("value"))
    valid_from = models.DateField(_("valid from"))
    owner = models.CharField(_("owner"), max_length=120)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["key", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "key", "valid_from"],
                name="region_rule_once_per_day",
                violation_error_message=_("This rule already changes on that day."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.valid_from}"


class RunState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    SUPERSEDED = "superseded", _("superseded")
    CANCELLED = "cancelled", _("stopped")


UNFINISHED = (RunState.QUEUED, RunState.RUNNING)


class RunCause(models.TextChoices):
    """Why a run was asked for; one run may have more causes."""

    ASKED = "asked", _("asked for")
    CHANGED = "changed", _("something changed")
    NIGHTLY = "nightly", _("every night")
    SCENARIO = "scenario", _("a scenario changed")
    NATION = "nation", _("asked for all regions together")


class RunStep(models.TextChoices):
    """Where the work is, as cores and runs name it."""

    READING = "reading", _("reading the lists")
    FIRST = "first", _("drawing the first figures")
    FITTING = "fitting", _("learning from the past")
    SIMULATING = "simulating", _("drawing the future")
    CHECKING = "checking", _("trying it on the past")
    SCENARIOS = "scenarios", _("drawing the scenarios")
    EFFECTS = "effects", _("looking what one more home does")
    SOLVING = "solving", _("looking for the best answer")
    BOTTLENECKS = "bottlenecks", _("looking for what is short")
    WRITING = "writing", _("writing the result")
    ADVISING = "advising", _("looking what would help whom")
    READING_LIST = "reading_list", _("reading the list")
    COMPARING = "comparing", _("comparing it with what is known")
    PUTTING_IN = "putting_in", _("putting its rows in")


class RunFailure(models.TextChoices):
    """Why a run failed, in words for whoever waits; after a colon a detail for who mends it."""

    NOBODY = "nobody", _("Nobody in this region has a phase yet, so there is nothing to compute.")
    INPUT = "input", _("The data contradict each other, so this cannot be computed from them.")
    WORKER_LOST = "worker_lost", _("The computer stopped in the middle of it, several times.")
    FAULT = "fault", _("Something went wrong while computing. Ask your administrator to look.")
    WRONG_ANSWER = (
        "wrong_answer",
        _("The answer did not pass the check afterwards, so it was not kept."),
    )


class Run(models.Model):
    """Work that a worker does for a region; this row, not the broker, is the truth about it."""

    LEASE = timedelta(minutes=2)
    # The task that carries out such a run; the reconciler wakes it by this name.
    TASK: ClassVar[str] = ""
    # What the task still does once the result is there: the step that such a run stands at.
    FOLLOW_UP: ClassVar[str] = ""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=12, choices=RunState.choices, default=RunState.QUEUED
    )
    cause = models.CharField(_("cause"), max_length=60, blank=True)
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    not_before = models.DateTimeField(default=timezone.now)
    offered_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # Whoever holds the token may write the result; a later claim takes it away.
    token = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(_("step"), max_length=80, blank=True)
    steps_done = models.PositiveIntegerField(default=0)
    steps_total = models.PositiveIntegerField(default=0)
    failure = models.TextField(_("reason"), blank=True)
    fingerprint = models.CharField(max_length=80, blank=True)
    core_version = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.ref}"

    @property
    def is_finished(self) -> bool:
        return self.state not in UNFINISHED

    @property
    def must_finish(self) -> bool:
        """Whether others count on this very run: it belongs to a night, or to all regions."""
        return not {RunCause.NIGHTLY, RunCause.NATION}.isdisjoint(self.cause.split(","))

    @property
    def has_follow_up(self) -> bool:
        """Whether the result is there and something about it is still to be worked out."""
        return self.state == RunState.DONE and self.step == self.FOLLOW_UP != ""

    @property
    def causes(self) -> list[str]:
        """Why it was asked for, in words."""
        return [str(RunCause(code).label) for code in self.cause.split(",") if code]

    @property
    def step_label(self) -> str:
        """Where the work is, in words; a step that nobody named here is shown as it is."""
        return str(RunStep(self.step).label) if self.step in RunStep.values else self.step

    @property
    def reason(self) -> str:
        """Why it failed, in a sentence."""
        code = self.failure.partition(":")[0]
        return str(RunFailure(code).label) if code in RunFailure.values else self.failure
