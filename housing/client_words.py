"""A matching explained to the person concerned: plain words, "u", no codes and nobody else.

Every sentence stands alone and has at most twenty words in both languages; a test counts them.
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from housing.matching_words import (
    Facts,
    Names,
    contract_form_name,
    form_name,
    hours,
    kilometres,
    support_name,
)
from regions import formats

Says = Callable[[Facts, Names], str]


# A home was found --------------------------------------------------------------------------------


def pair_for_client(reasons: Iterable[Facts], names: Names) -> list[str]:
    """Why this home: one sentence or two for each reason that concerns the person."""
    return [PAIR[reason["code"]](reason, names) for reason in reasons if reason["code"] in PAIR]


def _rent_fits(facts: Facts, names: Names) -> str:
    return _("The rent is %(rent)s. You can pay up to %(limit)s.") % {
        "rent": _money(facts["rent"]),
        "limit": _money(facts["max_rent"]),
    }


def _no_rent_limit(facts: Facts, names: Names) -> str:
    return _("The rent is %(rent)s. We do not know yet if you can pay that.") % {
        "rent": _money(facts["rent"])
    }


def _bedrooms(facts: Facts, names: Names) -> str:
    number = facts["bedrooms"]
    return ngettext(
        "The home has %(number)s bedroom.", "The home has %(number)s bedrooms.", number
    ) % {"number": number}


def _step_free(facts: Facts, names: Names) -> str:
    if facts["ground_floor"]:
        return _("The home is on the ground floor. You need no stairs.")
    return _("There is a lift to the home. You need no stairs.")


def _form(facts: Facts, names: Names) -> str:
    return _("The kind of home is: %(form)s. You said that is good.") % {
        "form": form_name(facts["form"])
    }


def _municipality(facts: Facts, names: Names) -> str:
    return _("The home is in %(place)s. You want to live there.") % {
        "place": names.town(facts["municipality"])
    }


def _preferred(facts: Facts, names: Names) -> str:
    return _("The neighbourhood is %(place)s. You want to live there.") % {
        "place": names.part(facts["neighbourhood"])
    }


def _not_preferred(facts: Facts, names: Names) -> str:
    return _("The neighbourhood is %(place)s. You would rather live somewhere else.") % {
        "place": names.part(facts["neighbourhood"])
    }


def _ready_in_time(facts: Facts, names: Names) -> str:
    return _("You can get the home from %(day)s.") % {
        "day": formats.day(
            max(date.fromisoformat(facts["ready_on"]), date.fromisoformat(facts["available_on"]))
        )
    }


def _support(facts: Facts, names: Names) -> str:
    return _("You get support there: %(kinds)s.") % {
        "kinds": formats.and_list(support_name(kind) for kind in facts["kinds"])
    }


def _guidance(facts: Facts, names: Names) -> str:
    return _("%(provider)s can help you there. That is %(hours)s hours a week.") % {
        "provider": names.party(facts["provider"]),
        "hours": hours(facts["hours"]),
    }


def _near_network(facts: Facts, names: Names) -> str:
    return _("It is %(km)s kilometres to your family or friends.") % {"km": kilometres(facts["km"])}


def _near_day_activity(facts: Facts, names: Names) -> str:
    return _("It is %(km)s kilometres to your work or day activity.") % {
        "km": kilometres(facts["km"])
    }


def _contract_wished(facts: Facts, names: Names) -> str:
    return _("The contract is: %(form)s. You asked for that.") % {
        "form": contract_form_name(facts["contract_form"])
    }


def _contract_not_wished(facts: Facts, names: Names) -> str:
    return _("The contract is: %(form)s. You asked for another one.") % {
        "form": contract_form_name(facts["contract_form"])
    }


def _waited(facts: Facts, names: Names) -> str:
    return _("You have waited since %(day)s.") % {
        "day": formats.day(date.fromisoformat(facts["waiting_since"]))
    }


def _spare(facts: Facts, names: Names) -> str:
    spare = facts["spare"]
    return ngettext(
        "You get %(spare)s bedroom more than you need.",
        "You get %(spare)s bedrooms more than you need.",
        spare,
    ) % {"spare": spare}


def _many(facts: Facts, names: Names) -> str:
    return ngettext(
        "The home is meant for %(most)s person. You are with %(persons)s.",
        "The home is meant for %(most)s people. You are with %(persons)s.",
        facts["most"],
    ) % {"most": facts["most"], "persons": facts["persons"]}


def _above_appropriate(facts: Facts, names: Names) -> str:
    return _("The rent is high for your income. Ask your care worker if you can pay it.")


# What concerns only whoever hands out homes is not told: a feature that somebody else may need,
# and what a neighbourhood carries.
PAIR: dict[str, Says] = {
    "promised": lambda facts, names: _("This home was promised to you before."),
    "promise_breaks_rule": lambda facts, names: _(
        "Not everything about this home fits. Talk about it with your care worker."
    ),
    "rent_fits": _rent_fits,
    "no_rent_limit": _no_rent_limit,
    "bedrooms_fit": _bedrooms,
    "step_free_fits": _step_free,
    "wheelchair_fits": lambda facts, names: _("You can use a wheelchair in the home."),
    "low_stimulus_fits": lambda facts, names: _("The surroundings are quiet."),
    "form_fits": _form,
    "municipality_wished": _municipality,
    "preferred_neighbourhood": _preferred,
    "near_network": _near_network,
    "near_day_activity": _near_day_activity,
    "contract_form_wished": _contract_wished,
    "ready_in_time": _ready_in_time,
    "support_available": _support,
    "guidance_fits": _guidance,
    "urgent": lambda facts, names: _("You need a home soon."),
    "waited": _waited,
    "longest_waiting": lambda facts, names: _(
        "Of everybody this home fits, you have waited longest."
    ),
    "not_preferred_neighbourhood": _not_preferred,
    "spare_bedrooms": _spare,
    "far_from_network": _near_network,
    "far_from_day_activity": _near_day_activity,
    "contract_form_not_wished": _contract_not_wished,
    "many_persons": _many,
    "above_appropriate_rent": _above_appropriate,
}


# No home was found -------------------------------------------------------------------------------


def unmatched_for_client(row: Facts, names: Names) -> list[str]:
    """Why there is no home yet, and what would help, by the row of the advice."""
    told = [_("There is no home for you yet.")]
    grounds = sorted(row["grounds"].items(), key=lambda item: -item[1])
    told += [str(GROUNDS[ground]) for ground, _homes in grounds]
    if not grounds:
        told.append(_("No home that is free now fits you."))
    if row["change"] is None:
        told.append(str(NOTHING_HELPS[row["why_null"]]))
    else:
        told += [STEPS[step["kind"]](step, names) for step in row["change"]["steps"]]
    return [*told, _("Talk with your care worker about what you can do.")]


GROUNDS: dict[str, str | Promise] = {
    "promised": gettext_lazy("A home that fits you was promised to somebody else before."),
    "more_urgent": gettext_lazy("Others need a home sooner than you."),
    "longer_waiting": gettext_lazy("Others have waited longer than you."),
    "same_standing": gettext_lazy(
        "Others have as much right to a home as you. There were not enough homes."
    ),
    "for_the_whole": gettext_lazy("This way as many people as possible get a home."),
    "support_full": gettext_lazy("A home is free. But the support that you need is full there."),
    "guidance_full": gettext_lazy(
        "A home is free. But your care provider has too few hours there."
    ),
    "neighbourhood_full": gettext_lazy(
        "A home is free. But nobody else can come to live in that neighbourhood now."
    ),
    "quota_full": gettext_lazy(
        "A home is free. But the landlord has already let enough homes this way."
    ),
    "not_proven": gettext_lazy("We could not look at every possibility."),
}

NOTHING_HELPS: dict[str, str | Promise] = {
    "needs_only": gettext_lazy("You need a home that is not there now."),
    "more_than_two": gettext_lazy("More than two things would have to change."),
    "none_helps": gettext_lazy("We found no small change that helps now."),
    "not_tried": gettext_lazy("We do not know yet what would help."),
}


def _one_more_place(step: Facts, names: Names) -> str:
    return _("It would help if there is a place more in %(place)s: %(kind)s.") % {
        "place": names.part(step["neighbourhood"]),
        "kind": support_name(step["support_kind"]),
    }


def _more_hours(step: Facts, names: Names) -> str:
    return _("It would help if %(provider)s has more hours in %(place)s.") % {
        "provider": names.party(step["provider"]),
        "place": names.town(step["municipality"]),
    }


def _carries_more(step: Facts, names: Names) -> str:
    return _("It would help if one person more may come to live in %(place)s.") % {
        "place": names.part(step["neighbourhood"])
    }


def _one_more_home(step: Facts, names: Names) -> str:
    return _("It would help if %(corporation)s lets one home more in %(place)s.") % {
        "corporation": names.party(step["corporation"]),
        "place": names.town(step["municipality"]),
    }


def _other_days(step: Facts, names: Names) -> str:
    days = step["days"]
    if step["of"] == "client":
        said = ngettext(
            "It would help if you are ready %(days)s day earlier.",
            "It would help if you are ready %(days)s days earlier.",
            days,
        )
    else:
        said = ngettext(
            "It would help if a home can wait for you %(days)s day longer.",
            "It would help if a home can wait for you %(days)s days longer.",
            days,
        )
    return said % {"days": formats.number(days)}


def _other_town(step: Facts, names: Names) -> str:
    return _("It would help if you also want to live in %(place)s.") % {
        "place": names.town(step["municipality"])
    }


def _other_form(step: Facts, names: Names) -> str:
    return _("It would help if you also want this kind of home: %(form)s.") % {
        "form": form_name(step["form"])
    }


def _more_rent(step: Facts, names: Names) -> str:
    return _("It would help if the rent may be %(more)s higher. Can you pay that?") % {
        "more": _money(step["more"])
    }


STEPS: dict[str, Says] = {
    "support": _one_more_place,
    "guidance": _more_hours,
    "neighbourhood": _carries_more,
    "quota": _one_more_home,
    "dates": _other_days,
    "municipality": _other_town,
    "form": _other_form,
    "max_rent": _more_rent,
}


def _money(amount: float) -> str:
    return formats.money(Decimal(str(amount)))
