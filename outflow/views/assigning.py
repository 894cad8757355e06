"""Whose clients they are: assigning by choice or by location, handing over, covering."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import Permission, Purpose, Viewer, requires
from outflow import operations
from outflow.errors import Refused
from outflow.forms.people import AssignForm, HandOverForm
from outflow.models import Client
from outflow.projections import see_clients
from outflow.querysets import ClientQuerySet
from outflow.views.clients import list_title
from outflow.views.editing import refuse

# More than a screen can hold is assigned by location.
MOST_ROWS = 100


@requires(Permission.ASSIGN_CLIENTS)
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    workers = operations.own_workers(viewer)
    form = AssignForm(request.POST or None, workers=workers)
    if request.method == "POST" and form.is_valid():
        try:
            count = operations.assign_clients(
                clients=list(_chosen(request, viewer)), to=form.cleaned_data["to"], by=viewer
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(
                request,
                ngettext(
                    "%(count)s client is assigned to %(who)s.",
                    "%(count)s clients are assigned to %(who)s.",
                    count,
                )
                % {"count": count, "who": form.cleaned_data["to"].user.name},
            )
            return redirect("outflow:assign")
    waiting = _waiting(viewer)
    rows = see_clients(
        waiting.for_list().with_identity().order_by("location", "pk")[:MOST_ROWS],
        viewer,
        purpose=Purpose.CASELOAD,
    )
    return render(
        request,
        "outflow/assign.html",
        {
            "form": form,
            "list_title": list_title(viewer.role),
            "rows": rows,
            "total": waiting.count(),
            "locations": list(
                waiting.order_by("location").values("location").annotate(clients=Count("pk"))
            ),
            "has_workers": bool(workers),
            "chosen": set(request.POST.getlist("client")),
        },
        status=422 if form.errors else 200,
    )


@requires(Permission.ASSIGN_CLIENTS)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = HandOverForm(request.POST or None, workers=operations.own_workers(viewer))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if data["from_on"]:
                count = operations.cover(
                    away=data["away"],
                    to=data["to"],
                    from_on=data["from_on"],
                    until_on=data["until_on"],
                    by=viewer,
                )
            else:
                count = operations.hand_over(away=data["away"], to=data["to"], by=viewer)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(
                request,
                ngettext(
                    "%(who)s now looks after %(count)s client.",
                    "%(who)s now looks after %(count)s clients.",
                    count,
                )
                % {"count": count, "who": data["to"].user.name},
            )
            return redirect("outflow:assign")
    return render(
        request, "outflow/hand_over.html", {"form": form}, status=422 if form.errors else 200
    )


def _waiting(viewer: Viewer) -> ClientQuerySet:
    return Client.objects.visible_to(viewer, Permission.ASSIGN_CLIENTS).present().unassigned()


def _chosen(request: HttpRequest, viewer: Viewer) -> ClientQuerySet:
    """The ticked clients and everybody who waits at the ticked locations."""
    waiting = _waiting(viewer)
    ticked = waiting.filter(ref__in=request.POST.getlist("client"))
    return ticked | waiting.filter(location__in=request.POST.getlist("location"))
