"""The page of an estimate: sentences, picture and tables of one part of the region."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Viewer
from outflow.estimates import results
from outflow.estimates.counted import counts, with_so_far
from outflow.estimates.needed import What, effects, hours_a_week, needed
from outflow.estimates.results import (
    QUARTERS_OF_A_YEAR,
    QUARTERS_TOLD_APART,
    STOCKS,
    Band,
    Focus,
    Outlook,
)
from outflow.estimates.sentences import (
    effect_sentence,
    few_sentence,
    hours_sentence,
    most_needed,
    nation_sentence,
    no_effect_sentence,
    part_name,
    plan_sentences,
    trial_sentences,
    wait_sentences,
    year_ago_sentences,
)
from outflow.estimates.tables import (
    TRIED,
    address,
    assumption_table,
    effect_table,
    need_table,
    part_table,
    quarter_list,
    quarter_table,
    span_of,
    trial_table,
    wait_table,
    warning_table,
    year_table,
)
from outflow.estimates.words import CAPTIONS, MEASURES, in_months
from outflow.estimates.words import NEEDS as NEED_HEADINGS
from outflow.lifecycle import FacilityType
from regions.charts.band import Counted, Expected, Moment, band_figure
from regions.charts.svg import Figure
from regions.tables import Table

SENTENCE_ID = "estimate-sentence"
WAITING = "waiting"
NEEDS: tuple[What, ...] = ("form", "rent_class", "bedrooms", "accessible", "support")


def measures_of(outlook: Outlook) -> tuple[str, ...]:
    """What can be shown: waiting times are known of the region and of a kind of care only."""
    has_waits = outlook.focus.place is None and outlook.waiting("expected_days")
    return (*results.MEASURES, WAITING) if has_waits else results.MEASURES


class Page:
    """Everything about one measure of one part, and the coming year in its parts."""

    def __init__(self, viewer: Viewer, outlook: Outlook, measure: str) -> None:
        self.viewer = viewer
        self.outlook = outlook
        self.measure = measure
        told = {measure, "becomes_ready", "housed"} - {WAITING}
        of_what = "housed" if measure == WAITING else measure
        self.counted, so_far = counts(
            viewer, of_what, among=told, as_of=outlook.as_of, focus=outlook.focus
        )
        self.bands = {
            each: with_so_far(outlook.bands(each), so_far.get(each, 0))
            for each in {*told, *results.MEASURES}
        }

    def context(self) -> dict[str, Any]:
        outlook, focus = self.outlook, self.outlook.focus
        expected, shares, medians = _waits(outlook)
        last = self.counted[-1] if self.counted else None
        return {
            "as_of": outlook.as_of,
            "finished_at": outlook.run.finished_at,
            "core_version": outlook.run.core_version,
            "until": outlook.years()[-1].until_on,
            "is_first": outlook.is_first,
            "leans_on": outlook.leans_on,
            "measure": self.measure,
            "is_waiting": self.measure == WAITING,
            "measures": self._filters(),
            "part": self._part_name(),
            "places": [
                {"value": part.focus.place, "label": part.name}
                for part in outlook.municipalities(_("municipality not known"))
                if part.focus.place
            ],
            "kinds_of_care": FacilityType.choices,
            "focus": focus,
            "answer": self._answer(),
            "plan_sentences": self._plan_sentences(),
            "is_stock": self.measure in STOCKS,
            "sentence_id": SENTENCE_ID,
            "figure": self._figure(expected),
            "caption": self._caption(),
            "list_url": f"{reverse('outflow:estimate')}{address(self.measure, focus)}",
            "quarters": None
            if self.measure == WAITING
            else quarter_table(outlook, self.measure, self.counted, self.bands[self.measure]),
            "has_later": len(self.bands["becomes_ready"]) > QUARTERS_TOLD_APART,
            "years": year_table(outlook),
            "place_table": _place_table(outlook, self.measure),
            "kind_table": _kind_table(outlook, self.measure),
            "part_from": outlook.coming_year[0],
            "needs": [
                {
                    "heading": NEED_HEADINGS[what],
                    "table": need_table(what, [row for row in rows if row.is_told]),
                    "few": few_sentence(what, rows),
                }
                for what in NEEDS
                if focus.is_whole and (rows := needed(outlook, what))
            ],
            "needs_sentence": _needs_sentence(outlook),
            "hours_sentence": hours_sentence(hours_a_week(outlook)),
            "wait_sentences": wait_sentences(outlook, expected, shares, medians)
            if focus.place is None
            else [],
            "waits": wait_table(outlook, expected, shares, medians, is_whole=False)
            if self.measure == WAITING
            else None,
            "waits_url": address(WAITING, focus) if WAITING in measures_of(outlook) else "",
            **self._effects(),
            "assumptions": assumption_table(outlook),
            "warnings": warning_table(outlook),
            "year_ago": year_ago_sentences(
                results.year_ago(
                    self.viewer,
                    self.measure,
                    quarter=last.quarter_from,
                    as_of=outlook.as_of,
                ),
                last.people,
                last.quarter_from,
            )
            if last and focus.is_whole and self.measure != WAITING
            else [],
            "tested": [
                sentences
                for each in TRIED
                if (sentences := trial_sentences(each, outlook.tested(each)))
            ],
            "trials": trial_table(outlook),
        }

    def _plan_sentences(self) -> list[str]:
        """That planned homes are taken as certain, where they are many more than moved in."""
        outlook = self.outlook
        if not (outlook.focus.is_whole and outlook.trusts_a_plan):
            return []
        housed, _so_far = counts(
            self.viewer, "housed", among=(), as_of=outlook.as_of, focus=outlook.focus
        )
        return plan_sentences(
            outlook.year_of(outlook.bands("housed")),
            [past.people for past in housed[-QUARTERS_OF_A_YEAR:]],
        )

    def _part_name(self) -> str:
        focus = self.outlook.focus
        if focus.is_whole:
            return ""
        places = self.outlook.municipalities("")
        place = [part.name for part in places if part.focus.place == focus.place]
        kind = [str(FacilityType(focus.kind).label)] if focus.kind else []
        return part_name(*place, *kind)

    def _filters(self) -> list[dict[str, Any]]:
        return [
            {
                "label": MEASURES[each],
                "url": address(each, self.outlook.focus),
                "current": each == self.measure,
            }
            for each in measures_of(self.outlook)
        ]

    def _answer(self) -> dict[str, Any]:
        """The numbers of the first sentence; of too few people only that they are few."""
        outlook = self.outlook
        if self.measure == WAITING:
            return {}
        bands, housed = self.bands[self.measure], self.bands["housed"][0]
        now, last = bands[0], bands[-1]
        year = (
            outlook.bands(self.measure)[-1].likely
            if self.measure in STOCKS
            else outlook.year_of(outlook.bands(self.measure))
        )
        together = (
            results.nation(self.measure, quarter=outlook.coming_year[0])
            if outlook.focus.is_whole
            else None
        )
        return {
            "quarter": now.quarter_from,
            "rest_from": outlook.as_of if outlook.as_of > now.quarter_from else None,
            "people": span_of(outlook, now.low, now.high),
            "likely": now.likely,
            "is_few": not outlook.may_tell(now.likely),
            "last_quarter": last.quarter_from,
            "last_likely": last.likely if outlook.may_tell(last.likely) else None,
            "year_likely": round(year) if outlook.may_tell(year) else None,
            "housed": span_of(outlook, housed.low, housed.high),
            "housed_likely": housed.likely,
            "tells_housed": self.measure == "becomes_ready" and outlook.may_tell(housed.likely),
            "nation": nation_sentence(self.measure, together),
        }

    def _figure(self, expected: list[Band]) -> Figure | None:
        """The picture; none of what is protected, and none of waits whose end is not seen."""
        if self.measure == WAITING:
            seen = []
            for band in expected:
                if band.at_least:
                    break
                seen.append(band)
            if len(seen) < QUARTERS_TOLD_APART // 2 or not self.outlook.focus.is_whole:
                return None
            return band_figure(
                [_moment(band, in_days=True) for band in seen],
                sentence_id=SENTENCE_ID,
                decimals=1,
            )
        bands = self.bands[self.measure]
        if not all(self.outlook.may_tell(band.likely) for band in bands):
            return None
        moments: list[Moment] = [
            Counted(past.people, _tick(past.quarter_from)) for past in self.counted
        ]
        return band_figure([*moments, *map(_moment, bands)], sentence_id=SENTENCE_ID)

    def _caption(self) -> str:
        sentences = [
            str(CAPTIONS[self.measure]),
            _("Dark band: 8 of 10 times within it. Light band: 19 of 20 times."),
        ]
        if self.measure != WAITING and any(past.people is None for past in self.counted):
            sentences.append(_("Counted quarters with fewer than 10 people are not drawn."))
        if len(self.outlook.bands("becomes_ready")) > QUARTERS_TOLD_APART:
            sentences.append(_("Tables follow; every quarter stands in the list to download."))
        else:
            sentences.append(_("The table with the same numbers follows."))
        return " ".join(sentences)

    def _effects(self) -> dict[str, Any]:
        outlook = self.outlook
        if outlook.is_first or not outlook.focus.is_whole:
            return {}
        quarter = _effect_quarter(outlook)
        found = effects(outlook.run, at=[quarter])
        return {
            "effects": effect_table(found, quarter),
            "effect_sentence": effect_sentence(found),
            "no_effect_sentence": no_effect_sentence(found),
        }


def _moment(band: Band, *, in_days: bool = False) -> Expected:
    bounds = (band.likely, band.low, band.high, band.lowest, band.highest)
    likely, low, high, lowest, highest = map(in_months, bounds) if in_days else bounds
    return Expected(
        likely=likely,
        low80=low,
        high80=high,
        low95=lowest,
        high95=highest,
        tick=_tick(band.quarter_from),
    )


def _tick(quarter_from: date) -> str:
    return str(quarter_from.year) if quarter_from.month == 1 else ""


def _waits(outlook: Outlook) -> tuple[list[Band], list[Band], list[Band]]:
    names = ("expected_days", "within_3_months", "median_days")
    expected, shares, medians = (outlook.waiting(name) for name in names)
    return expected, shares, medians


def _effect_quarter(outlook: Outlook) -> date:
    """Two years on, or the end of an estimate that is shorter."""
    quarters = [band.quarter_from for band in outlook.bands("backlog")]
    return quarters[:QUARTERS_TOLD_APART][-1]


def _need_tables(outlook: Outlook) -> list[Table]:
    if not outlook.focus.is_whole:
        return []
    return [table for what in NEEDS if (table := need_table(what, needed(outlook, what)))]


def _needs_sentence(outlook: Outlook) -> str:
    if not outlook.focus.is_whole:
        return ""
    return most_needed(
        outlook,
        needed(outlook, "form"),
        needed(outlook, "rent_class"),
        needed(outlook, "bedrooms"),
    )


def _place_table(outlook: Outlook, measure: str) -> Table | None:
    whole = Focus(None, outlook.focus.kind)
    return part_table(
        _("The coming year per municipality"),
        _("Municipality"),
        outlook.municipalities(_("municipality not known")),
        outlook.part(_("Region"), whole),
        measure=measure,
    )


def _kind_table(outlook: Outlook, measure: str) -> Table | None:
    whole = Focus(outlook.focus.place, None)
    return part_table(
        _("The coming year per kind of care"),
        _("Kind of care"),
        outlook.facility_types(),
        outlook.part(_("All"), whole),
        measure=measure,
    )


def tables_of(viewer: Viewer, outlook: Outlook) -> Iterator[Table]:
    """Everything of the page, and every quarter up to the end."""
    for measure in results.MEASURES:
        counted, so_far = counts(
            viewer, measure, among={measure}, as_of=outlook.as_of, focus=outlook.focus
        )
        bands = with_so_far(outlook.bands(measure), so_far.get(measure, 0))
        yield quarter_list(outlook, measure, counted, bands)
    quarter = _effect_quarter(outlook)
    is_told_apart = outlook.focus.is_whole and not outlook.is_first
    expected, shares, medians = _waits(outlook)
    for table in (
        year_table(outlook),
        _place_table(outlook, ""),
        _kind_table(outlook, ""),
        *_need_tables(outlook),
        wait_table(outlook, expected, shares, medians, is_whole=True),
        effect_table(effects(outlook.run, at=[quarter]), quarter) if is_told_apart else None,
        trial_table(outlook),
        assumption_table(outlook),
        warning_table(outlook),
    ):
        if table is not None:
            yield table
