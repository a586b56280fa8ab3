"""Why `serve` could not do its work. Each is one plain sentence for stderr."""

# ruff: noqa: N818 - these are named for what happened, as the floors below do
from pathlib import Path

from django.utils.translation import gettext as _


class ServeError(Exception):
    """The portal could not be started."""

    code = "serve"


class AlreadyServed(ServeError):
    """Another process does this work on this data folder."""

    code = "already-served"

    def __init__(self, *, path: Path, holder: str) -> None:
        sentence = _("Process %(holder)s already runs on %(folder)s (%(lock)s); stop it first.")
        super().__init__(sentence % {"holder": holder, "folder": path.parent, "lock": path.name})


class AddressTaken(ServeError):
    """The address is in use."""

    code = "address-taken"

    def __init__(self, *, host: str, port: int, reason: str) -> None:
        super().__init__(
            _("Cannot listen on %(host)s port %(port)s (%(reason)s); name another with --port.")
            % {"host": host, "port": port, "reason": reason}
        )


class NotLoopback(ServeError):
    """The demo organisation has a known password: it may be served to this machine only."""

    code = "not-loopback"

    def __init__(self, *, host: str) -> None:
        super().__init__(_("The demo organisation has a known password; --demo refuses %(host)s, serve it on 127.0.0.1.") % {"host": host})


class PartFailed(ServeError):
    """A part did not come up; its last lines say why."""

    code = "part-failed"

    def __init__(self, *, name: str, status: str, lines: list[str]) -> None:
        super().__init__("\n".join([_("%(name)s did not start: %(status)s. Its last lines:") % {"name": name, "status": status}, *lines]))
