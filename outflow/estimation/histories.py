"""Turns spells into histories that do not contradict themselves, and says what it had to mend.

Nothing is dropped in silence: every spell that is set aside or read otherwise than it stands is
counted in a warning with its rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outflow.estimation.chance import mixed
from outflow.estimation.contract import BACKLOG, FIRST_EXIT, HOUSED, NOWHERE
from outflow.estimation.tables import OPEN, UNKNOWN

Ints = NDArray[np.int64]

CONTENT = ["region", "provider", "facility_type", "municipality", "phase", "start", "end", "next"]
ORDER = ["client", "start", "end", "phase", "next", *CONTENT[:4]]

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

    ``client`` counts from 0 in the order of ``keys``; ``region``, ``municipality`` and ``kind``
    (facility type) are indexes into the names; ``came_from`` is the phase before, NOWHERE for who
    arrives; ``next`` is a state, UNKNOWN while it lasts or when nobody knows.
    """

    client: Ints
    region: Ints
    municipality: Ints
    kind: Ints
    phase: Ints
    start: Ints
    end: Ints
    next: Ints
    came_from: Ints
    waiting_since: Ints
    regions: list[str]
    municipalities: list[tuple[int, str]]
    kinds: list[str]
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
    spells: pd.DataFrame, *, as_of: int, places: Iterable[tuple[str, str]] = ()
) -> Histories:
    """Return the histories behind the spells of ``read_spells``, as known on day ``as_of``.

    ``places`` are regions and municipalities that matter beside those of the spells ("": none).
    """
    notes = _Notes()
    table = _set_aside(spells, spells["start"] >= as_of, "after_as_of", notes)
    table = _set_aside(table, table["end"] < table["start"], "ends_before_begin", notes)
    unfinished = (table["end"] == OPEN) & (table["next"] != UNKNOWN)
    notes.add("next_without_end", table.loc[unfinished, "row"])
    lasting = table["end"] >= as_of
    table = table.assign(
        end=table["end"].where(~lasting, OPEN), next=table["next"].where(~lasting, UNKNOWN)
    )
    table = table.sort_values([*ORDER, "row"], ignore_index=True)
    table = _set_aside(table, table.duplicated(ORDER), "duplicate_row", notes)
    table = _without_overlap(table, notes)
    table = _merged(_linked(table, notes))
    extra = sorted(set(places))
    return _numbered(
        table,
        regions=sorted(set(spells["region"]) | {region for region, _ in extra}),
        extra=[place for place in extra if place[1]],
        kinds=sorted(set(spells["facility_type"])),
        as_of=as_of,
        notes=notes,
    )


def _set_aside(
    table: pd.DataFrame, which: "pd.Series[bool]", code: str, notes: _Notes
) -> pd.DataFrame:
    if not which.any():
        return table
    notes.add(code, table.loc[which, "row"])
    return table.loc[~which].reset_index(drop=True)


def _without_overlap(table: pd.DataFrame, notes: _Notes) -> pd.DataFrame:
    """Let every client be in one phase at a time; only clients with an overlap are looked at."""
    client = table["client"].to_numpy()
    start, end = table["start"].to_numpy().copy(), table["end"].to_numpy().copy()
    phase, then = table["phase"].to_numpy(), table["next"].to_numpy().copy()
    rows = table["row"].to_numpy()
    clash = np.flatnonzero((client[1:] == client[:-1]) & (start[1:] < end[:-1]))
    if not len(clash):
        return table
    keep = np.ones(len(table), dtype=bool)
    for name in sorted(set(client[clash])):
        first, past = (
            int(np.searchsorted(client, name, side="left")),
            int(np.searchsorted(client, name, side="right")),
        )
        last = first
        for spell in range(first + 1, past):
            if start[spell] >= end[last]:
                last = spell
            elif end[last] == OPEN and start[spell] > start[last]:
                notes.add("open_but_followed", [rows[last]])
                end[last], then[last] = start[spell], phase[spell]
                last = spell
            else:
                notes.add("overlap", [rows[spell]])
                keep[spell] = False
    return table.assign(end=end, next=then).loc[keep].reset_index(drop=True)


