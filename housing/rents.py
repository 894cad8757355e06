"""What the law says about a basic rent on a day: which limits it stays under, where known."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regions.law import limit
from regions.models import LegalParameter

KINDS = (
    LegalParameter.Kind.YOUTH_RENT,
    LegalParameter.Kind.FITTING_RENT_SMALL,
    LegalParameter.Kind.FITTING_RENT_LARGE,
    LegalParameter.Kind.DAEB_RENT,
)


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of the law; `is_under` is None where no value is known for that day."""

    label: str
    value: Decimal | None
    is_under: bool | None
    verified: bool
    source: str


def limits_for(rent: Decimal, *, on: date) -> list[Limit]:
    """The limits of the year of that day: a limit that is missing stays missing, never guessed."""
    return [_compared(kind, rent, on) for kind in KINDS]


def _compared(kind: LegalParameter.Kind, rent: Decimal, on: date) -> Limit:
    known = limit(kind, on=on)
    if known is None:
        return Limit(str(kind.label), None, None, False, "")
    return Limit(str(kind.label), known.value, rent <= known.value, known.verified, known.source)
