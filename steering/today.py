"""What needs somebody today: found by asking the facts, never kept in a list of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from accounts.access import Permission, Purpose, Role, Viewer
from housing.lifecycle import ProposalState
from housing.models import Contingent, MatchPair, MatchRun, Proposal, SupportOffer
from lists.models import ImportRow
from outflow.lifecycle import ItemState
from outflow.models import ArrangementItem, Client, LikelyDuplicate
from outflow.projections import needs_identity, see_clients
from regions import formats
from regions.clock import today
from regions.marks import Clock, age_clock, due_clock, waiting_clock
from regions.models import RunState
from regions.rules import rule

# More of one kind than this is one line with a number: the list stays a list one can finish.
MOST_OF_A_KIND = 12
SOON_DAYS = 3


class Step(NamedTuple):
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One matter: how long already, what, why, and the one step that takes it further."""

    title: str
    why: str
    url: str
    step: Step | None = None
    clock: Clock | None = None
    group: str = "can_wait"


class Group(NamedTuple):
    heading: str
    items: list[WorkItem]


def groups(items: list[WorkItem]) -> list[Group]:
    """Over the term, this week, can wait; the longest first in each."""
    headings = {
        "overdue": _("Over the term"),
        "this_week": _("This week"),
        "can_wait": _("Can wait"),
    }
    found = []
    for key, heading in headings.items():
        own = [item for item in items if item.group == key]
        own.sort(key=lambda item: (item.clock.urgency if item.clock else (9, 0), item.title))
        if own:
            found.append(Group(heading, own))
    return found


def work_items(viewer: Viewer) -> list[WorkItem]:
    """All matters that wait for this viewer."""
    items: list[WorkItem] = []
    for topic in TOPICS.get(viewer.role, ()):
        items.extend(topic(viewer))
    return items


def _count(number: int, meaning: str) -> Clock:
    """Where no term runs, the place of the clock says how many there are."""
    return Clock("", formats.number(number), meaning)


def _by_clock(clock: Clock) -> str:
    return {"late": "overdue", "soon": "this_week"}.get(clock.level, "can_wait")


# Clients ----------------------------------------------------------------------------------------


def stale_readiness(viewer: Viewer) -> list[WorkItem]:
    """Clients whose readiness nobody confirmed for longer than the region's rule allows."""
    days = rule(viewer.region_id, "readiness_stale_days", on=today())
    stale = Client.objects.visible_to(viewer, Permission.UPDATE_READINESS).stale(days=days)
    count = stale.count()
    if not count:
        return []
    never = stale.filter(checked_on__isnull=True).count()
    oldest = stale.exclude(checked_on=None).order_by("checked_on").first()
    since = oldest.checked_on if oldest else today() - timedelta(days=days + 1)
    clock = age_clock(since=since, today=today(), old_after_days=days, meaning=_("readiness"))
    why = ngettext(
        "Readiness of %(count)s client is older than %(days)s days.",
        "Readiness of %(count)s clients is older than %(days)s days.",
        count,
    ) % {"count": formats.number(count), "days": days}
    if never:
        why += " " + ngettext(
            "%(count)s of them was never checked.", "%(count)s of them were never checked.", never
        ) % {"count": formats.number(never)}
    url = reverse("outflow:round")
    return [
        WorkItem(
            title=_("Readiness round"),
            why=why,
            url=url,
            step=Step(_("Start the round"), url),
            clock=clock,
            group="overdue",
        )
    ]


def unassigned_clients(viewer: Viewer) -> list[WorkItem]:
    """Clients that only the team leader sees, because nobody looks after them yet."""
    count = (
        Client.objects.visible_to(viewer, Permission.ASSIGN_CLIENTS).present().unassigned().count()
    )
    if not count:
        return []
    title = ngettext(
        "%(count)s client without a care worker", "%(count)s clients without a care worker", count
    ) % {"count": formats.number(count)}
    url = reverse("outflow:assign")
    return [
        WorkItem(
            title=title,
            why=_("Until they are assigned, only the team leader sees them."),
            url=url,
            step=Step(_("Assign clients"), url),
            clock=_count(count, ngettext("client", "clients", count)),
            group="this_week",
        )
    ]


