"""The ledger of promises: a year at a glance, one contingent, and what the coordinator agrees."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OrganisationKind, Permission, Role, may, requires
from housing import operations, outcomes
from housing.appropriate import see_standings
from housing.balances import Balance, balances_of, expected_at_end, most_of, year_ledger
from housing.errors import Refused
from housing.forms.contingents import AgreeForm, CorrectForm, RaiseForm
from housing.ledgers import (
    BY_CORPORATION,
    BY_MUNICIPALITY,
    MATRIX,
    balance_facts,
    bar_of,
    contingent_title,
    entries_seen,
    ledger_table,
    matrix_table,
    year_answer,
)
from housing.models import Contingent
from housing.operations import AgreedNumber
from housing.views.places import PER_PAGE, municipalities_of, organisations_of
from regions.clock import today


@requires(Permission.SEE_CONTINGENT)
@require_GET
def contingents(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    year = _year(request)
    ledger = year_ledger(viewer, year)
    own = viewer.role == Role.ALLOCATOR
    by = request.GET.get("by") or (BY_MUNICIPALITY if own else BY_CORPORATION)
    of = request.GET.get("of", "")
    views = [
        (BY_CORPORATION, _("By corporation")),
        (BY_MUNICIPALITY, _("By municipality")),
        (MATRIX, _("Corporation and municipality")),
    ]
    if own:
        views = views[1:2]
    return render(
        request,
        "housing/contingents.html",
        {
            "year": year,
            "ledger": ledger,
            "answer": year_answer(ledger),
            "table": matrix_table(ledger) if by == MATRIX else ledger_table(ledger, by=by, of=of),
            "is_matrix": by == MATRIX,
            "of": of,
            "views": [
                {"label": label, "url": f"?year={year}&by={key}", "current": key == by and not of}
                for key, label in views
            ],
            "years": [
                {"label": str(other), "url": f"?year={other}&by={by}", "current": other == year}
                for other in ledger.years
            ],
            "is_running": year == today().year,
            "recent": entries_seen(viewer, year=year)[:5],
            "standings": see_standings(
                viewer,
                year=year,
                run=outcomes.last_done(viewer)
                if year == today().year and may(viewer, Permission.SEE_MATCHING)
                else None,
            ),
            "may_agree": may(viewer, Permission.AGREE_CONTINGENT),
            "may_import": may(viewer, Permission.IMPORT_CONTINGENT),
        },
    )


@requires(Permission.SEE_CONTINGENT)
@require_GET
def contingent(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    found = _contingent_or_404(request, ref, Permission.SEE_CONTINGENT)
    balance = balances_of(Contingent.objects.filter(pk=found.pk)).get(found.pk, Balance())
    expected = expected_at_end(balance, year=found.year, most=most_of(found, balance))
    page: Any = Paginator(entries_seen(viewer, contingent=found), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "housing/contingent.html",
        {
            "title": contingent_title(found),
            "contingent": found.ref,
            "year": found.year,
            "kind": found.get_kind_display(),
            "facts": balance_facts(balance, expected),
            "bar": bar_of(contingent_title(found), balance, expected, largest=0),
            "page": page,
            "may_agree": may(viewer, Permission.AGREE_CONTINGENT),
        },
    )


@requires(Permission.AGREE_CONTINGENT)
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = AgreeForm(
        request.POST or None,
        initial={"year": _year(request)},
        corporations=organisations_of(viewer, OrganisationKind.CORPORATION),
        municipalities=municipalities_of(viewer),
        cancel_url=reverse("housing:contingents"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            [found] = operations.agree_contingents(
                rows=[AgreedNumber(**form.cleaned_data)], by=viewer
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The agreement is in the ledger."))
            return redirect(found)
    return _form_page(request, form, _("Record an agreed number"))


@requires(Permission.AGREE_CONTINGENT)
@require_http_methods(["GET", "POST"])
def raise_contingent(request: HttpRequest, ref: UUID) -> HttpResponse:
    found = _contingent_or_404(request, ref, Permission.AGREE_CONTINGENT)
    form = RaiseForm(request.POST or None, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            operations.raise_contingent(contingent=found, by=request.viewer, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The contingent is raised; the reason is in the ledger."))
            return redirect(found)
    return _form_page(request, form, _("Raise contingent"), found)


@requires(Permission.AGREE_CONTINGENT)
@require_http_methods(["GET", "POST"])
def correct_contingent(request: HttpRequest, ref: UUID) -> HttpResponse:
    found = _contingent_or_404(request, ref, Permission.AGREE_CONTINGENT)
    form = CorrectForm(request.POST or None, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            operations.correct_contingent(contingent=found, by=request.viewer, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The correction is in the ledger."))
            return redirect(found)
    return _form_page(request, form, _("Correct what was let"), found)


def _contingent_or_404(request: HttpRequest, ref: UUID, permission: Permission) -> Contingent:
    visible = Contingent.objects.visible_to(request.viewer, permission)
    return get_object_or_404(visible.select_related("corporation", "municipality"), ref=ref)


def _year(request: HttpRequest) -> int:
    try:
        year = int(request.GET.get("year", ""))
    except ValueError:
        return today().year
    return year if 2000 <= year <= 2100 else today().year


def _form_page(
    request: HttpRequest, form: Any, title: str, found: Contingent | None = None
) -> HttpResponse:
    return render(
        request,
        "housing/contingent_form.html",
        {
            "form": form,
            "title": title,
            "contingent_title": contingent_title(found) if found else "",
            "contingent_url": found.get_absolute_url() if found else "",
        },
        status=422 if form.is_bound else 200,
    )
