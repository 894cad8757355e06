"""Ten people at work at the same time on a database of 20,000 clients: how long each page takes."""

import asyncio
import json
import math
import os
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench import site
from bench.browser import Broken
from bench.people import LISTS, Person, kind_of
from tools.servers import Servers

READ_GOAL = 0.300
WRITE_GOAL = 0.500
SECONDS_BETWEEN = 2.0
SHARE_OF_LISTS, SHARE_OF_PAGES, SHARE_OF_WRITES = 0.80, 0.15, 0.05
SEED = 2026
THERE = {
    "clients in care": "SELECT count(*) FROM outflow_spell"
    " WHERE until_on IS NULL AND phase <> 'housed'",
    "clients in all": "SELECT count(*) FROM outflow_client",
    "dwellings": "SELECT count(*) FROM housing_dwelling",
    "lines of the log": "SELECT count(*) FROM accounts_readentry",
}
# Below this the slowest one request would be the 95th percentile.
ENOUGH = 20


@dataclass(frozen=True)
class Size:
    """How much data, and how long."""

    database: str
    regions: int
    people: int
    dwellings: int
    looks: int
    seconds: int


FULL = Size("bench", 40, 20_000, 5_000, 2_000_000, 120)
SHORT = Size("bench_short", 3, 600, 150, 20_000, 20)


@dataclass
class Measured:
    """Seconds by kind of address, and every error in a sentence."""

    reads: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    writes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    processor: dict[str, float] = field(default_factory=dict)

    @property
    def all_reads(self) -> list[float]:
        return [seconds for many in self.reads.values() for seconds in many]

    def read(self, role: str, address: str, seconds: float) -> None:
        self.reads[kind_of(address)].append(seconds)
        self.slowest = max(self.slowest, (seconds, f"{role} {address}"))


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest rank: a value that was really measured."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


async def work(
    person: Person, measured: Measured, writing: float, begin: float, end: float
) -> None:
    """One request, then the next about two seconds after the last began; a person waits."""
    chance = person.chance
    at = begin + chance.uniform(0, SECONDS_BETWEEN)
    while at < end:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        draw = chance.random()
        deed = "a form"
        try:
            if draw < writing and person.writes:
                answer = await person.confirm()
                measured.writes.append(answer.seconds)
            else:
                draw = chance.random() * (SHARE_OF_LISTS + SHARE_OF_PAGES)
                deed = (person.lists if draw < SHARE_OF_LISTS else person.pages).next()
                answer = await person.browser.get(deed)
                measured.read(person.role, deed, answer.seconds)
            if answer.status != 200:
                measured.errors.append(f"{person.role}: {deed} answers {answer.status}")
        except Broken as trouble:
            measured.errors.append(f"{person.role}: {trouble}")
        at = max(at + chance.uniform(0.5, 1.5) * SECONDS_BETWEEN, time.perf_counter())


async def measure(
    facts: list[dict[str, str]], port: int, seconds: int, parents: dict[str, int]
) -> Measured:
    people = [Person(each, port, random.Random(SEED + number)) for number, each in enumerate(facts)]
    begun = time.perf_counter()
    for person in people:
        await person.sign_in()
        await person.look_around()
    writers = sum(person.writes for person in people)
    print(
        f"  looked around in {time.perf_counter() - begun:.0f} s;"
        f" {len(people)} people, {writers} of them write; measuring {seconds} s",
        flush=True,
    )
    measured = Measured()
    if not writers:
        measured.errors.append("nobody has a round to confirm")
        return measured
    writing = SHARE_OF_WRITES * len(people) / writers
    used = {name: site.processor_seconds(pid) for name, pid in parents.items()}
    begin = time.perf_counter()
    await asyncio.gather(
        *(work(person, measured, writing, begin, begin + seconds) for person in people)
    )
    for name, pid in parents.items():
        measured.processor[name] = site.processor_seconds(pid) - used[name]
    return measured