def waiting_without_proposal(viewer: Viewer) -> list[WorkItem]:
    """Clients who are ready and have no proposal, from the first waiting band on."""
    bands = rule(viewer.region_id, "waiting_bands_months", on=today())
    first_bound = today() - timedelta(days=30 * bands[0])
    clients = (
        Client.objects.visible_to(viewer, Permission.SEE_CLIENTS)
        .ready_for_proposal()
        .filter(ready_on__lte=first_bound)
        .longest_waiting_first()
    )
    count = clients.count()
    rows = clients.for_list()[:MOST_OF_A_KIND]
    items = []
    for seen in see_clients(rows, viewer, purpose=Purpose.MATCHING):
        clock = waiting_clock(
            since=seen.ready_on or first_bound,
            today=today(),
            soon_after_months=bands[0],
            late_after_months=bands[1],
        )
        items.append(
            WorkItem(
                title=_("Case %(code)s: ready, no proposal yet") % {"code": seen.label},
                why=_("%(kind)s, %(provider)s. From %(origin)s.")
                % {
                    "kind": capfirst(seen.facility_type),
                    "provider": seen.provider,
                    "origin": seen.origin or _("unknown"),
                },
                url=seen.url,
                step=Step(_("Open case"), seen.url),
                clock=clock,
                group=_by_clock(clock),
            )
        )
    if count > MOST_OF_A_KIND:
        more = count - MOST_OF_A_KIND
        url = reverse("outflow:clients")
        items.append(
            WorkItem(
                title=ngettext(
                    "%(count)s more client waits longer than %(months)s months",
                    "%(count)s more clients wait longer than %(months)s months",
                    more,
                )
                % {"count": formats.number(more), "months": bands[0]},
                why=_("The longest waiting stand above."),
                url=url,
                step=Step(_("All clients"), url),
                clock=_count(more, ngettext("client", "clients", more)),
            )
        )
    return items


def likely_duplicates(viewer: Viewer) -> list[WorkItem]:
    """Registrations that may be one person; people decide."""
    count = (
        LikelyDuplicate.objects.visible_to(viewer, Permission.REVIEW_DUPLICATES).undecided().count()
    )
    if not count:
        return []
    url = reverse("outflow:duplicates")
    return [
        WorkItem(
            title=ngettext(
                "%(count)s pair of registrations may be one person",
                "%(count)s pairs of registrations may be one person",
                count,
            )
            % {"count": formats.number(count)},
            why=_("Counted twice until somebody compares them."),
            url=url,
            step=Step(_("Compare"), url),
            clock=_count(count, ngettext("pair", "pairs", count)),
            group="this_week",
        )
    ]


def arrangement_to_arrange(viewer: Viewer) -> list[WorkItem]:
    """Items of arrangements that the viewer's organisation arranges and that are not done."""
    visible = Client.objects.visible_to(viewer, Permission.UPDATE_ARRANGEMENT)
    open_items = (
        ArrangementItem.objects.filter(
            client__in=visible.values("pk"),
            responsible_id=viewer.organisation_id,
            state__in=[ItemState.MISSING, ItemState.IN_PROGRESS],
            due_on__lte=today() + timedelta(days=14),
        )
        .select_related("client")
        .order_by("due_on", "pk")[:MOST_OF_A_KIND]
    )
    found = list(open_items)
    shown = Client.objects.filter(pk__in={item.client_id for item in found}).for_list()
    if needs_identity(viewer):
        shown = shown.with_identity()
    seen = {s.ref: s for s in see_clients(shown, viewer, purpose=Purpose.ARRANGEMENT)}
    items = []
    for item in found:
        client = seen[item.client.ref]
        clock = due_clock(
            due=item.due_on or today(),
            today=today(),
            soon_within_days=SOON_DAYS,
            meaning=_("until it is needed"),
        )
        items.append(
            WorkItem(
                title=_("%(client)s: %(what)s") % {"client": client.label, "what": item.subject},
                why=_("%(part)s: %(state)s.")
                % {
                    "part": capfirst(item.get_part_display()),
                    "state": item.get_state_display(),
                },
                url=client.url,
                step=Step(_("Open arrangement"), client.url + "#arrangement"),
                clock=clock,
                group=_by_clock(clock),
            )
        )
    return items


# Proposals --------------------------------------------------------------------------------------


# What the running term of a proposal leads to.
UNTIL = {
    ProposalState.PROPOSED: pgettext_lazy("time left", "until an answer"),
    ProposalState.CORPORATION_YES: pgettext_lazy("time left", "until an answer"),
    ProposalState.CLIENT_YES: pgettext_lazy("time left", "until the viewing"),
    ProposalState.VIEWING: pgettext_lazy("time left", "until the contract"),
    ProposalState.CONTRACT: pgettext_lazy("time left", "until the key"),
}


