"""Where the region stands: for a steering group, in two minutes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Permission, may, requires
from regions import formats
from regions.charts.bars import balance_bar
from regions.tables import Cell, Column, Table
from steering import figures
from steering.figures import Band, Expected, Figures


@requires(Permission.SEE_DASHBOARD)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    counted = figures.count(request.viewer)
    return render(
        request,
        "steering/dashboard.html",
        {
            "figures": counted,
            "tiles": _tiles(counted),
            "waiting": _waiting_table(counted),
            "promises": _promise_table(counted),
            "housed": _housed_table(counted),
            "forecast": _forecast_table(counted),
            "sees_estimate": may(request.viewer, Permission.SEE_ESTIMATE),
            "sees_contingent": may(request.viewer, Permission.SEE_CONTINGENT),
        },
    )


def _tiles(counted: Figures) -> list[dict[str, object]]:
    over = sum(band.people for band in counted.waiting if band.from_months >= 6)
    tiles: list[dict[str, object]] = [
        {
            "label": _("Ready and waiting"),
            "value": formats.people_count(counted.people_waiting),
            "note": _("people"),
        },
        {
            "label": _("Waiting longer than 6 months"),
            "value": formats.people_count(over),
            "note": _("people"),
        },
        {
            "label": _("Housed this year"),
            "value": formats.people_count(counted.housed_this_year),
            "note": _("people"),
        },
    ]
    if counted.promises:
        tiles.append(
            {
                "label": _("Contingent %(year)s") % {"year": counted.on.year},
                "value": formats.number(counted.booked),
                "note": _("of %(agreed)s dwellings") % {"agreed": formats.number(counted.promised)},
            }
        )
    return tiles


def band_words(band: Band) -> str:
    """How a waiting band is called."""
    if band.until_months is None:
        return _("longer than %(months)s months") % {"months": band.from_months}
    return _("%(from)s to %(until)s months") % {
        "from": band.from_months,
        "until": band.until_months,
    }


def _waiting_table(counted: Figures) -> Table:
    return Table(
        caption=_("Ready and waiting, by how long"),
        columns=[Column(_("Waits")), Column(_("People"), "number")],
        rows=[
            [Cell(band_words(band)), Cell(formats.people_count(band.people))]
            for band in counted.waiting
        ],
        totals=[Cell(_("Together")), Cell(formats.people_count(counted.people_waiting))],
    )


def _promise_table(counted: Figures) -> Table:
    largest = max((promise.agreed for promise in counted.promises), default=1)
    return Table(
        caption=_("Contingent of this year per corporation"),
        columns=[
            Column(_("Corporation")),
            Column(_("Agreed"), "number"),
            Column(_("Let"), "number"),
            Column(_("Accepted"), "number"),
            Column(_("To go"), "number"),
            Column(_("Picture"), "picture"),
        ],
        rows=[
            [
                Cell(promise.name),
                Cell(formats.number(promise.agreed)),
                Cell(formats.number(promise.let)),
                Cell(formats.number(promise.accepted)),
                Cell(formats.number(promise.to_go)),
                Cell(
                    picture=balance_bar(
                        name=promise.name,
                        agreed=promise.agreed,
                        let=promise.let,
                        accepted=max(promise.accepted - promise.let, 0),
                        offered=max(promise.offered - promise.accepted, 0),
                        largest=largest,
                    )
                ),
            ]
            for promise in counted.promises
        ],
    )


def _housed_table(counted: Figures) -> Table:
    return Table(
        caption=_("Housed per quarter"),
        columns=[Column(_("Quarter")), Column(_("People"), "number")],
        rows=[
            [Cell(formats.quarter(first)), Cell(formats.people_count(people))]
            for first, people in counted.housed_by_quarter
        ],
    )


def _forecast_table(counted: Figures) -> Table:
    housed = {row.first_day: row for row in counted.will_be_housed}

    def cells(row: Expected | None) -> list[Cell]:
        if row is None:
            return [Cell(), Cell()]
        return [
            Cell(formats.people_count(row.likely)),
            Cell(formats.people_span(row.low, row.high)),
        ]

    return Table(
        caption=_("Expected per quarter"),
        columns=[
            Column(_("Quarter")),
            Column(_("Becomes ready"), "number", _("most likely")),
            Column(_("Becomes ready"), "number", _("8 of 10 times")),
            Column(_("Will be housed"), "number", _("most likely")),
            Column(_("Will be housed"), "number", _("8 of 10 times")),
        ],
        rows=[
            [
                Cell(formats.quarter(row.first_day), sub=_rest(row, counted)),
                *cells(row),
                *cells(housed.get(row.first_day)),
            ]
            for row in counted.becomes_ready
        ],
    )


def _rest(row: Expected, counted: Figures) -> str:
    """The quarter that is running is expected from the day of the estimate on."""
    as_of = counted.estimate_as_of
    return _("what is left of the quarter") if as_of and row.first_day < as_of else ""