def show(measured: Measured, *, seconds: int) -> None:
    print(f"\n  {'':<44}{'n':>5}{'p50':>7}{'p95':>7}{'p99':>7}{'most':>7}  ms")
    for kind, values in sorted(measured.reads.items()):
        note = ""
        if len(values) >= ENOUGH and percentile(values, 0.95) > READ_GOAL:
            note = "  slow"
        print(_line(kind, values) + note)
    reads = measured.all_reads
    number = len(reads) + len(measured.writes)
    print(f"\n  {number} requests in {seconds} s, {len(measured.errors)} errors")
    if reads:
        for name, within in (("all lists", True), ("all pages", False)):
            some = [s for kind, v in measured.reads.items() if (kind in LISTS) == within for s in v]
            if some:
                print(_line(name, some))
        print(_line(f"all reads (goal p95 {READ_GOAL * 1000:.0f})", reads))
        print(f"  slowest read: {measured.slowest[0] * 1000:.0f} ms, {measured.slowest[1]}")
    if measured.writes:
        print(_line(f"all writes (goal p95 {WRITE_GOAL * 1000:.0f})", measured.writes))
    # What does not depend on what else the machine does.
    for name, used in measured.processor.items():
        print(f"  processor time of the {name}: {used / max(number, 1) * 1000:.0f} ms a request")
    for error in measured.errors[:10]:
        print(f"  error: {error}")


def _line(name: str, values: Sequence[float]) -> str:
    ranks = [percentile(values, share) for share in (0.5, 0.95, 0.99)]
    numbers = "".join(f"{value * 1000:>7.0f}" for value in (*ranks, max(values)))
    return f"  {name:<44}{len(values):>5}{numbers}"


def reached(measured: Measured) -> bool:
    """No error, and the goals held by all reads, all writes and every page seen often enough."""
    often = [values for values in measured.reads.values() if len(values) >= ENOUGH]
    return (
        not measured.errors
        and bool(measured.reads)
        and bool(measured.writes)
        and percentile(measured.all_reads, 0.95) <= READ_GOAL
        and percentile(measured.writes, 0.95) <= WRITE_GOAL
        and all(percentile(values, 0.95) <= READ_GOAL for values in often)
    )


def run(*, short: bool) -> bool:
    size = SHORT if short else FULL
    print(
        f"\nload: {size.people:,} clients, {size.dwellings:,} dwellings, {size.regions} regions,"
        f" {size.looks:,} lines of the log",
        flush=True,
    )
    with site.servers() as running:
        env = site.environment(running, size.database)
        facts = prepare(running, env, size)
        with site.web(env, running.home) as (port, web):
            before = os.getloadavg()[0]
            parents = {"web": web, "database": running.postgres.pid}
            measured = asyncio.run(measure(facts, port, size.seconds, parents))
    show(measured, seconds=size.seconds)
    print(f"  load average before {before:.1f}, after {os.getloadavg()[0]:.1f}")
    return not measured.errors if short else reached(measured)


def prepare(running: Servers, env: dict[str, str], size: Size) -> list[dict[str, str]]:
    """The database up to date and full; who takes part."""
    out = running.home / f"{size.database}.json"
    site.command(env, "manage.py", "migrate", "--database", "owner", "--verbosity", "0")
    begun = time.perf_counter()
    site.command(
        env | running.demo_environment(),
        "-m",
        "bench.data",
        *(f"--{name}={getattr(size, name)}" for name in ("regions", "people", "dwellings")),
        f"--looks={size.looks}",
        f"--out={out}",
    )
    # What autovacuum does by itself in a database that has been in use for a while.
    with running.postgres.connect(size.database) as connection:
        connection.execute("VACUUM (ANALYZE)")
        there = ", ".join(
            f"{connection.execute(question).fetchone()[0]:,} {what}"
            for what, question in THERE.items()
        )
    print(f"  there are {there}")
    print(f"  data ready in {time.perf_counter() - begun:.0f} s", flush=True)
    people: list[dict[str, str]] = json.loads(out.read_text())
    return people
