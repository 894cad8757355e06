"""The advice in words: why others went first, what would help, and who can do it.

The codes are those of docs/matcher.md. Nothing here ever tells who the others are, or where
somebody cannot live. The words for the person concerned are in housing/client_words.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from housing.matching_words import Facts, Names, form_name, hours, rules_in_words
from housing.shortage_words import Scarce, scarce
from regions import formats

# One step ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Help:
    """One step that would help, and where whoever can do it goes."""

    sentence: str
    label: str
    url: str


def step_in_words(step: Facts, names: Names) -> Help:
    """One step of a change: "A rent limit € 18,00 higher"."""
    return STEPS[step["kind"]](step, names)


def steps_in_words(change: Facts, names: Names) -> list[Help]:
    return [step_in_words(step, names) for step in change["steps"]]


def _row(step: Facts, names: Names) -> Help:
    """One more of a row that is full, said as it is said everywhere of that row."""
    full = scarce(step, names)
    return Help(sentence=full.change, label=full.label, url=full.url)


def _guidance(step: Facts, names: Names) -> Help:
    full = scarce(step, names)
    return Help(
        sentence=_("%(hours)s hours of guidance a week more by %(provider)s in %(place)s")
        % {
            "hours": hours(step["more_hours"]),
            "provider": names.party(step["provider"]),
            "place": names.town(step["municipality"]),
        },
        label=full.label,
        url=full.url,
    )


def _dates(step: Facts, names: Names) -> Help:
    days = step["days"]
    if step.get("of") == "client":
        said = ngettext("Ready %(days)s day earlier", "Ready %(days)s days earlier", days)
        return Help(said % {"days": formats.number(days)}, "", "")
    said = ngettext(
        "The dwelling held %(days)s day longer", "The dwelling held %(days)s days longer", days
    )
    url = _url_of_dwelling(step.get("dwelling", ""))
    return Help(said % {"days": formats.number(days)}, _("To the dwelling") if url else "", url)


def _url_of_dwelling(ref: str) -> str:
    """Where the dwelling stands; one that was only thought of has no page."""
    try:
        return reverse("housing:dwelling", args=[UUID(ref)])
    except ValueError:
        return ""


def _municipality(step: Facts, names: Names) -> Help:
    place = names.town(step["municipality"])
    return Help(_("%(place)s as a wish too") % {"place": place}, "", "")


def _form(step: Facts, names: Names) -> Help:
    form = capfirst(form_name(step["form"]))
    return Help(_("%(form)s as a possibility too") % {"form": form}, "", "")


def _max_rent(step: Facts, names: Names) -> Help:
    more = formats.money(Decimal(str(step["more"])))
    return Help(_("A rent limit %(more)s higher") % {"more": more}, "", "")


def _rent(step: Facts, names: Names) -> Help:
    less = formats.money(Decimal(str(step["less"])))
    return Help(_("A rent %(less)s lower") % {"less": less}, "", "")


STEPS: dict[str, Callable[[Facts, Names], Help]] = {
    "support": _row,
    "quota": _row,
    "neighbourhood": _row,
    "guidance": _guidance,
    "dates": _dates,
    "municipality": _municipality,
    "form": _form,
    "max_rent": _max_rent,
    "rent": _rent,
}


# Who was left ------------------------------------------------------------------------------------


def grounds_in_words(grounds: Facts) -> list[str]:
    """On what ground others went first, or what is full, most homes first; nobody is named."""
    found = sorted(grounds.items(), key=lambda item: -item[1])
    return [_ground(ground, homes) for ground, homes in found]


def _ground(ground: str, homes: int) -> str:
    sentences = {
        "promised": ngettext(
            "%(homes)s dwelling that fits is promised already",
            "%(homes)s dwellings that fit are promised already",
            homes,
        ),
        "more_urgent": ngettext(
            "%(homes)s dwelling that fits goes to somebody more urgent",
            "%(homes)s dwellings that fit go to others who are more urgent",
            homes,
        ),
        "longer_waiting": ngettext(
            "%(homes)s dwelling that fits goes to somebody who waited longer",
            "%(homes)s dwellings that fit go to others who waited longer",
            homes,
        ),
        "same_standing": ngettext(
            "%(homes)s dwelling that fits goes to somebody of equal priority",
            "%(homes)s dwellings that fit go to others of equal priority",
            homes,
        ),
        "for_the_whole": ngettext(
            "%(homes)s dwelling that fits goes to somebody else, so that as many people as"
            " possible get a home",
            "%(homes)s dwellings that fit go to others, so that as many people as possible get a"
            " home",
            homes,
        ),
        "support_full": ngettext(
            "At %(homes)s dwelling that fits the support has no room",
            "At %(homes)s dwellings that fit the support has no room",
            homes,
        ),
        "guidance_full": ngettext(
            "At %(homes)s dwelling that fits there are too few hours of guidance",
            "At %(homes)s dwellings that fit there are too few hours of guidance",
            homes,
        ),
        "neighbourhood_full": ngettext(
            "At %(homes)s dwelling that fits the neighbourhood carries no more people",
            "At %(homes)s dwellings that fit the neighbourhood carries no more people",
            homes,
        ),
        "quota_full": ngettext(
            "At %(homes)s dwelling that fits the contingent is full",
            "At %(homes)s dwellings that fit the contingent is full",
            homes,
        ),
        "not_proven": ngettext(
            "Of %(homes)s dwelling that fits it is not proven that this is best",
            "Of %(homes)s dwellings that fit it is not proven that this is best",
            homes,
        ),
    }
    return sentences[ground] % {"homes": formats.number(homes)}


def gain_in_words(gain: int) -> str:
    """What a change does for everybody together."""
    if gain <= 0:
        return _("Not more people get a home: somebody else then waits longer.")
    return ngettext(
        "%(people)s person more gets a home.", "%(people)s people more get a home.", gain
    ) % {"people": formats.number(gain)}


WHY_NULL: dict[str, str | Promise] = {
    "needs_only": gettext_lazy("Another dwelling, with what is needed"),
    "more_than_two": gettext_lazy("More than two things at once would have to change"),
    "none_helps": gettext_lazy("No small change was found that helps now"),
    "not_tried": gettext_lazy("What would help was not worked out"),
}


def left_in_words(row: Facts, names: Names) -> Scarce:
    """Somebody left, by the row of the advice: why, what would help most easily, and where."""
    why = grounds_in_words(row["grounds"])[:1] or [_("No dwelling that is free fits")]
    if row["change"] is None:
        return Scarce(why=why[0], change=str(WHY_NULL[row["why_null"]]), label="", url="")
    steps = steps_in_words(row["change"], names)
    way = next((step for step in steps if step.url), Help("", "", ""))
    return Scarce(
        why=why[0],
        change=". ".join(step.sentence for step in steps),
        label=way.label,
        url=way.url,
    )


# What was left -----------------------------------------------------------------------------------


def in_the_way(failed: Facts) -> str:
    """What stood in the way of most people, for a home that nobody got; each lacked that alone."""
    if not failed:
        return ""
    rule, people = max(failed.items(), key=lambda item: item[1])
    rules = rules_in_words([rule])
    if not rules:
        return ""
    return ngettext(
        "For %(people)s person who waits only this stood in the way: %(rule)s.",
        "For %(people)s people who wait only this stood in the way: %(rule)s.",
        people,
    ) % {"people": formats.number(people), "rule": rules[0]}


def unused_in_words(row: Facts, names: Names) -> str:
    """What would make a home that nobody got fit somebody; empty where no one step would."""
    nearest = row["nearest"]
    if nearest is None:
        return ""
    return ngettext(
        "%(step)s would fit %(people)s person who waits.",
        "%(step)s would fit %(people)s people who wait.",
        nearest["people"],
    ) % {
        "step": step_in_words(nearest, names).sentence,
        "people": formats.number(nearest["people"]),
    }
