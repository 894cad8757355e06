"""The words of an estimate: what it takes for granted, what it noticed, how good it was before."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from outflow.estimates.needed import OTHER, UNKNOWN
from outflow.estimates.quarters import quarter_named
from outflow.estimates.results import PUBLISHED, Band
from outflow.lifecycle import HousingForm, SupportKind
from regions import formats

Words = str | Promise

MEASURES: dict[str, Words] = {
    "becomes_ready": gettext_lazy("Become ready"),
    "housed": gettext_lazy("Move into a home"),
    "backlog": gettext_lazy("Wait"),
    "needs_dwelling": gettext_lazy("Dwellings needed"),
    "waiting": gettext_lazy("How long people wait"),
}
CAPTIONS: dict[str, Words] = {
    "becomes_ready": gettext_lazy("People who become ready, per quarter."),
    "housed": gettext_lazy("People who move into a home, per quarter."),
    "backlog": gettext_lazy("People who are ready and wait, at the end of each quarter."),
    "needs_dwelling": gettext_lazy("Dwellings needed for those who become ready, per quarter."),
    "waiting": gettext_lazy(
        "Months that a person who becomes ready in the quarter must expect to wait."
    ),
}
NEEDS: dict[str, Words] = {
    "form": gettext_lazy("Housing form"),
    "rent_class": gettext_lazy("Rent"),
    "bedrooms": gettext_lazy("Bedrooms"),
    "accessible": gettext_lazy("Accessibility"),
    "support": gettext_lazy("Support in the neighbourhood"),
}
ACCESSIBLE: dict[str, Words] = {
    "wheelchair": gettext_lazy("fit for a wheelchair"),
    "step_free": gettext_lazy("without steps"),
    "none": gettext_lazy("no demands"),
}
SUPPORT: dict[str, Words] = {
    **{kind.value: kind.label for kind in SupportKind},
    "none": gettext_lazy("no support"),
}
DAYS_IN_DAYS, DAYS_IN_WEEKS = 14, 63

METHOD = gettext_lazy("fixed in the method")
SOURCES: dict[str, Words] = {
    "contract": METHOD,
    "given": gettext_lazy("set by hand"),
    "spells": gettext_lazy("counted from the phases of all clients"),
    "the first end of a spell": gettext_lazy("the first phase that ended in the lists"),
    "homes moved into in the past": gettext_lazy("homes moved into in the past"),
    "supply": gettext_lazy("numbers planned per quarter, from what was agreed"),
    "needs": gettext_lazy("the housing needs that were recorded"),
    "places": gettext_lazy("the places that were given"),
    "expectations": gettext_lazy("recorded dates, held against what came of them"),
    "national picture": gettext_lazy("what the other regions show"),
    PUBLISHED: gettext_lazy("published figures of the whole country"),
}

WARNINGS: dict[str, Words] = {
    "after_as_of": gettext_lazy("Phases that begin on or after the day of the estimate; left out."),
    "ends_before_begin": gettext_lazy("Phases that end before they begin; set aside."),
    "duplicate_row": gettext_lazy("Phases that are there twice; counted once."),
    "overlap": gettext_lazy(
        "Phases that begin before an earlier phase of the same person ends; set aside."
    ),
    "open_but_followed": gettext_lazy(
        "Phases without an end that another phase follows; ended where that one begins."
    ),
    "next_without_end": gettext_lazy(
        "Phases with a next phase but no end; taken to be running still."
    ),
    "next_missing": gettext_lazy(
        "Phases that end without a next phase; the phase that follows is taken."
    ),
    "next_differs": gettext_lazy(
        "Phases of which the next phase is another than the one that follows; the one that follows"
        " is taken."
    ),
    "gap": gettext_lazy("Days on which somebody was in no phase at all."),
    "after_exit": gettext_lazy("Phases that begin after somebody left; taken as a new beginning."),
    "outcome_unknown": gettext_lazy(
        "Phases that end and nothing follows; the person is counted up to that day only."
    ),
    "successor_missing": gettext_lazy(
        "Phases of which the next phase is missing; the person is taken to be in it since then."
    ),
    "no_history": gettext_lazy(
        "No phase has ended before the day of the estimate, so nobody is expected to move on."
    ),
    "no_backtest": gettext_lazy(
        "The history is shorter than three years, so the estimate could not be tried on the past."
    ),
    "region_only_in_supply": gettext_lazy(
        "Planned dwellings of a region without people; they play no part."
    ),
    "from_national_priors": gettext_lazy(
        "The region's own past is too short; how fast people move on is taken from elsewhere."
    ),
    "region_without_supply": gettext_lazy(
        "People of a region without planned dwellings; no homes are expected there."
    ),
}
# What tells about the whole and not about single rows: how often says nothing.
WITHOUT_COUNT = frozenset(
    {"no_history", "no_backtest", "from_national_priors", "region_without_supply"}
)


def assumption(row: dict[str, Any]) -> tuple[str, str, str]:
    """What is assumed, its value and its source; a name that is not known here stays as it is."""
    name = row["name"]
    known = ASSUMPTIONS.get(name) or ASSUMPTIONS.get(name.partition(":")[0])
    label, write = known or (name, str)
    try:
        value = write(row["value"])
    except (ValueError, TypeError, ArithmeticError):
        # Kept by an earlier version, that wrote it otherwise: an old estimate can still be read.
        value = str(row["value"])
    return str(label), value, str(SOURCES.get(row["source"], row["source"]))


def warning(row: dict[str, Any]) -> tuple[str, int | None]:
    """What was noticed about the lists, and how often; None where a number says nothing."""
    count = None if row["code"] in WITHOUT_COUNT else row["count"]
    return str(WARNINGS.get(row["code"], row["message"])), count


def need_value(what: str, value: str) -> str:
    """One value of a need in words: a form, a rent, a number of bedrooms, a kind of support."""
    if value == UNKNOWN:
        return _("not known")
    if value == OTHER:
        return _("another combination")
    match what:
        case "form":
            forms = dict(HousingForm.choices)
            named = [str(forms.get(each, each)) for each in value.split(";")]
            return _(" or ").join(named)
        case "rent_class" if value.isdecimal():
            return _("up to %(rent)s a month") % {"rent": formats.money(int(value))}
        case "bedrooms" if value.isdecimal():
            return ngettext("%(number)s bedroom", "%(number)s bedrooms", int(value)) % {
                "number": value
            }
        case "accessible":
            return str(ACCESSIBLE.get(value, value))
        case "support":
            return str(SUPPORT.get(value, value))
    return value


def dwelling_kind(kind: dict[str, str]) -> str:
    """A dwelling of a kind, as one more of it is spoken of."""
    if not kind:
        return _("any dwelling that suits")
    return ", ".join(need_value(what, value) for what, value in kind.items())


def waiting_time(days: int) -> str:
    """About so long, in the unit one says it in: 9 days, 6 weeks, 7 months."""
    count, words = _in_unit(days, days)
    return words % {"time": formats.number(count), "count": count}


def wait_span(band: Band) -> str:
    """The span of a waiting time, in the unit of its middle."""
    count, words = _in_unit(band.high, band.likely)
    low, _words = _in_unit(band.low, band.likely)
    return words % {"time": formats.span(low, count), "count": count}


def in_months(days: float) -> float:
    """Days in months of average length, to one decimal."""
    return round(days / formats.AVERAGE_MONTH_DAYS, 1)


def _in_unit(days: int, middle: int) -> tuple[int, str]:
    if middle < DAYS_IN_DAYS:
        return days, ngettext("%(time)s day", "%(time)s days", days)
    if middle < DAYS_IN_WEEKS:
        weeks = round(days / 7)
        return weeks, ngettext("%(time)s week", "%(time)s weeks", weeks)
    months = round(days / formats.AVERAGE_MONTH_DAYS)
    return months, ngettext("%(time)s month", "%(time)s months", months)


def _day(value: Any) -> str:
    return formats.day(date.fromisoformat(value))


def _quarter(value: Any) -> str:
    return formats.quarter(quarter_named(str(value)))


def _one_decimal(value: Any) -> str:
    return formats.number(value, decimals=1)


def _share(value: Any) -> str:
    """A share between 0 and 1, as a percentage."""
    return formats.percent(100 * value, decimals=0 if value >= 0.1 or not value else 1)


def _of_usual(value: Any) -> str:
    return _("%(share)s of what is usual") % {"share": formats.percent(value)}


def _about(value: Any) -> str:
    """A difference in per cent; nothing where none was seen."""
    return _("about %(share)s") % {"share": formats.percent(value)} if value else _("none seen")


def _days_late(value: Any) -> str:
    if value == 0:
        return _("on the day itself")
    words = (
        ngettext("%(days)s day later", "%(days)s days later", value)
        if value > 0
        else ngettext("%(days)s day earlier", "%(days)s days earlier", -value)
    )
    return words % {"days": formats.number(abs(value))}


def _queue(value: Any) -> str:
    if str(value).startswith("longest in care"):
        return _("who is in care longest; a municipality's own people first")
    return _("who is ready longest; a municipality's own people first")


# By the name of an assumption, whole or up to its colon: its words, and how its value is written.
ASSUMPTIONS: dict[str, tuple[Words, Callable[[Any], str]]] = {
    "register_start": (gettext_lazy("Counted from"), _day),
    "days_a_dwelling_waits": (
        gettext_lazy("A dwelling that finds nobody is lost after"),
        formats.days_short,
    ),
    "queue": (gettext_lazy("Who goes first"), _queue),
    "needs_known": (gettext_lazy("People whose housing need is known"), formats.number),
    "places": (gettext_lazy("Most people in care at once"), formats.number),
    "share_who_join_a_household": (
        gettext_lazy("People who join somebody else's household"),
        _share,
    ),
    "arrivals_per_quarter": (gettext_lazy("People who arrive per quarter"), _one_decimal),
    "dwellings_per_quarter": (gettext_lazy("Dwellings per quarter"), _one_decimal),
    "dwellings": (
        gettext_lazy("Dwellings to come"),
        lambda _value: _("as planned, taken as certain"),
    ),
    "dwellings_planned_until": (gettext_lazy("Dwellings planned up to"), _quarter),
    "pace": (gettext_lazy("How fast people move on now"), _of_usual),
    "season": (gettext_lazy("How much the strongest season differs"), _about),
    "provider_effects": (
        gettext_lazy("How much faster at a fast provider than a slow one"),
        _about,
    ),
    "municipality_effects": (
        gettext_lazy("How much faster people from a fast municipality are than from a slow one"),
        _about,
    ),
    "target_group_effects": (
        gettext_lazy("How much faster a fast target group moves on than a slow one"),
        _about,
    ),
    "person_effects": (gettext_lazy("How much people differ in how fast they move on"), _about),
    "lists_behind": (
        gettext_lazy("Last days that the lists do not hold wholly yet"),
        formats.days_short,
    ),
    "nation_weight": (gettext_lazy("How much comes from elsewhere"), formats.percent),
    "expected_ready:seen": (gettext_lazy("Expected dates that could be checked"), formats.number),
    "expected_ready:weight": (
        gettext_lazy("How much an expected date counts beside the past"),
        formats.percent,
    ),
    "expected_ready:within_a_month": (
        gettext_lazy("Ready within a month of the expected date"),
        formats.percent,
    ),
    "expected_ready:bias": (
        gettext_lazy("The middle person was ready, beside the expected date"),
        _days_late,
    ),
    "expected_ready:spread": (
        gettext_lazy("Half of them were ready within so many days of each other"),
        formats.days_short,
    ),
}
