"""Who somebody is, where they are registered, and who looks after them."""

from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.formhelper import ActionHelper
from accounts.models import Membership
from outflow.facts import ClientFacts, IdentityFacts, NeedFacts, Readiness
from outflow.forms.fields import DayField, optional_key
from outflow.lifecycle import FacilityType, Phase, Route
from regions.clock import today
from regions.models import Municipality

SEXES = [("", _("not known")), ("V", _("woman")), ("M", _("man")), ("X", _("other"))]
IDENTITY = ("given_name", "prefix", "family_name", "born_on", "sex", "phone", "email")
REGISTRATION = (
    "client_number",
    "facility_type",
    "location",
    "in_care_since",
    "origin_municipality",
    "financing_municipality",
    "route",
    "urgency",
    "is_shielded",
)


class PersonForm(forms.Form):
    """Identity and registration of one client."""

    given_name = forms.CharField(label=_("Given name"), max_length=80)
    prefix = forms.CharField(label=_("Name prefix"), max_length=20, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=80)
    born_on = DayField(label=_("Birth date"))
    sex = forms.ChoiceField(label=_("Sex"), choices=SEXES, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    client_number = forms.CharField(
        label=_("Client number"),
        max_length=40,
        help_text=_("The number in the care file of the own organisation."),
    )
    facility_type = forms.ChoiceField(
        label=_("Kind of care"), choices=FacilityType.choices, widget=forms.RadioSelect
    )
    location = forms.CharField(label=_("Location"), max_length=120, required=False)
    in_care_since = DayField(label=_("In care since"))
    origin_municipality = forms.ChoiceField(label=_("Municipality of origin"), required=False)
    financing_municipality = forms.ChoiceField(label=_("Municipality that pays"), required=False)
    route = forms.ChoiceField(label=_("Route"), choices=Route.choices, initial=Route.REGULAR)
    urgency = forms.TypedChoiceField(
        label=_("Urgency"),
        coerce=int,
        choices=[(0, _("0, none")), (1, "1"), (2, "2"), (3, _("3, highest"))],
        initial=0,
    )
    is_shielded = forms.BooleanField(
        label=_("Shielded"),
        required=False,
        help_text=_("Origin and household then stay hidden until the client says yes to a home."),
    )

    verb = _("Save client")

    def __init__(self, *args: Any, region_id: int, cancel_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = municipality_choices(region_id)
        for name in ("origin_municipality", "financing_municipality"):
            self.fields[name].choices = [("", _("not known")), *choices]
        self.helper = ActionHelper(self.verb, *self.layout(), cancel_url=cancel_url)

    def layout(self) -> list[Fieldset]:
        return [
            Fieldset(_("Who it is"), *IDENTITY),
            Fieldset(_("Registration"), *REGISTRATION),
        ]

    def clean_born_on(self) -> object:
        born_on = self.cleaned_data["born_on"]
        if born_on > today():
            raise forms.ValidationError(_("This birth date lies in the future."))
        return born_on

    def clean_in_care_since(self) -> object:
        since = self.cleaned_data["in_care_since"]
        if since > today():
            raise forms.ValidationError(_("This day has not come yet. Choose today or earlier."))
        return since

    def facts(self) -> ClientFacts:
        data = self.cleaned_data
        places = {"origin_municipality", "financing_municipality"}
        return ClientFacts(
            **{name: data[name] for name in REGISTRATION if name not in places},
            **{name: optional_key(data[name]) for name in places},
            identity=IdentityFacts(**{name: data[name] for name in IDENTITY}),
        )

    @classmethod
    def initial_of(cls, facts: ClientFacts) -> dict[str, Any]:
        identity = facts.identity
        return {name: getattr(facts, name) for name in REGISTRATION} | (
            {name: getattr(identity, name) for name in IDENTITY} if identity else {}
        )


class RegisterForm(PersonForm):
    """A new client, with how far they are."""

    phase = forms.ChoiceField(
        label=pgettext_lazy("care", "Phase"),
        choices=[
            (phase.value, capfirst(phase.label))
            for phase in (Phase.INTAKE, Phase.STABILISING, Phase.PREPARING, Phase.READY)
        ],
        initial=Phase.INTAKE,
    )
    day = DayField(
        label=_("Ready on"),
        required=False,
        help_text=_("In the phase Ready: the day since when. Before it: the day that is expected."),
    )

    verb = _("Register client")

    def layout(self) -> list[Fieldset]:
        return [*super().layout(), Fieldset(_("How far somebody is"), "phase", "day")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day, since = cleaned.get("day"), cleaned.get("in_care_since")
        if cleaned.get("phase") == Phase.READY:
            if day is None and "day" not in self.errors:
                self.add_error("day", _("Whoever is ready needs a date. Write from which day."))
            elif day and day > today():
                self.add_error("day", _("This day has not come yet. Choose today or earlier."))
            elif day and since and day < since:
                self.add_error("day", _("Nobody is ready before care began. Check both dates."))
        elif day and day < today():
            self.add_error("day", _("This day has passed. Choose a later day, or the phase Ready."))
        return cleaned

    def facts(self) -> ClientFacts:
        known = super().facts()
        phase, day = self.cleaned_data["phase"], self.cleaned_data["day"]
        is_ready = phase == Phase.READY
        return ClientFacts(
            **{name: getattr(known, name) for name in REGISTRATION},
            identity=known.identity,
            need=NeedFacts(
                municipalities=(known.origin_municipality,) if known.origin_municipality else ()
            ),
            readiness=Readiness(
                phase=phase,
                ready_on=day if is_ready else None,
                expected_ready_on=None if is_ready else day,
            ),
        )


class AssignForm(forms.Form):
    """Whose these clients become."""

    to = forms.ModelChoiceField(
        label=_("Care worker"), queryset=Membership.objects.none(), empty_label=_("Choose")
    )

    def __init__(self, *args: Any, workers: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = Membership.objects.filter(
            pk__in=[worker.pk for worker in workers]
        ).select_related("user")
        self.fields["to"].label_from_instance = lambda worker: worker.user.name


class HandOverForm(AssignForm):
    """Whose clients become whose: for good, or for the days of a cover."""

    away = forms.ModelChoiceField(
        label=_("Clients of"), queryset=Membership.objects.none(), empty_label=_("Choose")
    )
    from_on = DayField(label=_("Cover from"), required=False)
    until_on = DayField(
        label=_("Cover until"),
        required=False,
        help_text=_("Leave both dates empty to hand the clients over for good."),
    )
    field_order = ["away", "to", "from_on", "until_on"]

    def __init__(self, *args: Any, workers: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, workers=workers, **kwargs)
        self.fields["away"].queryset = self.fields["to"].queryset
        self.fields["away"].label_from_instance = lambda worker: worker.user.name
        self.helper = ActionHelper(_("Hand over clients"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("from_on")) != bool(cleaned.get("until_on")):
            raise forms.ValidationError(_("A cover has a first and a last day."))
        return cleaned


def municipality_choices(region_id: int) -> list[tuple[str, list[tuple[int, str]]]]:
    """The region's own municipalities first."""
    places = list(Municipality.objects.values_list("pk", "name", "region_id"))
    return [
        (str(_("In this region")), [(pk, name) for pk, name, own in places if own == region_id]),
        (str(_("Elsewhere")), [(pk, name) for pk, name, own in places if own != region_id]),
    ]
