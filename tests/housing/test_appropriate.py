"""Appropriate allocation: what counts, by which limit, and who sees how a corporation stands."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.context import acting_as, working_for
from housing import appropriate
from housing.appropriate import Counted, Standing
from housing.models import Placement
from outflow.lifecycle import ContractForm, Phase
from regions.clock import today
from regions.law import Fitting, FittingRents, appropriate_norm
from regions.models import LegalParameter
from tests.factories import make_client, make_dwelling, sign_in, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def region():
    return world()


@pytest.fixture(autouse=True)
def limits(db):
    LegalParameter.objects.all().delete()
    for kind, value in (("fitting_rent_small", "700.00"), ("fitting_rent_large", "800.00")):
        LegalParameter.objects.create(
            kind=kind, valid_from=date(today().year, 1, 1), value=value, source="proef"
        )


def let(region, rent, *, corporation=None, on=None, persons=1, max_rent=None, assumed=True):
    """Somebody lives in a home at this rent since a day of this year."""
    client = make_client(
        region,
        phase=Phase.HOUSED,
        need={
            "persons": persons,
            "max_rent": Decimal(max_rent) if max_rent else None,
            "max_rent_is_assumed": assumed,
        },
    )
    home = make_dwelling(region, basic_rent=Decimal(rent), corporation=corporation)
    with working_for(region.region.pk, job="match"), acting_as(region.coordinator):
        return Placement.objects.create(
            region=region.region,
            person_id=client.person_id,
            client=client,
            dwelling=home,
            contract_form=ContractForm.REGULAR,
            from_on=on or today(),
        )


@pytest.mark.parametrize(
    ("rent", "persons", "max_rent", "assumed", "outcome"),
    [
        ("700.00", 1, None, True, Fitting.FITS),
        ("700.01", 1, None, True, Fitting.DOES_NOT_FIT),
        ("700.01", 1, "700", False, Fitting.DOES_NOT_FIT),
        ("750.00", 2, None, True, Fitting.DOES_NOT_FIT),
        ("750.00", 3, None, True, Fitting.FITS),
        ("750.00", 1, "760", False, Fitting.NOT_APPLICABLE),
        ("750.00", 1, "760", True, Fitting.DOES_NOT_FIT),
    ],
)
def test_what_is_appropriate_follows_from_rent_and_household(
    rent, persons, max_rent, assumed, outcome
):
    found = appropriate.tested(
        rent=Decimal(rent),
        limit=FittingRents({today().year}).limit(persons=persons, on=today()),
        max_rent=Decimal(max_rent) if max_rent else None,
        is_assumed=assumed,
    )
    assert found == outcome


def test_without_the_limit_of_that_year_nothing_is_tested():
    year = today().year
    rents = FittingRents({year, year + 1})
    limit = rents.limit(persons=1, on=date(year + 1, 1, 1))
    assert limit is None
    found = appropriate.tested(rent=Decimal(1), limit=limit, max_rent=None, is_assumed=True)
    assert found == Fitting.NOT_TESTED
    # The control: of its own year there is one.
    assert rents.limit(persons=1, on=date(year, 12, 31)) == Decimal(700)


def test_lettings_of_the_year_are_counted_per_corporation(region):
    let(region, "650")
    let(region, "720")
    let(region, "720", max_rent="730", assumed=False)  # another income: not counted
    let(region, "650", corporation=region.other_corporation)
    let(region, "650", on=date(today().year - 1, 12, 31))
    with acting_as(region.coordinator):
        found = appropriate.standings(region.region, year=today().year)
    assert found == {
        region.corporation.pk: Standing(let=Counted(fitting=1, above=1)),
        region.other_corporation.pk: Standing(let=Counted(fitting=1)),
    }


def test_below_the_norm_is_said_and_at_the_norm_it_is_not():
    norm = appropriate_norm(on=today())
    assert norm is not None
    assert norm.percent == 95
    for fitting, above, below in ((19, 1, False), (18, 2, True), (1, 0, False)):
        seen = appropriate.see_standing(
            "", Standing(let=Counted(fitting=fitting, above=above)), year=today().year
        )
        assert seen.is_below is below
    assert appropriate_norm(on=date(2015, 12, 31)) is None


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("coordinator", {"Corporation", "Other corporation"}),
        ("allocator", {"Corporation"}),
        ("other_allocator", {"Other corporation"}),
        ("steering_member", {"De regio"}),
        ("foreign_allocator", set()),
    ],
)
def test_a_corporation_sees_how_it_stands_itself_and_others_only_the_region(
    client, region, who, names
):
    let(region, "650")
    let(region, "720", corporation=region.other_corporation)
    page = sign_in(client, region.viewers[who]).get(reverse("housing:contingents"))
    text = re.sub(r"\s+", " ", page.content.decode())
    section = text.partition('id="appropriate"')[2].partition("</section>")[0]
    assert set(re.findall(r"<dt>(.*?)</dt>", section)) == names
