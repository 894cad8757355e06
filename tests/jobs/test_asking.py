"""Asking for a run: one row waits per region, causes come along, a newer question wins."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import AuditEntry
from housing.errors import NotAllowed
from housing.models import MatchRun
from housing.operations.matching import request_match
from outflow.errors import NotAllowed as NotAllowedOutflow
from outflow.models import EstimateRun
from outflow.operations.estimates import request_estimate
from regions import runs
from regions.clock import on_day, today
from regions.models import RunCause, RunState
from tests import factories

SOON = timedelta(minutes=2)


@pytest.mark.django_db
def test_whoever_asks_gets_a_run_that_is_due_at_once() -> None:
    world = factories.world()
    run = request_match(region=world.region, by=world.coordinator)
    assert (run.state, run.cause, run.as_of) == (RunState.QUEUED, RunCause.ASKED, today())
    assert MatchRun.objects.filter(pk=run.pk, not_before__lte=Now()).exists()
    assert AuditEntry.objects.filter(operation="match.requested", object_ref=run.ref).exists()


@pytest.mark.django_db
def test_a_run_that_waits_takes_the_next_cause_along() -> None:
    world = factories.world()
    first = request_match(region=world.region, cause=RunCause.CHANGED, by=None, wait=SOON)
    again = request_match(region=world.region, cause=RunCause.CHANGED, by=None, wait=SOON)
    asked = request_match(region=world.region, by=world.coordinator)
    assert first.pk == again.pk == asked.pk
    assert MatchRun.objects.count() == 1
    assert asked.cause == "changed,asked"
    assert len(asked.causes) == 2


@pytest.mark.django_db
def test_waiting_never_gets_longer_because_more_changed() -> None:
    world = factories.world()
    first = request_match(region=world.region, cause=RunCause.CHANGED, by=None, wait=SOON)
    later = request_match(region=world.region, cause=RunCause.CHANGED, by=None, wait=SOON * 10)
    asked = request_match(region=world.region, by=world.coordinator)
    assert later.not_before == first.not_before
    assert asked.not_before < first.not_before


@pytest.mark.django_db
def test_what_still_waits_for_quiet_is_not_offered() -> None:
    world = factories.world()
    request_match(region=world.region, cause=RunCause.CHANGED, by=None, wait=SOON)
    assert runs.offer(MatchRun) == []
    MatchRun.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert len(runs.offer(MatchRun)) == 1


@pytest.mark.django_db
def test_a_newer_question_supersedes_the_older_that_waits() -> None:
    world = factories.world()
    with on_day(today() - timedelta(days=1)):
        old = request_match(region=world.region, cause=RunCause.NIGHTLY, by=None)
    new = request_match(region=world.region, by=world.coordinator)
    old.refresh_from_db()
    assert (old.state, old.is_finished) == (RunState.SUPERSEDED, True)
    assert (new.state, new.as_of, new.cause) == (RunState.QUEUED, today(), "nightly,asked")


@pytest.mark.django_db
def test_who_supersedes_takes_the_turn_and_the_night_over() -> None:
    world = factories.world()
    night = today() - timedelta(days=1)
    with on_day(night):
        old = request_match(region=world.region, cause=RunCause.NIGHTLY, by=None, night=night)
    new = request_match(region=world.region, cause=RunCause.CHANGED, by=None, wait=SOON)
    old.refresh_from_db()
    assert (old.state, old.night) == (RunState.SUPERSEDED, None)
    assert (new.night, new.not_before) == (night, old.not_before)
    with on_day(night):
        again = request_match(region=world.region, cause=RunCause.NIGHTLY, by=None, night=night)
    assert again.pk == new.pk


@pytest.mark.django_db
def test_a_new_night_is_not_the_night_before() -> None:
    world = factories.world()
    night = today() - timedelta(days=1)
    with on_day(night):
        old = request_match(region=world.region, cause=RunCause.NIGHTLY, by=None, night=night)
    new = request_match(region=world.region, cause=RunCause.NIGHTLY, by=None, night=today())
    old.refresh_from_db()
    assert (old.state, old.night, new.night) == (RunState.SUPERSEDED, night, today())


@pytest.mark.django_db
def test_a_run_that_computes_does_not_swallow_a_newer_question() -> None:
    world = factories.world()
    running = request_match(region=world.region, by=world.coordinator)
    runs.claim(running)
    next_ = request_match(region=world.region, by=world.coordinator)
    assert next_.pk != running.pk
    assert next_.state == RunState.QUEUED


@pytest.mark.django_db
def test_regions_do_not_wait_for_each_other() -> None:
    world = factories.world()
    mine = request_match(region=world.region, by=None)
    theirs = request_match(region=world.other_region, by=None)
    assert mine.pk != theirs.pk
    runs.claim(mine)
    runs.claim(theirs)


@pytest.mark.django_db
def test_nobody_else_asks_and_nobody_asks_elsewhere() -> None:
    world = factories.world()
    for stranger in (world.allocator, world.team_leader, world.administrator):
        with pytest.raises(NotAllowed):
            request_match(region=world.region, by=stranger)
        with pytest.raises(NotAllowedOutflow):
            request_estimate(region=world.region, by=stranger)
    with pytest.raises(NotAllowed):
        request_match(region=world.other_region, by=world.coordinator)
    with pytest.raises(NotAllowedOutflow):
        request_estimate(region=world.other_region, by=world.coordinator)
    assert not MatchRun.objects.exists()
    assert not EstimateRun.objects.exists()


@pytest.mark.django_db
def test_the_night_joins_a_run_that_waits_already() -> None:
    world = factories.world()
    waits = request_match(region=world.region, by=world.coordinator)
    night = request_match(region=world.region, cause=RunCause.NIGHTLY, by=None, night=today())
    assert night.pk == waits.pk
    assert night.night == today()
