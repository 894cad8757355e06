"""Dwellings on offer, and the support and guidance around them."""

import uuid

import pghistory
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from housing.querysets import DwellingQuerySet, SupportOfferQuerySet
from outflow.lifecycle import ContractForm, HousingForm, SupportKind


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class Dwelling(models.Model):
    """A home a corporation offers to people who leave sheltered housing or a shelter."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    corporation = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("corporation"),
    )
    municipality = models.ForeignKey(
        "regions.Municipality",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("municipality"),
    )
    neighbourhood = models.ForeignKey(
        "regions.Neighbourhood",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("neighbourhood"),
    )
    street = models.CharField(_("street"), max_length=120)
    house_number = models.CharField(_("number"), max_length=20)
    postcode = models.CharField(_("postcode"), max_length=7)
    place = models.CharField(_("place"), max_length=80, blank=True)
    basic_rent = models.DecimalField(
        _("basic rent"), max_digits=8, decimal_places=2, validators=[MinValueValidator(0)]
    )
    service_costs = models.DecimalField(
        _("service costs"), max_digits=7, decimal_places=2, default=0
    )
    rooms = models.PositiveSmallIntegerField(_("rooms"), null=True, blank=True)
    bedrooms = models.PositiveSmallIntegerField(_("bedrooms"), default=1)
    most_persons = models.PositiveSmallIntegerField(
        _("people, at most"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    surface = models.PositiveSmallIntegerField(_("square metres"), null=True, blank=True)
    floor = models.SmallIntegerField(_("floor"), null=True, blank=True)
    has_lift = models.BooleanField(_("lift"), default=False)
    wheelchair = models.BooleanField(_("suits a wheelchair"), default=False)
    low_stimulus = models.BooleanField(_("low-stimulus surroundings"), default=False)
    dwelling_type = models.CharField(_("type"), max_length=60, blank=True)
    form = models.CharField(
        _("housing form"),
        max_length=24,
        choices=HousingForm.choices,
        default=HousingForm.INDEPENDENT,
    )
    contract_form = models.CharField(
        _("contract form"),
        max_length=24,
        choices=ContractForm.choices,
        default=ContractForm.REGULAR,
    )
    has_nuisance_file = models.BooleanField(_("nuisance file"), default=False)
    available_on = models.DateField(_("available from"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    entered_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DwellingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["corporation", "postcode", "house_number", "available_on"],
                name="dwelling_offered_once",
                violation_error_message=_("This dwelling is already offered from that day."),
            ),
            # Whoever leaves or withdraws ends the row; only then it can be offered anew.
            models.UniqueConstraint(
                "corporation",
                "postcode",
                Upper("house_number"),
                condition=Q(withdrawn_on__isnull=True),
                name="dwelling_stands_once",
                violation_error_message=_("This dwelling is here already."),
            ),
            models.CheckConstraint(
                condition=Q(basic_rent__gt=0) & Q(service_costs__gte=0),
                name="dwelling_rent_is_positive",
                violation_error_message=_("The basic rent is more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(has_nuisance_file=False) | Q(withdrawn_on__isnull=False),
                name="dwelling_with_nuisance_file_is_not_offered",
                violation_error_message=_(
                    "A dwelling with a nuisance file is not offered to these clients."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["region", "available_on"], name="dwelling_region_available"),
            models.Index(fields=["corporation", "available_on"], name="dwelling_corp_available"),
        ]

    def __str__(self) -> str:
        return f"{self.street} {self.house_number}"

    def get_absolute_url(self) -> str:
        return reverse("housing:dwelling", args=[self.ref])

    @property
    def is_ground_floor(self) -> bool:
        return self.floor == 0


class SupportOffer(models.Model):
    """Support that a party offers in a neighbourhood: places, how many in use, from when."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    neighbourhood = models.ForeignKey(
        "regions.Neighbourhood",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("neighbourhood"),
    )
    kind = models.CharField(_("kind"), max_length=32, choices=SupportKind.choices)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    provider_name = models.CharField(_("who offers it"), max_length=120)
    places = models.PositiveSmallIntegerField(_("places"))
    in_use = models.PositiveSmallIntegerField(_("in use"), default=0)
    times = models.CharField(_("days and hours"), max_length=120, blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)
    updated_on = models.DateField(null=True, blank=True)

    objects = SupportOfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["neighbourhood", "kind", "provider_name", "from_on"],
                nulls_distinct=False,
                name="support_offered_once",
                violation_error_message=_("This support offer is already there."),
            ),
            models.CheckConstraint(
                condition=Q(in_use__lte=F("places")),
                name="support_in_use_within_places",
                violation_error_message=_("No more places can be in use than there are."),
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True)
                | Q(from_on__isnull=True)
                | Q(until_on__gte=F("from_on")),
                name="support_ends_after_it_begins",
                violation_error_message=_("The last day lies after the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.provider_name}"

    @property
    def free_places(self) -> int:
        return self.places - self.in_use


class GuidanceCapacity(models.Model):
    """Hours of guidance a week that a provider has free in a municipality."""

    provider = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    municipality = models.ForeignKey(
        "regions.Municipality", on_delete=models.PROTECT, related_name="+"
    )
    free_hours = models.DecimalField(
        _("free hours a week"), max_digits=6, decimal_places=1, validators=[MinValueValidator(0)]
    )
    updated_on = models.DateField()

    class Meta:
        verbose_name_plural = "guidance capacities"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "municipality"],
                name="guidance_capacity_once",
                violation_error_message=_("This provider already has hours there."),
            ),
            models.CheckConstraint(
                condition=Q(free_hours__gte=0),
                name="guidance_hours_not_negative",
                violation_error_message=_("Hours cannot be below zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.municipality_id}"
