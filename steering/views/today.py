"""The first page: what needs this viewer today."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.access import Permission, Role, requires
from regions.clock import today
from steering.today import beside, groups, work_items

# Whoever reads figures instead of working cases starts with the figures.
STARTS_WITH_OVERVIEW = {Role.STEERING_MEMBER, Role.CLIENT_REPRESENTATIVE}
# What somebody without a work list comes for.
COMES_FOR = {
    Role.PRIVACY_OFFICER: ("accounts:audit", _("What was done")),
    Role.ADMINISTRATOR: ("accounts:accounts", _("Accounts")),
}


@requires(Permission.SEE_TODAY)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    if viewer.role in STARTS_WITH_OVERVIEW:
        return redirect("steering:dashboard")
    items = work_items(viewer)
    actions = []
    if viewer.role in COMES_FOR:
        name, label = COMES_FOR[viewer.role]
        actions = [{"label": label, "url": reverse(name)}]
    return render(
        request,
        "steering/today.html",
        {
            "day": today(),
            "groups": groups(items),
            "total": len(items),
            "late": sum(item.group == "overdue" for item in items),
            "beside": beside(viewer),
            "empty_actions": actions,
        },
    )
