"""Which parts there are, and in which order they start and end."""

import ipaddress
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.urls import get_resolver

from portal.serve import lock, prepare, schedule, web, worker
from portal.serve.errors import AddressTaken, NotLoopback
from portal.serve.output import Terminal
from portal.serve.processes import Child
from portal.serve.space import watch_space
from portal.serve.store import StorePart
from portal.serve.supervisor import Duty, Part, Stop, Supervisor

ENDING = (("web", "scheduler"), ("worker", "reader", "prepare", "demo", "doors"), ("store",))
"""The order of the end: first nobody comes in any more, then the work in hand is finished, then the store."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What `serve` was asked for."""

    host: str
    port: int
    demo: bool


def serve(options: Options) -> None:
    """Run everything in the foreground until SIGTERM, SIGINT or SIGHUP. Raises ServeError when it could not be started."""
    if options.demo and not is_loopback(options.host):
        raise NotLoopback(host=options.host)
    os.umask(0o077)  # nothing that the parts write is anybody else's
    data = Path(settings.MUNIMENT_DATA)
    held = lock.hold(data / "serve.lock")
    listening = _listen(options)
    _be_reached_at(options.host, listening.getsockname()[1])
    prepare.empty_spool()
    supervisor = Supervisor(Terminal(data / "logs"), close=[held])
    try:
        _House(supervisor, listening, options).open()
        supervisor.watch()
    except Stop:
        supervisor.terminal.say("ending")
    finally:
        listening.close()
        supervisor.stop(ENDING)


class _House:
    """The parts of one `serve`."""

    def __init__(self, supervisor: Supervisor, listening: socket.socket, options: Options) -> None:
        self._supervisor = supervisor
        self._listening = listening
        self._options = options
        self._port: int = listening.getsockname()[1]

    def open(self) -> None:
        """Start everything; returns when the portal answers. The store and the tables are made ready side by side."""
        supervisor = self._supervisor
        store = self._start_store()
        invite = not self._options.demo
        first = Part(name="prepare", once=True, shown=False, patience=600, run=lambda ready: prepare.run(ready, invite=invite))
        supervisor.start(first)
        get_resolver().url_patterns  # noqa: B018 - imports every view here, once, for all who are forked from here
        connections.close_all()
        supervisor.wait_for(first, *store)
        self._start_workers()
        if self._options.demo:
            supervisor.wait_for(self._load_demo())
        self._open_door()
        self._announce(first.message)

    def _start_store(self) -> list[Part]:
        if settings.S3_ENDPOINT_URL:
            return []
        keeper = StorePart()
        part = Part(name="store", run=keeper.run, probe=keeper.probe, shown=False, grace=5)
        self._supervisor.start(part)
        return [part]

    def _start_workers(self) -> None:
        for part in (Part(name="worker", run=worker.run, grace=20), Part(name="scheduler", run=schedule.run)):
            self._supervisor.start(part)

    def _load_demo(self) -> Part:
        part = Part(name="demo", once=True, patience=1800, run=lambda _ready: call_command("demo"))
        self._supervisor.start(part)
        return part

    def _open_door(self) -> None:
        supervisor = self._supervisor
        door = Part(name="web", run=web.serve_on(self._listening), probe=self._door_answers)
        supervisor.start(door)
        supervisor.wait_for(*(part for part in supervisor.parts if not part.once))
        supervisor.duties.append(Duty(period=15, look=watch_space(Path(settings.MUNIMENT_DATA), supervisor.terminal.say)))

    def _door_answers(self, child: Child) -> bool:
        return child.poll_ready() and web.answers((_reachable(self._options.host), self._port))

    def _announce(self, link: str) -> None:
        say = self._supervisor.terminal.say
        if link:
            say(f"No person yet. The first administrator signs up here, once: {link}")
        say(f"Muniment is ready at {settings.MUNIMENT_BASE_URL}")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach this host name or address."""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return False


def _listen(options: Options) -> socket.socket:
    try:
        return web.listen(options.host, options.port)
    except OSError as error:
        raise AddressTaken(host=options.host, port=options.port, reason=error.strerror or str(error)) from error


def _reachable(host: str) -> str:
    """An address of this machine for a host that may mean all of them."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared, not bound


def _be_reached_at(host: str, port: int) -> None:
    """Links name the real address unless a setting names another; the host named by hand may be asked for by name."""
    shown = _reachable(host)
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, shown]
    if "MUNIMENT_BASE_URL" not in os.environ:
        url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
        settings.MUNIMENT_BASE_URL = settings.WAGTAILADMIN_BASE_URL = url
        settings.CSRF_TRUSTED_ORIGINS = [url]
