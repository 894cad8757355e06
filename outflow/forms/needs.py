"""What a home must offer, and what must be arranged around it."""

from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.formhelper import ActionHelper
from accounts.models import Organisation
from outflow.facts import NeedFacts
from outflow.forms.fields import DayField, PlacesField, TickField, optional_key
from outflow.lifecycle import (
    SUBJECTS_OF,
    ArrangementPart,
    ContractForm,
    HousingForm,
    ItemState,
    Subject,
    SupportKind,
)
from regions.models import Municipality, Neighbourhood

PLACES = ("preferred_neighbourhoods", "network", "day_activity", "excluded_neighbourhoods")
WISHES = ("first_municipality", "second_municipality", "third_municipality")


class NeedForm(forms.Form):
    """Functional needs cross organisations; areas that cannot be never do."""

    persons = forms.IntegerField(label=_("People"), min_value=1, max_value=15)
    children = forms.IntegerField(label=_("Of whom children"), min_value=0, max_value=14)
    bedrooms = forms.IntegerField(label=_("Bedrooms, at least"), min_value=0, max_value=9)
    step_free = forms.BooleanField(label=_("Step-free: ground floor or lift"), required=False)
    wheelchair = forms.BooleanField(label=_("Suits a wheelchair"), required=False)
    low_stimulus = forms.BooleanField(label=_("Low-stimulus surroundings"), required=False)
    housing_forms = TickField(
        label=_("Housing forms that fit"),
        choices=HousingForm.choices,
        required=False,
        help_text=_("Nothing ticked means that every form fits."),
    )
    contract_forms = TickField(
        label=_("Contract forms that fit"),
        choices=ContractForm.choices,
        required=False,
        help_text=_("Nothing ticked means that every contract form fits."),
    )
    max_rent = forms.DecimalField(
        label=_("Highest basic rent a month"),
        required=False,
        min_value=1,
        max_value=9999,
        decimal_places=2,
        localize=True,
    )
    first_municipality = forms.ChoiceField(label=_("Municipality, first wish"), required=False)
    second_municipality = forms.ChoiceField(label=_("Second wish"), required=False)
    third_municipality = forms.ChoiceField(label=_("Third wish"), required=False)
    preferred_neighbourhoods = PlacesField(label=_("Preferred neighbourhoods"), required=False)
    network = PlacesField(
        label=_("Neighbourhoods where one's own people are"),
        required=False,
        help_text=_(
            "Family, friends, a church: people to lean on. A home nearby fits better; a home"
            " elsewhere stays possible. A corporation never sees this."
        ),
    )
    day_activity = PlacesField(
        label=_("Neighbourhoods of day activity or work"),
        required=False,
        help_text=_(
            "Where somebody works or spends the day now and will go on doing so. A home nearby"
            " fits better; a home elsewhere stays possible. A corporation never sees this."
        ),
    )
    guidance_hours = forms.DecimalField(
        label=_("Hours of guidance a week"),
        max_digits=4,
        decimal_places=1,
        localize=True,
        validators=[MinValueValidator(0), MaxValueValidator(168)],
    )
    reachable_24h = forms.BooleanField(label=_("24-hour reachability"), required=False)
    support = TickField(
        label=_("Support needed in the neighbourhood"),
        choices=SupportKind.choices,
        required=False,
    )
    excluded_neighbourhoods = PlacesField(
        label=_("Neighbourhoods that cannot be"),
        required=False,
        help_text=_("Others never see this list, only whether a dwelling fits."),
    )
    exclusion_reason = forms.CharField(
        label=_("Why these cannot be"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays with the own organisation."),
    )

    def __init__(self, *args: Any, region_id: int, cancel_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = list(
            Neighbourhood.objects.filter(municipality__region_id=region_id).select_related(
                "municipality"
            )
        )
        grouped: dict[str, list[tuple[int, str]]] = {}
        for place in places:
            grouped.setdefault(place.municipality.name, []).append((place.pk, place.name))
        own = list(Municipality.objects.filter(region_id=region_id).values_list("pk", "name"))
        for name in WISHES:
            self.fields[name].choices = [("", _("none")), *own]
        for name in PLACES:
            self.fields[name].choices = list(grouped.items())
        self.helper = ActionHelper(
            _("Save housing need"),
            Fieldset(_("Household"), "persons", "children"),
            Fieldset(
                _("The home"),
                "bedrooms",
                "step_free",
                "wheelchair",
                "low_stimulus",
                "housing_forms",
                "contract_forms",
                "max_rent",
            ),
            Fieldset(_("Where"), *WISHES, "preferred_neighbourhoods", "network", "day_activity"),
            Fieldset(_("Guidance and support"), "guidance_hours", "reachable_24h", "support"),
            Fieldset(
                _("Only for the own organisation"), "excluded_neighbourhoods", "exclusion_reason"
            ),
            cancel_url=cancel_url,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("children", 0) >= cleaned.get("persons", 1):
            self.add_error(
                "children", _("Children are part of the people; at least one is an adult.")
            )
        both = cleaned.get("preferred_neighbourhoods", frozenset()) & cleaned.get(
            "excluded_neighbourhoods", frozenset()
        )
        if both:
            self.add_error(
                "excluded_neighbourhoods",
                _("A neighbourhood cannot be preferred and impossible at once."),
            )
        return cleaned

    def need(self, before: NeedFacts | None) -> NeedFacts:
        """What was filled in; wishes beyond the third, from a list, stay at the end."""
        data = self.cleaned_data
        wishes = [key for name in WISHES if (key := optional_key(data[name]))]
        further = before.municipalities[len(WISHES) :] if before else ()
        assumed = (
            before is not None
            and before.max_rent_is_assumed
            and before.max_rent == data["max_rent"]
        )
        return NeedFacts(
            **{
                name: data[name]
                for name in (
                    "persons",
                    "children",
                    "bedrooms",
                    "step_free",
                    "wheelchair",
                    "low_stimulus",
                    "max_rent",
                    "guidance_hours",
                    "reachable_24h",
                    *PLACES,
                )
            },
            max_rent_is_assumed=assumed,
            forms=tuple(form for form in HousingForm.values if form in data["housing_forms"]),
            contract_forms=tuple(
                form for form in ContractForm.values if form in data["contract_forms"]
            ),
            support=tuple(kind for kind in SupportKind.values if kind in data["support"]),
            municipalities=tuple(dict.fromkeys((*wishes, *further))),
        )

    @classmethod
    def initial_of(cls, need: NeedFacts) -> dict[str, Any]:
        wished = dict(zip(WISHES, need.municipalities, strict=False))
        return {
            name: getattr(need, name)
            for name in (
                "persons",
                "children",
                "bedrooms",
                "step_free",
                "wheelchair",
                "low_stimulus",
                "max_rent",
                "guidance_hours",
                "reachable_24h",
            )
        } | {
            "housing_forms": list(need.forms),
            "contract_forms": list(need.contract_forms),
            "support": list(need.support),
            **{name: list(getattr(need, name)) for name in PLACES},
            **wished,
        }


class ArrangementForm(forms.Form):
    """One thing in one part: how far it is, who does it and by when."""

    subject = forms.ChoiceField(label=_("What"))
    state = forms.ChoiceField(label=_("State"), choices=ItemState.choices, widget=forms.RadioSelect)
    responsible = forms.ModelChoiceField(
        label=_("Who arranges it"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("Nobody yet"),
    )
    due_on = DayField(label=_("By"), required=False)

    def __init__(
        self,
        *args: Any,
        part: ArrangementPart,
        organisations: list[Organisation],
        cancel_url: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = [
            ("", _("Choose")),
            *((subject.value, capfirst(subject.label)) for subject in SUBJECTS_OF[part]),
        ]
        self.fields["responsible"].queryset = Organisation.objects.filter(
            pk__in=[organisation.pk for organisation in organisations]
        )
        self.helper = ActionHelper(_("Save in arrangement"), cancel_url=cancel_url)

    def clean_subject(self) -> Subject:
        return Subject(self.cleaned_data["subject"])
