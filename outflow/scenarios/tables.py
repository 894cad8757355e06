"""What scenarios do, as tables and pictures: the same numbers on screen and in a download."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outflow.estimates.quarters import quarter_after
from outflow.estimates.results import QUARTERS_TOLD_APART, STOCKS, Band
from outflow.scenarios.reading import Answer, Comparison, Pair, Quarter, YearOf
from outflow.scenarios.words import Words
from regions import formats
from regions.charts.band import Course, Expected, band_figure
from regions.charts.svg import Figure
from regions.tables import Cell, Column, Table, numeric

SHOWN = ("backlog", "housed", "becomes_ready")
TITLES: dict[str, Words] = {
    "backlog": gettext_lazy("People who wait for a home, at the end of each quarter"),
    "housed": gettext_lazy("People who move into a home, per quarter"),
    "becomes_ready": gettext_lazy("People who become ready, per quarter"),
}
LETTERS = "ABC"


def quarter_table(answer: Answer, measure: str) -> Table:
    """The quarters nearby as now, with the scenario, and the difference with its band."""
    return Table(
        caption=str(TITLES[measure]),
        columns=[
            Column(_("Quarter")),
            Column(_("As now"), "number", _("most likely")),
            Column(_("With the scenario"), "number", _("most likely")),
            Column(_("Difference"), "number", _("most likely")),
            Column(_("Difference, 8 of 10 times"), "number"),
        ],
        rows=[
            [
                Cell(
                    formats.quarter(quarter.quarter_from),
                    sub=_begun(quarter, answer.as_of) if measure not in STOCKS else "",
                ),
                numeric(quarter.without.likely),
                numeric(quarter.changed.likely),
                _difference(quarter.difference.likely),
                Cell(signed_span(quarter.difference)),
            ]
            for quarter in answer.quarters(measure)[:QUARTERS_TOLD_APART]
        ],
    )


def year_table(answer: Answer) -> Table:
    """Each year with the scenario, and what it would be as now under it."""
    years = answer.years()
    differences = {band.quarter_from: band for band in answer.difference.bands("backlog")}
    has_share = any(with_it.within_3_months is not None for _without, with_it in years)
    columns = [
        Column(_("Year")),
        Column(_("Become ready"), "number", _("on average")),
        Column(_("Move into a home"), "number", _("on average")),
        Column(_("Wait at the end"), "number", _("most likely")),
        Column(_("Difference in waiting"), "number", _("8 of 10 times")),
    ]
    if has_share:
        columns.append(Column(_("Housed within 3 months"), "number"))
    rows = []
    for without, with_it in years:
        difference = differences[with_it.backlog.quarter_from]
        row = [
            year_cell(with_it),
            _beside(with_it.becomes_ready, without.becomes_ready),
            _beside(with_it.housed, without.housed),
            _beside(with_it.backlog.likely, without.backlog.likely),
            _difference(difference.likely, sub=signed_span(difference)),
        ]
        if has_share:
            row.append(_share_beside(with_it.within_3_months, without.within_3_months))
        rows.append(row)
    return Table(caption=_("Per year, whole region"), columns=columns, rows=rows)


def place_table(answer: Answer) -> tuple[Table | None, list[str]]:
    """The coming year per municipality, and those of which there is nothing to tell apart."""
    found = answer.municipalities(_("municipality not known"))
    places = [
        place
        for place in found
        if place.housed.changed is not None or place.backlog.changed is not None
    ]
    left_out = [place.name for place in found if place not in places]
    if not places:
        return None, left_out
    table = Table(
        caption=_("The coming year per municipality"),
        columns=[
            Column(_("Municipality")),
            Column(_("Move into a home"), "number", _("with the scenario")),
            Column(_("Difference"), "number"),
            Column(_("Wait at the end"), "number", _("with the scenario")),
            Column(_("Difference"), "number"),
        ],
        rows=[
            [Cell(place.name), *_pair_cells(place.housed), *_pair_cells(place.backlog)]
            for place in places
        ],
    )
    return table, left_out


def figure_of(answer: Answer, measure: str, *, sentence_id: str) -> Figure:
    """The scenario with its band, and the base as a line of another pattern."""
    quarters = [
        quarter
        for quarter in answer.quarters(measure)
        if measure in STOCKS or quarter.quarter_from >= answer.as_of
    ]
    course = Course(_("as now"), [quarter.without.likely for quarter in quarters])
    moments = [_moment(quarter.changed) for quarter in quarters]
    return band_figure(moments, sentence_id=sentence_id, courses=[course])


def figure_of_all(comparison: Comparison, *, sentence_id: str) -> Figure:
    """Who waits: the base with its band, and each scenario as a line named by its letter."""
    courses = [
        Course(letter, [band.likely for band in answer.changed.bands("backlog")])
        for letter, (_scenario, answer) in zip(LETTERS, comparison.answers, strict=False)
    ]
    moments = [_moment(band) for band in comparison.base.bands("backlog")]
    return band_figure(moments, sentence_id=sentence_id, courses=courses)


def comparison_tables(comparison: Comparison) -> list[Table]:
    """One table for each thing that is compared: a row per scenario, a column per year."""
    base = comparison.base.years(comparison.as_of)
    heads = [_year_column(year) for year in base]
    changed = [
        (f"{letter}  {scenario.name}", scenario.get_absolute_url(), answer)
        for letter, (scenario, answer) in zip(LETTERS, comparison.answers, strict=False)
    ]

    def table(caption: str, first: list[Cell], rest: Sequence[list[Cell]]) -> Table:
        rows = [[Cell(_("As now")), *first]]
        rows += [
            [Cell(name, url=url), *cells]
            for (name, url, _answer), cells in zip(changed, rest, strict=True)
        ]
        return Table(caption=caption, columns=[Column(_("Scenario")), *heads], rows=rows)

    years = [answer.changed.years(answer.as_of) for _name, _url, answer in changed]
    changes = [answer.difference.years(answer.as_of) for _name, _url, answer in changed]
    waiting = [
        {band.quarter_from: band for band in answer.difference.bands("backlog")}
        for _name, _url, answer in changed
    ]
    found = [
        table(
            _("Wait at the end of the year"),
            [numeric(year.backlog.likely, sub=_span(year.backlog)) for year in base],
            [
                [_waiting_cell(year, differences[year.backlog.quarter_from]) for year in of]
                for of, differences in zip(years, waiting, strict=True)
            ],
        ),
        table(
            _("Move into a home in the year"),
            [numeric(year.housed) for year in base],
            [
                _flows([year.housed for year in of], [year.housed for year in differences])
                for of, differences in zip(years, changes, strict=True)
            ],
        ),
        table(
            _("Become ready in the year"),
            [numeric(year.becomes_ready) for year in base],
            [
                _flows([y.becomes_ready for y in of], [y.becomes_ready for y in differences])
                for of, differences in zip(years, changes, strict=True)
            ],
        ),
    ]
    if any(year.within_3_months is not None for year in base):
        found.append(
            table(
                _("Of those who move, housed within 3 months"),
                [_share_cell(year.within_3_months) for year in base],
                [[_share_cell(year.within_3_months) for year in of] for of in years],
            )
        )
    return found


def signed_span(band: Band) -> str:
    """−20 to −5: between what a difference lies, 8 of 10 times."""
    low, high = formats.signed(band.low), formats.signed(band.high)
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def year_cell(year: YearOf) -> Cell:
    """A year, and which part of it where it is not whole."""
    return Cell(str(year.from_on.year), sub=_part_of_year(year))


def _year_column(year: YearOf) -> Column:
    return Column(str(year.from_on.year), "number", _part_of_year(year))


def _part_of_year(year: YearOf) -> str:
    if (year.from_on.month, year.from_on.day) != (1, 1):
        return _("from %(day)s") % {"day": formats.day(year.from_on)}
    if year.until_on.month < 12:
        return _("up to %(day)s") % {"day": formats.day(year.until_on)}
    return ""


def _begun(quarter: Quarter, as_of: date) -> str:
    """Of a quarter that has begun only what is left of it is expected."""
    if quarter.quarter_from < as_of < quarter_after(quarter.quarter_from):
        return _("from %(day)s") % {"day": formats.day(as_of)}
    return ""


def _span(band: Band) -> str:
    return formats.span(band.low, band.high)


def _difference(value: int, sub: str = "") -> Cell:
    return Cell(formats.signed(value), sub=sub, value=value)


def _beside(value: int, without: int) -> Cell:
    return numeric(value, sub=_("as now %(number)s") % {"number": formats.number(without)})


def _share_cell(share: int | None) -> Cell:
    return Cell(formats.percent(share) if share is not None else _("not known"))


def _share_beside(share: int | None, without: int | None) -> Cell:
    if share is None or without is None:
        return Cell(_("not known"))
    return Cell(
        formats.percent(share), sub=_("as now %(number)s") % {"number": formats.percent(without)}
    )


def _pair_cells(pair: Pair) -> list[Cell]:
    fewer = formats.people_count(0)
    number = Cell(fewer) if pair.changed is None else numeric(pair.changed)
    if pair.difference is None:
        return [number, Cell(_("not told"))]
    return [number, _difference(pair.difference)]


def _waiting_cell(year: YearOf, difference: Band) -> Cell:
    words = formats.signed(difference.likely)
    if difference.low != difference.high:
        words = _("%(likely)s (%(span)s)") % {"likely": words, "span": signed_span(difference)}
    return numeric(year.backlog.likely, sub=words)


def _flows(values: list[int], differences: list[int]) -> list[Cell]:
    return [
        numeric(value, sub=formats.signed(difference))
        for value, difference in zip(values, differences, strict=True)
    ]


def _moment(band: Band) -> Expected:
    start = band.quarter_from
    return Expected(
        likely=band.likely,
        low80=band.low,
        high80=band.high,
        low95=band.lowest,
        high95=band.highest,
        tick=str(start.year) if start.month == 1 else "",
    )