def _linked(table: pd.DataFrame, notes: _Notes) -> pd.DataFrame:
    """Give every spell the phase before it, and a next phase that agrees with the next spell."""
    client, rows = table["client"].to_numpy(), table["row"].to_numpy()
    phase, start = table["phase"].to_numpy(), table["start"].to_numpy()
    end, then = table["end"].to_numpy(), table["next"].to_numpy().copy()
    followed = np.zeros(len(table), dtype=bool)
    followed[:-1] = client[1:] == client[:-1]
    after = np.roll(phase, -1)
    missing = followed & (then == UNKNOWN)
    leaves = followed & (then >= FIRST_EXIT)
    differs = followed & ~missing & ~leaves & (then != after)
    gap = followed & ~leaves & (end < np.roll(start, -1))
    notes.add("next_missing", rows[missing])
    notes.add("next_differs", rows[differs])
    notes.add("gap", rows[gap])
    notes.add("after_exit", np.roll(rows, -1)[leaves])
    then = np.where(missing | differs, after, then)
    closed_last = ~followed & (end < OPEN)
    notes.add("outcome_unknown", rows[closed_last & (then == UNKNOWN)])
    lost = closed_last & (then >= 0) & (then < FIRST_EXIT)
    notes.add("successor_missing", rows[lost])

    came_from = np.full(len(table), NOWHERE)
    before = np.flatnonzero(followed)
    stays = (then[before] < FIRST_EXIT) | (phase[before] == HOUSED)
    came_from[before + 1] = np.where(stays, phase[before], NOWHERE)
    table = table.assign(next=then, came_from=came_from)
    if not lost.any():
        return table
    since = table.loc[lost].assign(
        phase=then[lost], start=end[lost], end=OPEN, next=UNKNOWN, came_from=phase[lost]
    )
    whole = pd.concat([table, since], ignore_index=True)
    return whole.sort_values(["client", "start", "end"], kind="stable", ignore_index=True)


def _merged(table: pd.DataFrame) -> pd.DataFrame:
    """Make one spell of spells that follow each other in one phase, and say who waits since."""
    client, phase = table["client"].to_numpy(), table["phase"].to_numpy()
    start, end = table["start"].to_numpy(), table["end"].to_numpy()
    came_from = table["came_from"].to_numpy()
    goes_on = np.zeros(len(table), dtype=bool)
    goes_on[1:] = (
        (client[1:] == client[:-1])
        & (phase[1:] == phase[:-1])
        & (came_from[1:] == phase[1:])
        & (start[1:] == end[:-1])
    )
    firsts = np.flatnonzero(~goes_on)
    lasts = np.append(firsts[1:], len(table)) - 1 if len(firsts) else firsts
    merged = (
        table.iloc[lasts]
        .assign(start=start[firsts], came_from=came_from[firsts])
        .reset_index(drop=True)
    )
    waiting, before = np.isin(merged["phase"], BACKLOG), np.isin(merged["came_from"], BACKLOG)
    begins = np.where(waiting & before, 0, np.arange(len(merged)))
    since = merged["start"].to_numpy()[np.maximum.accumulate(begins)]
    return merged.assign(waiting_since=since)


def _numbered(
    table: pd.DataFrame,
    *,
    regions: list[str],
    extra: list[tuple[str, str]],
    kinds: list[str],
    as_of: int,
    notes: _Notes,
) -> Histories:
    """Number clients by what happened to them, so that neither row order nor names matter."""
    codes, names = pd.factorize(table["client"])
    content = table[CONTENT].astype({"phase": "int64", "next": "int64"})
    hashes = pd.util.hash_pandas_object(content, index=False).to_numpy(dtype=np.uint64)
    keys = np.zeros(len(names), dtype=np.uint64)
    np.add.at(keys, codes, mixed(hashes.astype(np.uint64)))
    order = np.argsort(keys, kind="stable")
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    keys = _distinct(keys[order].astype(np.uint64))

    table = table.assign(number=place[codes] if len(names) else codes)
    table = table.sort_values(["number", "start", "end"], kind="stable", ignore_index=True)
    region_number = {name: number for number, name in enumerate(regions)}
    region = table["region"].map(region_number).to_numpy().astype(np.int64)
    lived = list(zip(region.tolist(), table["municipality"].tolist(), strict=True))
    towns = sorted({*lived, *((region_number[place], town) for place, town in extra)})
    town_number = {town: number for number, town in enumerate(towns)}
    kind_number = {name: number for number, name in enumerate(kinds)}
    return Histories(
        client=table["number"].to_numpy(dtype=np.int64),
        region=region,
        municipality=np.array([town_number[town] for town in lived], dtype=np.int64),
        kind=table["facility_type"].map(kind_number).to_numpy().astype(np.int64),
        **{
            name: table[name].to_numpy(dtype=np.int64)
            for name in ("phase", "start", "end", "next", "came_from", "waiting_since")
        },
        regions=regions,
        municipalities=towns,
        kinds=kinds,
        keys=keys,
        names=[str(names[number]) for number in order.tolist()],
        as_of=as_of,
        warnings=notes.warnings(),
    )


def _distinct(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Tell clients with the very same history apart by their place among each other."""
    again = np.zeros(len(keys), dtype=np.uint64)
    again[1:] = keys[1:] == keys[:-1]
    if not again.any():
        return keys
    position = np.arange(len(keys), dtype=np.int64)
    first = np.maximum.accumulate(np.where(again == 0, position, 0))
    return mixed(keys + mixed((position - first).astype(np.uint64)))
