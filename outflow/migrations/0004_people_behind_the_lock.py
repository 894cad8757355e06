"""The second lock for readiness records; case codes in use, without showing whose they are."""

from django.db import migrations

from accounts.rowsecurity import protect

TAKEN = """
-- A provider sees only its own clients, but a case code is unique in the whole region.
CREATE FUNCTION weerthuis_taken_case_codes(codes text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT case_code::text FROM outflow_client
  WHERE region_id = weerthuis_region() AND case_code = ANY(codes)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("outflow", "0003_readiness_records")]

    operations = [
        protect("outflow_readinessrecord", "client_id IN (SELECT id FROM outflow_client)"),
        migrations.RunSQL(TAKEN, "DROP FUNCTION weerthuis_taken_case_codes(text[])"),
    ]
