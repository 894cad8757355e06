"""SQL of the second lock, for migrations: row security that nobody below the owner escapes."""

from django.db import migrations

APPLICATION = "weerthuis_application"
MATCHER = "weerthuis_matcher"
REPORTING = "weerthuis_reporting"
OWNER = "weerthuis_owner"


def protect(
    table: str, using: str, *, also: tuple[str, ...] = (), check: str | None = None
) -> migrations.RunSQL:
    """Show rows of `table` only where `using` holds, to the application and the roles in `also`.

    The owner, which only migrates, keeps sight of all rows through a policy that says so.
    """
    readers = ", ".join((APPLICATION, *also))
    grants = "".join(f"GRANT SELECT ON {table} TO {role};" for role in also)
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY owner_migrates ON {table} TO {OWNER} USING (true) WITH CHECK (true);
        CREATE POLICY rows ON {table} TO {readers} USING ({using}) WITH CHECK ({check or using});
        {grants}
        """,
        f"""
        DROP POLICY rows ON {table};
        DROP POLICY owner_migrates ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def protect_history(table: str, using: str) -> migrations.RunSQL:
    """History is written by triggers for every change, and read like the rows it tells of."""
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY owner_migrates ON {table} TO {OWNER} USING (true) WITH CHECK (true);
        CREATE POLICY written ON {table} FOR INSERT TO {APPLICATION} WITH CHECK (true);
        CREATE POLICY rows ON {table} FOR SELECT TO {APPLICATION} USING ({using});
        REVOKE UPDATE, DELETE ON {table} FROM {APPLICATION};
        """,
        f"""
        DROP POLICY rows ON {table};
        DROP POLICY written ON {table};
        DROP POLICY owner_migrates ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def append_only(*tables: str) -> migrations.RunSQL:
    """The application may add rows and read them, nothing else."""
    names = ", ".join(tables)
    return migrations.RunSQL(
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {names} FROM {APPLICATION}",
        f"GRANT UPDATE, DELETE ON {names} TO {APPLICATION}",
    )


def readable_by(*roles: str, tables: tuple[str, ...]) -> migrations.RunSQL:
    """Tables without client data that narrower roles need too."""
    names, to = ", ".join(tables), ", ".join(roles)
    return migrations.RunSQL(
        f"GRANT SELECT ON {names} TO {to}", f"REVOKE SELECT ON {names} FROM {to}"
    )
