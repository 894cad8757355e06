"""Turns spells into histories that do not contradict themselves, and says what it had to mend.

Nothing is dropped in silence: every spell that is set aside or read otherwise than it stands is
counted in a warning with its rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outflow.estimation.chance import mixed, of_text
from outflow.estimation.contract import BACKLOG, FIRST_EXIT, HOUSED, NOWHERE
from outflow.estimation.tables import OPEN, UNKNOWN

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

BEYOND_DAYS = 1 << 23
"""More than there are days between the first and the last of a calendar."""

WORDS = ("client", "region", "provider", "facility_type", "municipality")

MESSAGES = {
    "after_as_of": "Spells that begin on or after the reference date: left out.",
    "ends_before_begin": "Spells that end before they begin: set aside.",
    "duplicate_row": "Rows that repeat an earlier row exactly: set aside.",
    "overlap": "Spells that begin before an earlier spell of the same client ends: set aside.",
    "open_but_followed": "Spells without an end that are followed by another: ended where the "
    "next begins.",
    "next_without_end": "Spells with a next phase but no end: taken to last still.",
    "next_missing": "Spells with an end but no next phase: the spell that follows is taken.",
    "next_differs": "Spells whose next phase is not the phase that follows: the spell that follows "
    "is taken.",
    "gap": "Spells that are followed by days in no phase.",
    "after_exit": "Spells that begin after the client left: taken as a new beginning.",
    "outcome_unknown": "Spells that end without a next phase and without a spell after them: "
    "followed up to that day only.",
    "successor_missing": "Spells whose next phase has no spell: taken to be in that phase since.",
}


@dataclass(frozen=True)
class Warned:
    """One kind of questionable row: how many, and which (spreadsheet numbers)."""

    code: str
    rows: tuple[int, ...]
    message: str
    count: int = -1

    def as_dict(self) -> dict[str, object]:
        """Return the warning as the contract has it: the first twenty rows."""
        return {
            "code": self.code,
            "count": self.count if self.count >= 0 else len(self.rows),
            "rows": sorted(self.rows)[:20],
            "message": self.message,
        }


@dataclass(frozen=True)
class Histories:
    """Spells of all clients as parallel arrays, sorted by client and day.

    ``client`` counts from 0 in the order of ``keys``; ``region``, ``municipality``, ``kind``
    (facility type) and ``provider`` (of one region) are indexes into the names; ``came_from`` is
    the phase before, NOWHERE for who arrives; ``next`` is a state, UNKNOWN while it lasts or when
    nobody knows.
    """

    client: Ints
    region: Ints
    municipality: Ints
    kind: Ints
    provider: Ints
    phase: Ints
    start: Ints
    end: Ints
    next: Ints
    came_from: Ints
    waiting_since: Ints
    regions: list[str]
    municipalities: list[tuple[int, str]]
    kinds: list[str]
    providers: list[tuple[int, str]]
    keys: NDArray[np.uint64]
    names: list[str]
    as_of: int
    warnings: list[Warned] = field(default_factory=list)

    def known_on(self, day: int) -> "Histories":
        """Return what was known on an earlier day: only events before it count."""
        seen = self.start < day
        ended = self.end[seen] < day
        return replace(
            self,
            **{
                name: getattr(self, name)[seen]
                for name in (
                    "client",
                    "region",
                    "municipality",
                    "kind",
                    "provider",
                    "phase",
                    "start",
                    "came_from",
                    "waiting_since",
                )
            },
            end=np.where(ended, self.end[seen], OPEN),
            next=np.where(ended, self.next[seen], UNKNOWN),
            as_of=day,
            warnings=[],
        )


class _Notes:
    """Collects the rows of every kind of questionable spell."""

    def __init__(self) -> None:
        self.rows: dict[str, list[int]] = {}

    def add(self, code: str, rows: Iterable[int]) -> None:
        self.rows.setdefault(code, []).extend(int(row) for row in rows)

    def warnings(self) -> list[Warned]:
        return [
            Warned(code, tuple(rows), MESSAGES[code])
            for code, rows in sorted(self.rows.items())
            if rows
        ]


def follow(
    spells: pd.DataFrame,
    *,
    as_of: int,
    places: Iterable[tuple[str, str]] = (),
    told: Mapping[str, str] | None = None,
) -> Histories:
    """Return the histories behind the spells of ``read_spells``, as known on day ``as_of``.

    ``places`` are regions and municipalities that matter beside those of the spells ("": none).
    ``told`` is what else is known of clients: it decides between equal histories before names do.
    """
    notes = _Notes()
    extra = sorted(set(places))
    read = {name: _codes(spells[name]) for name in WORDS}
    names = _Names.of({name: texts for name, (_, texts) in read.items()}, extra)
    table = _Table.of(spells, read, names)
    table = table.without(table.start >= as_of, "after_as_of", notes)
    table = table.without(table.end < table.start, "ends_before_begin", notes)
    notes.add("next_without_end", table.row[(table.end == OPEN) & (table.next != UNKNOWN)])
    lasting = table.end >= as_of
    table = replace(
        table, end=np.where(lasting, OPEN, table.end), next=np.where(lasting, UNKNOWN, table.next)
    )
    order, again = _in_order(table)
    if (np.diff(order) != 1).any():
        table = table.at(order)
    table = table.without(again, "duplicate_row", notes)
    table = _merged(_linked(_without_overlap(table, notes), notes))
    return _numbered(table, names, extra=extra, as_of=as_of, notes=notes, told=told or {})


@dataclass(frozen=True)
class _Names:
    """The names behind the numbers of a table; all but those of clients are sorted."""

    client: list[str]
    region: list[str]
    provider: list[str]
    kind: list[str]
    town: list[str]

    @classmethod
    def of(cls, texts: dict[str, list[str]], extra: list[tuple[str, str]]) -> "_Names":
        return cls(
            client=texts["client"],
            region=sorted({*texts["region"], *(region for region, _ in extra)}),
            provider=sorted(texts["provider"]),
            kind=sorted(texts["facility_type"]),
            town=sorted({*texts["municipality"], *(town for _, town in extra)}),
        )


def _codes(column: "pd.Series[str]") -> tuple[Ints, list[str]]:
    """Return the number of every cell's text, and the texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = np.asarray(column.cat.codes, dtype=np.int64)
        return codes, list(column.cat.categories)
    codes, texts = pd.factorize(column)
    return codes.astype(np.int64), list(texts)


