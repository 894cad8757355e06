"""What an estimate says of parts, homes, waiting and one more dwelling; first figures; lists."""

import csv
import io
import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import User
from outflow.models import EstimateRun, NationalPicture
from regions.clock import on_day
from regions.models import RunState
from tests.factories import make_client, sign_in, world
from tests.outflow.estimate_results import (
    AS_OF,
    a_result,
    an_effect,
    make_run,
    row,
    rows_by,
    rows_of,
    rows_of_waits,
    text_of,
)

pytestmark = pytest.mark.django_db

PAGE = "outflow:estimate"
FEWER = "fewer than 10"


@pytest.fixture
def region():
    made = world()
    User.objects.update(language="en")
    return made


@pytest.fixture
def see(client, region):
    def look(**data):
        return sign_in(client, region.coordinator).get(reverse(PAGE), data)

    return look


def parted() -> dict:
    """A region of 37 a quarter: one municipality of 20, one of 3; BW 30, MO 7."""
    return a_result(
        37,
        GM9001=20,
        GM9002=3,
        more=[
            *rows_of(30, facility_type="BW"),
            *rows_of(7, facility_type="MO"),
            *rows_of(12, municipality="GM9001", facility_type="BW"),
            *rows_of(8, municipality="GM9001", facility_type="MO"),
        ],
    )


# Parts of the region -----------------------------------------------------------------------------


def test_a_municipality_narrows_sentence_picture_and_tables(region, see):
    make_run(region, result=parted())
    response = see(place="GM9001")
    page = text_of(response)
    assert "Only Rietdam ." in page or "Only Rietdam." in page
    assert "In Q4 2026 14 to 27 people become ready" in page
    assert response.content.decode().count("<svg") >= 3
    assert re.search(r"Sheltered housing 50 50 50 12", page, re.IGNORECASE)
    assert re.search(r"All 82 82 82 20", page)


def test_a_kind_of_care_narrows_it_too(region, see):
    make_run(region, result=parted())
    page = text_of(see(kind="BW"))
    assert "Only Sheltered housing" in page
    assert "In Q4 2026 24 to 37 people become ready" in page
    both = text_of(see(kind="BW", place="GM9001"))
    assert "Only Rietdam, sheltered housing" in both
    assert f"In Q4 2026 {FEWER} to 19 people become ready" in both


SMALL_WORDS = {
    "becomes_ready": "In Q4 2026 fewer than 10 people become ready",
    "housed": "In Q4 2026 fewer than 10 people move into a home",
    "backlog": "At the end of Q4 2026 fewer than 10 people are ready and wait",
    "needs_dwelling": "become ready in Q4 2026, fewer than 10 dwellings are needed.",
}


@pytest.mark.parametrize("part", [{"place": "GM9002"}, {"kind": "MO"}])
@pytest.mark.parametrize("measure", ["becomes_ready", "housed", "backlog", "needs_dwelling"])
def test_below_the_region_few_people_are_said_in_words_and_not_drawn(region, see, part, measure):
    make_run(region, result=parted())
    response = see(show=measure, **part)
    page = text_of(response)
    assert SMALL_WORDS[measure] in page
    assert "Such small numbers are not told apart." in page
    html = response.content.decode()
    assert "wt-fig" not in html
    assert not re.search(r"Q\d 20\d\d expected \d", page)
    if part == {"kind": "MO"}:
        assert f"Q1 2027 expected {FEWER}" in page
    else:
        assert "Every quarter of the next" in page or "In every year fewer than 10" in page


def test_a_part_of_very_few_people_has_a_sentence_instead_of_tables(region, see):
    make_run(region, result=a_result(37, GM9001=20, GM9002=1))
    page = text_of(see(place="GM9002"))
    assert "In every year fewer than 10 of each." in page
    assert "Every quarter of the next" not in page
    assert "In every year" not in text_of(see(place="GM9001"))


