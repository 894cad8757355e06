"""The core of the work by keyboard alone, and the eye always finds where the keyboard is."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.access import Viewer
from accounts.context import acting_as
from housing.lifecycle import ProposalState
from housing.models import Proposal
from outflow.models import ReadinessRecord, SharingGround
from regions.clock import today
from tests.factories import make_client, world
from tests.housing.factories import make_proposal
from tests.journeys.seats import Seat, said

pytestmark = [pytest.mark.browser]

MOST_TABS = 120
FOCUS = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const drawn = element => {
        const style = getComputedStyle(element);
        const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
        return outline || style.boxShadow !== "none";
    };
    const card = at.closest("label, .wt-option, .form-check");
    const box = at.getBoundingClientRect();
    return {
        name: at.getAttribute("name") || "",
        value: at.getAttribute("value") || "",
        words: at.textContent.replace(/\\s+/g, " ").trim(),
        visible: drawn(at) || (card !== null && drawn(card)),
        inside: box.bottom > 0 && box.top < window.innerHeight,
    };
}"""


def focus(page: Page) -> dict[str, Any]:
    """Where the keyboard is; wherever that is, it must show."""
    found: dict[str, Any] = page.evaluate(FOCUS) or {}
    if found:
        assert found["visible"], f"the focus does not show on {found}"
        assert found["inside"], f"the focus is outside the screen on {found}"
    return found


def tab_to(page: Page, **wanted: str) -> None:
    """Press Tab until the focus is there, as somebody without a mouse does."""
    for _press in range(MOST_TABS):
        here = focus(page)
        if here and all(word in here[key] for key, word in wanted.items()):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached with Tab")


def press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


@pytest.fixture
def at(site: str, sit: Callable[[str, Viewer], Seat]) -> Callable[[Viewer], Seat]:
    def take(viewer: Viewer) -> Seat:
        seat = sit(site, viewer)
        # Else the page is still gliding to where the focus is when we look.
        seat.page.emulate_media(reduced_motion="reduce")
        return seat

    return take


def test_a_focus_that_does_not_show_is_noticed(at: Callable[[Viewer], Seat]) -> None:
    page = at(world().coordinator).page
    page.goto("about:blank")
    page.set_content("<button>Ja</button><p style='height: 300vh'></p>")
    page.keyboard.press("Tab")
    assert focus(page)["words"] == "Ja"
    page.evaluate("document.activeElement.style.outline = 'none'")
    with pytest.raises(AssertionError, match="does not show"):
        focus(page)
    page.evaluate("document.activeElement.style.outline = ''; window.scrollTo(0, 2000)")
    with pytest.raises(AssertionError, match="outside"):
        focus(page)


def test_the_first_tab_skips_to_the_content(at: Callable[[Viewer], Seat]) -> None:
    seat = at(world().coordinator)
    seat.opens("steering:today")
    seat.page.keyboard.press("Tab")
    assert focus(seat.page)["words"] == said("Skip to content")
    seat.page.keyboard.press("Enter")
    assert seat.page.evaluate("document.activeElement.id") == "content"


def test_a_row_of_the_readiness_round(at: Callable[[Viewer], Seat]) -> None:
    w = world()
    client = make_client(w, phase="preparing", days=40)
    seat = at(w.care_worker)
    page = seat.page
    seat.opens("steering:today")
    seat.opens("outflow:round")
    tab_to(page, words=said("Still right"))
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Enter")
    page.wait_for_selector("tr.is-saved")
    # The focus stays in the row that was saved, and the saving is read out.
    assert page.evaluate("document.activeElement.closest('tr') !== null")
    expect(page.locator("#announcement")).not_to_be_empty()
    with acting_as(w.care_worker):
        assert ReadinessRecord.objects.filter(client=client).exists()


