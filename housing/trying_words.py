"""A try-out in words: what is changed, what came of it, why it makes a difference to somebody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from housing.matching_words import Names, form_name, hours, support_name
from housing.shortage_words import left_without, nearest_to_name, without_home
from housing.trying import ADDED, GAINED, LOST, MOVED, NAMELESS, Change, Difference, Row
from outflow.lifecycle import FacilityType
from regions import formats
from regions.models import Run

Words = str | Promise

# What can be changed, in the groups in which a page offers it.
GROUPS: dict[Words, dict[str, Words]] = {
    gettext_lazy("Homes"): {
        "dwelling_more": gettext_lazy("A dwelling more"),
        "dwelling_less": gettext_lazy("A dwelling less"),
        "quota": gettext_lazy("A contingent"),
        "vacancy_days": gettext_lazy("How long a dwelling may stay empty"),
    },
    gettext_lazy("Support and neighbourhoods"): {
        "support": gettext_lazy("Places of support"),
        "guidance": gettext_lazy("Hours of guidance"),
        "neighbourhood": gettext_lazy("What a neighbourhood carries"),
    },
    gettext_lazy("One person"): {
        "rent_limit": gettext_lazy("What somebody may pay"),
        "municipality_too": gettext_lazy("A municipality more"),
        "form_too": gettext_lazy("A housing form more"),
        "let_go": gettext_lazy("A promise let go"),
    },
}
LABELS = {kind: label for kinds in GROUPS.values() for kind, label in kinds.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """How people and homes in a try-out are called, as far as the viewer may know."""

    names: Names
    codes: Mapping[str, str] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)

    def code(self, ref: str) -> str:
        return self.codes.get(ref, _("somebody who is not in the list any more"))

    def home(self, ref: str) -> str:
        if ref.startswith(ADDED):
            return _("the dwelling that was added")
        return self.homes.get(ref, _("a dwelling that is not in the list any more"))


# What is changed ---------------------------------------------------------------------------------


def change_sentence(change: Change, known: Known) -> str:
    """One change, as a coordinator would say it."""
    return capfirst(SENTENCES[change["kind"]](change, known))


def _dwelling_more(change: Change, known: Known) -> str:
    bedrooms = change["bedrooms"]
    features = {
        "ground_floor": _("ground floor"),
        "lift": _("reached by lift"),
        "wheelchair": _("fit for a wheelchair"),
        "low_stimulus": _("low-stimulus"),
    }
    facts = [
        formats.money(Decimal(str(change["rent"]))),
        ngettext("%(number)d bedroom", "%(number)d bedrooms", bedrooms) % {"number": bedrooms},
        form_name(change["form"]),
        *(words for name, words in features.items() if change[name]),
        _("free from %(day)s") % {"day": formats.day(date.fromisoformat(change["available_on"]))},
    ]
    return _("a dwelling more in %(place)s by %(corporation)s: %(facts)s") % {
        "place": known.names.part(change["neighbourhood"] or NAMELESS + change["municipality"]),
        "corporation": known.names.party(change["corporation"]),
        "facts": ", ".join(facts),
    }


def _dwelling_less(change: Change, known: Known) -> str:
    return _("without the dwelling %(dwelling)s") % {"dwelling": known.home(change["dwelling"])}


def _support(change: Change, known: Known) -> str:
    count = abs(change["by"])
    words = (
        ngettext(
            "%(count)s place more in %(place)s: %(kind)s",
            "%(count)s places more in %(place)s: %(kind)s",
            count,
        )
        if change["by"] > 0
        else ngettext(
            "%(count)s place less in %(place)s: %(kind)s",
            "%(count)s places less in %(place)s: %(kind)s",
            count,
        )
    )
    return words % {
        "count": formats.number(count),
        "place": known.names.part(change["neighbourhood"]),
        "kind": support_name(change["support_kind"]),
    }


def _guidance(change: Change, known: Known) -> str:
    words = (
        _("%(hours)s hours of guidance a week more by %(provider)s in %(place)s")
        if change["by"] > 0
        else _("%(hours)s hours of guidance a week less by %(provider)s in %(place)s")
    )
    return words % {
        "hours": hours(abs(change["by"])),
        "provider": known.names.party(change["provider"]),
        "place": known.names.town(change["municipality"]),
    }


def _quota(change: Change, known: Known) -> str:
    count = abs(change["by"])
    words = (
        ngettext(
            "%(count)s dwelling more in the contingent of %(corporation)s in %(place)s",
            "%(count)s dwellings more in the contingent of %(corporation)s in %(place)s",
            count,
        )
        if change["by"] > 0
        else ngettext(
            "%(count)s dwelling less in the contingent of %(corporation)s in %(place)s",
            "%(count)s dwellings less in the contingent of %(corporation)s in %(place)s",
            count,
        )
    )
    sentence = words % {
        "count": formats.number(count),
        "corporation": known.names.party(change["corporation"]),
        "place": known.names.town(change["municipality"]),
    }
    if not change["target_group"]:
        return sentence
    group = FacilityType(change["target_group"]).label
    return _("%(sentence)s, for %(group)s") % {"sentence": sentence, "group": group}


def _neighbourhood(change: Change, known: Known) -> str:
    count = abs(change["by"])
    words = (
        ngettext(
            "%(place)s carries %(count)s person more",
            "%(place)s carries %(count)s people more",
            count,
        )
        if change["by"] > 0
        else ngettext(
            "%(place)s carries %(count)s person less",
            "%(place)s carries %(count)s people less",
            count,
        )
    )
    return words % {
        "place": known.names.part(change["neighbourhood"]),
        "count": formats.number(count),
    }


def _rent_limit(change: Change, known: Known) -> str:
    return _("case %(code)s may pay up to %(rent)s") % {
        "code": known.code(change["client"]),
        "rent": formats.money(Decimal(str(change["rent"]))),
    }


def _municipality_too(change: Change, known: Known) -> str:
    return _("case %(code)s also accepts %(place)s") % {
        "code": known.code(change["client"]),
        "place": known.names.town(change["municipality"]),
    }


def _form_too(change: Change, known: Known) -> str:
    return _("case %(code)s also accepts this form: %(form)s") % {
        "code": known.code(change["client"]),
        "form": form_name(change["form"]),
    }


def _vacancy_days(change: Change, known: Known) -> str:
    days = change["days"]
    return ngettext(
        "a dwelling may stay empty for %(days)s day",
        "a dwelling may stay empty for %(days)s days",
        days,
    ) % {"days": formats.number(days)}


def _let_go(change: Change, known: Known) -> str:
    return _("the promise to case %(code)s is let go") % {"code": known.code(change["client"])}


def _choose(change: Change, known: Known) -> str:
    return _("case %(code)s goes to %(dwelling)s") % {
        "code": known.code(change["client"]),
        "dwelling": known.home(change["dwelling"]),
    }


SENTENCES: dict[str, Callable[[Change, Known], str]] = {
    "dwelling_more": _dwelling_more,
    "dwelling_less": _dwelling_less,
    "support": _support,
    "guidance": _guidance,
    "quota": _quota,
    "neighbourhood": _neighbourhood,
    "rent_limit": _rent_limit,
    "municipality_too": _municipality_too,
    "form_too": _form_too,
    "vacancy_days": _vacancy_days,
    "let_go": _let_go,
    "choose": _choose,
}


# Why it cannot be --------------------------------------------------------------------------------

CANNOT_BE: dict[str, Words] = {
    "dwelling_gone": gettext_lazy("this dwelling is not in the matching any more"),
    "dwelling_promised": gettext_lazy("this dwelling is promised to somebody already"),
    "hours_not_counted": gettext_lazy(
        "hours of guidance are not counted there, so they limit nothing"
    ),
    "no_maximum": gettext_lazy("no maximum counts there, so it limits nothing"),
    "no_limit": gettext_lazy("nothing was agreed about what this neighbourhood carries"),
    "place_unknown": gettext_lazy("this neighbourhood is not in the matching"),
    "below_nothing": gettext_lazy("there is less of it than would be taken away"),
    "promises_need_it": gettext_lazy("promises need what would be taken away"),
    "client_absent": gettext_lazy("this client takes no part in the matching now"),
    "client_promised": gettext_lazy("this client has a promise already"),
    "no_rent_limit": gettext_lazy("no limit is recorded for this client, so every rent fits"),
    "every_municipality": gettext_lazy("this client accepts every municipality already"),
    "no_promise": gettext_lazy("this client has no promise any more"),
    "unknown": gettext_lazy("changes of this kind cannot be tried"),
}


def failure_sentence(run: Run) -> str:
    """Why a try-out came to nothing; nothing in the lists or agreements was changed by it."""
    what, _colon, rest = run.failure.partition(":")
    code, _colon, number = rest.partition(":")
    if what != "cannot_be" or code not in CANNOT_BE:
        return run.reason
    return _("Change %(number)s cannot be tried: %(why)s.") % {
        "number": number,
        "why": CANNOT_BE[code],
    }


# What came of it ---------------------------------------------------------------------------------


def outcome_sentence(summary: Row) -> str:
    """The answer in one sentence that can be said aloud."""
    gained, lost, moved = summary[GAINED], summary[LOST], summary[MOVED]
    if not (gained or lost or moved):
        return _("It changes nothing: everybody keeps the same home, or still has none.")
    before, after = summary["placements"]
    more = after - before
    if more > 0:
        first = ngettext(
            "%(count)s person more gets a home", "%(count)s people more get a home", more
        ) % {"count": formats.number(more)}
    elif more < 0:
        first = ngettext(
            "%(count)s person fewer gets a home", "%(count)s people fewer get a home", -more
        ) % {"count": formats.number(-more)}
    else:
        first = _("As many people get a home as before")
    return f"{first}: {_who(gained, lost, moved)}."


def _who(gained: int, lost: int, moved: int) -> str:
    parts = []
    if gained:
        parts.append(
            ngettext("%(count)s gets one", "%(count)s get one", gained)
            % {"count": formats.number(gained)}
        )
    if moved:
        parts.append(
            ngettext("%(count)s goes to another home", "%(count)s go to other homes", moved)
            % {"count": formats.number(moved)}
        )
    if lost:
        parts.append(
            ngettext("%(count)s loses one", "%(count)s lose one", lost)
            % {"count": formats.number(lost)}
        )
    else:
        parts.append(_("nobody loses one"))
    return formats.and_list(parts)


def kind_words(kind: str) -> str:
    return {
        GAINED: _("gets a home"),
        LOST: _("gets none any more"),
        MOVED: _("gets another home"),
    }[kind]


class Why:
    """Why it makes a difference to somebody: who went where, and what was or became full."""

    def __init__(self, before: Row, after: Row, known: Known) -> None:
        self.known = known
        self.dwellers_before = _dwellers(before)
        self.dwellers_after = _dwellers(after)
        self.left_before = {row["client"]: row for row in before["unmatched"]}
        self.left_after = {row["client"]: row for row in after["unmatched"]}
        self.there_after = set(self.dwellers_after) | {row["dwelling"] for row in after["unused"]}

    def sentences(self, each: Difference) -> list[str]:
        """What became of the old home, then how the new one came free."""
        found = []
        if each.before:
            found.append(self._of_old(each.before))
        if each.kind == LOST:
            found.append(self._of_left(self.left_after.get(each.client)))
        if each.after:
            found.append(self._of_new(each))
        return [sentence for sentence in found if sentence]

    def _of_old(self, home: str) -> str:
        now = self.dwellers_after.get(home)
        if now is not None:
            return _("The home of before goes to case %(code)s.") % {"code": self.known.code(now)}
        if home not in self.there_after:
            return _("The home of before is not there.")
        return _("The home of before goes to nobody.")

    def _of_left(self, row: Row | None) -> str:
        """Why somebody has none now; a person who takes no part any more has no row."""
        if row is None:
            return _("Takes no part any more.")
        if row["why"] == "no_eligible_dwelling":
            nearest = nearest_to_name(row["nearest"])
            return without_home(nearest["failed"] if nearest else ())
        found = left_without(
            row["blocked_by"],
            promised=row["why"] == "no_capacity",
            competed=row["why"] == "outcompeted",
            names=self.known.names,
        )
        return f"{found.why}."

    def _of_new(self, each: Difference) -> str:
        home = each.after
        if home.startswith(ADDED):
            return _("Gets the dwelling that was added.")
        then = self.dwellers_before.get(home)
        if then is not None:
            return _("The new home went to case %(code)s before.") % {"code": self.known.code(then)}
        left = self.left_before.get(each.client)
        if left is not None and left["why"] == "no_eligible_dwelling":
            return _("No dwelling fitted before; this one does now.")
        full = [row for row in (left or {}).get("blocked_by", []) if row["kind"] != "dwelling"]
        if full:
            return _("Stood in the way before: %(what)s.") % {
                "what": left_without(
                    full, promised=False, competed=True, names=self.known.names
                ).why
            }
        return _("The new home was left over before.")


def _dwellers(result: Row) -> dict[str, str]:
    return {pair["dwelling"]: pair["client"] for pair in result["pairs"]}


def neck_change(now: int, before: int | None) -> str:
    """What the try-out does to something that is short."""
    if before is None:
        return _("Was not short before.")
    if now == before:
        return _("As short as before.")
    if not now:
        return _("Is not short any more.")
    return ngettext(
        "One more brought %(count)s person home before.",
        "One more brought %(count)s people home before.",
        before,
    ) % {"count": formats.number(before)}
