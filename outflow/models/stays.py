"""Where people are on their way home, what was recorded of it, and who looks after them."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outflow.lifecycle import (
    Exit,
    Phase,
)
from outflow.models.people import Client
from outflow.querysets import (
    SpellQuerySet,
)


class Spell(models.Model):
    """A client was in one phase from a day until the day the next phase began."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="spells")
    phase = models.CharField(_("phase"), max_length=12, choices=Phase.choices)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    exit = models.CharField(
        _("how it ended for good"), max_length=16, choices=Exit.choices, blank=True
    )

    objects = SpellQuerySet.as_manager()

    class Meta:
        ordering = ["client", "from_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="spell_ends_after_it_begins",
                violation_error_message=_("A phase ends after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(exit="") | Q(until_on__isnull=False),
                name="spell_with_exit_has_ended",
                violation_error_message=_("Whoever left has a last day."),
            ),
            ExclusionConstraint(
                name="spells_of_a_client_do_not_overlap",
                expressions=[
                    ("client", RangeOperators.EQUAL),
                    (
                        Func(
                            "from_on",
                            "until_on",
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("A client is in one phase at a time."),
            ),
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(until_on__isnull=True),
                name="spell_one_open_per_client",
                violation_error_message=_("A client is in one phase at a time."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["phase", "client"],
                condition=Q(until_on__isnull=True),
                name="spell_open_by_phase",
            )
        ]

    def __str__(self) -> str:
        return f"{self.phase} {self.from_on}"


class ReadinessRecord(models.Model):
    """What somebody recorded about a client's readiness, and what stood there before."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="readiness_records")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(_("phase"), max_length=12, choices=Phase.choices)
    # Each holds phase, phase_from, ready_on, expected_ready_on, blockers, checked_on, checked_by.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        indexes = [models.Index(fields=["client", "-recorded_at"], name="readiness_record_client")]

    def __str__(self) -> str:
        return f"{self.phase} {self.recorded_at:%Y-%m-%d}"


class Assignment(models.Model):
    """A client is somebody's to look after, or to cover for, from a day to a day."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="assignments")
    membership = models.ForeignKey(
        "accounts.Membership", on_delete=models.PROTECT, related_name="+"
    )
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    is_cover = models.BooleanField(_("cover"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "membership"],
                condition=Q(until_on__isnull=True),
                name="assignment_open_once",
                violation_error_message=_("This client is already assigned to that person."),
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="assignment_ends_after_it_begins",
                violation_error_message=_("The last day lies after the first."),
            ),
        ]
        indexes = [models.Index(fields=["membership", "until_on"], name="assignment_membership")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.membership_id}"
