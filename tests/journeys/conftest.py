"""Seats for the people of a journey; every browser is closed when its test is over."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from accounts.access import Viewer
from tests.journeys.seats import Seat, take_a_seat


@pytest.fixture
def sit(
    browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[Callable[[str, Viewer], Seat]]:
    """`sit(address of the site, viewer)`: that person, signed in, at an own browser."""
    taken: list[Seat] = []

    def take(site: str, viewer: Viewer) -> Seat:
        taken.append(take_a_seat(browser, site, viewer, **browser_context_args))
        return taken[-1]

    yield take
    for seat in taken:
        seat.page.context.close()
