"""The distribution key of a year: shown, run again, and changed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, may, requires
from housing import operations
from housing.balances import agreed_per_municipality
from housing.distribution import Key, distribute, from_data, shares
from housing.errors import Refused
from housing.forms.contingents import KeyForm
from housing.lifecycle import ContingentKind
from housing.models import RegionYear
from housing.views.places import municipalities_of
from regions import formats
from regions.tables import Cell, Column, Table


@requires(Permission.SEE_CONTINGENT)
@require_GET
def contingent_key(request: HttpRequest, year: int) -> HttpResponse:
    """The basis, the shares and the result, computed again now, beside what was agreed."""
    viewer = request.viewer
    kept = RegionYear.objects.filter(region_id=viewer.region_id, year=year).first()
    key = from_data(kept.basis) if kept and kept.basis else None
    return render(
        request,
        "housing/contingent_key.html",
        {
            "year": year,
            "table": _table(key, agreed_per_municipality(viewer.region_id, year)) if key else None,
            "total": key.total if key else None,
            "weights": _weights(key) if key else "",
            "may_agree": may(viewer, Permission.AGREE_CONTINGENT),
        },
    )


@requires(Permission.AGREE_CONTINGENT)
@require_http_methods(["GET", "POST"])
def change_contingent_key(request: HttpRequest, year: int) -> HttpResponse:
    viewer = request.viewer
    kept = RegionYear.objects.filter(region_id=viewer.region_id, year=year).first()
    form = KeyForm(
        request.POST or None,
        municipalities=municipalities_of(viewer),
        key=from_data(kept.basis) if kept and kept.basis else None,
        kind=kept.kind if kept else ContingentKind.TASK,
        total=kept.agreed if kept else None,
        cancel_url=reverse("housing:contingent_key", args=[year]),
    )
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            operations.set_region_year(
                year=year, kind=facts["kind"], agreed=facts["total"], basis=facts["key"], by=viewer
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(
                request,
                _("The key has run. Agreed numbers change only when somebody records them."),
            )
            return redirect("housing:contingent_key", year=year)
    return render(
        request,
        "housing/contingent_key_form.html",
        {"form": form, "year": year},
        status=422 if form.is_bound else 200,
    )


def _table(key: Key, agreed: dict[str, int]) -> Table:
    result, parts = distribute(key), shares(key)
    fixed, differs = _("fixed"), _("differs")
    rows = []
    for place in key.places:
        recorded = agreed.get(place.code)
        share = fixed if place.code in key.fixed else _share(float(parts[place.code]))
        rows.append(
            [
                Cell(place.name),
                Cell(formats.number(place.households)),
                Cell(formats.number(place.social_dwellings)),
                Cell(share),
                Cell(formats.number(result[place.code])),
                Cell(
                    formats.number(recorded),
                    sub=differs if recorded not in {None, result[place.code]} else "",
                ),
            ]
        )
    return Table(
        caption=_("Key per municipality"),
        columns=[
            Column(_("Municipality")),
            Column(_("Households"), "number"),
            Column(_("Social dwellings"), "number"),
            Column(_("Share"), "number"),
            Column(_("By the key"), "number"),
            Column(_("Agreed"), "number"),
        ],
        rows=rows,
        totals=[
            Cell(_("Region")),
            Cell(formats.number(sum(place.households for place in key.places))),
            Cell(formats.number(sum(place.social_dwellings for place in key.places))),
            Cell(""),
            Cell(formats.number(sum(result.values()))),
            Cell(formats.number(sum(agreed.values())) if agreed else ""),
        ],
    )


def _share(share: float) -> str:
    return formats.percent(share * 100, decimals=1)


def _weights(key: Key) -> str:
    whole = key.weight_households + key.weight_social
    return _("households for %(households)s, social dwellings for %(social)s") % {
        "households": formats.percent(float(key.weight_households / whole * 100)),
        "social": formats.percent(float(key.weight_social / whole * 100)),
    }
