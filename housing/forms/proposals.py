"""Forms about a proposal: each answer and each step is a form of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.formhelper import ActionHelper
from housing.forms.fields import DayField
from housing.lifecycle import (
    DepartureReason,
    RefusalByClient,
    RefusalByCorporation,
    WithdrawalReason,
)
from outflow.lifecycle import ContractForm
from outflow.models import SharingGround
from regions.clock import today

YES, NO = "yes", "no"


class StepForm(forms.Form):
    """Carries the state that the page showed: what is sent from an older page changes nothing."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        kwargs["initial"] = {**kwargs.get("initial", {}), "seen": state}
        super().__init__(*args, **kwargs)


class _AnswerForm(StepForm):
    """Yes or no; a no has a reason from a list, and own words that stay in the own house."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required_at_times = True

    def say_only_no(self) -> None:
        """A yes was given before: what is left is to take it back."""
        self.fields["answer"].initial = NO
        self.fields["answer"].choices = [(NO, _("No"))]
        self.fields["answer"].widget = forms.HiddenInput()
        self.fields["reason"].required = True

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("answer") == NO and not self.cleaned_data.get("reason"):
            self.add_error("reason", _("Choose why not from the list."))
        return self.cleaned_data


class CorporationAnswerForm(_AnswerForm):
    answer = forms.ChoiceField(
        label=_("Offer this dwelling?"),
        widget=forms.RadioSelect,
        choices=[(YES, _("Yes, offer it")), (NO, _("No, this does not fit"))],
    )
    reason = forms.ChoiceField(
        label=_("Reason for a no"),
        required=False,
        choices=[("", _("Choose a reason")), *RefusalByCorporation.choices],
        help_text=_(
            "Needed with a no. The care provider and the coordinator see this reason, and nothing"
            " more."
        ),
    )
    own_words = forms.CharField(
        label=_("Own words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They stay with the own corporation."),
    )

    def __init__(self, *args: Any, cancel_url: str, only_no: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if only_no:
            self.say_only_no()
        self.helper = ActionHelper(_("Record answer"), cancel_url=cancel_url, cards=("answer",))


class ClientAnswerForm(_AnswerForm):
    answer = forms.ChoiceField(
        label=_("What does the client say?"),
        widget=forms.RadioSelect,
        choices=[(YES, _("Yes, with release of the name")), (NO, _("No"))],
    )
    release_ground = forms.ChoiceField(
        label=_("Ground of the release"),
        required=False,
        choices=[("", _("Choose a ground")), *SharingGround.Ground.choices],
        help_text=_("Needed with a yes. Only with a ground does the corporation see who it is."),
    )
    release_text_version = forms.CharField(
        label=_("Version of the text that the client read"),
        required=False,
        max_length=40,
        help_text=_("Needed with a yes. For example: 2026-1."),
    )
    reason = forms.ChoiceField(
        label=_("Reason for a no"),
        required=False,
        choices=[("", _("Choose a reason")), *RefusalByClient.choices],
        help_text=_(
            "Needed with a no. The coordinator sees this reason; the corporation only that it is a"
            " no."
        ),
    )
    own_words = forms.CharField(
        label=_("Own words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They stay with the own organisation."),
    )

    def __init__(self, *args: Any, cancel_url: str, only_no: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts: list[Any] = [Fieldset(_("With a no"), "reason", "own_words")]
        if only_no:
            self.say_only_no()
            del self.fields["release_ground"], self.fields["release_text_version"]
        else:
            for name in ("release_ground", "release_text_version"):
                self.fields[name].required_at_times = True
            release = Div("release_ground", "release_text_version", css_class="wt-fields")
            parts.insert(0, Fieldset(_("With a yes"), release))
        self.helper = ActionHelper(
            _("Record answer"),
            "seen",
            "answer",
            *parts,
            cancel_url=cancel_url,
            cards=("answer",),
        )

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        if facts.get("answer") == YES:
            if not facts.get("release_ground"):
                self.add_error("release_ground", _("Choose on what ground the name may be known."))
            if not (facts.get("release_text_version") or "").strip():
                self.add_error("release_text_version", _("Write down which text the client read."))
        return facts


class ViewingForm(StepForm):
    day = DayField(label=_("Day"))
    at = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    meeting_point = forms.CharField(
        label=_("Meeting point"),
        max_length=120,
        help_text=_("For example: main entrance, by the letter boxes. No names of people."),
    )

    def __init__(
        self,
        *args: Any,
        cancel_url: str,
        planned: datetime | None = None,
        meeting_point: str = "",
        **kwargs: Any,
    ) -> None:
        if planned is not None:
            local = timezone.localtime(planned)
            kwargs["initial"] = {
                "day": local.date(),
                "at": local.time(),
                "meeting_point": meeting_point,
            }
        super().__init__(*args, **kwargs)
        self.helper = ActionHelper(
            _("Plan viewing"),
            "seen",
            Div("day", "at", css_class="wt-fields"),
            "meeting_point",
            cancel_url=cancel_url,
        )

    def clean_day(self):
        if self.cleaned_data["day"] < today():
            raise forms.ValidationError(_("A viewing lies today or later."), code="past")
        return self.cleaned_data["day"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        facts = self.cleaned_data
        if "day" in facts and "at" in facts:
            facts["moment"] = timezone.make_aware(datetime.combine(facts["day"], facts["at"]))
        return facts


class ContractSignedForm(StepForm):
    contract_form = forms.ChoiceField(label=_("Contract form"), choices=ContractForm.choices)
    on = DayField(label=_("Signed on"), initial=today)

    def __init__(self, *args: Any, cancel_url: str, usual: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if usual:
            self.fields["contract_form"].initial = usual
        self.helper = ActionHelper(_("Record contract"), cancel_url=cancel_url)


class DayForm(StepForm):
    """Only the day on which a step was taken."""

    on = DayField(label=_("On"), initial=today)

    def __init__(self, *args: Any, verb: Any, label: Any, cancel_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label = label
        self.helper = ActionHelper(verb, cancel_url=cancel_url)


class ClosingForm(StepForm):
    on = DayField(label=_("Closed on"), initial=today)
    still_lives_there = forms.ChoiceField(
        label=_("Does the person still live there?"),
        widget=forms.RadioSelect,
        choices=[(YES, _("Yes")), (NO, _("No, the person has left the dwelling"))],
    )
    left_on = DayField(
        label=_("Left on"), required=False, help_text=_("Needed when the person has left.")
    )

    def __init__(self, *args: Any, cancel_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["left_on"].required_at_times = True
        self.helper = ActionHelper(_("Close follow-up"), cancel_url=cancel_url)

    def clean(self) -> dict[str, Any]:
        super().clean()
        facts = self.cleaned_data
        if facts.get("still_lives_there") == NO and not facts.get("left_on"):
            self.add_error("left_on", _("Write down on which day."))
        if facts.get("still_lives_there") == YES:
            facts["left_on"] = None
        return facts


class WithdrawForm(StepForm):
    """Without a helper: the confirmation page has the buttons."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Choose a reason")), *WithdrawalReason.choices]
    )


class GroundForm(forms.Form):
    """What is still missing before the parties may share what a proposal needs."""

    ground = forms.ChoiceField(
        label=_("Ground for sharing"),
        choices=[("", _("Choose a ground")), *SharingGround.Ground.choices],
        help_text=_("There is none on file for this client yet."),
    )
    text_version = forms.CharField(
        label=_("Version of the text"), max_length=40, help_text=_("For example: 2026-1.")
    )


class ProposeForm(GroundForm):
    """A coordinator proposes by hand: which dwelling (ref and words), why beside the matching."""

    dwelling = forms.ChoiceField(label=_("Dwelling"))
    departure_reason = forms.ChoiceField(
        label=_("Why this one"),
        choices=[("", _("Choose a reason")), *DepartureReason.choices],
    )

    field_order = ("dwelling", "departure_reason", "ground", "text_version")

    def __init__(
        self,
        *args: Any,
        dwellings: Sequence[tuple[str, str]],
        asks_ground: bool,
        cancel_url: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dwelling"].choices = [
            ("", _("Choose a dwelling")),
            *dwellings,
        ]
        if not asks_ground:
            del self.fields["ground"], self.fields["text_version"]
        self.helper = ActionHelper(_("Propose dwelling"), cancel_url=cancel_url)
