"""A backup is complete although row-level security hides rows, and a restore is the same site."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from regions.models import Region
from tests import databases
from tests.databases import Database, superuser_connection
from tools.servers import Servers

# What must be the same besides the rows.
CATALOGUE = {
    "policies": "SELECT * FROM pg_policies WHERE schemaname = 'public'",
    "locks": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')",
    "triggers": "SELECT tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid)"
    " FROM pg_trigger WHERE NOT tgisinternal",
    # Without their text: PostgreSQL writes the casts of a list in another order the second time.
    "constraints": "SELECT conrelid::regclass::text, conname, contype, convalidated"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "rights": "SELECT relname, relowner::regrole::text, relacl::text FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v')",
    "default rights": "SELECT defaclrole::regrole::text, defaclobjtype, defaclacl::text"
    " FROM pg_default_acl",
    "sequences": "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'",
}


def program(name: str, *arguments: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    servers = Servers(Path(os.environ["WEERTHUIS_SERVERS"]))
    binary = servers.postgres.binaries / name
    return subprocess.run([binary, *arguments], capture_output=True, check=False, **more)  # type: ignore[call-overload]


def dump(database: Database, role: str, target: Path) -> subprocess.CompletedProcess[bytes]:
    address = databases.at(f"DATABASE_{role}URL", database.name)
    return program("pg_dump", "--format=custom", f"--file={target}", f"--dbname={address}")


def rows(connection: psycopg.Connection) -> dict[str, tuple[object, ...] | None]:
    """Per table the number of rows and a hash of all of them."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    ).fetchall()
    assert len(tables) > 20
    return {
        table: connection.execute(
            f'SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t'
        ).fetchone()
        for (table,) in tables
    }


def catalogue(connection: psycopg.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: sorted(connection.execute(query).fetchall(), key=str)
        for name, query in CATALOGUE.items()
    }


def test_a_restored_backup_has_the_same_rows_rights_and_locks(
    own_database: Database, tmp_path: Path
) -> None:
    Region.objects.create(name="Voorbeeldland")
    kept = tmp_path / "weerthuis.dump"
    made = dump(own_database, "BACKUP_", kept)
    assert made.returncode == 0, made.stderr

    fresh = f"{own_database.name}_restored"
    servers = Servers(Path(os.environ["WEERTHUIS_SERVERS"]))
    servers.start()  # adopts what runs
    servers.postgres.prepare(fresh)
    try:
        address = databases.at("DATABASE_SUPERUSER_URL", fresh)
        restored = program(
            "pg_restore",
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={address}",
            str(kept),
        )
        assert restored.returncode == 0, restored.stderr
        with own_database.as_superuser() as before, superuser_connection(fresh) as after:
            assert rows(after) == rows(before)
            assert catalogue(after) == catalogue(before)
        assert databases.manage(fresh, "migrate", "--check", "--database", "owner") == ""
    finally:
        databases.drop(fresh)


def test_a_dump_by_a_role_that_sees_less_fails_instead_of_being_short(
    own_database: Database, tmp_path: Path
) -> None:
    made = dump(own_database, "", tmp_path / "short.dump")
    assert made.returncode != 0
    assert b"row-level security" in made.stderr or b"permission denied" in made.stderr


def test_the_backup_role_cannot_write(own_database: Database) -> None:
    address = databases.at("DATABASE_BACKUP_URL", own_database.name)
    with (
        psycopg.connect(address) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM regions_region")
