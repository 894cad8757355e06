"""Forms about a dwelling."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.formhelper import ActionHelper
from accounts.models import Organisation
from housing.forms.fields import DayField, EuroField, PlaceField
from housing.models import Dwelling
from outflow.lifecycle import ContractForm, HousingForm
from regions.clock import today
from regions.models import Municipality

EARLIEST = date(2000, 1, 1)
YEARS_AHEAD = 3
POSTCODE = re.compile(r"^([1-9]\d{3})\s*([A-Za-z]{2})$")


class DwellingForm(forms.Form):
    """What a corporation tells of a dwelling; the fields that matter for a match come first."""

    postcode = forms.CharField(label=_("Postcode"), max_length=7)
    house_number = forms.CharField(label=_("House number and addition"), max_length=20)
    street = forms.CharField(label=_("Street"), max_length=120)
    basic_rent = EuroField(label=_("Basic rent a month, in euros"))
    service_costs = EuroField(
        label=_("Service costs a month, in euros"), required=False, max_digits=7
    )
    bedrooms = forms.IntegerField(label=_("Bedrooms"), min_value=0, max_value=20, initial=1)
    rooms = forms.IntegerField(label=_("Rooms"), min_value=1, max_value=30, required=False)
    most_persons = forms.IntegerField(
        label=_("People, at most"),
        min_value=1,
        max_value=20,
        required=False,
        help_text=_("Left empty, only the bedrooms tell who fits."),
    )
    surface = forms.IntegerField(
        label=_("Square metres"), min_value=5, max_value=1000, required=False
    )
    floor = forms.IntegerField(
        label=_("Floor"),
        min_value=-3,
        max_value=80,
        required=False,
        help_text=_("0 is the ground floor."),
    )
    has_lift = forms.BooleanField(label=_("There is a lift"), required=False)
    wheelchair = forms.BooleanField(label=_("Suits a wheelchair"), required=False)
    low_stimulus = forms.BooleanField(label=_("Low-stimulus surroundings"), required=False)
    form = forms.ChoiceField(
        label=_("Housing form"), choices=HousingForm.choices, initial=HousingForm.INDEPENDENT
    )
    contract_form = forms.ChoiceField(
        label=_("Contract form"), choices=ContractForm.choices, initial=ContractForm.REGULAR
    )
    available_on = DayField(label=_("Free from"), initial=today)
    has_nuisance_file = forms.BooleanField(
        label=_("There is a nuisance file about this dwelling"), required=False
    )

    def __init__(
        self,
        *args: Any,
        municipalities: Sequence[Municipality],
        corporations: Sequence[Organisation],
        dwelling: Dwelling | None = None,
        verb: Any = "",
        cancel_url: str,
        **kwargs: Any,
    ) -> None:
        if dwelling is not None:
            kwargs["initial"] = _as_filled_in(dwelling)
        super().__init__(*args, **kwargs)
        self.corporations = {str(found.ref): found for found in corporations}
        self.dwelling = dwelling
        self.fields["where"] = PlaceField(label=_("Neighbourhood"), municipalities=municipalities)
        first = ["postcode", "house_number", "street", "where"]
        if len(self.corporations) != 1:
            self.fields["corporation"] = forms.ChoiceField(
                label=_("Corporation"),
                choices=[
                    ("", _("Choose")),
                    *((ref, c.name) for ref, c in self.corporations.items()),
                ],
            )
            first.insert(0, "corporation")
        self.helper = ActionHelper(
            verb or _("Enter dwelling"),
            Fieldset(_("Where"), Div(*first, css_class="wt-fields")),
            Fieldset(_("Rent"), Div("basic_rent", "service_costs", css_class="wt-fields")),
            Fieldset(
                _("What it is like"),
                Div(
                    "bedrooms",
                    "rooms",
                    "most_persons",
                    "surface",
                    "floor",
                    css_class="wt-fields",
                ),
                "has_lift",
                "wheelchair",
                "low_stimulus",
            ),
            Fieldset(
                _("How it is let"),
                Div("form", "contract_form", "available_on", css_class="wt-fields"),
                "has_nuisance_file",
            ),
            cancel_url=cancel_url,
        )

    def clean_postcode(self) -> str:
        found = POSTCODE.match(self.cleaned_data["postcode"].strip())
        if found is None:
            raise forms.ValidationError(
                _("Write four digits and two letters: 2011 AB."), code="postcode"
            )
        return f"{found[1]} {found[2].upper()}"

    def clean_house_number(self) -> str:
        number = self.cleaned_data["house_number"].strip()
        if not number[:1].isdecimal():
            raise forms.ValidationError(
                _("Write a house number, with its addition behind it: 12 or 12 B."), code="number"
            )
        return number

    def clean_basic_rent(self) -> Decimal:
        rent = self.cleaned_data["basic_rent"]
        if rent <= 0:
            raise forms.ValidationError(_("The basic rent is more than zero."), code="rent")
        return rent

    def clean_available_on(self) -> date:
        day = self.cleaned_data["available_on"]
        latest = today() + timedelta(days=YEARS_AHEAD * 366)
        if not EARLIEST <= day <= latest:
            raise forms.ValidationError(
                _("Choose a day from 2000 on, and at most three years ahead."), code="day"
            )
        return day

    def clean_has_nuisance_file(self) -> bool:
        if self.cleaned_data["has_nuisance_file"]:
            raise forms.ValidationError(
                _("A dwelling with a nuisance file is not offered to these clients."),
                code="nuisance",
            )
        return False

    def clean_corporation(self) -> Organisation:
        return self.corporations[self.cleaned_data["corporation"]]

    def clean(self) -> dict[str, Any]:
        super().clean()
        facts = self.cleaned_data
        rooms, bedrooms = facts.get("rooms"), facts.get("bedrooms")
        if rooms and bedrooms == 0:
            self.add_error("bedrooms", _("A single room is for living and sleeping: fill in 1."))
        if rooms and bedrooms and bedrooms > rooms:
            self.add_error(
                "bedrooms", _("There are more bedrooms than rooms. One of the two is wrong.")
            )
        if "where" in facts:
            facts["municipality"], facts["neighbourhood"] = facts.pop("where")
            facts["place"] = facts["municipality"].name
        if len(self.corporations) == 1:
            facts["corporation"] = next(iter(self.corporations.values()))
        facts["service_costs"] = facts.get("service_costs") or 0
        if self.dwelling is not None:
            facts["dwelling_type"] = self.dwelling.dwelling_type
        return facts


def _as_filled_in(dwelling: Dwelling) -> dict[str, Any]:
    names = [name for name in DwellingForm.base_fields if hasattr(dwelling, name)]
    return {
        **{name: getattr(dwelling, name) for name in names},
        "corporation": str(dwelling.corporation.ref),
        "where": PlaceField.key_of(dwelling.municipality, dwelling.neighbourhood),
    }
