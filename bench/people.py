"""The ten people of a measurement: what each can open, and what they do next."""

import random
import re
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from bench.browser import Answer, Broken, Browser, FormFields

# A list is what somebody works from; every other address is a page.
LISTS = {
    "/",
    "/clients/",
    "/clients/round/",
    "/clients/assign/",
    "/clients/duplicates/",
    "/dwellings/",
    "/contingents/",
    "/neighbourhoods/",
    "/proposals/",
    "/matching/",
    "/matching/<ref>/proposals/",
    "/matching/<ref>/without/",
    "/matching/<ref>/dwellings/",
    "/matching/<ref>/changes/",
    "/lists/",
    "/overview/",
    "/estimate/",
}
# Searched and sorted by name: the names are sealed, so these two cost most.
ALSO = {"/clients/": ("/clients/?q=de", "/clients/?sort=name")}
NOT_MEASURED = re.compile(
    r"^/(static|sign-in|sign-out|role|account|language|help|accessibility|privacy)\b"
    r"|\.ics$|[?&]format="
)
REF = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ROUND = "/clients/round/"
LINKS_OF_A_KIND = 30
MOST_KINDS = 80


def kind_of(address: str) -> str:
    """The address without whom it is about and without its question."""
    return REF.sub("<ref>", urlsplit(address).path)


def variant_of(address: str) -> str:
    """The kind and what is asked of it: a second page is another thing than a sorted list."""
    asked = sorted({name for name, _value in parse_qsl(urlsplit(address).query)})
    return f"{kind_of(address)}?{'&'.join(asked)}"


@dataclass
class Deck:
    """Variants in an order that comes round: every one is opened about as often."""

    addresses: dict[str, list[str]]
    chance: random.Random
    turn: deque[str] = field(default_factory=deque)

    def next(self) -> str:
        if not self.turn:
            variants = sorted(self.addresses)
            self.chance.shuffle(variants)
            self.turn.extend(variants)
        return self.chance.choice(self.addresses[self.turn.popleft()])


class Person:
    """Somebody with one role, signed in, who has seen once what there is to open."""

    def __init__(self, facts: dict[str, str], port: int, chance: random.Random) -> None:
        self.role = facts["role"]
        self.email = facts["email"]
        self.password = facts["password"]
        self.browser = Browser(port)
        self.chance = chance
        self.round: FormFields | None = None
        self.token = ""
        self.lists: Deck
        self.pages: Deck

    @property
    def writes(self) -> bool:
        return self.round is not None and bool(self.rows)

    @property
    def rows(self) -> list[str]:
        return [ref for ref in self.round.saves if REF.fullmatch(ref)] if self.round else []

    async def sign_in(self) -> None:
        page = await self.browser.get("/sign-in/")
        fields = [
            ("csrfmiddlewaretoken", page.token),
            ("username", self.email),
            ("password", self.password),
        ]
        answer = await self.browser.post("/sign-in/", fields, token=page.token)
        if answer.status != 302:
            raise Broken(f"{self.email} cannot sign in ({answer.status}).")

    async def look_around(self) -> None:
        """Open one address of every kind there is, from the first page on."""
        found: dict[str, list[str]] = {}
        coming = deque(["/"])
        known = {variant_of("/")}
        while coming and len(found) < MOST_KINDS:
            address = coming.popleft()
            answer = await self.browser.get(address)
            if answer.status == 302 and address == "/":
                known.add(variant_of(answer.location))
                coming.append(answer.location)
                continue
            if answer.status != 200:
                raise Broken(f"{self.role}: {address} answers {answer.status}.")
            found.setdefault(variant_of(address), []).append(address)
            if address == ROUND:
                self.round = FormFields(answer.body, "round")
                self.token = answer.token
            for link in (*_inside(answer, address), *ALSO.get(address, ())):
                variant = variant_of(link)
                if variant not in known:
                    known.add(variant)
                    coming.append(link)
                elif variant in found and link not in found[variant]:
                    found[variant] = [*found[variant], link][-LINKS_OF_A_KIND:]
        of_lists = {v: a for v, a in found.items() if kind_of(a[0]) in LISTS}
        rest = {v: a for v, a in found.items() if v not in of_lists}
        self.lists = Deck(of_lists, self.chance)
        self.pages = Deck(rest or of_lists, self.chance)

    async def confirm(self) -> Answer:
        """ "Still right" on one row of the round, as the page sends it."""
        assert self.round is not None
        fields = [*self.round.fields, ("save", self.chance.choice(self.rows))]
        return await self.browser.post(ROUND, fields, token=self.token, in_place=True)


def _inside(answer: Answer, address: str) -> list[str]:
    """The links of a page that lead to another page of the site."""
    links = []
    for link in answer.links:
        whole = urlsplit(address).path + link if link.startswith("?") else link.partition("#")[0]
        if whole.startswith("/") and not NOT_MEASURED.search(whole):
            links.append(whole)
    return links
