"""What if: changes to the future that a region can think through beside the estimate.

A scenario is a named list of changes. It is run with the random numbers of the estimate itself, so
that it differs from it only through what it changes. What each change means:

``inflow`` times f
    f times as many people arrive in each quarter of the change: with f below one each arrival
    stays away with chance 1 - f, above one as many more come, with luck of their own.
``inflow`` set N
    N people a quarter arrive in the region (or in the municipality or facility type named), in
    every draw, of a quarter that has begun what is left of it. Who arrives in the estimate comes
    first; further people are like those who arrive there.
``readiness`` times f
    people in intake, stabilising and preparing move on f times as fast, those who are there
    already included, from the first day of the change to the last.
``relapse`` times f
    people who have a home come back to care f times as often.
``places`` set N, or times f
    at most N people are in care at once; f times the places given with the estimate, or else the
    people in care on the reference date. Nobody is sent away: who finds no place, newly or on the
    way back, comes when one is free, in order of the day on which the place was needed. Places
    are handed out in steps of two weeks.
``contingent`` set N, or times f
    N dwellings a quarter for the region or the municipality, or f times what the plan (without a
    plan: the past) gives.
``policy_share``
    of the people in intake, stabilising or preparing on the reference date at least ``share`` is
    ready before the end of quarter ``by``, in every draw. Whoever gets there anyway counts;
    others are brought forward, nearest to ready first, on days spread evenly until then.

``from`` and ``until`` are quarters, both within the change; without them it lasts from the
reference date to the last quarter. Each region of a run is changed for itself.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard

from outflow.estimation.cells import can_be_written
from outflow.estimation.contract import FACILITY_TYPES
from outflow.estimation.errors import EstimateError
from outflow.estimation.quarters import label, parse_quarter

CHANGED: Final = {
    "inflow": ("times", "set"),
    "readiness": ("times",),
    "places": ("times", "set"),
    "contingent": ("times", "set"),
    "relapse": ("times",),
    "policy_share": (),
}
"""What can be changed, and how."""

KEYS: Final = (
    "what",
    "how",
    "value",
    "from",
    "until",
    "facility_type",
    "municipality",
    "share",
    "by",
)
MOST_CHANGES: Final = 20
MOST_NAME: Final = 200
MOST_TIMES: Final = 10.0
LEAST_PACE: Final = 0.05
"""Nobody moving on at all would be a decision about people, not a pace."""

MOST_SET: Final = {"inflow": 10_000.0, "places": 100_000.0, "contingent": 10_000.0}
MOST_OF_PEOPLE: Final = 20
LEAST_PEOPLE: Final = 50
"""Over all quarters and regions of an estimate no more people or homes are set than twenty times
the people in care (as if at least fifty were): beyond that it would only fill the memory."""


@dataclass(frozen=True)
class Change:
    """One change; ``first``, ``last`` and ``by`` are quarter numbers (None: no limit)."""

    what: str
    how: str | None = None
    value: float | None = None
    first: int | None = None
    last: int | None = None
    facility_type: str | None = None
    municipality: str | None = None
    share: float | None = None
    by: int | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the change as ``Scenario.from_dict`` reads it, without the keys left out."""
        found: dict[str, object] = {
            "what": self.what,
            "how": self.how,
            "value": self.value,
            "from": None if self.first is None else label(self.first),
            "until": None if self.last is None else label(self.last),
            "facility_type": self.facility_type,
            "municipality": self.municipality,
            "share": self.share,
            "by": None if self.by is None else label(self.by),
        }
        return {key: value for key, value in found.items() if value is not None}

    def lasts(self, quarter: int) -> bool:
        """Say whether a quarter lies within the change."""
        begun = self.first is None or self.first <= quarter
        return begun and (self.last is None or quarter <= self.last)

    def meets(self, other: "Change") -> bool:
        """Say whether two changes would change one thing for the same people and quarters."""
        if self.what != other.what:
            return False
        for mine, theirs in (
            (self.facility_type, other.facility_type),
            (self.municipality, other.municipality),
        ):
            if mine is not None and theirs is not None and mine != theirs:
                return False
        apart = (self.last is not None and other.first is not None and self.last < other.first) or (
            other.last is not None and self.first is not None and other.last < self.first
        )
        return not apart


