"""What if: changes to the picture of a region, and what they change in the matching. Pure.

A change is a kind with its facts, as a try-out keeps it:

=================== ==============================================================================
kind                facts
=================== ==============================================================================
dwelling_more       municipality, neighbourhood ("" where unknown), corporation, rent, bedrooms,
                    form, ground_floor, lift, wheelchair, low_stimulus, available_on, fit
dwelling_less       dwelling
support             neighbourhood, support_kind, by (whole places, more or less)
guidance            provider, municipality, by (hours, halves)
quota               corporation, municipality, target_group (or None), by
neighbourhood       neighbourhood, by
rent_limit          client, rent
municipality_too    client, municipality
form_too            client, form
vacancy_days        days
let_go              client (whose promise becomes open)
choose              client, dwelling (as if these two were promised)
=================== ==============================================================================

Instance and result are those of docs/matcher.md. What cannot be is refused by `CannotBe`; nothing
that was given is changed.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Row = dict[str, Any]
Change = dict[str, Any]

MOST_CHANGES = 5
ADDED = "added:"
NAMELESS = "municipality:"

GAINED, LOST, MOVED = "gained", "lost", "moved"


class CannotBe(Exception):
    """One of the changes has nothing to change, or leaves less than was promised.

    `code` says what (its words stand in housing.trying_words), `number` which change, from 1.
    """

    def __init__(self, code: str, number: int = 0) -> None:
        super().__init__(f"{code}:{number}")
        self.code = code
        self.number = number


def applied(instance: Row, changes: Sequence[Change]) -> Row:
    """Return the instance as it would be, the changes made one after the other."""
    made = copy.deepcopy(instance)
    for number, change in enumerate(changes, start=1):
        if change["kind"] not in KINDS:
            raise CannotBe("unknown", number)
        try:
            KINDS[change["kind"]](made, change)
        except CannotBe as refusal:
            raise CannotBe(refusal.code, number) from refusal
    return made


# Homes -------------------------------------------------------------------------------------------


def _dwelling_more(instance: Row, change: Change) -> None:
    town = change["municipality"]
    place = change["neighbourhood"] or f"{NAMELESS}{town}"
    known = {row["ref"]: row for row in instance["neighbourhoods"]}
    if place not in known:
        instance["neighbourhoods"].append(
            {"ref": place, "municipality": town, "max_placements": None, "soft_placements": None}
        )
    added = sum(home["ref"].startswith(ADDED) for home in instance["dwellings"])
    home = {
        "ref": f"{ADDED}{added + 1}",
        "corporation": change["corporation"],
        "municipality": town,
        "neighbourhood": place,
        **{
            name: change[name]
            for name in (
                "rent",
                "bedrooms",
                "ground_floor",
                "lift",
                "wheelchair",
                "low_stimulus",
                "form",
                "available_on",
            )
        },
    }
    if change.get("fit"):
        home["fit"] = change["fit"]
    instance["dwellings"].append(home)


def _dwelling_less(instance: Row, change: Change) -> None:
    ref = change["dwelling"]
    if any(pair["dwelling"] == ref for pair in instance["locked"]):
        raise CannotBe("dwelling_promised")
    _found(instance["dwellings"], "dwelling_gone", ref=ref)
    instance["dwellings"] = [home for home in instance["dwellings"] if home["ref"] != ref]


# What is scarce ----------------------------------------------------------------------------------


def _support(instance: Row, change: Change) -> None:
    key = {"neighbourhood": change["neighbourhood"], "kind": change["support_kind"]}
    _found(instance["neighbourhoods"], "place_unknown", ref=change["neighbourhood"])
    promised = _promised_support(instance, **key)
    row = _row(instance["support"], **key)
    if row is None:
        # Promises may stand where no row is kept: one place more is one beside theirs.
        row = {**key, "free_places": promised}
        instance["support"].append(row)
    _add(row, "free_places", change["by"], least=promised)


def _promised_support(instance: Row, neighbourhood: str, kind: str) -> int:
    return sum(
        home["neighbourhood"] == neighbourhood and kind in client["support"]
        for client, home in _promised(instance)
    )


def _guidance(instance: Row, change: Change) -> None:
    key = {"provider": change["provider"], "municipality": change["municipality"]}
    row = _found(instance["guidance"], "hours_not_counted", **key)
    _add(row, "free_hours", change["by"], least=_promised_hours(instance, **key))


def _promised_hours(instance: Row, provider: str, municipality: str) -> float:
    return float(
        sum(
            client["guidance_hours"]
            for client, home in _promised(instance)
            if client["provider"] == provider and home["municipality"] == municipality
        )
    )


def _quota(instance: Row, change: Change) -> None:
    key = {name: change[name] for name in ("corporation", "municipality", "target_group")}
    row = _found(instance["quotas"], "no_maximum", **key)
    _add(row, "remaining", change["by"], least=_promised_quota(instance, **key))


def _promised_quota(
    instance: Row, corporation: str, municipality: str, target_group: str | None
) -> int:
    return sum(
        home["corporation"] == corporation
        and home["municipality"] == municipality
        and target_group in (None, client["target_group"])
        for client, home in _promised(instance)
    )


def _neighbourhood(instance: Row, change: Change) -> None:
    row = _found(instance["neighbourhoods"], "place_unknown", ref=change["neighbourhood"])
    if row["max_placements"] is None:
        raise CannotBe("no_limit")
    _add(row, "max_placements", change["by"], least=_promised_places(instance, row["ref"]))


def _promised_places(instance: Row, neighbourhood: str) -> int:
    return sum(home["neighbourhood"] == neighbourhood for _client, home in _promised(instance))


# One person --------------------------------------------------------------------------------------


def _rent_limit(instance: Row, change: Change) -> None:
    client = _client(instance, change)
    if client["max_rent"] is None:
        raise CannotBe("no_rent_limit")
    client["max_rent"] = change["rent"]


def _municipality_too(instance: Row, change: Change) -> None:
    client = _client(instance, change)
    if not client["municipalities"]:
        raise CannotBe("every_municipality")
    client["municipalities"] = sorted({*client["municipalities"], change["municipality"]})


def _form_too(instance: Row, change: Change) -> None:
    client = _client(instance, change)
    client["forms"] = sorted({*client["forms"], change["form"]})


# Rules and promises ------------------------------------------------------------------------------


def _vacancy_days(instance: Row, change: Change) -> None:
    instance["options"]["vacancy_days"] = change["days"]


def _let_go(instance: Row, change: Change) -> None:
    promise = _found(instance["locked"], "no_promise", client=change["client"])
    instance["locked"].remove(promise)


def _choose(instance: Row, change: Change) -> None:
    client = _client(instance, change)
    _found(instance["dwellings"], "dwelling_gone", ref=change["dwelling"])
    for pair in instance["locked"]:
        if pair["client"] == client["ref"]:
            raise CannotBe("client_promised")
        if pair["dwelling"] == change["dwelling"]:
            raise CannotBe("dwelling_promised")
    instance["locked"].append({"client": client["ref"], "dwelling": change["dwelling"]})
    _make_room(instance)


def _make_room(instance: Row) -> None:
    """What is less than the promises need is taken to be what they need, as in a snapshot.

    A person may choose beyond what is full; then nobody else comes in there.
    """
    for row in instance["support"]:
        used = _promised_support(instance, row["neighbourhood"], row["kind"])
        row["free_places"] = max(row["free_places"], used)
    for row in instance["guidance"]:
        hours = _promised_hours(instance, row["provider"], row["municipality"])
        row["free_hours"] = max(row["free_hours"], hours)
    for row in instance["quotas"]:
        key = (row["corporation"], row["municipality"], row["target_group"])
        row["remaining"] = max(row["remaining"], _promised_quota(instance, *key))
    for row in instance["neighbourhoods"]:
        if row["max_placements"] is not None:
            used = _promised_places(instance, row["ref"])
            row["max_placements"] = max(row["max_placements"], used)


KINDS: dict[str, Callable[[Row, Change], None]] = {
    "dwelling_more": _dwelling_more,
    "dwelling_less": _dwelling_less,
    "support": _support,
    "guidance": _guidance,
    "quota": _quota,
    "neighbourhood": _neighbourhood,
    "rent_limit": _rent_limit,
    "municipality_too": _municipality_too,
    "form_too": _form_too,
    "vacancy_days": _vacancy_days,
    "let_go": _let_go,
    "choose": _choose,
}


# Changes that a page proposes ---------------------------------------------------------------------


def one_more(resource: Row) -> Change:
    """One more of a row of the matcher that is full."""
    facts = {name: value for name, value in resource.items() if name != "kind"}
    return {"kind": resource["kind"], **facts, "by": 1}


def from_steps(client: str, steps: Sequence[Row]) -> list[Change]:
    """The steps that an advice gives somebody, as changes; none where one of them cannot be tried.

    Another day touches everybody's rules or nobody's: that is no change of this one person.
    """
    changes = [_from_step(client, step) for step in steps]
    return [] if None in changes else [change for change in changes if change is not None]


def _from_step(client: str, step: Row) -> Change | None:
    match step["kind"]:
        case "support" | "neighbourhood" | "quota" as kind:
            names = {
                "support": ("neighbourhood", "support_kind"),
                "neighbourhood": ("neighbourhood",),
                "quota": ("corporation", "municipality", "target_group"),
            }[kind]
            return {"kind": kind, **{name: step[name] for name in names}, "by": step["more"]}
        case "guidance":
            place = {name: step[name] for name in ("provider", "municipality")}
            return {"kind": "guidance", **place, "by": step["more_hours"]}
        case "municipality":
            return {
                "kind": "municipality_too",
                "client": client,
                "municipality": step["municipality"],
            }
        case "form":
            return {"kind": "form_too", "client": client, "form": step["form"]}
        case "max_rent":
            return {"kind": "rent_limit", "client": client, "rent": step["max_rent"]}
    return None


def _row(rows: list[Row], **key: Any) -> Row | None:
    return next((r for r in rows if all(r[name] == value for name, value in key.items())), None)


def _found(rows: list[Row], otherwise: str, **key: Any) -> Row:
    row = _row(rows, **key)
    if row is None:
        raise CannotBe(otherwise)
    return row


def _client(instance: Row, change: Change) -> Row:
    return _found(instance["clients"], "client_absent", ref=change["client"])


def _promised(instance: Row) -> list[tuple[Row, Row]]:
    clients = {client["ref"]: client for client in instance["clients"]}
    homes = {home["ref"]: home for home in instance["dwellings"]}
    return [(clients[pair["client"]], homes[pair["dwelling"]]) for pair in instance["locked"]]


def _add(row: Row, name: str, by: float, *, least: float) -> None:
    """More or less of it; never less than the promises use, and never below nothing."""
    wanted = row[name] + by
    if wanted < 0:
        raise CannotBe("below_nothing")
    if by < 0 and wanted < least:
        raise CannotBe("promises_need_it")
    row[name] = wanted


# What it changes ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One person for whom it makes a difference; homes by ref, "" for none."""

    kind: Literal["gained", "lost", "moved"]
    client: str
    before: str
    after: str


