"""The tables of the estimate, on screen and in a list to take along."""

from datetime import date
from urllib.parse import urlencode

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outflow.estimates.counted import Past
from outflow.estimates.needed import Effect, Needed, What
from outflow.estimates.results import QUARTERS_TOLD_APART, Band, Focus, Outlook, Part
from outflow.estimates.words import (
    CAPTIONS,
    MEASURES,
    NEEDS,
    assumption,
    dwelling_kind,
    in_months,
    need_value,
    warning,
)
from regions import formats
from regions.tables import Cell, Column, Table, numeric

TRIED = ("becomes_ready", "housed", "backlog")


def told(people: int | None, *, sub: str = "") -> Cell:
    """A number of people; too few to be named are said in words."""
    return Cell(formats.people_count(0)) if people is None else numeric(people, sub=sub)


def _tells(rows: list[list[Cell]]) -> bool:
    """Whether any number in these rows may be told."""
    return any(cell.value is not None for row in rows for cell in row)


def span_of(outlook: Outlook, low: int, high: int) -> str:
    """A forecast between two bounds: of a region as it is, of a part protected."""
    written = formats.span if outlook.focus.is_whole else formats.people_span
    return written(low, high)


def quarter_table(outlook: Outlook, measure: str, counted: list[Past], bands: list[Band]) -> Table:
    """What was counted, and the next two years quarter by quarter."""
    rows = [
        [Cell(formats.quarter(past.quarter_from)), Cell(_("counted")), told(past.people)]
        + [Cell(), Cell()]
        for past in counted
    ]
    rows += [
        [
            Cell(formats.quarter(band.quarter_from)),
            Cell(_("expected")),
            numeric(band.likely),
            Cell(span_of(outlook, band.low, band.high)),
            Cell(span_of(outlook, band.lowest, band.highest)),
        ]
        if outlook.may_tell(band.likely)
        else [Cell(formats.quarter(band.quarter_from)), Cell(_("expected")), told(None)]
        + [Cell(), Cell()]
        for band in bands[:QUARTERS_TOLD_APART]
    ]
    return Table(
        caption=str(CAPTIONS[measure]),
        columns=[
            Column(_("Quarter")),
            Column(_("Counted or expected")),
            Column(str(MEASURES[measure]), "number", _("expected: most likely")),
            Column(_("8 of 10 times"), "number"),
            Column(_("19 of 20 times"), "number"),
        ],
        rows=rows,
    )


def quarter_list(outlook: Outlook, measure: str, counted: list[Past], bands: list[Band]) -> Table:
    """Every quarter, each bound in a column of its own: for a list to count with."""
    rows = [
        [Cell(formats.quarter(past.quarter_from)), Cell(_("counted")), told(past.people)]
        + [Cell()] * 4
        for past in counted
    ]
    for band in bands:
        bounds = (band.low, band.high, band.lowest, band.highest)
        is_told = outlook.may_tell(band.likely)
        rows.append(
            [
                Cell(formats.quarter(band.quarter_from)),
                Cell(_("expected")),
                told(band.likely if is_told else None),
                *(
                    told(bound if outlook.may_tell(bound) else None) if is_told else Cell()
                    for bound in bounds
                ),
            ]
        )
    return Table(
        caption=str(MEASURES[measure]),
        columns=[
            Column(_("Quarter")),
            Column(_("Counted or expected")),
            Column(str(MEASURES[measure]), "number", _("expected: most likely")),
            Column(_("8 of 10 times: from"), "number"),
            Column(_("8 of 10 times: up to"), "number"),
            Column(_("19 of 20 times: from"), "number"),
            Column(_("19 of 20 times: up to"), "number"),
        ],
        rows=rows,
    )


