"""The S3 server that runs beside the portal on one machine: SeaweedFS from its wheel, with every door shut but S3 itself (STO-1).

Everything it writes lies in `<data>/s3/`, mode 0700: `keys/` and `security.toml` (made once), `volumes/`, `log/`, `run/` (sockets), `lock`,
`connection.json` (address and keys for the portal). What each part is for is said in its module; why, in docs/architecture.md.
"""

from storage.embedded.connection import Connection, read_connection, s3_folder
from storage.embedded.doors import Door, try_doors
from storage.embedded.server import EmbeddedServer
from storage.embedded.volumes import find_heads, flush, free_bytes, vacuum

__all__ = [
    "Connection",
    "Door",
    "EmbeddedServer",
    "find_heads",
    "flush",
    "free_bytes",
    "read_connection",
    "s3_folder",
    "try_doors",
    "vacuum",
]
