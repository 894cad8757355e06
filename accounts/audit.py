"""Writes what was done, and who looked; both in the transaction of the deed itself."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from accounts.access import Purpose, Viewer
from accounts.models import AuditEntry, ReadEntry


def record(operation: str, thing: models.Model, *, by: Viewer | None, **facts: Any) -> None:
    """Note that `operation` was done to `thing`; `by` is None for a job.

    Facts are codes, days and counts, never a name or a text about a person.
    """
    AuditEntry.objects.bulk_create([entry(operation, thing, by=by, **facts)])


def record_many(entries: Iterable[AuditEntry]) -> None:
    """Write what `entry` made, for operations that take many rows."""
    AuditEntry.objects.bulk_create(entries, batch_size=2000)


def entry(operation: str, thing: models.Model, *, by: Viewer | None, **facts: Any) -> AuditEntry:
    """The row that `record` writes; operations that take many rows write many at once."""
    return AuditEntry(
        operation=operation,
        object_type=thing._meta.label_lower,
        object_ref=getattr(thing, "ref", None),
        region_id=by.region_id if by else getattr(thing, "region_id", None),
        user_id=by.user_id if by else None,
        organisation_id=by.organisation_id if by else None,
        role=by.role if by else "",
        facts=facts,
    )


def happened(
    *,
    region_id: int,
    after: datetime | None,
    nouns: Iterable[str],
    without: Collection[str] = (),
) -> bool:
    """Whether anything was done in the region to one of these nouns; None means ever.

    Jobs ask it to find out whether what they computed is still about the region as it is.
    """
    about = Q(pk__in=[])
    for noun in nouns:
        about |= Q(operation__startswith=f"{noun}.")
    entries = AuditEntry.objects.filter(about, region=region_id).exclude(operation__in=without)
    if after is not None:
        entries = entries.filter(at__gt=after)
    return entries.exists()


def last_by(operation: str, refs: Iterable[UUID]) -> dict[UUID, AuditEntry]:
    """Who did this to each of these records last, by the ref of the record."""
    entries = AuditEntry.objects.filter(operation=operation, object_ref__in=list(refs))
    return {
        entry.object_ref: entry
        for entry in entries.select_related("user").order_by("at", "pk")
        if entry.object_ref
    }


def record_looks(
    client_refs: Iterable[UUID],
    *,
    by: Viewer,
    purpose: Purpose,
    fields: Sequence[str],
    action: str = "R",
    occasion: str = "",
) -> None:
    """Note for each client that `by` saw these kinds of data. No log, no data: same transaction."""
    ReadEntry.objects.bulk_create(
        ReadEntry(
            client_ref=ref,
            action=action,
            purpose=purpose,
            region_id=by.region_id,
            user_id=by.user_id,
            organisation_id=by.organisation_id,
            role=by.role,
            fields=list(fields),
            occasion=occasion,
        )
        for ref in client_refs
    )
