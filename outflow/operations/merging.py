"""Registrations that may be one person: found by tokens, confirmed by providers, decided by people.

A merge moves `Client.person` only and can be undone. Nothing is ever merged in silence.
"""

from collections.abc import Sequence

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from accounts.context import working_for
from outflow.errors import NotAllowed, Refused
from outflow.models import Client, LikelyDuplicate, Person

# Two registrations at different providers whose surname sounds the same and whose birth date is
# the same, unless their initials differ: twins share the first two.
_FIND = """
INSERT INTO outflow_likelyduplicate
  (ref, region_id, first_id, second_id, agreeing, found_at, verdict)
SELECT gen_random_uuid(), f.region_id, f.id, s.id,
       ARRAY['surname', 'born'] || CASE WHEN a.initial_token = b.initial_token
                                        THEN ARRAY['initial'] ELSE ARRAY[]::text[] END,
       now(), ''
FROM outflow_identity a
JOIN outflow_identity b ON b.surname_token = a.surname_token AND b.born_token = a.born_token
JOIN outflow_client f ON f.id = a.client_id
JOIN outflow_client s ON s.id = b.client_id
WHERE f.id < s.id AND f.region_id = %(region)s AND s.region_id = %(region)s
  AND f.provider_id <> s.provider_id AND f.person_id <> s.person_id
  AND (a.initial_token IS NULL OR b.initial_token IS NULL OR a.initial_token = b.initial_token)
  AND (%(everybody)s OR f.id = ANY(%(among)s) OR s.id = ANY(%(among)s))
ON CONFLICT ON CONSTRAINT duplicate_pair_once DO NOTHING
"""


def find_likely_duplicates(*, region_id: int, among: Sequence[int] | None = None) -> int:
    """Put pairs on the list that are not there yet, and return how many; a job, outside any viewer.

    `among` limits the search to pairs with one of these clients, after a registration.
    """
    with working_for(region_id, job="duplicates"), connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            {"region": region_id, "everybody": among is None, "among": list(among or [])},
        )
        return int(cursor.rowcount)


@transaction.atomic
def confirm_duplicate(*, duplicate: LikelyDuplicate, same: bool, by: Viewer) -> LikelyDuplicate:
    """A provider says of its own registration whether the client is the same person elsewhere."""
    duplicate = _locked(duplicate, by)
    if duplicate.verdict:
        raise Refused(_("The coordinator has already decided about these two."))
    own = Client.objects.filter(provider_id=by.organisation_id)
    mine = set(
        own.filter(pk__in=(duplicate.first_id, duplicate.second_id)).values_list("pk", flat=True)
    )
    if not mine:
        raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))
    if duplicate.first_id in mine:
        duplicate.first_confirms = same
    if duplicate.second_id in mine:
        duplicate.second_confirms = same
    duplicate.save(update_fields=["first_confirms", "second_confirms"])
    audit.record("duplicate.confirmed", duplicate, by=by, same=same)
    return duplicate


@transaction.atomic
def merge(*, duplicate: LikelyDuplicate, by: Viewer) -> LikelyDuplicate:
    """Both registrations are one person from now on: after both providers said so."""
    duplicate = _locked(duplicate, by)
    first, second = _both(duplicate)
    if duplicate.verdict == LikelyDuplicate.Verdict.SAME:
        return duplicate
    if not (duplicate.first_confirms and duplicate.second_confirms):
        raise Refused(_("Both providers must first confirm that it is the same person."))
    duplicate.second_person_before = second.person
    second.person = first.person
    second.save(update_fields=["person"])
    return _decide(duplicate, LikelyDuplicate.Verdict.SAME, by=by)


@transaction.atomic
def keep_apart(*, duplicate: LikelyDuplicate, by: Viewer) -> LikelyDuplicate:
    """They are two people; the pair does not come back on the list."""
    duplicate = _locked(duplicate, by)
    if duplicate.verdict == LikelyDuplicate.Verdict.SAME:
        raise Refused(_("These two are merged. Undo that first."))
    _both(duplicate)
    return _decide(duplicate, LikelyDuplicate.Verdict.DIFFERENT, by=by)


@transaction.atomic
def undo_decision(*, duplicate: LikelyDuplicate, by: Viewer) -> LikelyDuplicate:
    """Back on the list; a merged registration gets the person it had before."""
    duplicate = _locked(duplicate, by)
    _first, second = _both(duplicate)
    if duplicate.verdict == LikelyDuplicate.Verdict.SAME:
        before = duplicate.second_person_before or Person.objects.create(
            region_id=duplicate.region_id
        )
        second.person = before
        second.save(update_fields=["person"])
    duplicate.verdict = ""
    duplicate.second_person_before = None
    duplicate.decided_at = duplicate.decided_by = None
    duplicate.save()
    audit.record("duplicate.reopened", duplicate, by=by)
    return duplicate


def _decide(
    duplicate: LikelyDuplicate, verdict: LikelyDuplicate.Verdict, *, by: Viewer
) -> LikelyDuplicate:
    duplicate.verdict = verdict
    duplicate.decided_at = timezone.now()
    duplicate.decided_by_id = by.user_id
    duplicate.save()
    audit.record("duplicate.decided", duplicate, by=by, verdict=verdict)
    return duplicate


def _locked(duplicate: LikelyDuplicate, by: Viewer) -> LikelyDuplicate:
    row = (
        LikelyDuplicate.objects.visible_to(by, Permission.REVIEW_DUPLICATES)
        .select_for_update(of=("self",))
        .filter(pk=duplicate.pk)
        .first()
    )
    if row is None:
        raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))
    return row


def _both(duplicate: LikelyDuplicate) -> tuple[Client, Client]:
    """Both registrations, locked; only a coordinator reaches both."""
    rows = {
        client.pk: client
        for client in Client.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=(duplicate.first_id, duplicate.second_id))
        .order_by("pk")
    }
    if len(rows) != 2:
        raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))
    return rows[duplicate.first_id], rows[duplicate.second_id]