def year_table(outlook: Outlook) -> Table | None:
    """The part in focus per calendar year, up to the end; None where no number may be told."""
    rows = []
    for year in outlook.years():
        sub = ""
        if year.from_on.month > 1 or year.from_on.day > 1:
            sub = _("from %(day)s") % {"day": formats.day(year.from_on)}
        elif year.until_on.month < 12:
            sub = _("up to %(day)s") % {"day": formats.day(year.until_on)}
        waiting = year.backlog
        rows.append(
            [
                Cell(str(year.from_on.year), sub=sub),
                told(year.becomes_ready),
                told(year.needs_dwelling),
                told(year.housed),
                told(waiting.likely, sub=span_of(outlook, waiting.low, waiting.high))
                if outlook.may_tell(waiting.likely)
                else told(None),
            ]
        )
    if not _tells(rows):
        return None
    return Table(
        caption=_("Expected per year"),
        columns=[
            Column(_("Year")),
            Column(_("Become ready"), "number", _("on average")),
            Column(_("Dwellings needed"), "number", _("on average")),
            Column(_("Move into a home"), "number", _("on average")),
            Column(_("Wait at the end"), "number", _("most likely, 8 of 10 times")),
        ],
        rows=rows,
    )


def part_table(
    caption: str, heading: str, parts: list[Part], whole: Part, *, measure: str
) -> Table | None:
    """The coming year per part; the name of a part narrows the page to it."""

    def cells(part: Part, url: str = "") -> list[Cell]:
        numbers = (part.becomes_ready, part.needs_dwelling, part.housed, part.backlog)
        return [Cell(capfirst(part.name), url=url), *(told(number) for number in numbers)]

    rows = [
        cells(part, address(measure, part.focus) if part.focus.place != "" else "")
        for part in parts
    ]
    if not _tells(rows):
        return None
    return Table(
        caption=caption,
        columns=[
            Column(heading),
            Column(_("Become ready"), "number"),
            Column(_("Dwellings needed"), "number"),
            Column(_("Move into a home"), "number"),
            Column(_("Wait at the end"), "number"),
        ],
        rows=rows,
        totals=cells(whole),
    )


def address(measure: str, focus: Focus) -> str:
    """The query that shows one measure of a part."""
    chosen = {"show": measure, "place": focus.place, "kind": focus.kind}
    return "?" + urlencode({name: value for name, value in chosen.items() if value})


def need_table(what: What, rows: list[Needed]) -> Table | None:
    """How many need each value of one thing: homes in dwellings, support in people."""
    if not any(row.is_told for row in rows):
        return None
    if what == "support":
        columns = [Column(_("Become ready"), "number")]
        numbers = [[row.becomes_ready, row.backlog] for row in rows]
    else:
        columns = [Column(_("Dwellings needed"), "number"), Column(_("Move into a home"), "number")]
        numbers = [[row.needs_dwelling, row.housed, row.backlog] for row in rows]
    return Table(
        caption=str(NEEDS[what]),
        columns=[Column(str(NEEDS[what])), *columns, Column(_("Wait at the end"), "number")],
        rows=[
            [Cell(capfirst(need_value(what, row.value))), *(told(number) for number in of_row)]
            for row, of_row in zip(rows, numbers, strict=True)
        ],
    )


def wait_table(
    outlook: Outlook,
    expected: list[Band],
    shares: list[Band],
    medians: list[Band],
    *,
    is_whole: bool,
) -> Table | None:
    """Waiting times per quarter; of a kind of care only where enough people are housed."""
    if not expected:
        return None
    housed = {band.quarter_from: band.likely for band in outlook.bands("housed")}
    share_of = {band.quarter_from: band for band in shares}
    median_of = {band.quarter_from: band for band in medians}
    rows = []
    for band in expected if is_whole else expected[:QUARTERS_TOLD_APART]:
        start = band.quarter_from
        row = [Cell(formats.quarter(start))]
        if not outlook.may_tell(housed.get(start, 0)):
            rows.append([*row, told(None), Cell(), Cell(), Cell()])
            continue
        at_least = _("at least") if band.at_least else ""
        low_high = "" if band.at_least else _span_in_months(band)
        share, median = share_of.get(start), median_of.get(start)
        rows.append(
            [
                *row,
                numeric(in_months(band.likely), decimals=1, sub=at_least),
                Cell(low_high),
                numeric(in_months(median.likely), decimals=1) if median else Cell(),
                numeric(share.likely) if share else Cell(),
            ]
        )
    return Table(
        caption=_("How long people wait, per quarter"),
        columns=[
            Column(_("Quarter")),
            Column(_("Becomes ready then, waits"), "number", _("months, most likely")),
            Column(_("8 of 10 times"), "number", _("months")),
            Column(_("Moved in then, waited"), "number", _("months, the middle one")),
            Column(_("Waited at most 3 months"), "number", _("per cent")),
        ],
        rows=rows,
    )


