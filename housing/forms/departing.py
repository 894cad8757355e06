"""Deciding about a pair of the matching: following it, or departing from it with a reason."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.formhelper import ActionHelper
from housing.departures import Instead
from housing.forms.proposals import GroundForm
from housing.lifecycle import DepartureReason


class DecideForm(GroundForm):
    """Carries the moment at which it was opened (housing.considering); nobody fills it in."""

    # A plain field takes whatever is sent: what is no moment is no error either.
    opened = forms.Field(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, opened: str, **kwargs: Any) -> None:
        super().__init__(*args, initial={"opened": opened}, **kwargs)


class FollowForm(DecideForm):
    """Nothing is asked but the ground for sharing, where it is not on file yet."""

    def __init__(self, *args: Any, asks_ground: bool, cancel_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_ground:
            del self.fields["ground"], self.fields["text_version"]
        self.helper = ActionHelper(_("Follow and propose"), cancel_url=cancel_url)


class DepartForm(DecideForm):
    """Another dwelling for this client, or this dwelling for another client; and why."""

    instead = forms.ChoiceField(label=_("What instead"))
    departure_reason = forms.ChoiceField(
        label=_("Reason to depart"),
        choices=[("", _("Choose a reason")), *DepartureReason.choices],
        help_text=_("It stays with the proposal and counts in how often the matching is followed."),
    )

    def __init__(
        self,
        *args: Any,
        homes: Sequence[Instead],
        people: Sequence[Instead],
        cancel_url: str,
        instead: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        # What was chosen on the page before; what cannot be chosen is chosen anew.
        self.initial["instead"] = instead
        choices: list[tuple[Any, Any]] = [("", _("Choose"))]
        for label, group in (
            (_("Another dwelling for this client"), homes),
            (_("This dwelling for another client"), people),
        ):
            if group:
                choices.append((label, [(choice.key, _written(choice)) for choice in group]))
        self.fields["instead"].choices = choices
        self.lacking = {choice.key for choice in [*homes, *people] if choice.lacks_ground}
        needed_always = len(self.lacking) == len(homes) + len(people)
        fields: list[Any] = ["opened", "instead", "departure_reason"]
        if self.lacking:
            fields.append(Fieldset(_("Ground for sharing"), "ground", "text_version"))
            self.fields["ground"].label = _("Ground")
            self.fields["ground"].help_text = _("For a client who has no ground on file yet.")
            self.fields["text_version"].help_text = _(
                "For a client who has no ground on file yet. For example: 2026-1."
            )
            for name in ("ground", "text_version"):
                self.fields[name].required = needed_always
                self.fields[name].required_at_times = True
        else:
            del self.fields["ground"], self.fields["text_version"]
        self.helper = ActionHelper(_("Depart and propose"), *fields, cancel_url=cancel_url)

    def clean(self) -> dict[str, Any]:
        super().clean()
        facts = self.cleaned_data
        if facts.get("instead") in self.lacking:
            if not facts.get("ground"):
                self.add_error("ground", _("This client has no ground on file: choose one."))
            if not (facts.get("text_version") or "").strip():
                self.add_error("text_version", _("Write down which text the client read."))
        else:
            # A ground that is on file already is not recorded a second time.
            facts.pop("ground", None)
            facts.pop("text_version", None)
        return facts


def _written(choice: Instead) -> str:
    if not choice.lacks_ground:
        return choice.label
    return _("%(choice)s (no ground for sharing on file)") % {"choice": choice.label}
