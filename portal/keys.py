"""Secrets that nobody gave: made once, kept in the data folder with mode 0600."""

import os
import secrets
from pathlib import Path


def kept_secret(path: Path, *, bits: int) -> str:
    """The secret in `path` (URL-safe base64), made on the first call; two processes that race get the same one.

    Raises OSError when the folder cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(bits // 8))
            file.flush()
            os.fsync(file.fileno())
        _keep_first(draft, path)
    return path.read_text().strip()


def _keep_first(draft: Path, path: Path) -> None:
    """Name the draft; whoever links first wins, and nobody ever sees half a key."""
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
