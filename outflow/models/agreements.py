"""What was arranged with and for a client: the arrangement, grounds for sharing, doubles."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outflow.lifecycle import (
    ArrangementPart,
    ItemState,
    Subject,
)
from outflow.models.people import Client, Person
from outflow.querysets import (
    DuplicateQuerySet,
)


class ArrangementItem(models.Model):
    """One thing that must be arranged before somebody can live at home, and who arranges it."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="arrangement")
    part = models.CharField(_("part"), max_length=8, choices=ArrangementPart.choices)
    what = models.CharField(_("what"), max_length=80)
    responsible = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who arranges it"),
    )
    due_on = models.DateField(_("by"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=ItemState.choices, default=ItemState.MISSING
    )
    changed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["part", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "part", "what"],
                name="arrangement_item_once",
                violation_error_message=_("This is already in the arrangement."),
            )
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def subject(self) -> str:
        """What it is, in words; what is not in the closed list stands as it was written."""
        return str(Subject(self.what).label) if self.what in Subject.values else self.what


class SharingGround(models.Model):
    """The ground on which a client's data may be shared, with whom, from when and until when."""

    class Ground(models.TextChoices):
        CONSENT = "consent", _("consent of the client")
        PUBLIC_TASK = "public_task", _("public task")
        AGREEMENT = "agreement", _("agreement with the client")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="sharing_grounds")
    ground = models.CharField(_("ground"), max_length=12, choices=Ground.choices)
    recipient = models.CharField(_("for whom"), max_length=40, default="region")
    text_version = models.CharField(_("version of the text"), max_length=40, blank=True)
    recorded_on = models.DateField(_("recorded on"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "recipient"],
                condition=Q(withdrawn_on__isnull=True),
                name="sharing_one_live_ground_per_recipient",
                violation_error_message=_("There is already a ground for this recipient."),
            )
        ]

    def __str__(self) -> str:
        return self.ground


class LikelyDuplicate(models.Model):
    """Two registrations that may be one person; people decide, the system never merges."""

    class Verdict(models.TextChoices):
        SAME = "same", _("the same person")
        DIFFERENT = "different", _("two people")

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    first = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    agreeing = ArrayField(models.CharField(max_length=16), default=list)
    found_at = models.DateTimeField(default=timezone.now, editable=False)
    first_confirms = models.BooleanField(null=True)
    second_confirms = models.BooleanField(null=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices, blank=True)
    # The person the second registration had, so that a merge can be undone.
    second_person_before = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = DuplicateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                name="duplicate_pair_once",
                violation_error_message=_("These two are already on the list."),
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="duplicate_pair_in_order",
                violation_error_message=_("A pair is kept in one order."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"
