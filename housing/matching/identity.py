"""Who is who without their refs, so that a name never decides who gets a home.

The hash of an item covers everything about it except its own ref. Refs of other items in it
(a refused dwelling, a promise) are replaced by what those items are.
"""

import hashlib
from dataclasses import replace
from typing import Any

from housing.matching.instance import Client, Dwelling, Instance, canonical


def content_hashes(instance: Instance) -> tuple[list[str], list[str]]:
    """Return one hash per client and one per dwelling, in the order of the instance."""
    homes = {d.ref: _hash(_values(replace(d, ref=""))) for d in instance.dwellings}
    home_of = dict(instance.locked)
    people: dict[str, str] = {}
    refusers: dict[str, list[str]] = {d.ref: [] for d in instance.dwellings}
    for client in instance.clients:
        refused = [ref for ref in client.refused_dwellings if ref in homes]
        people[client.ref] = _hash(
            _values(replace(client, ref="", refused_dwellings=())),
            sorted(homes[ref] for ref in refused),
            homes[home_of[client.ref]] if client.ref in home_of else None,
        )
        for ref in refused:
            refusers[ref].append(people[client.ref])
    promised_to = {dwelling: people[client] for client, dwelling in instance.locked}
    return (
        [people[c.ref] for c in instance.clients],
        [
            _hash(homes[d.ref], sorted(refusers[d.ref]), promised_to.get(d.ref))
            for d in instance.dwellings
        ],
    )


def _values(item: Client | Dwelling) -> list[Any]:
    return [getattr(item, name) for name in item.__slots__]


def _hash(*parts: Any) -> str:
    return hashlib.sha256(canonical(parts).encode()).hexdigest()
