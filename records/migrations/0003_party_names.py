"""The name of a party is compared as each record states it; one identity may stand at two parties, one of them hidden (SEC-5)."""

import re
import unicodedata

from django.db import migrations, models

SEPARATORS = re.compile(r"[\s\u00ad\u200b-\u200d\u2060\ufeff\-\u2010-\u2015\u2212()]+")


def fold_names(apps, schema_editor):
    """As `records.parties.fold` does it."""
    rows = apps.get_model("records", "RecordParty").objects
    for row in rows.only("name").iterator(chunk_size=2000):
        rows.filter(pk=row.pk).update(folded=SEPARATORS.sub("", unicodedata.normalize("NFKC", row.name)).upper()[:200])


class Migration(migrations.Migration):
    dependencies = [("records", "0002_append_only")]
    operations = [
        migrations.RemoveConstraint(model_name="partyidentifier", name="one_party_per_identity"),
        migrations.AddIndex(
            model_name="partyidentifier",
            index=models.Index(fields=["kind", "digest"], name="identifier_by_digest"),
        ),
        migrations.AddField(
            model_name="recordparty",
            name="folded",
            field=models.CharField(db_index=True, default="", editable=False, help_text="The name as it is compared.", max_length=200),
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
    ]
