"""What the inventory may tell: whole quarters of homes, few days, nothing of a few others."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.context import acting_as
from outflow.inventories.counts import reference_days
from outflow.inventories.disclosure import kept_back, tells_few
from outflow.inventories.stepplans import plan_of, shares_of
from outflow.inventories.tables import Seen, stock_table
from outflow.lifecycle import Phase
from outflow.models import PlannedSupply
from regions.clock import on_day, today
from tests.factories import make_client, sign_in, world
from tests.outflow.inventories import expecting, in_months, page, quarter_days, take, usual

pytestmark = pytest.mark.django_db

NOT_TOLD = "niet genoemd"
NOVEMBER = date(2026, 11, 22)


@pytest.fixture
def w():
    return world()


# Homes planned -----------------------------------------------------------------------------------


def planned(w, numbers, place=None):
    for (year, quarter), dwellings in numbers.items():
        PlannedSupply.objects.create(
            region=w.region,
            municipality=place or w.municipality,
            quarter_from=date(year, 3 * quarter - 2, 1),
            dwellings=dwellings,
        )


def plan_on(w, day, on=None):
    with on_day(day), acting_as(w.coordinator):
        return plan_of(w.region.pk, take(w, on=on or day))


def test_the_running_quarter_of_the_plan_is_never_counted_as_homes(client, w):
    # What is left of this quarter stands in the plan as if it were a whole quarter.
    planned(w, {(2026, 4): 117} | {(2027, quarter): 44 for quarter in (1, 2, 3, 4)})
    planned(w, {(2026, 4): 3, (2027, 1): 2}, w.other_municipality)
    plan = plan_on(w, NOVEMBER)
    assert plan.maximum == [178, 178]
    assert plan.first_quarters == [date(2027, 1, 1), date(2028, 1, 1)]
    assert plan.shares.planned == {"GM9001": 176, "GM9002": 2}
    with on_day(NOVEMBER):
        make_client(w)
        shown = page(client, w.coordinator)
    assert shown.context["places"].columns[-1].sub.count("1e kwartaal 2027") == 1
    assert "178" in {cell.text for cell in shown.context["places"].totals}
    assert shown.context["plan"].rows[0][6].sub.count("1e kwartaal 2027") == 1


def test_a_day_later_in_the_quarter_changes_nothing_in_the_first_year(w):
    planned(w, {(2026, 3): 10, (2026, 4): 90} | {(2027, quarter): 11 for quarter in (1, 2, 3, 4)})
    plans = [plan_on(w, date(2026, 10, day)) for day in (1, 2, 31)]
    assert [plan.maximum[0] for plan in plans] == [44, 44, 44]
    assert len({plan.shares.first for plan in plans}) == 1


def test_a_past_day_counts_whole_quarters_and_none_that_is_running(w):
    planned(w, {(year, q): year - 2020 for year in range(2023, 2028) for q in (1, 2, 3, 4)})
    plan = plan_on(w, NOVEMBER, on=date(2024, 1, 1))
    assert plan.first_quarters[0] == plan.shares.first == date(2024, 4, 1)
    assert plan.maximum == [4 * 3 + 5, 5 * 3 + 6]
    assert plan.shares.planned == {"GM9001": 17}
    # Of these years the plan holds a quarter that is running: it cannot tell them.
    late = plan_on(w, NOVEMBER, on=date(2026, 4, 1))
    assert not late.is_promised
    assert late.shares.first == date(2027, 1, 1)
    assert late.shares.planned == {"GM9001": 28}


def test_shares_of_a_plan_that_ends_follow_its_last_year(w):
    planned(w, {(2027, quarter): 1 for quarter in (1, 2, 3, 4)})
    planned(w, {(2027, 2): 12}, w.other_municipality)
    with on_day(date(2027, 7, 10)):
        assert shares_of(w.region.pk, usual(w), on=today()).planned == {}
    with on_day(date(2026, 12, 31)):
        shares = shares_of(w.region.pk, usual(w), on=today())
    assert shares.planned == {"GM9001": 4, "GM9002": 12}


# Reference dates ---------------------------------------------------------------------------------


def test_first_days_of_quarters_are_offered_as_far_as_the_histories_go(client, w):
    make_client(w, days=400)
    days = [day for day in quarter_days(8) if day >= today() - timedelta(days=400)]
    shown = page(client, w.coordinator)
    offered = [value for value, _label in shown.context["form"].fields["on"].choices]
    assert offered == ["", *(day.isoformat() for day in days)]
    assert b'<select name="on"' in shown.content


def test_at_most_twenty_days_are_offered_and_none_without_a_history(w):
    with acting_as(w.coordinator):
        assert reference_days(w.region.pk) == []
    make_client(w, days=4000)
    with acting_as(w.coordinator):
        assert reference_days(w.region.pk) == quarter_days(20)


def test_a_day_that_is_not_offered_is_refused_with_a_sentence_and_no_download(client, w):
    make_client(w, days=400)
    first = quarter_days(1)[0]
    wrong = [today() - timedelta(days=100), first + timedelta(days=1), quarter_days(20)[-1]]
    for day in [each for each in wrong if each not in quarter_days(4)]:
        for query in ({}, {"format": "csv"}):
            shown = page(client, w.team_leader, on=day.isoformat(), **query)
            assert shown.status_code == 422
            assert 'id="on_error"' in shown.content.decode()
            assert len(shown.context["form"].errors["on"]) == 1
            assert shown.context["on"] == today()
    for text in (first.isoformat(), f"{first.day}-{first.month}-{first.year}"):
        shown = page(client, w.team_leader, on=text)
        assert (shown.status_code, shown.context["on"]) == (200, first)
    for text in ("", today().isoformat()):
        assert page(client, w.team_leader, on=text).context["on"] == today()


# Others beside the own clients -------------------------------------------------------------------


@pytest.mark.parametrize("others", [0, 1, 9])
def test_a_region_number_that_tells_of_a_few_others_is_not_told(client, w, others):
    for _ in range(16):
        make_client(w)
    for _ in range(others):
        make_client(w, provider=w.other_provider)
    shown = page(client, w.team_leader)
    html = shown.content.decode()
    assert [cell.text for cell in shown.context["stock"].totals[1:]] == [NOT_TOLD, "16"] * 2
    assert html.count('class="wt-note mt-2"') >= 2
    assert "wt-answer" not in html
    assert shown.context["plan"] is shown.context["parts"] is shown.context["assumptions"] is None
    assert all(table.rows[0][1].text in (NOT_TOLD, "minder dan 10") for table in tables_of(shown))
    assert not any(cell.picture for row in shown.context["terms"].rows for cell in row)
    assert NOT_TOLD not in page(client, w.steering_member).content.decode()


def tables_of(shown):
    return [shown.context["stock"], shown.context["terms"], *shown.context["needs"]]


def test_with_ten_others_everything_is_told(client, w):
    for provider, many in ((w.provider, 16), (w.other_provider, 10)):
        for _ in range(many):
            make_client(w, provider=provider)
    shown = page(client, w.team_leader)
    assert [cell.text for cell in shown.context["stock"].totals[1:]] == ["25", "16"] * 2
    assert "wt-answer" in shown.content.decode()
    assert 'class="wt-note mt-2"' not in shown.content.decode()


def test_a_total_does_not_tell_what_a_row_keeps_back(w):
    # 18 and 25 in sheltered housing and shelter, of whom 15 and 5 are the own clients.
    for kind, own, others in (("BW", 15, 3), ("MO", 5, 20)):
        for provider, many in ((w.provider, own), (w.other_provider, others)):
            for _ in range(many):
                make_client(w, provider=provider, facility_type=kind)
    table = stock_table(Seen(take(w), take(w, provider=w.provider)))
    assert [row[1].text for row in table.rows] == [NOT_TOLD, NOT_TOLD]
    assert table.totals[1].text == "45"
    assert table.keeps_back


def test_kept_back_numbers_together_are_never_few_unless_the_total_is_kept_back():
    for first in range(0, 30, 3):
        for second in range(0, 30, 3):
            for own in ((5, 0), (5, 5), (0, 12)):
                rows = [[first + own[0], own[0]], [second + own[1], own[1]]]
                total = [sum(each) for each in zip(*rows, strict=True)]
                back = kept_back([*rows, total])
                assert all(back[at] for at in (0, 1) if tells_few(*rows[at]))
                hidden = sum(
                    count - mine
                    for (count, mine), is_back in zip(rows, back, strict=False)
                    if is_back
                )
                told = [each for each, is_back in zip(rows, back, strict=False) if not is_back]
                if any(back[:2]) and not back[-1]:
                    assert hidden >= 10 or all(count < 10 for count, _mine in told)
    assert kept_back([[40], [3], [43]]) == [False] * 3


def test_one_kind_of_care_is_not_told_apart_where_the_other_would_tell_of_a_few(client, w):
    for kind, own, others in (("BW", 15, 3), ("MO", 5, 20)):
        for provider, many in ((w.provider, own), (w.other_provider, others)):
            for _ in range(many):
                make_client(w, provider=provider, facility_type=kind)
    shown = page(client, w.team_leader, kind="MO")
    assert shown.context["kinds"] == []
    assert shown.context["terms"].totals[2].text == "20"
    shown = page(client, w.coordinator, kind="MO")
    assert shown.context["terms"].totals[1].text == "25"


def test_the_step_plan_is_told_to_whoever_has_enough_others_in_each_of_its_numbers(client, w):
    def both(own, others, **facts):
        for provider, many in ((w.provider, own), (w.other_provider, others)):
            for _ in range(many):
                expecting(w, in_months(2), provider=provider, **facts)

    for provider in (w.provider, w.other_provider):
        for _ in range(12):
            make_client(w, provider=provider)
    both(11, 12)
    assert page(client, w.team_leader).context["plan"]
    # One own move beside no other: what comes back would tell of it.
    make_client(w, phase=Phase.HOUSED, days=30)
    assert page(client, w.team_leader).context["plan"] is None
    assert page(client, w.coordinator).context["plan"]
    assert sign_in(client, w.team_leader).get(reverse("outflow:inventory")).status_code == 200