def test_a_year_of_a_part_is_told_when_it_is_large_enough(region, see):
    """MO: 7 a quarter is not told, 30 a year is; of those who wait a year is no sum."""
    make_run(region, result=parted())
    assert "In the four whole quarters to come it is about 30." in text_of(see(kind="MO"))
    assert "four whole quarters to come it is" not in text_of(see(kind="MO", show="backlog"))


def test_a_part_that_does_not_exist_is_the_region(region, see):
    make_run(region, result=parted())
    for part in ({"place": "GM0000"}, {"kind": "XX"}, {"place": "'\"]}"}):
        page = text_of(see(**part))
        assert "In Q4 2026 31 to 44 people become ready" in page
        assert "Only" not in page


def test_people_counted_are_those_of_the_part(region, see):
    with on_day(AS_OF):
        for _ in range(12):
            make_client(region, since=date(2026, 7, 15))
        make_run(region, result=parted())
        assert "Q3 2026 counted 10 " in text_of(see())
        kinds = {kind: text_of(see(kind=kind)) for kind in ("BW", "MO")}
    told = [f"Q3 2026 counted {n}" in kinds[kind] for kind, n in (("BW", 10), ("MO", FEWER))]
    assert told in ([True, True], [False, False])
    assert ("Q3 2026 counted 10 " in kinds["BW"]) != ("Q3 2026 counted 10 " in kinds["MO"])


# Homes and support -------------------------------------------------------------------------------


def with_needs() -> dict:
    return a_result(
        37,
        more=[
            *rows_by("form", independent=20, **{"independent;flex": 12}, clustered=4, _=1),
            *rows_by("rent_class", n750=25, n700=10, _=1),
            *rows_by("bedrooms", n1=30, n2=6, n3=1),
            *rows_by("accessible", none=33, wheelchair=4),
            *rows_by("support", buddy=15, day_activity=9, none=2),
            *rows_by("hours", total=120),
        ],
    )


def test_what_homes_are_needed_stands_in_a_sentence_and_tables(region, see):
    make_run(region, result=with_needs())
    page = text_of(see())
    assert (
        "In four quarters about 150 dwellings are needed. Asked most: independent home (82), "
        "up to EUR 750.00 a month (102) and 1 bedroom (122)." in page.replace("\u00a0", " ")
    )
    assert "needs about 482 hours of guidance a week" in page
    assert "Independent home or flex home 50 50 12" in page
    assert "Fit for a wheelchair 18 18 fewer than 10" in page
    assert "Housing buddy 62 15" in page


def test_few_people_with_one_need_are_not_told_apart(region, see):
    make_run(region, result=with_needs())
    page = text_of(see())
    assert "Fewer than 10 each: 3 bedrooms" in page or "Fewer than 10: 3 bedrooms." in page
    assert not re.search(r"3 bedrooms \d", page)
    assert not re.search(r"not known \d", page)


def test_rents_and_bedrooms_rise_and_forms_fall(region, see):
    make_run(region, result=with_needs())
    page = text_of(see())
    for order in (
        ("Up to EUR 700.00", "Up to EUR 750.00 a month 102"),
        ("1 bedroom 122", "2 bedrooms 26", "3 bedrooms"),
        ("Independent home 82", "Independent home or flex home 50", "Clustered living 18"),
    ):
        at = [page.replace("\u00a0", " ").rindex(words) for words in order]
        assert at == sorted(at)


def test_many_combinations_of_forms_end_in_one_row(region, see):
    names = ["independent", "clustered", "mixed", "short_stay", "flex", "room", "intermediate"]
    numbers = {f"{name};skaeve_huse": 20 - n for n, name in enumerate(names)}
    make_run(region, result=a_result(99, more=rows_by("form", **numbers, housing_first=3)))
    page = text_of(see())
    assert "Another combination 71 71 18" in page


def test_needs_are_told_of_the_whole_region_only(region, see):
    make_run(
        region,
        result=with_needs()
        | {"series": [*with_needs()["series"], *rows_of(30, facility_type="BW")]},
    )
    assert "Which homes and support" in text_of(see())
    assert "Which homes and support" not in text_of(see(kind="BW"))


def test_without_needs_there_is_no_section(region, see):
    make_run(region)
    assert "Which homes and support" not in text_of(see())


