"""Published agreements, T1 to T9 of the field's facts, reproduced by the code the screens use."""

from dataclasses import astuple
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.context import acting_as
from housing import operations
from housing.balances import balances_of
from housing.distribution import Key, Place, distribute
from housing.errors import Refused
from housing.lifecycle import ContingentKind
from housing.models import Contingent
from housing.operations import AgreedNumber, Delivered
from outflow.estimation.errors import EstimateError
from outflow.estimation.stepplan import Assumptions, part_of_stock, step_plan, whole
from outflow.lifecycle import Phase
from outflow.models import Spell
from regions.clock import today
from regions.division import largest_remainder
from steering import figures
from steering.figures import Promise
from tests.factories import make_client, world
from tests.housing.factories import make_proposal
from tests.scale import n

DOCUMENT = Path(__file__).parents[3] / "docs" / "inventory.md"


def shares(**percent: int) -> dict[str, Fraction]:
    return {name: Fraction(part) for name, part in percent.items()}


# Hart van Brabant: 283 dwellings a year, 60 percent of them in Tilburg.


def test_t1_sixty_percent_of_283_is_170_in_tilburg():
    assert largest_remainder(283, shares(tilburg=60, others=40))["tilburg"] == 170
    assert whole(283 * Fraction(60, 100)) == 170


def test_t1b_the_other_municipalities_house_the_113_that_are_left():
    parts = largest_remainder(283, shares(tilburg=60, goirle=10, waalwijk=10, dongen=20))
    assert sum(parts.values()) - parts["tilburg"] == 113


# Utrecht: 385 a year, of which 110 to clear the waiting list; about 70 percent was delivered.


def test_t2_275_regular_and_110_waiting_make_a_task_of_385():
    [year] = step_plan([275], [1000], backlog=110)
    assert (year.dwellings, year.task, year.backlog) == (275, 385, 0)


@pytest.mark.parametrize(("delivered", "short"), [(269, 116), (270, 115)])
def test_t3_seventy_percent_of_385_leaves_115_short(delivered, short):
    assert whole(Fraction(385 * 70, 100)) == 270  # a half goes up
    [year] = step_plan([275], [delivered], backlog=110)
    assert year.backlog == short
    promise = Promise("Utrecht", agreed=385, offered=0, accepted=delivered, let=delivered)
    assert promise.to_go == short


# Zuid-Kennemerland and IJmond: 1,450 dwellings more in ten years, at most 178 a year.


def test_t4_a_maximum_of_178_clears_a_backlog_of_99_in_three_years():
    structural = 1450 // 10
    years = step_plan([structural] * 3, [178] * 3, backlog=99)
    assert structural == 145
    assert [year.delivered - year.dwellings for year in years] == [33, 33, 33]
    assert [year.backlog for year in years] == [66, 33, 0]


# Midden-Holland: 40 dwellings, 15 of them in Gouda.


def test_t5_forty_with_fifteen_fixed_for_gouda_leaves_25_for_the_other_four():
    places = [
        Place("GM0513", "Gouda", 34000, 11000),
        Place("GM0484", "Bodegraven-Reeuwijk", 14600, 3500),
        Place("GM1892", "Zuidplas", 17500, 4100),
        Place("GM1931", "Krimpenerwaard", 23600, 6200),
        Place("GM0627", "Waddinxveen", 12200, 3400),
    ]
    parts = distribute(Key(40, places, fixed={"GM0513": 15}))
    assert parts.pop("GM0513") == 15
    assert (len(parts), sum(parts.values())) == (4, 25)


# Almere: 250 is a maximum; a change needs a decision.


@pytest.mark.django_db
def test_t6_the_251st_is_refused_until_somebody_with_authority_raises_the_maximum():
    w = world()
    [contingent] = agree(w, today().year, kind=ContingentKind.MAXIMUM, agreed=250, delivered=250)
    with pytest.raises(Refused):
        make_proposal(w)
    with acting_as(w.coordinator):
        operations.raise_contingent(
            contingent=contingent,
            dwellings=1,
            reason="Spoed",
            authority="Gemeenteraad",
            by=w.coordinator,
        )
    make_proposal(w, "client_yes")
    contingent.refresh_from_db()
    assert (contingent.booked, contingent.ceiling) == (251, 251)


def agree(w, year, *, agreed, delivered, kind=ContingentKind.TASK):
    """A promise of the corporation for a year, and what was let of it by the end of March."""
    number = AgreedNumber(
        corporation=w.corporation,
        municipality=w.municipality,
        year=year,
        agreed=agreed,
        kind=kind,
        delivered=(Delivered(date(year, 3, 31), delivered),),
    )
    with acting_as(w.coordinator):
        return operations.agree_contingents(rows=[number], by=w.coordinator, source="list")


# Amsterdam: 441 dwellings in 2017 and 500 in 2018; in 2018 78 percent within three months.


@pytest.mark.django_db
def test_t7_441_and_500_let_are_941_in_two_years():
    w = world()
    for year, let in ((2017, 441), (2018, 500)):
        agree(w, year, agreed=let, delivered=let)
    with acting_as(w.coordinator):
        kept = balances_of(Contingent.objects.filter(region=w.region))
    assert sum(balance.let for balance in kept.values()) == 941