@dataclass(frozen=True)
class _Table:
    """Spells as parallel numbers while they are mended; ``row`` is the spreadsheet's."""

    row: Ints
    client: Ints
    region: Ints
    provider: Ints
    kind: Ints
    town: Ints
    phase: Ints
    start: Ints
    end: Ints
    next: Ints
    came_from: Ints

    @classmethod
    def of(
        cls, spells: pd.DataFrame, read: dict[str, tuple[Ints, list[str]]], names: _Names
    ) -> "_Table":
        def numbered(column: str, sorted_names: list[str]) -> Ints:
            codes, texts = read[column]
            place = {text: number for number, text in enumerate(sorted_names)}
            return np.array([place[text] for text in texts], dtype=np.int64)[codes]

        plain = {
            name: spells[name].to_numpy(dtype=np.int64)
            for name in ("row", "phase", "start", "end", "next")
        }
        return cls(
            client=read["client"][0],
            region=numbered("region", names.region),
            provider=numbered("provider", names.provider),
            kind=numbered("facility_type", names.kind),
            town=numbered("municipality", names.town),
            came_from=np.full(len(spells), NOWHERE),
            **plain,
        )

    def __len__(self) -> int:
        return len(self.row)

    def at(self, which: Ints | Flags) -> "_Table":
        return _Table(**{each.name: getattr(self, each.name)[which] for each in fields(self)})

    def without(self, which: Flags, code: str, notes: "_Notes") -> "_Table":
        """Set rows aside, and say so."""
        if not which.any():
            return self
        notes.add(code, self.row[which])
        return self.at(~which)


