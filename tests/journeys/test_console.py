"""The browser itself has nothing to complain about while somebody works in place."""

from collections.abc import Callable

import pytest

from accounts.access import Viewer
from tests.factories import make_client, world
from tests.journeys.seats import Seat

pytestmark = [pytest.mark.browser]


@pytest.fixture
def at(site: str, sit: Callable[[str, Viewer], Seat]) -> Callable[[Viewer], Seat]:
    """`at(viewer)`: that person, signed in at the running site."""
    return lambda viewer: sit(site, viewer)


def test_a_row_is_saved_without_a_complaint_of_the_browser(at: Callable[[Viewer], Seat]) -> None:
    w = world()
    for _row in range(2):
        make_client(w, phase="preparing", days=40)
    seat = at(w.care_worker)
    said_by_browser: list[str] = []
    seat.page.on("console", lambda line: said_by_browser.append(f"{line.type}: {line.text}"))
    seat.opens("outflow:round")
    with seat.page.expect_response(lambda answer: answer.request.method == "POST"):
        seat.button("Still right").click()
    seat.page.wait_for_selector("tr.is-saved")
    seat.page.wait_for_timeout(300)
    assert said_by_browser == []
    # What the policy forbids would have been heard.
    seat.page.evaluate("document.body.setAttribute('style', 'color: red')")
    seat.page.wait_for_timeout(100)
    assert "inline style" in " ".join(said_by_browser)
