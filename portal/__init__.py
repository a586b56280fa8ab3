"""The door: settings, URLs, pages, workbench, desk, API and the commands that run the system."""
