"""The policy of the matching: the version that counts, drafts, and letting one count."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Permission, Purpose, Viewer, may, requires
from housing import operations, policies
from housing.errors import Refused
from housing.forms.policies import AdoptForm, PolicyForm, ReadmitForm
from housing.models import MatchPolicy
from housing.policy_words import differences, told
from housing.tasks import carry_out_match, carry_out_try_out
from outflow.models import Client
from outflow.projections import see_clients
from regions.clock import today
from regions.models import Region, RunState


@requires(Permission.SEE_POLICY)
@require_GET
def match_policies(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    versions = _versions(viewer)
    counting = policies.counting(viewer.region_id, on=today())
    adopted = versions.adopted().order_by("-valid_from", "-number")
    return render(
        request,
        "housing/match_policies.html",
        {
            "counting": _row(counting) if counting else None,
            "chapters": told(policies.policy_of(counting)),
            "drafts": [_row(version) for version in versions.drafts()],
            "planned": [_row(version) for version in adopted.filter(valid_from__gt=today())],
            "earlier": [
                _row(version)
                for version in adopted.filter(valid_from__lte=today()).exclude(
                    pk=counting.pk if counting else None
                )
            ],
            "may_set": may(viewer, Permission.SET_POLICY),
        },
    )


@requires(Permission.SET_POLICY)
@require_POST
def match_policy_new(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    region = get_object_or_404(Region, pk=viewer.region_id)
    version = operations.draft_policy(region=region, reason="", by=viewer)
    messages.success(request, _("A draft was made of what counts now. Change what must change."))
    return redirect("housing:match_policy_draft", version.ref)


@requires(Permission.SEE_POLICY)
@require_GET
def match_policy(request: HttpRequest, ref: UUID) -> HttpResponse:
    version = _version_or_404(request.viewer, ref)
    return _page(request, version)


@requires(Permission.SET_POLICY)
@require_http_methods(["GET", "POST"])
def match_policy_draft(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    version = _draft_or_404(viewer, ref)
    form = PolicyForm(
        request.POST or None,
        policy=policies.policy_of(version),
        reason=version.reason,
        cancel_url=version.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_draft(
                version=version,
                policy=form.policy(),
                reason=form.cleaned_data["reason"],
                by=viewer,
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("The draft is saved. It counts for nothing yet."))
            return redirect(version)
    return render(
        request,
        "housing/match_policy_draft.html",
        {"form": form, "version": _row(version)},
        status=422 if form.errors else 200,
    )


@requires(Permission.SET_POLICY)
@require_POST
def match_policy_preview(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Try what a draft would change, on the page of what-ifs."""
    version = _draft_or_404(request.viewer, ref)
    try:
        made = operations.request_try_out(
            region=version.region, changes=[], policy=version, by=request.viewer
        )
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect(version)
    carry_out_try_out.delay_on_commit(made.pk)
    messages.success(request, _("It is being tried. This page may be closed."))
    return redirect(made)


@requires(Permission.SET_POLICY)
@require_http_methods(["GET", "POST"])
def match_policy_adopt(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    version = _draft_or_404(viewer, ref)
    form = AdoptForm(
        request.POST or None, reason=version.reason, cancel_url=version.get_absolute_url()
    )
    if request.method == "POST" and form.is_valid():
        try:
            run = operations.adopt_policy(version=version, by=viewer, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            if run is not None:
                carry_out_match.delay_on_commit(run.pk)
                messages.success(
                    request, _("The version counts. A new matching by it is asked for.")
                )
            else:
                messages.success(
                    request, _("The version is adopted and counts from the day that was chosen.")
                )
            return redirect(version)
    return render(
        request,
        "housing/match_policy_adopt.html",
        {
            "form": form,
            "version": _row(version),
            "differences": differences(policies.policy_of(version), _before(version)),
            "preview": _preview(version),
        },
        status=422 if form.errors else 200,
    )


@requires(Permission.SET_POLICY)
@require_http_methods(["GET", "POST"])
def match_policy_drop(request: HttpRequest, ref: UUID) -> HttpResponse:
    version = _draft_or_404(request.viewer, ref)
    if request.method == "POST":
        try:
            operations.drop_draft(version=version, by=request.viewer)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("The draft is put away."))
        return redirect("housing:match_policies")
    return render(
        request,
        "housing/match_policy_drop.html",
        {
            "version": _row(version),
            "verb": _("Put draft away"),
            "safe_url": version.get_absolute_url(),
            "safe_label": _("Keep draft"),
        },
    )


@requires(Permission.DECIDE_PROPOSAL)
@require_http_methods(["GET", "POST"])
def match_readmit(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    visible = Client.objects.visible_to(viewer, Permission.SEE_CLIENTS).for_list()
    client = get_object_or_404(visible, ref=ref)
    form = ReadmitForm(request.POST or None, cancel_url=client.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            operations.readmit(client=client, reason=form.cleaned_data["reason"], by=viewer)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("This client takes part again, from the next matching on."))
            return redirect(client)
    (seen,) = see_clients([client], viewer, purpose=Purpose.MATCHING)
    return render(
        request,
        "housing/match_readmit.html",
        {"form": form, "client": seen},
        status=422 if form.errors else 200,
    )


def _page(request: HttpRequest, version: MatchPolicy) -> HttpResponse:
    viewer, policy, before = request.viewer, policies.policy_of(version), _before(version)
    is_draft = version.adopted_at is None and version.dropped_at is None
    may_set = is_draft and may(viewer, Permission.SET_POLICY)
    return render(
        request,
        "housing/match_policy.html",
        {
            "version": _row(version),
            "is_draft": is_draft,
            "chapters": told(policy, before=before),
            "differences": differences(policy, before),
            "preview": _preview(version) if may_set else None,
            "may_set": may_set,
        },
    )


def _versions(viewer: Viewer) -> Any:
    return MatchPolicy.objects.visible_to(viewer, Permission.SEE_POLICY).filter(
        dropped_at__isnull=True
    )


def _version_or_404(viewer: Viewer, ref: UUID) -> MatchPolicy:
    found: MatchPolicy = get_object_or_404(_versions(viewer), ref=ref)
    return found


def _draft_or_404(viewer: Viewer, ref: UUID) -> MatchPolicy:
    found: MatchPolicy = get_object_or_404(
        MatchPolicy.objects.visible_to(viewer, Permission.SET_POLICY).drafts(), ref=ref
    )
    return found


def _before(version: MatchPolicy) -> policies.RegionPolicy:
    """What counted before this version, or counts now while it is a draft."""
    earlier = MatchPolicy.objects.filter(region=version.region_id).exclude(pk=version.pk)
    if version.valid_from is not None:
        earlier = earlier.filter(adopted_at__lt=version.adopted_at)
    return policies.policy_of(earlier.counting_first(version.valid_from or today()).first())


def _preview(version: MatchPolicy) -> dict[str, Any] | None:
    """The newest try-out of this version as it stands, and how far it is."""
    newest = operations.previews(version).first()
    if newest is None:
        return None
    return {
        "url": newest.get_absolute_url(),
        "is_done": newest.state == RunState.DONE,
        "is_under_way": not newest.is_finished,
        "at": newest.finished_at or newest.requested_at,
    }


def _row(version: MatchPolicy) -> dict[str, Any]:
    """A version as a list shows it."""
    return {
        "ref": version.ref,
        "url": version.get_absolute_url(),
        "number": version.number,
        "valid_from": version.valid_from,
        "owner": version.owner,
        "reason": version.reason,
        "made_at": version.made_at,
        "adopted_at": version.adopted_at,
    }
