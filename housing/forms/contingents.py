"""Forms about what is promised for a year."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.formhelper import ActionHelper
from accounts.models import Organisation
from housing.distribution import Key, Place, distribute
from housing.lifecycle import ContingentKind
from outflow.lifecycle import FacilityType
from regions.division import CannotDivide
from regions.models import Municipality


class AgreeForm(forms.Form):
    """One agreed number; agreeing it again with another number changes it."""

    corporation = forms.ChoiceField(label=_("Corporation"))
    municipality = forms.ChoiceField(label=_("Municipality"))
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    target_group = forms.ChoiceField(
        label=_("Target group"),
        required=False,
        choices=[("", _("all together")), *FacilityType.choices],
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=ContingentKind.choices,
        initial=ContingentKind.TASK,
        help_text=_("Over a maximum nothing can be booked; a task or a target may be exceeded."),
    )
    agreed = forms.IntegerField(label=_("Dwellings for this year"), min_value=0, max_value=10000)
    moved_over = forms.IntegerField(
        label=_("Moved over from last year"), min_value=0, max_value=10000, initial=0
    )

    def __init__(
        self,
        *args: Any,
        corporations: Sequence[Organisation],
        municipalities: Sequence[Municipality],
        cancel_url: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.corporations = {str(found.ref): found for found in corporations}
        self.municipalities = {found.code: found for found in municipalities}
        self.fields["corporation"].choices = [
            ("", _("Choose")),
            *((ref, found.name) for ref, found in self.corporations.items()),
        ]
        self.fields["municipality"].choices = [
            ("", _("Choose")),
            *((code, found.name) for code, found in self.municipalities.items()),
        ]
        self.helper = ActionHelper(_("Record agreement"), cancel_url=cancel_url)

    def clean_corporation(self) -> Organisation:
        return self.corporations[self.cleaned_data["corporation"]]

    def clean_municipality(self) -> Municipality:
        return self.municipalities[self.cleaned_data["municipality"]]


class RaiseForm(forms.Form):
    dwellings = forms.IntegerField(label=_("More dwellings"), min_value=1, max_value=1000)
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("No names of people."))
    authority = forms.CharField(
        label=_("Who allows it"),
        max_length=120,
        help_text=_("The party and the role: for example the alderman of the municipality."),
    )

    def __init__(self, *args: Any, cancel_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ActionHelper(_("Raise contingent"), cancel_url=cancel_url)


class CorrectForm(forms.Form):
    dwellings = forms.IntegerField(
        label=_("Dwellings more or fewer"),
        min_value=-1000,
        max_value=1000,
        help_text=_("Fewer with a minus: -2."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("No names of people."))

    def __init__(self, *args: Any, cancel_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ActionHelper(_("Record correction"), cancel_url=cancel_url)


class KeyForm(forms.Form):
    """The basis of the key: two weights, and per municipality what it has or what is fixed."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ContingentKind.choices)
    total = forms.IntegerField(
        label=_("Dwellings of the region together"), min_value=0, max_value=100000
    )
    weight_households = forms.IntegerField(
        label=_("Weight of households, in percent"), min_value=0, max_value=100, initial=50
    )
    weight_social = forms.IntegerField(
        label=_("Weight of social dwellings, in percent"), min_value=0, max_value=100, initial=50
    )

    def __init__(
        self,
        *args: Any,
        municipalities: Sequence[Municipality],
        key: Key | None,
        kind: str,
        total: int | None,
        cancel_url: str,
        **kwargs: Any,
    ) -> None:
        self.municipalities = list(municipalities)
        kwargs["initial"] = {"kind": kind, "total": total, **_initial(key)}
        super().__init__(*args, **kwargs)
        rows = []
        for place in self.municipalities:
            names = [f"{part}_{place.code}" for part in ("households", "social", "fixed")]
            labels = (_("Households"), _("Social dwellings"), _("Fixed beforehand"))
            for name, label in zip(names, labels, strict=True):
                self.fields[name] = forms.IntegerField(
                    label=label, min_value=0, required=not name.startswith("fixed")
                )
            rows.append(Fieldset(place.name, Div(*names, css_class="wt-fields is-three")))
        self.helper = ActionHelper(
            _("Run key and record"),
            Fieldset(
                _("What is divided"),
                Div("kind", "total", "weight_households", "weight_social", css_class="wt-fields"),
            ),
            *rows,
            cancel_url=cancel_url,
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.errors:
            return self.cleaned_data
        facts = self.cleaned_data
        key = Key(
            total=facts["total"],
            places=[
                Place(
                    place.code,
                    place.name,
                    facts[f"households_{place.code}"],
                    facts[f"social_{place.code}"],
                )
                for place in self.municipalities
            ],
            weight_households=Fraction(facts["weight_households"], 100),
            weight_social=Fraction(facts["weight_social"], 100),
            fixed={
                place.code: facts[f"fixed_{place.code}"]
                for place in self.municipalities
                if facts.get(f"fixed_{place.code}") is not None
            },
        )
        try:
            distribute(key)
        except CannotDivide as why:
            raise forms.ValidationError(
                _(
                    "These numbers cannot be divided: the weights or the basis are zero, or more is"
                    " fixed than there is."
                ),
                code="key",
            ) from why
        return {"kind": facts["kind"], "total": facts["total"], "key": key}


def _initial(key: Key | None) -> dict[str, Any]:
    if key is None:
        return {}
    facts: dict[str, Any] = {
        "total": key.total,
        "weight_households": round(key.weight_households * 100),
        "weight_social": round(key.weight_social * 100),
    }
    for place in key.places:
        facts[f"households_{place.code}"] = place.households
        facts[f"social_{place.code}"] = place.social_dwellings
        facts[f"fixed_{place.code}"] = key.fixed.get(place.code)
    return facts
