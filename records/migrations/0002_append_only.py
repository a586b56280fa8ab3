"""The database itself refuses to change or delete audit rows (AUD-1) and to forget a given number (NUM-2)."""

from django.db import migrations

FROZEN = ["records_auditevent", "records_auditlink"]
KEPT = ["records_numberentry", "records_numberscope", "records_recordversion"]


def add_triggers(apps, schema_editor):
    """Refuse UPDATE and DELETE on frozen tables, DELETE on kept ones."""
    acts = [(table, act) for table in FROZEN for act in ("UPDATE", "DELETE")] + [(table, "DELETE") for table in KEPT]
    if schema_editor.connection.vendor == "sqlite":
        for table, act in acts:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    schema_editor.execute(
        "CREATE FUNCTION muniment_append_only() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql",
        params=None,  # without parameters a percent sign is one
    )
    for table, act in acts:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION muniment_append_only()"
        )
    for table in FROZEN:
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION muniment_append_only()"
        )


def drop_triggers(apps, schema_editor):
    """Only for going back in development."""
    acts = [(table, act) for table in FROZEN for act in ("update", "delete")] + [(table, "delete") for table in KEPT]
    sqlite = schema_editor.connection.vendor == "sqlite"
    for table, act in acts:
        schema_editor.execute(f"DROP TRIGGER {table}_no_{act}" + ("" if sqlite else f" ON {table}"))
    if not sqlite:
        for table in FROZEN:
            schema_editor.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        schema_editor.execute("DROP FUNCTION muniment_append_only()")


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunPython(add_triggers, drop_triggers)]