def _proposals(viewer: Viewer, condition: Q, *, permission: Permission) -> list[Proposal]:
    return list(
        Proposal.objects.visible_to(viewer, permission)
        .filter(condition)
        .most_urgent_first()
        .select_related(
            "dwelling__neighbourhood", "dwelling__municipality", "dwelling__corporation"
        )[:MOST_OF_A_KIND]
    )


def _place(proposal: Proposal) -> str:
    part = proposal.dwelling.neighbourhood
    where = part.name if part else proposal.dwelling.municipality.name
    return _("a dwelling in %(place)s") % {"place": where}


def _answer_clock(proposal: Proposal) -> Clock | None:
    if proposal.answer_by is None:
        return None
    return due_clock(
        due=proposal.answer_by,
        today=today(),
        soon_within_days=SOON_DAYS,
        meaning=str(UNTIL[ProposalState(proposal.state)]),
    )


def _item_for(proposal: Proposal, *, title: str, why: str, label: str) -> WorkItem:
    clock = _answer_clock(proposal)
    url = proposal.get_absolute_url()
    return WorkItem(
        title=title % {"code": proposal.code},
        why=why,
        url=url,
        step=Step(label, url),
        clock=clock,
        group=_by_clock(clock) if clock else "this_week",
    )


def proposals_for_corporation(viewer: Viewer) -> list[WorkItem]:
    """What the allocator answers or arranges next, from the first answer to the key."""
    words = {
        ProposalState.PROPOSED: (_("Proposal %(code)s: answer needed"), _("Open proposal")),
        ProposalState.CLIENT_YES: (_("Proposal %(code)s: plan the viewing"), _("Plan viewing")),
        ProposalState.VIEWING: (_("Proposal %(code)s: contract to sign"), _("Record contract")),
        ProposalState.CONTRACT: (_("Proposal %(code)s: key to hand over"), _("Record key")),
    }
    found = _proposals(
        viewer, Q(state__in=list(words)), permission=Permission.ANSWER_FOR_CORPORATION
    )
    return [
        _item_for(
            proposal,
            title=words[ProposalState(proposal.state)][0],
            why=str(proposal.dwelling) + ", " + _place(proposal) + ".",
            label=words[ProposalState(proposal.state)][1],
        )
        for proposal in found
    ]


def proposals_for_client(viewer: Viewer) -> list[WorkItem]:
    """Clients who decide about a dwelling; their care worker records the answer."""
    found = _proposals(
        viewer,
        Q(state=ProposalState.CORPORATION_YES),
        permission=Permission.ANSWER_FOR_CLIENT,
    )
    return [
        _item_for(
            proposal,
            title=_("Proposal %(code)s: the client decides"),
            why=_("The corporation said yes to %(place)s.") % {"place": _place(proposal)},
            label=_("Record answer"),
        )
        for proposal in found
    ]


def overdue_answers(viewer: Viewer) -> list[WorkItem]:
    """Live proposals of the region whose answer is late."""
    found = _proposals(viewer, Q(answer_by__lt=today()), permission=Permission.DECIDE_PROPOSAL)
    live = [p for p in found if p.state in {ProposalState.PROPOSED, ProposalState.CORPORATION_YES}]
    return [
        _item_for(
            proposal,
            title=_("Proposal %(code)s: no answer"),
            why=_("Waits for %(party)s since %(day)s.")
            % {
                "party": proposal.dwelling.corporation.name
                if proposal.state == ProposalState.PROPOSED
                else _("the client"),
                "day": formats.day(proposal.answer_by),
            },
            label=_("Open proposal"),
        )
        for proposal in live
    ]


def pairs_to_decide(viewer: Viewer) -> list[WorkItem]:
    """What the last matching proposes and nobody decided about yet."""
    run = (
        MatchRun.objects.visible_to(viewer, Permission.SEE_MATCHING)
        .filter(state=RunState.DONE)
        .order_by("-finished_at")
        .first()
    )
    if run is None:
        return []
    decided = Proposal.objects.filter(pair__run=run).values("pair_id")
    count = MatchPair.objects.filter(run=run, is_locked=False).exclude(pk__in=decided).count()
    if not count:
        return []
    url = run.get_absolute_url()
    return [
        WorkItem(
            title=ngettext(
                "%(count)s match to decide about", "%(count)s matches to decide about", count
            )
            % {"count": formats.number(count)},
            why=_("Matching of %(day)s. A person decides.") % {"day": formats.day(run.as_of)},
            url=url,
            step=Step(_("Go through matches"), url),
            clock=_count(count, ngettext("match", "matches", count)),
            group="this_week",
        )
    ]


