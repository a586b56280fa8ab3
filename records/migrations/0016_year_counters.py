"""One counter for every series of a year: loans and releases, and apart from them those of hidden tiers (NUM-2)."""

from django.db import migrations, models


def take_over(apps, schema_editor):
    """What was counted so far goes on."""
    counters = apps.get_model("records", "YearCounter").objects
    for name, series in (("LoanYear", "JY"), ("ReleaseYear", "WT")):
        for row in apps.get_model("records", name).objects.all():
            counters.create(series=series, year=row.year, next=row.next)


class Migration(migrations.Migration):

    dependencies = [("records", "0015_rights_in_one_index")]

    operations = [
        migrations.CreateModel(
            name="YearCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("series", models.CharField(max_length=20)),
                ("year", models.PositiveSmallIntegerField()),
                ("next", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.AddConstraint(
            model_name="yearcounter",
            constraint=models.UniqueConstraint(fields=("series", "year"), name="one_counter_a_year"),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.DeleteModel(name="LoanYear"),
        migrations.DeleteModel(name="ReleaseYear"),
    ]
