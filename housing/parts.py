"""Parts of a matching in PostgreSQL: remembered when nothing about them changed, solved by many.

A part is numbers without a name: what a component of a region asks, or what it answers. Its key is
a hash of the question and of the version of the core, so an answer under it stays right for ever;
it is let go when nobody asked for it in `KEPT`.

A run writes down what its large parts ask, wakes helpers, and solves itself what nobody else has.
Messages only wake: a part is claimed with a token and a lease by the database's clock, as a run is,
and whoever lost it writes nothing. So a helper that dies, comes twice or comes late changes nothing
but the time it takes.
"""

import hashlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.context import working_for
from housing.matching import parts, solve_part
from housing.models import MatchPart, MatchRun, TryOut
from regions.models import Region, RunState
from regions.runs import LostClaim, kept_alive

log = structlog.get_logger(__name__)

# Parts of so many choices are worth a message; smaller ones are solved before it has arrived.
SHARED_FROM = 2_000
LEASE = timedelta(seconds=30)
# How long a run waits before it looks again whether a helper has finished.
LOOK_EVERY_SECONDS = 0.2
KEPT = timedelta(days=7)
# When a part was used is written at most this often.
USED_WITHIN = timedelta(days=1)

ANSWER = "answer-"
LONGEST_KEY = 80

Step = Callable[[], None]
Wake = Callable[[int, int], bool]


class PartMemory:
    """What is known about the parts of one region, for `match(memory=)`.

    With `from_nothing` no answer of an earlier run is used; what is found is kept all the same.
    """

    def __init__(self, region_id: int, *, from_nothing: bool = False) -> None:
        self.region_id = region_id
        self.from_nothing = from_nothing
        # Keys of which this very run has the answer, and how many components it asked for.
        self.found: set[str] = set()
        self.components = self.remembered = 0

    def get(self, key: str) -> dict[str, Any] | None:
        is_component = key.startswith(ANSWER)
        self.components += is_component
        if self.from_nothing and key not in self.found:
            return None
        with working_for(self.region_id, job="match"):
            known = self._parts(key).filter(value__isnull=False)
            value = known.values_list("value", flat=True).first()
            if value is None:
                return None
            known.filter(used_at__lt=Now() - USED_WITHIN).update(used_at=Now())
        self.remembered += is_component and key not in self.found
        answer: dict[str, Any] = value
        return answer

    def put(self, key: str, value: dict[str, Any]) -> None:
        self.found.add(key)
        with working_for(self.region_id, job="match"):
            MatchPart.objects.update_or_create(
                region_id=self.region_id,
                key=_stored(key),
                defaults={
                    "value": value,
                    "program": None,
                    "token": None,
                    "lease_until": None,
                    "used_at": Now(),
                },
            )

    @property
    def counts(self) -> dict[str, int]:
        """How many parts there were, and how many of them were solved anew."""
        return {"all": self.components, "anew": self.components - self.remembered}

    def _parts(self, key: str) -> QuerySet[MatchPart]:
        return MatchPart.objects.filter(region_id=self.region_id, key=_stored(key))


def _stored(key: str) -> str:
    """The key as the table has it: one that is too long is told by its hash."""
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


# Solving with many --------------------------------------------------------------------------------


def solve_large_ones(
    memory: PartMemory, instance: dict[str, Any], *, step: Step, wake: Wake | None
) -> None:
    """Solve the large parts of an instance together with helpers; the memory has them then.

    `step` is called all the time and may raise; `wake` sends the message for one part.
    """
    if wake is None or not _may_be_large(instance):
        return
    open_parts = _written_down(memory, instance)
    for part_id in open_parts[1:]:
        if not wake(memory.region_id, part_id):
            break  # the broker is gone: the others would only find that out as well
    while open_parts:
        step()
        open_parts = _still_open(memory.region_id, open_parts)
        # The largest is this run's own; helpers begin at the front of the others, this run behind.
        order = [*open_parts[:1], *reversed(open_parts[1:])]
        if not any(_solve(memory.region_id, part, step, None) for part in order):
            time.sleep(LOOK_EVERY_SECONDS if open_parts else 0)


def help_with(region_id: int, part_id: int) -> bool:
    """Solve a part that waits, for whoever computes in its region; False when there is none."""
    if not _somebody_computes(region_id):
        return False
    return _solve(region_id, part_id, None, lambda: _somebody_computes(region_id))


def _may_be_large(instance: dict[str, Any]) -> bool:
    return len(instance["clients"]) * len(instance["dwellings"]) >= 2 * SHARED_FROM


