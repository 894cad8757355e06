"""One matching a night for a region, however many beats ask."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("housing", "0003_second_lock"),
        ("regions", "0002_legal_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="matchrun",
            name="night",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.UniqueConstraint(
                fields=("region", "night"),
                name="match_one_per_night",
                violation_error_message="This night already has a matching.",
            ),
        ),
    ]
