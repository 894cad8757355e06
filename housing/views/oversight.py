"""Whether people decide, and whether everybody has equal chances: counts, never a case."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Permission, may, requires
from housing import decisions
from housing.decision_tables import month_table, reason_table
from housing.decisions import Decisions
from housing.fairness_tables import pictures_for, tell
from regions import formats
from regions.clock import today
from regions.downloads import download

MONTHS_OFFERED = 24


@requires(Permission.SEE_DECISIONS)
@require_GET
def match_decisions(request: HttpRequest) -> HttpResponse:
    """How often the matching is followed, how often not and why, and how fast."""
    viewer = request.viewer
    last, months = decisions.last_decisions(viewer), decisions.by_month(viewer)
    tables = {"months": month_table(months), "reasons": reason_table(last)}
    if "format" in request.GET:
        return download(list(tables.values()), _("Decisions"), request.GET["format"])
    context: dict[str, Any] = {
        **tables,
        "decisions": last,
        "figures": _figures(last),
        "followed": last.told(last.followed),
        "departed": last.told(last.departed),
        "is_empty": not months and not last.looked_at,
        "is_exact": decisions.sees_exact(viewer),
        "threshold": decisions.threshold(viewer),
        "least": decisions.LEAST_TO_JUDGE,
        "counted_until": today().replace(day=1),
    }
    return render(request, "housing/match_decisions.html", context)


def _figures(last: Decisions) -> list[dict[str, Any]]:
    """The last hundred decisions in three numbers."""
    of_all = _("of the last %(count)s") % {"count": formats.number(last.looked_at)}
    note = of_all if last.is_exact else _("of the last decisions")
    if last.hasty_share is None:
        hasty = _("of %(count)s with a known time") % {"count": last.told(last.timed)}
    else:
        hasty = _("%(share)s of those with a known time") % {
            "share": formats.percent(last.hasty_share)
        }
    return [
        {"label": _("Followed"), "value": last.told(last.followed), "note": note},
        {"label": _("Departed"), "value": last.told(last.departed), "note": note},
        {"label": _("Followed within a minute"), "value": last.told(last.hasty), "note": hasty},
    ]


@requires(Permission.SEE_FAIRNESS)
@require_GET
def fairness(request: HttpRequest) -> HttpResponse:
    """Who got a home and how long people waited, by group, of a month that is over."""
    viewer = request.viewer
    pictures = list(pictures_for(viewer)[:MONTHS_OFFERED])
    by_month = {f"{picture.month:%Y-%m}": picture for picture in pictures}
    asked = request.GET.get("month", "")
    picture = by_month.get(asked) or (pictures[0] if pictures else None)
    if picture is None:
        return render(request, "housing/fairness.html", {"told": None})
    told = tell(picture)
    if "format" in request.GET:
        last_day = told.until - timedelta(days=1)
        return download(told.tables, _("Equal chances"), request.GET["format"], as_of=last_day)
    return render(
        request,
        "housing/fairness.html",
        {
            "told": told,
            "last_day": told.until - timedelta(days=1),
            "months": [
                {
                    "value": value,
                    "label": formats.month(each.month),
                    "chosen": each == picture,
                }
                for value, each in by_month.items()
            ],
            "is_unknown_month": bool(asked) and asked not in by_month,
            "list_url": f"?month={picture.month:%Y-%m}",
            "sees_decisions": may(viewer, Permission.SEE_DECISIONS),
        },
    )
