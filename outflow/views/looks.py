"""Who looked at a client's file, to hand over to the client."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import Permission, Purpose, Stage, requires, sees
from outflow.looks import looks_at
from outflow.projections import relations_to
from outflow.views.clients import list_title
from outflow.views.editing import client_of

LINES_PER_PAGE = 100


@requires(Permission.FIELD_READ_LOG)
@require_GET
def looks(request: HttpRequest, ref: UUID) -> HttpResponse:
    client = client_of(request, ref, Permission.SEE_CLIENTS)
    held = relations_to(client, request.viewer)
    if not any(
        sees(request.viewer, Permission.FIELD_READ_LOG, relation=relation, stage=Stage.REGISTERED)
        for relation in held
    ):
        raise Http404
    seen = client.as_seen_by(request.viewer, purpose=Purpose.OVERSIGHT)
    page = Paginator(looks_at(client), LINES_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "outflow/looks.html",
        {"client": seen, "page": page, "list_title": list_title(request.viewer.role)},
    )
