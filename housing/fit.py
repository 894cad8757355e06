"""Whether a dwelling fits a housing profile, in sentences: what speaks for it and what against."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outflow.lifecycle import HousingForm
from regions import formats


class Need(Protocol):
    """The part of a functional profile that a dwelling can answer."""

    bedrooms: int
    step_free: bool
    wheelchair: bool
    low_stimulus: bool
    forms: list[str]
    max_rent: Decimal | None


class Home(Protocol):
    """The part of a dwelling that a profile asks about."""

    bedrooms: int
    floor: int | None
    has_lift: bool
    wheelchair: bool
    low_stimulus: bool
    form: str
    basic_rent: Decimal


@dataclass(frozen=True, slots=True)
class Fit:
    """Sentences for and against; a person weighs them."""

    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


def fit_of(need: Need, home: Home) -> Fit:
    """What speaks for this home and what against, as far as the profile asks."""
    checks = [
        _rent(need, home),
        (home.bedrooms >= need.bedrooms, _bedrooms(home.bedrooms)),
        *_features(need, home),
    ]
    if need.forms:
        checks.append((home.form in need.forms, str(HousingForm(home.form).label).capitalize()))
    return Fit(
        speaks_for=tuple(sentence for fits, sentence in checks if fits),
        speaks_against=tuple(sentence for fits, sentence in checks if not fits),
    )


def misfits(need: Need, home: Home) -> list[str]:
    """What a profile asks for and a home lacks, by the codes of the rules of the matching."""
    fits = {
        "rent": need.max_rent is None or home.basic_rent <= need.max_rent,
        "bedrooms": home.bedrooms >= need.bedrooms,
        "step_free": not need.step_free or home.floor == 0 or home.has_lift,
        "wheelchair": not need.wheelchair or home.wheelchair,
        "low_stimulus": not need.low_stimulus or home.low_stimulus,
        "form": not need.forms or home.form in need.forms,
    }
    return [code for code, is_met in fits.items() if not is_met]


def _rent(need: Need, home: Home) -> tuple[bool, str]:
    rent = formats.money(home.basic_rent)
    if need.max_rent is None:
        return False, _("Whether %(rent)s fits the income is not known yet") % {"rent": rent}
    if home.basic_rent <= need.max_rent:
        return True, _("%(rent)s fits the income") % {"rent": rent}
    over = formats.money(home.basic_rent - need.max_rent)
    return False, _("%(rent)s is %(over)s over what fits the income") % {"rent": rent, "over": over}


def _bedrooms(bedrooms: int) -> str:
    return ngettext("%(number)d bedroom", "%(number)d bedrooms", bedrooms) % {"number": bedrooms}


def _features(need: Need, home: Home) -> list[tuple[bool, str]]:
    """Only what is asked for: a lift says nothing to somebody who climbs stairs."""
    found = []
    if need.step_free:
        if home.floor == 0:
            found.append((True, _("Ground floor")))
        elif home.has_lift:
            found.append((True, _("Reached by lift")))
        else:
            found.append((False, _("Not on the ground floor and no lift")))
    if need.wheelchair:
        found.append(
            (True, _("Suits a wheelchair"))
            if home.wheelchair
            else (False, _("Does not suit a wheelchair"))
        )
    if need.low_stimulus:
        found.append(
            (True, _("Low-stimulus surroundings"))
            if home.low_stimulus
            else (False, _("Surroundings are not low-stimulus"))
        )
    return found
