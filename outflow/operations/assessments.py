"""Levels of the Zelfredzaamheid-Matrix: one per domain and day."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Viewer
from outflow.errors import RefusedAt
from outflow.facts import ZrmFacts
from outflow.models import Client, ZrmScore
from outflow.operations.locking import locked
from regions.clock import today


@transaction.atomic
def record_zrm(rows: Sequence[tuple[Client, Sequence[ZrmFacts]]], *, by: Viewer) -> list[Client]:
    """Add levels; a level of the same domain on the same day is corrected. Returns who changed."""
    clients = locked((client for client, _ in rows), by, Permission.UPDATE_READINESS)
    if any(score.assessed_on > today() for _, scores in rows for score in scores):
        raise RefusedAt("assessed_on", _("This day has not come yet. Choose today or earlier."))
    return write_zrm([(clients[client.pk], scores) for client, scores in rows], by=by)


def write_zrm(rows: Sequence[tuple[Client, Sequence[ZrmFacts]]], *, by: Viewer) -> list[Client]:
    """The same for clients that are locked already."""
    known = {
        (score.client_id, score.domain, score.assessed_on): score
        for score in ZrmScore.objects.filter(client__in=[client.pk for client, _ in rows])
    }
    new: list[ZrmScore] = []
    corrected: list[ZrmScore] = []
    changed: dict[int, Client] = {}
    for client, scores in rows:
        for facts in scores:
            score = known.get((client.pk, facts.domain, facts.assessed_on))
            if score is None:
                new.append(
                    ZrmScore(
                        client=client,
                        domain=facts.domain,
                        level=facts.level,
                        assessed_on=facts.assessed_on,
                        version=facts.version,
                        assessor=facts.assessor,
                    )
                )
            elif score.level != facts.level or score.version != facts.version:
                score.level, score.version = facts.level, facts.version
                score.assessor = facts.assessor or score.assessor
                corrected.append(score)
            else:
                continue
            changed[client.pk] = client
    ZrmScore.objects.bulk_create(new, batch_size=5000)
    ZrmScore.objects.bulk_update(corrected, ["level", "version", "assessor"], batch_size=1000)
    audit.record_many(
        [audit.entry("client.zrm_recorded", client, by=by) for client in changed.values()]
    )
    return list(changed.values())
