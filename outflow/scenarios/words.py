"""The words of a scenario: what can be changed, how a change reads, why one cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from outflow.estimates.quarters import quarter_named
from outflow.estimates.results import Band
from outflow.estimation import EstimateError
from outflow.lifecycle import FacilityType
from regions import formats

Words = str | Promise
Change = Mapping[str, Any]

POLICY_SHARE = "policy_share"


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to change something, as a person would say it; the core says it with a factor.

    `sign` is +1 for more, -1 for less and 0 for a number that is set.
    """

    what: str
    sign: int
    label: Words

    @property
    def how(self) -> str:
        return "times" if self.sign else "set"

    @property
    def is_percent(self) -> bool:
        return bool(self.sign) or self.what == POLICY_SHARE


KINDS: dict[str, Kind] = {
    "more_homes": Kind("contingent", 1, gettext_lazy("More homes, in %")),
    "fewer_homes": Kind("contingent", -1, gettext_lazy("Fewer homes, in %")),
    "homes": Kind("contingent", 0, gettext_lazy("Homes per quarter, a number")),
    "faster": Kind("readiness", 1, gettext_lazy("Ready faster, in %")),
    "slower": Kind("readiness", -1, gettext_lazy("Ready more slowly, in %")),
    POLICY_SHARE: Kind(POLICY_SHARE, 0, gettext_lazy("Share of the people in care ready, in %")),
    "more_places": Kind("places", 1, gettext_lazy("More places in care, in %")),
    "fewer_places": Kind("places", -1, gettext_lazy("Fewer places in care, in %")),
    "places": Kind("places", 0, gettext_lazy("Places in care, a number")),
    "more_inflow": Kind("inflow", 1, gettext_lazy("More people come in, in %")),
    "fewer_inflow": Kind("inflow", -1, gettext_lazy("Fewer people come in, in %")),
    "inflow": Kind("inflow", 0, gettext_lazy("People who come in per quarter, a number")),
    "more_returns": Kind("relapse", 1, gettext_lazy("More people come back, in %")),
    "fewer_returns": Kind("relapse", -1, gettext_lazy("Fewer people come back, in %")),
}
GROUPS: dict[str, Words] = {
    "contingent": gettext_lazy("Homes"),
    "readiness": gettext_lazy("Becoming ready"),
    POLICY_SHARE: gettext_lazy("Becoming ready"),
    "places": gettext_lazy("Places in care"),
    "inflow": gettext_lazy("People who come in"),
    "relapse": gettext_lazy("People who come back"),
}
SHORT_TYPES: dict[str, Words] = {
    FacilityType.BW: pgettext_lazy("for whom", "only sheltered housing"),
    FacilityType.MO: pgettext_lazy("for whom", "only shelter"),
}


def kind_of(change: Change) -> str:
    """The code of the kind that a stored change is."""
    what = change["what"]
    sign = 0
    if change.get("how") == "times":
        sign = -1 if change["value"] < 1 else 1
    return next(code for code, kind in KINDS.items() if (kind.what, kind.sign) == (what, sign))


def number_of(change: Change) -> float:
    """What a person would type for a stored change: 20 for a factor of 1.2."""
    if change["what"] == POLICY_SHARE:
        return round(100 * change["share"], 1)
    if change["how"] == "times":
        return round(abs(100 * (change["value"] - 1)), 1)
    return round(change["value"], 1)


def change_sentence(change: Change, places: Mapping[str, str]) -> str:
    """One change in words; `places` gives the name of a municipality by its code."""
    parts = [_deed(change), _when(change)]
    if kind := change.get("facility_type"):
        parts.append(str(SHORT_TYPES.get(kind, kind)))
    if place := change.get("municipality"):
        parts.append(_("in %(place)s") % {"place": places.get(place, place)})
    return ", ".join(part for part in parts if part)


def quarter_words(text: str) -> str:
    """A quarter written as 2027Q1 as people write it."""
    return formats.quarter(quarter_named(text))


def _deed(change: Change) -> str:
    number = number_of(change)
    share = formats.percent(number, decimals=0 if number == int(number) else 1)
    if change["what"] == POLICY_SHARE:
        return _("%(share)s of the people in care are ready by the end of %(quarter)s") % {
            "share": share,
            "quarter": quarter_words(change["by"]),
        }
    code = kind_of(change)
    if KINDS[code].is_percent:
        return _shares()[code] % {"share": share}
    words = _numbers(round(number))[code]
    return words % {"number": formats.number(number, decimals=0 if number == int(number) else 1)}


