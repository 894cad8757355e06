"""The list of clients, and a new one."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Permission, Purpose, Role, may, requires
from outflow import operations
from outflow.errors import Refused
from outflow.filters import PER_PAGE, Bounds, ClientFilterForm, find_clients
from outflow.forms.people import RegisterForm
from outflow.models import Client
from outflow.projections import see_clients
from outflow.rows import client_rows


def list_title(role: Role) -> str:
    """What the list is called for whoever looks."""
    if role == Role.CARE_WORKER:
        return _("My clients")
    return _("Residents") if role == Role.ACCESS_OFFICER else _("Clients")


@requires(Permission.SEE_CLIENTS)
@require_GET
def client_list(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    bounds = Bounds.of(viewer)
    form = ClientFilterForm(request.GET, viewer=viewer, bounds=bounds)
    found = find_clients(viewer, form)
    page = Paginator(found.for_pages(), PER_PAGE).get_page(request.GET.get("page"))
    clients = found.rows(page.object_list, viewer)
    return render(
        request,
        "outflow/clients.html",
        {
            "title": list_title(viewer.role),
            "filter": form,
            "is_narrowed": bool(form.chosen()),
            "page": page,
            "rows": client_rows(see_clients(clients, viewer, purpose=Purpose.CASELOAD), bounds),
            "shows_provider": "provider" in form.fields,
            "may_register": may(viewer, Permission.REGISTER_CLIENT),
            "may_import": may(viewer, Permission.IMPORT_CLIENTS),
            "may_update": may(viewer, Permission.UPDATE_READINESS),
            "may_assign": may(viewer, Permission.ASSIGN_CLIENTS),
            "may_review": may(viewer, Permission.REVIEW_DUPLICATES),
        },
    )


@requires(Permission.REGISTER_CLIENT)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = RegisterForm(
        request.POST or None, region_id=viewer.region_id, cancel_url=reverse("outflow:clients")
    )
    if request.method == "POST" and form.is_valid():
        try:
            client = operations.register_clients([form.facts()], by=viewer)[0]
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            transaction.on_commit(
                partial(
                    operations.find_likely_duplicates,
                    region_id=viewer.region_id,
                    among=[client.pk],
                )
            )
            return _registered(request, client)
    status = 422 if form.errors else 200
    return render(
        request,
        "outflow/register.html",
        {"form": form, "list_title": list_title(viewer.role)},
        status=status,
    )


def _registered(request: HttpRequest, client: Client) -> HttpResponse:
    messages.success(
        request,
        _("Registered, case %(code)s. The housing need comes next.") % {"code": client.case_code},
    )
    return redirect("outflow:need", client.ref)
