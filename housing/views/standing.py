"""A page that is older than the proposal: nothing is written, and the proposal shows why."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from housing.models import Proposal
from housing.projections import last_step
from housing.views.steps import states_for
from regions import formats


def out_of_step(request: HttpRequest, found: Proposal, step: str) -> HttpResponse | None:
    """The way back to the proposal when this page was drawn too early or is opened too late."""
    if request.method == "POST" and request.POST.get("seen") != found.state:
        return already_recorded(request, found)
    if found.state in states_for(step):
        return None
    return not_now(request, found)


def already_recorded(request: HttpRequest, found: Proposal) -> HttpResponse:
    """Somebody was earlier: who, when and what stands in the message."""
    said = _("Somebody recorded this in the meantime. Nothing was changed.")
    last = last_step(found)
    if last is not None:
        said += " " + _("Last recorded on %(day)s by %(party)s: %(step)s.") % {
            "day": formats.day(last.on),
            "party": last.organisation,
            "step": last.label,
        }
    messages.warning(request, said)
    return redirect(found)


def not_now(request: HttpRequest, found: Proposal) -> HttpResponse:
    """The step is not one of those that are possible where the proposal stands."""
    messages.info(
        request,
        _("This proposal now stands at “%(state)s”; that step is not possible now.")
        % {"state": found.get_state_display()},
    )
    return redirect(found)