def _in_order(table: _Table) -> tuple[Ints, Flags]:
    """Return the order by client and day, and which rows in that order repeat the one before.

    Only rows of one client that begin on one day are compared any further.
    """
    key = table.client * BEYOND_DAYS + table.start
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    again = np.zeros(len(table), dtype=bool)
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False)[: len(table)])
    if not len(tied):
        return order, again
    t = table.at(order[tied])
    content = [t.end, t.phase, t.next, t.region, t.provider, t.kind, t.town]
    order[tied] = order[tied][np.lexsort([t.row, *content[::-1], t.start, t.client])]
    t = table.at(order[tied])
    equal = np.ones(len(tied), dtype=bool)
    for part in (
        t.client, t.start, t.end, t.phase, t.next, t.region, t.provider, t.kind, t.town
    ):  # fmt: skip
        equal[1:] &= part[1:] == part[:-1]
    equal[0] = False
    again[tied] = equal
    return order, again


def _without_overlap(table: _Table, notes: _Notes) -> _Table:
    """Let every client be in one phase at a time; only clients with an overlap are looked at."""
    client, start, phase = table.client, table.start, table.phase
    clash = np.flatnonzero((client[1:] == client[:-1]) & (start[1:] < table.end[:-1]))
    if not len(clash):
        return table
    end, then = table.end.copy(), table.next.copy()
    keep = np.ones(len(table), dtype=bool)
    for number in np.unique(client[clash]).tolist():
        first, past = np.searchsorted(client, [number, number + 1]).tolist()
        last = first
        for spell in range(first + 1, past):
            if start[spell] >= end[last]:
                last = spell
            elif end[last] == OPEN and start[spell] > start[last]:
                notes.add("open_but_followed", [table.row[last]])
                end[last], then[last] = start[spell], phase[spell]
                last = spell
            else:
                notes.add("overlap", [table.row[spell]])
                keep[spell] = False
    return replace(table, end=end, next=then).at(keep)


def _linked(table: _Table, notes: _Notes) -> _Table:
    """Give every spell the phase before it, and a next phase that agrees with the next spell."""
    client, phase, end, then = table.client, table.phase, table.end, table.next
    followed = np.zeros(len(table), dtype=bool)
    followed[:-1] = client[1:] == client[:-1]
    after = np.roll(phase, -1)
    missing = followed & (then == UNKNOWN)
    leaves = followed & (then >= FIRST_EXIT)
    differs = followed & ~missing & ~leaves & (then != after)
    gap = followed & ~leaves & (end < np.roll(table.start, -1))
    notes.add("next_missing", table.row[missing])
    notes.add("next_differs", table.row[differs])
    notes.add("gap", table.row[gap])
    notes.add("after_exit", np.roll(table.row, -1)[leaves])
    then = np.where(missing | differs, after, then)
    closed_last = ~followed & (end < OPEN)
    notes.add("outcome_unknown", table.row[closed_last & (then == UNKNOWN)])
    lost = np.flatnonzero(closed_last & (then >= 0) & (then < FIRST_EXIT))
    notes.add("successor_missing", table.row[lost])

    came_from = np.full(len(table), NOWHERE)
    before = np.flatnonzero(followed)
    stays = (then[before] < FIRST_EXIT) | (phase[before] == HOUSED)
    came_from[before + 1] = np.where(stays, phase[before], NOWHERE)
    table = replace(table, next=then, came_from=came_from)
    if not len(lost):
        return table
    twice = np.ones(len(table), dtype=np.int64)
    twice[lost] = 2
    since = lost + np.arange(1, len(lost) + 1)
    whole = table.at(np.repeat(np.arange(len(table)), twice))
    whole.start[since], whole.end[since] = end[lost], OPEN
    whole.phase[since], whole.next[since] = then[lost], UNKNOWN
    whole.came_from[since] = phase[lost]
    return whole


def _merged(table: _Table) -> _Table:
    """Make one spell of spells that follow each other in one phase."""
    client, phase, start = table.client, table.phase, table.start
    goes_on = np.zeros(len(table), dtype=bool)
    goes_on[1:] = (
        (client[1:] == client[:-1])
        & (phase[1:] == phase[:-1])
        & (table.came_from[1:] == phase[1:])
        & (start[1:] == table.end[:-1])
    )
    if not goes_on.any():
        return table
    firsts = np.flatnonzero(~goes_on)
    lasts = np.append(firsts[1:], len(table)) - 1
    return replace(table.at(lasts), start=start[firsts], came_from=table.came_from[firsts])


