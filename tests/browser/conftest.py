"""A browser, and a portal with a database of its own: real store, real text, real index; the worker's steps are called in between."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import factories

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 30_000  # milliseconds, on a machine that does other work too
expect.set_options(timeout=PATIENCE)


class Quiet(WSGIRequestHandler):
    """Requests are not news."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class Server(ThreadedWSGIServer):
    """Ends with the tests, also while a browser holds a connection open."""

    daemon_threads = True
    block_on_close = False


@pytest.fixture
def portal(real_database: str, store: Any) -> Iterator[str]:
    """The portal on a free port; yields its address."""
    server = Server(("127.0.0.1", 0), Quiet, connections_override=None)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        connections.close_all()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each person is a context of its own."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright runs a loop in this thread; nothing of Django runs inside it
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Desk:
    """Opens pages as people; collects what went wrong in scripts."""

    browser: Browser
    address: str
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def sign_in(self, username: str, *, locale: str = "en", width: int = 1280, dark: bool = False) -> Page:
        """A page of this person, at the home page."""
        context = self.browser.new_context(
            base_url=self.address, locale=locale, viewport={"width": width, "height": 860}, color_scheme="dark" if dark else "light"
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: self.faults.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto("/accounts/sign-in/")
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(factories.PASSWORD)
        page.locator("button.primary").click()
        page.wait_for_url(self.address + "/")
        return page


@pytest.fixture
def desk(portal: str, chromium: Browser) -> Iterator[Desk]:
    """The desk in a browser; a fault in any script fails the test."""
    opened = Desk(chromium, portal)
    yield opened
    for context in opened.contexts:
        context.close()
    assert not opened.faults


@pytest.fixture
def work() -> Callable[[], int]:
    """The worker's steps: text, recognition, index, until nothing waits."""
    from records import outbox

    return outbox.drain
