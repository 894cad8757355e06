"""The population inventory and the definitions it counts with."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, Role, Viewer, may, requires
from outflow.errors import ChangedMeanwhile, Refused, RefusedAt
from outflow.estimation.stepplan import YEARS_OF_RELAPSE
from outflow.forms.definitions import DefinitionsForm, ReferenceDayForm
from outflow.inventories.counts import Inventory, moved_in_years, reference_days, take_inventory
from outflow.inventories.definitions import KEYS, Definitions, definitions_on
from outflow.inventories.disclosure import tells_few
from outflow.inventories.stepplans import TAKEN_FOR_FEWER, Plan, Shares, plan_of
from outflow.inventories.tables import (
    Seen,
    guidance_hours,
    need_tables,
    place_table,
    stock_table,
    term_table,
)
from outflow.inventories.words import (
    assumption_table,
    change_table,
    decision_table,
    definition_table,
    part_table,
    plan_table,
)
from outflow.lifecycle import FacilityType
from outflow.operations.definitions import define_inventory
from regions import formats
from regions.clock import today
from regions.downloads import download
from regions.models import Municipality, RegionRule
from regions.tables import Table


@requires(Permission.SEE_ESTIMATE)
@require_GET
def inventory(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    sent = request.GET if "on" in request.GET else {"on": ""}
    form = ReferenceDayForm(sent, days=reference_days(viewer.region_id))
    on = form.cleaned_data["on"] if form.is_valid() else today()
    kind = request.GET.get("kind", "")
    kind = kind if kind in FacilityType.values else ""
    page = _page(viewer, on, kind)
    if "format" in request.GET and form.is_valid():
        return download(page["tables"], _("Inventory"), request.GET["format"], as_of=on)
    kind = page["kind"]
    asked = {"on": on.isoformat()} if on != today() else {}
    return render(
        request,
        "outflow/inventory.html",
        page
        | {
            "form": form,
            "kinds": _kinds(asked, kind) if page["may_split"] else [],
            "kind_label": FacilityType(kind).label if kind else "",
            "list_url": "?" + urlencode(asked | ({"kind": kind} if kind else {})),
            "may_define": may(viewer, Permission.DEFINE_INVENTORY),
            "may_import": may(viewer, Permission.IMPORT_HISTORY),
        },
        status=200 if form.is_valid() else 422,
    )


@requires(Permission.DEFINE_INVENTORY)
@require_http_methods(["GET", "POST"])
def inventory_definitions(request: HttpRequest) -> HttpResponse:
    """Fill in, look what would change, and only then save."""
    viewer = request.viewer
    now, _owners = definitions_on(viewer.region_id, today())
    sent = request.POST if request.method == "POST" else request.GET
    form = DefinitionsForm(
        sent if "seen" in sent else None,
        now=now,
        municipalities=_places(viewer),
        cancel_url=reverse("outflow:inventory"),
    )
    context: dict[str, Any] = {"form": form, "decided": _decided(viewer)}
    if form.is_valid():
        then = form.definitions()
        if request.method == "POST" and _saved(request, form, then, now):
            return redirect("outflow:inventory")
        if form.is_valid() and "again" not in request.GET:
            context |= _preview(viewer, now, then, request)
    return render(
        request,
        "outflow/inventory_definitions.html",
        context,
        status=422 if form.errors else 200,
    )


def _decided(viewer: Viewer) -> Table | None:
    rules = RegionRule.objects.filter(region_id=viewer.region_id, key__in=KEYS)
    return decision_table(list(rules.order_by("-valid_from", "key")), _places(viewer))


def _saved(
    request: HttpRequest, form: DefinitionsForm, then: Definitions, now: Definitions
) -> bool:
    """Whether the definitions were taken; a refusal stands on the form."""
    try:
        changed = define_inventory(
            definitions=then,
            owner=form.cleaned_data["owner"],
            by=request.viewer,
            seen=form.cleaned_data["seen"],
        )
    except ChangedMeanwhile as refusal:
        form.data = form.data.copy()
        form.data["seen"] = now.mark  # sent again, these values stand
        again = _("Sent again, these definitions stand in their place.")
        form.add_error(None, f"{refusal.sentence} {again}")
        return False
    except Refused as refusal:
        field = refusal.field if isinstance(refusal, RefusedAt) else None
        form.add_error(field if field in form.fields else None, refusal.sentence)
        return False
    if changed:
        messages.success(request, _("The definitions are saved and count from today."))
    else:
        messages.info(request, _("These definitions counted already. Nothing was changed."))
    return True


def _preview(
    viewer: Viewer, now: Definitions, then: Definitions, request: HttpRequest
) -> dict[str, Any]:
    """What the counts of today would become; nothing is written."""
    day = today()
    counted = [take_inventory(viewer.region_id, on=day, definitions=each) for each in (now, then)]
    plans = [plan_of(viewer.region_id, each) for each in counted]
    sent = [(name, value) for name, values in request.GET.lists() for value in values]
    return {
        "changes": change_table(*zip(counted, plans, strict=True)),
        "is_same": now == then,
        "sent": sent,
        "again_url": "?" + urlencode([*sent, ("again", "1")]),
    }


def _page(viewer: Viewer, on: date, kind: str) -> dict[str, Any]:
    """Everything of the inventory on a day, as tables and the sentences around them."""
    definitions, decided = definitions_on(viewer.region_id, today())
    everybody = take_inventory(viewer.region_id, on=on, definitions=definitions)
    own = _own(viewer, on, definitions)
    whole = Seen(everybody, own)
    plan = plan_of(viewer.region_id, everybody)
    places = _places(viewer)
    may_split = own is None or not any(
        _keeps_back(_of_kind(whole, each), plan.shares, places) for each in FacilityType.values
    )
    kind = kind if may_split else ""
    part = _of_kind(whole, kind) if kind else whole
    tables: dict[str, Table | None] = {
        "definitions": definition_table(definitions, decided, shares=plan.shares, places=places),
        "stock": stock_table(whole),
        "terms": term_table(part),
        "places": place_table(part, plan.shares, places),
    }
    needs = need_tables(part)
    sums: dict[str, Table | None] = {
        "plan": plan_table(plan),
        "parts": part_table(plan, places),
        "assumptions": assumption_table(plan, definitions, decided),
    }
    if not _tells_plan(viewer, whole, plan):
        sums = dict.fromkeys(sums)
    in_order = (*tables.values(), *needs, *sums.values())
    return {
        **tables,
        **sums,
        "on": on,
        "is_empty": not everybody.people,
        "is_past": everybody.is_past,
        "needs": needs,
        "step_plan": plan,
        "hours": guidance_hours(part),
        "taken_for_fewer": TAKEN_FOR_FEWER,
        "tells_answer": not any(
            tells_few(*counts)
            for counts in zip(*(_answer(part) for part in whole.parts), strict=True)
        ),
        "people": formats.people_count(len(everybody.people)),
        "ready": formats.people_count(len(everybody.ready)),
        "homes": formats.people_count(len(everybody.homes_of_ready)),
        "doubles": formats.people_count(everybody.doubles),
        "undecided": formats.people_count(everybody.undecided),
        "sees_own": own is not None,
        "kind": kind,
        "may_split": may_split,
        "tables": [table for table in in_order if table],
    }


def _answer(part: Inventory) -> list[int]:
    """The numbers of the sentence above the page."""
    return [len(part.people), len(part.ready), len(part.homes_of_ready)]


def _of_kind(seen: Seen, kind: str) -> Seen:
    return Seen(seen.region.of_kind(kind), seen.own.of_kind(kind) if seen.own else None)


def _keeps_back(seen: Seen, shares: Shares, places: list[Municipality]) -> bool:
    """Whether a table of steps 3 to 5 keeps a number back; the other kind would then tell it."""
    tables = (term_table(seen), place_table(seen, shares, places), *need_tables(seen))
    return any(table.keeps_back for table in tables)


def _tells_plan(viewer: Viewer, seen: Seen, plan: Plan) -> bool:
    """Whether the sum starts from numbers that may all be told beside the own clients."""
    if seen.own is None:
        return True
    years = len(plan.years)
    moved = [
        moved_in_years(
            viewer.region_id, before=seen.region.on, years=YEARS_OF_RELAPSE, provider=provider
        )
        for provider in (None, viewer.organisation_id)
    ]
    starts = [
        [len(part.homes), len(part.homes_of_ready), *part.becoming_ready(years), *counted]
        for part, counted in zip(seen.parts, moved, strict=True)
    ]
    return not (
        stock_table(seen).keeps_back
        or term_table(seen).keeps_back
        or any(tells_few(*counts) for counts in zip(*starts, strict=True))
    )


def _own(viewer: Viewer, on: date, definitions: Definitions) -> Inventory | None:
    """A provider's own clients, for whoever leads the team."""
    if viewer.role != Role.TEAM_LEADER:
        return None
    return take_inventory(
        viewer.region_id, on=on, definitions=definitions, provider=viewer.organisation_id
    )


def _places(viewer: Viewer) -> list[Municipality]:
    return list(Municipality.objects.filter(region_id=viewer.region_id).order_by("name"))


def _kinds(asked: dict[str, str], kind: str) -> list[dict[str, Any]]:
    choices = [("", _("Everybody"))] + [(each.value, capfirst(each.label)) for each in FacilityType]
    return [
        {
            "label": label,
            "url": "?" + urlencode(asked | ({"kind": value} if value else {})) + "#terms",
            "current": value == kind,
        }
        for value, label in choices
    ]
