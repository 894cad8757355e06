"""Why this home or why none yet, as one page that a care worker hands to the person concerned."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import Permission, Purpose, requires
from housing.for_client import explain
from housing.matching_words import Names
from outflow.models import Client
from outflow.views.clients import list_title


@requires(Permission.EXPLAIN_TO_CLIENT)
@require_GET
def explanation_for_client(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    clients = Client.objects.visible_to(viewer, Permission.EXPLAIN_TO_CLIENT)
    client = get_object_or_404(clients.for_list().with_need().with_identity(), ref=ref)
    return render(
        request,
        "housing/explanation_for_client.html",
        {
            "client": client.as_seen_by(viewer, purpose=Purpose.MATCHING),
            "list_title": list_title(viewer.role),
            "explained": explain(client, viewer, Names(viewer.region_id)),
        },
    )
