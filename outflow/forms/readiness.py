"""How far somebody is: on the client's own form and as a row of the round."""

from datetime import date
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.formhelper import ActionHelper
from outflow.facts import Readiness, ZrmFacts
from outflow.forms.fields import DayField, TickField
from outflow.lifecycle import NEXT_BY_CARE, Blocker, Exit, Phase, ZrmDomain
from regions.clock import today


class ReadinessForm(forms.Form):
    """Phase, the day that belongs to it and what is still open."""

    phase = forms.ChoiceField(label=pgettext_lazy("care", "Phase"))
    day = DayField(
        label=_("Ready on"),
        required=False,
        help_text=_("In the phase Ready: the day since when. Before it: the day that is expected."),
    )
    blockers = TickField(label=_("Still open"), choices=Blocker.choices, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, now: Readiness, cancel_url: str = "", **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {
                "phase": now.phase,
                "day": day_of(now),
                "blockers": sorted(now.blockers),
                "seen": now.mark,
            },
        )
        super().__init__(*args, **kwargs)
        self.now = now
        reachable = {now.phase, *NEXT_BY_CARE[Phase(now.phase)]}
        self.fields["phase"].choices = [
            (phase.value, capfirst(phase.label))
            for phase in Phase
            if phase in reachable and (phase != Phase.RELAPSE or now.phase == Phase.RELAPSE)
        ]
        if self.day_is_fixed:
            self.fields["day"].disabled = True
        self.helper = ActionHelper(_("Save readiness"), cancel_url=cancel_url)

    @property
    def day_is_fixed(self) -> bool:
        """Whoever has a proposal or lives at home is ready; the day stays."""
        return self.now.phase in {Phase.OFFERED, Phase.HOUSED}

    def readiness(self) -> Readiness:
        """What was filled in."""
        phase, day = self.cleaned_data["phase"], self.cleaned_data["day"]
        is_ready = phase in {Phase.READY, Phase.OFFERED, Phase.HOUSED}
        if self.day_is_fixed:
            return Readiness(
                phase=phase,
                ready_on=self.now.ready_on,
                expected_ready_on=self.now.expected_ready_on,
                blockers=self.cleaned_data["blockers"],
            )
        return Readiness(
            phase=phase,
            ready_on=day if is_ready else None,
            expected_ready_on=None if is_ready else day,
            blockers=self.cleaned_data["blockers"],
        )


def day_of(readiness: Readiness) -> date | None:
    """The day that belongs to the phase: reached, or expected."""
    if readiness.phase in {Phase.READY, Phase.OFFERED, Phase.HOUSED}:
        return readiness.ready_on
    return readiness.expected_ready_on


class ZrmForm(forms.Form):
    """One assessment: a level for each domain that was looked at."""

    assessed_on = DayField(label=_("Assessed on"))
    assessor = forms.CharField(label=_("Assessed by"), max_length=120)
    version = forms.CharField(label=_("Version"), max_length=20, initial="ZRM 2017")

    def __init__(self, *args: Any, cancel_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for domain in ZrmDomain:
            self.fields[domain.value] = forms.TypedChoiceField(
                label=capfirst(domain.label),
                choices=[(0, _("not assessed")), *((level, level) for level in range(1, 6))],
                coerce=int,
                initial=0,
            )
        self.helper = ActionHelper(_("Save assessment"), cancel_url=cancel_url)

    def clean_assessed_on(self) -> date:
        day = self.cleaned_data["assessed_on"]
        if day > today():
            raise forms.ValidationError(_("This day has not come yet. Choose today or earlier."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(domain.value) for domain in ZrmDomain):
            raise forms.ValidationError(_("Choose a level for at least one domain."))
        return cleaned

    def scores(self) -> list[ZrmFacts]:
        return [
            ZrmFacts(
                domain=domain.value,
                level=self.cleaned_data[domain.value],
                assessed_on=self.cleaned_data["assessed_on"],
                version=self.cleaned_data["version"],
                assessor=self.cleaned_data["assessor"],
            )
            for domain in ZrmDomain
            if self.cleaned_data[domain.value]
        ]


class RelapseForm(forms.Form):
    """The day on which somebody who lived at home came back."""

    on = DayField(label=_("Since"))

    def __init__(self, *args: Any, cancel_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ActionHelper(_("Record that the client is back"), cancel_url=cancel_url)


class ExitForm(forms.Form):
    """How and when somebody left for good."""

    exit = forms.ChoiceField(
        label=_("How"),
        choices=[choice for choice in Exit.choices if choice[0] != Exit.END_OF_AFTERCARE],
        widget=forms.RadioSelect,
    )
    on = DayField(label=_("Last day"))

    def __init__(self, *args: Any, cancel_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ActionHelper(_("Record departure"), cancel_url=cancel_url, danger=True)
