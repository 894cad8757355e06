"""Puts the viewer on each request, and the door to the database that belongs to them."""

from collections.abc import Callable
from functools import partial

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from accounts.access import Role, Viewer
from accounts.context import acting_as
from accounts.models import Membership
from accounts.submissions import once


class ViewerMiddleware:
    """Reads the chosen membership anew on every request: an ended one stops at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        live = _live_memberships(request)
        request.membership = _chosen(request, live)
        request.membership_count = len(live)
        request.viewer = viewer_of(request.membership)
        request.acting = partial(acting_as, request.viewer)
        request.once = partial(once, request)
        request.send_to_sign_in = partial(_send_to_sign_in, request)
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
            response.headers["Content-Language"] = request.user.language
        return response


def viewer_of(membership: Membership | None) -> Viewer | None:
    """The viewer that a live membership makes."""
    if membership is None:
        return None
    return Viewer(
        membership_id=membership.pk,
        user_id=membership.user_id,
        organisation_id=membership.organisation_id,
        organisation_kind=membership.organisation.kind,
        municipality_id=membership.organisation.municipality_id,
        region_id=membership.region_id,
        role=Role(membership.role),
    )


def _live_memberships(request: HttpRequest) -> list[Membership]:
    if not request.user.is_authenticated:
        return []
    return list(
        Membership.objects.live()
        .filter(user=request.user)
        .select_related("organisation", "region")
        .order_by("pk")
    )


def _chosen(request: HttpRequest, live: list[Membership]) -> Membership | None:
    """The membership chosen after sign-in; with only one there is nothing to choose."""
    if len(live) == 1:
        return live[0]
    chosen = getattr(request.user, "chosen_membership_id", None)
    return next((membership for membership in live if membership.pk == chosen), None)


def _send_to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("accounts:choose_membership")
    return redirect_to_login(request.get_full_path())
