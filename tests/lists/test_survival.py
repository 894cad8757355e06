"""A long list on a real worker: progress is seen, a killed worker leaves nothing half."""

from django.test import Client as Browser
from django.urls import reverse

from accounts.context import acting_as
from lists.lifecycle import ImportStage
from lists.models import ImportRow, ImportRun
from lists.operations import bring_list, confirm_list
from lists.tasks import read_or_put_in
from outflow.models import Client, Spell
from regions.models import RunState
from regions.tasks import offer_again
from tests.factories import World, sign_in, world
from tests.jobs.support import end_lease, fresh, pause_at, wait_for
from tests.running import Processes
from tests.scale import n
from tools import processes

CLIENTS = n(150, 5000)


def history(made: World) -> bytes:
    name = made.organisations["provider"].name
    lines = ["clientnummer,aanbieder,fase,van,tot"]
    for number in range(CLIENTS):
        lines.append(f"K{number:05},{name},instroom,2024-01-15,2024-06-01")
        lines.append(f"K{number:05},{name},stabilisatie,2024-06-01,2025-03-01")
        lines.append(f"K{number:05},{name},voorbereiding,2025-03-01,")
    return "\n".join(lines).encode()


def brought(made: World, running: Processes) -> ImportRun:
    """A history that waits to be put in."""
    by = made.coordinator
    with acting_as(by):
        run = bring_list(name="historie.csv", data=history(made), by=by)
    worker = running.worker()
    read_or_put_in.wake(run.pk)
    assert wait_for(run, RunState.DONE), worker.words()
    worker.stop()
    with acting_as(by):
        return confirm_list(run=fresh(run), by=by, sharing_ground="public_task")


def test_a_killed_worker_leaves_nothing_half_and_another_puts_it_in_once(
    running: Processes,
) -> None:
    made = world()
    run = brought(made, running)
    first = running.worker()
    # The second table that is written: clients are in by then, of a transaction not yet done.
    with pause_at(running.database, "outflow_spell") as pause:
        read_or_put_in.wake(run.pk)
        assert pause.reached(), first.words()
        told = processes.wait_until(lambda: fresh(run).step == "putting_in", seconds=10)
        page = sign_in(Browser(), made.coordinator).get(reverse("lists:progress", args=[run.ref]))
        first.kill()
        pause.end()
    assert told or fresh(run).step
    assert page.status_code == 200
    assert "<progress" in page.content.decode()
    with acting_as(made.coordinator):
        assert not Client.objects.exists()
        assert not Spell.objects.exists()
    waits = fresh(run)
    assert (waits.state, waits.stage) == (RunState.RUNNING, ImportStage.CONFIRMED)

    second = running.worker()
    end_lease(run)
    offer_again()
    assert wait_for(run, RunState.DONE), second.words()
    for _ in range(2):  # told again, done once
        read_or_put_in.wake(run.pk)
    done = fresh(run)
    assert (done.stage, done.attempts) == (ImportStage.REPORTED, 2)
    assert done.report["counts"]["new"] == done.rows_in == 3 * CLIENTS
    with acting_as(made.coordinator):
        assert Client.objects.count() == CLIENTS
        assert Spell.objects.count() == 3 * CLIENTS
        assert set(Spell.objects.open().values_list("phase", flat=True)) == {"preparing"}
        assert ImportRow.objects.filter(run=run).count() == 3 * CLIENTS
