"""Databases of the tests: the cast stands in each; race tests get a copy of their own, since append-only triggers forbid `flush`."""

import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases

from tests import template


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """The database with the cast and the scheme, once for each worker; made for race tests alone too, which carry no `django_db` mark."""
    ready = os.environ.get(template.ENVIRONMENT)
    with django_db_blocker.unblock():
        made = _from_template(ready) if ready else _from_nothing()
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


def _from_nothing() -> list[Any]:
    from tests import factories

    made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    factories.organisation()
    return made


def _from_template(ready: str) -> list[Any]:
    """A copy of what `tests.template` made; what `teardown_databases` takes."""
    former, name = connection.settings_dict["NAME"], connection.creation._get_test_db_name()
    if connection.vendor == "sqlite":
        _use(name)
        connection.ensure_connection()
        with closing(sqlite3.connect(ready)) as source:
            source.backup(connection.connection)
    else:
        _administer(f'CREATE DATABASE "{name}" TEMPLATE "{ready}"')
        _use(name)
    return [(connection, former, True)]


@pytest.fixture
def real_database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own that other threads and processes can open; yields its DATABASE_URL. Commits are real."""
    with django_db_blocker.unblock():
        connection.ensure_connection()
        former, kept = connection.settings_dict["NAME"], connection.connection
        name, url = _copy(former, tmp_path)
        connection.connection = None  # one in memory lives as long as this handle: it is kept, not closed
        _use(name)
        try:
            yield url
        finally:
            connections.close_all()
            _use(former)
            _drop(name)
            connection.connection = kept if connection.vendor == "sqlite" else None


def _use(name: str) -> None:
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


def _copy(former: str, folder: Path) -> tuple[str, str]:
    if connection.vendor == "sqlite":
        name = str(folder / "test.sqlite3")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [name])
        return name, f"sqlite:///{name}"
    connection.close()
    name = f"race_{uuid.uuid4().hex[:12]}"
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{former}"')
    given = connection.settings_dict
    return name, f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{name}"


def _drop(name: str) -> None:
    if connection.vendor == "sqlite":
        shutil.rmtree(Path(name).parent, ignore_errors=True)
    else:
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
