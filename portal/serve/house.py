"""Which parts there are, and in which order they start and end."""

import ipaddress
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.urls import get_resolver

from portal.serve import lock, prepare, schedule, web, worker
from portal.serve.errors import AddressTaken, NotLoopback
from portal.serve.output import Terminal
from portal.serve.processes import Child, Run
from portal.serve.supervisor import Duty, Part, Stop, Supervisor
from portal.serve.watch import Pulse, watch_space
from records import outbox
from search.engines import engine
from storage.embedded import EmbeddedServer

ENDING = (("web", "scheduler", *(lane.name for lane in worker.LANES), "prepare", "demo", "doors"), ("store",))
"""The order of the end: nobody comes in any more and the work in hand is finished, then the store."""


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
        first = self._start_preparing()
        _import_everything()
        supervisor.wait_for(first)
        door = [self._start_at_work("web", web.serve_on(self._listening), probe=self._door_answers)]
        supervisor.wait_for(*store)
        workers = [self._start_lane(lane) for lane in worker.LANES if lane.wanted() & outbox.topics()]
        workers.append(self._start_at_work("scheduler", schedule.run))
        if self._options.demo:
            demo = Part(name="demo", once=True, patience=1800, run=_load_demo)
            supervisor.wait_for(self._start(demo))
        supervisor.wait_for(*store, *door, *workers)
        supervisor.duties.append(Duty(period=15, look=watch_space(Path(settings.MUNIMENT_DATA), supervisor.terminal.say)))
        self._announce(first.message)

    def _start(self, part: Part) -> Part:
        self._supervisor.start(part)
        return part

    def _start_at_work(self, name: str, run: Run, **more: Any) -> Part:
        """A part that handles content: what it spools is its own, and gone when it is started again."""

        def run_with_spool(ready: Callable[[str], None]) -> int | None:
            prepare.own_spool(name)
            return run(ready)

        return self._start(Part(name=name, run=run_with_spool, **more))

    def _start_lane(self, lane: worker.Lane) -> Part:
        return self._start_at_work(lane.name, lambda ready: worker.run(ready, lane), grace=worker.LAST_ROW + 5)

    def _start_preparing(self) -> Part:
        invite = not self._options.demo
        return self._start(Part(name="prepare", once=True, shown=False, patience=600, run=lambda ready: prepare.run(ready, invite=invite)))

    def _start_store(self) -> list[Part]:
        """The embedded S3 server, unless the settings name another store; its doors are tried each time it comes up."""
        if settings.S3_ENDPOINT_URL:
            return []
        server = EmbeddedServer(Path(settings.MUNIMENT_DATA), buckets=[settings.S3_BUCKET])
        part = Part(name="store", run=lambda _ready: _become(server), probe=lambda _child: server.healthy(), shown=False, grace=1)
        part.follow_up = Part(name="doors", once=True, shown=False, run=lambda _ready: _open_up(server, part))
        pulse = Pulse(lambda: server.healthy() if part.ready else None, lambda: self._supervisor.end_silent(part))
        self._supervisor.duties.append(Duty(period=15, look=pulse.look))
        return [self._start(part)]

    def _door_answers(self, child: Child) -> bool:
        return child.poll_ready() and web.answers((_reachable(self._options.host), self._port))

    def _announce(self, link: str) -> None:
        terminal = self._supervisor.terminal
        if link:
            terminal.tell(f"There is nobody yet. Make the first administrator here, once: {link}")
        terminal.say(f"Muniment is ready at {settings.MUNIMENT_BASE_URL}")


def _import_everything() -> None:
    """Views and the search engine, imported here once for all who are forked from here: they share the memory, and start at once."""
    get_resolver().url_patterns  # noqa: B018 - the import is meant
    engine()


def _load_demo(_ready: Callable[[str], None]) -> None:
    call_command("demo")


def _become(server: EmbeddedServer) -> NoReturn:
    """Out of the terminal's group: Ctrl-C must not end the store before those who still write to it."""
    os.setpgid(0, 0)
    server.become()


def _open_up(server: EmbeddedServer, part: Part) -> None:
    server.open_up(pid=part.child.pid if part.child else None)


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
