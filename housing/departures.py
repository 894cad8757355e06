"""What a coordinator may choose instead of a pair: another dwelling, or another client.

What fits by the rules of the matching comes first; what does not says why. A dwelling in a place
where somebody cannot live is not offered, and nobody is told that this is why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.access import Permission, Purpose, Viewer
from housing.fit import misfits
from housing.lifecycle import LIVE
from housing.matching_words import UNSAID, rules_in_words
from housing.models import Dwelling, MatchPair, Placement, Proposal
from housing.outcomes import last_done, name_of
from housing.possibilities import Possibilities
from housing.projections import see_dwellings
from outflow.models import Client, SharingGround
from outflow.projections import see_clients
from outflow.querysets import ClientQuerySet
from regions import formats
from regions.clock import today

MOST_HOMES = 200
MOST_PEOPLE = 50
HOME, PERSON = "home", "person"


@dataclass(frozen=True, slots=True)
class Instead:
    """One possible choice: `key` is what a form sends, `lacks_ground` what it still has to ask."""

    key: str
    label: str
    lacks_ground: bool


def other_homes(pair: MatchPair, client: Client, viewer: Viewer) -> list[Instead]:
    """Other free dwellings for the client of a pair."""
    free = (
        Dwelling.objects.visible_to(viewer, Permission.SEE_DWELLINGS)
        .free()
        .exclude(pk=pair.dwelling_id)
        .for_list()
        .soonest_first()[:MOST_HOMES]
    )
    failed = Possibilities.of(pair.run).failed_homes(str(client.ref))
    lacks = bool(_lacking([client.pk]))
    found = []
    for home in see_dwellings(free, viewer):
        rules = failed.get(str(home.ref))
        if rules and UNSAID in rules:
            continue
        label = f"{name_of(home)}, {formats.money(home.basic_rent)}: {_how_it_fits(rules)}"
        found.append((bool(rules), Instead(f"{HOME}:{home.ref}", label, lacks)))
    return [choice for _misfits, choice in sorted(found, key=lambda each: each[0])]


def homes_in_words(
    client: Client, homes: Sequence[Dwelling], viewer: Viewer
) -> list[tuple[str, str]]:
    """Free dwellings for a proposal by hand: ref and one line; what fits comes first.

    The last matching says what fits; a dwelling or a client that it did not know is held against
    the functional profile alone.
    """
    run = last_done(viewer)
    known = Possibilities.of(run).failed_homes(str(client.ref)) if run else {}
    need = getattr(client, "functional_profile", None)
    found = []
    for home, seen in zip(homes, see_dwellings(homes, viewer), strict=True):
        rules = known.get(str(home.ref))
        if rules is None and need is not None:
            rules = misfits(need, home)
        if rules and UNSAID in rules:
            continue
        words = _("%(dwelling)s, %(corporation)s, %(rent)s") % {
            "dwelling": name_of(seen),
            "corporation": seen.corporation,
            "rent": formats.money(seen.basic_rent),
        }
        if rules is not None:
            words = f"{words}: {_how_it_fits(rules)}"
        found.append((bool(rules), (str(home.ref), words)))
    return [choice for _misfits, choice in sorted(found, key=lambda each: each[0])]


def other_people(pair: MatchPair, dwelling: Dwelling, viewer: Viewer) -> list[Instead]:
    """Others who wait and whom the dwelling of a pair fits, longest waiting first."""
    fitting = Possibilities.of(pair.run).people_for(str(dwelling.ref))
    waiting = list(
        _unspoken_for(viewer)
        .filter(ref__in=fitting)
        .exclude(pk=pair.client_id)
        .longest_waiting_first()
        .for_list()[:MOST_PEOPLE]
    )
    lacking = _lacking([client.pk for client in waiting])
    seen = see_clients(waiting, viewer, purpose=Purpose.MATCHING)
    return [
        Instead(
            f"{PERSON}:{one.ref}", _person_in_words(one.label, one.ready_on), client.pk in lacking
        )
        for client, one in zip(waiting, seen, strict=True)
    ]


def _how_it_fits(failed: list[str] | None) -> str:
    if failed is None:
        return _("new since the matching")
    return formats.and_list(rules_in_words(failed)) if failed else _("fits")


def _person_in_words(label: str, ready_on: date | None) -> str:
    if ready_on is None:
        return _("Case %(code)s") % {"code": label}
    return _("Case %(code)s, waits %(duration)s") % {
        "code": label,
        "duration": formats.duration_in_words(ready_on, today()),
    }


def _unspoken_for(viewer: Viewer) -> ClientQuerySet:
    """Who waits without a proposal and without a home, whatever registration we look at."""
    spoken_for = Proposal.objects.filter(region_id=viewer.region_id, state__in=LIVE)
    housed = Placement.objects.filter(region_id=viewer.region_id).running()
    return (
        Client.objects.visible_to(viewer, Permission.SEE_CLIENTS)
        .ready_for_proposal()
        .exclude(person_id__in=spoken_for.values("person_id"))
        .exclude(person_id__in=housed.values("person_id"))
    )


def _lacking(clients: list[int]) -> set[int]:
    """Of these clients the ones without a live ground for sharing in the region."""
    have = SharingGround.objects.filter(
        client__in=clients, recipient="region", withdrawn_on__isnull=True
    ).values_list("client_id", flat=True)
    return set(clients) - set(have)
