"""Which dwellings are held, asked once for a whole list instead of once for every row."""

from django.db import migrations

HELD = """
-- Whether a dwelling is held is no secret; by whom is.
CREATE FUNCTION weerthuis_held() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.dwelling_id FROM housing_proposal p
  WHERE p.state IN ('proposed', 'corporation_yes', 'client_yes', 'viewing', 'contract')
  UNION
  SELECT l.dwelling_id FROM housing_placement l WHERE l.ended_on IS NULL
$$;
DROP FUNCTION weerthuis_is_held(bigint);
"""

HELD_DOWN = """
CREATE FUNCTION weerthuis_is_held(dwelling bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM housing_proposal p WHERE p.dwelling_id = dwelling
      AND p.state IN ('proposed', 'corporation_yes', 'client_yes', 'viewing', 'contract'))
    OR EXISTS (SELECT FROM housing_placement l WHERE l.dwelling_id = dwelling
      AND l.ended_on IS NULL)
$$;
DROP FUNCTION weerthuis_held();
"""


class Migration(migrations.Migration):
    dependencies = [("housing", "0004_nightly_matchings")]

    operations = [migrations.RunSQL(HELD, HELD_DOWN)]
