"""The page that a care worker prints and hands over."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import Permission, Purpose, requires
from housing.letters import letter_for
from outflow.models import Client
from outflow.views.clients import list_title


@requires(Permission.EXPLAIN_MATCHING)
@require_GET
def explanation_for_client(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    clients = (
        Client.objects.visible_to(viewer, Permission.EXPLAIN_MATCHING)
        .for_list()
        .with_identity()
        .with_need()
    )
    client = get_object_or_404(clients, ref=ref)
    seen = client.as_seen_by(viewer, purpose=Purpose.EXPLANATION)
    return render(
        request,
        "housing/explanation_for_client.html",
        {
            "client": seen,
            "letter": letter_for(client, viewer),
            "list_title": list_title(viewer.role),
        },
    )
