"""The allocator's policy on clients names the region too, as the other one does.

With the region in both, the planner finds the clients of one region by their index; with it in one
only, every table about people reads the clients of the whole country for each query.
"""

from django.db import migrations

POLICY = """
ALTER POLICY proposed ON outflow_client
  USING (region_id = (SELECT weerthuis_region())
         AND (SELECT weerthuis_role()) = 'allocator'
         AND id IN (SELECT weerthuis_proposed()));
"""

POLICY_DOWN = """
ALTER POLICY proposed ON outflow_client
  USING ((SELECT weerthuis_role()) = 'allocator'
         AND id IN (SELECT weerthuis_proposed()));
"""


class Migration(migrations.Migration):
    dependencies = [("housing", "0005_held_dwellings_at_once")]

    operations = [migrations.RunSQL(POLICY, POLICY_DOWN)]
