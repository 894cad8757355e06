"""Equal chances as tables and sentences, so that nobody can be recognised in a number.

Every number of people stands rounded to 5, below 10 in words, and where subtracting would still
tell of a few, it is not told (housing.fairness_audit decided that). A share is of the numbers as
they are told, and only of fifty people or more; the middle of a waiting time only of ten or more.
That a difference is larger than chance is found on the exact numbers; that is one yes or no.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import Permission, Viewer
from accounts.models import Organisation
from housing.exact_test import stand_out, two_sided
from housing.fairness import AGES, ALONE, CHILDREN, MONTHS, OUTSIDE, TOGETHER, UNKNOWN
from housing.models import FairnessPicture
from outflow.inventories.disclosure import untold
from outflow.lifecycle import FacilityType
from regions import formats
from regions.charts.bars import share_bar
from regions.formats import SMALLEST_COUNT_SHOWN
from regions.models import Municipality
from regions.tables import Cell, Column, Table, numeric

LEAST_FOR_A_SHARE = 50

DIMENSIONS: dict[str, str | Promise] = {
    "sex": gettext_lazy("Sex"),
    "age": gettext_lazy("Age"),
    "provider": gettext_lazy("Care provider"),
    "origin": gettext_lazy("Municipality of origin"),
    "household": gettext_lazy("With whom somebody will live"),
    "care": gettext_lazy("Kind of care"),
}
# An outcome and the people of whom it is a part.
OUTCOMES = (("placed", "waited"), ("matched", "looked"))

Row = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """The region divided in one way: its table, and what can be said about it."""

    key: str
    heading: str
    table: Table | None
    differences: list[str]
    is_tested: bool


@dataclass(frozen=True)
class Fairness:
    """One month as it is told."""

    month: date
    since: date
    until: date
    waited: str
    placed: str
    knows_matchings: bool
    parts: list[Part]

    @property
    def tables(self) -> list[Table]:
        return [part.table for part in self.parts if part.table]

    @property
    def with_differences(self) -> list[Part]:
        return [part for part in self.parts if part.differences]

    @property
    def is_tested(self) -> bool:
        return any(part.is_tested for part in self.parts)


@dataclass(frozen=True)
class _Division:
    """The rows of one way to divide the region; each says which of its numbers are not told."""

    key: str
    rows: list[Row]

    def tells(self, column: str, at: int) -> bool:
        """Whether the number stands there, rounded or as "fewer than 10"."""
        row = self.rows[at]
        return row[column] is not None and column not in row["hidden"]

    def is_shown(self, column: str, at: int) -> bool:
        """Whether the number stands there as a number."""
        return self.tells(column, at) and self.rows[at][column] >= SMALLEST_COUNT_SHOWN


@dataclass(frozen=True)
class _Test:
    """A group of which an outcome is held against all others."""

    division: str
    at: int
    outcome: str
    chance: float
    is_less: bool


def pictures_for(viewer: Viewer) -> QuerySet[FairnessPicture]:
    """The months that a viewer may see, the newest first."""
    return FairnessPicture.objects.visible_to(viewer, Permission.SEE_FAIRNESS).order_by("-month")


def tell(picture: FairnessPicture) -> Fairness:
    """The picture of a month as everybody with this page may see it."""
    whole: Row = next(row for row in picture.rows if not row["by"])
    divisions = [
        _Division(key, [row for row in picture.rows if row["by"] == key]) for key in DIMENSIONS
    ]
    tests = [test for division in divisions for test in _tests(division, whole)]
    unlikely = stand_out([test.chance for test in tests])
    found = [test for test, is_unlikely in zip(tests, unlikely, strict=True) if is_unlikely]
    names = _Names(picture.rows)
    until = formats.months_after(picture.month, 1)
    return Fairness(
        month=picture.month,
        since=formats.months_after(picture.month, 1 - MONTHS),
        until=until,
        waited=formats.people_count(whole["waited"]),
        placed="" if "placed" in whole["hidden"] else formats.people_count(whole["placed"]),
        knows_matchings=whole["matched"] is not None,
        parts=[
            Part(
                key=division.key,
                heading=str(DIMENSIONS[division.key]),
                table=_table(division, whole, names, picture.month),
                differences=_differences(division, whole, names, found),
                is_tested=any(test.division == division.key for test in tests),
            )
            for division in divisions
        ],
    )


# Chance ------------------------------------------------------------------------------------------


def _tests(division: _Division, whole: Row) -> Iterable[_Test]:
    """Every group of which an outcome may be told, held against all others that are known.

    Of who left, often nothing is kept but that they got a home: the unknown are no group.
    """
    unknown = next((at for at, row in enumerate(division.rows) if row["group"] == UNKNOWN), None)
    for outcome, of in OUTCOMES:
        if outcome in whole["hidden"]:
            continue
        if unknown is not None and not _may_be_left_out(division, unknown, outcome, of):
            continue
        rest = division.rows[unknown] if unknown is not None else {outcome: 0, of: 0}
        all_part, all_whole = whole[outcome] - rest[outcome], whole[of] - rest[of]
        for at, row in enumerate(division.rows):
            if at == unknown or not (division.is_shown(of, at) and division.tells(outcome, at)):
                continue
            if all_whole - row[of] >= SMALLEST_COUNT_SHOWN:
                yield _Test(
                    division.key,
                    at,
                    outcome,
                    chance=two_sided(row[outcome], row[of], all_part, all_whole),
                    is_less=row[outcome] * all_whole < all_part * row[of],
                )


def _may_be_left_out(division: _Division, at: int, outcome: str, of: str) -> bool:
    """Whether the numbers of everybody else follow from what is told anyway."""
    return all(
        division.is_shown(column, at) or division.rows[at][column] < SMALLEST_COUNT_SHOWN
        for column in (outcome, of)
    )


def _known(division: _Division, whole: Row, column: str) -> str:
    """How many people are in a group that is known, from the numbers as they are told."""
    told = formats.to_five(whole[column])
    for at, row in enumerate(division.rows):
        if row["group"] == UNKNOWN and division.is_shown(column, at):
            told -= formats.to_five(row[column])
    return formats.people_count(told)


def _differences(
    division: _Division, whole: Row, names: "_Names", found: Sequence[_Test]
) -> list[str]:
    """Who had it less often; who had it more often only where nobody stands out below."""
    own = [test for test in found if test.division == division.key]
    less = {test.outcome for test in own if test.is_less}
    return [
        _difference(test, division, whole, names)
        for test in own
        if test.is_less or test.outcome not in less
    ]


def _difference(test: _Test, division: _Division, whole: Row, names: "_Names") -> str:
    of, row = dict(OUTCOMES)[test.outcome], division.rows[test.at]
    words = {
        ("placed", True): _(
            "%(group)s: got a home less often than chance explains, %(part)s of %(all)s people."
            " Of all groups together it was %(region_part)s of %(region_all)s."
        ),
        ("placed", False): _(
            "%(group)s: got a home more often than chance explains, %(part)s of %(all)s people."
            " Of all groups together it was %(region_part)s of %(region_all)s."
        ),
        ("matched", True): _(
            "%(group)s: had a home in the matching less often than chance explains, %(part)s of"
            " %(all)s people. Of all groups together it was %(region_part)s of %(region_all)s."
        ),
        ("matched", False): _(
            "%(group)s: had a home in the matching more often than chance explains, %(part)s of"
            " %(all)s people. Of all groups together it was %(region_part)s of %(region_all)s."
        ),
    }
    return words[test.outcome, test.is_less] % {
        "group": names.of(row),
        "part": formats.people_count(row[test.outcome]),
        "all": formats.people_count(row[of]),
        "region_part": _known(division, whole, test.outcome),
        "region_all": _known(division, whole, of),
    }


# Tables ------------------------------------------------------------------------------------------


def _table(division: _Division, whole: Row, names: "_Names", month: date) -> Table | None:
    """None where the groups cannot be told apart without telling of somebody."""
    if not any(division.is_shown("waited", at) for at in range(len(division.rows))):
        return None
    largest = formats.to_five(max(row["waited"] for row in division.rows))
    columns = [
        Column(str(DIMENSIONS[division.key])),
        Column(_("Waited"), "number", _("people")),
        Column(_("Got a home"), "number", _("people")),
        Column(_("Part that got a home"), "picture"),
        Column(_("Waited until the home"), "number", _("middle")),
        Column(_("Still waits, so far"), "number", _("middle")),
    ]
    if whole["matched"] is not None:
        in_month = _("people, %(month)s") % {"month": formats.month(month)}
        columns.append(Column(_("A home in the matching"), "number", in_month))
    everybody = _Division("", [whole])
    return Table(
        caption=_("Equal chances by: %(what)s") % {"what": DIMENSIONS[division.key]},
        columns=columns,
        rows=[
            _cells(division, at, names.of(row), largest)[: len(columns)]
            for at, row in enumerate(division.rows)
        ],
        totals=_cells(everybody, 0, _("Whole region"), 0)[: len(columns)],
    )


def _cells(division: _Division, at: int, name: str, largest: int) -> list[Cell]:
    row = division.rows[at]
    waited, placed = (_people(division, column, at) for column in ("waited", "placed"))
    picture = Cell()
    if division.is_shown("placed", at):
        share = _share(row["placed"], row["waited"])
        placed = numeric(formats.to_five(row["placed"]), sub=share)
        if largest:
            drawn = share_bar(
                name=name,
                part=formats.to_five(row["placed"]),
                whole=formats.to_five(row["waited"]),
                largest=largest,
            )
            picture = Cell(picture=drawn)
    return [
        Cell(name),
        waited,
        placed,
        picture,
        _months(row["placed_months"] if division.is_shown("placed", at) else None),
        _months(row["waiting_months"] if division.is_shown("waiting", at) else None),
        _of(division, at),
    ]


def _people(division: _Division, column: str, at: int) -> Cell:
    if not division.tells(column, at):
        return untold()
    count = division.rows[at][column]
    if count < SMALLEST_COUNT_SHOWN:
        return Cell(formats.people_count(count))
    return numeric(formats.to_five(count))


def _of(division: _Division, at: int) -> Cell:
    """Who had a home in the matching, of whom."""
    if not division.is_shown("looked", at) or not division.tells("matched", at):
        return untold()
    words = {"part": _people(division, "matched", at), "all": _people(division, "looked", at)}
    return Cell(_("%(part)s of %(all)s") % {key: cell.text for key, cell in words.items()})


def _share(part: int, whole: int) -> str:
    """Of the numbers as they are told, so that it tells nothing beside them."""
    if whole < LEAST_FOR_A_SHARE:
        return ""
    return formats.percent(round(100 * formats.to_five(part) / formats.to_five(whole)))


def _months(months: int | None) -> Cell:
    if months is None:
        return Cell()
    if months == 0:
        return Cell(_("less than a month"))
    words = ngettext("%(count)d month", "%(count)d months", months) % {"count": months}
    return Cell(words)


# Names -------------------------------------------------------------------------------------------


class _Names:
    """What the groups are called; refs and codes stand in the picture."""

    def __init__(self, rows: Sequence[Row]) -> None:
        def groups(by: str) -> list[str]:
            return [row["group"] for row in rows if row["by"] == by]

        self._of: dict[str, Callable[[str], str]] = {
            "sex": lambda group: str({"V": _("woman"), "M": _("man"), "X": _("other")}[group]),
            "age": _age,
            "household": lambda group: str(
                {
                    ALONE: _("alone"),
                    TOGETHER: _("with somebody, without children"),
                    CHILDREN: _("with children"),
                }[group]
            ),
            "care": lambda group: str(FacilityType(group).label),
        }
        self._listed = {
            "provider": {
                str(ref): name
                for ref, name in Organisation.objects.filter(
                    ref__in=groups("provider")
                ).values_list("ref", "name")
            },
            "origin": {OUTSIDE: _("outside the region")}
            | dict(
                Municipality.objects.filter(code__in=groups("origin")).values_list("code", "name")
            ),
        }

    def of(self, row: Row) -> str:
        by, group = row["by"], row["group"]
        if group == UNKNOWN:
            return capfirst(_("not known"))
        if by in self._listed:
            return capfirst(self._listed[by].get(group, _("not known")))
        return capfirst(self._of[by](group))


def _age(group: str) -> str:
    at = AGES.index(int(group))
    if at == 0:
        return _("under %(years)d") % {"years": AGES[1]}
    if at == len(AGES) - 1:
        return _("%(years)d or older") % {"years": AGES[at]}
    return _("%(first)d to %(last)d") % {"first": AGES[at], "last": AGES[at + 1] - 1}
