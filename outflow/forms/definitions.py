"""What the inventory counts, as one form, and the day for which it is counted."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.formhelper import ActionHelper
from outflow.forms.fields import TickField, read_day
from outflow.inventories.definitions import Assumed, Definitions, faults
from outflow.lifecycle import BEFORE_GATE, IN_CARE, Phase
from regions import formats
from regions.clock import today
from regions.models import Municipality

ASSUMED = ("own_home", "other_care", "relapse")


def _choices(among: frozenset[Phase]) -> list[tuple[str, Any]]:
    return [(phase.value, capfirst(phase.label)) for phase in Phase if phase in among]


class PercentField(forms.DecimalField):
    """A share in percent as people write it, with one decimal at most; may be left empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=0,
            max_value=100,
            max_digits=4,
            decimal_places=1,
            required=False,
            localize=True,
            **kwargs,
        )
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})


class ReferenceDayField(forms.ChoiceField):
    """Today or one of the days that are offered, however it was written in a link; empty is today.

    Two days next to each other could be subtracted, which would tell who came or left between.
    """

    def to_python(self, value: Any) -> str:
        text = super().to_python(value).strip()
        try:
            day = read_day(text)
        except ValueError:
            return text
        return "" if day == today() else day.isoformat()

    def clean(self, value: Any) -> date:
        chosen = super().clean(value)
        return date.fromisoformat(chosen) if chosen else today()


class ReferenceDayForm(forms.Form):
    """The day the inventory speaks of."""

    on = ReferenceDayField(
        label=_("Reference date"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={
            "invalid_choice": _(
                "The inventory can only be counted for today or for one of the first days of a"
                " quarter in this list. Choose one of them."
            )
        },
    )

    def __init__(self, *args: Any, days: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on = self.fields["on"]
        on.choices = [
            ("", gettext("Today, %(day)s") % {"day": formats.day(today())}),
            *((day.isoformat(), formats.day(day)) for day in days),
        ]
        if self.is_bound and self.errors.get("on"):
            on.widget.attrs |= {
                "class": "form-select is-invalid",
                "aria-invalid": "true",
                "aria-describedby": "on_error",
            }


class DefinitionsForm(forms.Form):
    """Who counts as what, the agreed shares and what the step plan takes for granted."""

    bw_phases = TickField(
        label=_("Counts as sheltered housing"), choices=_choices(IN_CARE | {Phase.RELAPSE})
    )
    mo_phases = TickField(label=_("Counts as shelter"), choices=_choices(IN_CARE | {Phase.RELAPSE}))
    ready_phases = TickField(
        label=_("Counts as ready"), choices=_choices(BEFORE_GATE | {Phase.READY})
    )
    offer_is_ready = forms.BooleanField(
        label=_("Whoever has an open offer counts as ready"), required=False
    )
    terms = forms.CharField(
        label=_("Terms, in months"),
        max_length=40,
        help_text=_("The ends of the terms, for example 6, 12, 24."),
    )
    own_home = PercentField(label=_("Finds a home alone, in percent"))
    own_home_source = forms.CharField(
        label=_("Source: finds a home alone"), max_length=200, required=False
    )
    other_care = PercentField(label=_("Goes to other care, in percent"))
    other_care_source = forms.CharField(
        label=_("Source: goes to other care"), max_length=200, required=False
    )
    relapse = PercentField(label=_("Back in care within 24 months, in percent"))
    relapse_source = forms.CharField(
        label=_("Source: back in care"), max_length=200, required=False
    )
    owner = forms.CharField(
        label=_("Decided by"),
        max_length=120,
        help_text=_("The meeting or the person that decided it. It stands on the page."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        now: Definitions,
        municipalities: Sequence[Municipality],
        cancel_url: str = "",
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = _initial(now)
        super().__init__(*args, **kwargs)
        self.share_names = {f"share_{place.code}": place.code for place in municipalities}
        for place in municipalities:
            self.fields[f"share_{place.code}"] = PercentField(label=place.name)
        for name in (*self.share_names, *ASSUMED, *(f"{name}_source" for name in ASSUMED)):
            # The heading above them says when they are needed.
            self.fields[name].required_at_times = True
        self.helper = ActionHelper(
            _("Show what changes"),
            Fieldset(
                _("Who counts"),
                Div("bw_phases", "mo_phases", css_class="wt-fields"),
                "ready_phases",
                "offer_is_ready",
                "terms",
            ),
            Fieldset(
                _("Agreed share of each municipality, in percent: all of them, or none"),
                Div(*self.share_names, css_class="wt-fields is-three"),
            ),
            Fieldset(
                _("What the step plan takes for granted; what stays empty is left out"),
                *(Div(name, f"{name}_source", css_class="wt-fields") for name in ASSUMED),
            ),
            Fieldset(_("Decision"), "owner", "seen"),
            cancel_url=cancel_url,
        )
        # Nothing is changed by looking: the form asks, another one saves.
        self.helper.form_method = "get"

    def clean_terms(self) -> tuple[int, ...]:
        parts = re.split(r"[\s,;/]+", self.cleaned_data["terms"].strip())
        if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
            raise forms.ValidationError(
                _("Write whole months from few to many, for example 6, 12, 24.")
            )
        return tuple(int(part) for part in parts)

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors:
            for field, sentence in faults(self.definitions()):
                self.add_error(field if field in self.fields else None, sentence)
        return self.cleaned_data

    def definitions(self) -> Definitions:
        """What was filled in."""
        facts = self.cleaned_data
        return Definitions(
            bw_phases=facts["bw_phases"],
            mo_phases=facts["mo_phases"],
            ready_phases=facts["ready_phases"],
            offer_is_ready=facts["offer_is_ready"],
            term_months=facts["terms"],
            agreed_shares={
                code: facts[name]
                for name, code in self.share_names.items()
                if facts[name] is not None
            },
            **{name: self._assumed(name) for name in ASSUMED},
        )

    def _assumed(self, name: str) -> Assumed:
        percent: Decimal | None = self.cleaned_data[name]
        return Assumed() if percent is None else Assumed(percent, self._source(name))

    def _source(self, name: str) -> str:
        return str(self.cleaned_data[f"{name}_source"]).strip()


def _initial(now: Definitions) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "bw_phases": sorted(now.bw_phases),
        "mo_phases": sorted(now.mo_phases),
        "ready_phases": sorted(now.ready_phases),
        "offer_is_ready": now.offer_is_ready,
        "terms": ", ".join(map(str, now.term_months)),
        "seen": now.mark,
    }
    for code, share in now.agreed_shares.items():
        facts[f"share_{code}"] = share
    for name in ASSUMED:
        assumed: Assumed = getattr(now, name)
        facts[name] = assumed.percent
        facts[f"{name}_source"] = assumed.source
    return facts
