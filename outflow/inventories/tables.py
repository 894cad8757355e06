"""The inventory as tables, for screen, paper and lists.

Each number of people stands on its own: fewer than 10 is said in words, else it is rounded to 5, a
total from the true total. Nothing can be worked out from a total and the other numbers. Beside it
stand the own clients of a provider, exact; a number that would tell of fewer than 10 others beside
them is not told, and another is kept back with it where a total would tell it after all.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outflow.inventories.counts import Home, Inventory, Person, per_place
from outflow.inventories.disclosure import SeenTable, kept_back, tells_few, untold
from outflow.inventories.stepplans import Shares, told
from outflow.lifecycle import FacilityType, HousingForm, SupportKind
from regions import formats
from regions.charts.bars import share_bar
from regions.formats import SMALLEST_COUNT_SHOWN
from regions.law import limit
from regions.models import LegalParameter, Municipality
from regions.tables import Cell, Column, numeric

LEAST_FOR_A_SHARE = 50
RENT_LIMITS = (
    LegalParameter.Kind.YOUTH_RENT,
    LegalParameter.Kind.FITTING_RENT_SMALL,
    LegalParameter.Kind.FITTING_RENT_LARGE,
    LegalParameter.Kind.DAEB_RENT,
)
HOURS = (2, 5, 10)
MOST_BEDROOMS_APART = 3
OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a viewer compares: the region, and the own clients where there are any."""

    region: Inventory
    own: Inventory | None = None

    @property
    def parts(self) -> list[Inventory]:
        return [self.region] if self.own is None else [self.region, self.own]


def people(count: int) -> Cell:
    """A number of people, or of the homes they need, as everybody may see it."""
    text = formats.people_count(count)
    return Cell(text) if count < SMALLEST_COUNT_SHOWN else numeric(told(count))


def _column_cells(
    counts: Sequence[Sequence[int]], *, elsewhere: Collection[int] = (), shows_own: bool = True
) -> list[list[Cell]]:
    """The region's numbers, total last, and the own ones exact where there are any."""
    return [
        [
            untold() if is_back else people(count),
            *(map(numeric, own) if shows_own else ()),
        ]
        for (count, *own), is_back in zip(counts, kept_back(counts, elsewhere), strict=True)
    ]


