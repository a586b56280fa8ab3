"""Messages between the sandbox and its owner: a JSON head and raw bytes, each with its length before it.

JSON, since a child that was taken over may write anything: unpickling it would hand the owner over as well.
"""

import json
import socket
import struct
import time
from typing import Any

LENGTHS = struct.Struct("!IQ")
MAX_HEAD = 64 * 1024 * 1024  # bytes; a child may not make its owner allocate without end
MAX_BODY = 1024 * 1024 * 1024
CHUNK = 1024 * 1024


class Ended(Exception):  # noqa: N818
    """The other side closed the connection."""


class Malformed(Exception):  # noqa: N818
    """The other side wrote something that is no message."""


def send(connection: socket.socket, head: Any, body: bytes = b"", *, deadline: float | None = None) -> None:
    """Write one message; TimeoutError when `deadline` (of time.monotonic) passes first."""
    encoded = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    _allow(connection, deadline)
    try:
        connection.sendall(LENGTHS.pack(len(encoded), len(body)) + encoded)
        if body:
            _allow(connection, deadline)
            connection.sendall(body)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Ended from error


def receive(connection: socket.socket, *, deadline: float | None = None) -> tuple[Any, bytes]:
    """Read one message; TimeoutError when `deadline` passes first, Ended when the other side is gone."""
    head_length, body_length = LENGTHS.unpack(_read(connection, LENGTHS.size, deadline))
    if head_length > MAX_HEAD or body_length > MAX_BODY:
        raise Malformed
    head = _read(connection, head_length, deadline)
    body = _read(connection, body_length, deadline) if body_length else b""
    try:
        return json.loads(bytes(head).decode("utf-8", "surrogatepass")), bytes(body)
    except ValueError as error:
        raise Malformed from error


def _read(connection: socket.socket, length: int, deadline: float | None) -> bytearray:
    buffer = bytearray()
    while len(buffer) < length:
        _allow(connection, deadline)
        try:
            part = connection.recv(min(CHUNK, length - len(buffer)))
        except ConnectionResetError as error:
            raise Ended from error
        if not part:
            raise Ended
        buffer += part
    return buffer


def _allow(connection: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        connection.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)
