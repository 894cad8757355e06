"""A page to hand over: what the matching means for one client, said to that client.

Only what concerns this person is read: their own row or pair of the last matching, and a proposal
that a person made. What no person has decided yet is promised to nobody, so it is not told.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.access import Permission, Viewer
from housing.client_words import pair_for_client, unmatched_for_client
from housing.lifecycle import LIVE, WAITS_FOR_TABLE
from housing.matching_words import Names
from housing.models import MatchPair, MatchRun, Placement, Proposal, UnmatchedClient
from outflow.lifecycle import BEFORE_GATE, ROUTES_WITHOUT_GATE
from outflow.models import Client
from regions.models import RunState


@dataclass(frozen=True, slots=True)
class Letter:
    """Short sentences for one person: `title` is the question that they answer."""

    title: str
    sentences: list[str]
    matched_on: date | None = None


def letter_for(client: Client, viewer: Viewer) -> Letter:
    """Why this home, or why not yet; `client` is one that the viewer may explain to."""
    names = Names(client.region_id)
    proposal = (
        Proposal.objects.visible_to(viewer, Permission.SEE_PROPOSALS)
        .filter(client=client, state__in=LIVE)
        .select_related("pair__run")
        .first()
    )
    if proposal is not None:
        return _why_this_home(proposal, names)
    if Placement.objects.filter(client=client).running().exists():
        return Letter(_("Your home"), [_("You have a home.")])
    run = (
        MatchRun.objects.filter(region_id=client.region_id, state=RunState.DONE)
        .order_by("-finished_at", "-pk")
        .first()
    )
    return _why_not_yet(client, run, names)


def _why_this_home(proposal: Proposal, names: Names) -> Letter:
    pair = proposal.pair
    title = _("Why this home")
    if pair is None or pair.dwelling_id != proposal.dwelling_id:
        chosen = _("Somebody of the region chose this home for you.")
        return Letter(title, [chosen, _("Your care worker can tell you why.")])
    return Letter(title, pair_for_client(pair.reasons, names), pair.run.as_of)


def _why_not_yet(client: Client, run: MatchRun | None, names: Names) -> Letter:
    title = _("Why you have no home yet")
    if run is None:
        return Letter(title, _does_not_take_part(client))
    # A pair that nobody decided about is no promise: that there is one is all that is told.
    paired = MatchPair.objects.filter(run=run, client=client).exists()
    row = UnmatchedClient.objects.filter(run=run, client=client).first()
    if paired:
        undecided = [_("There may be a home for you."), _("A person still has to decide about it.")]
        return Letter(title, undecided, run.as_of)
    if row is None:
        return Letter(title, _does_not_take_part(client), run.as_of)
    if row.why == WAITS_FOR_TABLE:
        sentences = [
            _("You said no to a home."),
            _("People of the region now talk about what happens next."),
        ]
    elif row.advice:
        sentences = unmatched_for_client(row.advice, names)
    else:
        sentences = [
            _("There is no home for you yet."),
            _("We are still working out why. Ask again tomorrow."),
        ]
    return Letter(title, sentences, run.as_of)


def _does_not_take_part(client: Client) -> list[str]:
    if not hasattr(client, "functional_profile"):
        return [
            _("Your care worker has not written down yet what home you need."),
            _("Do this together. Then we can look for a home."),
        ]
    phase = getattr(client, "phase", None)
    if phase in BEFORE_GATE and client.route not in ROUTES_WITHOUT_GATE:
        return [
            _("You are not ready to move yet."),
            _("Talk with your care worker about what you still need."),
        ]
    return [_("We have not looked for a home for you yet. Ask again tomorrow.")]
