"""The second lock: tells PostgreSQL, inside the transaction, for whom it works.

A protected table read without this raises an error. The settings end with the transaction, so a
pooled connection carries nothing over.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from accounts.access import Viewer

# Jobs that step down into a narrower database role: without identity and care tables.
NARROW_ROLES = {"match": "weerthuis_matcher", "figures": "weerthuis_reporting"}
_SETTINGS = ("role", "region", "organisation", "membership", "municipality")


@contextmanager
def acting_as(viewer: Viewer) -> Iterator[None]:
    """A transaction in which the database shows what this membership may reach."""
    with transaction.atomic():
        _tell(
            role=viewer.role,
            region=viewer.region_id,
            organisation=viewer.organisation_id,
            membership=viewer.membership_id,
            municipality=viewer.municipality_id,
        )
        yield


@contextmanager
def working_for(region_id: int, *, job: str, organisation_id: int | None = None) -> Iterator[None]:
    """A transaction of a job that works for a whole region, or for one organisation in it.

    Reading for a match or for figures happens under a database role that has no grant on identity
    and care tables: `reading_for`. Inside it nothing can be written.
    """
    with transaction.atomic():
        _tell(role=f"job:{job}", region=region_id, organisation=organisation_id)
        yield


@contextmanager
def reading_for(region_id: int, *, job: str) -> Iterator[None]:
    """Read for a match ("match") or for counts ("figures"), then be who one was before."""
    with transaction.atomic():
        before = _told()
        _tell(role=f"job:{job}", region=region_id)
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {NARROW_ROLES[job]}")
        yield
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        _write(before)


def _tell(
    *,
    role: str,
    region: int,
    organisation: int | None = None,
    membership: int | None = None,
    municipality: int | None = None,
) -> None:
    numbers = (region, organisation, membership, municipality)
    _write([role, *(str(number or 0) for number in numbers)])


def _told() -> list[str]:
    with connection.cursor() as cursor:
        columns = ", ".join(f"current_setting('weerthuis.{name}', true)" for name in _SETTINGS)
        cursor.execute(f"SELECT {columns}")
        return [value or "" for value in cursor.fetchone()]


def _write(values: list[str]) -> None:
    with connection.cursor() as cursor:
        columns = ", ".join(f"set_config('weerthuis.{name}', %s, true)" for name in _SETTINGS)
        cursor.execute(f"SELECT {columns}", values)
