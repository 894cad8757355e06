"""The words of an estimate: what it takes for granted, what it noticed, how good it was before."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from outflow.estimates import Trial
from regions import formats

Words = str | Promise

MEASURES: dict[str, Words] = {
    "becomes_ready": gettext_lazy("Become ready"),
    "housed": gettext_lazy("Move into a home"),
    "backlog": gettext_lazy("Wait"),
    "needs_dwelling": gettext_lazy("Dwellings needed"),
}
CAPTIONS: dict[str, Words] = {
    "becomes_ready": gettext_lazy("People who become ready, per quarter."),
    "housed": gettext_lazy("People who move into a home, per quarter."),
    "backlog": gettext_lazy("People who are ready and wait, at the end of each quarter."),
    "needs_dwelling": gettext_lazy("Dwellings needed for those who become ready, per quarter."),
}

METHOD = gettext_lazy("fixed in the method")
SOURCES: dict[str, Words] = {
    "contract": METHOD,
    "given": gettext_lazy("set by hand"),
    "spells": gettext_lazy("counted from the phases of all clients"),
    "the first end of a spell": gettext_lazy("the first phase that ended in the lists"),
    "homes moved into in the past": gettext_lazy("homes moved into in the past"),
    "supply": gettext_lazy("numbers planned per quarter, from what was agreed"),
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
    "region_without_supply": gettext_lazy(
        "People of a region without planned dwellings; no homes are expected there."
    ),
}
# What tells about the whole and not about single rows: how often says nothing.
WITHOUT_COUNT = frozenset({"no_history", "no_backtest", "region_without_supply"})


def assumption(row: dict[str, Any]) -> tuple[str, str, str]:
    """What is assumed, its value and its source; a name that is not known here stays as it is."""
    name = row["name"].partition(":")[0]
    label, write = ASSUMPTIONS.get(name, (name, str))
    return str(label), write(row["value"]), str(SOURCES.get(row["source"], row["source"]))


def warning(row: dict[str, Any]) -> tuple[str, int | None]:
    """What was noticed about the lists, and how often; None where a number says nothing."""
    count = None if row["code"] in WITHOUT_COUNT else row["count"]
    return str(WARNINGS.get(row["code"], row["message"])), count


def trial_sentences(of: str, trials: list[Trial]) -> list[str]:
    """How good the estimate of one thing was before, a quarter ahead and the farthest ahead."""
    if not trials:
        return []
    near, far = trials[0], trials[-1]
    sentences = [_held(of, near)]
    if far is not near:
        sentences.append(_held_farther(far))
    closer = _closer(near)
    return [*sentences, closer] if closer else sentences


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
    """Against saying that the next quarter will be as the average of the last year."""
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


def _day(value: Any) -> str:
    return formats.day(date.fromisoformat(value))


def _quarter(value: Any) -> str:
    year, quarter = str(value).split("Q")
    return formats.quarter(date(int(year), 3 * int(quarter) - 2, 1))


ASSUMPTIONS: dict[str, tuple[Words, Callable[[Any], str]]] = {
    "register_start": (gettext_lazy("Counted from"), _day),
    "days_a_dwelling_waits": (
        gettext_lazy("A dwelling that finds nobody is lost after"),
        formats.days_short,
    ),
    "queue": (
        gettext_lazy("Who goes first"),
        lambda _value: _("who is ready longest; a municipality's own people first"),
    ),
    "arrivals_per_quarter": (
        gettext_lazy("People who arrive per quarter"),
        lambda value: formats.number(value, decimals=1),
    ),
    "dwellings_per_quarter": (
        gettext_lazy("Dwellings per quarter"),
        lambda value: formats.number(value, decimals=1),
    ),
    "dwellings": (
        gettext_lazy("Dwellings to come"),
        lambda _value: _("as planned, taken as certain"),
    ),
    "dwellings_planned_until": (gettext_lazy("Dwellings planned up to"), _quarter),
}