def _span_in_months(band: Band) -> str:
    low, high = in_months(band.low), in_months(band.high)
    if low == high:
        return formats.number(low, decimals=1)
    return _("%(low)s to %(high)s") % {
        "low": formats.number(low, decimals=1),
        "high": formats.number(high, decimals=1),
    }


def effect_table(effects: list[Effect], quarter: date) -> Table | None:
    """What one more dwelling a quarter of each kind changes by the end of a quarter."""
    helpful = [
        (effect, effect.backlog)
        for effect in effects
        if effect.backlog and not effect.brings_nothing
    ]
    if not helpful:
        return None
    helpful.sort(key=lambda each: (bool(each[0].kind), each[1].mean))
    return Table(
        caption=_("What one more dwelling a quarter does"),
        columns=[
            Column(_("One more each quarter")),
            Column(
                _("Fewer people wait"),
                "number",
                _("at the end of %(quarter)s") % {"quarter": formats.quarter(quarter)},
            ),
            Column(_("8 of 10 times"), "number"),
            Column(_("Wait for who becomes ready then"), "number", _("days shorter, most likely")),
        ],
        rows=[
            [
                Cell(capfirst(dwelling_kind(effect.kind))),
                numeric(max(-waiting.likely, 0)),
                Cell(formats.span(max(-waiting.high, 0), max(-waiting.low, 0))),
                _days_shorter(effect.expected_days),
            ]
            for effect, waiting in helpful
        ],
    )


def _days_shorter(days: Band | None) -> Cell:
    """Days that a wait is shorter; none where its end is not seen in both futures."""
    return Cell() if days is None or days.at_least else numeric(max(-days.likely, 0))


def assumption_table(outlook: Outlook) -> Table:
    """What is taken for granted, with its value, where it comes from and of which day it is."""
    known_on = formats.day(outlook.as_of)
    rows = [assumption(row) for row in outlook.facts.get("assumptions", ())]
    draws = formats.number(outlook.facts.get("draws"))
    rows.append((_("How often the future was drawn"), draws, _("set by the administrator")))
    return Table(
        caption=_("What the estimate takes for granted"),
        columns=[Column(_("Assumption")), Column(_("Value"), "wide"), Column(_("Source"), "wide")],
        rows=[
            [Cell(label), Cell(value), Cell(source, sub=known_on)] for label, value, source in rows
        ],
    )


def warning_table(outlook: Outlook) -> Table | None:
    """What was noticed about the lists."""
    found = [warning(row) for row in outlook.facts.get("warnings", ())]
    if not found:
        return None
    return Table(
        caption=_("What was noticed about the lists"),
        columns=[Column(_("What")), Column(_("How often"), "number")],
        rows=[[Cell(sentence), numeric(count)] for sentence, count in found],
    )


def trial_table(outlook: Outlook) -> Table | None:
    """Every trial on the past, against the average of the year before."""
    of = _("%(times)s of %(trials)s")
    rows = [
        [
            Cell(str(MEASURES[each])),
            numeric(trial.horizon),
            Cell(of % {"times": trial.in_band80, "trials": trial.trials}),
            Cell(of % {"times": trial.in_band95, "trials": trial.trials}),
            numeric(trial.off_by, decimals=1),
            numeric(trial.off_by_usual, decimals=1),
        ]
        for each in TRIED
        for trial in outlook.tested(each)
    ]
    if not rows:
        return None
    return Table(
        caption=_("The estimate made again at earlier days"),
        columns=[
            Column(_("What")),
            Column(_("Quarters ahead"), "number"),
            Column(_("In the dark band"), "number"),
            Column(_("In the light band"), "number"),
            Column(_("Off by"), "number", _("people")),
            Column(_("Average of the year before: off by"), "number", _("people")),
        ],
        rows=rows,
    )
