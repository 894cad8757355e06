"""The rent rule reads the dated table, and says so when it cannot."""

from datetime import date
from decimal import Decimal

import pytest

from regions.law import Fitting, exceeds_youth_rent, fits, limit
from regions.models import LegalParameter

pytestmark = pytest.mark.django_db
IN_2026 = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("rent", "persons", "income", "answer"),
    [
        ("713.02", 1, "29400", Fitting.FITS),
        ("713.02", 1, "29400.01", Fitting.NOT_APPLICABLE),
        ("713.03", 1, "29400", Fitting.DOES_NOT_FIT),
        ("764.14", 3, "39925", Fitting.FITS),
        ("764.15", 3, "39925", Fitting.DOES_NOT_FIT),
        ("713.02", 1, None, Fitting.NOT_TESTED),
    ],
)
def test_the_rent_rule_follows_the_limits_of_2026(rent, persons, income, answer):
    income = None if income is None else Decimal(income)
    assert fits(rent=Decimal(rent), persons=persons, yearly_income=income, on=IN_2026) == answer


def test_a_year_without_limits_is_not_tested_with_last_years():
    answer = fits(rent=Decimal(700), persons=1, yearly_income=Decimal(20000), on=date(2027, 1, 1))
    assert answer == Fitting.NOT_TESTED


def test_somebody_under_21_is_warned_above_the_youth_limit():
    assert exceeds_youth_rent(rent=Decimal("498.21"), age=20, on=IN_2026)
    assert not exceeds_youth_rent(rent=Decimal("498.20"), age=20, on=IN_2026)
    assert not exceeds_youth_rent(rent=Decimal("600"), age=21, on=IN_2026)


def test_every_limit_names_its_source_and_whether_it_was_confirmed():
    assert LegalParameter.objects.filter(source="").count() == 0
    unconfirmed = limit(LegalParameter.Kind.FITTING_RENT_SMALL, on=IN_2026)
    assert unconfirmed is not None
    assert not unconfirmed.verified
