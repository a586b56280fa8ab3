"""The doors that must be shut, and trying them: what a stranger on this machine gets without any key (docs/architecture.md, decision 10).

With one of the measures missing, the filer served and deleted anything, the shell removed a locked bucket, and one GET to the master
destroyed a collection. So each start knocks at every door as a stranger would; nothing knocked with here could destroy what is there.
"""

import http.client
import secrets
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from storage.embedded.connection import Connection, Ports
from storage.errors import DoorOpen

KNOCK_SECONDS = 5.0
LISTENING = "0A"  # state of a socket in /proc/net/tcp
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


@dataclass(frozen=True)
class Door:
    """One try: what was tried, whether the door was shut, and what came back."""

    name: str
    shut: bool
    answer: str


def try_doors(connection: Connection, *, bucket: str, pid: int | None = None) -> list[Door]:
    """Knock at every door of the running server without a key. With `pid`, also look whether it listens beyond loopback.

    Raises EmbeddedError for nothing: a door that does not answer at all is shut.
    """
    if connection.ports is None:
        return []
    doors = [_knock(*knock) for knock in _http_knocks(connection.ports, bucket)]
    for field in fields(Ports):
        if field.name.endswith("_grpc"):
            port = getattr(connection.ports, field.name)
            doors += [_knock_without_certificate(field.name, port), _knock_in_clear(field.name, port)]
    if pid is not None:
        doors.append(_only_loopback(pid))
    return doors


def require_shut(doors: list[Door]) -> None:
    """Raises DoorOpen, naming those that are not."""
    open_ones = [f"{door.name} ({door.answer})" for door in doors if not door.shut]
    if open_ones:
        raise DoorOpen(f"The embedded S3 server answers where it must stay shut: {', '.join(open_ones)}.", doors=open_ones)


def _http_knocks(ports: Ports, bucket: str) -> Iterator[tuple[str, int, str, str]]:
    """Name, port, method, path; the names in the paths are made up, so that even an open door loses nothing."""
    nothing = f"probe-{secrets.token_hex(8)}"
    yield "s3 list", ports.s3, "GET", f"/{bucket}"
    yield "s3 write", ports.s3, "PUT", f"/{bucket}/{nothing}"
    yield "s3 delete", ports.s3, "DELETE", f"/{bucket}/{nothing}"
    yield "s3 users", ports.s3, "POST", "/?Action=ListUsers&Version=2010-05-08"
    yield "filer list", ports.filer, "GET", f"/buckets/{bucket}/"
    yield "filer write", ports.filer, "PUT", f"/{nothing}"
    yield "filer delete", ports.filer, "DELETE", f"/{nothing}?recursive=true"
    yield "master assign", ports.master, "GET", "/dir/assign"
    yield "master lookup", ports.master, "GET", "/dir/lookup?volumeId=1"
    yield "master drop collection", ports.master, "GET", f"/col/delete?collection={nothing}"
    yield "master grow", ports.master, "GET", "/vol/grow?count=0"
    yield "volume read", ports.volume, "GET", "/1,01637037d6"
    yield "volume write", ports.volume, "PUT", "/1,01637037d6"
    yield "volume delete", ports.volume, "DELETE", "/1,01637037d6"


def _knock(name: str, port: int, method: str, path: str) -> Door:
    """Shut means: refused (401, 403), not there (404, 405), or no answer; also a redirect to nowhere is an answer, so it is open."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=KNOCK_SECONDS)
    try:
        client.request(method, path, body=b"probe" if method == "PUT" else None)
        status = client.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return Door(name, shut=True, answer=type(error).__name__)
    finally:
        client.close()
    return Door(name, shut=status in {401, 403, 404, 405}, answer=str(status))


def _knock_without_certificate(name: str, port: int) -> Door:
    """TLS without a certificate of ours; with TLS 1.3 the refusal comes with the first read, not with the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the stranger does not care who answers
    context.set_alpn_protocols(["h2"])
    try:
        with socket.create_connection(("127.0.0.1", port), KNOCK_SECONDS) as raw, context.wrap_socket(raw) as secure:
            secure.sendall(HTTP2_PREFACE)
            answer = secure.recv(64)
    except OSError as error:  # ssl.SSLError is one
        return Door(f"{name} without certificate", shut=True, answer=type(error).__name__)
    return Door(f"{name} without certificate", shut=not answer, answer=answer.hex())


def _knock_in_clear(name: str, port: int) -> Door:
    """HTTP/2 without TLS: an open gRPC server answers with its settings; a shut one with a TLS alert (21) or nothing."""
    try:
        with socket.create_connection(("127.0.0.1", port), KNOCK_SECONDS) as raw:
            raw.sendall(HTTP2_PREFACE)
            answer = raw.recv(64)
    except OSError as error:
        return Door(f"{name} in clear", shut=True, answer=type(error).__name__)
    return Door(f"{name} in clear", shut=not answer or answer[0] == 21, answer=answer.hex())


def _only_loopback(pid: int) -> Door:
    """Every socket on which the process listens, as the kernel lists them."""
    inodes = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    outside = [address for address, inode in _listening(pid) if f"socket:[{inode}]" in inodes and address.split(":")[0] not in LOOPBACK]
    return Door("beyond loopback", shut=not outside, answer=", ".join(outside) or "loopback only")


def _listening(pid: int) -> Iterator[tuple[str, str]]:
    for table in ("tcp", "tcp6"):
        path = Path(f"/proc/{pid}/net/{table}")
        for line in path.read_text().splitlines()[1:] if path.exists() else []:
            columns = line.split()
            if columns[3] == LISTENING:
                yield columns[1], columns[9]
