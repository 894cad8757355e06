"""The page of one client: everything the viewer may see of the way home, from care to key."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Permission, Purpose, Role, Viewer, requires
from housing.projections import see_proposals_of
from housing.waiting_for_table import waits_for_table
from outflow.arrangement import see_arrangement, sentence_of
from outflow.filters import Bounds
from outflow.lifecycle import Phase
from outflow.looks import looks_at
from outflow.models import Client
from outflow.operations import UNDO_WITHIN
from outflow.projections import needs_identity
from outflow.rows import age_of, waiting
from outflow.views.clients import list_title
from steering import clientpage

RECENT_LOOKS = 5
# Why each role opens this page; it stands in the log that the client may read.
PURPOSES = {
    Role.ACCESS_OFFICER: Purpose.ARRANGEMENT,
    Role.COORDINATOR: Purpose.MATCHING,
}


@requires(Permission.SEE_CLIENTS)
@require_GET
def client(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    clients = Client.objects.visible_to(viewer, Permission.SEE_CLIENTS).for_list().with_need()
    if needs_identity(viewer):
        clients = clients.with_identity()
    found = get_object_or_404(clients, ref=ref)
    seen = found.as_seen_by(viewer, purpose=PURPOSES.get(viewer.role, Purpose.CASELOAD))
    spells = list(found.spells.select_related("client").order_by("from_on", "pk"))
    proposals = see_proposals_of(found, viewer)
    proposal = clientpage.current(proposals)
    bounds = Bounds.of(viewer)
    days, scores = clientpage.score_table(seen.zrm or ())
    parts = see_arrangement(found, viewer)
    offers = {
        name: clientpage.may(found, viewer, permission)
        for name, permission in (
            ("readiness", Permission.UPDATE_READINESS),
            ("need", Permission.UPDATE_NEED),
            ("arrangement", Permission.UPDATE_ARRANGEMENT),
            ("looks", Permission.FIELD_READ_LOG),
            ("explain", Permission.EXPLAIN_MATCHING),
        )
    }
    is_present = bool(seen.phase)
    return render(
        request,
        "steering/client.html",
        {
            "list_title": list_title(viewer.role),
            "client": seen,
            "clock": waiting(seen, bounds),
            "age": age_of(seen.checked_on, bounds),
            "phases": clientpage.phase_line(spells, proposal),
            "earlier": clientpage.earlier_courses(spells),
            "left": clientpage.left_sentence(spells),
            "waits_for_table": waits_for_table(found, viewer),
            "step": clientpage.next_step(found, seen, proposal, viewer),
            "parts": [
                {"seen": part, "url": _part_url(found, part.part) if offers["arrangement"] else ""}
                for part in parts
            ],
            "arrangement_sentence": sentence_of(parts),
            "need": clientpage.need_facts(seen.need, seen.exclusions, seen.provider)
            if seen.need
            else [],
            "care": clientpage.care_facts(seen.care) if seen.care else [],
            "identity": clientpage.identity_facts(seen),
            "days": days,
            "scores": scores,
            "proposals": proposals,
            "looks": looks_at(found, at_most=RECENT_LOOKS) if offers["looks"] else None,
            "looks_label": _("All lines, and a print for the client"),
            "may": offers,
            "may_put_back": offers["readiness"] and _can_be_put_back(found, viewer),
            "may_leave": offers["readiness"] and is_present,
            "may_come_back": offers["readiness"] and seen.phase == Phase.HOUSED,
            "is_present": is_present,
        },
    )


def _part_url(found: Client, part: str) -> str:
    return reverse("outflow:arrangement", args=[found.ref, part])


def _can_be_put_back(found: Client, viewer: Viewer) -> bool:
    """Whether the last record is the viewer's own and recent enough to be put back here."""
    last = found.readiness_records.filter(undone_at=None).first()
    return (
        last is not None
        and last.recorded_by_id == viewer.user_id
        and bool(last.before)
        and timezone.now() - last.recorded_at <= UNDO_WITHIN
    )
