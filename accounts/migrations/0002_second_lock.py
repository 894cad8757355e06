"""For whom PostgreSQL works: read from settings that live inside one transaction.

Without them a protected table raises an error; an empty page would look like an answer.
"""

from django.db import migrations

from accounts.rowsecurity import MATCHER, REPORTING, append_only, protect, readable_by

ROLES = """
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['weerthuis_owner', 'weerthuis_application', 'weerthuis_matcher',
                              'weerthuis_reporting', 'weerthuis_backup']
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      RAISE EXCEPTION 'Database role % is missing: run tools/roles.sql first.', name;
    END IF;
  END LOOP;
END $$;
"""

FUNCTIONS = """
CREATE FUNCTION weerthuis_role() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE role text := current_setting('weerthuis.role', true);
BEGIN
  IF role IS NULL OR role = '' THEN
    RAISE EXCEPTION 'No viewer: a protected table was used outside accounts.context.'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN role;
END $$;

CREATE FUNCTION weerthuis_number(setting text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM weerthuis_role();
  -- After its first use an unset setting reads as '' and not as NULL.
  RETURN COALESCE(NULLIF(current_setting(setting, true), ''), '0')::bigint;
END $$;

CREATE FUNCTION weerthuis_region() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT weerthuis_number('weerthuis.region') $$;
CREATE FUNCTION weerthuis_organisation() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT weerthuis_number('weerthuis.organisation') $$;
CREATE FUNCTION weerthuis_membership() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT weerthuis_number('weerthuis.membership') $$;
CREATE FUNCTION weerthuis_municipality() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT weerthuis_number('weerthuis.municipality') $$;
"""

DROP = """
DROP FUNCTION weerthuis_municipality(), weerthuis_membership(), weerthuis_organisation(),
  weerthuis_region(), weerthuis_number(text), weerthuis_role();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("regions", "0001_initial")]

    operations = [
        migrations.RunSQL(ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, DROP),
        protect(
            "accounts_readentry",
            "region_id = (SELECT weerthuis_region())"
            " AND (organisation_id = (SELECT weerthuis_organisation())"
            " OR (SELECT weerthuis_role()) = 'privacy_officer')",
        ),
        append_only("accounts_auditentry", "accounts_readentry"),
        readable_by(
            MATCHER,
            REPORTING,
            tables=(
                "regions_region",
                "regions_municipality",
                "regions_neighbourhood",
                "regions_regionrule",
                "regions_legalparameter",
                "accounts_organisation",
            ),
        ),
    ]
