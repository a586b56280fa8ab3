"""SQLite's REPLACE removes the row in the way without asking DELETE triggers; a kept row could be given another number, too (AUD-1, NUM-2)."""

from django.db import migrations

UNIQUE = {  # the columns by which a new row could push an old one out; each set is unique in its table
    "records_auditevent": [["id"]],
    "records_auditlink": [["sequence"], ["event_id"]],
    "records_numberentry": [["id"], ["number"], ["scope_id", "sequence"]],
    "records_numberscope": [["id"], ["key"]],
    "records_recordversion": [["id"], ["record_id", "number"]],
}
KEPT = ["records_numberentry", "records_numberscope", "records_recordversion"]  # of the others no column may be changed at all


def add_triggers(apps, schema_editor):
    """Refuse rows that stand in the place of others, and changes to what a kept row is known by."""
    if schema_editor.connection.vendor == "sqlite":
        for table, sets in UNIQUE.items():
            taken = " OR ".join("(" + " AND ".join(f"{column} = NEW.{column}" for column in columns) + ")" for columns in sets)
            _refuse(schema_editor, f"{table}_no_replace", f"INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})", table)
        for table in KEPT:
            _refuse(schema_editor, f"{table}_no_rename", f"UPDATE ON {table} WHEN {_renamed(table, 'IS NOT')}", table)
        return
    for table in KEPT:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_rename BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({_renamed(table, 'IS DISTINCT FROM')}) "
            "EXECUTE FUNCTION muniment_append_only()"
        )


def _refuse(schema_editor, name, when, table):
    schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")


def _renamed(table, differs):
    columns = sorted({column for columns in UNIQUE[table] for column in columns})
    return " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)


def drop_triggers(apps, schema_editor):
    """Only for going back in development."""
    sqlite = schema_editor.connection.vendor == "sqlite"
    for table in UNIQUE if sqlite else []:
        schema_editor.execute(f"DROP TRIGGER {table}_no_replace")
    for table in KEPT:
        schema_editor.execute(f"DROP TRIGGER {table}_no_rename" + ("" if sqlite else f" ON {table}"))


class Migration(migrations.Migration):
    dependencies = [("records", "0003_party_names")]
    operations = [migrations.RunPython(add_triggers, drop_triggers)]
