"""What was promised for a year, and the ledger of it."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from housing.lifecycle import ContingentKind, EntryKind
from housing.querysets import ContingentQuerySet


class RegionYear(models.Model):
    """What the region promised together for a year; its sums are kept by the database."""

    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    kind = models.CharField(
        _("kind"), max_length=8, choices=ContingentKind.choices, default=ContingentKind.TASK
    )
    agreed = models.PositiveIntegerField(_("agreed for the region"), null=True, blank=True)
    raised = models.IntegerField(_("raised with authority"), default=0)
    booked = models.IntegerField(_("booked"), default=0)
    basis = models.JSONField(_("basis of the distribution"), default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "year"],
                name="region_year_once",
                violation_error_message=_("This year is already there."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="maximum")
                | Q(agreed__isnull=True)
                | Q(booked__lte=F("agreed") + F("raised")),
                name="region_booked_within_maximum",
                violation_error_message=_(
                    "The region's maximum for this year is reached. Raise it with a reason and"
                    " who allows it, or let the dwelling outside the contingent."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)


class Contingent(models.Model):
    """Dwellings a corporation promised in a municipality for a year; entries are the truth."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    corporation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    municipality = models.ForeignKey(
        "regions.Municipality", on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField(_("year"))
    target_group = models.CharField(_("target group"), max_length=12, blank=True)
    kind = models.CharField(
        _("kind"), max_length=8, choices=ContingentKind.choices, default=ContingentKind.TASK
    )
    # Kept by the database from the entries; an update by hand is refused there.
    booked = models.IntegerField(_("booked"), default=0, editable=False)
    ceiling = models.IntegerField(_("ceiling"), default=0, editable=False)

    objects = ContingentQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "corporation__name", "municipality__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "corporation", "municipality", "year", "target_group"],
                name="contingent_once",
                violation_error_message=_("This contingent is already there."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="maximum") | Q(booked__lte=F("ceiling")),
                name="contingent_booked_within_ceiling",
                violation_error_message=_(
                    "The contingent of this corporation in this municipality is full. Raise it"
                    " with a reason and who allows it."
                ),
            ),
            models.CheckConstraint(
                condition=Q(booked__gte=0),
                name="contingent_booked_not_negative",
                violation_error_message=_("More was given back than was booked."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.corporation_id} {self.municipality_id} {self.year}"

    def get_absolute_url(self) -> str:
        return reverse("housing:contingent", args=[self.ref])


class ContingentEntry(models.Model):
    """One line of the ledger; never changed, only corrected by a later line."""

    contingent = models.ForeignKey(Contingent, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(_("what"), max_length=12, choices=EntryKind.choices)
    dwellings = models.IntegerField(_("dwellings"))
    on = models.DateField(_("on"))
    proposal = models.ForeignKey(
        "Proposal", on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )
    dwelling = models.ForeignKey(
        "Dwelling", on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    authority = models.CharField(_("who allows it"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=40, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["on", "pk"]
        verbose_name_plural = "contingent entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="corrected") | Q(dwellings__gt=0) | Q(kind="agreed"),
                name="entry_counts_up_unless_corrected",
                violation_error_message=_("Only a correction or an agreement may go down."),
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["override", "corrected"]) | ~Q(reason=""),
                name="entry_exception_has_reason",
                violation_error_message=_("Write down the reason."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="override") | ~Q(authority=""),
                name="entry_override_has_authority",
                violation_error_message=_("Write down who allows it."),
            ),
            models.UniqueConstraint(
                fields=["proposal", "kind"],
                condition=Q(proposal__isnull=False),
                name="entry_once_per_proposal_and_kind",
                violation_error_message=_("This step is already in the ledger."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dwellings}"
