"""How long somebody looked before deciding: a signed moment that travels with the form.

The form carries its own moment, so two tabs, the back button and a form that comes back with an
error each keep the one at which they were opened. A moment that is missing, was changed, or
belongs to another pair or another person is no moment: the decision stands, its time is unknown.
"""

from datetime import datetime

from django.core import signing
from django.utils import timezone

from accounts.access import Viewer
from housing.models import MatchPair

_SALT = "housing.considering"


def opened(pair: MatchPair, viewer: Viewer, *, at: datetime | None = None) -> str:
    """What a form about this pair carries from the moment it is opened."""
    moment = int((at or timezone.now()).timestamp())
    return signing.dumps([str(pair.ref), viewer.user_id, moment], salt=_SALT)


def seconds_since(token: str | None, pair: MatchPair, viewer: Viewer) -> int | None:
    """Whole seconds since the form was opened; None where that cannot be known."""
    try:
        ref, user_id, moment = signing.loads(token or "", salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    if (ref, user_id) != (str(pair.ref), viewer.user_id):
        return None
    seconds = int(timezone.now().timestamp()) - moment
    return seconds if seconds >= 0 else None
