"""Homes, the promises about homes, the support around them, and who goes where."""

import secrets
import uuid

import pghistory
import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from housing.lifecycle import (
    ENDED,
    LIVE,
    ContingentKind,
    ContractForm,
    DepartureReason,
    EntryKind,
    ProposalState,
    RefusalByClient,
    RefusalByCorporation,
    WithdrawalReason,
)
from housing.querysets import (
    ContingentQuerySet,
    DwellingQuerySet,
    MatchRunQuerySet,
    PlacementQuerySet,
    ProposalQuerySet,
    SupportOfferQuerySet,
)
from outflow.lifecycle import HousingForm, SupportKind
from outflow.models import SharingGround
from regions.models import Run, RunState

# Without letters and digits that look alike, so that a code survives a telephone.
CODE_ALPHABET = "ABCDEFHJKLMNPQRTVWXYZ346789"


def proposal_code() -> str:
    """A random code for one proposal; it never counts up and tells nothing."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(6))


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


class MatchRun(Run):
    """One matching of a region: what it saw, and what it proposes to people."""

    TASK = "housing.tasks.carry_out_match"

    as_of = models.DateField(_("as of"))
    # The night this run was made for: one a night, however many beats ask.
    night = models.DateField(null=True, blank=True)
    # Counts for the overview; what names clients stands in MatchRecord and the pairs.
    summary = models.JSONField(default=dict)

    objects = MatchRunQuerySet.as_manager()

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


class MatchRecord(models.Model):
    """The exact input and output of a run, so that it can be replayed and checked."""

    run = models.OneToOneField(
        MatchRun, on_delete=models.CASCADE, related_name="record", primary_key=True
    )
    instance = models.JSONField()
    result = models.JSONField()

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


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True)
class Proposal(models.Model):
    """A named person proposes a dwelling to a client; what was answered, up to the key."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("code"), max_length=8, default=proposal_code)
    person = models.ForeignKey("outflow.Person", on_delete=models.PROTECT, related_name="proposals")
    client = models.ForeignKey("outflow.Client", on_delete=models.PROTECT, related_name="proposals")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="proposals")
    contingent = models.ForeignKey(
        Contingent, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    pair = models.ForeignKey(
        MatchPair, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=ProposalState.choices,
        default=ProposalState.PROPOSED,
    )
    # Follows the matching, or departs from it with a reason.
    follows_matching = models.BooleanField(default=False)
    departure_reason = models.CharField(
        _("reason to depart"), max_length=20, choices=DepartureReason.choices, blank=True
    )
    proposed_on = models.DateField(_("proposed on"))
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateField(_("answer needed by"), null=True, blank=True)
    corporation_answered_on = models.DateField(null=True, blank=True)
    client_answered_on = models.DateField(null=True, blank=True)
    released_on = models.DateField(_("released on"), null=True, blank=True)
    release_ground = models.CharField(
        _("ground of the release"),
        max_length=12,
        choices=SharingGround.Ground.choices,
        blank=True,
    )
    release_text_version = models.CharField(max_length=40, blank=True)
    viewing_at = models.DateTimeField(_("viewing"), null=True, blank=True)
    meeting_point = models.CharField(_("meeting point"), max_length=120, blank=True)
    contract_form = models.CharField(
        _("contract form"), max_length=24, choices=ContractForm.choices, blank=True
    )
    contract_on = models.DateField(_("contract signed on"), null=True, blank=True)
    key_on = models.DateField(_("key handed over on"), null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    refusal_by_corporation = models.CharField(
        max_length=20, choices=RefusalByCorporation.choices, blank=True
    )
    refusal_by_client = models.CharField(max_length=20, choices=RefusalByClient.choices, blank=True)
    withdrawal_reason = models.CharField(
        max_length=20, choices=WithdrawalReason.choices, blank=True
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "code"],
                name="proposal_code_once_per_region",
                violation_error_message=_("This code is in use."),
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=sorted(LIVE)),
                name="proposal_one_live_per_person",
                violation_error_message=_("This client already has a proposal."),
            ),
            models.UniqueConstraint(
                fields=["dwelling"],
                condition=Q(state__in=sorted(LIVE)),
                name="proposal_one_live_per_dwelling",
                violation_error_message=_("This dwelling is already proposed to somebody else."),
            ),
            models.CheckConstraint(
                condition=Q(follows_matching=True) | ~Q(departure_reason="") | Q(pair__isnull=True),
                name="proposal_departs_with_reason",
                violation_error_message=_("Whoever departs from the matching says why."),
            ),
            models.CheckConstraint(
                condition=(Q(released_on__isnull=True) & Q(release_ground=""))
                | (Q(released_on__isnull=False) & ~Q(release_ground="")),
                name="proposal_release_has_ground_and_date",
                violation_error_message=_("A release has a ground and a date."),
            ),
            models.CheckConstraint(
                condition=Q(released_on__isnull=True) | Q(client_answered_on__isnull=False),
                name="proposal_released_after_client_answered",
                violation_error_message=_("The name is released only after the client said yes."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(ENDED)) | Q(ended_on__isnull=False),
                name="proposal_ended_has_day",
                violation_error_message=_("A proposal that ended has a day."),
            ),
            models.CheckConstraint(
                condition=~Q(state="key") | Q(key_on__isnull=False, contract_on__isnull=False),
                name="proposal_key_has_contract_and_day",
                violation_error_message=_("A key is handed over on a day, after the contract."),
            ),
        ]
        indexes = [
            models.Index(fields=["region", "state", "answer_by"], name="proposal_region_state"),
            models.Index(fields=["dwelling", "state"], name="proposal_dwelling_state"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("housing:proposal", args=[self.ref])


class ProposalStep(models.Model):
    """One step of a proposal: from where to where, by whom and when."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="steps")
    before = models.CharField(max_length=16, choices=ProposalState.choices, blank=True)
    after = models.CharField(max_length=16, choices=ProposalState.choices)
    on = models.DateField()
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(max_length=24)
    reason = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.before} {self.after}"


class RefusalNote(models.Model):
    """The own words of the party that said no; they stay with that party."""

    proposal = models.OneToOneField(Proposal, on_delete=models.CASCADE, related_name="refusal_note")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    text = models.TextField(_("own words"))

    def __str__(self) -> str:
        return str(self.proposal_id)


class Placement(models.Model):
    """A person lives in a dwelling, from the key until they leave."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        "outflow.Person", on_delete=models.PROTECT, related_name="placements"
    )
    client = models.ForeignKey(
        "outflow.Client", on_delete=models.PROTECT, related_name="placements"
    )
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="placements")
    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="placement"
    )
    contract_form = models.CharField(
        _("contract form"), max_length=24, choices=ContractForm.choices
    )
    from_on = models.DateField(_("from"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_on__isnull=True),
                name="placement_one_running_per_person",
                violation_error_message=_("This person already lives somewhere."),
            ),
            models.UniqueConstraint(
                fields=["dwelling"],
                condition=Q(ended_on__isnull=True),
                name="placement_one_running_per_dwelling",
                violation_error_message=_("Somebody already lives in this dwelling."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("from_on")),
                name="placement_ends_after_it_begins",
                violation_error_message=_("The last day lies after the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.dwelling_id}"
