from django.db import migrations, models


def as_shipped(apps, schema_editor):
    """What ships printable is printable in a house that stands already, but where it took downloading away: this opens nothing new."""
    tiers = apps.get_model("records", "Tier").objects
    tiers.filter(slug__in=["public", "internal"], readers_download=True).update(readers_print=True)


class Migration(migrations.Migration):
    dependencies = [("records", "0016_year_counters")]
    operations = [
        migrations.AddField(
            model_name="tier",
            name="readers_print",
            field=models.BooleanField(default=False, verbose_name="readers may print"),
        ),
        migrations.RunPython(as_shipped, migrations.RunPython.noop),
    ]