def differences(before: Row, after: Row) -> list[Difference]:
    """Everybody with another home, or with one more or one less: who loses one comes first."""
    then, now = _homes(before), _homes(after)
    found = []
    for client in then.keys() | now.keys():
        home_then, home_now = then.get(client, ""), now.get(client, "")
        if home_then == home_now:
            continue
        if not home_then:
            found.append(Difference("gained", client, "", home_now))
        elif not home_now:
            found.append(Difference("lost", client, home_then, ""))
        else:
            found.append(Difference("moved", client, home_then, home_now))
    order = (LOST, GAINED, MOVED)
    return sorted(found, key=lambda each: (order.index(each.kind), each.client))


def summary(before: Row, after: Row) -> Row:
    """The numbers of a try-out; nobody and no home is named in it."""
    found = differences(before, after)
    counts = {kind: sum(each.kind == kind for each in found) for kind in (GAINED, LOST, MOVED)}
    people = {row["client"] for result in (before, after) for row in _everybody(result)}
    return {
        "placements": [before["placements"], after["placements"]],
        "priority": [before["priority"], after["priority"]],
        "unused": [len(before["unused"]), len(after["unused"])],
        **counts,
        "same": len(people) - len(found),
        "is_proven": before["status"] == after["status"] == "optimal",
    }


def bottlenecks(before: Row, after: Row) -> list[tuple[Row, int | None]]:
    """What is short afterwards, each with its gain of before (None: it was not short), then what
    is short no more, with a gain of nothing now."""
    then = {_key(row["resource"]): row for row in before["bottlenecks"]}
    now = [(row, _gain(then.pop(_key(row["resource"]), None))) for row in after["bottlenecks"]]
    return now + [({**row, "gain": [0, 0]}, _gain(row)) for row in then.values()]


def _gain(row: Row | None) -> int | None:
    return None if row is None else int(row["gain"][0])


def _key(resource: Row) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in resource.items()))


def _everybody(result: Row) -> list[Row]:
    return [*result["pairs"], *result["unmatched"]]


def _homes(result: Row) -> dict[str, str]:
    return {pair["client"]: pair["dwelling"] for pair in result["pairs"]}
