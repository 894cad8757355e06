"""What can be tried out, one form for each kind of change; each hands over the change itself."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from housing.forms.fields import DayField, EuroField, PlaceField
from housing.trychoices import Choices
from housing.trying import Change
from outflow.lifecycle import HousingForm, SupportKind
from outflow.models import Client
from regions.clock import today

MORE, LESS = "more", "less"
MOST_PLACES = 100
MOST_HOURS = Decimal(500)
LONGEST_VACANT = 365


class ChangeForm(forms.Form):
    """One change to try; `choices` knows what there is to choose from."""

    kind = ""
    # Fields that stand beside each other.
    beside: tuple[str, ...] = ()

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = choices
        self.offer()

    def offer(self) -> None:
        """Fill in what can be chosen."""

    def facts(self) -> Change:
        raise NotImplementedError

    def change(self) -> Change:
        """The change as a try-out keeps it (housing.trying)."""
        return {"kind": self.kind, **self.facts()}

    @property
    def signed(self) -> int:
        """The number with its direction."""
        number = int(self.cleaned_data["number"])
        return number if self.cleaned_data["how"] == MORE else -number

    def _choose(self, name: str, options: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", _("Choose")), *options]


class MoreOrLess(ChangeForm):
    how = forms.ChoiceField(label=_("More or less"), choices=[(MORE, _("more")), (LESS, _("less"))])
    number = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_PLACES, initial=1)
    beside = ("how", "number")


class DwellingMoreForm(ChangeForm):
    kind = "dwelling_more"

    corporation = forms.ChoiceField(label=_("Corporation"))
    basic_rent = EuroField(label=_("Basic rent"), help_text=_("In euros a month."))
    bedrooms = forms.IntegerField(label=_("Bedrooms"), min_value=0, max_value=9, initial=1)
    form = forms.ChoiceField(
        label=_("Housing form"), choices=HousingForm.choices, initial=HousingForm.INDEPENDENT
    )
    available_on = DayField(label=_("Free from"), initial=today)
    ground_floor = forms.BooleanField(label=_("On the ground floor"), required=False)
    lift = forms.BooleanField(label=_("Reached by lift"), required=False)
    wheelchair = forms.BooleanField(label=_("Suits a wheelchair"), required=False)
    low_stimulus = forms.BooleanField(label=_("Low-stimulus surroundings"), required=False)
    beside = ("basic_rent", "bedrooms", "form", "available_on")

    def offer(self) -> None:
        place = PlaceField(label=_("Place"), municipalities=self.choices.municipalities)
        self.fields = {"place": place, **self.fields}
        self._choose("corporation", self.choices.corporations)

    def facts(self) -> Change:
        given = self.cleaned_data
        town, part = given["place"]
        at = part and part.latitude is not None and part.longitude is not None
        return {
            "municipality": town.code,
            "neighbourhood": str(part.ref) if part else "",
            "corporation": given["corporation"],
            "rent": float(given["basic_rent"]),
            "bedrooms": given["bedrooms"],
            "form": given["form"],
            "available_on": given["available_on"].isoformat(),
            "ground_floor": given["ground_floor"],
            "lift": given["lift"],
            "wheelchair": given["wheelchair"],
            "low_stimulus": given["low_stimulus"],
            **({"fit": {"at": [part.latitude, part.longitude]}} if at else {}),
        }


class DwellingLessForm(ChangeForm):
    kind = "dwelling_less"

    dwelling = forms.ChoiceField(
        label=_("Dwelling"), help_text=_("One of the dwellings that are free now.")
    )

    def offer(self) -> None:
        self._choose("dwelling", self.choices.free_dwellings)

    def facts(self) -> Change:
        return {"dwelling": self.cleaned_data["dwelling"]}


class QuotaForm(MoreOrLess):
    kind = "quota"

    contingent = forms.ChoiceField(
        label=_("Contingent"), help_text=_("Only a maximum limits the matching.")
    )
    field_order = ("contingent", "how", "number")

    def offer(self) -> None:
        self._choose("contingent", self.choices.quotas)

    def facts(self) -> Change:
        corporation, municipality, group = self.cleaned_data["contingent"].split("|")
        return {
            "corporation": corporation,
            "municipality": municipality,
            "target_group": group or None,
            "by": self.signed,
        }


class VacancyForm(ChangeForm):
    kind = "vacancy_days"

    days = forms.IntegerField(
        label=_("Days that a dwelling may stay empty"),
        min_value=0,
        max_value=LONGEST_VACANT,
        help_text=_(
            "Counted from the day it is free. Who is expected to be ready later than the rule of"
            " the region allows now takes no part in a try-out either."
        ),
    )

    def facts(self) -> Change:
        return {"days": self.cleaned_data["days"]}


class SupportForm(MoreOrLess):
    kind = "support"

    support_kind = forms.ChoiceField(label=_("Support"), choices=SupportKind.choices)

    def offer(self) -> None:
        place = PlaceField(
            label=_("Neighbourhood"),
            municipalities=self.choices.municipalities,
            only_neighbourhoods=True,
        )
        self.fields = {"place": place, **self.fields}
        self.order_fields(["place", "support_kind", "how", "number"])

    def facts(self) -> Change:
        _town, part = self.cleaned_data["place"]
        return {
            "neighbourhood": str(part.ref),
            "support_kind": self.cleaned_data["support_kind"],
            "by": self.signed,
        }


class GuidanceForm(ChangeForm):
    kind = "guidance"

    hours_of = forms.ChoiceField(
        label=_("Whose hours, and where"),
        help_text=_("Only where hours are counted do they limit the matching."),
    )
    how = forms.ChoiceField(label=_("More or less"), choices=[(MORE, _("more")), (LESS, _("less"))])
    hours = forms.DecimalField(
        label=_("Hours a week"),
        min_value=Decimal("0.5"),
        max_value=MOST_HOURS,
        decimal_places=1,
        initial=4,
        localize=True,
    )
    beside = ("how", "hours")

    def offer(self) -> None:
        self._choose("hours_of", self.choices.guidance)

    def clean_hours(self) -> Decimal:
        hours: Decimal = self.cleaned_data["hours"]
        if hours % Decimal("0.5"):
            raise forms.ValidationError(_("Hours are counted in halves: for example 2 or 2.5."))
        return hours

    def facts(self) -> Change:
        provider, municipality = self.cleaned_data["hours_of"].split("|")
        hours = float(self.cleaned_data["hours"])
        by = hours if self.cleaned_data["how"] == MORE else -hours
        return {"provider": provider, "municipality": municipality, "by": by}


class NeighbourhoodForm(MoreOrLess):
    kind = "neighbourhood"

    place = forms.ChoiceField(
        label=_("Neighbourhood"),
        help_text=_("Only where something was agreed does a neighbourhood limit the matching."),
    )
    field_order = ("place", "how", "number")

    def offer(self) -> None:
        self._choose("place", self.choices.limited_neighbourhoods)

    def facts(self) -> Change:
        return {"neighbourhood": self.cleaned_data["place"], "by": self.signed}


class OfClient(ChangeForm):
    """A change for one client, found by case code."""

    case_code = forms.CharField(label=_("Case code"), max_length=12)

    def clean_case_code(self) -> Client:
        found = self.choices.client(self.cleaned_data["case_code"])
        if found is None:
            raise forms.ValidationError(
                _("No client in this region has this case code. Check the code.")
            )
        return found

    @property
    def client(self) -> str:
        return str(self.cleaned_data["case_code"].ref)


class RentLimitForm(OfClient):
    kind = "rent_limit"

    max_rent = EuroField(
        label=_("Highest basic rent"), help_text=_("Instead of the limit on file; in euros.")
    )

    def facts(self) -> Change:
        return {"client": self.client, "rent": float(self.cleaned_data["max_rent"])}


class MunicipalityForm(OfClient):
    kind = "municipality_too"

    municipality = forms.ChoiceField(label=_("Also in"))

    def offer(self) -> None:
        self._choose(
            "municipality", [(town.code, town.name) for town in self.choices.municipalities]
        )

    def facts(self) -> Change:
        return {"client": self.client, "municipality": self.cleaned_data["municipality"]}


class FormForm(OfClient):
    kind = "form_too"

    form = forms.ChoiceField(label=_("Also in this form"), choices=HousingForm.choices)

    def facts(self) -> Change:
        return {"client": self.client, "form": self.cleaned_data["form"]}


class LetGoForm(ChangeForm):
    kind = "let_go"

    promise = forms.ChoiceField(
        label=_("Promise"),
        help_text=_("Only in the try-out; the proposal itself goes on."),
    )

    def offer(self) -> None:
        self._choose("promise", self.choices.promises)

    def facts(self) -> Change:
        return {"client": self.choices.promised_client(self.cleaned_data["promise"])}


FORMS: dict[str, type[ChangeForm]] = {
    form.kind: form
    for form in (
        DwellingMoreForm,
        DwellingLessForm,
        QuotaForm,
        VacancyForm,
        SupportForm,
        GuidanceForm,
        NeighbourhoodForm,
        RentLimitForm,
        MunicipalityForm,
        FormForm,
        LetGoForm,
    )
}
