"""All addresses. Each view states its permission; a silent one fails the build."""

from importlib.util import find_spec

from django.apps import apps
from django.urls import include, path

from weerthuis import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # Each app owns its addresses; steering holds Today, which is the first page.
    *(
        path("", include(f"{app}.urls"))
        for app in ("accounts", "regions", "lists", "outflow", "housing", "steering")
        if apps.is_installed(app) and find_spec(f"{app}.urls")
    ),
]
