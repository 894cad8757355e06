-- Roles, database and extensions of Weerthuis. Run once, as a PostgreSQL superuser, with psql;
-- running it again changes nothing but the passwords. The passwords come from the environment:
--
--   WEERTHUIS_OWNER_PASSWORD=... WEERTHUIS_APPLICATION_PASSWORD=... WEERTHUIS_BACKUP_PASSWORD=... \
--     psql -X -v ON_ERROR_STOP=1 -d postgres -f tools/roles.sql
--
-- owner        owns and migrates the tables; nobody signs in with it at run time
-- application  web and worker; never superuser, never owner, never above row-level security
-- matcher      what a match run may read; the application steps into it, nobody signs in with it
-- reporting    suppressed aggregates only; stepped into in the same way
-- backup       reads everything, writes nothing: a dump that row-level security may not shorten

\set ON_ERROR_STOP on
\getenv owner_password WEERTHUIS_OWNER_PASSWORD
\getenv application_password WEERTHUIS_APPLICATION_PASSWORD
\getenv backup_password WEERTHUIS_BACKUP_PASSWORD
\set database weerthuis
\getenv database WEERTHUIS_DATABASE

\if :{?owner_password}
\else
  \warn 'WEERTHUIS_OWNER_PASSWORD is missing.'
  SELECT 1 / 0 AS "a password is missing";
\endif
\if :{?application_password}
\else
  \warn 'WEERTHUIS_APPLICATION_PASSWORD is missing.'
  SELECT 1 / 0 AS "a password is missing";
\endif
\if :{?backup_password}
\else
  \warn 'WEERTHUIS_BACKUP_PASSWORD is missing.'
  SELECT 1 / 0 AS "a password is missing";
\endif

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['weerthuis_owner', 'weerthuis_application', 'weerthuis_matcher',
                  'weerthuis_reporting', 'weerthuis_backup']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE weerthuis_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'owner_password';
ALTER ROLE weerthuis_application LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB
  PASSWORD :'application_password';
ALTER ROLE weerthuis_matcher NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
ALTER ROLE weerthuis_reporting NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
ALTER ROLE weerthuis_backup LOGIN NOSUPERUSER BYPASSRLS NOCREATEROLE NOCREATEDB
  PASSWORD :'backup_password';

-- The application may step down into the two narrower roles for one transaction, and inherits
-- nothing from them.
GRANT weerthuis_matcher, weerthuis_reporting TO weerthuis_application WITH INHERIT FALSE, SET TRUE;
GRANT pg_read_all_data TO weerthuis_backup;

SELECT format('CREATE DATABASE %I OWNER weerthuis_owner TEMPLATE template0 ENCODING ''UTF8''',
              :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
ALTER DATABASE :"database" OWNER TO weerthuis_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO weerthuis_application, weerthuis_backup;

\connect :"database"

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO weerthuis_owner;

-- Every table that a migration makes can be used by the application; what must be narrower
-- (append-only logs, history) is taken back in the migration that makes the table.
ALTER DEFAULT PRIVILEGES FOR ROLE weerthuis_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO weerthuis_application;
ALTER DEFAULT PRIVILEGES FOR ROLE weerthuis_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO weerthuis_application;
