"""The web server: gunicorn, two processes of threads over one socket that the supervisor holds open.

Threads, since a request mostly waits for the store or the database; two processes, since one would leave a core idle. The
application is loaded before they are forked, so both start at once and share its memory.
"""

import http.client
import os
import signal
import socket
from collections.abc import Callable
from typing import Any

from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.urls import NoReverseMatch, get_resolver, reverse
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from portal.serve.processes import Run, call_itself, die_with

PROCESSES = 2
THREADS = 8
GRACE = 5  # seconds for requests that are running when the server is told to end
STUCK = 120  # seconds without a sign of life after which gunicorn replaces a process


def _read_manifest_anew() -> None:
    """Forget what was known of the static files: at a first start they were collected after this process was forked."""
    if isinstance(staticfiles_storage, ManifestFilesMixin):
        staticfiles_storage.hashed_files, staticfiles_storage.manifest_hash = staticfiles_storage.load_manifest()


class Application(BaseApplication):
    """Gunicorn, set up in code; no configuration file, control socket or environment variable of its own."""

    def __init__(self, listening: int, ready: Callable[[str], None]) -> None:
        self._listening = listening
        self._ready = ready
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn once."""
        for name, value in self._settings().items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application, with its URLs and views imported before the fork."""
        from portal.wsgi import application

        _read_manifest_anew()
        get_resolver().url_patterns  # noqa: B018 - imports every view
        return application

    def _settings(self) -> dict[str, Any]:
        return {
            "bind": f"fd://{self._listening}",
            "worker_class": "gthread",
            "workers": PROCESSES,
            "threads": THREADS,
            "preload_app": True,
            "timeout": STUCK,
            "graceful_timeout": GRACE,
            "keepalive": 15,
            "limit_request_line": 8190,  # a long search in Chinese: nine bytes for each character
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108 - heartbeats only
            "when_ready": lambda _arbiter: signal.signal(signal.SIGINT, signal.SIG_IGN),
            "post_fork": self._worker_forked,
            "post_worker_init": self._worker_started,
        }

    def _worker_forked(self, _arbiter: Any, worker: Any) -> None:
        die_with(worker.ppid)
        call_itself("muniment door")

    def _worker_started(self, _worker: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor ends the house, in order
        self._ready("")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises OSError when it cannot be had."""
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except OSError:
        listening.close()
        raise
    return listening


def serve_on(listening: socket.socket) -> Run:
    """A `run` that serves the portal on this socket until SIGTERM."""

    def run(ready: Callable[[str], None]) -> None:
        Application(os.dup(listening.fileno()), ready).run()

    return run


def answers(address: tuple[str, int]) -> bool:
    """Whether the portal answers a real request at this address with less than 500, within five seconds."""
    connection = http.client.HTTPConnection(*address, timeout=5)
    try:
        connection.request("GET", _open_page(), headers={"Host": f"localhost:{address[1]}"})
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def _open_page() -> str:
    """A page that needs no person: the sign-in page."""
    try:
        return reverse("accounts:sign-in")
    except NoReverseMatch:
        return "/"
