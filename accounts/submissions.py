"""A double click, the back button, a page sent twice: the same form does its work once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Submission

KEPT = timedelta(days=3)


def once(request: HttpRequest, work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Do the work of a form unless this very form was already carried out.

    Runs inside the transaction of the view: of two equal forms at one moment the second waits for
    the first and then finds its token. A form that was not carried out (an error on it, a refusal)
    leaves no token and can be sent again.
    """
    token = _token(request)
    if token is None:
        return work()
    sent, is_first = Submission.objects.get_or_create(
        token=token, defaults={"user_id": request.viewer.user_id}
    )
    if not is_first:
        messages.info(request, _("This form was already sent; it was carried out once."))
        return redirect(sent.location or request.path)
    answer = work()
    if isinstance(answer, HttpResponseRedirect):
        Submission.objects.filter(pk=token).update(location=answer.url[:500])
    else:
        sent.delete()
    return answer


def forget_old() -> int:
    """Tokens are kept for a few days; returns how many went."""
    gone, _by_model = Submission.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return gone


def _token(request: HttpRequest) -> UUID | None:
    if request.method != "POST":
        return None
    try:
        return UUID(request.POST.get("submission", ""))
    except ValueError:
        return None
