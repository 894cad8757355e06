"""Databases for the tests of lists: real commits, because a run is claimed before it is read."""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests import databases
from tests.databases import Database


@pytest.fixture(scope="module")
def committing(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """A clone for all tests of a file."""
    with (
        databases.clone(databases.migrated_template()) as mine,
        databases.pointed_at(mine.name),
        django_db_blocker.unblock(),
    ):
        yield mine
