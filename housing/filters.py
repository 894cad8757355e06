"""How people narrow down lists of dwellings, support and proposals; it stands in the address."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from housing.lifecycle import AGREED, ANSWERABLE, ENDED, LIVE, TENANCY
from housing.models import Dwelling, Proposal
from outflow.lifecycle import HousingForm, SupportKind
from regions.clock import today
from regions.models import Municipality

DWELLING_STATES = {
    "free": _("Free"),
    "taken": _("Taken"),
    "withdrawn": _("Withdrawn"),
    "all": _("All"),
}
PROPOSAL_GROUPS = {
    "answer": (_("To answer"), ANSWERABLE),
    "arrange": (_("To arrange"), AGREED),
    "living": (_("Living at home"), TENANCY),
    "ended": (_("Ended"), ENDED),
}


class DwellingFilter(django_filters.FilterSet):
    """By state, municipality, form, what is needed, and a piece of the address."""

    municipality = django_filters.ChoiceFilter(
        label=_("Municipality"),
        field_name="municipality__code",
        empty_label=_("All municipalities"),
    )
    form = django_filters.ChoiceFilter(
        label=_("Housing form"), choices=HousingForm.choices, empty_label=_("All forms")
    )
    bedrooms = django_filters.ChoiceFilter(
        label=_("Bedrooms, at least"),
        lookup_expr="gte",
        choices=[("1", "1"), ("2", "2"), ("3", "3"), ("4", "4")],
        empty_label=_("No matter how many"),
    )
    needs = django_filters.ChoiceFilter(
        label=_("Suits"),
        method="suits",
        choices=[
            ("step_free", _("Step-free")),
            ("wheelchair", _("Wheelchair")),
            ("low_stimulus", _("Low-stimulus")),
        ],
        empty_label=_("Everybody"),
    )

    class Meta:
        model = Dwelling
        fields: list[str] = []

    def __init__(self, *args: Any, municipalities: list[Municipality], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _prepare(self, municipalities)

    def suits(self, queryset: QuerySet[Dwelling], _name: str, value: str) -> QuerySet[Dwelling]:
        if value == "step_free":
            return queryset.filter(Q(floor=0) | Q(has_lift=True))
        return queryset.filter(**{value: True})


class SupportFilter(django_filters.FilterSet):
    """Neighbourhoods by municipality and by the support they have."""

    municipality = django_filters.ChoiceFilter(
        label=_("Municipality"),
        field_name="municipality__code",
        empty_label=_("All municipalities"),
    )
    kind = django_filters.ChoiceFilter(
        label=_("Support"),
        choices=SupportKind.choices,
        method="with_kind",
        empty_label=_("All kinds"),
    )

    def __init__(
        self, *args: Any, municipalities: list[Municipality], offers: QuerySet, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offers = offers
        _prepare(self, municipalities)

    def with_kind(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        return queryset.filter(
            pk__in=self.offers.filter(kind=value).order_by().values("neighbourhood_id")
        )


def _prepare(filters: django_filters.FilterSet, municipalities: list[Municipality]) -> None:
    """Selects in our look, with the municipalities of the viewer's region."""
    filters.filters["municipality"].extra["choices"] = [
        (place.code, place.name) for place in municipalities
    ]
    for each in filters.filters.values():
        each.extra["widget"] = forms.Select(attrs={"class": "form-select"})


def in_state(dwellings: QuerySet[Dwelling], state: str) -> QuerySet[Dwelling]:
    """Dwellings that are free, taken, withdrawn, or all of them."""
    match state:
        case "taken":
            return dwellings.filter(is_held=True)
        case "withdrawn":
            return dwellings.filter(withdrawn_on__isnull=False)
        case "all":
            return dwellings
    return dwellings.filter(is_held=False, withdrawn_on__isnull=True)


def in_group(proposals: QuerySet[Proposal], group: str) -> QuerySet[Proposal]:
    """Proposals in one part of the way; without a group all that still run."""
    if group in PROPOSAL_GROUPS:
        return proposals.filter(state__in=PROPOSAL_GROUPS[group][1])
    if group == "overdue":
        return proposals.filter(state__in=LIVE | TENANCY, answer_by__lt=today())
    return proposals.filter(state__in=LIVE)