def test_a_changed_row_of_the_readiness_round(at: Callable[[Viewer], Seat]) -> None:
    w = world()
    client = make_client(w, phase="preparing", days=40)
    seat = at(w.care_worker)
    page = seat.page
    seat.opens("outflow:round")
    day = page.locator("tr[data-row] .c-date input").get_attribute("name")
    assert day
    tab_to(page, name=day)
    page.keyboard.press("Control+A")
    page.keyboard.type("1-3-2031")
    tab_to(page, words=said("Save"))
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Enter")
    page.wait_for_selector("tr.is-saved")
    with acting_as(w.care_worker):
        client.refresh_from_db()
    assert client.expected_ready_on is not None
    assert client.expected_ready_on.isoformat() == "2031-03-01"


def test_the_answers_of_the_corporation_and_of_the_client(at: Callable[[Viewer], Seat]) -> None:
    w = world()
    proposal = make_proposal(w)
    allocator = at(w.allocator)
    page = allocator.page
    allocator.opens("housing:proposals")
    tab_to(page, words=proposal.code)
    press(page, "Enter")
    tab_to(page, name="answer")
    page.keyboard.press("Space")
    assert page.locator("[name=answer][value=yes]").is_checked()
    tab_to(page, words=said("Record answer"))
    press(page, "Enter")
    assert _state(proposal, w.allocator) == ProposalState.CORPORATION_YES

    care = at(w.care_worker)
    page = care.page
    care.opens("housing:proposal", proposal.ref)
    tab_to(page, name="answer")
    page.keyboard.press("Space")
    tab_to(page, name="release_ground")
    chosen = page.locator("[name=release_ground]")
    for _press in range(len(SharingGround.Ground.choices)):
        page.keyboard.press("ArrowDown")
        if chosen.input_value() == SharingGround.Ground.CONSENT:
            break
    tab_to(page, name="release_text_version")
    page.keyboard.type("2026-1")
    tab_to(page, words=said("Record answer"))
    press(page, "Enter")
    assert _state(proposal, w.care_worker) == ProposalState.CLIENT_YES


def test_the_viewing_the_contract_and_the_key(at: Callable[[Viewer], Seat]) -> None:
    w = world()
    proposal = make_proposal(w, ProposalState.CLIENT_YES)
    allocator = at(w.allocator)
    page = allocator.page
    allocator.opens("housing:proposal", proposal.ref)
    tab_to(page, words=said("Plan viewing"))
    press(page, "Enter")
    tab_to(page, name="day")
    # Day and month alike: the browser's own language decides which of them is typed first.
    day = next(day for year in (0, 1) for day in _alike(today().year + year) if day > today())
    page.keyboard.type(f"{day:%d%m%Y}")
    tab_to(page, name="at")
    page.keyboard.type("1030A")
    tab_to(page, name="meeting_point")
    page.keyboard.type("Bij de brievenbussen")
    tab_to(page, words=said("Plan viewing"))
    press(page, "Enter")
    assert _state(proposal, w.allocator) == ProposalState.VIEWING

    for verb, state in (
        ("Record contract", ProposalState.CONTRACT),
        ("Record key", ProposalState.KEY),
    ):
        tab_to(page, words=said(verb))
        press(page, "Enter")
        if state == ProposalState.CONTRACT:
            tab_to(page, name="contract_form")
            page.keyboard.press("ArrowDown")
        tab_to(page, words=said(verb))
        press(page, "Enter")
        assert _state(proposal, w.allocator) == state


def _alike(year: int) -> list[date]:
    return [date(year, month, month) for month in range(1, 13)]


def test_a_no_without_a_reason_brings_the_keyboard_to_what_is_wrong(
    at: Callable[[Viewer], Seat],
) -> None:
    w = world()
    proposal = make_proposal(w)
    seat = at(w.allocator)
    page = seat.page
    seat.opens("housing:proposal", proposal.ref)
    tab_to(page, name="answer")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert page.locator("[name=answer][value=no]").is_checked()
    tab_to(page, words=said("Record answer"))
    press(page, "Enter")
    assert page.evaluate("document.activeElement.closest('[role=alert]') !== null")
    assert _state(proposal, w.allocator) == ProposalState.PROPOSED


def _state(proposal: Proposal, by: Viewer) -> str:
    with acting_as(by):
        return Proposal.objects.get(pk=proposal.pk).state
