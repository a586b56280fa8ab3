"""What somebody with the database's own rights could do to the audit trail."""

from django.db import connection


def tamper(statement, values):
    """Switch the trigger off that refuses `statement`, then run it with `values`."""
    table = "records_auditlink" if "link" in statement else "records_auditevent"
    act = statement.split()[0].lower()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {table}_no_{act}")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_{act}")
        cursor.execute(statement, values)