@dataclass(frozen=True)
class Scenario:
    """A named list of changes."""

    name: str
    changes: tuple[Change, ...]

    @classmethod
    def from_dict(cls, data: object) -> "Scenario":
        """Return the scenario written as in a file or a form.

        ``{"name": ..., "changes": [{"what": ..., "how": ..., "value": ..., "from": "2027Q1",
        "until": ..., "facility_type": ..., "municipality": ..., "share": ..., "by": ...}]}``;
        keys that do not apply are absent, None or "" (but for ``municipality``, where "" would be
        the unknown one).

        Raises
        ------
        EstimateError
            Naming the change, counted from 1, and what is wrong with it.
        """
        if not isinstance(data, Mapping):
            raise EstimateError("scenario_shape", "A scenario must have a name and changes.")
        for key in data:
            if key not in ("name", "changes"):
                raise EstimateError("scenario_key", 'A scenario has no "%(key)s".', key=_shown(key))
        name = data.get("name")
        if not isinstance(name, str) or not name.strip() or len(name) > MOST_NAME:
            raise EstimateError(
                "scenario_name",
                "A scenario needs a name of at most %(most)d characters.",
                most=MOST_NAME,
            )
        found = data.get("changes")
        if not isinstance(found, Sequence) or isinstance(found, str):
            raise EstimateError("scenario_shape", "A scenario must have a name and changes.")
        if len(found) > MOST_CHANGES:
            raise EstimateError(
                "scenario_many", "A scenario has at most %(most)d changes.", most=MOST_CHANGES
            )
        if not can_be_written(name):
            raise EstimateError(
                "scenario_name", "The name of a scenario holds a character that cannot be written."
            )
        changes = tuple(_change(number, each) for number, each in enumerate(found, 1))
        for later, change in enumerate(changes, 1):
            for earlier, other in enumerate(changes[: later - 1], 1):
                if change.meets(other):
                    raise _wrong(
                        later,
                        change.what,
                        "change_twice",
                        "change %(earlier)d changes the same over the same quarters",
                        earlier=earlier,
                    )
        return cls(name.strip(), changes)

    def as_dict(self) -> dict[str, object]:
        """Return the scenario as ``from_dict`` reads it."""
        return {"name": self.name, "changes": [change.as_dict() for change in self.changes]}


def check(
    scenarios: Sequence[Scenario],
    *,
    first_quarter: int,
    quarters: int,
    municipalities: Sequence[str],
    facility_types: Sequence[str],
    planned: Sequence[str] | None,
    in_care: int | None = None,
    regions: int = 1,
) -> None:
    """Refuse what cannot be in this estimate: a place nobody knows, a quarter outside of it.

    ``planned`` are the municipalities that a plan of homes names, None without a plan. A change
    that began in a past quarter works from the reference date. Without the people ``in_care`` on
    that date nothing is too many.
    """
    last = first_quarter + quarters - 1
    names = [scenario.name for scenario in scenarios]
    for name in names:
        if names.count(name) > 1:
            raise EstimateError(
                "scenario_names_twice", 'Two scenarios are called "%(name)s".', name=name
            )
    for scenario in scenarios:
        for number, change in enumerate(scenario.changes, 1):
            town, kind = change.municipality, change.facility_type
            if town is not None and town not in municipalities:
                raise _wrong(
                    number,
                    change.what,
                    "change_municipality",
                    'municipality "%(municipality)s" is not known here',
                    scenario=scenario.name,
                    municipality=town,
                )
            if kind is not None and kind not in facility_types:
                raise _wrong(
                    number,
                    change.what,
                    "change_no_facility",
                    "nobody here is in facility type %(facility_type)s",
                    scenario=scenario.name,
                    facility_type=kind,
                )
            _refuse_too_many(
                scenario, number, change, in_care=in_care, in_all=quarters * max(regions, 1)
            )
            multiplied = change.what == "contingent" and change.how == "times"
            if multiplied and town is not None and town not in (planned or ()):
                raise _wrong(
                    number,
                    change.what,
                    "change_nothing_planned",
                    'no dwellings of municipality "%(municipality)s" are planned: set a number',
                    scenario=scenario.name,
                    municipality=town,
                )
            for value, key in ((change.last, "until"), (change.by, "by")):
                if value is not None and value < first_quarter:
                    raise _wrong(
                        number,
                        change.what,
                        "change_past",
                        '"%(key)s" %(quarter)s lies before the reference date',
                        scenario=scenario.name,
                        key=key,
                        quarter=label(value),
                    )
            for value, key in ((change.first, "from"), (change.by, "by")):
                if value is not None and value > last:
                    raise _wrong(
                        number,
                        change.what,
                        "change_beyond",
                        '"%(key)s" %(quarter)s lies after %(last)s, the last quarter of the '
                        "estimate",
                        scenario=scenario.name,
                        key=key,
                        quarter=label(value),
                        last=label(last),
                    )


