"""What an estimate says aloud: sentences for a page that is read in two minutes."""

from collections.abc import Sequence
from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outflow.estimates.needed import OTHER, UNKNOWN, Effect, Needed, What
from outflow.estimates.results import Band, Outlook, Said, Together, Trial
from outflow.estimates.words import dwelling_kind, need_value, wait_span, waiting_time
from regions import formats

# So many times as many homes as lately are worth a word.
MANY_MORE = 1.2


def most_needed(
    outlook: Outlook, forms: list[Needed], rents: list[Needed], bedrooms: list[Needed]
) -> str:
    """Which homes are needed most: one value each of form, rent and bedrooms."""
    year = round(outlook.year_of(outlook.bands("needs_dwelling")))
    told = []
    for what, rows in (("form", forms), ("rent_class", rents), ("bedrooms", bedrooms)):
        known = [row for row in rows if row.value not in (UNKNOWN, OTHER) and row.needs_dwelling]
        if known:
            most = max(known, key=lambda row: row.needs_dwelling or 0)
            told.append(
                _("%(value)s (%(dwellings)s)")
                % {
                    "value": need_value(what, most.value),
                    "dwellings": formats.number(most.needs_dwelling),
                }
            )
    if not told:
        return ""
    return _("In four quarters about %(all)s dwellings are needed. Asked most: %(values)s.") % {
        "all": formats.number(year),
        "values": formats.and_list(told),
    }


def few_sentence(what: What, rows: list[Needed]) -> str:
    """What fewer than 10 need, in one sentence: a row each would say nothing more."""
    few = [need_value(what, row.value) for row in rows if not row.is_told]
    if not few:
        return ""
    return ngettext("Fewer than 10: %(values)s.", "Fewer than 10 each: %(values)s.", len(few)) % {
        "values": formats.and_list(few)
    }


def hours_sentence(hours: int | None) -> str:
    """How much guidance comes along."""
    if hours is None:
        return ""
    return _(
        "Who becomes ready in these four quarters needs about %(hours)s hours of guidance a week,"
        " all together."
    ) % {"hours": formats.number(hours)}


def wait_sentences(
    outlook: Outlook, expected: list[Band], shares: list[Band], medians: list[Band]
) -> list[str]:
    """How long people wait: who becomes ready now, and who moves into a home."""
    if not expected:
        return []
    on = outlook.as_of
    housed = _of_quarter_with(outlook.bands("housed"), on)
    if housed is None or not outlook.may_tell(housed.likely):
        return [_("Fewer than 10 people move into a home; how long they wait is not told.")]
    now = _of_quarter_with(expected, on)
    told = []
    if now:
        when = {"quarter": formats.quarter(now.quarter_from)}
        if now.at_least:
            told.append(
                _(
                    "Who becomes ready in %(quarter)s must expect to wait longer than %(wait)s:"
                    " more than half are not housed within the years of this estimate."
                )
                % {**when, "wait": waiting_time(now.likely)}
            )
        else:
            told.append(
                _(
                    "Who becomes ready in %(quarter)s must expect to wait about %(wait)s; 8 of 10"
                    " times %(span)s."
                )
                % {**when, "wait": waiting_time(now.likely), "span": wait_span(now)}
            )
    share, median = _of_quarter_with(shares, on), _of_quarter_with(medians, on)
    if share and median:
        told.append(
            _(
                "Of those who move into a home in %(quarter)s about %(share)s waited for at most"
                " three months; the middle one waited about %(wait)s."
            )
            % {
                "quarter": formats.quarter(share.quarter_from),
                "share": formats.percent(share.likely),
                "wait": waiting_time(median.likely),
            }
        )
    return told


def effect_sentence(effects: list[Effect]) -> str:
    """What one more dwelling a quarter of any kind does."""
    whole = next((effect for effect in effects if not effect.kind), None)
    if whole is None or whole.backlog is None:
        return ""
    if whole.brings_nothing:
        return _("One more dwelling a quarter brings nobody home sooner.")
    fewer = whole.backlog
    numbers = {
        "quarter": formats.quarter(whole.quarter_from),
        "people": formats.span(max(-fewer.high, 0), max(-fewer.low, 0)),
        "likely": formats.number(max(-fewer.likely, 0)),
    }
    return (
        _(
            "With one more dwelling each quarter %(people)s fewer people wait at the end of"
            " %(quarter)s, most likely %(likely)s."
        )
        % numbers
    )


def no_effect_sentence(effects: list[Effect]) -> str:
    """Kinds of dwellings of which one more helps nobody."""
    useless = [effect for effect in effects if effect.kind and effect.brings_nothing]
    if not useless:
        return ""
    return _("One more of these brings nobody home sooner: %(kinds)s.") % {
        "kinds": formats.and_list([dwelling_kind(effect.kind) for effect in useless])
    }


