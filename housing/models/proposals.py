"""Proposals, their steps, and who lives where."""

import secrets
import uuid

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from housing.lifecycle import (
    ENDED,
    LIVE,
    DepartureReason,
    ProposalState,
    ReadmissionReason,
    RefusalByClient,
    RefusalByCorporation,
    WithdrawalReason,
)
from housing.models.homes import Dwelling
from housing.models.matching import MatchPair
from housing.models.promises import Contingent
from housing.querysets import PlacementQuerySet, ProposalQuerySet
from outflow.lifecycle import ContractForm
from outflow.models import SharingGround

# Without letters and digits that look alike, so that a code survives a telephone.
CODE_ALPHABET = "ABCDEFHJKLMNPQRTVWXYZ346789"


def proposal_code() -> str:
    """A random code for one proposal; it never counts up and tells nothing."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(6))


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
    # From opening the form until the decision: following within a minute is counted.
    considered_seconds = models.PositiveIntegerField(null=True, blank=True, editable=False)
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
        constraints = [
            models.CheckConstraint(
                condition=~Q(after__in=["declined", "withdrawn"]) | ~Q(reason=""),
                name="step_no_has_reason",
                violation_error_message=_("Whoever says no or takes back says why."),
            )
        ]
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


class Readmission(models.Model):
    """The table lets somebody take part in the matching again; what was refused before is past."""

    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(
        "outflow.Client", on_delete=models.CASCADE, related_name="readmissions"
    )
    on = models.DateField(_("on"))
    reason = models.CharField(_("reason"), max_length=20, choices=ReadmissionReason.choices)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "on"],
                name="readmitted_once_a_day",
                violation_error_message=_("This client was let in again today already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.on}"


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