# Waiting -----------------------------------------------------------------------------------------


def test_how_long_people_wait_stands_in_words_picture_and_table(region, see):
    make_run(region, result=a_result(37, more=rows_of_waits(213)))
    response = see(show="waiting")
    page = text_of(response)
    assert (
        "Who becomes ready in Q4 2026 must expect to wait about 7 months; 8 of 10 times 7 months."
        in page
    )
    assert "about 40 % waited for at most three months" in page.replace("\u00a0", " ")
    assert "the middle one waited about 6 months" in page
    assert "Q4 2026 7.0 6.8 to 7.2 6.0 40" in page
    assert "wt-fig" in response.content.decode()


def test_a_wait_beyond_the_estimate_is_at_least_so_long(region, see):
    make_run(region, result=a_result(37, more=rows_of_waits(600, open_from=0)))
    response = see(show="waiting")
    page = text_of(response)
    assert "must expect to wait longer than 20 months" in page
    assert "Q4 2026 19.7at least" in page
    assert "wt-fig" not in response.content.decode()


def test_a_picture_of_waits_ends_where_the_end_is_not_seen(region, see):
    make_run(region, result=a_result(37, more=rows_of_waits(400, open_from=5)))
    html = see(show="waiting").content.decode()
    assert "wt-fig" in html
    assert html.count("at least") == 3


def test_waits_of_a_small_kind_of_care_are_not_told(region, see):
    more = [
        *rows_of(30, facility_type="BW"),
        *rows_of(7, facility_type="MO"),
        *rows_of_waits(213, facility_type="BW"),
        *rows_of_waits(213, facility_type="MO"),
        *rows_of_waits(213),
    ]
    make_run(region, result=a_result(37, more=more))
    assert "Q4 2026 7.0 6.8 to 7.2" in text_of(see(show="waiting", kind="BW"))
    assert "must expect to wait about 7 months" in text_of(see(kind="BW"))
    assert "must expect to wait" not in text_of(see(kind="MO"))
    page = text_of(see(show="waiting", kind="MO"))
    assert "Fewer than 10 people move into a home; how long they wait is not told." in page
    assert f"Q4 2026 {FEWER}" in page
    assert "6.8 to 7.2" not in page


def test_a_municipality_has_no_waits_of_its_own(region, see):
    make_run(region, result=parted())
    assert "How long people wait" not in text_of(see(place="GM9001"))


# One more dwelling -------------------------------------------------------------------------------


def test_what_one_more_dwelling_does_is_told_per_kind(region, see):
    kinds = [
        an_effect({}, 6, days=30),
        an_effect({"form": "independent"}, 5),
        an_effect({"accessible": "wheelchair"}, 0),
    ]
    make_run(region, effects=kinds)
    page = text_of(see())
    assert (
        "With one more dwelling each quarter 4 to 8 fewer people wait at the end of Q3 2028, "
        "most likely 6." in page
    )
    assert "Any dwelling that suits 6 4 to 8 30" in page
    assert "Independent home 5 3 to 7" in page
    assert "One more of these brings nobody home sooner: fit for a wheelchair." in page


def test_a_dwelling_that_brings_nothing_is_said_to(region, see):
    make_run(region, effects=[an_effect({}, 0)])
    assert "One more dwelling a quarter brings nobody home sooner." in text_of(see())


def test_an_estimate_without_effects_has_no_such_section(region, see):
    make_run(region)
    assert "What one more dwelling" not in text_of(see())


# First figures, other regions, a year ago --------------------------------------------------------


def first_figures(region) -> EstimateRun:
    return make_run(
        region,
        state=RunState.RUNNING,
        finished_at=None,
        result=None,
        first_result=a_result(50) | {"backtest": []},
    )


def test_first_figures_show_where_there_is_nothing_else_yet(region, see):
    first_figures(region)
    page = text_of(see())
    assert "First figures." in page
    assert "44 to 57 people become ready" in page
    assert "That follows with the whole estimate." in page


