"""What every test may ask for: a database with the second lock on, servers, processes, a browser.

`db` (pytest-django) is a transaction that is rolled back, on a clone that belongs to this worker.
`own_database` is a clone for one test, with real commits, for threads, processes and the browser.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from kombu import pools
from pytest_django.plugin import DjangoDbBlocker

from tests import databases
from tests.databases import Database
from tests.running import Processes, site_here
from tools import chromium
from tools.processes import Stop
from tools.secrets import password
from tools.servers import Valkey
from tools.test import throw_away_home
from weerthuis import pulse
from weerthuis.celery import app as celery_app

WHO_AM_I = """
    SELECT current_user, rolsuper, rolbypassrls, EXISTS (
        SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user
    ) FROM pg_roles WHERE rolname = current_user
"""


# Begun first, so that no worker is left alone with one of them at the end.
LONGEST = (
    "test_case_folders.py",
    "test_main_line.py",
    "test_query_budgets.py",
    "test_containers.py",
    "test_start.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A flush needs rights that the application does not have: such tests ask for a clone."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker is not None and marker.kwargs.get("transaction"):
            raise pytest.UsageError(f"{item.nodeid}: use own_database, not transaction=True")


def assert_the_second_lock_is_on() -> None:
    """Tests as superuser or owner would pass whatever the policies say."""
    with connection.cursor() as cursor:
        cursor.execute(WHO_AM_I)
        assert cursor.fetchone() == ("weerthuis_application", False, False, False)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """One migrated template for all workers; one clone of it for this worker."""
    with databases.clone(databases.migrated_template()) as mine, databases.pointed_at(mine.name):
        with django_db_blocker.unblock():
            assert_the_second_lock_is_on()
        yield


@pytest.fixture
def own_database(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """A clone with empty tables for this test alone, where commits are real."""
    yield from _cloned(databases.migrated_template(), django_db_blocker)


@pytest.fixture(scope="module")
def example_database(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """A clone that holds the example region, for all tests of one file."""
    yield from _cloned(databases.example_template(), django_db_blocker)


def _cloned(source: str, blocker: DjangoDbBlocker) -> Iterator[Database]:
    with databases.clone(source) as mine, databases.pointed_at(mine.name), blocker.unblock():
        assert_the_second_lock_is_on()
        yield mine


@pytest.fixture(scope="session", autouse=True)
def _no_slow_passwords() -> None:
    """Test users need no password that costs a tenth of a second; the example's still opens."""
    quick = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [quick, *settings.PASSWORD_HASHERS]


@pytest.fixture(scope="session", autouse=True)
def _uploads_go_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("media"))


@pytest.fixture
def servers_home() -> Iterator[Path]:
    """A directory that the servers' user can enter, wherever pytest keeps its own."""
    home = throw_away_home()
    yield home
    shutil.rmtree(home)


@pytest.fixture
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A broker for this test, which may `stop()` it and `start()` it again on the same port."""
    home = tmp_path_factory.mktemp("valkey")
    mine = Valkey(home=home, password=password())
    mine.start()
    before = settings.REDIS_URL
    _use_broker(mine.url)
    try:
        yield mine
    finally:
        _use_broker(before)
        mine.stop()


def _use_broker(address: str) -> None:
    """Let publishing from this process go elsewhere."""
    settings.REDIS_URL = settings.CELERY_BROKER_URL = address
    celery_app.conf.broker_url = celery_app.conf.broker_write_url = address
    celery_app.conf.broker_read_url = address
    # Closed pools would be found again under their address: kombu forgets all of them.
    pools.reset()
    celery_app._pool = None
    celery_app.amqp._producer_pool = None
    pulse.forget()


@pytest.fixture
def running(own_database: Database, valkey: Valkey, tmp_path: Path) -> Iterator[Processes]:
    """Web, worker and beat as processes: `running.web()`, `.worker()`, `.beat()`."""
    mine = Processes(database=own_database, valkey=valkey, directory=tmp_path)
    try:
        yield mine
    finally:
        mine.stop_all()


@pytest.fixture
def site(own_database: Database) -> Iterator[str]:
    """The address of a site on this test's own database, served by threads of this process."""
    with site_here() as address:
        yield address


@pytest.fixture(scope="module")
def example_site(example_database: Database) -> Iterator[str]:
    """The address of a site that shows the example region."""
    with site_here() as address:
        yield address


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Playwright drives the Chromium that tools.chromium finds; none found is a failure."""
    try:
        program = chromium.find()
    except Stop as stop:
        pytest.fail(str(stop), pytrace=False)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright keeps an event loop running
    return {
        **browser_type_launch_args,
        "executable_path": program,
        "args": chromium.flags(),
        "env": chromium.environment(),
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    """A Dutch reader at a desk."""
    return {
        **browser_context_args,
        "locale": "nl-NL",
        "timezone_id": "Europe/Amsterdam",
        "viewport": {"width": 1280, "height": 900},
    }
