"""Making a result again from what was kept of it, and naming the first thing that differs."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from django.core.management.base import BaseCommand

from regions.models import Run, RunState

DIFFERS, CANNOT = 1, 2


class NothingKept(Exception):
    """What the run was asked is not kept any more, or it never was answered."""


def first_difference(kept: Any, made: Any, *, with_values: bool = True) -> str | None:
    """Where two trees of plain data differ first; None when they are equal.

    Without values only the place is told: what stands there may be about a person.
    """
    found = next(_differences(kept, made, ""), None)
    if found is None:
        return None
    place, what = found
    return f"{place}: {what}" if with_values else place


def without(result: dict[str, Any], *keys: str) -> dict[str, Any]:
    """A result less what differs by nature: seconds and versions."""
    return {key: value for key, value in result.items() if key not in keys}


def _differences(kept: Any, made: Any, where: str) -> Iterator[tuple[str, str]]:
    """Each place in which they differ, in order, and how."""
    if isinstance(kept, dict) and isinstance(made, dict):
        for key in sorted(kept.keys() | made.keys()):
            place = f"{where}.{key}" if where else key
            if key not in made or key not in kept:
                yield place, f"only {'then' if key in kept else 'now'}"
            else:
                yield from _differences(kept[key], made[key], place)
    elif isinstance(kept, list) and isinstance(made, list):
        for number, (one, other) in enumerate(zip(kept, made, strict=False)):
            yield from _differences(one, other, f"{where}[{number}]")
        if len(kept) != len(made):
            yield where, f"{len(kept)} rows then, {len(made)} now"
    elif kept != made or type(kept) is not type(made):
        yield where, f"{_short(kept)} then, {_short(made)} now"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


class ReplayCommand(BaseCommand):
    """What every command that replays a run says: equal (0), the difference (1), cannot (2)."""

    model: ClassVar[type[Run]]
    core_version: ClassVar[str]
    noun: ClassVar[str]

    def difference(self, run: Any) -> str | None:
        """Where a replay of the run differs; raises NothingKept."""
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ref", type=UUID, help="of the run, as in the address of its page")

    def handle(self, *args: Any, ref: UUID, **options: Any) -> None:
        run = self.model._default_manager.filter(ref=ref).first()
        if run is None:
            self.end(CANNOT, f"There is no {self.noun} with this ref.")
        self.replay(run)

    def replay(self, run: Run) -> None:
        """Replay one run and say what came of it."""
        if run.state != RunState.DONE:
            self.end(CANNOT, f"This {self.noun} is {run.state}: it has no result.")
        if run.core_version != self.core_version:
            self.end(
                CANNOT,
                f"Core {run.core_version} made this {self.noun} and this is {self.core_version}: "
                "replay it with the version of Weerthuis that made it.",
            )
        try:
            difference = self.difference(run)
        except NothingKept:
            self.end(CANNOT, f"What this {self.noun} was asked is not kept any more.")
        if difference is not None:
            self.end(DIFFERS, f"different: {difference}")
        self.stdout.write("equal")

    def end(self, code: int, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(code)