def _refuse_too_many(
    scenario: Scenario, number: int, change: Change, *, in_care: int | None, in_all: int
) -> None:
    """Refuse a number set that is beyond all proportion to the people in care."""
    if in_care is None or change.how != "set" or change.what not in ("inflow", "contingent"):
        return
    most = MOST_OF_PEOPLE * max(in_care, LEAST_PEOPLE) // in_all
    if (change.value or 0.0) > most:
        raise _wrong(
            number,
            change.what,
            "change_range",
            '"%(key)s" must lie between %(least)s and %(most)s here, not be %(value)s',
            scenario=scenario.name,
            key="value",
            least="0",
            most=str(most),
            value=f"{change.value:g}",
        )


def _wrong(
    number: int,
    what: str,
    code: str,
    sentence: str,
    *,
    scenario: str | None = None,
    **facts: object,
) -> EstimateError:
    """Return the error about one change; with the scenario's name where several are checked."""
    where = "Change %(change)d (%(what)s)"
    if scenario is not None:
        facts["scenario"] = scenario
        where = 'Scenario "%(scenario)s", change %(change)d (%(what)s)'
    return EstimateError(code, f"{where}: {sentence}.", change=number, what=what, **facts)


def _change(number: int, data: object) -> Change:
    if not isinstance(data, Mapping):
        raise EstimateError(
            "change_shape", "Change %(change)d must say what changes and how.", change=number
        )
    given = {
        _shown(key): each.strip() if isinstance(each, str) else each for key, each in data.items()
    }
    nowhere = given.get("municipality") == ""
    given = {key: each for key, each in given.items() if each is not None and each != ""}
    what = given.get("what")
    if not isinstance(what, str) or what not in CHANGED:
        raise EstimateError(
            "change_what",
            'Change %(change)d: "%(what)s" cannot be changed; %(known)s can.',
            change=number,
            what="" if what is None else _shown(what),
            known=", ".join(CHANGED),
        )
    for key in given:
        if key not in KEYS:
            raise _wrong(number, what, "change_key", 'there is no "%(key)s"', key=key[:MOST_NAME])
    if nowhere:
        # In the lists an empty municipality is an unknown one, not the whole region.
        raise _wrong(
            number,
            what,
            "change_municipality",
            '"municipality" is empty: name one, or leave it out for the whole region',
        )
    if what == "policy_share":
        return _policy_share(number, given)
    return _times_or_set(number, what, given)


