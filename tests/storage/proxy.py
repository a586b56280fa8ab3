"""A wire that fails: a TCP proxy before a real server that flips a bit, cuts a connection, or is dead."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

BODY = 4096  # a chunk longer than this is taken for content, not for headers


@dataclass
class Wire:
    """What the proxy does from now on: `flip` or `cut` one direction ("up" to the server, "down" from it), once per `times`."""

    port: int = 0
    flip: str = ""
    cut: str = ""
    times: int = 1_000_000
    hits: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hit(self, fault: str, direction: str, data: bytes) -> bool:
        """Whether the fault strikes here."""
        with self._lock:
            if fault != direction or len(data) < BODY or self.hits >= self.times:
                return False
            self.hits += 1
            return True


@contextlib.contextmanager
def proxy(target: int) -> Iterator[Wire]:
    """A proxy before the loopback port `target`, as long as the context lasts."""
    wire = Wire()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        wire.port = listening.getsockname()[1]
        threading.Thread(target=_accept, args=(listening, target, wire), daemon=True).start()
        yield wire
        listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, target: int, wire: Wire) -> None:
    while True:
        try:
            near, _address = listening.accept()
        except OSError:
            return
        far = socket.create_connection(("127.0.0.1", target))
        for pair in ((near, far, "up"), (far, near, "down")):
            threading.Thread(target=_pump, args=(*pair, wire), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket, direction: str, wire: Wire) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if wire.hit(wire.cut, direction, data):
                sink.sendall(data[: len(data) // 2])
                break
            if wire.hit(wire.flip, direction, data):
                data = data[:-1] + bytes([data[-1] ^ 1])
            sink.sendall(data)
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