# Promises, support, lists -----------------------------------------------------------------------


def contingents_behind(viewer: Viewer) -> list[WorkItem]:
    """Promises of this year that lag behind the share of the year that has passed."""
    day = today()
    passed = (day - date(day.year, 1, 1)).days / 365
    own = Contingent.objects.visible_to(viewer, Permission.SEE_CONTINGENT).filter(year=day.year)
    behind = [
        c
        for c in own.select_related("corporation", "municipality")
        if c.ceiling >= 4 and c.booked < c.ceiling * passed * 0.75
    ]
    behind.sort(key=lambda c: c.booked - c.ceiling * passed)
    return [
        WorkItem(
            title=_("%(corporation)s is behind in %(municipality)s")
            % {"corporation": c.corporation.name, "municipality": c.municipality.name},
            why=_("%(booked)s of %(agreed)s dwellings accepted this year.")
            % {"booked": formats.number(c.booked), "agreed": formats.number(c.ceiling)},
            url=c.get_absolute_url(),
            step=Step(_("Open contingent"), c.get_absolute_url()),
            clock=Clock(
                "",
                _("%(part)s of %(whole)s") % {"part": c.booked, "whole": c.ceiling},
                pgettext("dwellings", "accepted"),
            ),
        )
        for c in behind[:5]
    ]


def old_support_offers(viewer: Viewer) -> list[WorkItem]:
    """Own support offers whose use was not updated for 30 days."""
    old = (
        SupportOffer.objects.visible_to(viewer, Permission.ENTER_SUPPORT)
        .running()
        .filter(Q(updated_on__isnull=True) | Q(updated_on__lt=today() - timedelta(days=30)))
    )
    count = old.count()
    if not count:
        return []
    url = reverse("housing:neighbourhoods")
    return [
        WorkItem(
            title=ngettext(
                "%(count)s support offer to update", "%(count)s support offers to update", count
            )
            % {"count": formats.number(count)},
            why=_("Nobody confirmed for 30 days how many places are in use."),
            url=url,
            step=Step(_("Update places"), url),
            clock=_count(count, ngettext("offer", "offers", count)),
            group="this_week",
        )
    ]


def rows_set_aside(viewer: Viewer) -> list[WorkItem]:
    """Rows of own lists that a person can still mend."""
    count = (
        ImportRow.objects.set_aside()
        .filter(run__organisation_id=viewer.organisation_id, run__region_id=viewer.region_id)
        .count()
    )
    if not count:
        return []
    url = reverse("lists:imports")
    return [
        WorkItem(
            title=ngettext(
                "%(count)s row of a list is set aside",
                "%(count)s rows of lists are set aside",
                count,
            )
            % {"count": formats.number(count)},
            why=_("They are kept for 30 days; nothing was overwritten."),
            url=url,
            step=Step(_("Mend rows"), url),
            clock=_count(count, ngettext("row", "rows", count)),
        )
    ]


Topic = Callable[[Viewer], list[WorkItem]]

TOPICS: dict[Role, tuple[Topic, ...]] = {
    Role.CARE_WORKER: (proposals_for_client, stale_readiness, arrangement_to_arrange),
    Role.TEAM_LEADER: (
        unassigned_clients,
        proposals_for_client,
        stale_readiness,
        likely_duplicates,
        rows_set_aside,
    ),
    Role.ACCESS_OFFICER: (arrangement_to_arrange,),
    Role.ALLOCATOR: (proposals_for_corporation, rows_set_aside),
    Role.COORDINATOR: (
        overdue_answers,
        pairs_to_decide,
        waiting_without_proposal,
        likely_duplicates,
        contingents_behind,
        rows_set_aside,
    ),
    Role.NEIGHBOURHOOD_WORKER: (old_support_offers,),
}


def beside(viewer: Viewer) -> dict[str, Any]:
    """Facts that stand beside the list: this year's promise, for who may see it."""
    own = Contingent.objects.visible_to(viewer, Permission.SEE_CONTINGENT).filter(year=today().year)
    rows = list(own.values_list("booked", "ceiling"))
    if not rows:
        return {}
    return {
        "year": today().year,
        "booked": sum(booked for booked, _ceiling in rows),
        "agreed": sum(ceiling for _booked, ceiling in rows),
    }
