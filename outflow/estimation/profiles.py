"""What home and support people need: known for some, and of the others somebody like them.

A client whose need is known keeps it. A client whose need is not known, and everybody who has yet
to come, gets the whole need of a donor: a client of the same region and facility type, else of the
same region, else anybody. Wholes, so that combinations stay real (who needs a wheelchair home also
has the rent of somebody who does). Which donor is drawn anew in each draw, by a hash of the person.

Rows ``by``, of a region:

``form``         the housing forms that suit, several joined by ``;``
``rent_class``   as in the list; a rent in euros counts in steps of fifty: ``750`` is above 700
``bedrooms``     the least number, ``"2"``
``accessible``   as in the list, ``none`` where the need names nothing
``support``      people who need that kind (who needs two counts twice), ``none`` who need none
``hours``        ``total``: the sum of guidance hours a week

A value ``""`` is unknown: the need does not say, or there is no donor. The values of the first four
add up to everybody.
"""

import math
import re
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from outflow.estimation.chance import Keys, uniform
from outflow.estimation.contract import BACKLOG_AT_END, BECOMES_READY, ENTERS_HOUSED, NEEDS_DWELLING
from outflow.estimation.exposure import Ints
from outflow.estimation.histories import Histories

COUNTED = (BECOMES_READY, NEEDS_DWELLING, ENTERS_HOUSED, BACKLOG_AT_END)
"""The measures told apart by need."""

SINGLE = ("form", "rent_class", "bedrooms", "accessible")
"""Attributes of which everybody has one value."""

NOBODY_KNOWS = 0
"""The row of who has no known need and no donor."""

NONE = "none"
RENT_STEP = 50
HALF_HOURS = 2
"""Hours are counted in halves, so that sums are whole."""

DONOR_STEP = -4

_RENT = re.compile(r"\d+([.,]\d+)?")


@dataclass(frozen=True)
class Need:
    """What one client needs, as in the list."""

    form: str = ""
    rent_class: str = ""
    bedrooms: str = ""
    accessible: str = ""
    support: tuple[str, ...] = ("",)
    half_hours: int = 0

    @property
    def forms(self) -> frozenset[str]:
        """The housing forms that suit."""
        return frozenset(self.form.split(";")) - {""}


@dataclass(frozen=True)
class Profiles:
    """The distinct needs (``rows``, the first is unknown), who has which, and who gives to whom.

    ``of_client`` is the row of each client, -1 where it is not known. ``pool`` holds the rows of
    possible donors; those of group g are ``pool[first[g]:first[g] + count[g]]``. ``labels`` are
    the values told apart and ``weigh`` (rows, values) how much a person counts for each.
    """

    rows: list[Need]
    of_client: Ints
    pool: Ints
    first: Ints
    count: Ints
    labels: list[dict[str, str]]
    weigh: Ints

    def given(self, keys: Keys, groups: Ints) -> Ints:
        """Return the row of a donor for people with these keys, of these groups."""
        count = self.count[groups]
        place = np.floor(uniform(keys, DONOR_STEP) * count).astype(np.int64)
        found = np.full(len(keys), NOBODY_KNOWS)
        some = count > 0
        found[some] = self.pool[self.first[groups[some]] + np.minimum(place, count - 1)[some]]
        return found

    def flags(self, kind: dict[str, str]) -> NDArray[np.bool_]:
        """Flag the rows whose need has a kind: all of ``{}``, or a form, an accessibility, ..."""
        return np.array(
            [
                all(
                    value in need.forms
                    if name == "form"
                    else value in need.support
                    if name == "support"
                    else getattr(need, name) == value
                    for name, value in kind.items()
                )
                for need in self.rows
            ],
            dtype=bool,
        )


TOLD = ("form", "rent_class", "bedrooms", "accessible", "support", "hours")
"""Columns of a list of needs that say what somebody needs."""


def profiles(histories: Histories, needs: pd.DataFrame) -> Profiles:
    """Return the profiles behind the needs of ``tables.read_needs``.

    A row that is blank says nothing of its client; a column that nobody filled says nothing.
    """
    h = histories
    listed = [name for name in TOLD if needs[name].astype(str).ne("").any()]
    number = {name: client for client, name in enumerate(h.names)}
    found = {
        number[str(client)]: _need(row, listed)
        for client, row in zip(needs["client"], needs.to_dict("records"), strict=True)
        if client in number and any(str(row[name]) for name in listed)
    }
    rows = [Need(), *sorted(set(found.values()) - {Need()}, key=_in_order)]
    place = {need: row for row, need in enumerate(rows)}
    of_client = np.full(len(h.keys), -1, dtype=np.int64)
    for client, need in found.items():
        of_client[client] = place[need]
    pool, first, count = _pools(h, of_client)
    labels, weigh = _values(rows)
    return Profiles(rows, of_client, pool, first, count, labels, weigh)


