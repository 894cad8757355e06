"""The other side of a pair: homes that fit its client too, side by side, and whom its home fits."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Permission, Purpose, Viewer
from housing.departures import HOME, PERSON
from housing.matching.fit import point_of
from housing.matching.policy import Policy
from housing.matching_words import (
    Names,
    Reasons,
    kilometres,
    reasons_in_words,
    sentence_of,
    support_name,
)
from housing.models import MatchPair
from housing.outcomes import clients_of, homes_by_ref, homes_of, name_of, unused_rows
from housing.policies import policy_of
from housing.possibilities import Possibilities
from housing.projections import DwellingSeen
from outflow.filters import Bounds
from outflow.models import Client
from outflow.projections import ClientSeen, see_clients
from outflow.rows import waiting
from regions import formats
from regions.marks import Clock

MOST_SHOWN = 25
SIDE_BY_SIDE = 3
# Of so many homes that fit it is looked which suit best: beyond it a choice says little.
MOST_WEIGHED = 60


@dataclass(frozen=True, slots=True)
class HomeColumn:
    """One home that fits the client of a pair, with the same rows as the others beside it."""

    dwelling: DwellingSeen
    name: str
    is_proposed: bool
    outcome: str
    facts: list[tuple[str, str]]
    reasons: Reasons
    points: list[tuple[str, str]]
    points_in_all: str
    # What a form to depart takes; empty where this home cannot be chosen.
    choice: str


@dataclass(frozen=True, slots=True)
class OtherDwelling:
    """A dwelling that fits the same client, and what the matching did with it."""

    dwelling: DwellingSeen
    name: str
    outcome: str


@dataclass(frozen=True, slots=True)
class OtherSeeker:
    """Somebody whom the same dwelling fits, why they do not get it, and what they do get."""

    client: ClientSeen
    clock: Clock | None
    urgency: str
    why: str
    outcome: str
    choice: str


@dataclass(frozen=True, slots=True)
class Others[Row]:
    """Rows to show, and how many there are in all."""

    rows: list[Row]
    count: int


class Around:
    """What else was possible around one pair of a run."""

    def __init__(self, pair: MatchPair, viewer: Viewer, names: Names) -> None:
        self.pair = pair
        self.viewer = viewer
        self.names = names
        self.client, self.own = str(pair.client.ref), str(pair.dwelling.ref)
        self.possible = Possibilities.of(pair.run)
        self.region_policy = policy_of(pair.run.policy)
        self.policy: Policy = self.possible.policy
        fitting = self.possible.homes_for([self.client]).get(self.client, [])
        left = {row["dwelling"] for row in unused_rows(pair.run)}
        # What was left over comes first: it takes nothing from anybody.
        self.others = sorted((ref for ref in fitting if ref != self.own), key=_first(left))
        weighed = self.others[:MOST_WEIGHED]
        self.reasons = self.possible.reasons_for(self.client, weighed)
        locked = self._pairs().filter(is_locked=True)
        promised = {str(ref) for ref in locked.values_list("dwelling__ref", flat=True)}
        # A home that is promised to somebody is the last to look at.
        best = sorted(
            weighed,
            key=lambda ref: (ref in promised, ref not in left, -self._points(ref), ref),
        )
        self.beside = best[:SIDE_BY_SIDE]

    def columns(self) -> list[HomeColumn]:
        """The proposed home, then up to three others, those that were left over first."""
        shown = [self.own, *self.beside]
        homes = homes_by_ref(self.viewer, shown)
        taken = self._taken(shown)
        there = self._load(shown)
        return [
            self._column(ref, homes[ref], taken.get(ref), there) for ref in shown if ref in homes
        ]

    def further_dwellings(self) -> Others[OtherDwelling]:
        """The dwellings that fit the client too and do not stand beside the pair."""
        others = [ref for ref in self.others if ref not in self.beside]
        homes = homes_by_ref(self.viewer, others[:MOST_SHOWN])
        taken = self._taken(homes)
        rows = [
            OtherDwelling(home, name_of(home), taken[ref][0] if ref in taken else _("left over"))
            for ref, home in homes.items()
        ]
        return Others(sorted(rows, key=lambda row: row.dwelling.available_on), len(others))

    def seekers(self) -> Others[OtherSeeker]:
        """Everybody else whom the dwelling fits, longest waiting first, and why not they."""
        others = [ref for ref in self.possible.people_for(self.own) if ref != self.client]
        clients = list(
            Client.objects.visible_to(self.viewer, Permission.SEE_CLIENTS)
            .filter(ref__in=others[:MOST_SHOWN])
            .longest_waiting_first()
            .for_list()
        )
        seen = see_clients(clients, self.viewer, purpose=Purpose.MATCHING)
        found = {
            each.client_id: each
            for each in self._pairs().filter(client__in=[client.pk for client in clients])
        }
        homes = homes_of(self.viewer, [each.dwelling_id for each in found.values()])
        bounds = Bounds.of(self.viewer)
        rows = [
            self._seeker(one, waiting(one, bounds), found.get(client.pk), homes)
            for client, one in zip(clients, seen, strict=True)
        ]
        return Others(rows, len(others))

    # Homes ---------------------------------------------------------------------------------------

    def _column(
        self,
        ref: str,
        home: DwellingSeen,
        taken: tuple[str, bool] | None,
        there: Counter[str],
    ) -> HomeColumn:
        own = ref == self.own
        reasons = self.pair.reasons if own else self.reasons[ref]
        outcome, is_promised = taken or (_("left over"), False)
        is_free = home.is_held is False and home.withdrawn_on is None
        return HomeColumn(
            dwelling=home,
            name=name_of(home),
            is_proposed=own,
            outcome=capfirst(_("proposed for this client") if own else outcome),
            facts=[
                (label, capfirst(value)) for label, value in self._facts(ref, home, reasons, there)
            ],
            reasons=reasons_in_words(reasons, self.names, on=self.pair.run.as_of, whole=own),
            points=self._points_in_words(reasons),
            points_in_all=formats.signed(sum(point_of(each, self.policy) for each in reasons)),
            choice="" if own or is_promised or not is_free else f"{HOME}:{ref}",
        )

    def _facts(
        self,
        ref: str,
        home: DwellingSeen,
        reasons: list[dict[str, Any]],
        there: Counter[str],
    ) -> list[tuple[str, str]]:
        """The same rows for every home, so that they can be compared."""
        told = {reason["code"]: reason for reason in reasons}
        support = told.get("support_available", {}).get("kinds", [])
        return [
            (_("Basic rent"), formats.money(home.basic_rent)),
            (_("Bedrooms"), formats.number(home.bedrooms)),
            (_("Access"), _access(home)),
            (_("Housing form"), home.form),
            (_("Contract form"), home.contract_form),
            (_("Free from"), formats.day(home.available_on)),
            (_("Corporation"), home.corporation),
            (_("To family or friends"), _distance(told, "network")),
            (_("To work or day activity"), _distance(told, "day_activity")),
            (
                _("Support there"),
                formats.and_list(support_name(kind) for kind in support) or _("none needed"),
            ),
            (_("Neighbourhood"), self._carries(self.possible.neighbourhood_of(ref), there)),
        ]

    def _carries(self, place: dict[str, Any], there: Counter[str]) -> str:
        count = there[place["ref"]]
        words = ngettext(
            "%(count)s person comes to live there in this matching",
            "%(count)s people come to live there in this matching",
            count,
        ) % {"count": formats.number(count)}
        if place["max_placements"] is None:
            return words
        return _("%(words)s; it carries %(most)s") % {
            "words": words,
            "most": formats.number(place["max_placements"]),
        }

    def _load(self, homes: Iterable[str]) -> Counter[str]:
        """How many pairs of the run stand in each neighbourhood of these homes."""
        places = {self.possible.neighbourhood_of(ref)["ref"] for ref in homes}
        rows = MatchPair.objects.filter(run_id=self.pair.run_id)
        placed = [str(ref) for ref in rows.values_list("dwelling__ref", flat=True)]
        found = (self.possible.neighbourhood_of(ref)["ref"] for ref in placed)
        return Counter(place for place in found if place in places)

    def _points(self, ref: str) -> int:
        return sum(point_of(reason, self.policy) for reason in self.reasons[ref])

    def _points_in_words(self, reasons: list[dict[str, Any]]) -> list[tuple[str, str]]:
        """What adds to the fit and what takes from it, with its points."""
        counted = [(reason, point_of(reason, self.policy)) for reason in reasons]
        return [
            (sentence_of(reason, self.names, on=self.pair.run.as_of), formats.signed(points))
            for reason, points in counted
            if points
        ]

    def _taken(self, homes: Iterable[str]) -> dict[str, tuple[str, bool]]:
        """What the matching did with each of these homes, and whether that is a promise."""
        found = list(self._pairs().filter(dwelling__ref__in=list(homes)))
        people = clients_of(self.viewer, [each.client_id for each in found])
        return {
            str(each.dwelling.ref): (
                _outcome_for_dwelling(each, people[each.client_id]),
                each.is_locked,
            )
            for each in found
            if each.client_id in people
        }

    # People --------------------------------------------------------------------------------------

    def _seeker(
        self,
        one: ClientSeen,
        clock: Clock | None,
        found: MatchPair | None,
        homes: dict[int, DwellingSeen],
    ) -> OtherSeeker:
        has_home = found is not None and found.dwelling_id in homes
        facts = self.possible.client(str(one.ref))
        return OtherSeeker(
            client=one,
            clock=clock,
            urgency=self.region_policy.urgency_name(facts["urgency"]),
            why=_("has another home in this matching") if has_home else self._why_not(facts),
            outcome=name_of(homes[found.dwelling_id])
            if found is not None and has_home
            else _("no proposal"),
            choice="" if found is not None and found.is_locked else f"{PERSON}:{one.ref}",
        )

    def _why_not(self, other: dict[str, Any]) -> str:
        """On what ground somebody who got no home comes after the client of the pair."""
        own = self.possible.client(self.client)
        if self.pair.is_locked:
            return _("the home was promised before")
        ahead = self._priority(own) - self._priority(other)
        if ahead < 0:
            return _("this way as many people as possible get a home")
        if ahead == 0:
            return _("stands equal; what suits better decided")
        points = self.policy.urgency_points
        if points[own["urgency"]] > points[other["urgency"]]:
            return _("is less urgent")
        return _("has waited less long")

    def _priority(self, client: dict[str, Any]) -> int:
        since = date.fromisoformat(client["waiting_since"])
        days = max((self.pair.run.as_of - since).days, 0)
        counted = min(days, self.policy.longest_counted_wait_days)
        return int(self.policy.urgency_points[client["urgency"]]) + counted

    def _pairs(self) -> QuerySet[MatchPair]:
        found = MatchPair.objects.filter(run_id=self.pair.run_id)
        return found.select_related("client", "dwelling")


def _first(left: set[str]) -> Any:
    return lambda ref: (ref not in left, ref)


def _access(home: DwellingSeen) -> str:
    found = []
    if home.floor == 0:
        found.append(_("ground floor"))
    elif home.has_lift:
        found.append(_("reached by lift"))
    else:
        found.append(_("by stairs"))
    if home.wheelchair:
        found.append(_("fit for a wheelchair"))
    if home.low_stimulus:
        found.append(_("low-stimulus"))
    return formats.and_list(found)


def _distance(told: dict[str, dict[str, Any]], to: str) -> str:
    """How far it is to a place that somebody named; empty where none is known."""
    for code in (f"near_{to}", f"far_from_{to}"):
        if code in told:
            return _("%(km)s km") % {"km": kilometres(told[code]["km"])}
    return _("not known")


def _outcome_for_dwelling(found: MatchPair, client: ClientSeen) -> str:
    words = _("promised to case %(code)s") if found.is_locked else _("goes to case %(code)s")
    return words % {"code": client.label}