def _written_down(memory: PartMemory, instance: dict[str, Any]) -> list[int]:
    """Write down what the large parts ask that nobody knows; their keys, the largest first.

    One large part alone is left to the run: there is nobody to share it with.
    """
    large = {key: (size, program) for key, size, program in parts(instance) if size >= SHARED_FROM}
    with working_for(memory.region_id, job="match"):
        mine = MatchPart.objects.filter(region_id=memory.region_id, key__in=large)
        if not memory.from_nothing:
            for key in mine.filter(value__isnull=False).values_list("key", flat=True):
                del large[key]
        if len(large) < 2:
            return []
        for key, (size, program) in large.items():
            question = {"size": size, "program": program, "value": None, "token": None}
            MatchPart.objects.update_or_create(
                region_id=memory.region_id,
                key=key,
                defaults={**question, "lease_until": None, "used_at": Now()},
            )
        memory.found.update(large)
        asked = mine.filter(key__in=large).order_by("-size", "pk")
        return list(asked.values_list("pk", flat=True))


def _still_open(region_id: int, part_ids: list[int]) -> list[int]:
    with working_for(region_id, job="match"):
        waiting = MatchPart.objects.filter(pk__in=part_ids, value__isnull=True)
        return list(waiting.order_by("-size", "pk").values_list("pk", flat=True))


def _somebody_computes(region_id: int) -> bool:
    """Whether a run of the region is computing that could use the answer."""
    return any(
        model._default_manager.filter(region_id=region_id, state=RunState.RUNNING).exists()
        for model in (MatchRun, TryOut)
    )


@dataclass
class _Held:
    """The right to solve one part until the lease ends."""

    region_id: int
    part_id: int
    token: uuid.UUID
    # Whether the answer is still wanted; none means that the run itself solves it.
    is_wanted: Callable[[], bool] | None
    lost: threading.Event

    @property
    def lease(self) -> timedelta:
        return LEASE

    def keep(self, *, longer: bool) -> bool:
        if self.is_wanted is not None and not self.is_wanted():
            return False
        if not longer:
            return True
        with working_for(self.region_id, job="match"):
            return bool(self.own().update(lease_until=Now() + LEASE))

    def own(self) -> QuerySet[MatchPart]:
        return MatchPart.objects.filter(pk=self.part_id, token=self.token, value__isnull=True)

    def step(self) -> None:
        if self.lost.is_set():
            raise LostClaim

    def answer(self, value: dict[str, Any]) -> None:
        """The answer takes the place of the question."""
        with working_for(self.region_id, job="match"):
            if not self.own().update(
                value=value, program=None, token=None, lease_until=None, used_at=Now()
            ):
                raise LostClaim

    def let_go(self) -> None:
        with working_for(self.region_id, job="match"):
            self.own().update(token=None, lease_until=None)


def _solve(
    region_id: int, part_id: int, step: Step | None, is_wanted: Callable[[], bool] | None
) -> bool:
    """Claim one part and solve it; False when somebody else has it, had it, or took it over."""
    with _claimed(region_id, part_id, is_wanted) as (held, program):
        if held is None:
            return False

        def go_on() -> None:
            held.step()
            if step is not None:
                step()

        try:
            with kept_alive(held):
                value = solve_part(program, step=go_on)
            held.answer(value)
        except LostClaim:
            # The run itself was stopped, or this part is not wanted or not ours any more.
            if step is not None:
                step()
            log.info("part.lost", part=part_id)
            return False
    return True


@contextmanager
def _claimed(
    region_id: int, part_id: int, is_wanted: Callable[[], bool] | None
) -> Iterator[tuple[_Held | None, dict[str, Any]]]:
    """Yield the claim on a part and its question; the claim is None when it is not to be had.

    However it ends, the part is free for others at once.
    """
    held = _Held(region_id, part_id, uuid.uuid4(), is_wanted, threading.Event())
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    with working_for(region_id, job="match"):
        waiting = MatchPart.objects.filter(free, pk=part_id, value__isnull=True)
        if waiting.update(token=held.token, lease_until=Now() + LEASE):
            program = held.own().values_list("program", flat=True).get()
        else:
            program = None
    if program is None:
        yield None, {}
        return
    try:
        yield held, program
    finally:
        held.let_go()


# Letting go ---------------------------------------------------------------------------------------


def prune(region: Region) -> int:
    """Let go of parts that nobody asked for lately; returns how many."""
    with working_for(region.pk, job="match"):
        old = MatchPart.objects.filter(region=region, used_at__lt=Now() - KEPT)
        return old.delete()[0]
