"""The rent rule of appropriate allocation (passend toewijzen), read from the dated table.

A limit that is not in the table is not guessed: the answer then is "not tested".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from regions.models import LegalParameter

Kind = LegalParameter.Kind
YOUTH_AGE = 21  # from 2026; below it the youth limit counts for rent benefit


class Fitting(StrEnum):
    FITS = "fits"
    DOES_NOT_FIT = "does_not_fit"
    NOT_APPLICABLE = "not_applicable"  # income above the limit: only the DAEB rules count
    NOT_TESTED = "not_tested"  # a limit or the income is missing


@dataclass(frozen=True, slots=True)
class RentLimit:
    """A limit with the day it counts from and whether its figure was confirmed."""

    value: Decimal
    valid_from: date
    source: str
    verified: bool


def limit(kind: str, *, on: date) -> RentLimit | None:
    """The limit of this kind on a day: of that calendar year, never an older year's."""
    found = (
        LegalParameter.objects.filter(kind=kind, valid_from__lte=on, valid_from__year=on.year)
        .order_by("-valid_from")
        .first()
    )
    if found is None:
        return None
    return RentLimit(found.value, found.valid_from, found.source, found.verified)


def fitting_rent(*, persons: int, on: date) -> RentLimit | None:
    """The highest basic rent of appropriate allocation for a household of this size."""
    return limit(_fitting_kind(persons), on=on)


class FittingRents:
    """The rent limits of appropriate allocation of some years, read once for many lettings."""

    def __init__(self, years: Iterable[int]) -> None:
        self._rows = list(
            LegalParameter.objects.filter(
                kind__in=(Kind.FITTING_RENT_SMALL, Kind.FITTING_RENT_LARGE),
                valid_from__year__in=sorted(set(years)),
            )
            .order_by("-valid_from")
            .values_list("kind", "valid_from", "value")
        )

    def limit(self, *, persons: int, on: date) -> Decimal | None:
        """As `fitting_rent` has it: of that calendar year, never an older year's."""
        kind = _fitting_kind(persons)
        return next(
            (
                value
                for found, valid_from, value in self._rows
                if found == kind and valid_from <= on and valid_from.year == on.year
            ),
            None,
        )


def _fitting_kind(persons: int) -> str:
    return Kind.FITTING_RENT_SMALL if persons <= 2 else Kind.FITTING_RENT_LARGE


def fits(*, rent: Decimal, persons: int, yearly_income: Decimal | None, on: date) -> Fitting:
    """Whether letting at this basic rent counts as appropriate for a taxable yearly income.

    >>> fits(rent=Decimal("713.02"), persons=1, yearly_income=Decimal(29400), on=date(2026, 6, 1))
    <Fitting.FITS: 'fits'>
    """
    income_limit = limit(
        Kind.FITTING_INCOME_SINGLE if persons == 1 else Kind.FITTING_INCOME_MULTI, on=on
    )
    rent_limit = fitting_rent(persons=persons, on=on)
    if yearly_income is None or income_limit is None or rent_limit is None:
        return Fitting.NOT_TESTED
    if yearly_income > income_limit.value:
        return Fitting.NOT_APPLICABLE
    return Fitting.FITS if rent <= rent_limit.value else Fitting.DOES_NOT_FIT


@dataclass(frozen=True, slots=True)
class Norm:
    """A share that the law asks of a landlord over a year, from a day on."""

    percent: Decimal
    valid_from: date
    source: str
    verified: bool


# Kept apart from the limits, which are amounts in euros of one year each.
APPROPRIATE_NORMS = (
    Norm(
        percent=Decimal(95),
        valid_from=date(2016, 1, 1),
        source="Woningwet, artikel 46, tweede lid",
        verified=False,
    ),
)


def appropriate_norm(*, on: date) -> Norm | None:
    """Of lettings to households under the income limit, how many must be appropriate."""
    known = [norm for norm in APPROPRIATE_NORMS if norm.valid_from <= on]
    return max(known, key=lambda norm: norm.valid_from, default=None)


def exceeds_youth_rent(*, rent: Decimal, age: int, on: date) -> bool:
    """Whether somebody this young should be warned about rent benefit."""
    youth = limit(Kind.YOUTH_RENT, on=on)
    return age < YOUTH_AGE and youth is not None and rent > youth.value
