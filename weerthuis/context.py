"""What every page may show about the installation and about who looks at it."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from weerthuis import pulse
from weerthuis.navigation import menu


def site(request: HttpRequest) -> dict[str, object]:
    """`demo` marks example data; `computing_waits` is called only by a page that asks."""
    return {"demo": settings.DEMO, "computing_waits": pulse.computing_waits}


def frame(request: HttpRequest) -> dict[str, object]:
    """The page frame: who looks, for which organisation and region, and where they can go."""
    facts: dict[str, object] = {"stamp": timezone.localtime()}
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        facts["theme"] = user.theme
    membership = getattr(request, "membership", None)
    if membership is None:
        return facts
    return facts | {
        "viewer_label": {
            "organisation": membership.organisation.name,
            "role": membership.get_role_display(),
            "region": membership.region.name,
        },
        "example": membership.region.is_example,
        "membership_count": request.membership_count,
        "navigation": menu(request),
    }
