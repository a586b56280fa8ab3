"""What all tests share; each concern in a plugin of its own."""

pytest_plugins = ["tests.plugins.database", "tests.plugins.garbage", "tests.plugins.search", "tests.plugins.store"]
