"""What the owner of a kind of list adds to its declaration: how a row meets the database.

`judge` says for each good row what would happen, and writes nothing; `carry_out` does exactly
that. The preview and the import therefore cannot differ.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.access import Permission, Viewer
from lists.kinds import ListKind
from lists.lifecycle import RowOutcome
from lists.rows import Defect, Row
from regions.errors import Refused


@dataclass(frozen=True, slots=True)
class Given:
    """What the person said once for the whole list."""

    reference_date: Any
    sharing_ground: str = ""
    ready_counts_as_granted: bool | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that changes: was, becomes."""

    label: str
    was: str
    becomes: str


@dataclass(slots=True)
class Judged:
    """One good row, what would become of it, and the values the operation takes."""

    row: Row
    outcome: RowOutcome
    subject: str = ""
    differences: tuple[Difference, ...] = ()
    defects: tuple[Defect, ...] = ()
    facts: Any = None
    thing: Any = None
    extra: dict[str, Any] = field(default_factory=dict)

    def set_aside(self, kind: str, *, field_name: str = "", **facts: Any) -> None:
        """A person must look at this row first; nothing of it is written."""
        self.outcome = RowOutcome.SET_ASIDE
        self.defects = (*self.defects, Defect(kind, field_name=field_name or None, facts=facts))

    def reject(self, kind: str, **facts: Any) -> None:
        self.outcome = RowOutcome.REJECTED
        self.defects = (*self.defects, Defect(kind, facts=facts))


WRITTEN = frozenset({RowOutcome.NEW, RowOutcome.CHANGED})


class Importer(ABC):
    """One kind of list, met with the database."""

    kind: ListKind
    permission: Permission
    # Lists about people ask on what ground they are shared.
    is_about_people = False
    # In a file with several lists the lower goes in first, wherever it stands.
    turn = 0

    @abstractmethod
    def judge(self, rows: Sequence[Row], *, by: Viewer, given: Given) -> list[Judged]:
        """What would become of each row; reads only."""

    @abstractmethod
    def write(self, judged: Sequence[Judged], *, by: Viewer, given: Given) -> None:
        """Write rows that are new or changed, through the operations of the screen."""

    def still_right(  # noqa: B027
        self, judged: Sequence[Judged], *, by: Viewer, given: Given
    ) -> None:
        """Rows that change nothing: somebody said again what is known. For most lists nothing."""

    def afterwards(  # noqa: B027
        self, judged: Sequence[Judged], *, by: Viewer, given: Given
    ) -> None:
        """What follows once the rows are committed; for most lists nothing."""

    def subject(self, row: Row) -> str:
        """What a row is about, in a word, for whoever brought the list."""
        return " ".join(str(row.values.get(name) or "") for name in self.kind.key).strip()


def refused(judged: Judged, refusal: Refused) -> None:
    """The screen would refuse this row: the import does too, with the same sentence."""
    judged.outcome = RowOutcome.SET_ASIDE
    judged.defects = (
        *judged.defects,
        Defect("refused", facts={"sentence": refusal.sentence}),
    )


_IMPORTERS: dict[str, Importer] = {}


def register(*importers: Importer) -> None:
    """Called when an app is ready: lists knows no owner, owners announce themselves."""
    for importer in importers:
        _IMPORTERS[importer.kind.name] = importer


def importer_of(kind: str) -> Importer:
    return _IMPORTERS[kind]


def kinds_for(permissions: Iterable[Permission]) -> tuple[ListKind, ...]:
    """The kinds of list that somebody with these permissions may bring."""
    allowed = set(permissions)
    return tuple(i.kind for i in _IMPORTERS.values() if i.permission in allowed)


def all_importers() -> tuple[Importer, ...]:
    return tuple(_IMPORTERS.values())
