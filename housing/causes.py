"""Why one matching differs from the one before: what came, went or changed between two instances.

Pure: two instances and their results in, causes out. Whatever is told can be checked in them. A
pair for which nothing near it changed follows from another change: the same part of a region gets
the same answer as long as nothing in it changes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

NEW, GONE, MOVED, PROMISED = "new", "gone", "moved", "promised"
ORDER = (NEW, MOVED, GONE, PROMISED)

# About the client, the dwelling before, the dwelling now, what they use, and the whole. In this
# order they are told, and the first one counts.
CODES = (
    "left",
    "joined",
    "became_promise",
    "promise_ended",
    "home_gone",
    "home_promised",
    "refused",
    "home_new",
    "home_freed",
    "need",
    "home_changed",
    "more_urgent",
    "longer_waiting",
    "less_room",
    "more_room",
    "policy",
    "vacancy_days",
    "day",
    "version",
    "follows",
    "elsewhere",
)
# These alone explain a change: beside them nothing about the whole region has to be told.
ENOUGH = frozenset(CODES[: CODES.index("need")])
# Where somebody cannot live is told to nobody: the need changed, and nothing says in what.
UNSAID = frozenset({"excluded_neighbourhoods"})
UNLIMITED = float("inf")
ROOMS = ("quota", "neighbourhood", "support", "guidance")


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that changed; `facts` are names of fields, kinds of room or codes of causes."""

    code: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """A client whose pair is another than before; clients and dwellings by ref."""

    kind: str
    client: str
    before: str | None
    now: str | None
    causes: tuple[Cause, ...] = field(default=())


class Answered:
    """An instance and the answer to it, ready to be asked."""

    def __init__(self, instance: Row, result: Row) -> None:
        self.instance = instance
        self.clients: dict[str, Row] = {row["ref"]: row for row in instance["clients"]}
        self.dwellings: dict[str, Row] = {row["ref"]: row for row in instance["dwellings"]}
        self.home_of = {pair["client"]: pair["dwelling"] for pair in result["pairs"]}
        self.client_of = {dwelling: client for client, dwelling in self.home_of.items()}
        self.promised = {pair["client"] for pair in result["pairs"] if pair["locked"]}
        self.version: str = result["core_version"]
        self.room: dict[tuple[Any, ...], float | None] = {
            **{
                ("quota", row["corporation"], row["municipality"], row["target_group"]): row[
                    "remaining"
                ]
                for row in instance["quotas"]
            },
            **{
                ("neighbourhood", row["ref"]): row["max_placements"]
                for row in instance["neighbourhoods"]
            },
            **{
                ("support", row["neighbourhood"], row["kind"]): row["free_places"]
                for row in instance["support"]
            },
            **{
                ("guidance", row["provider"], row["municipality"]): row["free_hours"]
                for row in instance["guidance"]
            },
        }

    def is_promised(self, client: str | None) -> bool:
        return client in self.promised

    def room_for(self, client: Row, dwelling: Row) -> dict[tuple[str, str], float]:
        """How much room there is in each row that a placement uses up; no row means no limit."""
        place, municipality = dwelling["neighbourhood"], dwelling["municipality"]
        of_all = ("quota", dwelling["corporation"], municipality)
        found = {
            ("quota", ""): self.room.get(
                (*of_all, client["target_group"]), self.room.get((*of_all, None))
            ),
            ("neighbourhood", ""): self.room.get(("neighbourhood", place)),
            # Support that nobody offers is support of which there is none.
            **{
                ("support", kind): self.room.get(("support", place, kind), 0)
                for kind in client["support"]
            },
        }
        if client["guidance_hours"]:
            hours = ("guidance", client["provider"], municipality)
            found["guidance", ""] = self.room.get(hours)
        return {key: UNLIMITED if room is None else room for key, room in found.items()}


def between(before: Answered, now: Answered) -> list[Changed]:
    """Every pair that differs, kind by kind, with what caused it."""
    found = {}
    for client in sorted(now.home_of.keys() | before.home_of.keys()):
        then, home = before.home_of.get(client), now.home_of.get(client)
        becomes_promise = now.is_promised(client) and not before.is_promised(client)
        kind = _kind(then, home, becomes_promise=becomes_promise)
        if kind:
            found[client] = Changed(kind, client, then, home)
    return sorted(
        _explained(found, before, now), key=lambda one: (ORDER.index(one.kind), one.client)
    )


def counted(changed: Iterable[Changed]) -> Counter[str]:
    """How many pairs changed by each cause: of several the first."""
    return Counter(one.causes[0].code for one in changed)


def facts_between(before: Answered, now: Answered) -> Counter[str]:
    """How many clients and dwellings came, went or changed, and what else is other than before."""
    clients, homes = (
        (before.clients, now.clients),
        (before.dwellings, now.dwellings),
    )
    found = Counter(
        clients_joined=len(clients[1].keys() - clients[0].keys()),
        clients_left=len(clients[0].keys() - clients[1].keys()),
        needs_changed=_other(*clients),
        homes_new=len(homes[1].keys() - homes[0].keys()),
        homes_gone=len(homes[0].keys() - homes[1].keys()),
        homes_changed=_other(*homes),
        promises_made=len(now.promised - before.promised),
        promises_ended=len(before.promised - now.promised),
        room_changed=sum(
            before.room.get(key) != now.room.get(key)
            for key in before.room.keys() | now.room.keys()
        ),
        policy=_policy(before) != _policy(now),
        vacancy_days=_vacancy_days(before) != _vacancy_days(now),
        day=before.instance["as_of"] != now.instance["as_of"],
        version=before.version != now.version,
    )
    return +found


