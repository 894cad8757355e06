"""Pages that are made from the code say what the code does, and what pages point to is there."""

import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.utils.translation import override

from accounts.access import GRANTS, Role
from accounts.access_page import render

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PICTURES = ROOT / "docs" / "img"
# Where a page may point outside the project.
OUTSIDE = ("https://", "http://", "mailto:")


def test_the_access_page_is_the_access_table():
    assert (ROOT / "docs" / "access.md").read_text(encoding="utf-8") == render(), (
        "run: manage.py access_page"
    )


def test_every_role_and_every_row_stands_on_the_access_page():
    page = render()
    rows = [line for line in page.splitlines() if line.startswith("| ") and "| S" in line]
    assert len([row for row in rows if row.count("|") == 5]) == len(GRANTS)
    for role in Role:
        assert f"## {role.value.replace('_', ' ').capitalize()}" in page


def words_of(page: Path) -> str:
    """The text of a page without its examples of code."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(page: Path) -> set[str]:
    """The headings of a page as addresses, made the way that forges make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


def broken_links(page: Path) -> list[str]:
    """What this page points to and is not there."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", words_of(page)):
        if target.startswith(OUTSIDE):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_of_a_page_is_there(page):
    assert broken_links(page) == []


def test_a_link_to_nothing_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One\n\n[a](#one) [b](#two) [c](gone.md) ![d](img/gone.png) `[e](code.md)`\n")
    assert broken_links(page) == ["#two", "gone.md", "img/gone.png"]


def test_every_picture_is_one_that_the_command_makes():
    listed = {
        shot["name"]
        for shot in tomllib.loads((ROOT / "docs" / "shots.toml").read_text(encoding="utf-8"))[
            "shot"
        ]
    }
    shown = {
        Path(target).stem
        for page in PAGES
        for target in re.findall(r"!\[[^\]]+\]\(([^)\s]+)\)", words_of(page))
    }
    assert shown <= listed, f"not in docs/shots.toml: {shown - listed}"
    assert {path.stem for path in PICTURES.glob("*.png")} <= listed, "a picture nobody makes"


def page_of(role: Role) -> Path:
    """Named after the role as its people call it."""
    with override("nl"):
        name = str(role.label)
    plain = name.replace("ë", "e").replace("ö", "o").replace(" ", "-")
    return ROOT / "docs" / "roles" / f"{plain}.md"


@pytest.mark.parametrize("role", Role)
def test_every_role_has_its_first_ten_minutes_with_a_picture(role):
    text = page_of(role).read_text(encoding="utf-8")
    assert text.splitlines()[0].endswith(": de eerste tien minuten")
    steps = re.findall(r"^\d+\. ", text, flags=re.MULTILINE)
    assert 10 <= len(steps) <= 20
    assert re.search(r"!\[.+\]\(\.\./img/.+\.png\)", text)
    assert f"({page_of(role).name})" in words_of(ROOT / "docs" / "roles" / "README.md")


def test_every_command_that_the_docs_name_exists():
    known = set(get_commands())
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for name in re.findall(r"manage\.py ([a-z_]+)", text):
            assert name in known, f"{page.name}: manage.py {name}"
        targets = set(re.findall(r"(?:`|^ +)make ([a-z-]+)", text, flags=re.MULTILINE))
        made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
        assert targets <= set(made), f"{page.name}: make {targets - set(made)}"


def on_screen() -> set[str]:
    """Every Dutch sentence of the catalogue, in small letters."""
    catalogue = ROOT / "locale" / "nl" / "LC_MESSAGES" / "django.po"
    joined = catalogue.read_text(encoding="utf-8").replace('"\n"', "")
    found = re.findall(r'^msgstr(?:\[\d\])? "(.+)"$', joined, flags=re.MULTILINE)
    return {sentence.casefold() for sentence in found}


def not_on_screen(text: str, said: set[str]) -> list[str]:
    """The bold words of a page that no screen has."""
    missing = []
    for words in re.findall(r"\*\*([^*]+)\*\*", text):
        whole = re.compile(rf"\b{re.escape(words.casefold())}\b")
        if not any(whole.search(sentence) for sentence in said):
            missing.append(words)
    return missing


@pytest.mark.parametrize("role", Role)
def test_the_bold_words_of_a_role_page_stand_on_a_screen(role):
    assert not_on_screen(page_of(role).read_text(encoding="utf-8"), on_screen()) == []


def test_a_bold_word_of_no_screen_is_noticed():
    text = "Kies **Account** en dan **Alles onomkeerbaar weggooien**."
    assert not_on_screen(text, on_screen()) == ["Alles onomkeerbaar weggooien"]