def _times_or_set(number: int, what: str, given: dict[str, object]) -> Change:
    _refuse(number, what, given, ("share", "by"))
    if what == "contingent":
        _refuse(number, what, given, ("facility_type",))
    how = given.get("how")
    if not isinstance(how, str) or how not in CHANGED[what]:
        raise _wrong(
            number,
            what,
            "change_how",
            '"how" must be %(known)s',
            known=" or ".join(f'"{each}"' for each in CHANGED[what]),
        )
    if "value" not in given:
        raise _wrong(number, what, "change_value_missing", '"value" is missing')
    least, most = 0.0, MOST_TIMES if how == "times" else MOST_SET[what]
    if what == "readiness":
        least = LEAST_PACE
    value = _number(number, what, "value", given["value"], least, most)
    if what == "places" and how == "set" and value != int(value):
        raise _wrong(number, what, "change_whole", "places must be a whole number")
    first = _quarter(number, what, "from", given)
    last = _quarter(number, what, "until", given)
    if first is not None and last is not None and last < first:
        raise _wrong(
            number,
            what,
            "change_order",
            '"until" %(until)s lies before "from" %(from)s',
            **{"until": label(last), "from": label(first)},
        )
    return Change(
        what=what,
        how=how,
        value=value,
        first=first,
        last=last,
        facility_type=_facility_type(number, what, given),
        municipality=_municipality(number, what, given),
    )


def _policy_share(number: int, given: dict[str, object]) -> Change:
    what = "policy_share"
    _refuse(number, what, given, ("value", "from", "until"))
    if given.get("how", "set") != "set":
        raise _wrong(number, what, "change_how", '"how" must be %(known)s', known='"set"')
    for key in ("share", "by"):
        if key not in given:
            raise _wrong(number, what, "change_missing", '"%(key)s" is missing', key=key)
    return Change(
        what=what,
        share=_number(number, what, "share", given["share"], 0.0, 1.0),
        by=_quarter(number, what, "by", given),
        facility_type=_facility_type(number, what, given),
        municipality=_municipality(number, what, given),
    )


def _refuse(number: int, what: str, given: dict[str, object], keys: Sequence[str]) -> None:
    for key in keys:
        if key in given:
            raise _wrong(number, what, "change_needless", 'it takes no "%(key)s"', key=key)


def _is_number(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _shown(value: object) -> str:
    """Return a value as a sentence shows it: the beginning of a text or number, else its kind."""
    if not isinstance(value, str | int | float):
        return "nothing" if value is None else f"a {type(value).__name__}"
    try:
        return str(value)[:MOST_NAME]
    except ValueError:
        return "a number of too many digits"


def _number(number: int, what: str, key: str, value: object, least: float, most: float) -> float:
    if not _is_number(value):
        raise _wrong(
            number,
            what,
            "change_number",
            '"%(key)s" is not a number: %(value)s',
            key=key,
            value=_shown(value),
        )
    if not least <= value <= most:
        raise _wrong(
            number,
            what,
            "change_range",
            '"%(key)s" must lie between %(least)s and %(most)s, not be %(value)s',
            key=key,
            least=f"{least:g}",
            most=f"{most:g}",
            value=f"{value:g}",
        )
    return float(value)


def _quarter(number: int, what: str, key: str, given: dict[str, object]) -> int | None:
    if key not in given:
        return None
    try:
        return parse_quarter(_shown(given[key]))
    except EstimateError:
        raise _wrong(
            number,
            what,
            "change_quarter",
            '"%(key)s" is not a quarter such as 2027Q1: %(value)s',
            key=key,
            value=_shown(given[key]),
        ) from None


def _facility_type(number: int, what: str, given: dict[str, object]) -> str | None:
    kind = given.get("facility_type")
    if kind is None or kind in FACILITY_TYPES:
        return None if kind is None else str(kind)
    raise _wrong(
        number,
        what,
        "change_facility",
        '"%(value)s" is not a facility type; %(known)s are',
        value=_shown(kind),
        known=" and ".join(FACILITY_TYPES),
    )


def _municipality(number: int, what: str, given: dict[str, object]) -> str | None:
    town = given.get("municipality")
    if town is None or isinstance(town, str):
        return town
    raise _wrong(
        number,
        what,
        "change_municipality",
        'municipality "%(municipality)s" is not known here',
        municipality=_shown(town),
    )