def test_a_whole_estimate_stays_until_first_figures_are_asked_for(region, see):
    make_run(region)
    run = first_figures(region)
    response = see()
    page = text_of(response)
    assert "31 to 44 people become ready" in page
    assert "First figures." not in page
    assert "?first=1" in response.content.decode()
    asked = text_of(see(first=1))
    assert "44 to 57 people become ready" in asked
    assert "First figures." in asked
    EstimateRun.objects.filter(pk=run.pk).update(
        state=RunState.DONE, result=a_result(52), first_result=None, finished_at=timezone.now()
    )
    assert "First figures." not in text_of(see(first=1))
    assert "46 to 59 people become ready" in text_of(see(first=1))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("national picture", "leans on other regions."),
        ("published figures", "leans on published figures."),
    ],
)
def test_an_estimate_that_leans_on_others_says_so_on_top(region, see, source, words):
    result = a_result()
    result["assumptions"].append({"name": "nation_weight:r", "value": 0.8, "source": source})
    make_run(region, result=result)
    assert "This estimate leans on" not in text_of(see())
    result["warnings"] = [
        {"code": "from_national_priors", "count": 0, "rows": [], "message": "x"},
    ]
    EstimateRun.objects.all().delete()
    make_run(region, result=result)
    page = text_of(see())
    assert f"This estimate {words}" in page
    assert page.index("This estimate leans") < page.index("In Q4 2026")


@pytest.mark.parametrize(("regions", "is_told"), [(2, False), (3, True)])
def test_the_nation_is_told_from_three_regions_on(region, see, regions, is_told):
    make_run(region, result=parted())
    rows = [row("becomes_ready", "2026Q4", 400), row("housed", "2026Q4", 380)]
    NationalPicture.objects.create(made_on=AS_OF, regions=regions, series=rows)
    page = text_of(see())
    sentence = (
        "In all 3 regions together 394 to 407 people become ready in Q4 2026, most likely 400."
    )
    assert (sentence in page) == is_told
    assert sentence not in text_of(see(kind="BW"))


def test_what_was_said_a_year_ago_stands_beside_what_came(region, see):
    with on_day(AS_OF):
        for _ in range(33):
            make_client(region, since=date(2026, 7, 15))
        make_run(region)
        assert "The estimate of" not in text_of(see())
        for day, likely in ((date(2025, 9, 1), 30), (date(2025, 3, 25), 70)):
            earlier = a_result(likely)
            earlier["series"].append(row("becomes_ready", "2026Q3", likely))
            make_run(
                region, as_of=day, result=earlier, finished_at=timezone.now().replace(year=2025)
            )
        page = text_of(see())
    assert "The estimate of 1 Sep 2025 said 24 to 37 for Q3 2026. It became about 35." in page


# Lists -------------------------------------------------------------------------------------------


def test_the_list_holds_every_quarter_as_numbers(region, see):
    make_run(region, result=a_result(37, ahead=20, GM9001=20), effects=[an_effect({}, 6)])
    page = text_of(see())
    assert "Q4 2028 expected" not in page
    response = see(format="xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    sheet = book.get_sheet_by_name("Become ready").to_python(skip_empty_area=False)
    expected = [line for line in sheet if line[1] == "expected"]
    assert len(expected) == 20
    assert expected[-1] == ["Q3 2031", "expected", 37, 31, 44, 28, 47]
    assert "What one more dwelling a quarte" in book.sheet_names


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_a_list_protects_what_the_page_protects(region, see, kind):
    make_run(region, result=parted())
    response = see(format=kind, place="GM9002")
    assert response.status_code == 200
    assert re.search(rf'filename="estimate-2026-10-01\.{kind}"', response["Content-Disposition"])
    if kind == "csv":
        lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
        lines = book.get_sheet_by_name("Become ready").to_python(skip_empty_area=False)
    expected = [line for line in lines if len(line) > 2 and line[1] == "expected"]
    assert expected
    assert all(line[2] == FEWER and not any(line[3:]) for line in expected)


def test_a_list_of_another_kind_is_not_found(region, see):
    make_run(region)
    assert see(format="exe").status_code == 404
