"""Which client and which dwelling go together: one bit for every rule that fails.

The bits are computed per municipality with whole arrays, and they are kept: they are the
explanation of everything that is not possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from housing.matching.arrays import Bits, Flags, Positions, codes, members, positions
from housing.matching.instance import Client, Dwelling, Instance

RULES = (
    "rent",
    "bedrooms",
    "step_free",
    "wheelchair",
    "low_stimulus",
    "form",
    "municipality",
    "excluded",
    "dates",
    "refused",
    "support",
    "guidance",
)
BIT = {rule: 1 << position for position, rule in enumerate(RULES)}


def failed_rules(bits: int) -> list[str]:
    """Return the codes of the rules that fail, in the order of RULES.

    >>> failed_rules(BIT["rent"] | BIT["dates"])
    ['rent', 'dates']
    """
    return [rule for rule in RULES if bits & BIT[rule]]


@dataclass(frozen=True)
class Pairs:
    """All eligible pairs as two arrays of positions, sorted by client, then dwelling."""

    client: Positions
    dwelling: Positions


class Eligibility:
    """The eligibility rules over the arrays of one instance."""

    def __init__(self, instance: Instance) -> None:
        clients, dwellings = instance.clients, instance.dwellings
        self.instance = instance
        self.max_rent = np.array(
            [np.inf if c.max_rent is None else c.max_rent for c in clients], dtype=float
        )
        self.least_bedrooms = np.array([c.bedrooms for c in clients], dtype=np.int64)
        self.needs = {
            rule: np.array([getattr(c, rule) for c in clients], dtype=bool)
            for rule in ("step_free", "wheelchair", "low_stimulus")
        }
        self.ready_on = np.array([c.ready_on.toordinal() for c in clients], dtype=np.int64)
        self.half_hours = np.array([c.half_hours for c in clients], dtype=np.int64)

        self.rent = np.array([d.rent for d in dwellings], dtype=float)
        self.bedrooms = np.array([d.bedrooms for d in dwellings], dtype=np.int64)
        self.offers = {
            rule: np.array([getattr(d, rule) for d in dwellings], dtype=bool) for rule in self.needs
        }
        self.latest_ready = np.array(
            [d.available_on.toordinal() + instance.vacancy_days for d in dwellings], dtype=np.int64
        )

        self.form_of = positions(d.form for d in dwellings)
        self.municipality_of = positions(d.municipality for d in dwellings)
        self.neighbourhood_of = positions(d.neighbourhood for d in dwellings)
        self.dwelling_form = codes((d.form for d in dwellings), self.form_of)
        self.dwelling_neighbourhood = codes(
            (d.neighbourhood for d in dwellings), self.neighbourhood_of
        )
        self.accepts_form = members((c.forms for c in clients), self.form_of)
        self.accepts_municipality = members(
            (c.municipalities for c in clients), self.municipality_of
        )
        anywhere = np.array([not c.municipalities for c in clients], dtype=bool)
        self.accepts_municipality[anywhere] = True
        self.excludes = members((c.excluded_neighbourhoods for c in clients), self.neighbourhood_of)
        self._set_support(instance, clients)
        self._set_guidance(instance, clients)
        self._set_refusals(clients, dwellings)
        self.blocks: list[tuple[int, Positions]] = _blocks(dwellings, self.municipality_of)

    def _set_support(self, instance: Instance, clients: Sequence[Client]) -> None:
        kind_of = positions(kind for c in clients for kind in c.support)
        self.needs_support = members((c.support for c in clients), kind_of)
        self.lacks_support = np.ones((len(kind_of), len(self.neighbourhood_of)), dtype=bool)
        for row in instance.support:
            kind, place = kind_of.get(row.kind), self.neighbourhood_of.get(row.neighbourhood)
            if kind is not None and place is not None and row.free_places >= 1:
                self.lacks_support[kind, place] = False

    def _set_guidance(self, instance: Instance, clients: Sequence[Client]) -> None:
        provider_of = positions(c.provider for c in clients)
        self.client_provider = codes((c.provider for c in clients), provider_of)
        no_limit = np.iinfo(np.int64).max
        self.free_half_hours = np.full(
            (len(provider_of), len(self.municipality_of)), no_limit, dtype=np.int64
        )
        for row in instance.guidance:
            provider = provider_of.get(row.provider)
            municipality = self.municipality_of.get(row.municipality)
            if provider is not None and municipality is not None:
                self.free_half_hours[provider, municipality] = row.free_half_hours

    def _set_refusals(self, clients: Sequence[Client], dwellings: Sequence[Dwelling]) -> None:
        place = {d.ref: position for position, d in enumerate(dwellings)}
        self.refusals: dict[int, list[int]] = {}  # dwelling -> clients who refused it
        for number, client in enumerate(clients):
            for ref in client.refused_dwellings:
                if ref in place:
                    self.refusals.setdefault(place[ref], []).append(number)

    def bits(self, clients: Positions, municipality: int, dwellings: Positions) -> Bits:
        """Return the failed rules of ``clients`` x ``dwellings``, all in one municipality."""
        failed = np.zeros((len(clients), len(dwellings)), dtype=np.uint16)

        def fail(rule: str, where: Flags) -> None:
            np.bitwise_or(failed, np.uint16(BIT[rule]), out=failed, where=where)

        fail("rent", self.rent[dwellings] > self.max_rent[clients, None])
        fail("bedrooms", self.bedrooms[dwellings] < self.least_bedrooms[clients, None])
        for rule, needed in self.needs.items():
            fail(rule, needed[clients, None] & ~self.offers[rule][dwellings])
        fail("form", ~self.accepts_form[np.ix_(clients, self.dwelling_form[dwellings])])
        fail("municipality", ~self.accepts_municipality[clients, municipality, None])
        places = self.dwelling_neighbourhood[dwellings]
        fail("excluded", self.excludes[np.ix_(clients, places)])
        fail("dates", self.ready_on[clients, None] > self.latest_ready[dwellings])
        for kind in range(len(self.lacks_support)):
            lacks = self.lacks_support[kind, places]
            fail("support", self.needs_support[clients, kind, None] & lacks)
        free = self.free_half_hours[self.client_provider[clients], municipality]
        fail("guidance", (self.half_hours[clients] > free)[:, None])
        self._fail_refused(failed, clients, dwellings)
        return failed

    def _fail_refused(self, failed: Bits, clients: Positions, dwellings: Positions) -> None:
        row_of = {int(c): row for row, c in enumerate(clients)} if self.refusals else {}
        for column, dwelling in enumerate(dwellings):
            for client in self.refusals.get(int(dwelling), ()):
                if client in row_of:
                    failed[row_of[client], column] |= BIT["refused"]

    def pairs(self) -> Pairs:
        """Return all eligible pairs; who does not accept a municipality is not tried there."""
        found: list[tuple[Positions, Positions]] = []
        for municipality, dwellings in self.blocks:
            clients = np.flatnonzero(self.accepts_municipality[:, municipality])
            rows, columns = np.nonzero(self.bits(clients, municipality, dwellings) == 0)
            found.append((clients[rows], dwellings[columns]))
        if not found:
            return Pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        client = np.concatenate([c for c, _ in found])
        dwelling = np.concatenate([d for _, d in found])
        order = np.lexsort((dwelling, client))
        return Pairs(client[order], dwelling[order])

    def nearest(self, client: int) -> list[tuple[int, list[str]]]:
        """Return the dwellings that fail fewest rules for ``client``, with the rules."""
        one = np.array([client])
        fewest = len(RULES) + 1
        found: list[tuple[int, list[str]]] = []
        for municipality, dwellings in self.blocks:
            bits = self.bits(one, municipality, dwellings)[0]
            for dwelling, failed in zip(dwellings, bits, strict=True):
                count = int(failed).bit_count()
                if count < fewest:
                    fewest, found = count, []
                if count == fewest:
                    found.append((int(dwelling), failed_rules(int(failed))))
        return sorted(found)

    def failed(self, client: int, dwelling: int) -> list[str]:
        """Return the rules that fail for one pair."""
        place = self.instance.dwellings[dwelling].municipality
        municipality = self.municipality_of[place]
        bits = self.bits(np.array([client]), municipality, np.array([dwelling]))
        return failed_rules(int(bits[0, 0]))


def _blocks(
    dwellings: Sequence[Dwelling], municipality_of: dict[str, int]
) -> list[tuple[int, Positions]]:
    town = codes((d.municipality for d in dwellings), municipality_of)
    order = np.argsort(town, kind="stable")
    ends = np.flatnonzero(np.diff(town[order])) + 1
    return list(enumerate(np.split(order, ends))) if len(order) else []
