"""Sign-in, the own account, organisations and accounts of the region, and what was done."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import operations
from accounts.access import Permission, public, requires, signed_in
from accounts.errors import Refused
from accounts.forms import (
    AccountForm,
    MembershipForm,
    OrganisationForm,
    PasswordForm,
    SignInForm,
)
from accounts.models import AuditEntry, Membership, Organisation
from accounts.words import operation_words

sign_in = public(
    LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True)
)
sign_out = public(LogoutView.as_view())


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """The language of this browser, and of the account when somebody is signed in."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    if language in dict(settings.LANGUAGES):
        translation.activate(language)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response


@signed_in
@require_http_methods(["GET", "POST"])
def choose_membership(request: HttpRequest) -> HttpResponse:
    """Whose eyes to look through: one organisation, one region, one role."""
    own = (
        Membership.objects.live().filter(user=request.user).select_related("organisation", "region")
    )
    if request.method == "POST":
        membership = get_object_or_404(own, ref=request.POST.get("membership") or None)
        operations.choose_membership(user=request.user, membership=membership)
        return redirect("steering:today")
    return render(
        request,
        "accounts/choose_membership.html",
        {"memberships": own, "chosen": request.membership},
    )


@requires(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """What somebody sets for themselves."""
    user = request.user
    form = AccountForm(
        request.POST or None,
        initial={"name": user.name, "language": user.language, "theme": user.theme},
    )
    if request.method == "POST" and form.is_valid():
        operations.change_account(user=user, by=request.viewer, **form.cleaned_data)
        translation.activate(user.language)
        messages.success(request, _("The account was saved."))
        return redirect("accounts:account")
    return render(request, "accounts/account.html", {"form": form})


@requires(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        operations.change_password(
            user=request.user, password=form.cleaned_data["new"], by=request.viewer
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, _("The password was changed."))
        return redirect("accounts:account")
    return render(request, "accounts/password.html", {"form": form})


@requires(Permission.MANAGE_ORGANISATIONS)
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    rows = Organisation.objects.visible_to(
        request.viewer, Permission.MANAGE_ORGANISATIONS
    ).select_related("municipality")
    return render(request, "accounts/organisations.html", {"organisations": rows})


@requires(Permission.MANAGE_ORGANISATIONS)
@require_http_methods(["GET", "POST"])
def add_organisation(request: HttpRequest) -> HttpResponse:
    return _save_organisation(request, None)


@requires(Permission.MANAGE_ORGANISATIONS)
@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest, ref: str) -> HttpResponse:
    known = get_object_or_404(
        Organisation.objects.visible_to(request.viewer, Permission.MANAGE_ORGANISATIONS), ref=ref
    )
    return _save_organisation(request, known)


def _save_organisation(request: HttpRequest, known: Organisation | None) -> HttpResponse:
    initial = {}
    if known is not None:
        initial = {
            "name": known.name,
            "kind": known.kind,
            "municipality": known.municipality_id,
            "other_names": ", ".join(known.other_names),
            "phone": known.phone,
        }
    form = OrganisationForm(request.POST or None, initial=initial, viewer=request.viewer)
    if request.method == "POST" and form.is_valid():
        try:
            saved = operations.save_organisation(
                organisation=known, by=request.viewer, **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("%(name)s was saved.") % {"name": saved.name})
            return redirect("accounts:organisations")
    return render(request, "accounts/organisation.html", {"form": form, "organisation": known})


@requires(Permission.MANAGE_ACCOUNTS)
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Who works in the region, in which role; ended roles stay visible for the yearly review."""
    rows = (
        Membership.objects.visible_to(request.viewer, Permission.MANAGE_ACCOUNTS)
        .select_related("user", "organisation")
        .order_by("organisation__name", "user__name", "pk")
    )
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    return render(request, "accounts/accounts.html", {"page": page})


@requires(Permission.MANAGE_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def add_account(request: HttpRequest) -> HttpResponse:
    form = MembershipForm(request.POST or None, viewer=request.viewer)
    if request.method == "POST" and form.is_valid():
        try:
            membership, first = operations.add_membership(by=request.viewer, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return render(
                request,
                "accounts/account_added.html",
                {"membership": membership, "first_password": first},
            )
    return render(request, "accounts/add_account.html", {"form": form})


@requires(Permission.MANAGE_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def end_membership(request: HttpRequest, ref: str) -> HttpResponse:
    """Asks first, then takes the role away at once."""
    membership = get_object_or_404(
        Membership.objects.visible_to(request.viewer, Permission.MANAGE_ACCOUNTS).select_related(
            "user", "organisation"
        ),
        ref=ref,
    )
    if request.method == "POST":
        try:
            operations.end_membership(membership=membership, by=request.viewer)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("The role has ended."))
        return redirect("accounts:accounts")
    return render(request, "accounts/end_membership.html", {"membership": membership})


@requires(Permission.SEE_AUDIT)
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """What was done in the region: who, what, when; no client content."""
    entries = (
        AuditEntry.objects.visible_to(request.viewer, Permission.SEE_AUDIT)
        .select_related("user", "organisation")
        .order_by("-at", "-pk")
    )
    organisation_ref = request.GET.get("organisation", "")
    parties = Organisation.objects.filter(regions=request.viewer.region_id)
    chosen = next((o for o in parties if str(o.ref) == organisation_ref), None)
    if chosen is not None:
        entries = entries.filter(organisation=chosen)
    page = Paginator(entries, 50).get_page(request.GET.get("page"))
    rows = [
        {
            "at": entry.at,
            "who": entry.user.name if entry.user else _("the system"),
            "organisation": entry.organisation.name if entry.organisation else "",
            "role": entry.get_role_display(),
            "what": operation_words(entry.operation),
            "object": str(entry.object_ref)[:8] if entry.object_ref else "",
        }
        for entry in page
    ]
    return render(
        request,
        "accounts/audit.html",
        {"page": page, "rows": rows, "organisations": parties, "chosen": chosen},
    )
