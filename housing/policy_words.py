"""What a version of the policy says, in sentences; and what it says otherwise than another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from housing.matching.policy import POLICY_FIELDS
from housing.policies import AfterRefusal, Appropriate, RegionPolicy
from regions import formats

# What a point of fit is for, said to a coordinator; the numbers stand beside it.
FIT_WORDS: dict[str, str | Promise] = {
    "preferred_neighbourhood": gettext_lazy("a home in a neighbourhood the client prefers"),
    "near_network": gettext_lazy("a home near own people"),
    "near_day_activity": gettext_lazy("a home near work or day activity"),
    "near_km": gettext_lazy("what counts as near"),
    "contract_form": gettext_lazy("a contract form that suits the client"),
    "wasted_wheelchair": gettext_lazy("a wheelchair home for somebody who does not need one"),
    "wasted_step_free": gettext_lazy("a step-free home for somebody who does not need one"),
    "wasted_low_stimulus": gettext_lazy("a low-stimulus home for somebody who does not need one"),
    "spare_bedroom": gettext_lazy("every bedroom above what is needed"),
    "person_too_many": gettext_lazy("every person above what the home is meant for"),
    "above_appropriate_rent": gettext_lazy("a rent above the limit of appropriate allocation"),
    "above_soft_placements": gettext_lazy(
        "every placement above what a neighbourhood carries with ease"
    ),
}
FIT_FIELDS = {field.name: field for field in POLICY_FIELDS if field.part == "fit"}
KILOMETRES = "kilometres"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a version decides, in a sentence; `was` where another says otherwise."""

    key: str
    sentence: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Things that belong together, under a heading."""

    title: str
    lines: tuple[Said, ...]


def told(policy: RegionPolicy, *, before: RegionPolicy | None = None) -> list[Chapter]:
    """All that a version says; with `before`, each line that differs carries what was said then."""
    return [
        Chapter(
            title=str(title),
            lines=tuple(_line(key, say, policy, before) for key, say in sayings),
        )
        for title, sayings in CHAPTERS
    ]


def differences(policy: RegionPolicy, before: RegionPolicy) -> list[Said]:
    """Only the lines in which two versions differ."""
    return [line for chapter in told(policy, before=before) for line in chapter.lines if line.was]


Say = Callable[[RegionPolicy], str]


def _line(key: str, say: Say, policy: RegionPolicy, before: RegionPolicy | None) -> Said:
    sentence = say(policy)
    was = say(before) if before is not None else sentence
    return Said(key, sentence, was if was != sentence else "")


def _urgency(policy: RegionPolicy) -> str:
    points = policy.matcher.urgency_points
    classes = [
        _("%(name)s %(points)s")
        % {
            "name": policy.urgency_name(urgency),
            "points": formats.number(points[urgency]),
        }
        for urgency in range(len(points))
    ]
    return _("Points for urgency, beside one point for every day waited: %(classes)s.") % {
        "classes": formats.and_list(classes)
    }


def _longest(policy: RegionPolicy) -> str:
    days = policy.matcher.longest_counted_wait_days
    return ngettext(
        "Waiting counts up to %(days)s day; who waits longer gets no more points for it.",
        "Waiting counts up to %(days)s days; who waits longer gets no more points for it.",
        days,
    ) % {"days": formats.number(days)}


def _guard(policy: RegionPolicy) -> str:
    days = policy.matcher.guard_days
    if days is None:
        return _("There is no guard against waiting very long.")
    return ngettext(
        "Nobody waits longer than %(days)s day while later comers with an equal need go first.",
        "Nobody waits longer than %(days)s days while later comers with an equal need go first.",
        days,
    ) % {"days": formats.number(days)}


def _offers(policy: RegionPolicy) -> str:
    return ngettext(
        "A client gets %(count)s fitting offer.",
        "A client gets %(count)s fitting offers.",
        policy.offers,
    ) % {"count": formats.number(policy.offers)}


AFTER_REFUSAL: dict[str, str | Promise] = {
    AfterRefusal.KEEPS_PLACE: gettext_lazy(
        "Whoever refuses them all keeps the place in the matching."
    ),
    AfterRefusal.WAITS_FROM_REFUSAL: gettext_lazy(
        "Whoever refuses them all waits anew, from the day of the last refusal."
    ),
    AfterRefusal.TABLE_DECIDES: gettext_lazy(
        "Whoever refuses them all takes no part until the table lets them in again."
    ),
}
APPROPRIATE: dict[str, str | Promise] = {
    Appropriate.WARNS: gettext_lazy(
        "A rent above the limit of appropriate allocation gives a warning and counts towards the"
        " norm."
    ),
    Appropriate.BLOCKS: gettext_lazy(
        "A home with a rent above the limit of appropriate allocation is not proposed."
    ),
}


def _fit(name: str) -> Say:
    def say(policy: RegionPolicy) -> str:
        return _("%(what)s: %(value)s") % {
            "what": str(FIT_WORDS[name]).capitalize(),
            "value": in_units(name, getattr(policy.matcher.fit, name)),
        }

    return say


def in_units(name: str, value: int) -> str:
    """A weight with its sign, or a distance."""
    if FIT_FIELDS[name].unit == KILOMETRES:
        return _("up to %(count)s km") % {"count": formats.number(value)}
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return ngettext("%(count)s point", "%(count)s points", abs(value)) % {
        "count": f"{sign}{formats.number(abs(value))}"
    }


CHAPTERS: tuple[tuple[Any, tuple[tuple[str, Say], ...]], ...] = (
    (
        gettext_lazy("Who goes first"),
        (("urgency", _urgency), ("longest_wait", _longest), ("guard", _guard)),
    ),
    (
        gettext_lazy("Refusing an offer"),
        (
            ("offers", _offers),
            ("after_refusal", lambda policy: str(AFTER_REFUSAL[policy.after_refusal])),
        ),
    ),
    (
        gettext_lazy("Appropriate allocation"),
        (("appropriate", lambda policy: str(APPROPRIATE[policy.appropriate_allocation])),),
    ),
    (
        gettext_lazy("Which home suits best"),
        tuple((name, _fit(name)) for name in FIT_FIELDS),
    ),
)
