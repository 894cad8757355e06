"""Registrations that may be one person: providers confirm, the coordinator decides."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Permission, requires
from outflow import operations
from outflow.errors import NotAllowed, Refused
from outflow.filters import PER_PAGE
from outflow.models import LikelyDuplicate
from outflow.pairs import see_pairs
from outflow.views.clients import list_title


@requires(Permission.REVIEW_DUPLICATES)
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    pairs = LikelyDuplicate.objects.visible_to(request.viewer, Permission.REVIEW_DUPLICATES)
    decided = request.GET.get("show") == "decided"
    pairs = pairs.exclude(verdict="") if decided else pairs.undecided()
    page = Paginator(pairs.order_by("-found_at", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "outflow/duplicates.html",
        {
            "pairs": see_pairs(page.object_list, request.viewer),
            "page": page,
            "list_title": list_title(request.viewer.role),
            "shows_decided": decided,
        },
    )


@requires(Permission.REVIEW_DUPLICATES)
@require_POST
def decide(request: HttpRequest, ref: UUID, deed: str) -> HttpResponse:
    pair = get_object_or_404(
        LikelyDuplicate.objects.visible_to(request.viewer, Permission.REVIEW_DUPLICATES), ref=ref
    )
    if deed not in DEEDS:
        raise Http404
    act, done = DEEDS[deed]
    try:
        act(pair, request)
    except NotAllowed:
        raise Http404 from None
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, done)
    return redirect("outflow:duplicates")


Deed = Callable[[LikelyDuplicate, HttpRequest], object]
DEEDS: dict[str, tuple[Deed, object]] = {
    "same": (
        lambda pair, request: operations.confirm_duplicate(
            duplicate=pair, same=True, by=request.viewer
        ),
        _("Confirmed. The coordinator decides when both providers have answered."),
    ),
    "different": (
        lambda pair, request: operations.confirm_duplicate(
            duplicate=pair, same=False, by=request.viewer
        ),
        _("Noted: somebody else. The coordinator decides."),
    ),
    "merge": (
        lambda pair, request: operations.merge(duplicate=pair, by=request.viewer),
        _("Merged: both registrations are one person. This can be undone."),
    ),
    "apart": (
        lambda pair, request: operations.keep_apart(duplicate=pair, by=request.viewer),
        _("Kept apart: two people."),
    ),
    "undo": (
        lambda pair, request: operations.undo_decision(duplicate=pair, by=request.viewer),
        _("Undone. The pair is on the list again."),
    ),
}
