"""Where the embedded server is to be found, kept in a file that only its owner can read."""

import json
import os
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

REGION = "us-east-1"  # the server has none of its own; signatures need one


@dataclass(frozen=True)
class Ports:
    """The eight ports, all on 127.0.0.1; each part has one for HTTP and one for gRPC."""

    s3: int
    s3_grpc: int
    filer: int
    filer_grpc: int
    volume: int
    volume_grpc: int
    master: int
    master_grpc: int


@dataclass(frozen=True)
class Connection:
    """What a client of the store needs, and the ports for the supervisor's own use (None: a store of somebody else's)."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str = REGION
    ports: Ports | None = None


def s3_folder(data: Path) -> Path:
    """The embedded server's folder in the data folder."""
    return data / "s3"


def connection_file(data: Path) -> Path:
    """The file that tells where the server is; it is there from the first start on, also while the server is down."""
    return s3_folder(data) / "connection.json"


def read_connection(data: Path) -> Connection | None:
    """Address and keys as last written; None when no server was ever started on this data folder."""
    path = connection_file(data)
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return _read(path, seen.st_ino, seen.st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _inode: int, _changed: int) -> Connection:
    """Read once for each file that `write_connection` put in place: every request to the store asks for it."""
    fields = json.loads(path.read_text())
    return Connection(**{**fields, "ports": Ports(**fields["ports"])})


def write_connection(data: Path, connection: Connection) -> None:
    """Replace the file in one step, mode 0600: a reader sees the old or the new one, never half of it."""
    write_private(connection_file(data), json.dumps(asdict(connection), indent=1).encode())


def write_private(path: Path, content: bytes) -> None:
    """`content` in `path`, mode 0600, on disk, in one step."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
