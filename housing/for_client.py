"""Why this home, or why no home yet, for the person concerned: on paper, by the care worker.

Of the last matching only what is about this person is told: no case code, nobody else, and no home
before a person proposed it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import Permission, Purpose, Viewer
from accounts.context import asking_as
from housing.client_words import pair_for_client, unmatched_for_client
from housing.lifecycle import LIVE, WAITS_FOR_TABLE
from housing.matching_words import Names
from housing.models import MatchPair, MatchRun, Placement, Proposal, UnmatchedClient
from housing.possibilities import Possibilities
from housing.projections import see_proposals_of
from outflow.lifecycle import WAITING
from outflow.models import Client
from regions.models import RunState

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Explained:
    """One page: its title, and sentences that each stand alone."""

    title: str
    sentences: list[str]
    # The day of the matching that is told of; None where none is.
    day: date | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the last matching found for one person."""

    day: date
    has_pair: bool
    left: UnmatchedClient | None


def explain(client: Client, viewer: Viewer, names: Names) -> Explained:
    """What the person may know; that it was asked stands in the log."""
    audit.record_looks([client.ref], by=viewer, purpose=Purpose.MATCHING, fields=["explanation"])
    proposal = (
        Proposal.objects.visible_to(viewer, Permission.SEE_PROPOSALS)
        .filter(client=client, state__in=LIVE)
        .order_by("-proposed_on", "-pk")
        .first()
    )
    if proposal is not None:
        return _this_home(proposal, viewer, names)
    return _no_home(client, names)


def _this_home(proposal: Proposal, viewer: Viewer, names: Names) -> Explained:
    seen = next(p for p in see_proposals_of(proposal.client, viewer) if p.code == proposal.code)
    reasons, day = _reasons(proposal)
    sentences = [
        _("There is a home that you may be able to get."),
        _("The home is in %(place)s.") % {"place": seen.dwelling.district},
        *pair_for_client(reasons, names),
        _("A person chose this home for you. The computer only helped to look."),
        _("You may say no. Talk with your care worker about what happens then."),
    ]
    return Explained(_("Why this home"), sentences, day)


def _reasons(proposal: Proposal) -> tuple[list[Facts], date | None]:
    """What spoke for this home, from the matching in which it was found."""
    if proposal.pair_id is None:
        return [], None
    with asking_as(proposal.region_id, job="match"):
        pair = MatchPair.objects.filter(pk=proposal.pair_id).select_related("run").first()
        if pair is None:
            return [], None
        if proposal.follows_matching:
            return pair.reasons, pair.run.as_of
        # A person chose otherwise: what spoke for that home is worked out from the same picture.
        client, home = str(proposal.client.ref), str(proposal.dwelling.ref)
        return (
            Possibilities.of(pair.run).reasons_for(client, [home]).get(home, []),
            pair.run.as_of,
        )


def _no_home(client: Client, names: Names) -> Explained:
    title = _("Why there is no home for you yet")
    if Placement.objects.filter(person_id=client.person_id).running().exists():
        return Explained(_("Your home"), [_("You have a home already.")], None)
    found = _outcome(client)
    if found is None:
        return Explained(title, _takes_no_part(client), None)
    if found.has_pair:
        sentences = [
            _("It is not decided yet if there is a home for you."),
            _("The computer looked for a home. Now people look at what it found."),
            _("As soon as they decide, your care worker hears it and tells you."),
        ]
    elif found.left is not None and found.left.why == WAITS_FOR_TABLE:
        sentences = [
            _("You said no to a home that was offered to you."),
            _("The people who decide first talk about what happens now."),
            _("Talk with your care worker about what you want to tell them."),
        ]
    elif found.left is not None and found.left.advice:
        sentences = unmatched_for_client(found.left.advice, names)
    else:
        sentences = [
            _("There is no home for you yet."),
            _("Why not, and what would help, is still being worked out. Ask again tomorrow."),
        ]
    return Explained(title, sentences, found.day)


def _outcome(client: Client) -> _Outcome | None:
    """What the last matching found, whichever registration it looked at."""
    with asking_as(client.region_id, job="match"):
        run = (
            MatchRun.objects.filter(region=client.region_id, state=RunState.DONE)
            .order_by("-finished_at", "-pk")
            .first()
        )
        if run is None:
            return None
        together = Q(person_id=client.person_id)
        if client.household_id is not None:
            together |= Q(household_id=client.household_id)
        keys = Client.objects.filter(together, region=client.region_id).values("pk")
        has_pair = MatchPair.objects.filter(run=run, client__in=keys).exists()
        left = UnmatchedClient.objects.filter(run=run, client__in=keys).first()
    if not has_pair and left is None:
        return None
    return _Outcome(run.as_of, has_pair, left)


def _takes_no_part(client: Client) -> list[str]:
    """Why the last matching did not look for this person, as far as it is known here."""
    if getattr(client, "functional_profile", None) is None:
        return [
            _("Nobody looks for a home for you yet."),
            _("First it must be written down what kind of home you need."),
            _("Do this together with your care worker."),
        ]
    if getattr(client, "phase", "") not in WAITING:
        return [
            _("Nobody looks for a home for you yet."),
            _("That begins as soon as you are ready, or nearly ready, to move."),
            _("Talk with your care worker about what you still want to learn or arrange."),
        ]
    return [
        _("The last time that homes were divided, you did not take part yet."),
        _("The next time you do. That is tonight at the latest."),
    ]
