"""What is done once at every start, before the portal opens: tables, shipped data, static files.

Each step first asks whether there is anything to do, so that a second start costs next to nothing.
"""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor


def empty_spool() -> None:
    """Remove what an interrupted upload or parser left in the spool; nothing there outlives a start (docs/architecture.md, decision 8)."""
    _empty(Path(settings.FILE_UPLOAD_TEMP_DIR))


def own_spool(name: str) -> None:
    """Give the part `name` a folder of the spool to itself, and empty it of what the same part left when it was killed."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR) / name
    _empty(folder)
    settings.FILE_UPLOAD_TEMP_DIR = folder


def _empty(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def run(ready: Callable[[str], None], *, invite: bool) -> None:
    """All steps, in a process of their own; `invite`: says the first administrator's link when there is no person yet."""
    call_command("check", verbosity=0)
    migrate()
    call_command("load_shipped", verbosity=0)
    collect_static()
    ready(first_link() if invite else "")


def migrate() -> None:
    """Bring the tables up to date; asks first, since Django's command looks at much more than the plan."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def collect_static() -> None:
    """Collect and compress the static files when one of them changed since the last start."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    found = static_digest()
    if stamp.exists() and stamp.read_text() == found:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(found)


def static_digest() -> str:
    """A digest over name, size and time of every static file that the finders know."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def first_link() -> str:
    """The one-time link that makes the first administrator; empty when a person exists."""
    from portal.accounts.first import first_administrator_link

    return first_administrator_link() or ""
