"""What every template keeps to: it shows, it never decides, and nothing in it is inline."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from regions.charts.band import Counted, Expected, band_figure
from regions.charts.bars import balance_bar, share_bar
from regions.charts.map import Area, map_figure
from regions.marks import Clock
from regions.tables import Cell, Column, Table

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
ALL = sorted(TEMPLATES.rglob("*.html"))
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
STANDALONE = {"base.html", "500.html"}
LIBRARIES = {"components", "bootstrap5"}

FORBIDDEN = {
    "an inline style": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style[\s>]",
    "a script with text": r"<script(?![^>]*\ssrc=)",
    "an event handler": r"<[^>]*\son[a-z]+\s*=",
    "an htmx handler": r"\shx-on",
    "evaluated values": r"hx-(vals|headers)=['\"]js:",
    "an evaluated trigger": r"hx-trigger=\"[^\"]*\[",
    "an address of elsewhere": r"(src|href)=['\"](https?:)?//",
    "text that is not escaped": r"\|\s*safe\b|{%\s*autoescape off",
    "a query": r"{[{%][^}]*\.(all|objects|filter|exclude)\b",
    "a badge, toast or tooltip": r"class=\"[^\"]*\b(badge|toast|tooltip|carousel|btn-success)\b",
}


def name(path):
    return path.relative_to(TEMPLATES).as_posix()


def without_comments(text):
    text = re.sub(r"{#.*?#}", "", text)
    return re.sub(r"{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL)


def faults_of(text):
    shown = without_comments(text)
    return [fault for fault, pattern in FORBIDDEN.items() if re.search(pattern, shown)]


@pytest.mark.parametrize("path", ALL, ids=name)
def test_nothing_is_inline_unescaped_or_fetched(path):
    assert faults_of(path.read_text()) == []


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ('<p style="color: red">', "an inline style"),
        ("<script>alert(1)</script>", "a script with text"),
        ('<a onclick="x()">', "an event handler"),
        ('<b hx-on:click="x()">', "an htmx handler"),
        ("{{ name|safe }}", "text that is not escaped"),
        ("{% for each in region.clients.all %}", "a query"),
        ('<script src="https://elsewhere.example/x.js"></script>', "an address of elsewhere"),
    ],
)
def test_the_guard_sees_what_it_should(markup, fault):
    assert fault in faults_of(markup)


@pytest.mark.parametrize("path", COMPONENTS, ids=name)
def test_a_component_states_its_context_on_top(path):
    start = path.read_text().removeprefix("{% comment %}\n").removeprefix("{# ")
    assert re.match(rf"components/{re.escape(path.name)}: context: \S", start)


@pytest.mark.parametrize("path", ALL, ids=name)
def test_components_are_included_with_what_they_need_only(path):
    inclusions = re.findall(r"{% include \"components/[^%]*%}", path.read_text())
    assert [each for each in inclusions if not re.search(r"\bonly %}$", each)] == []


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_fragment_starts_with_an_underscore_and_a_page_does_not(path):
    if name(path) in STANDALONE or path.relative_to(TEMPLATES).parts[0] in LIBRARIES:
        return
    is_page = "{% extends " in path.read_text()
    assert is_page != path.name.startswith("_"), "a page extends base.html, a fragment does not"


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_page_has_a_heading_and_leaves_the_h1_to_the_frame(path):
    text = path.read_text()
    if "{% extends " not in text:
        return
    assert "<h1" not in text
    extends_page = not re.search(r'{% extends "(base|confirm).html" %}', text)
    assert extends_page or "{% block heading %}" in text or name(path) == "confirm.html"


@pytest.mark.parametrize("path", ALL, ids=name)
def test_tables_say_what_they_are_also_as_cards(path):
    text = path.read_text()
    for table in re.findall(r"<table.*?</table>", text, flags=re.DOTALL):
        assert 'role="table"' in table
        assert "<caption" in table
    for heading in re.findall(r"<th[\s>][^>]*>?", text):
        assert "scope=" in heading
    for cell in re.findall(r"<td\s[^>]*", text):
        assert 'role="cell"' in cell


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_template_can_be_read_by_django(path):
    get_template(name(path))


# Components drawn with what they state ----------------------------------------------------------

CLOCK = Clock("late", "7 mnd 4 dgn", "wacht")
STEP = {"label": "Herinneren", "url": "/remind", "post": True}
ITEM = {"clock": CLOCK, "title": "Casus H8-QF", "url": "/case", "why": "Geen plek.", "step": STEP}
PICTURE = band_figure([Counted(3), Expected(4, 3, 5)], sentence_id="answer")
SQUARE = {"type": "Polygon", "coordinates": [[[4, 52], [4.1, 52], [4.1, 52.1], [4, 52]]]}
LEDGER_ROW = {
    "label": "Duinstede",
    "agreed": 44,
    "let": 31,
    "accepted": 3,
    "offered": 0,
    "returned": 1,
    "to_go": 10,
    "bar": balance_bar(name="x", agreed=44, let=31, accepted=3, offered=0, largest=44),
    "expected": "41 tot 44",
}
TABLE = Table(
    "Spreiding",
    [Column("Gemeente"), Column("Geleverd", "number"), Column("Beeld", "picture")],
    [
        [
            Cell("Haarlem", url="/h"),
            Cell("61"),
            Cell(picture=share_bar(name="x", part=61, whole=79, largest=79)),
        ]
    ],
    [Cell("Regio"), Cell("61"), Cell()],
)
REASONS = {"speaks_for": ["2 kamers"], "speaks_against": [], "alternatives": []}
AT = datetime(2026, 10, 9, 12, 2, tzinfo=UTC)

DRAWN = {
    "access_log": (
        {"lines": [{"at": AT, "who": "Begeleider", "organisation": "De Oversteek", "what": "zag"}]},
        "9 okt 2026, 14:02",
    ),
    "alert": ({"kind": "info", "title": "Let op", "text": "dit"}, "Let op"),
    "arrangement": (
        {
            "parts": [
                {
                    "label": "Welzijn",
                    "kind": "late",
                    "word": "1 ontbreekt",
                    "has_gap": True,
                    "items": [{"what": "Wonen-buddy", "who": "Niemand", "gap": True}],
                }
            ]
        },
        "wt-gap",
    ),
    "asks": ({"asks": [{"title": "Draagkracht?", "consequence": "2", "step": STEP}]}, "Draagkr"),
    "band_chart": ({"figure": PICTURE, "caption": "8 van de 10 keer"}, "wt-narrow-only"),
    "bottlenecks": ({"bottlenecks": [{"gain": 1, "sentence": "Een buddyplek"}]}, "mens<"),
    "breadcrumb": ({"steps": [("Cliënten", "/clients")], "here": "A"}, "/clients"),
    "clock": ({"clock": CLOCK, "line": True}, "is-late is-line"),
    "downloads": ({"url": "/list?q=a"}, "/list?q=a&amp;format=xlsx"),
    "empty": ({"title": "Leeg", "text": "Begin hier.", "actions": [STEP]}, "btn-outline-primary"),
    "error_summary": ({"errors": [{"text": "Kies", "target": "id_on"}]}, "#id_on"),
    "facts": ({"facts": [{"label": "Kamers", "value": 2, "sub": "min"}]}, "<dt>Kamers</dt>"),
    "figures": ({"figures": [{"label": "Klaar", "value": 63, "url": "/ready"}]}, "/ready"),
    "filter_row": (
        {"label": "Toon", "filters": [{"label": "Alles", "url": "?", "current": True, "count": 0}]},
        'wt-count">0<',
    ),
    "footer_links": ({"language": "nl", "path": "/", "csrf_token": "t"}, ""),
    "htmx_config": ({}, "allowEval"),
    "import_rows": (
        {
            "caption": "Rijen",
            "rows": [
                {
                    "number": 12,
                    "subject": "0417-22",
                    "kind": "late",
                    "word": "Wacht",
                    "column": "D",
                    "value": "31-11-26",
                    "sentence": "bestaat niet.",
                }
            ],
        },
        "is-error",
    ),
    "import_summary": ({"parts": [{"label": "Nieuw", "count": 1213}], "total": 1213}, "1.213"),
    "ledger": (
        {
            "ledger": {
                "caption": "Contingent",
                "heading": "Corporatie",
                "expected_heading": "Verwacht",
                "rows": [LEDGER_ROW],
                "total": LEDGER_ROW,
            }
        },
        "41 tot 44",
    ),
    "ledger_key": ({"expected": "verwacht eind 2026"}, "verwacht eind 2026"),
    "ledger_row": ({"row": LEDGER_ROW, "expected_heading": "Verwacht"}, ">0</td>"),
    "logo": ({}, "aria-hidden"),
    "map": (
        {"figure": map_figure([Area("a", SQUARE, 1)], sentence_id="x"), "caption": "Plekken"},
        "g-area-1",
    ),
    "messages": ({"messages": [type("M", (), {"level_tag": "error"})()]}, 'role="alert"'),
    "navigation": ({"navigation": [{"url": "/", "label": "Vandaag", "current": True}]}, "current"),
    "next_step": ({"step": {"title": "Beslist", "text": "x", "url": "/a", "label": "Vast"}}, "/a"),
    "not_required": ({}, "niet verplicht"),
    "own_links": ({"membership_count": 1, "csrf_token": "t"}, "<ul"),
    "pagination": ({"page": Paginator(range(140), 25).page(2)}, "26 tot 50 van 140"),
    "patterns": ({}, 'id="hatch"'),
    "people": ({"count": 4}, "minder dan 10"),
    "phase_line": (
        {
            "phases": [
                {"label": "Intake", "state": "done", "when": "14 jan 2025"},
                {"label": "Klaar", "state": "now", "when": "nu"},
                {"label": "Sleutel", "state": "coming", "when": ""},
            ]
        },
        'aria-current="step"',
    ),
    "proposal": ({"proposal": {"title": "P", "follow_url": "/f", "locked": True} | REASONS}, "/f"),
    "reasons": (REASONS | {"level": 3}, "wt-against"),
    "run_progress": (
        {
            "run": {
                "state": "running",
                "sentence": "Stap 3 van 5",
                "done": 3,
                "total": 5,
                "poll_url": "/run",
            }
        },
        'hx-get="/run"',
    ),
    "search": ({"url": "/c", "value": "<b>", "label": "Zoek", "target": "list"}, "&lt;b&gt;"),
    "state_word": ({"kind": "ok", "word": "Geregeld"}, "is-ok"),
    "step": ({"step": STEP, "about": "R4TM", "csrf_token": "t"}, "csrfmiddlewaretoken"),
    "table": ({"table": TABLE}, "<tfoot"),
    "table_cell": ({"cell": Cell("Geleverd", state="ok", sub="x")}, "is-ok"),
    "table_row": ({"pairs": TABLE.pairs[0]}, 'data-label="Geleverd"'),
    "try_button": (
        {
            "url": "/try",
            "trial": "signed",
            "label": "Proberen",
            "about": "Schalkwijk",
            "csrf_token": "t",
        },
        'value="signed"',
    ),
    "unmatched": (
        {
            "caption": "Zonder",
            "rows": [{"label": "H8", "clock": CLOCK, "why": "w", "change": "c", "step": STEP}],
        },
        "is-late",
    ),
    "work_group": ({"heading": "Deze week", "items": [ITEM], "csrf_token": "t"}, "Deze week"),
    "work_item": ({"item": ITEM, "csrf_token": "t"}, "Casus H8-QF"),
}


def test_every_component_is_drawn_here():
    assert set(DRAWN) == {path.stem for path in COMPONENTS}


@pytest.mark.parametrize("component", DRAWN)
def test_a_component_draws_what_it_is_given(component):
    context, expected = DRAWN[component]
    request = RequestFactory().get("/list", {"q": "a"})
    with translation.override("nl"):
        drawn = render_to_string(f"components/{component}.html", context, request=request)
    assert expected in drawn
    assert faults_of(drawn) == []


def test_an_empty_group_of_work_is_not_drawn():
    assert (
        render_to_string("components/work_group.html", {"heading": "x", "items": []}).strip() == ""
    )


def test_pages_of_a_list_keep_its_filters():
    request = RequestFactory().get("/list", {"phase": "ready", "page": "2"})
    page = Paginator(range(140), 25).page(2)
    drawn = render_to_string("components/pagination.html", {"page": page}, request=request)
    assert "?phase=ready&amp;page=3" in drawn
    assert "?phase=ready&amp;page=1" in drawn


def test_a_finished_run_is_not_asked_for_again():
    run = {"state": "done", "sentence": "Klaar", "poll_url": "/run"}
    assert "hx-get" not in render_to_string("components/run_progress.html", {"run": run})


# The frame --------------------------------------------------------------------------------------

PAGE = """{% extends "base.html" %}{% load weerthuis_page %}
{% block heading %}Cliënten & <i>huizen</i>{% endblock %}
{% block breadcrumb %}{% crumbs "Vandaag" "/" "Cliënten" %}{% endblock %}
{% block content %}<p>inhoud</p>{% endblock %}"""


def page(source=PAGE, **context):
    with translation.override("nl"):
        return Template(source).render(Context(context))


def test_the_heading_is_stated_once_and_becomes_title_and_h1():
    drawn = page()
    assert "<title>Cliënten & huizen | Weerthuis</title>" in drawn
    assert drawn.count("<h1>") == 1


def test_a_page_that_fills_no_block_draws_nothing_for_it():
    drawn = page()
    for absent in ("wt-lead", "wt-do", "wt-aside", "wt-nav", "wt-who", "wt-example"):
        assert absent not in drawn


def test_the_side_column_comes_after_the_content():
    drawn = page(PAGE + "{% block aside %}<section>opzij</section>{% endblock %}")
    assert drawn.index("inhoud") < drawn.index("opzij")


def test_a_form_that_failed_is_said_in_the_title():
    failed = type("Form", (), {"errors": {"on": ["x"]}})()
    assert "<title>Fout: " in page(form=failed)
    assert "<title>Fout: " not in page(form=type("Form", (), {"errors": {}})())


def test_the_example_region_says_so_on_every_page():
    assert "alle mensen en cijfers zijn verzonnen" in page(example=True)


def test_the_frame_shows_who_looks_and_signs_out_by_post():
    viewer = {"organisation": "Duinstede", "role": "verhuur", "region": "Kennemerland"}
    navigation = [{"url": "/", "label": "Vandaag", "current": True, "count": 3}]
    drawn = page(viewer_label=viewer, navigation=navigation, membership_count=2, csrf_token="t")
    assert "Duinstede" in drawn
    assert drawn.count('aria-current="page"') == 3  # the crumb, the menu and its phone version
    assert "zaken" in drawn


def test_the_stamp_is_the_moment_of_the_figures():
    assert "Stand van 9 okt 2026, 14:02" in page(stamp=AT)


@pytest.mark.parametrize("path", ["400.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_draw_without_any_context(path):
    with translation.override("nl"):
        drawn = render_to_string(path)
    assert drawn.count("<h1>") == 1
    assert 'href="/"' in drawn


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_of_the_person_is_on_the_page(theme):
    assert f'data-bs-theme="{theme}"' in page(theme=theme)


def test_crumbs_end_with_the_page_itself():
    with pytest.raises(Exception, match="label of the page"):
        page('{% load weerthuis_page %}{% crumbs "Vandaag" "/" %}')


def test_each_form_carries_its_own_token():
    source = "{% load weerthuis_page %}{% submission %}"
    assert page(source) != page(source)


def test_a_table_with_a_short_row_is_refused():
    with pytest.raises(ValueError, match="a row of 1 in 2"):
        Table("x", [Column("a"), Column("b")], [[Cell("1")]])


def test_every_day_has_its_machine_form():
    drawn = page("{% load weerthuis_format %}{{ day|machine_time }}", day=date(2026, 10, 9))
    assert drawn == "2026-10-09"
