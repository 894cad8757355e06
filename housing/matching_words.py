"""The matcher's codes in words: why these two, and which rule does not hold.

The codes are those of docs/matcher.md. Where somebody cannot live is never told: a dwelling that
fails for that reason "does not fit", and its place is not named as a way out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Organisation
from outflow.lifecycle import ContractForm, HousingForm, SupportKind
from regions import formats
from regions.models import Municipality, Neighbourhood

Facts = dict[str, Any]

# A dwelling of an unknown neighbourhood stands in a nameless one of its municipality.
NAMELESS = "municipality:"
# What is kept from everybody but the own care worker: never a reason that a page gives.
UNSAID = "excluded"
MOST_PLACES_NAMED = 3


class Names:
    """How the refs and codes of a run are called, for one region."""

    def __init__(self, region_id: int) -> None:
        self.region_id = region_id
        self._towns = dict(
            Municipality.objects.filter(region_id=region_id).values_list("code", "name")
        )
        self._parts = {
            str(ref): (name, town)
            for ref, name, town in Neighbourhood.objects.filter(
                municipality__region_id=region_id
            ).values_list("ref", "name", "municipality__name")
        }
        self._parties = {
            str(ref): name
            for ref, name in Organisation.objects.filter(regions=region_id).values_list(
                "ref", "name"
            )
        }

    def town(self, code: str) -> str:
        return self._towns.get(code, code)

    def part(self, ref: str) -> str:
        """A neighbourhood, or the municipality where no neighbourhood is known."""
        if ref.startswith(NAMELESS):
            return self.town(ref.removeprefix(NAMELESS))
        found = self._parts.get(ref)
        return found[0] if found else _("a neighbourhood elsewhere")

    def party(self, ref: str) -> str:
        return self._parties.get(ref, _("a party elsewhere"))

    def knows_part(self, ref: str) -> bool:
        return ref in self._parts


# Why these two -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reasons:
    """Sentences for and against one pair; people weigh them."""

    speaks_for: list[str]
    speaks_against: list[str]


Told = tuple[bool, str]  # whether it speaks for the pair, and the sentence


def reasons_in_words(
    reasons: Iterable[Facts], names: Names, *, on: date, whole: bool = False
) -> Reasons:
    """What speaks for and against; `whole` adds what a short card leaves to its clock."""
    told = [
        REASONS[reason["code"]](reason, names, on)
        for reason in reasons
        if reason["code"] in REASONS and (whole or reason["code"] not in ONLY_IN_FULL)
    ]
    return Reasons(
        speaks_for=[sentence for speaks_for, sentence in told if speaks_for],
        speaks_against=[sentence for speaks_for, sentence in told if not speaks_for],
    )


def sentence_of(reason: Facts, names: Names, *, on: date) -> str:
    """One reason as it is said, whether it speaks for the pair or against it."""
    return REASONS[reason["code"]](reason, names, on)[1]


def rules_in_words(failed: Iterable[str]) -> list[str]:
    """Rules that do not hold, as said of a dwelling: "the rent is too high"."""
    return [str(RULES[rule]) for rule in failed if rule in RULES]


RULES: dict[str, str | Promise] = {
    "rent": gettext_lazy("the rent is too high"),
    "bedrooms": gettext_lazy("it has too few bedrooms"),
    "step_free": gettext_lazy("it is not step-free"),
    "wheelchair": gettext_lazy("it does not suit a wheelchair"),
    "low_stimulus": gettext_lazy("its surroundings are not low-stimulus"),
    "form": gettext_lazy("it is another housing form than asked for"),
    "municipality": gettext_lazy("it lies in a municipality that was not asked for"),
    "dates": gettext_lazy("it is free too long before the client is ready"),
    "refused": gettext_lazy("the client said no to it before"),
    "support": gettext_lazy("the support that is needed is not there"),
    "guidance": gettext_lazy("the provider has no hours of guidance free there"),
}

# The clock of a card says how long somebody waits; these belong in the full explanation.
ONLY_IN_FULL = frozenset({"waited", "form_fits", "longest_waiting", "urgent"})


def _promise_breaks_rule(facts: Facts, names: Names, on: date) -> Told:
    rules = rules_in_words(facts["failed"]) or [_("it does not fit")]
    return False, _("The promise stands, although %(rules)s") % {"rules": formats.and_list(rules)}


def _rent_fits(facts: Facts, names: Names, on: date) -> Told:
    return True, _("%(rent)s basic rent, up to %(limit)s fits the income") % {
        "rent": formats.money(Decimal(str(facts["rent"]))),
        "limit": formats.money(Decimal(str(facts["max_rent"]))),
    }


def _no_rent_limit(facts: Facts, names: Names, on: date) -> Told:
    return False, _("Whether %(rent)s fits the income is not known yet") % {
        "rent": formats.money(Decimal(str(facts["rent"])))
    }


def _bedrooms_fit(facts: Facts, names: Names, on: date) -> Told:
    number = facts["bedrooms"]
    return True, ngettext("%(number)d bedroom", "%(number)d bedrooms", number) % {"number": number}


def _step_free_fits(facts: Facts, names: Names, on: date) -> Told:
    return True, _("Ground floor") if facts["ground_floor"] else _("Reached by lift")


def _form_fits(facts: Facts, names: Names, on: date) -> Told:
    return True, capfirst(form_name(facts["form"]))


def _municipality_wished(facts: Facts, names: Names, on: date) -> Told:
    return True, _("Wants to live in %(place)s") % {"place": names.town(facts["municipality"])}


def _preferred(facts: Facts, names: Names, on: date) -> Told:
    return True, _("Wants to live in %(place)s") % {"place": names.part(facts["neighbourhood"])}


def _ready_in_time(facts: Facts, names: Names, on: date) -> Told:
    ready, free = date.fromisoformat(facts["ready_on"]), date.fromisoformat(facts["available_on"])
    if ready > max(free, on):
        return False, _("Ready on %(day)s; the dwelling waits until then") % {
            "day": formats.day(ready)
        }
    if free > on:
        return False, _("Free on %(day)s: %(duration)s to wait") % {
            "day": formats.day(free),
            "duration": formats.duration_in_words(on, free),
        }
    return True, _("Free now")


def _support_available(facts: Facts, names: Names, on: date) -> Told:
    return True, _("Support in %(place)s has room: %(kinds)s") % {
        "place": names.part(facts["neighbourhood"]),
        "kinds": formats.and_list(support_name(kind) for kind in facts["kinds"]),
    }


def _guidance_fits(facts: Facts, names: Names, on: date) -> Told:
    return True, _("%(provider)s has %(hours)s hours of guidance a week in %(place)s") % {
        "provider": names.party(facts["provider"]),
        "hours": hours(facts["hours"]),
        "place": names.town(facts["municipality"]),
    }


def _urgent(facts: Facts, names: Names, on: date) -> Told:
    return True, _("Urgent, level %(level)s of 3") % {"level": facts["urgency"]}


def _waited(facts: Facts, names: Names, on: date) -> Told:
    return True, _("Waits since %(day)s") % {
        "day": formats.day(date.fromisoformat(facts["waiting_since"]))
    }


def _longest_waiting(facts: Facts, names: Names, on: date) -> Told:
    others = facts["others"]
    return True, ngettext(
        "Waits longer than %(others)s other whom this dwelling fits",
        "Waits longer than the %(others)s others whom this dwelling fits",
        others,
    ) % {"others": formats.number(others)}


def _not_preferred(facts: Facts, names: Names, on: date) -> Told:
    named = facts["preferred"][:MOST_PLACES_NAMED]
    return False, _("Would rather live in %(places)s") % {
        "places": formats.and_list(names.part(ref) for ref in named)
    }


def _feature_not_needed(facts: Facts, names: Names, on: date) -> Told:
    words = {
        "wheelchair": _("Suits a wheelchair, and nobody here needs that"),
        "step_free": _("Step-free, and nobody here needs that"),
        "low_stimulus": _("Low-stimulus surroundings, and nobody here needs them"),
    }
    return False, words[facts["feature"]]


def _spare_bedrooms(facts: Facts, names: Names, on: date) -> Told:
    spare = facts["spare"]
    return False, ngettext(
        "%(spare)s bedroom more than needed", "%(spare)s bedrooms more than needed", spare
    ) % {"spare": spare}


def _near_network(facts: Facts, names: Names, on: date) -> Told:
    return True, _("%(km)s km from family or friends") % {"km": kilometres(facts["km"])}


def _near_day_activity(facts: Facts, names: Names, on: date) -> Told:
    return True, _("%(km)s km from work or day activity") % {"km": kilometres(facts["km"])}


def _far_from_network(facts: Facts, names: Names, on: date) -> Told:
    return False, _("Far from family and friends: %(km)s km") % {"km": kilometres(facts["km"])}


def _far_from_day_activity(facts: Facts, names: Names, on: date) -> Told:
    return False, _("Far from work or day activity: %(km)s km") % {"km": kilometres(facts["km"])}


def _contract_form_wished(facts: Facts, names: Names, on: date) -> Told:
    return True, _("The contract form that was asked for: %(form)s") % {
        "form": contract_form_name(facts["contract_form"])
    }


def _contract_form_not_wished(facts: Facts, names: Names, on: date) -> Told:
    return False, _("Another contract form than asked for: %(form)s") % {
        "form": contract_form_name(facts["contract_form"])
    }


def _many_persons(facts: Facts, names: Names, on: date) -> Told:
    return False, ngettext(
        "Meant for %(most)s person, and %(persons)s would live there",
        "Meant for %(most)s people, and %(persons)s would live there",
        facts["most"],
    ) % {"most": facts["most"], "persons": facts["persons"]}


def _above_appropriate_rent(facts: Facts, names: Names, on: date) -> Told:
    over = Decimal(str(facts["rent"])) - Decimal(str(facts["limit"]))
    return False, _("%(over)s above the appropriate rent of %(limit)s") % {
        "over": formats.money(over),
        "limit": formats.money(Decimal(str(facts["limit"]))),
    }


def _above_soft(facts: Facts, names: Names, on: date) -> Told:
    over = facts["placements"] - facts["soft_placements"]
    return False, ngettext(
        "%(place)s then gets %(over)s person more than it carries with ease",
        "%(place)s then gets %(over)s people more than it carries with ease",
        over,
    ) % {"place": names.part(facts["neighbourhood"]), "over": over}


REASONS: dict[str, Callable[[Facts, Names, date], Told]] = {
    "promised": lambda facts, names, on: (True, _("Was promised before")),
    "promise_breaks_rule": _promise_breaks_rule,
    "rent_fits": _rent_fits,
    "no_rent_limit": _no_rent_limit,
    "bedrooms_fit": _bedrooms_fit,
    "step_free_fits": _step_free_fits,
    "wheelchair_fits": lambda facts, names, on: (True, _("Suits a wheelchair")),
    "low_stimulus_fits": lambda facts, names, on: (True, _("Low-stimulus surroundings")),
    "form_fits": _form_fits,
    "municipality_wished": _municipality_wished,
    "preferred_neighbourhood": _preferred,
    "ready_in_time": _ready_in_time,
    "support_available": _support_available,
    "guidance_fits": _guidance_fits,
    "urgent": _urgent,
    "waited": _waited,
    "longest_waiting": _longest_waiting,
    "not_preferred_neighbourhood": _not_preferred,
    "feature_not_needed": _feature_not_needed,
    "spare_bedrooms": _spare_bedrooms,
    "near_network": _near_network,
    "near_day_activity": _near_day_activity,
    "far_from_network": _far_from_network,
    "far_from_day_activity": _far_from_day_activity,
    "contract_form_wished": _contract_form_wished,
    "contract_form_not_wished": _contract_form_not_wished,
    "many_persons": _many_persons,
    "above_appropriate_rent": _above_appropriate_rent,
    "above_soft_placements": _above_soft,
}


# Words of closed lists ---------------------------------------------------------------------------


def support_name(kind: str) -> str:
    return str(SupportKind(kind).label) if kind in SupportKind.values else kind


def form_name(form: str) -> str:
    return str(HousingForm(form).label) if form in HousingForm.values else form


def contract_form_name(form: str) -> str:
    return str(ContractForm(form).label) if form in ContractForm.values else form


def kilometres(value: float) -> str:
    return formats.number(value, decimals=1)


def hours(value: float) -> str:
    return formats.number(value, decimals=0 if value == int(value) else 1)
