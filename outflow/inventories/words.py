"""The definitions of the inventory and the sum of the step plan, as tables."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outflow.inventories.counts import Inventory
from outflow.inventories.definitions import (
    AGREED_SHARES,
    BW_PHASES,
    MO_PHASES,
    OFFER_IS_READY,
    OTHER_CARE,
    OWN_HOME,
    READY_PHASES,
    RELAPSE,
    TERM_MONTHS,
    Assumed,
    Decided,
    Definitions,
)
from outflow.inventories.stepplans import Plan, Shares
from outflow.inventories.tables import people, term_labels
from outflow.lifecycle import FacilityType, Phase
from regions import formats
from regions.models import Municipality, RegionRule
from regions.rules import RULES
from regions.tables import Cell, Column, Table, dated, numeric

Decisions = Mapping[str, Decided]
Counted = tuple[Inventory, Plan]


def definition_table(
    definitions: Definitions,
    decided: Decisions,
    *,
    shares: Shares,
    places: Sequence[Municipality],
) -> Table:
    """Who counts as what, who decided that and from when."""
    offer = (
        _("An open offer counts as ready.")
        if definitions.offer_is_ready
        else _("An open offer does not count as ready.")
    )
    ready = _("In one of the phases %(phases)s.") % {"phases": phase_list(definitions.ready_phases)}
    if len(definitions.ready_phases) == 1:
        ready = _("In the phase %(phase)s.") % {"phase": phase_list(definitions.ready_phases)}
    fixed = Cell(_("the same in every region"))
    rows = [
        [
            Cell(capfirst(str(FacilityType.BW.label))),
            Cell(_in_care(definitions.bw_phases)),
            _who(decided, BW_PHASES),
        ],
        [
            Cell(capfirst(str(FacilityType.MO.label))),
            Cell(_in_care(definitions.mo_phases)),
            _who(decided, MO_PHASES),
        ],
        [Cell(_("Ready")), Cell(f"{ready} {offer}"), _who(decided, READY_PHASES, OFFER_IS_READY)],
        [
            Cell(_("Terms")),
            Cell(capfirst(formats.and_list(map(_small, term_labels(definitions.term_months))))),
            _who(decided, TERM_MONTHS),
        ],
        [
            Cell(_("Agreed shares")),
            Cell(_shares(definitions, shares, places)),
            _who(decided, AGREED_SHARES),
        ],
        [
            Cell(_("Person")),
            Cell(
                _(
                    "Counts once, also when registered with more providers; ready when ready with"
                    " one of them."
                )
            ),
            fixed,
        ],
        [Cell(_("Home")), Cell(_("One for people who will live together.")), fixed],
    ]
    return Table(
        caption=_("Definitions of the inventory"),
        columns=[
            Column(_("What")),
            Column(_("Definition"), "wide"),
            Column(_("Decided by"), "wide"),
        ],
        rows=rows,
    )


def phase_list(phases: Iterable[str]) -> str:
    """Phases in words, in the order in which people go through them."""
    among = set(phases)
    return formats.and_list(phase.label for phase in Phase if phase in among)


def _in_care(phases: Iterable[str]) -> str:
    return _("Registered there, in one of the phases %(phases)s.") % {"phases": phase_list(phases)}


def _who(decided: Decisions, *keys: str) -> Cell:
    """Who decided last, and from which day it counts."""
    own = [decided[key] for key in keys if key in decided]
    if not own:
        return Cell(_("not decided yet: the usual definition"))
    last = max(own, key=lambda each: each.from_on)
    return Cell(last.owner, sub=_("from %(day)s") % {"day": formats.day(last.from_on)})


def _shares(definitions: Definitions, shares: Shares, places: Sequence[Municipality]) -> str:
    if not shares.by_code:
        return _(
            "None agreed, and no dwellings are planned by municipality in the four quarters from"
            " %(quarter)s on."
        ) % {"quarter": formats.quarter(shares.first)}
    if not shares.are_agreed:
        return _(
            "None agreed: the share of the dwellings planned in the four quarters from"
            " %(quarter)s on counts."
        ) % {"quarter": formats.quarter(shares.first)}
    return formats.and_list(
        f"{place.name} {_percent(definitions.agreed_shares[place.code])}"
        for place in places
        if place.code in definitions.agreed_shares
    )


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]


def _percent(value: Decimal) -> str:
    return formats.percent(value, decimals=0 if value == value.to_integral() else 1)


# The step plan -----------------------------------------------------------------------------------


def plan_table(plan: Plan) -> Table:
    """The sum, a row a year; each number follows from those before it."""
    rows = [
        [
            Cell(
                _("Year %(number)d") % {"number": number},
                sub=_("from %(day)s") % {"day": formats.day(first)},
            ),
            *map(
                numeric,
                (
                    year.becomes_ready,
                    year.returns,
                    year.demand,
                    year.dwellings,
                    year.task,
                ),
            ),
            _planned(plan, number - 1),
            numeric(year.delivered),
            numeric(year.backlog),
        ]
        for number, (first, year) in enumerate(zip(plan.first_days, plan.years, strict=True), 1)
    ]
    return Table(
        caption=_("The step plan, year by year"),
        columns=[
            Column(_("Year")),
            Column(_("Become ready"), "number", _("people")),
            Column(_("Come back"), "number", _("people")),
            Column(_("Together"), "number", _("people")),
            Column(_("Homes needed"), "number"),
            Column(_("With the backlog"), "number", _("homes")),
            Column(_("Planned"), "number", _("homes, at most, in four quarters")),
            Column(_("Delivered"), "number", _("homes")),
            Column(_("Backlog at the end"), "number", _("homes")),
        ],
        rows=rows,
    )


def _planned(plan: Plan, at: int) -> Cell:
    """The homes planned for a year of the sum, with the quarter from which they were counted."""
    if not plan.is_promised:
        return Cell(_("not known"))
    quarter = formats.quarter(plan.first_quarters[at])
    return numeric(plan.maximum[at], sub=_("from %(quarter)s on") % {"quarter": quarter})


def part_table(plan: Plan, places: Sequence[Municipality]) -> Table | None:
    """The homes of each year, with the backlog, divided over the municipalities."""
    if not plan.shares.by_code:
        return None
    named = [place for place in places if place.code in plan.shares.by_code]
    return Table(
        caption=_("The step plan by municipality"),
        columns=[
            Column(_("Municipality")),
            Column(_("Share"), "number"),
            *(
                Column(_("Year %(number)d") % {"number": number}, "number", _("homes"))
                for number in range(1, len(plan.parts) + 1)
            ),
        ],
        rows=[
            [
                Cell(place.name),
                Cell(formats.percent(float(plan.shares.by_code[place.code]) * 100)),
                *(numeric(parts[place.code]) for parts in plan.parts),
            ]
            for place in named
        ],
        totals=[
            Cell(_("Region")),
            Cell(formats.percent(100)),
            *(numeric(sum(parts.values())) for parts in plan.parts),
        ],
    )


def assumption_table(plan: Plan, definitions: Definitions, decided: Decisions) -> Table:
    """What the sum takes for granted, with source and day; what was not agreed is left out."""

    def row(label: str, assumed: Assumed, key: str) -> list[Cell]:
        if assumed.percent is None:
            return [Cell(label), Cell(_("not agreed: left out")), Cell()]
        source = decided.get(key)
        since = (
            _("%(owner)s, from %(day)s")
            % {"owner": source.owner, "day": formats.day(source.from_on)}
            if source
            else ""
        )
        return [Cell(label), Cell(_percent(assumed.percent)), Cell(assumed.source, sub=since)]

    counted = _("counted in this inventory")
    return Table(
        caption=_("What the step plan takes for granted"),
        columns=[
            Column(_("Assumption")),
            Column(_("Value"), "wide"),
            Column(_("Source"), "wide"),
        ],
        rows=[
            row(_("Finds a home alone"), definitions.own_home, OWN_HOME),
            row(
                _("Goes to other care (Wlz or another institution)"),
                definitions.other_care,
                OTHER_CARE,
            ),
            row(_("Back in care within 24 months after moving"), definitions.relapse, RELAPSE),
            [
                Cell(_("Moved in the two years before")),
                Cell(
                    _("%(earlier)s and %(later)s people")
                    % {
                        "earlier": formats.number(plan.moved_before[0]),
                        "later": formats.number(plan.moved_before[1]),
                    }
                ),
                Cell(counted),
            ],
            [
                Cell(_("Homes that people who are ready wait for")),
                numeric(plan.backlog_before),
                Cell(counted),
            ],
            [
                Cell(_("People in a home")),
                Cell(formats.number(Decimal(str(float(plan.people_per_dwelling))), decimals=2)),
                Cell(counted),
            ],
        ],
    )


# What was decided before, and what would change --------------------------------------------------


def decision_table(rules: Sequence[RegionRule], places: Sequence[Municipality]) -> Table | None:
    """Every definition the region ever decided, the latest first."""
    if not rules:
        return None
    names = {place.code: place.name for place in places}
    return Table(
        caption=_("Definitions decided so far"),
        columns=[
            Column(_("From")),
            Column(_("What")),
            Column(_("Definition"), "wide"),
            Column(_("Decided by"), "wide"),
        ],
        rows=[
            [
                dated(each.valid_from),
                Cell(capfirst(str(RULES[each.key].label))),
                Cell(_in_words(each.key, each.value, names)),
                Cell(each.owner),
            ]
            for each in rules
        ],
    )


def _in_words(key: str, value: Any, names: Mapping[str, str]) -> str:
    """The value of a rule as a reader would say it."""
    if key in {BW_PHASES, MO_PHASES, READY_PHASES}:
        return phase_list(value)
    if key == OFFER_IS_READY:
        return _("yes") if value else _("no")
    if key == TERM_MONTHS:
        return ", ".join(map(formats.number, value))
    if key == AGREED_SHARES:
        parts = [
            f"{names.get(code, code)} {_percent(Decimal(part))}" for code, part in value.items()
        ]
        return formats.and_list(parts) if parts else _("none")
    if not value:
        return _("not agreed: left out")
    return f"{_percent(Decimal(value['percent']))} ({value['source']})"


def change_table(now: Counted, then: Counted) -> Table:
    """The counts with the definitions of today beside those that are proposed."""
    labels: dict[str, list[int | None]] = {}
    for counts_of in (_first_counts, _band_counts, _last_counts):
        for at, (inventory, _plan) in enumerate((now, then)):
            for label, count in counts_of(inventory):
                labels.setdefault(label, [None, None])[at] = count
    plans = [(plan.years[0].task, plan.years[0].backlog) for _inventory, plan in (now, then)]
    sums = zip(
        (
            _("Step plan: homes in the first year, with the backlog"),
            _("Step plan: backlog after the first year"),
        ),
        *plans,
        strict=True,
    )
    return Table(
        caption=_("What these definitions change"),
        columns=[
            Column(_("What")),
            Column(_("As it counts today"), "number"),
            Column(_("As it would count"), "number"),
        ],
        rows=[
            [Cell(label), *(Cell() if count is None else people(count) for count in counts)]
            for label, counts in labels.items()
        ]
        + [[Cell(label), *map(numeric, numbers)] for label, *numbers in sums],
    )


def _first_counts(inventory: Inventory) -> list[tuple[str, int]]:
    return [
        *(
            (capfirst(str(kind.label)), len(inventory.of_kind(kind.value).people))
            for kind in FacilityType
        ),
        (_("In care together"), len(inventory.people)),
        (_("Ready now"), len(inventory.ready)),
        (_("Homes for who is ready"), len(inventory.homes_of_ready)),
    ]


def _band_counts(inventory: Inventory) -> list[tuple[str, int]]:
    labels = term_labels(inventory.definitions.term_months)
    return list(zip(labels, inventory.terms().bands, strict=True))


def _last_counts(inventory: Inventory) -> list[tuple[str, int]]:
    terms = inventory.terms()
    return [
        (_("Expected day has passed"), terms.overdue),
        (_("No day known"), terms.not_known),
    ]
