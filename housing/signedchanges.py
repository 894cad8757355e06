"""Changes as a form carries them along: signed, so that nobody puts in what a form would refuse."""

from collections.abc import Sequence

from django.core import signing

from accounts.access import Viewer
from housing.trying import Change

SALT = "housing.try-out"


def sign(viewer: Viewer, changes: Sequence[Change]) -> str:
    """For a hidden field, of the form that puts changes together or of a button that tries them."""
    return signing.dumps([viewer.region_id, list(changes)], salt=SALT, compress=True)


def unsign(viewer: Viewer, given: str) -> list[Change] | None:
    """The changes, where they were signed for this region; None where they cannot be trusted."""
    try:
        region_id, changes = signing.loads(given, salt=SALT)
    except signing.BadSignature:
        return None
    return list(changes) if region_id == viewer.region_id else None
