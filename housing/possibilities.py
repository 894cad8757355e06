"""Which dwellings fit whom by the rules of a matching, read from the picture that a run kept."""

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from housing.matching.eligibility import Eligibility, failed_rules
from housing.matching.explaining import Explanation
from housing.matching.instance import read
from housing.matching.policy import Policy, read_policy
from housing.matching.problem import Problem
from housing.models import MatchRecord, MatchRun


class Possibilities:
    """The rules of one run, asked for a few people or a few dwellings at a time."""

    def __init__(self, instance: dict[str, Any]) -> None:
        self._instance = instance
        self._clients = {client["ref"]: client for client in instance["clients"]}
        self._dwellings = {dwelling["ref"]: dwelling for dwelling in instance["dwellings"]}
        self._places = {place["ref"]: place for place in instance["neighbourhoods"]}

    @classmethod
    def of(cls, run: MatchRun) -> "Possibilities":
        return cls(MatchRecord.objects.values_list("instance", flat=True).get(run=run))

    def homes_for(
        self, clients: Iterable[str], *, among: Iterable[str] | None = None
    ) -> dict[str, list[str]]:
        """Refs of the dwellings that fit each of these clients, in the order of `among`."""
        homes = list(self._dwellings if among is None else among)
        order = {ref: place for place, ref in enumerate(homes)}
        found: dict[str, list[str]] = {}
        for client, dwelling in self._fitting(clients, homes):
            found.setdefault(client, []).append(dwelling)
        return {client: sorted(fit, key=order.__getitem__) for client, fit in found.items()}

    def people_for(self, dwelling: str) -> list[str]:
        """Refs of everybody whom this dwelling fits, longest waiting first."""
        found = [client for client, _dwelling in self._fitting(self._clients, [dwelling])]
        return sorted(found, key=lambda ref: (self._clients[ref]["waiting_since"], ref))

    def failed(self, client: str, dwelling: str) -> list[str] | None:
        """Codes of the rules that fail for two; None when the run did not know one of them."""
        if client not in self._clients or dwelling not in self._dwellings:
            return None
        return self._rules([client], [dwelling]).failed(0, 0)

    def failed_homes(self, client: str) -> dict[str, list[str]]:
        """For every dwelling of the run, the rules that fail for one client."""
        if client not in self._clients:
            return {}
        rules = self._rules([client], self._dwellings)
        homes = rules.instance.dwellings
        return {
            homes[place].ref: failed_rules(int(bits))
            for municipality, places in rules.blocks
            for place, bits in zip(
                places, rules.bits(np.array([0]), municipality, places)[0], strict=True
            )
        }

    def reasons_for(self, client: str, dwellings: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """What would speak for and against each of these dwellings for one client, as if alone.

        What depends on the others (who waits longest, what a neighbourhood then carries) is not
        in it.
        """
        known = [ref for ref in dwellings if ref in self._dwellings]
        if client not in self._clients or not known:
            return {}
        problem = Problem(read(self._part([client], known)))
        explanation = Explanation(problem, [])
        return {
            home.ref: explanation.reasons(0, place)
            for place, home in enumerate(problem.instance.dwellings)
        }

    @property
    def policy(self) -> Policy:
        """What the region let the matching weigh."""
        return read_policy(self._instance["options"].get("policy", {}))

    def client(self, ref: str) -> dict[str, Any]:
        """What the run knew of somebody."""
        found: dict[str, Any] = self._clients[ref]
        return found

    def neighbourhood_of(self, dwelling: str) -> dict[str, Any]:
        """What the run knew of the place of a dwelling."""
        found: dict[str, Any] = self._places[self._dwellings[dwelling]["neighbourhood"]]
        return found

    def _fitting(
        self, clients: Iterable[str], dwellings: Collection[str]
    ) -> Iterable[tuple[str, str]]:
        known = [ref for ref in clients if ref in self._clients]
        homes = [ref for ref in dwellings if ref in self._dwellings]
        if not known or not homes:
            return []
        rules = self._rules(known, homes)
        pairs = rules.pairs()
        people, places = rules.instance.clients, rules.instance.dwellings
        return [
            (people[client].ref, places[dwelling].ref)
            for client, dwelling in zip(pairs.client.tolist(), pairs.dwelling.tolist(), strict=True)
        ]

    def _rules(self, clients: Iterable[str], dwellings: Iterable[str]) -> Eligibility:
        return Eligibility(read(self._part(clients, dwellings)))

    def _part(self, clients: Iterable[str], dwellings: Iterable[str]) -> dict[str, Any]:
        return {
            **self._instance,
            "clients": [self._clients[ref] for ref in clients],
            "dwellings": [self._dwellings[ref] for ref in dwellings],
            "locked": [],
        }
