"""Named by `-p tests.plugins.only_database`: runs only what uses the database, and of that no stories: everything else
was run beside the other one."""

import pytest

# Stories told through pages, whose queries the matrices of desk and API walk on this database too.
STORIES = {
    "test_addresses",
    "test_administrator",
    "test_api_content",
    "test_demo_loading",
    "test_demo_papers",
    "test_desk_copies",
    "test_desk_journeys",
    "test_desk_loans",
    "test_desk_outside",
    "test_desk_pages",
    "test_leaks",
    "test_non_interference",
    "test_page_images",
    "test_printing",
    "test_stamped_downloads",
}
FIXTURES = {"db", "transactional_db", "real_database", "django_db_setup"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that would do the same on any database."""
    wanted = [item for item in items if _asks(item) and not (item.path.parent.name == "portal" and item.path.stem in STORIES)]
    left = [item for item in items if item not in set(wanted)]
    config.hook.pytest_deselected(items=left)
    items[:] = wanted


def _asks(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("django_db") or FIXTURES & set(getattr(item, "fixturenames", ())))