def _rows(names: Sequence[Cell], *columns: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Rows from columns of one or more cells each."""
    return [
        [name, *(cell for cells in parts for cell in cells)]
        for name, *parts in zip(names, *columns, strict=True)
    ]


def _columns(seen: Seen, label: str, sub: str = "") -> list[Column]:
    columns = [Column(label, "number", sub)]
    if seen.own is not None:
        own = _("Own clients: %(what)s") % {"what": label[:1].lower() + label[1:]}
        columns.append(Column(own, "number", _("exact")))
    return columns


# Who is there, and when they are ready -----------------------------------------------------------


def stock_table(seen: Seen) -> SeenTable:
    """People in care by kind, and how many of them are ready."""
    kinds = [[part.of_kind(kind.value) for part in seen.parts] for kind in FacilityType]
    groups = [*kinds, seen.parts]
    *rows, totals = _rows(
        [*(Cell(capfirst(str(kind.label))) for kind in FacilityType), Cell(_("Together"))],
        _column_cells([[len(part.people) for part in parts] for parts in groups]),
        _column_cells([[len(part.ready) for part in parts] for parts in groups]),
    )
    return SeenTable(
        caption=_("People in care, by kind"),
        columns=[
            Column(_("Kind of care")),
            *_columns(seen, _("In care"), _("people")),
            *_columns(seen, _("Of whom ready"), _("people")),
        ],
        rows=rows,
        totals=totals,
    )


def term_table(seen: Seen) -> SeenTable:
    """Who is ready now, and when the others are expected to be."""
    terms = [part.terms() for part in seen.parts]
    rows = [(_("Ready now"), "", [each.ready for each in terms])]
    rows += [
        (label, "", [each.bands[number] for each in terms])
        for number, label in enumerate(term_labels(seen.region.definitions.term_months))
    ]
    rows += [
        (
            _("Expected day has passed"),
            _("not ready yet: waits for an update, no forecast"),
            [each.overdue for each in terms],
        ),
        (_("No day known"), _("not spread over the terms"), [each.not_known for each in terms]),
    ]
    everybody = told(terms[0].people)
    counts = [each for _label, _sub, each in rows] + [[each.people for each in terms]]
    # Who is ready now stands in the table by kind too.
    cells = _column_cells(counts, elsewhere={0})

    def bar(label: str, count: int, cell: Cell) -> Cell:
        if count < SMALLEST_COUNT_SHOWN or untold() in (cell, cells[-1][0]):
            return Cell()
        drawn = share_bar(name=label, part=told(count), whole=everybody, largest=everybody)
        return Cell(picture=drawn)

    return SeenTable(
        caption=_("People in care, by when they are ready"),
        columns=[
            Column(_("Ready")),
            *_columns(seen, _("People")),
            Column(_("Part of everybody in care"), "picture"),
        ],
        rows=[
            [Cell(label, sub=sub), *row, bar(label, each[0], row[0])]
            for (label, sub, each), row in zip(rows, cells, strict=False)
        ],
        totals=[Cell(_("Together")), *cells[-1], Cell()],
    )


def term_labels(months: Sequence[int]) -> list[str]:
    """The term bands in words; they touch and do not overlap."""
    edges = [0, *months]
    labels = [
        _("Within %(months)d months") % {"months": last}
        if not first
        else _("%(first)d to %(last)d months") % {"first": first, "last": last}
        for first, last in pairwise(edges)
    ]
    return [*labels, _("More than %(months)d months") % {"months": edges[-1]}]


# Where from and where to -------------------------------------------------------------------------


def place_table(seen: Seen, shares: Shares, places: Sequence[Municipality]) -> SeenTable:
    """Where people come from, where they want to live, and what was agreed."""
    codes = {place.pk: place.code for place in places}

    def counted(of: Iterable[Person], name: str) -> Counter[str | None]:
        found: Counter[str | None] = Counter()
        for place, number in per_place(of, name).items():
            found[None if place is None else codes.get(place, OUTSIDE)] += number
        return found

    origins = [counted(part.people, "origin") for part in seen.parts]
    wishes = [counted(part.people, "wish") for part in seen.parts]
    ready = [counted(part.ready, "wish") for part in seen.parts]
    codes_in_order = [*(place.code for place in places), OUTSIDE, None]
    names = [place.name for place in places] + [_("Outside the region"), _("Not known")]
    everybody = [len(part.people) for part in seen.parts]

    def of_each(found: Sequence[Counter[str | None]], whole: list[int]) -> list[list[int]]:
        return [[each[code] for each in found] for code in codes_in_order] + [whole]

    def agreed(code: str | None) -> list[Cell]:
        share = shares.by_code.get(code) if code else None
        return [
            Cell(formats.percent(float(share) * 100)) if share is not None else Cell(),
            numeric(shares.planned.get(code)) if code else Cell(),
        ]

    together = [
        Cell(formats.percent(100)) if shares.by_code else Cell(),
        numeric(sum(shares.planned.values())) if shares.planned else Cell(),
    ]
    *rows, totals = _rows(
        [*map(Cell, names), Cell(_("Together"))],
        _with_share(of_each(origins, everybody)),
        _with_share(of_each(wishes, everybody)),
        _column_cells(of_each(ready, [len(part.ready) for part in seen.parts]), shows_own=False),
        [*map(agreed, codes_in_order), together],
    )
    planned_from = _("in the four quarters from %(quarter)s on") % {
        "quarter": formats.quarter(shares.first)
    }
    return SeenTable(
        caption=_("Origin, wish and agreed share by municipality"),
        columns=[
            Column(_("Municipality")),
            *_columns(seen, _("Comes from"), _("people")),
            *_columns(seen, _("Wants to live"), _("people, first wish")),
            Column(_("Ready, wants to live"), "number", _("people, first wish")),
            Column(_share_label(shares), "number"),
            Column(_("Dwellings planned"), "number", planned_from),
        ],
        rows=rows,
        totals=totals,
    )


def _share_label(shares: Shares) -> str:
    return _("Agreed share") if shares.are_agreed else _("Share of what was planned")


def _with_share(counts: Sequence[Sequence[int]]) -> list[list[Cell]]:
    """The numbers with their share of everybody, worked out from what is told."""
    cells = _column_cells(counts)
    everybody = counts[-1][0]
    if everybody < LEAST_FOR_A_SHARE or cells[-1][0] == untold():
        return cells
    for (first, *_own), row in zip(counts[:-1], cells, strict=False):
        if first >= SMALLEST_COUNT_SHOWN and row[0] != untold():
            share = formats.percent(100 * told(first) / told(everybody))
            row[0] = Cell(row[0].text, sub=share, value=row[0].value)
    return cells


# To what home, with what support -----------------------------------------------------------------

Test = Callable[[Home], bool]


def need_tables(seen: Seen) -> list[SeenTable]:
    """What the homes must be and which support must be near; what is not known stands apart."""
    return [
        _form_table(seen),
        _support_table(seen),
        _rent_table(seen),
        _hours_table(seen),
        _bedroom_table(seen),
        _access_table(seen),
        _household_table(seen),
    ]


def _of_need(test: Callable[..., bool]) -> Test:
    """Whether a home's need is known and meets the test."""
    return lambda home: home.need is not None and test(home.need)


def _home_table(
    seen: Seen, caption: str, heading: str, rows: list[tuple[str, Test]], *, gathers: bool = False
) -> SeenTable:
    """Homes by what they must offer: needed now, and by everybody in care together.

    With `gathers`, kinds that are too few to be told apart share one row. What is not known never
    goes into it.
    """

    def counts(test: Test) -> list[int]:
        return [sum(map(test, part.homes)) for part in seen.parts]

    def is_few(test: Test) -> bool:
        region, *own = counts(test)
        return region < SMALLEST_COUNT_SHOWN and not any(own)

    few = [name for name, test in rows if gathers and is_few(test)]
    apart = [(name, test) for name, test in rows if name not in few or len(few) == 1]
    last: list[tuple[str, Test]] = [
        (_("Need not known"), lambda home: home.need is None),
        (_("Homes"), lambda _home: True),
    ]
    tests = [test for _name, test in (*apart, *last)]
    ready = [[sum(map(test, part.homes_of_ready)) for part in seen.parts] for test in tests]
    *shown, unknown, totals = _rows(
        [Cell(capfirst(name)) for name, _test in (*apart, *last)],
        _column_cells(ready, shows_own=False),
        _column_cells([counts(test) for test in tests]),
    )
    if len(few) > 1:
        own = [numeric(0) for _part in seen.parts[1:]]
        names = Cell(_("Each of the others"), sub=formats.and_list(few))
        shown.append([names, *[people(0)] * 2, *own])
    return SeenTable(
        caption=caption,
        columns=[
            Column(heading),
            Column(_("Ready now"), "number", _("homes")),
            *_columns(seen, _("Everybody in care"), _("homes")),
        ],
        rows=[*shown, unknown],
        totals=totals,
    )


def _form_table(seen: Seen) -> SeenTable:
    def may_be(form: str) -> Test:
        return _of_need(lambda need: form in need.forms)

    rows = [(str(form.label), may_be(form.value)) for form in HousingForm]
    rows.append((_("no form recorded"), _of_need(lambda need: not need.forms)))
    return _home_table(seen, _("Homes needed, by form"), _("Form"), rows, gathers=True)


def _rent_table(seen: Seen) -> SeenTable:
    """By the limits of the law on the day; without them only known or not."""
    limits = [limit(kind, on=seen.region.on) for kind in RENT_LIMITS]
    edges = [Decimal(0), *(each.value for each in limits if each)]

    def between(low: Decimal, high: Decimal | None) -> Test:
        return _of_need(
            lambda need: (
                need.max_rent is not None
                and need.max_rent > low
                and (high is None or need.max_rent <= high)
            )
        )

    rows = [
        (
            _("Up to %(rent)s") % {"rent": formats.money(high)}
            if not low
            else _("More than %(low)s, up to %(high)s")
            % {"low": formats.money(low), "high": formats.money(high)},
            between(low, high),
        )
        for low, high in pairwise(edges)
    ]
    label = _("More than %(low)s") % {"low": formats.money(edges[-1])}
    rows.append((label if edges[-1] else _("Highest rent known"), between(edges[-1], None)))
    rows.append((_("No highest rent recorded"), _of_need(lambda need: need.max_rent is None)))
    return _home_table(seen, _("Homes needed, by highest basic rent"), _("Basic rent"), rows)


def _bedroom_table(seen: Seen) -> SeenTable:
    def exactly(number: int) -> Test:
        return _of_need(lambda need: max(need.bedrooms, 1) == number)

    rows = [
        (
            ngettext("%(count)d bedroom", "%(count)d bedrooms", number) % {"count": number},
            exactly(number),
        )
        for number in range(1, MOST_BEDROOMS_APART + 1)
    ]
    more = _("More than %(count)d bedrooms") % {"count": MOST_BEDROOMS_APART}
    rows.append((more, _of_need(lambda need: need.bedrooms > MOST_BEDROOMS_APART)))
    return _home_table(seen, _("Homes needed, by bedrooms"), _("Bedrooms, at least"), rows)


def _access_table(seen: Seen) -> SeenTable:
    rows = [
        (_("Wheelchair"), _of_need(lambda need: need.wheelchair)),
        (
            _("Step-free, no wheelchair"),
            _of_need(lambda need: need.step_free and not need.wheelchair),
        ),
        (_("Low-stimulus surroundings"), _of_need(lambda need: need.low_stimulus)),
        (
            _("None of these"),
            _of_need(lambda need: not (need.wheelchair or need.step_free or need.low_stimulus)),
        ),
    ]
    return _home_table(seen, _("Homes needed, by accessibility"), _("Accessibility"), rows)


def _household_table(seen: Seen) -> SeenTable:
    rows = [
        (_("One person"), _of_need(lambda need: need.persons == 1)),
        (_("Two people"), _of_need(lambda need: need.persons == 2)),
        (_("Three people or more"), _of_need(lambda need: need.persons > 2)),
    ]
    return _home_table(seen, _("Homes needed, by people in the home"), _("People"), rows)


def _support_table(seen: Seen) -> SeenTable:
    def needs(kind: str) -> Test:
        return _of_need(lambda need: kind in need.support)

    rows = [(str(kind.label), needs(kind.value)) for kind in SupportKind]
    rows.append((_("no support recorded"), _of_need(lambda need: not need.support)))
    return _home_table(
        seen, _("Support needed in the neighbourhood"), _("Support"), rows, gathers=True
    )


def _hours_table(seen: Seen) -> SeenTable:
    def between(low: int, high: int | None) -> Test:
        return _of_need(
            lambda need: need.guidance_hours > low and (high is None or need.guidance_hours <= high)
        )

    rows = [(_("No hours recorded"), _of_need(lambda need: not need.guidance_hours))]
    rows += [
        (
            _("Up to %(hours)d hours") % {"hours": high}
            if not low
            else _("More than %(low)d, up to %(high)d hours") % {"low": low, "high": high},
            between(low, high),
        )
        for low, high in pairwise((0, *HOURS))
    ]
    rows.append((_("More than %(hours)d hours") % {"hours": HOURS[-1]}, between(HOURS[-1], None)))
    return _home_table(seen, _("Guidance needed at home"), _("Guidance a week"), rows)


def guidance_hours(seen: Seen) -> int | None:
    """Hours of guidance a week that homes of who is ready need; None for too few to tell."""
    known = [
        [
            home.need.guidance_hours
            for home in part.homes_of_ready
            if home.need and home.need.guidance_hours
        ]
        for part in seen.parts
    ]
    counts = [len(hours) for hours in known]
    if counts[0] < SMALLEST_COUNT_SHOWN or tells_few(*counts):
        return None
    return told(round(sum(known[0])))
