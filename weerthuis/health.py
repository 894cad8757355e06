"""Two questions of whoever watches the installation: does it live, and can it work."""

import psycopg
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.access import public
from weerthuis import pulse


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, broker and worker; 503 as long as one of them is missing."""
    parts = {
        "database": _database_answers(),
        "broker": pulse.broker_answers(),
        "worker": pulse.worker_seen_lately(),
    }
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except (DatabaseError, InterfaceError, psycopg.Error):
        connection.close()
        return False
