"""The database that the workers of a run copy, since migrating takes each of them a quarter of a minute: `python -m tests.template FOLDER`.

With migrations, cast and scheme; on SQLite a file in the folder, on PostgreSQL a database of the server that DATABASE_URL names.
"""

import os
import sys
from pathlib import Path

ENVIRONMENT = "TESTS_TEMPLATE"  # names the file or database; without it each worker migrates
FILE, DATABASE = "template.sqlite3", "test_postgres"


def main(folder: Path) -> None:
    """Make it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.db import connection, connections
    from django.test.utils import setup_databases

    from tests import factories

    setup_databases(verbosity=0, interactive=False, aliases={"default"})
    factories.organisation()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(folder / FILE)])
    connections.close_all()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
