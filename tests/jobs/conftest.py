"""One database with real commits for a whole file: a clone costs more than the tests themselves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from housing.models import MatchRun
from outflow.models import EstimateRun
from regions.models import RunState
from tests import databases
from tests.databases import Database
from tests.factories import World
from tests.jobs.support import small_region
from tests.running import Processes
from tools.servers import Valkey


@pytest.fixture(scope="module")
def shared_database(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """A clone for all tests of a file, where commits are real."""
    with (
        databases.clone(databases.migrated_template()) as mine,
        databases.pointed_at(mine.name),
        django_db_blocker.unblock(),
    ):
        yield mine


@pytest.fixture(scope="module")
def shared_world(shared_database: Database) -> World:
    return small_region()


@pytest.fixture
def committed(shared_world: World) -> World:
    """A small region on real commits, of which nobody has asked anything yet."""
    for model in (MatchRun, EstimateRun):
        unfinished = model.objects.filter(state__in=(RunState.QUEUED, RunState.RUNNING))
        unfinished.update(state=RunState.SUPERSEDED)
        model.objects.update(night=None, step="")
    return shared_world


@pytest.fixture
def crew(
    committed: World, shared_database: Database, valkey: Valkey, tmp_path: Path
) -> Iterator[Processes]:
    """Workers and beats for the committed region."""
    mine = Processes(database=shared_database, valkey=valkey, directory=tmp_path)
    try:
        yield mine
    finally:
        mine.stop_all()


@pytest.fixture(autouse=True)
def _few_draws(settings: Any) -> None:
    settings.ESTIMATE_DRAWS = 20
