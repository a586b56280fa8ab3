"""A record states several identifiers of a party: each is linked, so that each is shown masked, revealed and found (SEC-6)."""

from django.db import migrations, models


def link(apps, schema_editor):
    """The one that was linked is the first of several."""
    rows = apps.get_model("records", "RecordParty")
    through = rows.identifiers.through
    pairs = rows.objects.filter(identifier__isnull=False).values_list("pk", "identifier_id")
    through.objects.bulk_create(
        (through(recordparty_id=row, partyidentifier_id=identifier) for row, identifier in pairs.iterator(chunk_size=2000)), batch_size=2000
    )


def unlink(apps, schema_editor):
    """Going back keeps the first only."""
    for row in apps.get_model("records", "RecordParty").objects.filter(identifiers__isnull=False).distinct():
        row.identifier = row.identifiers.order_by("pk").first()
        row.save(update_fields=["identifier"])


class Migration(migrations.Migration):
    dependencies = [("records", "0004_no_replacing")]
    operations = [
        migrations.AlterModelOptions(name="partyidentifier", options={"ordering": ["pk"]}),
        migrations.AddField(
            model_name="recordparty",
            name="identifiers",
            field=models.ManyToManyField(related_name="record_rows", to="records.partyidentifier"),
        ),
        migrations.RunPython(link, unlink),
    ]
