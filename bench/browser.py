"""As much of a browser as a measurement needs: cookies, one form, and nothing that takes time."""

import asyncio
import html
import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

HOST = "127.0.0.1"
SECONDS = 30
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')


class Broken(Exception):
    """The site gave no answer that a browser could show."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    location: str
    body: str
    seconds: float

    @property
    def token(self) -> str:
        found = TOKEN.search(self.body)
        if found is None:
            raise Broken("The page has no form token.")
        return found[1]

    @property
    def links(self) -> list[str]:
        return [html.unescape(link) for link in LINK.findall(self.body)]


@dataclass
class Browser:
    """One person's browser; each request is a connection of its own, to this machine only."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, b"", {})

    async def post(
        self, path: str, fields: list[tuple[str, str]], *, token: str, in_place: bool = False
    ) -> Answer:
        """Send a form; `in_place` as htmx does it."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": token,
        }
        if in_place:
            headers["HX-Request"] = "true"
        return await self._ask("POST", path, urlencode(fields).encode(), headers)

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = {
            "Host": f"localhost:{self.port}",
            "Accept": "text/html",
            "Accept-Language": "nl",
            "Content-Length": str(len(body)),
            **({"Cookie": cookies} if cookies else {}),
            **headers,
        }
        # HTTP/1.0: the answer ends where the connection ends, never in chunks.
        head = f"{method} {path} HTTP/1.0\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(SECONDS):
                reader, writer = await asyncio.open_connection(HOST, self.port)
                try:
                    writer.write(head.encode() + b"\r\n" + body)
                    raw = await reader.read()
                finally:
                    writer.close()
        except (TimeoutError, OSError) as trouble:
            raise Broken(f"{method} {path}: {trouble or 'no answer'}") from trouble
        seconds = time.perf_counter() - begun
        return self._answer(raw, seconds)

    def _answer(self, raw: bytes, seconds: float) -> Answer:
        head, _gap, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        try:
            status = int(first.split()[1])
        except (IndexError, ValueError):
            raise Broken(f"No answer of the web: {first[:80]!r}") from None
        location = ""
        for line in lines:
            name, _colon, value = line.partition(":")
            if name.lower() == "location":
                location = value.strip()
            elif name.lower() == "set-cookie":
                cookie, _semicolon, _rest = value.strip().partition(";")
                key, _equals, content = cookie.partition("=")
                self.cookies[key] = content
        return Answer(status, location, body.decode("utf-8", "replace"), seconds)


class FormFields(HTMLParser):
    """What a browser would send of one form, and the values of its `save` buttons."""

    def __init__(self, page: str, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.inside = False
        self.fields: list[tuple[str, str]] = []
        self.saves: list[str] = []
        self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == self.form_id
        if not self.inside or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given and self.select:
            self.fields.append((self.select, given.get("value", "")))
        elif tag == "button" and name == "save":
            self.saves.append(given.get("value", ""))
        elif tag == "input" and name:
            ticked = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if ticked:
                self.fields.append((name, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""
