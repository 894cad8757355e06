"""Forms about support, what a neighbourhood can carry, and hours of guidance."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.formhelper import ActionHelper
from accounts.models import Organisation
from housing.forms.fields import DayField, PlaceField
from housing.models import SupportOffer
from outflow.lifecycle import SupportKind
from regions.clock import today
from regions.models import Municipality, Neighbourhood


class SupportForm(forms.Form):
    """What a party offers in a neighbourhood, and how much of it is in use."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("Choose")), *SupportKind.choices])
    places = forms.IntegerField(label=_("Places"), min_value=0, max_value=10000)
    in_use = forms.IntegerField(label=_("In use"), min_value=0, max_value=10000, initial=0)
    times = forms.CharField(label=_("Days and hours"), max_length=120, required=False)
    contact = forms.CharField(
        label=_("Where to ask"),
        max_length=200,
        required=False,
        help_text=_("A telephone number or an address of the organisation."),
    )
    from_on = DayField(label=_("From"), required=False)
    until_on = DayField(label=_("Until"), required=False)

    def __init__(
        self,
        *args: Any,
        municipalities: Sequence[Municipality],
        organisations: Sequence[Organisation],
        offer: SupportOffer | None = None,
        cancel_url: str,
        **kwargs: Any,
    ) -> None:
        self.organisations = {str(found.ref): found for found in organisations}
        if offer is not None:
            kwargs["initial"] = _as_filled_in(offer)
        super().__init__(*args, **kwargs)
        self.fields["where"] = PlaceField(
            label=_("Neighbourhood"), municipalities=municipalities, only_neighbourhoods=True
        )
        who: list[str] = []
        if len(self.organisations) != 1:
            self.fields["organisation"] = forms.ChoiceField(
                label=_("Organisation"),
                required=False,
                choices=[
                    ("", _("another one")),
                    *((ref, found.name) for ref, found in self.organisations.items()),
                ],
            )
            self.fields["provider_name"] = forms.CharField(
                label=_("Name of another organisation"), max_length=120, required=False
            )
            who = ["organisation", "provider_name"]
        self.helper = ActionHelper(
            _("Save support") if offer else _("Enter support"),
            Fieldset(_("What and where"), Div("where", "kind", *who, css_class="wt-fields")),
            Fieldset(_("How much"), Div("places", "in_use", css_class="wt-fields")),
            Fieldset(
                _("When"), Div("times", "contact", "from_on", "until_on", css_class="wt-fields")
            ),
            cancel_url=cancel_url,
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        facts = self.cleaned_data
        if (facts.get("in_use") or 0) > (facts.get("places") or 0):
            self.add_error("in_use", _("No more places can be in use than there are."))
        begins, ends = facts.get("from_on"), facts.get("until_on")
        if begins and begins > today() and facts.get("in_use"):
            self.add_error(
                "in_use", _("This begins on a later day, so no place can be in use yet.")
            )
        if begins and ends and ends < begins:
            self.add_error("until_on", _("The last day lies after the first."))
        if "where" in facts:
            _municipality, facts["neighbourhood"] = facts.pop("where")
        if len(self.organisations) == 1:
            facts["organisation"] = next(iter(self.organisations.values()))
        else:
            facts["organisation"] = self.organisations.get(facts.get("organisation") or "")
        if facts["organisation"] is not None:
            facts["provider_name"] = facts["organisation"].name
        elif not facts.get("provider_name"):
            self.add_error("provider_name", _("Write down who offers it."))
        return facts


class CapacityForm(forms.Form):
    """How many people can come to live in a neighbourhood in 24 months, and who agreed."""

    soft = forms.IntegerField(
        label=_("Warn from so many placements"), min_value=0, max_value=1000, required=False
    )
    most = forms.IntegerField(
        label=_("At most so many placements"),
        min_value=0,
        max_value=1000,
        required=False,
        help_text=_("In 24 months. Left empty, there is no limit."),
    )
    owner = forms.CharField(label=_("Agreed by"), max_length=120)
    agreed_on = DayField(label=_("Agreed on"), initial=today)
    social_dwellings = forms.IntegerField(
        label=_("Social dwellings"), min_value=0, max_value=100000, required=False
    )
    latitude = forms.FloatField(
        label=_("Where it lies: latitude"),
        min_value=50,
        max_value=54,
        required=False,
        localize=True,
        help_text=_(
            "For distances to own people and to day activity. Left empty, it is the middle of the"
            " boundary."
        ),
    )
    longitude = forms.FloatField(
        label=_("Where it lies: longitude"), min_value=3, max_value=8, required=False, localize=True
    )

    def __init__(self, *args: Any, place: Neighbourhood, cancel_url: str, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "soft": place.soft_placements,
            "most": place.max_placements,
            "owner": place.capacity_owner,
            "agreed_on": place.capacity_agreed_on or today(),
            "social_dwellings": place.social_dwellings,
            "latitude": place.latitude,
            "longitude": place.longitude,
        }
        super().__init__(*args, **kwargs)
        self.helper = ActionHelper(_("Record capacity"), cancel_url=cancel_url)

    def clean(self) -> dict[str, Any]:
        super().clean()
        soft, most = self.cleaned_data.get("soft"), self.cleaned_data.get("most")
        if soft is not None and most is not None and soft > most:
            self.add_error("soft", _("The warning must come before the limit."))
        at = (self.cleaned_data.pop("latitude", None), self.cleaned_data.pop("longitude", None))
        if None not in at:
            self.cleaned_data["at"] = at
        elif at != (None, None) and not {"latitude", "longitude"} & self.errors.keys():
            missing = "latitude" if at[0] is None else "longitude"
            self.add_error(missing, _("A place has a latitude and a longitude."))
        return self.cleaned_data


class GuidanceForm(forms.Form):
    """Free hours of guidance of one provider in one municipality."""

    provider = forms.ChoiceField(label=_("Care provider"))
    municipality = forms.ChoiceField(label=_("Municipality"))
    free_hours = forms.DecimalField(
        label=_("Free hours a week"), min_value=Decimal(0), max_digits=6, decimal_places=1
    )

    def __init__(
        self,
        *args: Any,
        providers: Sequence[Organisation],
        municipalities: Sequence[Municipality],
        cancel_url: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.providers = {str(found.ref): found for found in providers}
        self.municipalities = {found.code: found for found in municipalities}
        self.fields["provider"].choices = [
            ("", _("Choose")),
            *((ref, found.name) for ref, found in self.providers.items()),
        ]
        self.fields["municipality"].choices = [
            ("", _("Choose")),
            *((code, found.name) for code, found in self.municipalities.items()),
        ]
        self.helper = ActionHelper(_("Record hours"), cancel_url=cancel_url)

    def clean_provider(self) -> Organisation:
        return self.providers[self.cleaned_data["provider"]]

    def clean_municipality(self) -> Municipality:
        return self.municipalities[self.cleaned_data["municipality"]]


def _as_filled_in(offer: SupportOffer) -> dict[str, Any]:
    part = offer.neighbourhood
    names = [name for name in SupportForm.base_fields if hasattr(offer, name)]
    return {
        **{name: getattr(offer, name) for name in names},
        "where": PlaceField.key_of(part.municipality, part),
        "organisation": str(offer.organisation.ref) if offer.organisation else "",
        "provider_name": "" if offer.organisation else offer.provider_name,
    }