def _waiting_since(table: _Table) -> Ints:
    """Return the day since which each waits: the begin of its spells in the backlog."""
    waiting, before = np.isin(table.phase, BACKLOG), np.isin(table.came_from, BACKLOG)
    begins = np.where(waiting & before, 0, np.arange(len(table)))
    return table.start[np.maximum.accumulate(begins)]


def _numbered(
    table: _Table,
    names: _Names,
    *,
    extra: list[tuple[str, str]],
    as_of: int,
    notes: _Notes,
    told: Mapping[str, str],
) -> Histories:
    """Number clients by what happened to them, so that neither row order nor names matter."""
    first = np.flatnonzero(np.diff(table.client, prepend=-1))
    count = np.diff(np.append(first, len(table)))
    keys = _content(table, names)
    keys = np.add.reduceat(keys, first) if len(first) else keys
    known_as = [names.client[number] for number in table.client[first].tolist()]
    order = _by_key(keys, [(told.get(name, ""), name) for name in known_as])
    number = np.repeat(np.arange(len(order)), count[order])
    within = np.arange(len(table)) - np.repeat(np.cumsum(count[order]) - count[order], count[order])
    waiting_since = _waiting_since(table)
    moved = np.repeat(first[order], count[order]) + within
    table = table.at(moved)

    region_number = {name: place for place, name in enumerate(names.region)}
    town_number = {name: place for place, name in enumerate(names.town)}
    others = [(region_number[region], town_number[town]) for region, town in extra if town]
    municipality, municipalities = _pairs(table.region, table.town, names.town, others)
    provider, providers = _pairs(table.region, table.provider, names.provider, [])
    return Histories(
        client=number,
        region=table.region,
        municipality=municipality,
        kind=table.kind,
        provider=provider,
        phase=table.phase,
        start=table.start,
        end=table.end,
        next=table.next,
        came_from=table.came_from,
        waiting_since=waiting_since[moved],
        regions=names.region,
        municipalities=municipalities,
        kinds=names.kind,
        providers=providers,
        keys=_distinct(keys[order]),
        names=[known_as[place] for place in order.tolist()],
        as_of=as_of,
        warnings=notes.warnings(),
    )


def _content(table: _Table, names: _Names) -> NDArray[np.uint64]:
    """Return a number for everything a spell says, whoever's it is and wherever it stands."""
    said = np.zeros(len(table), dtype=np.uint64)
    for codes, texts in (
        (table.region, names.region),
        (table.provider, names.provider),
        (table.kind, names.kind),
        (table.town, names.town),
    ):
        of_name = np.array([of_text(text) for text in texts], dtype=np.uint64)
        said = mixed(said + of_name[codes]) if len(codes) else said
    for numbers in (table.phase, table.next, table.start, table.end):
        said = mixed(said + numbers.astype(np.uint64))
    return said


def _by_key(keys: NDArray[np.uint64], known_as: list[tuple[str, str]]) -> Ints:
    """Return the order by key; what is told of clients with the very same history, then names."""
    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    if same.any():
        tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
        order[tied] = sorted(
            order[tied].tolist(), key=lambda client: (int(keys[client]), known_as[client])
        )
    return order


def _pairs(
    region: Ints, code: Ints, texts: list[str], others: list[tuple[int, int]]
) -> tuple[Ints, list[tuple[int, str]]]:
    """Number the (region, name) pairs that occur, in their order."""
    wide = max(len(texts), 1)
    whole = region * wide + code
    occurs = np.zeros((int(whole.max(initial=0)) // wide + 1) * wide, dtype=bool)
    occurs[whole] = True
    more = {place * wide + number for place, number in others}
    found = sorted({*np.flatnonzero(occurs).tolist(), *more})
    place_of = np.zeros(max([len(occurs), *(each + 1 for each in more)]), dtype=np.int64)
    place_of[found] = np.arange(len(found))
    return place_of[whole], [(each // wide, texts[each % wide]) for each in found]


def _distinct(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Tell clients with the very same history apart by their place among each other."""
    again = np.zeros(len(keys), dtype=np.uint64)
    again[1:] = keys[1:] == keys[:-1]
    if not again.any():
        return keys
    position = np.arange(len(keys), dtype=np.int64)
    first = np.maximum.accumulate(np.where(again == 0, position, 0))
    return mixed(keys + mixed((position - first).astype(np.uint64)))