def year_ago_sentences(said: Said | None, counted: int | None, quarter: date) -> list[str]:
    """What the estimate of about a year ago said of the last whole quarter, and what came."""
    if said is None:
        return []
    became = (
        _("It became fewer than 10.")
        if counted is None
        else _("It became about %(people)s.") % {"people": formats.number(counted)}
    )
    return [
        _("The estimate of %(day)s said %(people)s for %(quarter)s.")
        % {
            "day": formats.day(said.as_of),
            "people": formats.span(said.band.low, said.band.high),
            "quarter": formats.quarter(quarter),
        },
        became,
    ]


def nation_sentence(measure: str, together: Together | None) -> str:
    """The same of all regions that keep their lists here."""
    if together is None:
        return ""
    words = {
        "becomes_ready": _(
            "In all %(regions)s regions together %(people)s people become ready in %(quarter)s,"
            " most likely %(likely)s."
        ),
        "housed": _(
            "In all %(regions)s regions together %(people)s people move into a home in"
            " %(quarter)s, most likely %(likely)s."
        ),
        "backlog": _(
            "In all %(regions)s regions together %(people)s people wait at the end of"
            " %(quarter)s, most likely %(likely)s."
        ),
        "needs_dwelling": _(
            "In all %(regions)s regions together %(people)s dwellings are needed in %(quarter)s,"
            " most likely %(likely)s."
        ),
    }
    band = together.band
    return words[measure] % {
        "regions": formats.number(together.regions),
        "people": formats.span(band.low, band.high),
        "quarter": formats.quarter(band.quarter_from),
        "likely": formats.number(band.likely),
    }


def trial_sentences(of: str, trials: list[Trial]) -> list[str]:
    """How good the estimate of one thing was before, a quarter ahead and the farthest ahead."""
    if not trials:
        return []
    near, far = trials[0], trials[-1]
    sentences = [_held(of, near), _closer(near)]
    if far is not near:
        sentences += [_held_farther(far), _closer(far)]
    return [sentence for sentence in sentences if sentence]


def plan_sentences(expected: float, counted: Sequence[int | None]) -> list[str]:
    """That a plan is taken as certain, when it houses many more people than were housed lately."""
    if not counted or None in counted:
        return []
    lately = sum(people or 0 for people in counted)
    if expected < MANY_MORE * lately:
        return []
    return [
        _(
            "The planned dwellings are taken as certain: with them about %(expected)s people move"
            " in within the four whole quarters to come. In the last four quarters it was about"
            " %(lately)s."
        )
        % {"expected": formats.number(round(expected)), "lately": formats.number(lately)},
        _("If fewer dwellings come than planned, more people wait; a scenario shows how many."),
    ]


def _of_quarter_with(bands: list[Band], day: date) -> Band | None:
    """The band of the quarter that holds a day, or the first after it."""
    passed = [band for band in bands if band.quarter_from <= day]
    return passed[-1] if passed else next(iter(bands), None)


def _held(of: str, trial: Trial) -> str:
    words = {
        "becomes_ready": _(
            "The number of people who become ready lay in the dark band %(times)s of %(trials)s"
            " times, one quarter ahead; %(meant)s is as meant."
        ),
        "housed": _(
            "The number of people who move into a home lay in the dark band %(times)s of"
            " %(trials)s times, one quarter ahead; %(meant)s is as meant."
        ),
        "backlog": _(
            "The number of people who wait lay in the dark band %(times)s of %(trials)s times,"
            " one quarter ahead; %(meant)s is as meant."
        ),
    }
    return words[of] % _numbers(trial)


def _held_farther(trial: Trial) -> str:
    return ngettext(
        "%(ahead)s quarter ahead: %(times)s of %(trials)s times.",
        "%(ahead)s quarters ahead: %(times)s of %(trials)s times.",
        trial.horizon,
    ) % {"ahead": trial.horizon, **_numbers(trial)}


def _numbers(trial: Trial) -> dict[str, int]:
    return {
        "times": trial.in_band80,
        "trials": trial.trials,
        "meant": round(0.8 * trial.trials),
    }


def _closer(trial: Trial) -> str:
    """Against saying that a quarter will be as the average of the last year was."""
    if trial.off_by_usual <= 0:
        return ""
    share = round(100 * (1 - trial.off_by / trial.off_by_usual))
    if share > 0:
        return _("It was %(share)s closer than the average of the year before.") % {
            "share": formats.percent(share)
        }
    if share < 0:
        return _("The average of the year before was %(share)s closer.") % {
            "share": formats.percent(round(100 * (1 - trial.off_by_usual / trial.off_by)))
        }
    return _("The average of the year before was as close.")


def part_name(*names: str) -> str:
    """A part of the region as it is called at the head of a page."""
    return capfirst(", ".join(name for name in names if name))