def _shares() -> dict[str, str]:
    return {
        "more_homes": _("%(share)s more homes"),
        "fewer_homes": _("%(share)s fewer homes"),
        "faster": _("people are ready %(share)s faster"),
        "slower": _("people are ready %(share)s more slowly"),
        "more_places": _("%(share)s more places in care"),
        "fewer_places": _("%(share)s fewer places in care"),
        "more_inflow": _("%(share)s more people come in"),
        "fewer_inflow": _("%(share)s fewer people come in"),
        "more_returns": _("%(share)s more people come back"),
        "fewer_returns": _("%(share)s fewer people come back"),
    }


def _numbers(count: int) -> dict[str, str]:
    return {
        "homes": ngettext(
            "%(number)s home per quarter",
            "%(number)s homes per quarter",
            count,
        ),
        "places": ngettext("%(number)s place in care", "%(number)s places in care", count),
        "inflow": ngettext(
            "%(number)s person comes in per quarter",
            "%(number)s people come in per quarter",
            count,
        ),
    }


def _when(change: Change) -> str:
    first, last = change.get("from"), change.get("until")
    words = {
        (True, True): _("from %(first)s up to and including %(last)s"),
        (True, False): _("from %(first)s on"),
        (False, True): _("up to and including %(last)s"),
        (False, False): "",
    }[bool(first), bool(last)]
    return words % {
        "first": quarter_words(first) if first else "",
        "last": quarter_words(last) if last else "",
    }


# Each code of the core's refusals: the part of a change that it is about, and the sentence.
REFUSALS: dict[str, tuple[str, Words]] = {
    "scenario_shape": ("", gettext_lazy("A scenario needs a name and changes.")),
    "scenario_key": ("", gettext_lazy("A scenario needs a name and changes.")),
    "scenario_name": ("name", gettext_lazy("A scenario needs a short name.")),
    "scenario_many": ("", gettext_lazy("These are too many changes for one scenario.")),
    "scenario_names_twice": (
        "name",
        gettext_lazy("There is already a scenario with this name. Choose another one."),
    ),
    "change_shape": ("kind", gettext_lazy("Change %(change)s: say what changes and how much.")),
    "change_what": ("kind", gettext_lazy("Change %(change)s: this cannot be changed.")),
    "change_key": ("kind", gettext_lazy("Change %(change)s: say what changes and how much.")),
    "change_how": ("kind", gettext_lazy("Change %(change)s: this cannot be changed in this way.")),
    "change_value_missing": ("value", gettext_lazy("Change %(change)s: say how much.")),
    "change_missing": (
        "value",
        gettext_lazy("Change %(change)s: say which share, and by which quarter."),
    ),
    "change_number": ("value", gettext_lazy("Change %(change)s: this is not a number.")),
    "change_whole": ("value", gettext_lazy("Change %(change)s: places are whole numbers.")),
    "change_range": (
        "value",
        gettext_lazy(
            "Change %(change)s: this is more or less than can be computed. A share lies between 0"
            " and 100%%; more than ten times as much as now cannot be, nor a standstill."
        ),
    ),
    "change_quarter": ("from", gettext_lazy("Change %(change)s: choose a quarter of the list.")),
    "change_order": (
        "until",
        gettext_lazy("Change %(change)s: the last quarter lies before the first."),
    ),
    "change_past": (
        "until",
        gettext_lazy("Change %(change)s: this quarter is over. Choose a later one."),
    ),
    "change_beyond": (
        "from",
        gettext_lazy(
            "Change %(change)s: the estimate does not reach that far; it ends with %(last)s."
            " Choose an earlier quarter."
        ),
    ),
    "change_nothing_planned": (
        "municipality",
        gettext_lazy(
            "Change %(change)s: no homes are planned for this municipality, so a share of them is"
            " nothing. Choose a number of homes per quarter, or the whole region."
        ),
    ),
    "change_places": (
        "kind",
        gettext_lazy(
            "Change %(change)s: the places of the region are known for other people than this"
            " change is about. Leave for whom and where empty."
        ),
    ),
    "change_twice": (
        "kind",
        gettext_lazy(
            "Change %(change)s changes the same as change %(earlier)s over the same quarters."
            " Put them together, or choose quarters that do not overlap."
        ),
    ),
    "change_needless": (
        "kind",
        gettext_lazy("Change %(change)s: this does not go together with %(part)s. Leave it empty."),
    ),
    "change_facility": (
        "facility_type",
        gettext_lazy("Change %(change)s: choose sheltered housing or shelter."),
    ),
    "change_no_facility": (
        "facility_type",
        gettext_lazy("Change %(change)s: nobody in the region is in this kind of care."),
    ),
    "change_municipality": (
        "municipality",
        gettext_lazy("Change %(change)s: choose a municipality of the region."),
    ),
}
PARTS: dict[str, Words] = {
    "facility_type": gettext_lazy("a choice for whom"),
    "from": gettext_lazy("a first quarter"),
    "until": gettext_lazy("a last quarter"),
    "value": gettext_lazy("a number"),
    "share": gettext_lazy("a share"),
    "by": gettext_lazy("a quarter by which"),
}
# Where a change has the part under another name than a form: "by" is filled in as the last quarter.
FIELDS = {"share": "value", "by": "until", "key": "kind"}