def _need(row: dict[Hashable, object], listed: Collection[str]) -> Need:
    """Return the need of a row; blank means no need only in a column that the list keeps."""

    def cell(name: str) -> str:
        return str(row[name])

    support = tuple(sorted({kind.strip() for kind in cell("support").split(";")} - {""}))
    hours = cell("hours")
    forms = sorted({form.strip() for form in cell("form").split(";")} - {""})
    return Need(
        form=";".join(forms),
        rent_class=rent_class(cell("rent_class")),
        bedrooms=cell("bedrooms"),
        accessible=cell("accessible") or (NONE if "accessible" in listed else ""),
        support=support or ((NONE,) if "support" in listed else ("",)),
        half_hours=int(math.floor(HALF_HOURS * float(hours) + 0.5)) if hours else 0,
    )


def rent_class(text: str) -> str:
    """Return the class of a rent: itself, or euros rounded up to fifty.

    >>> rent_class("712.50"), rent_class("700"), rent_class("low"), rent_class("")
    ('750', '700', 'low', '')
    """
    if not _RENT.fullmatch(text):
        return text
    return str(RENT_STEP * math.ceil(float(text.replace(",", ".")) / RENT_STEP))


def _in_order(need: Need) -> tuple[object, ...]:
    return (
        need.form,
        need.rent_class,
        need.bedrooms,
        need.accessible,
        need.support,
        need.half_hours,
    )


def _pools(h: Histories, of_client: Ints) -> tuple[Ints, Ints, Ints]:
    """Return donors by group (region x type): of the group, else the region, else everywhere."""
    kinds = max(len(h.kinds), 1)
    groups = len(h.regions) * kinds
    last = np.zeros(len(of_client), dtype=np.int64)
    last[h.client] = h.region * kinds + h.kind
    known = np.flatnonzero(of_client >= 0)
    own = [np.sort(of_client[known[last[known] == group]]) for group in range(groups)]
    regions = [
        np.sort(np.concatenate(own[begin : begin + kinds])) for begin in range(0, groups, kinds)
    ]
    anybody = np.sort(of_client[known])
    parts = [*own, *regions, anybody]
    begin = np.cumsum([0, *(len(part) for part in parts)])
    which = [
        group
        if len(own[group])
        else groups + group // kinds
        if len(regions[group // kinds])
        else len(parts) - 1
        for group in range(groups)
    ]
    return (
        np.concatenate(parts),
        begin[which].astype(np.int64),
        np.array([len(parts[part]) for part in which], dtype=np.int64),
    )


def _values(rows: Sequence[Need]) -> tuple[list[dict[str, str]], Ints]:
    labels: list[dict[str, str]] = []
    columns: list[list[int]] = []
    for name in SINGLE:
        for value in sorted({getattr(need, name) for need in rows}, key=_by_number):
            labels.append({name: value})
            columns.append([int(getattr(need, name) == value) for need in rows])
    for kind in sorted({kind for need in rows for kind in need.support}):
        labels.append({"support": kind})
        columns.append([int(kind in need.support) for need in rows])
    labels.append({"hours": "total"})
    columns.append([need.half_hours for need in rows])
    return labels, np.array(columns, dtype=np.int64).T.reshape(len(rows), len(labels))


def _by_number(value: str) -> tuple[int, str]:
    return (int(value) if value.isdecimal() else -1, value)


class NeedNotes:
    """Counts events by what people need, in one chunk of draws."""

    def __init__(self, known: Profiles, *, draws: int, regions: int, quarters: int) -> None:
        self.known, self.draws, self.regions, self.quarters = known, draws, regions, quarters
        self.noted: dict[tuple[int, int], list[tuple[Ints, int]]] = {}

    def add(self, measure: int, quarter: int, place: Ints, profile: Ints, times: int = 1) -> None:
        """Count people of draw x region ``place`` with these profiles in a measure of COUNTED."""
        notes = self.noted.setdefault((COUNTED.index(measure), quarter), [])
        notes.append((place * len(self.known.rows) + profile, times))

    def result(self) -> Ints:
        """Return counts (draws, regions, values, measures, quarters)."""
        values = len(self.known.labels)
        found = np.zeros(
            (self.draws * self.regions, values, len(COUNTED), self.quarters), dtype=np.int64
        )
        for (measure, quarter), notes in self.noted.items():
            code, which = np.unique(
                np.concatenate([note for note, _ in notes]), return_inverse=True
            )
            times = np.repeat([count for _, count in notes], [len(note) for note, _ in notes])
            people = np.bincount(which, weights=times).astype(np.int64)
            place, row = code // len(self.known.rows), code % len(self.known.rows)
            weighed = people[:, None] * self.known.weigh[row]
            begins = np.flatnonzero(np.diff(place, prepend=-1))
            if len(begins):
                found[place[begins], :, measure, quarter] = np.add.reduceat(weighed, begins)
        return found.reshape(self.draws, self.regions, *found.shape[1:])
