"""Dates, money, counts and durations as they are written, in both languages."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from regions import formats

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31))


@pytest.fixture
def dutch():
    with translation.override("nl"):
        yield


@pytest.fixture
def english():
    with translation.override("en"):
        yield


def plain(words):
    return words.replace(formats.NO_BREAK_SPACE, " ")


@pytest.mark.usefixtures("dutch")
class TestDutch:
    def test_money_has_two_decimals_and_a_sign(self):
        assert plain(formats.money(Decimal("712.5"))) == "€ 712,50"
        assert plain(formats.money(4800)) == "€ 4.800,00"

    def test_money_does_not_break_from_its_sign(self):
        assert " " not in formats.money(Decimal("712.5"))

    def test_days_are_written_small_and_short(self):
        assert formats.day(date(2026, 10, 12)) == "12 okt 2026"
        assert formats.day(date(2026, 3, 1)) == "1 mrt 2026"
        assert formats.day_with_weekday(date(2026, 10, 14)) == "wo 14 okt"
        assert formats.day_long(date(2026, 10, 14)) == "woensdag 14 oktober 2026"
        assert formats.month(date(2026, 3, 9)) == "mrt 2026"
        assert formats.quarter(date(2026, 10, 1)) == "4e kwartaal 2026"

    def test_a_moment_is_on_dutch_clocks(self):
        assert formats.moment(datetime(2026, 10, 12, 7, 14, tzinfo=UTC)) == "12 okt 2026, 09:14"
        assert formats.time_of_day(datetime(2026, 1, 12, 8, 14, tzinfo=UTC)) == "09:14"

    def test_thirty_days_are_days_and_more_are_months(self):
        start = date(2026, 3, 8)
        assert formats.duration(start, start) == "0 dgn"
        assert formats.duration(start, start + timedelta(days=1)) == "1 dag"
        assert formats.duration(start, start + timedelta(days=30)) == "30 dgn"
        assert formats.duration(start, date(2026, 10, 12)) == "7 mnd 4 dgn"
        assert formats.duration(start, date(2026, 10, 8)) == "7 mnd"
        assert formats.duration(start, date(2026, 4, 9)) == "1 mnd 1 dag"

    def test_the_age_of_data_stays_in_days(self):
        assert formats.days_short(34) == "34 dgn"

    def test_a_sentence_says_whole_months(self):
        assert formats.duration_in_words(date(2026, 6, 30), date(2026, 10, 12)) == "3 maanden"
        assert formats.duration_in_words(date(2026, 9, 1), date(2026, 10, 5)) == "1 maand"
        assert formats.duration_in_words(date(2026, 10, 1), date(2026, 10, 2)) == "1 dag"

    def test_numbers_have_points_for_thousands_and_a_decimal_comma(self):
        assert formats.number(1450) == "1.450"
        assert formats.number(Decimal("6.8"), decimals=1) == "6,8"
        assert formats.number(0) == "0"
        assert plain(formats.percent(58)) == "58 %"

    def test_a_half_goes_up(self):
        assert formats.number(2.5) == "3"
        assert formats.number(3.5) == "4"

    def test_ranges_are_said(self):
        assert formats.span(31, 44) == "31 tot 44"
        assert formats.span(30.6, 31.2) == "31"

    def test_small_counts_of_people_are_words(self):
        assert formats.people_count(0) == "minder dan 10"
        assert formats.people_count(9) == "minder dan 10"
        assert formats.people_span(3, 41) == "minder dan 10 tot 41"
        assert formats.people_span(2, 9) == "minder dan 10"

    def test_a_list_reads_as_a_sentence(self):
        assert formats.and_list(["A", "B", "C"]) == "A, B en C"
        assert formats.and_list(["A"]) == "A"
        assert formats.and_list([]) == ""


@pytest.mark.usefixtures("english")
class TestEnglish:
    def test_the_same_in_english(self):
        assert plain(formats.money(Decimal("712.5"))) == "EUR 712.50"
        assert formats.day(date(2026, 10, 12)) == "12 Oct 2026"
        assert formats.day_with_weekday(date(2026, 10, 14)) == "Wed 14 Oct"
        assert formats.duration(date(2026, 6, 30), date(2026, 10, 12)) == "3 mo 12 d"
        assert formats.number(1450) == "1,450"
        assert formats.span(31, 44) == "31 to 44"
        assert formats.people_count(4) == "fewer than 10"
        assert formats.quarter(date(2026, 2, 1)) == "Q1 2026"


class TestUnknown:
    @pytest.mark.parametrize(
        "write",
        [
            formats.money,
            formats.number,
            formats.signed,
            formats.percent,
            formats.people_count,
            formats.day,
            formats.day_with_weekday,
            formats.day_long,
            formats.month,
            formats.quarter,
            formats.moment,
            formats.time_of_day,
        ],
    )
    def test_what_is_unknown_is_empty(self, write):
        assert write(None) == ""

    def test_a_range_without_an_end_is_empty(self):
        assert formats.span(None, 3) == ""
        assert formats.people_span(3, None) == ""


class TestLaws:
    @given(st.integers(min_value=10, max_value=100_000))
    def test_protected_counts_are_multiples_of_five_within_two(self, count):
        with translation.override("nl"):
            shown = int(formats.people_count(count).replace(".", ""))
        assert shown % 5 == 0
        assert abs(shown - count) <= 2

    @given(st.integers(min_value=0, max_value=9))
    def test_no_small_count_can_be_told_from_another(self, count):
        assert formats.people_count(count) == formats.people_count(0)

    @given(DAYS, DAYS)
    def test_months_and_days_lead_back_to_the_end(self, one, other):
        since, until = sorted((one, other))
        months, days = formats.months_and_days(since, until)
        assert 0 <= days <= 30
        year, index = divmod(since.year * 12 + since.month - 1 + months, 12)
        following = date(year, index + 1, 28) + timedelta(days=4)
        last = (following - timedelta(days=following.day)).day
        assert date(year, index + 1, min(since.day, last)) + timedelta(days=days) == until

    @given(DAYS, DAYS, DAYS)
    def test_who_waits_longer_never_has_fewer_months(self, one, two, three):
        since, early, late = sorted((one, two, three))
        assert formats.months_and_days(since, early) <= formats.months_and_days(since, late)

    @given(st.integers(min_value=-10_000, max_value=10_000))
    def test_a_booking_shows_its_sign(self, count):
        shown = formats.signed(count)
        assert (shown[0] == "+") == (count > 0)
        assert (shown[0] == formats.MINUS) == (count < 0)


class TestFilters:
    @pytest.mark.usefixtures("dutch")
    @pytest.mark.parametrize(
        ("source", "value", "shown"),
        [
            ("{{ value|money }}", Decimal("612.40"), "€ 612,40"),
            ("{{ value|day }}", date(2026, 10, 12), "12 okt 2026"),
            ("{{ value|number:1 }}", 6.8, "6,8"),
            ("{{ value|percent }}", 58, "58 %"),
            ("{{ value|span:44 }}", 31, "31 tot 44"),
            ("{{ value|people_count }}", 12, "10"),
            ("{{ value|duration }}", 104, "3 mnd 13 dgn"),
            ("{{ value|and_list }}", ["A", "B"], "A en B"),
            ("{{ value|machine_time }}", date(2026, 10, 12), "2026-10-12"),
            ("{{ value|number }}", 0, "0"),
        ],
    )
    def test_templates_write_the_same(self, source, value, shown):
        page = Template("{% load weerthuis_format %}" + source)
        assert plain(page.render(Context({"value": value}))) == shown

    @pytest.mark.parametrize("value", [None, ""])
    def test_nothing_stays_nothing(self, value):
        page = Template(
            "{% load weerthuis_format %}"
            "{{ value|money }}{{ value|day }}{{ value|number }}{{ value|duration }}"
        )
        assert page.render(Context({"value": value})) == ""

    @pytest.mark.usefixtures("dutch")
    def test_a_duration_runs_to_the_day_that_is_given(self):
        page = Template("{% load weerthuis_format %}{{ since|duration:until }}")
        seen = page.render(Context({"since": date(2026, 6, 30), "until": date(2026, 10, 12)}))
        assert seen == "3 mnd 12 dgn"
