"""Numbers, days, words and places as people type them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists.cells import days, numbers
from lists.cells.days import DayStyle
from lists.cells.numbers import NumberStyle
from lists.cells.places import Municipality, Neighbourhoods, OneNeighbourhood
from lists.cells.reader import Address, Floor, Identifier, Scope, Text
from lists.cells.vocabulary import YES_NO, Vocabulary
from lists.cells.words import WordList, pieces_of
from lists.context import Context
from lists.mapping import Mapping

TODAY = date(2026, 10, 1)
CONTEXT = Context(
    reference_date=TODAY,
    municipalities=frozenset({"Haarlem", "Velsen", "Bloemendaal", "Bergen (NH.)", "Heemskerk"}),
    region_municipalities=frozenset({"Haarlem", "Velsen", "Bloemendaal", "Heemskerk"}),
    neighbourhoods={
        "Haarlem": frozenset({"Delftwijk", "Centrum"}),
        "Velsen": frozenset({"Zee- en Duinwijk", "Centrum"}),
        "Bloemendaal": frozenset({"Bennebroek"}),
    },
)


def scope(**more):
    return Scope(context=CONTEXT, mapping=more.pop("mapping", Mapping()), with_help=True, **more)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("€ 1.234,56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1234,5", "1234.5"),
        ("2.5", "2.5"),
        ("2,5", "2.5"),
        ("€ 1.250", "1250"),
        ("1.234.567", "1234567"),
        ("€ 12,-", "12"),
        ("-542,58", "-542.58"),
        ("− 3", "-3"),
        ("60%", "0.6"),
        ("52 m2", "52"),
        ("2,5 uur", "2.5"),
        (" 713,02 ", "713.02"),
    ],
)
def test_an_amount_is_read_as_it_is_written_in_dutch(text, value):
    assert numbers.number(text, NumberStyle()) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["?", "n.v.t.", "onbekend", "-", "", "=1+1", "1-2-2026", "twee", "1 2 a"]
)
def test_what_is_no_number_is_no_number(text):
    assert numbers.number(text, NumberStyle()) is None


def test_the_column_decides_where_one_cell_leaves_doubt():
    american = numbers.style_of(["1,250.50", "3.75", "1.250"])
    assert numbers.number("1.250", american) == Decimal("1.250")
    assert numbers.number("1.250", numbers.style_of(["3,75"])) == 1250


@given(st.decimals(min_value=-99999, max_value=99999, places=2))
def test_every_amount_comes_back_from_its_dutch_form(amount):
    shown = f"€ {amount:,.2f}".translate(str.maketrans(",.", ".,"))
    assert numbers.number(shown, NumberStyle()) == amount


@pytest.mark.parametrize(
    "text",
    [
        "9-3-2026",
        "09-03-2026",
        "9/3/2026",
        "2026-03-09",
        "20260309",
        "9 maart 2026",
        "9 mrt. 2026",
        "09.03.2026",
        "2026-03-09T00:00:00",
        "9-3-26",
        "ma 9 maart 2026",
    ],
)
def test_a_day_is_read_in_every_usual_form(text):
    assert days.day(text, DayStyle(), pivot=TODAY) == date(2026, 3, 9)


@pytest.mark.parametrize(
    "text", ["31-02-2026", "2023-02-30", "0-0-2026", "1-13-2026", "straks", "24217"]
)
def test_a_day_that_does_not_exist_is_no_day(text):
    assert days.day(text, DayStyle(), pivot=TODAY) is None


def test_two_figures_of_a_year_lie_behind_us_for_a_birth_and_may_lie_ahead_for_a_plan():
    assert days.day("1-5-31", DayStyle(), pivot=TODAY, is_birth=True) == date(1931, 5, 1)
    assert days.day("1-5-31", DayStyle(), pivot=TODAY) == date(2031, 5, 1)


def test_a_day_number_of_excel_is_a_suggestion():
    assert days.day_number("24217") == date(1966, 4, 20)
    assert days.day_number("123") is None


def test_the_month_comes_first_only_if_the_column_says_so():
    american = days.style_of([f"{month}/{day}/2026" for month in range(1, 10) for day in (13, 27)])
    assert days.day("3/9/2026", american, pivot=TODAY) == date(2026, 3, 9)
    assert not days.style_of(["31-02-2026", "1-13-2026", "3-4-2026"]).month_first


def test_a_title_gives_its_day_only_if_it_names_one():
    assert days.day_in("Lijst – peildatum 1 oktober 2026") == TODAY
    assert days.day_in("van 1-1-2026 tot 1-10-2026") is None


WORDS = Vocabulary(
    {
        "stabilising": ("stabilisatie", "stabiel"),
        "ready": ("gereed",),
        "preparing": ("voorbereiding",),
    },
    abbreviated=True,
)


@pytest.mark.parametrize(
    "text", ["2. Stabilisatie", "STABIEL ", "sta", "2 stabiel", "Fase 2: stabilisatie"]
)
def test_a_word_is_recognised_with_number_capitals_and_abbreviation(text):
    assert WORDS.find(text) == "stabilising"


@pytest.mark.parametrize("text", ["in de wacht", "st", "", "gereet"])
def test_a_word_that_only_comes_close_is_not_recognised(text):
    assert WORDS.find(text) is None


def test_what_comes_close_is_suggested():
    assert WORDS.suggest("gereet") == ["ready"]
    assert WORDS.suggest("VRB")[0] == "preparing"


def test_one_word_cannot_stand_for_two_meanings():
    with pytest.raises(ValueError, match="two meanings"):
        Vocabulary({"a": ("zelfde",), "b": ("Zelfde",)})


@pytest.mark.parametrize("text", ["ja", "J", "x", "Ja ", "true", "1", "✓"])
def test_yes_is_written_in_many_ways(text):
    assert YES_NO.find(text) == "yes"


def test_a_list_is_cut_but_not_through_a_known_name():
    known = {"zee- en duinwijk", "buurtman/-vrouw", "haarlem", "velsen"}

    def is_known(text):
        return text.lower() in known

    assert pieces_of("Zee- en Duinwijk, Noord", is_known) == ["Zee- en Duinwijk", "Noord"]
    assert pieces_of("buurtman/-vrouw; inloop", is_known) == ["buurtman/-vrouw", "inloop"]
    assert pieces_of("Haarlem en Velsen", is_known) == ["Haarlem", "Velsen"]
    assert pieces_of("Haarlem / Velsen", is_known) == ["Haarlem", "Velsen"]
    assert pieces_of("- Haarlem\n- Velsen", is_known) == ["Haarlem", "Velsen"]


def test_an_unknown_word_in_a_list_is_asked_and_taught():
    reader = WordList(WORDS)
    read = reader.read("gereed + wachtkamer", scope(field_name="phase"))
    assert read.fault.kind == "word_unknown"
    taught = Mapping(words={"phase": {"wachtkamer": "preparing"}})
    again = reader.read("gereed + wachtkamer", scope(field_name="phase", mapping=taught))
    assert again.value == ("ready", "preparing")


@pytest.mark.parametrize("text", ["haarlem", "Gemeente Haarlem", "gem. HAARLEM "])
def test_a_municipality_is_recognised_however_it_is_called(text):
    assert Municipality().read(text, scope()).value == "Haarlem"


def test_a_municipality_is_recognised_without_what_stands_in_brackets():
    assert Municipality().read("Bergen", scope()).value == "Bergen (NH.)"


def test_a_misspelt_municipality_is_a_fault_with_a_suggestion():
    fault = Municipality().read("Haarlm", scope()).fault
    assert (fault.kind, fault.suggestion) == ("municipality_unknown", "Haarlem")


def test_an_abolished_municipality_is_recognised_as_such_with_its_successor():
    fault = Municipality().read("Bennebroek", scope()).fault
    assert (fault.kind, fault.suggestion) == ("municipality_abolished", "Bloemendaal")


def test_a_divided_municipality_has_no_single_successor():
    fault = Municipality().read("Boarnsterhim", scope()).fault
    assert fault.suggestion is None
    assert len(fault.facts["became"]) == 4


def test_a_neighbourhood_lies_in_the_first_wished_municipality_and_else_in_the_next():
    reader = Neighbourhoods(within="wished")
    both = scope(values={"wished": ("Velsen", "Haarlem")})
    assert [tuple(each) for each in reader.read("Centrum, Delftwijk", both).value] == [
        ("Velsen", "Centrum"),
        ("Haarlem", "Delftwijk"),
    ]


def test_a_name_that_lies_elsewhere_is_asked_and_never_taken():
    read = Neighbourhoods(within="wished").read("Delftwijk", scope(values={"wished": ("Velsen",)}))
    assert read.fault.kind == "neighbourhood_unknown"
    assert read.ask.suggestions == ("Haarlem|Delftwijk",)


def test_without_a_wish_only_a_name_that_occurs_once_is_taken():
    reader = Neighbourhoods(within="wished")
    assert reader.read("Delftwijk", scope()).value == (("Haarlem", "Delftwijk"),)
    assert reader.read("Centrum", scope()).fault.kind == "neighbourhood_unknown"


def test_the_town_of_an_address_leads_to_its_municipality():
    reader = OneNeighbourhood(within="municipality", town="place")
    read = reader.read("Zee- en Duinwijk", scope(values={"place": "IJmuiden"}))
    assert read.also == {"municipality": "Velsen"}
    unknown = reader.read("Nieuwe wijk", scope(values={"place": "IJmuiden"}))
    assert unknown.fault.kind == "place_unknown"
    said = scope(values={"place": "IJmuiden"}, mapping=Mapping(places={"ijmuiden": "Velsen"}))
    assert reader.read("Centrum", said).also == {"municipality": "Velsen"}


@pytest.mark.parametrize(
    ("text", "street", "house_number"),
    [
        ("Veldweg 171 bis", "Veldweg", "171 bis"),
        ("Wilgenhof 198-2", "Wilgenhof", "198-2"),
        ("Bloemenweg 7A", "Bloemenweg", "7A"),
        ("2e Dwarsstraat 12", "2e Dwarsstraat", "12"),
        ("Plein 1945 3", "Plein", "1945 3"),
    ],
)
def test_an_address_falls_apart_into_street_and_number(text, street, house_number):
    assert Address().read(text, scope()).also == {"street": street, "house_number": house_number}


def test_an_address_without_a_number_is_a_fault():
    assert Address().read("Veldweg", scope()).fault.kind == "house_number_missing"


@pytest.mark.parametrize(
    ("text", "floor"), [("BG", 0), ("begane grond", 0), ("3e", 3), ("2e etage", 2), (4, 4)]
)
def test_a_floor_is_a_number_or_the_ground(text, floor):
    assert Floor().read(text, scope()).value == floor


def test_a_client_number_keeps_its_zeros():
    assert Identifier().read("0005402", scope()).value == "0005402"


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "@SUM(A1)", "+1(2)", "=1+1"])
def test_a_text_that_begins_like_a_formula_stays_text_with_a_note(text):
    read = Text().read(text, scope())
    assert (read.value, read.fault, read.note.kind) == (text, None, "formula_like_text")


@pytest.mark.parametrize("text", ["- belt morgen", "+ fijne buurt", "06-12345678", "a=b"])
def test_an_ordinary_text_has_no_note(text):
    assert Text().read(text, scope()).note is None
