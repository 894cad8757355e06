"""Who and what a matching left over: for each the reason, and what would help first."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.access import Permission, Purpose, Viewer
from housing.advice_words import (
    gain_in_words,
    grounds_in_words,
    in_the_way,
    left_in_words,
    unused_in_words,
)
from housing.lifecycle import WAITS_FOR_TABLE
from housing.matching_words import Names
from housing.models import Dwelling, MatchRecord, MatchRun, SupportOffer, UnmatchedClient
from housing.outcomes import homes_by_ref, unused_rows
from housing.projections import DwellingSeen
from housing.shortage_words import (
    Nearest,
    Scarce,
    left_over,
    left_to_table,
    left_without,
    nearest_to_name,
    nothing_fits,
)
from housing.trying import Change, from_steps
from outflow.filters import Bounds
from outflow.models import Client
from outflow.projections import ClientSeen, see_clients
from outflow.rows import waiting
from regions.marks import Clock


@dataclass(frozen=True, slots=True)
class LeftSeen:
    """Somebody without a proposal: why, and the nearest change that would help."""

    client: ClientSeen
    clock: Clock
    scarce: Scarce
    # What else stood in the way, and what the change does for everybody together.
    also: list[str]
    gain: str
    trial: list[Change]


@dataclass(frozen=True, slots=True)
class UnusedSeen:
    """A dwelling without a proposal, why, and what would make it fit somebody."""

    dwelling: DwellingSeen
    why: str
    in_the_way: str
    change: str


# Why somebody has no proposal, as a page parts them; somebody may stand in two of them.
FITS, FIRST, FULL, PROMISED, TABLE = "fits", "first", "full", "promised", "table"
GROUNDS = {
    FIRST: ["more_urgent", "longer_waiting", "same_standing", "for_the_whole", "not_proven"],
    FULL: ["support_full", "guidance_full", "neighbourhood_full", "quota_full"],
    PROMISED: ["promised"],
}
# The same, roughly, from the matching itself: as long as the grounds are being worked out.
BEFORE_ADVICE = {FIRST: "outcompeted", FULL: "no_capacity", PROMISED: "no_capacity"}


def unmatched_of(run: MatchRun) -> QuerySet[UnmatchedClient]:
    """Most urgent and longest waiting first, as the run wrote them."""
    return UnmatchedClient.objects.filter(run=run).order_by("pk")


def unmatched_because(run: MatchRun, part: str) -> QuerySet[UnmatchedClient]:
    """Those of whom this is why; everybody without such a part."""
    found = unmatched_of(run)
    match part:
        case "fits":
            return found.filter(why="no_eligible_dwelling")
        case "table":
            return found.filter(why=WAITS_FOR_TABLE)
        case "first" | "full" | "promised":
            told = Q(advice__grounds__has_any_keys=GROUNDS[part])
            return found.filter(told | Q(advice={}, why=BEFORE_ADVICE[part]))
    return found


def see_unmatched(rows: Iterable[UnmatchedClient], viewer: Viewer, names: Names) -> list[LeftSeen]:
    rows = list(rows)
    found = Client.objects.visible_to(viewer, Permission.SEE_CLIENTS).for_list()
    clients = {client.pk: client for client in found.filter(pk__in=[r.client_id for r in rows])}
    seen = {one.ref: one for one in see_clients(clients.values(), viewer, purpose=Purpose.MATCHING)}
    nearest = _nearest(rows, clients)
    bounds = Bounds.of(viewer)
    left = []
    for row in rows:
        client = clients.get(row.client_id)
        if client is None:
            continue
        need = getattr(client, "functional_profile", None)
        if row.why == WAITS_FOR_TABLE:
            scarce = left_to_table(client.ref)
        elif row.advice:
            scarce = left_in_words(row.advice, names)
            if row.why == "no_eligible_dwelling":
                # What the nearest home lacks tells more than that none fits.
                fits_not = nothing_fits(nearest.get(row.pk), need, names)
                scarce = replace(scarce, why=fits_not.why)
        elif row.why == "no_eligible_dwelling":
            scarce = nothing_fits(nearest.get(row.pk), need, names)
        else:
            scarce = left_without(
                row.blocked_by,
                promised=row.why == "no_capacity",
                competed=row.why == "outcompeted",
                names=names,
            )
        shown = seen[client.ref]
        clock = waiting(shown, bounds) or Clock("", _("not ready yet"), "")
        advice = row.advice or {"grounds": {}, "change": None}
        change = advice["change"]
        left.append(
            LeftSeen(
                client=shown,
                clock=clock,
                scarce=scarce,
                also=grounds_in_words(advice["grounds"])[1:],
                gain=gain_in_words(change["gain"]) if change else "",
                trial=from_steps(str(client.ref), change["steps"]) if change else [],
            )
        )
    return left


def _nearest(rows: list[UnmatchedClient], clients: dict[int, Client]) -> dict[int, Nearest]:
    """Per row the nearest dwelling that may be named, with the support it lacks."""
    chosen = {row.pk: found for row in rows if (found := nearest_to_name(row.nearest))}
    homes = {
        str(home.ref): home
        for home in Dwelling.objects.filter(
            ref__in=[found["dwelling"] for found in chosen.values()]
        ).select_related("municipality", "neighbourhood")
    }
    kinds = _kinds_with_room({home.neighbourhood_id for home in homes.values()})
    result = {}
    for row in rows:
        found = chosen.get(row.pk)
        home = homes.get(found["dwelling"]) if found else None
        if found is None or home is None:
            continue
        need = getattr(clients.get(row.client_id), "functional_profile", None)
        asked = need.support if need else ()
        there = kinds.get(home.neighbourhood_id, set())
        result[row.pk] = Nearest(
            municipality=home.municipality.code,
            neighbourhood=str(home.neighbourhood.ref) if home.neighbourhood else "",
            form=home.form,
            failed=tuple(found["failed"]),
            missing_support=tuple(kind for kind in asked if kind not in there),
        )
    return result


def _kinds_with_room(neighbourhoods: set[int | None]) -> dict[int | None, set[str]]:
    offers = (
        SupportOffer.objects.running()
        .filter(neighbourhood_id__in=[key for key in neighbourhoods if key is not None])
        .order_by()
        .values("neighbourhood_id", "kind")
        .annotate(free=Sum(F("places") - F("in_use")))
        .filter(free__gte=1)
    )
    found: dict[int | None, set[str]] = {}
    for row in offers:
        found.setdefault(row["neighbourhood_id"], set()).add(row["kind"])
    return found


def unused_of(run: MatchRun) -> list[dict[str, Any]]:
    """Rows of the dwellings for which nobody was proposed; those that fit people come first."""
    return sorted(unused_rows(run), key=lambda row: (-row["candidates"], row["dwelling"]))


def see_unused(
    rows: Iterable[dict[str, Any]], run: MatchRun, viewer: Viewer, names: Names
) -> list[UnusedSeen]:
    rows = list(rows)
    homes = homes_by_ref(viewer, [row["dwelling"] for row in rows])
    advice = _advice_on_homes(run)
    found = []
    for row in rows:
        if row["dwelling"] not in homes:
            continue
        told = advice.get(row["dwelling"], {"failed": {}, "nearest": None})
        found.append(
            UnusedSeen(
                homes[row["dwelling"]],
                left_over(row["why"], row["candidates"]),
                in_the_way=in_the_way(told["failed"]),
                change=unused_in_words(told, names),
            )
        )
    return found


def _advice_on_homes(run: MatchRun) -> dict[str, dict[str, Any]]:
    """Per dwelling what it lacked, where that is worked out."""
    rows = MatchRecord.objects.filter(run=run).values_list("advice__unused", flat=True).first()
    return {row["dwelling"]: row for row in rows or []}