def refusal(error: EstimateError) -> tuple[str, str]:
    """The field that a refusal of the core is about ("" for none), and its sentence."""
    part, sentence = REFUSALS.get(
        error.code, ("", gettext_lazy("A change of this scenario cannot be computed."))
    )
    facts = dict(error.params)
    key = str(facts.get("key", ""))
    if error.code in {"change_needless", "change_past", "change_beyond", "change_quarter"}:
        part = FIELDS.get(key, key) or part
    if error.code == "change_missing" and key == "by":
        part = "until"
    facts["part"] = PARTS.get(key, key)
    for name in ("quarter", "last", "until", "from"):
        if name in facts:
            facts[name] = quarter_words(str(facts[name]))
    number = facts.get("change")
    field = f"{part}_{number}" if part and number is not None else part
    return field, str(sentence) % facts


def refusal_sentence(kept: Mapping[str, Any]) -> str:
    """Why a run could not compute a scenario (any more), from what it kept of that."""
    error = EstimateError(kept["code"], kept["sentence"], **kept["params"])
    return refusal(error)[1]


def changes_in_words(changes: Sequence[Change], places: Mapping[str, str]) -> list[str]:
    """Every change in a sentence that begins with a capital."""
    return [capfirst(change_sentence(change, places)) for change in changes]


def waits_sentence(difference: Band) -> str:
    """How many more or fewer wait at the end of a quarter, and how sure that is."""
    count = abs(difference.likely)
    if difference.likely < 0:
        sentence = ngettext(
            "At the end of %(quarter)s %(count)s person fewer waits for a home",
            "At the end of %(quarter)s %(count)s fewer people wait for a home",
            count,
        )
    elif difference.likely > 0:
        sentence = ngettext(
            "At the end of %(quarter)s %(count)s person more waits for a home",
            "At the end of %(quarter)s %(count)s more people wait for a home",
            count,
        )
    else:
        sentence = _("At the end of %(quarter)s as many people wait for a home as without it")
    said = sentence % {
        "quarter": formats.quarter(difference.quarter_from),
        "count": formats.number(count),
    }
    spread = spread_words(difference.low, difference.high)
    return f"{said} ({_often(spread)})." if spread else f"{said}."


def housed_sentence(more: int) -> str:
    """How many more or fewer move into a home in the coming year, on average."""
    if more > 0:
        words = ngettext(
            "In the coming year %(count)s person more moves into a home.",
            "In the coming year %(count)s more people move into a home.",
            more,
        )
    elif more < 0:
        words = ngettext(
            "In the coming year %(count)s person fewer moves into a home.",
            "In the coming year %(count)s fewer people move into a home.",
            -more,
        )
    else:
        words = _("In the coming year as many people move into a home as without it.")
    return words % {"count": formats.number(abs(more))}


def spread_words(low: int, high: int) -> str:
    """Between what a difference lies, in words instead of signs; nothing when it is certain."""
    if low == high:
        return ""
    if high < 0:
        return _("between %(least)s and %(most)s fewer") % _bounds(-high, -low)
    if low > 0:
        return _("between %(least)s and %(most)s more") % _bounds(low, high)
    if high == 0:
        return _("none to %(most)s fewer") % _bounds(0, -low)
    if low == 0:
        return _("none to %(most)s more") % _bounds(0, high)
    return _("between %(fewer)s fewer and %(more)s more") % {
        "fewer": formats.number(-low),
        "more": formats.number(high),
    }


def _bounds(least: int, most: int) -> dict[str, str]:
    return {"least": formats.number(least), "most": formats.number(most)}


def _often(spread: str) -> str:
    return _("8 of 10 times %(spread)s") % {"spread": spread}
