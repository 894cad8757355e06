"""What was short in a matching, in words: for one person, for one dwelling, and for the region.

The codes are those of docs/matcher.md; a gain was found by solving again and is never estimated.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from housing.matching_words import (
    UNSAID,
    Facts,
    Names,
    form_name,
    hours,
    rules_in_words,
    support_name,
)
from outflow.lifecycle import FacilityType, SupportKind
from outflow.models import FunctionalProfile
from regions import formats

# What is short -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scarce:
    """One thing that is full: what is wrong, what would help, and where that is arranged."""

    why: str
    change: str
    label: str
    url: str


def scarce(resource: Facts, names: Names) -> Scarce:
    """A full row of the matcher, as it is said of somebody who was left without a dwelling."""
    return SCARCE[resource["kind"]](resource, names)


def _scarce_support(resource: Facts, names: Names) -> Scarce:
    place, kind = names.part(resource["neighbourhood"]), resource["support_kind"]
    return Scarce(
        why=_("No room in %(place)s: %(kind)s") % {"place": place, "kind": support_name(kind)},
        change=_("%(what)s in %(place)s") % {"what": capfirst(one_more(kind)), "place": place},
        **_to_part(resource["neighbourhood"], names),
    )


def _scarce_quota(resource: Facts, names: Names) -> Scarce:
    words = {
        "corporation": names.party(resource["corporation"]),
        "place": names.town(resource["municipality"]),
    }
    return Scarce(
        why=_("The contingent of %(corporation)s in %(place)s is full") % words,
        change=_("One more dwelling in the contingent of %(corporation)s in %(place)s") % words,
        label=_("To the contingent"),
        url=reverse("housing:contingents"),
    )


def _scarce_part(resource: Facts, names: Names) -> Scarce:
    place = {"place": names.part(resource["neighbourhood"])}
    return Scarce(
        why=_("%(place)s carries no more people now") % place,
        change=_("An agreement that %(place)s carries one more") % place,
        **_to_part(resource["neighbourhood"], names),
    )


def _scarce_guidance(resource: Facts, names: Names) -> Scarce:
    words = {
        "provider": names.party(resource["provider"]),
        "place": names.town(resource["municipality"]),
    }
    return Scarce(
        why=_("%(provider)s has too few hours of guidance in %(place)s") % words,
        change=_("More hours of guidance by %(provider)s in %(place)s") % words,
        label=_("To the hours"),
        url=reverse("housing:neighbourhood_guidance"),
    )


def _scarce_dwelling(resource: Facts, names: Names) -> Scarce:
    return Scarce(
        why=_("What fits goes to somebody else"),
        change=_("One more dwelling like it"),
        label="",
        url="",
    )


SCARCE: dict[str, Callable[[Facts, Names], Scarce]] = {
    "support": _scarce_support,
    "quota": _scarce_quota,
    "neighbourhood": _scarce_part,
    "guidance": _scarce_guidance,
    "dwelling": _scarce_dwelling,
}


def _to_part(ref: str, names: Names) -> dict[str, str]:
    if not names.knows_part(ref):
        return {"label": "", "url": ""}
    return {"label": _("To the neighbourhood"), "url": reverse("housing:neighbourhood", args=[ref])}


# What one more brings ----------------------------------------------------------------------------


def bottleneck(row: Facts, names: Names) -> dict[str, Any]:
    """A bottleneck for its component: the gain that was found, in numbers and in words."""
    resource, (first, second) = row["resource"], row["gain"][:2]
    found = scarce(resource, names)
    return {
        "gain": first,
        "sentence": brings(more_of(resource, names), first),
        "behind": " ".join(
            [_in_use(row["used"], row["capacity"], resource["kind"]), _with_two(first, second)]
        ),
        "step": {"label": found.label, "url": found.url} if found.url else None,
    }


def brings(what: str, people: int) -> str:
    """One more housing buddy place in Schalkwijk brings 2 people home."""
    if not people:
        return _("%(what)s brings nobody extra home.") % {"what": capfirst(what)}
    return ngettext(
        "%(what)s brings %(people)s person home.",
        "%(what)s brings %(people)s people home.",
        people,
    ) % {"what": capfirst(what), "people": formats.number(people)}


def more_of(resource: Facts, names: Names) -> str:
    """One more of a row, as the subject of a sentence."""
    match resource["kind"]:
        case "support":
            return _("%(what)s in %(place)s") % {
                "what": one_more(resource["support_kind"]),
                "place": names.part(resource["neighbourhood"]),
            }
        case "quota":
            words = {
                "corporation": names.party(resource["corporation"]),
                "place": names.town(resource["municipality"]),
            }
            if resource["target_group"]:
                group = str(FacilityType(resource["target_group"]).label)
                return _(
                    "one more dwelling for %(group)s in the contingent of %(corporation)s in"
                    " %(place)s"
                ) % {**words, "group": group}
            return _("one more dwelling in the contingent of %(corporation)s in %(place)s") % words
        case "neighbourhood":
            return _("room for one more person in %(place)s") % {
                "place": names.part(resource["neighbourhood"])
            }
    return _("one more hour of guidance a week by %(provider)s in %(place)s") % {
        "provider": names.party(resource["provider"]),
        "place": names.town(resource["municipality"]),
    }


def _in_use(used: float, capacity: float, kind: str) -> str:
    written = {"used": hours(used), "capacity": hours(capacity)}
    if not capacity:
        return _("Now there is none left.")
    if kind == "guidance":
        return _("In use now: %(used)s of %(capacity)s hours.") % written
    return _("In use now: %(used)s of %(capacity)s.") % written


def _with_two(first: int, second: int) -> str:
    if second == first:
        return _("A second one brings nobody extra home.")
    return ngettext(
        "Two more bring %(people)s person home.", "Two more bring %(people)s people home.", second
    ) % {"people": formats.number(second)}


ONE_MORE: dict[str, str | Promise] = {
    SupportKind.MEETING_PLACE: gettext_lazy("one more place at a meeting place"),
    SupportKind.DAY_ACTIVITY: gettext_lazy("one more day activity place"),
    SupportKind.NEIGHBOURHOOD_MANAGEMENT: gettext_lazy(
        "one more place with neighbourhood management"
    ),
    SupportKind.NETWORK: gettext_lazy("one more place in strengthening the network"),
    SupportKind.NEIGHBOUR: gettext_lazy("one more place with a neighbour man or woman"),
    SupportKind.BUDDY: gettext_lazy("one more housing buddy place"),
    SupportKind.TENANCY_COURSE: gettext_lazy("one more place in the tenancy course"),
    SupportKind.WALK_IN: gettext_lazy("one more place at the walk-in"),
    SupportKind.REACHABLE_24H: gettext_lazy("one more place with 24-hour reachability"),
    SupportKind.DEBT_HELP: gettext_lazy("one more place for help with money and debts"),
    SupportKind.OTHER: gettext_lazy("one more place of other support"),
}


def one_more(kind: str) -> str:
    """One more place of a kind of support; an unknown kind keeps its own name."""
    if kind in ONE_MORE:
        return str(ONE_MORE[kind])
    return _("one more place of %(kind)s") % {"kind": kind}


# Who was left, and what was left -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Nearest:
    """The dwelling that fails fewest rules for somebody, and what it lacks."""

    municipality: str
    neighbourhood: str
    form: str
    failed: tuple[str, ...]
    missing_support: tuple[str, ...]


def nearest_to_name(nearest: list[Facts]) -> Facts | None:
    """The first of the nearest dwellings whose failure may be told."""
    return next((row for row in nearest if UNSAID not in row["failed"]), None)


def left_without(
    blocked_by: list[Facts], *, promised: bool, competed: bool, names: Names
) -> Scarce:
    """Why somebody whom a dwelling fits got none: the first thing that is full, else the homes."""
    rows = [row for row in blocked_by if row["kind"] != "dwelling"]
    if rows:
        return scarce(rows[0], names)
    homes = len(blocked_by)
    why = ngettext(
        "The %(homes)s dwelling that fits goes to somebody else",
        "The %(homes)s dwellings that fit go to others",
        homes,
    )
    if promised and not competed:
        why = ngettext(
            "The %(homes)s dwelling that fits is promised to somebody else",
            "The %(homes)s dwellings that fit are promised to others",
            homes,
        )
    return Scarce(
        why=why % {"homes": formats.number(homes)},
        change=_("One more dwelling like these"),
        label="",
        url="",
    )


def left_to_table(client: UUID) -> Scarce:
    """Why somebody takes no part: what the region offers was refused, and the table decides."""
    return Scarce(
        why=_("Takes no part: refused what the region offers"),
        change=_("The table lets this client in again"),
        label=_("Let in again"),
        url=reverse("housing:match_readmit", args=[client]),
    )


def without_home(failed: Collection[str]) -> str:
    """That no dwelling fits somebody, with the rules that fail for the nearest one."""
    if not failed:
        return _("No dwelling that is free fits.")
    return _("No dwelling fits. Of the nearest one: %(rules)s.") % {
        "rules": formats.and_list(rules_in_words(failed))
    }


def nothing_fits(nearest: Nearest | None, need: FunctionalProfile | None, names: Names) -> Scarce:
    """Why no dwelling fits somebody, and the nearest change that would help."""
    if nearest is None:
        return Scarce(
            why=_("No dwelling that is free fits"), change=_("Another dwelling"), label="", url=""
        )
    rules = formats.and_list(rules_in_words(nearest.failed))
    label, url = "", ""
    if "support" in nearest.failed and names.knows_part(nearest.neighbourhood):
        label = _("To the neighbourhood")
        url = reverse("housing:neighbourhood", args=[nearest.neighbourhood])
    elif "guidance" in nearest.failed:
        label, url = _("To the hours"), reverse("housing:neighbourhood_guidance")
    return Scarce(
        why=_("No dwelling fits. Of the nearest one: %(rules)s") % {"rules": rules},
        change=". ".join(_changes(nearest, need, names)),
        label=label,
        url=url,
    )


def _changes(nearest: Nearest, need: FunctionalProfile | None, names: Names) -> list[str]:
    found = []
    wants = _wants(nearest.failed, need)
    if wants:
        found.append(_("A dwelling: %(wants)s") % {"wants": ", ".join(wants)})
    if "municipality" in nearest.failed:
        found.append(_("%(place)s as a wish too") % {"place": names.town(nearest.municipality)})
    if "form" in nearest.failed:
        found.append(
            _("%(form)s as a possibility too") % {"form": capfirst(form_name(nearest.form))}
        )
    if "support" in nearest.failed:
        kinds = nearest.missing_support or (need.support if need else ())
        found.append(
            _("Room in %(place)s: %(kinds)s")
            % {
                "place": names.part(nearest.neighbourhood),
                "kinds": formats.and_list(support_name(kind) for kind in kinds),
            }
        )
    if "guidance" in nearest.failed:
        found.append(
            _("Hours of guidance in %(place)s") % {"place": names.town(nearest.municipality)}
        )
    if "refused" in nearest.failed and not found:
        found.append(_("Another dwelling"))
    return found


def _wants(failed: Collection[str], need: FunctionalProfile | None) -> list[str]:
    """What the dwelling itself would have to be."""
    wants = []
    if "rent" in failed and need is not None:
        wants.append(_("up to %(rent)s") % {"rent": formats.money(need.max_rent)})
    if "bedrooms" in failed and need is not None:
        wants.append(
            ngettext("%(number)d bedroom", "%(number)d bedrooms", need.bedrooms)
            % {"number": need.bedrooms}
        )
    words = {
        "step_free": _("step-free"),
        "wheelchair": _("fit for a wheelchair"),
        "low_stimulus": _("low-stimulus"),
        "dates": _("free later"),
    }
    return wants + [word for rule, word in words.items() if rule in failed]


def left_over(why: str, candidates: int) -> str:
    """Why nobody was proposed for a dwelling."""
    if why == "no_eligible_client" or not candidates:
        return _("Fits nobody who looks for a home now.")
    if why == "no_capacity":
        return ngettext(
            "Fits %(people)s person, who has a promise already or for whom something is full.",
            "Fits %(people)s people, who have a promise already or for whom something is full.",
            candidates,
        ) % {"people": formats.number(candidates)}
    return ngettext(
        "Fits %(people)s person, who goes to another dwelling or for whom something became full.",
        "Fits %(people)s people, who go to other dwellings or for whom something became full.",
        candidates,
    ) % {"people": formats.number(candidates)}
