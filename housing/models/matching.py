"""What a matching saw and proposes, and by which policy of the region."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from housing.models.homes import Dwelling
from housing.querysets import MatchPolicyQuerySet, RegionQuerySet
from regions.models import Run, RunState, RunStep


class MatchPolicy(models.Model):
    """What a region lets the matching weigh: one version, never changed once it counts."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("version"))
    # What the matcher reads (housing.matching.policy), and what the region decides beside it.
    values = models.JSONField(default=dict)
    reason = models.CharField(_("why"), max_length=300)
    owner = models.CharField(_("decided by"), max_length=120, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField(_("counts from"), null=True, blank=True)
    adopted_at = models.DateTimeField(null=True, blank=True)
    adopted_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = MatchPolicyQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name_plural = "match policies"
        constraints = [
            models.UniqueConstraint(
                fields=["region", "number"],
                name="policy_number_once_per_region",
                violation_error_message=_("This version exists already."),
            ),
            models.CheckConstraint(
                condition=Q(
                    valid_from__isnull=True, adopted_at__isnull=True, adopted_by__isnull=True
                )
                | (
                    Q(valid_from__isnull=False, adopted_at__isnull=False)
                    & Q(adopted_by__isnull=False)
                    & ~Q(owner="")
                    & Q(dropped_at__isnull=True)
                ),
                name="policy_counts_with_day_and_owner",
                violation_error_message=_("A policy that counts has a day and an owner."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="adopted_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__adopted_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("housing:match_policy", args=[self.ref])


class MatchRun(Run):
    """One matching of a region: what it saw, and what it proposes to people."""

    TASK = "housing.tasks.carry_out_match"
    FOLLOW_UP = RunStep.ADVISING

    as_of = models.DateField(_("as of"))
    # The night this run was made for: one a night, however many beats ask.
    night = models.DateField(null=True, blank=True)
    # The version that counted; none means the weights of the contract.
    policy = models.ForeignKey(
        MatchPolicy, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Counts for the overview; what names clients stands in MatchRecord and the pairs.
    summary = models.JSONField(default=dict)

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(state=RunState.QUEUED),
                name="match_one_queued_per_region",
                violation_error_message=_("A matching is already waiting."),
            ),
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(state=RunState.RUNNING),
                name="match_one_running_per_region",
                violation_error_message=_("A matching is already running."),
            ),
            models.UniqueConstraint(
                fields=["region", "night"],
                name="match_one_per_night",
                violation_error_message=_("This night already has a matching."),
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("housing:match_run", args=[self.ref])

    @property
    def is_nightly(self) -> bool:
        return self.night is not None

    @property
    def leaned_on_memory(self) -> bool:
        """Whether a part of its answer was remembered from a run before."""
        counts = self.summary.get("parts", {"all": 0, "anew": 0})
        return bool(counts["anew"] < counts["all"])


class MatchRecord(models.Model):
    """The exact input and output of a run, so that it can be replayed and checked."""

    run = models.OneToOneField(
        MatchRun, on_delete=models.CASCADE, related_name="record", primary_key=True
    )
    instance = models.JSONField()
    result = models.JSONField()
    # On what ground others went first, and the nearest change for whom nothing fits.
    advice = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.run_id)


class MatchPair(models.Model):
    """One client and one dwelling that a run proposes together, with its reasons."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="pairs")
    client = models.ForeignKey("outflow.Client", on_delete=models.CASCADE, related_name="+")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.CASCADE, related_name="+")
    is_locked = models.BooleanField(default=False)
    reasons = models.JSONField(default=list)
    rank = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "client"],
                name="pair_one_dwelling_per_client",
                violation_error_message=_("A run proposes one dwelling to a client."),
            ),
            models.UniqueConstraint(
                fields=["run", "dwelling"],
                name="pair_one_client_per_dwelling",
                violation_error_message=_("A run proposes one client for a dwelling."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.dwelling_id}"


class UnmatchedClient(models.Model):
    """Somebody for whom a run found no dwelling, why, and what would help first."""

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="unmatched")
    client = models.ForeignKey("outflow.Client", on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=24)
    eligible_dwellings = models.PositiveIntegerField(default=0)
    nearest = models.JSONField(default=list)
    blocked_by = models.JSONField(default=list)
    advice = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "client"],
                name="unmatched_once_per_run",
                violation_error_message=_("A client is named once in a run."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.why}"


class MatchPart(models.Model):
    """A part of a matching that stands alone: whole numbers without a name, and its answer.

    A part that did not change keeps its key, so that it is not solved again.
    """

    region = models.ForeignKey("regions.Region", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    size = models.PositiveIntegerField(default=0)
    # Here while the part waits for somebody to solve it; the answer takes its place.
    program = models.JSONField(null=True, blank=True)
    value = models.JSONField(null=True, blank=True)
    token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "key"],
                name="part_once_per_region",
                violation_error_message=_("This part is known already."),
            ),
            models.CheckConstraint(
                condition=Q(program__isnull=False) | Q(value__isnull=False),
                name="part_has_question_or_answer",
                violation_error_message=_("A part holds a question or an answer."),
            ),
        ]
        indexes = [models.Index(fields=["region", "used_at"], name="part_region_used")]

    def __str__(self) -> str:
        return self.key


class TryOut(Run):
    """A matching of what is not so: a dwelling more, a place more, another policy. No proposal."""

    TASK = "housing.tasks.carry_out_try_out"

    as_of = models.DateField(_("as of"))
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    # [{"kind": ..., facts}]; with a policy the question is what that version would change.
    changes = models.JSONField(default=list)
    policy = models.ForeignKey(
        MatchPolicy, on_delete=models.PROTECT, null=True, blank=True, related_name="try_outs"
    )
    summary = models.JSONField(default=dict)

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["region"],
                condition=Q(state=RunState.RUNNING),
                name="try_out_one_running_per_region",
                violation_error_message=_("Something is already being tried."),
            )
        ]

    def get_absolute_url(self) -> str:
        return reverse("housing:try_out", args=[self.ref])


class TryOutRecord(models.Model):
    """Both answers of a try-out to one picture of the region: as it is, and as it would be."""

    run = models.OneToOneField(
        TryOut, on_delete=models.CASCADE, related_name="record", primary_key=True
    )
    instance = models.JSONField()
    before = models.JSONField()
    after = models.JSONField()

    def __str__(self) -> str:
        return str(self.run_id)


class NationalMatching(models.Model):
    """What the matchings of all regions come to together; people are never in it."""

    made_on = models.DateField(_("made on"), unique=True)
    regions = models.PositiveIntegerField(_("regions"))
    totals = models.JSONField(default=dict)

    class Meta:
        ordering = ["-made_on"]

    def __str__(self) -> str:
        return str(self.made_on)


class FairnessPicture(models.Model):
    """Who got a home and how long people waited, by group, at the end of a month; only counts."""

    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    month = models.DateField(_("first day of the month"))
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    rows = models.JSONField(default=list)

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "month"],
                name="fairness_once_per_month",
                violation_error_message=_("This month already has its figures."),
            )
        ]
        triggers = [
            pgtrigger.Protect(name="counted_once", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.month}"
