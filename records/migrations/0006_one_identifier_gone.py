"""The link to one identifier goes, in a transaction of its own: PostgreSQL alters no table whose rows it has still to check."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0005_party_identifiers")]
    operations = [migrations.RemoveField(model_name="recordparty", name="identifier")]
