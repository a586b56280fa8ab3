"""Named by `-p tests.plugins.only_database`: runs only what uses the database, since everything else was run beside the other one."""

import pytest

FIXTURES = {"db", "transactional_db", "real_database", "django_db_setup"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that would do the same on any database."""
    wanted = [item for item in items if item.get_closest_marker("django_db") or FIXTURES & set(getattr(item, "fixturenames", ()))]
    left = [item for item in items if item not in set(wanted)]
    config.hook.pytest_deselected(items=left)
    items[:] = wanted