def _other(before: dict[str, Row], now: dict[str, Row]) -> int:
    return sum(before[ref] != now[ref] for ref in before.keys() & now.keys())


def _policy(answered: Answered) -> Any:
    return answered.instance["options"].get("policy")


def _vacancy_days(answered: Answered) -> Any:
    return answered.instance["options"].get("vacancy_days")


def _kind(then: str | None, now: str | None, *, becomes_promise: bool) -> str:
    if then is None:
        return NEW
    if now is None:
        return GONE
    if then != now:
        return MOVED
    return PROMISED if becomes_promise else ""


def _explained(found: dict[str, Changed], before: Answered, now: Answered) -> Iterator[Changed]:
    whole = facts_between(before, now)
    near = {client: _near(one, before, now) for client, one in found.items()}
    for client, one in found.items():
        causes = list(near[client])
        if not any(cause.code in ENOUGH for cause in causes):
            causes += [Cause(code) for code in ("policy", "vacancy_days", "version") if whole[code]]
        if not causes:
            causes = [_far(client, found, near, before, now, whole)]
        causes.sort(key=lambda cause: CODES.index(cause.code))
        yield Changed(one.kind, client, one.before, one.now, tuple(causes))


def _near(one: Changed, before: Answered, now: Answered) -> list[Cause]:
    """What changed about the client, about both dwellings, and about what they use."""
    if one.kind == PROMISED:
        return [Cause("became_promise")]
    then_client, client = before.clients.get(one.client), now.clients.get(one.client)
    if client is None:
        return [Cause("left")]
    causes = []
    if then_client is None:
        causes.append(Cause("joined"))
    elif then_client != client:
        causes.append(_fields("need", then_client, client))
    if now.is_promised(one.client) and not before.is_promised(one.client):
        causes.append(Cause("became_promise"))
    if before.is_promised(one.client) and not now.is_promised(one.client):
        causes.append(Cause("promise_ended"))
    return [
        *causes,
        *_of_home_before(one, client, before, now),
        *_of_home_now(one, client, before, now),
    ]


def _of_home_before(one: Changed, client: Row, before: Answered, now: Answered) -> Iterator[Cause]:
    if one.before is None:
        return
    home = now.dwellings.get(one.before)
    if home is None:
        yield Cause("home_gone")
        return
    if one.before in client["refused_dwellings"]:
        yield Cause("refused")
    if home != before.dwellings[one.before]:
        yield _fields("home_changed", before.dwellings[one.before], home)
    taker = now.client_of.get(one.before)
    if taker is not None and now.is_promised(taker):
        yield Cause("home_promised")
    elif taker is not None:
        yield from _went_first(now.clients[taker], client)
    then, room = before.room_for(client, home), now.room_for(client, home)
    less = {kind for kind, name in room if room[kind, name] < then[kind, name]}
    if less:
        yield Cause("less_room", tuple(kind for kind in ROOMS if kind in less))


def _of_home_now(one: Changed, client: Row, before: Answered, now: Answered) -> Iterator[Cause]:
    if one.now is None:
        return
    then, home = before.dwellings.get(one.now), now.dwellings[one.now]
    if then is None:
        yield Cause("home_new")
        return
    if before.is_promised(before.client_of.get(one.now)):
        yield Cause("home_freed")
    if then != home:
        yield _fields("home_changed", then, home)
    was, room = before.room_for(client, home), now.room_for(client, home)
    more = {kind for kind, name in room if room[kind, name] > was[kind, name]}
    if more:
        yield Cause("more_room", tuple(kind for kind in ROOMS if kind in more))


def _went_first(other: Row, client: Row) -> Iterator[Cause]:
    """That the dwelling goes to somebody who comes before this client; nobody is named."""
    if other["urgency"] > client["urgency"]:
        yield Cause("more_urgent")
    elif other["urgency"] == client["urgency"] and other["waiting_since"] < client["waiting_since"]:
        yield Cause("longer_waiting")


def _fields(code: str, before: Row, now: Row) -> Cause:
    names = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    return Cause(code, tuple(sorted(names - UNSAID)))


def _far(
    client: str,
    found: dict[str, Changed],
    near: dict[str, list[Cause]],
    before: Answered,
    now: Answered,
    whole: Counter[str],
) -> Cause:
    """What the change follows from: who has its dwelling now, who had the one it has now, and on.

    Each step of the chain is a pair that changed as well.
    """
    roots: set[str] = set()
    reached, to_ask = {client}, [client]
    while to_ask:
        one = found[to_ask.pop()]
        beside = (
            now.client_of.get(one.before) if one.before else None,
            before.client_of.get(one.now) if one.now else None,
        )
        for other in beside:
            if other is None or other in reached or other not in found:
                continue
            reached.add(other)
            roots.update(cause.code for cause in near[other])
            to_ask.append(other)
    if roots:
        return Cause("follows", tuple(code for code in CODES if code in roots))
    return Cause("day") if set(whole) == {"day"} else Cause("elsewhere")
