"""Causes of a changed pair in words; nobody else is named.

Where somebody cannot live is not said either.
"""

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from housing.causes import CODES, Cause
from regions import formats

CAUSES = {
    "left": gettext_lazy("the client does not take part any more"),
    "joined": gettext_lazy("the client takes part since then"),
    "became_promise": gettext_lazy("it became a firm promise"),
    "promise_ended": gettext_lazy("the firm promise ended"),
    "home_gone": gettext_lazy("the dwelling is not available any more"),
    "home_promised": gettext_lazy("the dwelling was promised to somebody else"),
    "refused": gettext_lazy("the dwelling was refused"),
    "home_new": gettext_lazy("a dwelling came that was not there before"),
    "home_freed": gettext_lazy("the promise of the dwelling to somebody else ended"),
    "need": gettext_lazy("the housing need changed"),
    "home_changed": gettext_lazy("what is known of the dwelling changed"),
    "more_urgent": gettext_lazy("somebody more urgent went first"),
    "longer_waiting": gettext_lazy("somebody who waits longer went first"),
    "less_room": gettext_lazy("there is less room"),
    "more_room": gettext_lazy("there is more room"),
    "policy": gettext_lazy("another policy of the region counts"),
    "vacancy_days": gettext_lazy("a dwelling may wait for another number of days"),
    "day": gettext_lazy("only the day changed, and with it how long people wait"),
    "version": gettext_lazy("another version of the matcher computed it"),
    "follows": gettext_lazy("follows from another change"),
    "elsewhere": gettext_lazy("follows from changes elsewhere in the same part of the region"),
}
# What fields of a client or a dwelling are called.
FIELDS = {
    "target_group": gettext_lazy("target group"),
    "provider": gettext_lazy("provider"),
    "max_rent": gettext_lazy("rent limit"),
    "bedrooms": gettext_lazy("bedrooms"),
    "step_free": gettext_lazy("without stairs"),
    "wheelchair": gettext_lazy("wheelchair"),
    "low_stimulus": gettext_lazy("low stimulus"),
    "forms": gettext_lazy("housing forms"),
    "municipalities": gettext_lazy("municipalities"),
    "preferred_neighbourhoods": gettext_lazy("preferred neighbourhoods"),
    "ready_on": gettext_lazy("ready from"),
    "waiting_since": gettext_lazy("waiting since"),
    "urgency": gettext_lazy("urgency"),
    "guidance_hours": gettext_lazy("hours of guidance"),
    "support": gettext_lazy("support in the neighbourhood"),
    "refused_dwellings": gettext_lazy("refused dwellings"),
    "fit": gettext_lazy("what suits further"),
    "corporation": gettext_lazy("corporation"),
    "municipality": gettext_lazy("municipality"),
    "neighbourhood": gettext_lazy("neighbourhood"),
    "rent": gettext_lazy("rent"),
    "ground_floor": gettext_lazy("ground floor"),
    "lift": gettext_lazy("lift"),
    "form": gettext_lazy("housing form"),
    "available_on": gettext_lazy("free from"),
}
ROOMS = {
    "quota": gettext_lazy("contingent"),
    "neighbourhood": gettext_lazy("what the neighbourhood can carry"),
    "support": gettext_lazy("support in the neighbourhood"),
    "guidance": gettext_lazy("hours of guidance"),
}
# Of a chain so many causes are named at most.
ROOTS_TOLD = 3


def in_words(causes: Iterable[Cause], *, policy: str = "") -> list[str]:
    """Each cause as a part of a sentence; `policy` is the number of the version that counts now."""
    return [_cause(cause, policy) for cause in causes]


def _cause(cause: Cause, policy: str) -> str:
    words = str(CAUSES[cause.code])
    match cause.code:
        case "policy" if policy:
            return _("policy version %(number)s of the region counts") % {"number": policy}
        case "need" | "home_changed":
            names = [str(FIELDS[name]) for name in cause.facts if name in FIELDS]
        case "less_room" | "more_room":
            names = [str(ROOMS[kind]) for kind in cause.facts]
        case "follows":
            names = [str(CAUSES[code]) for code in cause.facts[:ROOTS_TOLD]]
        case _:
            names = []
    if not names:
        return words
    return _("%(cause)s: %(what)s") % {"cause": words, "what": formats.and_list(names)}


def counted_in_words(counts: Counter[str], *, policy: str = "") -> str:
    """By what cause so many pairs changed, in one sentence."""
    told = [
        _("%(cause)s (%(count)s)")
        % {
            "cause": _cause(Cause(code), policy),
            "count": formats.number(counts[code]),
        }
        for code in CODES
        if counts[code]
    ]
    return "; ".join(told)


def facts_in_words(facts: Counter[str]) -> str:
    """What came, went or changed between two matchings, in one sentence."""
    told = [
        words % {"count": formats.number(facts[key])}
        for key, words in (
            (
                "clients_joined",
                ngettext(
                    "%(count)s client more", "%(count)s clients more", facts["clients_joined"]
                ),
            ),
            (
                "clients_left",
                ngettext("%(count)s client less", "%(count)s clients less", facts["clients_left"]),
            ),
            (
                "needs_changed",
                ngettext(
                    "%(count)s client with another need or day",
                    "%(count)s clients with another need or day",
                    facts["needs_changed"],
                ),
            ),
            (
                "homes_new",
                ngettext("%(count)s dwelling more", "%(count)s dwellings more", facts["homes_new"]),
            ),
            (
                "homes_gone",
                ngettext(
                    "%(count)s dwelling less", "%(count)s dwellings less", facts["homes_gone"]
                ),
            ),
            (
                "homes_changed",
                ngettext(
                    "%(count)s dwelling changed",
                    "%(count)s dwellings changed",
                    facts["homes_changed"],
                ),
            ),
            (
                "promises_made",
                ngettext(
                    "%(count)s firm promise more",
                    "%(count)s firm promises more",
                    facts["promises_made"],
                ),
            ),
            (
                "promises_ended",
                ngettext(
                    "%(count)s firm promise ended",
                    "%(count)s firm promises ended",
                    facts["promises_ended"],
                ),
            ),
            (
                "room_changed",
                ngettext(
                    "%(count)s change in contingents, support, guidance or neighbourhoods",
                    "%(count)s changes in contingents, support, guidance or neighbourhoods",
                    facts["room_changed"],
                ),
            ),
            ("policy", _("another policy")),
            ("vacancy_days", _("another number of days that a dwelling may wait")),
            ("day", _("another day")),
            ("version", _("another version of the matcher")),
        )
        if facts[key]
    ]
    return formats.and_list(told) if told else ""
