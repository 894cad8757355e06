"""How a run is asked for, claimed once, kept alive, finished and found again.

PostgreSQL is the truth, and its clock is the clock: leases are compared with the database's own
time, so that a worker whose clock is wrong takes nothing away from another.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Any, Protocol

import structlog
from django.apps import apps
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, F, Max, Q, QuerySet, When
from django.db.models.functions import Least, Now
from django.db.utils import IntegrityError

from regions.errors import Refused
from regions.models import UNFINISHED, Region, Run, RunFailure, RunState

log = structlog.get_logger(__name__)

# Workers that may die over one run before it is given up.
MOST_ATTEMPTS = 3
# How long a message may be on its way before the run is offered again.
PATIENCE = timedelta(seconds=30)
IMMEDIATELY = timedelta(0)
# A computation that takes longer than this hangs: its lease is no longer extended.
LONGEST = timedelta(hours=1)
# A follow-up over which workers keep dying is let go after this.
FOLLOWED_UP_WITHIN = timedelta(hours=6)
# What was committed so shortly before a run began may have been invisible to it. A debounce is
# longer, so that a change is never noticed for ever.
OVERLAP = timedelta(seconds=5)
# Steps are told this often at most, however often a core reports.
TELL_EVERY_SECONDS = 1.0
_TRIES = 5


class NotClaimed(Exception):
    """Another worker has this run, or its region, or it is finished. Nothing to do."""


class LostClaim(Exception):
    """Another worker took over, or the run was stopped: whatever was computed here is dropped."""


# Asking ------------------------------------------------------------------------------------------


def request[AnyRun: Run](
    model: type[AnyRun],
    *,
    region: Region,
    cause: str,
    wait: timedelta = IMMEDIATELY,
    night: date | None = None,
    **question: Any,
) -> AnyRun:
    """Return the run that will answer: the one that waits already, or a new one.

    `question` holds the fields that make two runs the same. A run that waits with the same
    question takes the cause along and never waits longer for it; one with another question is
    superseded by a run that takes its causes, its turn and its night over. With `night` there is
    one run for that night, whatever became of it.
    """
    for tried in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                return _request(model, region, cause, wait, night, question)
        except IntegrityError:
            # Somebody else asked, or a worker claimed, in the same moment: look again.
            if tried == _TRIES:
                raise
    raise AssertionError("unreachable")


def _request[AnyRun: Run](
    model: type[AnyRun],
    region: Region,
    cause: str,
    wait: timedelta,
    night: date | None,
    question: dict[str, Any],
) -> AnyRun:
    runs = model._default_manager
    of_night = {} if night is None else {"night": night}
    if of_night:
        made = runs.filter(region=region, **of_night).first()
        if made is not None:
            return made
    waits = (
        runs.select_for_update(of=("self",)).filter(region=region, state=RunState.QUEUED).first()
    )
    causes = _joined(waits.cause if waits else "", cause)
    if waits is not None:
        if all(getattr(waits, name) == value for name, value in question.items()):
            runs.filter(pk=waits.pk).update(
                cause=causes, not_before=Least(F("not_before"), Now() + wait), **of_night
            )
            waits.refresh_from_db()
            return waits
        night_of_old = getattr(waits, "night", None)
        if night_of_old and not of_night:
            of_night = {"night": night_of_old}
            runs.filter(pk=waits.pk).update(night=None)
        runs.filter(pk=waits.pk).update(state=RunState.SUPERSEDED, finished_at=Now())
    due = Now() + wait
    made = runs.create(
        region=region,
        cause=causes,
        not_before=Least(due, waits.not_before) if waits else due,
        # Whoever asks also sends the message; what waits is offered when it is due.
        offered_at=None if wait else Now(),
        **of_night,
        **question,
    )
    made.refresh_from_db()
    return made


def _joined(causes: str, cause: str) -> str:
    return ",".join(dict.fromkeys([*filter(None, causes.split(",")), cause]))


def began_last(model: type[Run], *, region_id: int) -> datetime | None:
    """The moment before which the latest run of the region surely saw everything; None: no run.

    Whoever stops a run wants none for what happened until then.
    """
    begun = Case(When(state=RunState.CANCELLED, then="finished_at"), default="started_at")
    latest = model._default_manager.filter(region_id=region_id).aggregate(at=Max(begun))["at"]
    return latest and latest - OVERLAP


# Ending one that is not wanted any more -----------------------------------------------------------


def cancel(run: Run) -> bool:
    """Stop a run that waits or runs; False when it had ended already.

    Whoever carries it out learns so within a second, and stops.
    """
    return bool(
        type(run)
        ._default_manager.filter(pk=run.pk, state__in=UNFINISHED)
        .update(state=RunState.CANCELLED, finished_at=Now(), lease_until=None)
    )


def make_way(run: Run, *, changed_since: Callable[[datetime], bool]) -> bool:
    """Supersede the run that the region computes, if facts changed since it read them.

    `run` waits for its turn and takes the causes along. A run that was asked for a night or for
    all regions together is let be, and so is one that came after a superseded one: somebody must
    finish, however fast things change.
    """
    of_region = type(run)._default_manager.filter(region_id=run.region_id)
    busy = of_region.filter(state=RunState.RUNNING).first()
    if busy is None or busy.pk == run.pk or busy.started_at is None or busy.must_finish:
        return False
    begun = of_region.exclude(pk=busy.pk).filter(started_at__lt=busy.started_at)
    before = begun.order_by("-started_at", "-pk").first()
    if before is not None and before.state == RunState.SUPERSEDED:
        return False
    if not changed_since(busy.started_at):
        return False
    with transaction.atomic():
        waits = of_region.select_for_update(of=("self",)).filter(
            pk=run.pk, state=RunState.QUEUED, not_before__lte=Now()
        )
        newer = waits.first()
        if newer is None:
            return False
        running = of_region.filter(pk=busy.pk, token=busy.token, state=RunState.RUNNING)
        if not running.update(state=RunState.SUPERSEDED, finished_at=Now(), lease_until=None):
            return False
        of_region.filter(pk=run.pk).update(cause=_joined(busy.cause, newer.cause))
    log.info("run.superseded", run=str(busy.ref), by=str(run.ref))
    return True


# Claiming ----------------------------------------------------------------------------------------


class Held(Protocol):
    """What a worker holds while it computes, and a thread beside it keeps."""

    lost: threading.Event

    @property
    def lease(self) -> timedelta:
        """How long others stay away without a sign of life."""

    def keep(self, *, longer: bool) -> bool:
        """Extend the lease when asked to; False when it is not ours any more."""


class Claim:
    """The right to carry out one run until the lease ends.

    `state` is the one that the run has meanwhile: running, or done when only its follow-up is to
    be worked out.
    """

    def __init__(self, run: Run, token: uuid.UUID, *, state: RunState = RunState.RUNNING) -> None:
        self.run = run
        self.token = token
        self.state = state
        self.lost = threading.Event()
        self._told = ("", 0.0)
        self._noted: tuple[str, int, int] | None = None

    def step(self, label: str, done: int = 0, total: int = 0) -> None:
        """Show where the work is, and keep the lease; a core may call it as often as it likes."""
        if self.lost.is_set():
            raise LostClaim
        now = time.monotonic()
        before, told_at = self._told
        if label == before and now - told_at < TELL_EVERY_SECONDS:
            return
        self._told = (label, now)
        if not self._own().update(
            step=label,
            steps_done=done,
            steps_total=total,
            lease_until=Now() + self.run.LEASE,
        ):
            raise LostClaim

    def note(self, label: str, *, done: int, total: int) -> None:
        """Say where the work is without writing it here.

        For one long transaction: had it written the run's row, nobody could extend the lease. The
        thread that does so tells it from a connection of its own.
        """
        if self.lost.is_set():
            raise LostClaim
        self._noted = (label, done, total)

    def put(self, **facts: object) -> None:
        """Write something of the run while the work goes on."""
        if not self._own().update(**facts):
            raise LostClaim

    def tell(self) -> bool:
        """Write what was noted, if anything new was; False when somebody else has the run."""
        noted, self._noted = self._noted, None
        if noted is None:
            return True
        step, done, total = noted
        return bool(
            self._own().update(
                step=step,
                steps_done=done,
                steps_total=total,
                lease_until=Now() + self.run.LEASE,
            )
        )

    def extend(self) -> bool:
        """Keep the lease; False when somebody else has the run."""
        return bool(self._own().update(lease_until=Now() + self.run.LEASE))

    @property
    def lease(self) -> timedelta:
        return self.run.LEASE

    def keep(self, *, longer: bool) -> bool:
        """Write what was noted, extend the lease when asked to; False when the run is not ours."""
        return self.tell() and (self.extend() if longer else not self._is_taken())

    def finish(self, **facts: object) -> None:
        """Mark the run done, first thing in the transaction that writes its rows.

        Raises `LostClaim` when another worker took over; until the transaction ends nobody can.
        What is still to be worked out about the result is offered as a follow-up.
        """
        follow_up: dict[str, Any] = {}
        if self.run.FOLLOW_UP:
            follow_up = {"step": self.run.FOLLOW_UP, "steps_total": 0, "offered_at": None}
        kept = self._own().update(
            state=RunState.DONE,
            finished_at=Now(),
            lease_until=None,
            failure="",
            **follow_up,
            **facts,
        )
        if not kept:
            raise LostClaim

    def followed_up(self) -> None:
        """Mark that nothing is left to do, first thing in the transaction that writes it."""
        if not self._own().update(step="", steps_done=0, steps_total=0, lease_until=None):
            raise LostClaim

    def fail(self, reason: str) -> None:
        """End the run with its reason."""
        self._own().update(
            state=RunState.FAILED, failure=reason, finished_at=Now(), lease_until=None
        )

    def let_go(self) -> None:
        """End the lease at once, so that the run is offered again."""
        self._own().update(lease_until=Now())

    def _is_taken(self) -> bool:
        """Whether the row says that somebody else has the run, or that it was ended."""
        run = type(self.run)._default_manager.filter(pk=self.run.pk)
        return run.exclude(token=self.token, state=self.state).exists()

    def _own(self) -> QuerySet[Run]:
        runs = type(self.run)._default_manager
        mine = runs.filter(pk=self.run.pk, token=self.token, state=self.state)
        return mine if self.state == RunState.RUNNING else mine.filter(step=self.run.FOLLOW_UP)


def claim(run: Run) -> Claim:
    """Take the run: queued and due, or running under a lease that ended.

    Two workers may call this at once; the conditional UPDATE and the constraint of one running
    run per region let one of them through.
    """
    token = uuid.uuid4()
    try:
        with transaction.atomic():
            taken = (
                type(run)
                ._default_manager.filter(_free(), pk=run.pk)
                .update(
                    state=RunState.RUNNING,
                    token=token,
                    started_at=Now(),
                    lease_until=Now() + run.LEASE,
                    attempts=F("attempts") + 1,
                    step="",
                    steps_done=0,
                    steps_total=0,
                )
            )
    except IntegrityError as busy:
        raise NotClaimed from busy
    if not taken:
        raise NotClaimed
    run.refresh_from_db()
    return Claim(run, token)


@contextmanager
def claimed(run: Run) -> Iterator[Claim]:
    """Carry out a run: yields the claim, keeps its lease, and records the reason if it fails.

    A refusal is the run's result and stays. When the database or the worker goes away the lease
    ends and the run is offered again. Any other failure is recorded by its kind (the text of an
    exception may hold personal data) and raised on, so that the worker logs it.
    """
    held = claim(run)
    try:
        with kept_alive(held):
            yield held
    except LostClaim:
        log.warning("run.lost", run=str(run.ref), attempt=run.attempts)
    except Refused as refusal:
        held.fail(refusal.sentence)
    except (OperationalError, InterfaceError, KeyboardInterrupt, SystemExit):
        with suppress(OperationalError, InterfaceError):
            held.let_go()
        raise
    except BaseException as fault:
        held.fail(f"{RunFailure.FAULT}:{type(fault).__name__}")
        raise


@contextmanager
def following_up(run: Run) -> Iterator[Claim]:
    """Work out what is left of a run that is done: yields the claim and keeps its lease.

    The result stays whatever happens here: what goes wrong ends the follow-up and is raised on.
    When the database or the worker goes away it is offered again.
    """
    token = uuid.uuid4()
    runs = type(run)._default_manager.filter(pk=run.pk)
    if not runs.filter(_left_to_do(type(run))).update(token=token, lease_until=Now() + run.LEASE):
        raise NotClaimed
    run.refresh_from_db()
    held = Claim(run, token, state=RunState.DONE)
    try:
        with kept_alive(held):
            yield held
    except LostClaim:
        log.warning("run.follow_up_lost", run=str(run.ref))
    except (OperationalError, InterfaceError, KeyboardInterrupt, SystemExit):
        with suppress(OperationalError, InterfaceError):
            held.let_go()
        raise
    except BaseException:
        with suppress(LostClaim):
            held.followed_up()
        raise


@contextmanager
def kept_alive(held: Held) -> Iterator[None]:
    """Extend the lease from a thread of its own: a solver reports nothing for minutes."""
    done = threading.Event()
    thread = threading.Thread(target=_keep_alive, args=(held, done), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=5)


def _keep_alive(held: Held, done: threading.Event) -> None:
    until = time.monotonic() + LONGEST.total_seconds()
    pause = held.lease.total_seconds() / 4
    extended_at = time.monotonic()
    try:
        while not done.wait(min(pause, TELL_EVERY_SECONDS)) and time.monotonic() < until:
            is_due = time.monotonic() - extended_at >= pause
            try:
                if not held.keep(longer=is_due):
                    held.lost.set()
                    return
            except (OperationalError, InterfaceError):
                connection.close()  # the next turn opens a new one
                continue
            if is_due:
                extended_at = time.monotonic()
    finally:
        connection.close()


# Finding again -----------------------------------------------------------------------------------


def _free() -> Q:
    """Queued and due, or running under a lease that ended."""
    return Q(state=RunState.QUEUED, not_before__lte=Now()) | Q(
        state=RunState.RUNNING, lease_until__lt=Now()
    )


def _left_to_do(model: type[Run]) -> Q:
    """Done lately, with a follow-up that nobody works on."""
    if not model.FOLLOW_UP:
        return Q(pk__in=[])
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    return free & Q(
        state=RunState.DONE, step=model.FOLLOW_UP, finished_at__gt=Now() - FOLLOWED_UP_WITHIN
    )


def waiting_to_be_offered[AnyRun: Run](
    model: type[AnyRun], *, patience: timedelta = PATIENCE
) -> QuerySet[AnyRun]:
    """Runs that a worker should hear of (again): lost on the way, or dead in the middle."""
    quiet = Q(offered_at__isnull=True) | Q(offered_at__lte=Now() - patience)
    there = model._default_manager.filter((_free() | _left_to_do(model)) & quiet)
    return there.order_by("not_before", "pk")


def offer(
    model: type[Run], *, region_id: int | None = None, patience: timedelta = PATIENCE
) -> list[int]:
    """Return the keys of the runs to wake a worker for; two that ask share them."""
    waiting = waiting_to_be_offered(model, patience=patience)
    if region_id is not None:
        waiting = waiting.filter(region_id=region_id)
    return [
        pk
        for pk in list(waiting.values_list("pk", flat=True))
        if waiting.filter(pk=pk).order_by().update(offered_at=Now())
    ]


def give_up(model: type[Run]) -> int:
    """Fail the runs over which worker after worker died; returns how many."""
    dead = model._default_manager.filter(
        state=RunState.RUNNING, lease_until__lt=Now(), attempts__gte=MOST_ATTEMPTS
    )
    return dead.update(
        state=RunState.FAILED,
        failure=RunFailure.WORKER_LOST,
        finished_at=Now(),
        lease_until=None,
    )


def models() -> list[type[Run]]:
    """Every kind of run that a task carries out."""
    return [model for model in apps.get_models() if issubclass(model, Run) and model.TASK]