@pytest.mark.django_db
def test_t7_the_share_in_time_is_of_all_who_were_housed_in_the_year():
    w = world()
    for number in range(50):
        housed_after(w, waited=91 if number < 39 else 92)
    housed_after(w, waited=1, days=400)  # moved longer ago: in neither number
    with acting_as(w.coordinator):
        assert figures.count(w.coordinator).in_time_percent == 78


def housed_after(w, *, waited: int, days: int = 100) -> None:
    client = make_client(w, phase=Phase.HOUSED, days=days)
    moved = today() - timedelta(days=days)
    with acting_as(w.team_leader):
        Spell.objects.create(
            client=client,
            phase=Phase.READY,
            from_on=moved - timedelta(days=waited),
            until_on=moved,
        )


# Commission-Dannenberg (2015): about one third of those in sheltered housing can flow out.


def test_t8_a_third_of_a_stock_of_300_is_100_once_and_not_a_yearly_rate():
    assert part_of_stock(300) == 100
    years = step_plan([34, 33, 33], [0, 0, 0])
    assert sum(year.becomes_ready for year in years) == part_of_stock(300)
    assert years[-1].backlog == 100


# The largest remainder.


def test_t9_a_key_of_50_30_20_on_seven_is_four_two_one():
    assert largest_remainder(7, shares(a=50, b=30, c=20)) == {"a": 4, "b": 2, "c": 1}


# The sum of the step plan itself, by hand ---------------------------------------------------------


def test_who_finds_a_home_alone_goes_elsewhere_or_lives_together_needs_fewer_homes():
    assume = Assumptions(
        own_home=Fraction(10, 100), other_care=Fraction(5, 100), people_per_dwelling=Fraction(5, 4)
    )
    [year] = step_plan([100], [50], assume=assume)
    assert (year.demand, year.dwellings, year.delivered, year.backlog) == (100, 68, 50, 18)


def test_the_sum_by_hand_in_the_docs_is_the_one_that_is_made():
    shown = [
        tuple(int(cell) for cell in line.strip("| ").split("|"))[1:]
        for line in DOCUMENT.read_text(encoding="utf-8").partition("**By hand.**")[2].splitlines()
        if line.startswith(("| 1 |", "| 2 |"))
    ]
    assume = Assumptions(
        own_home=Fraction(10, 100), other_care=Fraction(5, 100), relapse=Fraction(20, 100)
    )
    years = step_plan([60, 45], [50, 50], backlog=40, moved_before=(30, 50), assume=assume)
    assert [astuple(year) for year in years] == shown
    parts = largest_remainder(years[0].task, shares(a=60, b=30, c=10))
    assert list(parts.values()) == [59, 29, 10]


def test_who_comes_back_is_new_demand_half_in_the_next_year_and_half_in_the_one_after():
    assume = Assumptions(relapse=Fraction(20, 100))
    years = step_plan([0, 0, 0, 0], [40] * 4, backlog=100, moved_before=(10, 30), assume=assume)
    # A tenth of 10 + 30, then of 30 + 40, 40 + 40, and 7.9 of 40 + 39.
    assert [year.returns for year in years] == [4, 7, 8, 8]
    assert [year.delivered for year in years] == [40, 40, 39, 8]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (([1, 2], [1]), "length"),
        (([-1], [1]), "negative"),
        (([1], [-1]), "negative"),
    ],
)
def test_a_sum_that_cannot_be_is_refused(arguments, code):
    with pytest.raises(EstimateError) as refusal:
        step_plan(*arguments)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "shares_given",
    [
        {"own_home": Fraction(3, 2)},
        {"relapse": Fraction(-1, 2)},
        {"own_home": Fraction(2, 3), "other_care": Fraction(2, 3)},
        {"people_per_dwelling": Fraction(1, 2)},
    ],
)
def test_assumptions_that_cannot_be_are_refused(shares_given):
    with pytest.raises(EstimateError):
        Assumptions(**shares_given)


@given(
    ready=st.lists(st.integers(0, 300), min_size=1, max_size=6),
    most=st.integers(0, 200),
    backlog=st.integers(0, 200),
    own=st.integers(0, 60),
    back=st.integers(0, 100),
)
@settings(max_examples=n(100, 5000), deadline=None)
def test_no_home_appears_or_is_lost_and_more_homes_never_leave_more_people_waiting(
    ready, most, backlog, own, back
):
    assume = Assumptions(own_home=Fraction(own, 100), relapse=Fraction(back, 100))
    years = step_plan(ready, [most] * len(ready), backlog=backlog, assume=assume)
    assert backlog + sum(y.dwellings for y in years) == (
        sum(y.delivered for y in years) + years[-1].backlog
    )
    assert all(0 <= year.delivered <= most for year in years)
    without_return = Assumptions(own_home=Fraction(own, 100))
    fewer, more = (
        step_plan(ready, [number] * len(ready), backlog=backlog, assume=without_return)
        for number in (most, most + 1)
    )
    assert more[-1].backlog <= fewer[-1].backlog
