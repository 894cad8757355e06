"""People, their registrations with providers, and what each of these holds."""

import uuid

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Purpose, Viewer
from accounts.encryption import SealedTextField
from outflow.lifecycle import (
    Blocker,
    ContractForm,
    FacilityType,
    HousingForm,
    NearKind,
    Route,
    SupportKind,
    ZrmDomain,
)
from outflow.projections import ClientSeen, see_client
from outflow.querysets import (
    ClientQuerySet,
)


class Person(models.Model):
    """A human being, however many providers have registered them."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return str(self.ref)


class Household(models.Model):
    """People who will live together: one housing need, one dwelling."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.ref)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class Client(models.Model):
    """One registration of a person at one provider; it carries the phases they go through."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="clients")
    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, null=True, blank=True, related_name="clients"
    )
    provider = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    case_code = models.CharField(_("case code"), max_length=8)
    client_number = models.CharField(_("client number"), max_length=40)
    location = models.CharField(_("location"), max_length=120, blank=True)
    facility_type = models.CharField(_("kind of care"), max_length=2, choices=FacilityType.choices)
    in_care_since = models.DateField(_("in care since"), null=True, blank=True)
    origin_municipality = models.ForeignKey(
        "regions.Municipality",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("municipality of origin"),
    )
    financing_municipality = models.ForeignKey(
        "regions.Municipality", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    route = models.CharField(
        _("route"), max_length=16, choices=Route.choices, default=Route.REGULAR
    )
    urgency = models.PositiveSmallIntegerField(
        _("urgency"), default=0, validators=[MaxValueValidator(3)]
    )
    is_shielded = models.BooleanField(_("shielded"), default=False)
    expected_ready_on = models.DateField(_("expected ready on"), null=True, blank=True)
    ready_on = models.DateField(_("ready from"), null=True, blank=True)
    blockers = ArrayField(
        models.CharField(max_length=16, choices=Blocker.choices),
        verbose_name=_("still open"),
        default=list,
        blank=True,
    )
    checked_on = models.DateField(_("readiness last checked"), null=True, blank=True)
    checked_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Lets whoever registered a client see the row before the first assignment exists.
    registered_by = models.ForeignKey(
        "accounts.Membership", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    registered_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "case_code"],
                name="client_case_code_once_per_region",
                violation_error_message=_("This case code is in use."),
            ),
            models.UniqueConstraint(
                fields=["region", "provider", "client_number"],
                name="client_number_once_per_provider",
                violation_error_message=_("This provider already has that client number."),
            ),
            models.CheckConstraint(
                condition=Q(urgency__lte=3),
                name="client_urgency_at_most_three",
                violation_error_message=_("Urgency runs from 0 to 3."),
            ),
            models.CheckConstraint(
                condition=Q(ready_on__isnull=True)
                | Q(in_care_since__isnull=True)
                | Q(ready_on__gte=F("in_care_since")),
                name="client_ready_after_care_began",
                violation_error_message=_("Nobody is ready before care began."),
            ),
        ]
        indexes = [
            models.Index(fields=["region", "ready_on"], name="client_region_ready"),
            models.Index(fields=["region", "provider"], name="client_region_provider"),
            models.Index(fields=["region", "checked_on"], name="client_region_checked"),
        ]

    def __str__(self) -> str:
        return self.case_code

    def get_absolute_url(self) -> str:
        return reverse("steering:client", args=[self.ref])

    def as_seen_by(self, viewer: Viewer, *, purpose: Purpose) -> ClientSeen:
        """The fields this viewer may see of this client, and nothing else."""
        return see_client(self, viewer, purpose=purpose)


class Identity(models.Model):
    """Who a client is: sealed, and findable only by tokens."""

    client = models.OneToOneField(
        Client, on_delete=models.CASCADE, related_name="identity", primary_key=True
    )
    seal_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    family_name = SealedTextField(_("family name"))
    prefix = SealedTextField(_("name prefix"), default="")
    given_name = SealedTextField(_("given name"), default="")
    born_on = SealedTextField(_("birth date"), default="")
    sex = SealedTextField(_("sex"), default="")
    phone = SealedTextField(_("telephone"), default="")
    email = SealedTextField(_("e-mail address"), default="")
    born_token = models.BinaryField(max_length=8, null=True)
    surname_token = models.BinaryField(max_length=8, null=True)
    initial_token = models.BinaryField(max_length=8, null=True)

    class Meta:
        verbose_name_plural = "identities"
        indexes = [
            models.Index(fields=["born_token", "surname_token"], name="identity_born_surname"),
            models.Index(fields=["surname_token"], name="identity_surname"),
        ]

    def __str__(self) -> str:
        return str(self.seal_id)

    @property
    def full_name(self) -> str:
        return " ".join(
            str(part) for part in (self.given_name, self.prefix, self.family_name) if part
        )


class CareProfile(models.Model):
    """What only the provider knows: money, debts, notes and reasons. Never leaves the provider."""

    client = models.OneToOneField(
        Client, on_delete=models.CASCADE, related_name="care_profile", primary_key=True
    )
    seal_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    monthly_income = models.DecimalField(
        _("net income a month"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    yearly_income = models.DecimalField(
        _("taxable income a year"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    income_source = models.CharField(_("source of income"), max_length=80, blank=True)
    has_debts = models.BooleanField(_("debts"), null=True, blank=True)
    debt_amount = models.DecimalField(
        _("amount of debts"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    administration = models.CharField(_("administration of money"), max_length=80, blank=True)
    remarks = SealedTextField(_("remarks"), default="")
    exclusion_reason = SealedTextField(_("why some areas cannot be"), default="")

    def __str__(self) -> str:
        return str(self.seal_id)


class ZrmScore(models.Model):
    """A level of one domain of the Zelfredzaamheid-Matrix on one day; a trained assessor's."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="zrm_scores")
    domain = models.CharField(_("domain"), max_length=24, choices=ZrmDomain.choices)
    level = models.PositiveSmallIntegerField(
        _("level"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    assessed_on = models.DateField(_("assessed on"))
    version = models.CharField(_("version"), max_length=20, default="ZRM 2017")
    assessor = models.CharField(_("assessor"), max_length=120, blank=True)

    class Meta:
        ordering = ["domain", "assessed_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "domain", "assessed_on"],
                name="zrm_one_level_per_domain_and_day",
                violation_error_message=_("That domain already has a level on that day."),
            ),
            models.CheckConstraint(
                condition=Q(level__range=(1, 5)),
                name="zrm_level_from_one_to_five",
                violation_error_message=_("A level runs from 1 to 5."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.domain} {self.level}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class FunctionalProfile(models.Model):
    """What the home must offer, in closed lists: all that crosses between organisations."""

    client = models.OneToOneField(
        Client, on_delete=models.CASCADE, related_name="functional_profile", primary_key=True
    )
    persons = models.PositiveSmallIntegerField(
        _("people"), default=1, validators=[MinValueValidator(1)]
    )
    children = models.PositiveSmallIntegerField(_("of whom children"), default=0)
    bedrooms = models.PositiveSmallIntegerField(_("bedrooms, at least"), default=1)
    step_free = models.BooleanField(_("step-free: ground floor or lift"), default=False)
    wheelchair = models.BooleanField(_("wheelchair"), default=False)
    low_stimulus = models.BooleanField(_("low-stimulus surroundings"), default=False)
    forms = ArrayField(
        models.CharField(max_length=24, choices=HousingForm.choices),
        verbose_name=_("housing forms"),
        default=list,
        blank=True,
    )
    contract_forms = ArrayField(
        models.CharField(max_length=24, choices=ContractForm.choices),
        verbose_name=_("contract forms that fit"),
        default=list,
        blank=True,
    )
    max_rent = models.DecimalField(
        _("highest basic rent"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    max_rent_is_assumed = models.BooleanField(default=True)
    guidance_hours = models.DecimalField(
        _("hours of guidance a week"),
        max_digits=4,
        decimal_places=1,
        default=0,
        validators=[MinValueValidator(0)],
    )
    reachable_24h = models.BooleanField(_("24-hour reachability"), default=False)
    support = ArrayField(
        models.CharField(max_length=32, choices=SupportKind.choices),
        verbose_name=_("support needed in the neighbourhood"),
        default=list,
        blank=True,
    )
    municipalities = models.ManyToManyField(
        "regions.Municipality",
        through="WishedMunicipality",
        related_name="+",
        verbose_name=_("wished municipalities"),
    )
    preferred_neighbourhoods = models.ManyToManyField(
        "regions.Neighbourhood",
        related_name="+",
        blank=True,
        verbose_name=_("preferred neighbourhoods"),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(persons__gte=1) & Q(children__lt=F("persons")),
                name="need_counts_an_adult",
                violation_error_message=_("Children are part of the people; one is an adult."),
            ),
            models.CheckConstraint(
                condition=Q(max_rent__isnull=True) | Q(max_rent__gt=0),
                name="need_rent_is_positive",
                violation_error_message=_("The highest rent is more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(guidance_hours__gte=0),
                name="need_hours_not_negative",
                violation_error_message=_("Hours cannot be below zero."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.client_id)


class WishedMunicipality(models.Model):
    """A municipality a client would live in, first wish first."""

    profile = models.ForeignKey(FunctionalProfile, on_delete=models.CASCADE, related_name="wishes")
    municipality = models.ForeignKey(
        "regions.Municipality", on_delete=models.PROTECT, related_name="+"
    )
    rank = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["rank"]
        verbose_name_plural = "wished municipalities"
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "municipality"],
                name="wish_names_a_municipality_once",
                violation_error_message=_("This municipality is already in the list."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.municipality_id}"


class PlaceToBeNear(models.Model):
    """Where a client has people, or something to do by day: a home near it fits better."""

    profile = models.ForeignKey(
        FunctionalProfile, on_delete=models.CASCADE, related_name="places_to_be_near"
    )
    kind = models.CharField(_("what is there"), max_length=12, choices=NearKind.choices)
    neighbourhood = models.ForeignKey(
        "regions.Neighbourhood", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["kind", "neighbourhood__name"]
        verbose_name_plural = "places to be near"
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "kind", "neighbourhood"],
                name="near_named_once",
                violation_error_message=_("This neighbourhood is already in the list."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.neighbourhood_id}"


class ExcludedNeighbourhood(models.Model):
    """Where a client cannot live. Others only learn whether a dwelling fits."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="exclusions")
    neighbourhood = models.ForeignKey(
        "regions.Neighbourhood", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "neighbourhood"],
                name="exclusion_named_once",
                violation_error_message=_("This neighbourhood is already excluded."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.neighbourhood_id}"
