"""People at their own browsers: each signed in, each seeing only what their role may see."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response

from accounts.access import Viewer
from accounts.models import User


def said(words: str, context: str | None = None) -> str:
    """The words as a Dutch reader sees them."""
    with translation.override("nl"):
        return translation.pgettext(context, words) if context else translation.gettext(words)


def session_of(viewer: Viewer) -> str:
    """The cookie of somebody who signed in a moment ago."""
    user = User.objects.get(pk=viewer.user_id)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def carry(context: BrowserContext, site: str, viewer: Viewer) -> None:
    """From now on this browser is this person's."""
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(viewer), "url": f"{site}/"}]
    )


@dataclass
class Seat:
    """One person at a browser; what they do is what a hand or a keyboard can do."""

    viewer: Viewer
    site: str
    page: Page

    def open(self, name: str, *args: Any) -> Response:
        answer = self.page.goto(self.site + reverse(name, args=args))
        assert answer is not None
        return answer

    def opens(self, name: str, *args: Any) -> None:
        answer = self.open(name, *args)
        assert answer.status == 200, (name, answer.status)

    def button(self, words: str) -> Locator:
        return self.page.locator("main").get_by_role("button", name=said(words)).first

    def press(self, words: str) -> None:
        """Press a button that sends a form, and wait for the page that follows."""
        with self.page.expect_navigation():
            self.button(words).click()

    def follow(self, words: str, context: str | None = None) -> None:
        """Click a link of the page itself."""
        link = self.page.locator("main").get_by_role("link", name=said(words, context)).first
        with self.page.expect_navigation():
            link.click()

    def fill(self, **fields: str) -> None:
        """What somebody fills in; the field's name, for words may change."""
        for name, value in fields.items():
            found = self.page.locator(f"main [name={name}]").first
            if found.evaluate("field => field.tagName") == "SELECT":
                found.select_option(value)
            elif found.get_attribute("type") == "radio":
                # The card around it is what one clicks.
                self.page.locator(f"main [name={name}][value={value}]").check(force=True)
            else:
                found.fill(value)

    def was_told(self) -> str:
        """The message under the heading."""
        return self.page.locator("#messages").inner_text()

    def shows(self) -> str:
        """The words of the page itself, as they are read."""
        return self.page.locator("main").inner_text()

    def sees(self) -> str:
        """All that the page holds, shown or not."""
        return self.page.content()


def take_a_seat(browser: Browser, site: str, viewer: Viewer, **kwargs: Any) -> Seat:
    """A browser of one's own; what takes long here would be a fault of the site."""
    context = browser.new_context(**kwargs)
    context.set_default_timeout(30_000)
    carry(context, site, viewer)
    return Seat(viewer, site, context.new_page())
