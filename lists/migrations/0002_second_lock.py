"""An uploaded list and its rows belong to the organisation that uploaded it, and to no other."""

from django.db import migrations

from accounts.rowsecurity import protect

OF_OWN_RUN = """run_id IN (SELECT id FROM lists_importrun
  WHERE region_id = (SELECT weerthuis_region())
    AND organisation_id = (SELECT weerthuis_organisation()))"""


class Migration(migrations.Migration):
    dependencies = [("lists", "0001_initial"), ("accounts", "0002_second_lock")]

    operations = [
        protect("lists_importfile", OF_OWN_RUN),
        protect("lists_importrow", OF_OWN_RUN),
    ]
