"""What `check --deploy` asks before the portal is used in earnest: keys, mail, address and index (the store: `storage/checks.py`).

Ids: portal.E… must be mended, portal.W… should be. None of them touches anything.
"""

import stat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's own name
from django.core.exceptions import ImproperlyConfigured

NOWHERE = {"console", "dummy", "locmem", "filebased"}


@register(Tags.security, deploy=True)
def keys(**_arguments: Any) -> list[CheckMessage]:
    """The two keys differ, and what lies in the data folder is its owner's alone."""
    found: list[CheckMessage] = []
    if settings.SECRET_KEY == settings.MUNIMENT_MASTER_KEY:
        found.append(Error("The secret key and the master key are the same.", hint="Give each its own.", id="portal.E001"))
    return found + [_open_to_others(path) for path in _private() if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077]


def _private() -> list[Path]:
    data = Path(settings.MUNIMENT_DATA)
    return [data, *(entry for name in ("keys", "s3") for entry in [data / name, *sorted((data / name).glob("*"))])]


def _open_to_others(path: Path) -> CheckMessage:
    return Error(f"{path} can be read by others on this machine.", hint=f"chmod go-rwx {path}", id="portal.E002")


@register(Tags.security, deploy=True)
def mail(**_arguments: Any) -> list[CheckMessage]:
    """Mail leaves the machine, over a sealed connection, from a real address."""
    kind = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if kind in NOWHERE:
        return [Warning("Mail is only written down, not sent.", hint="Set EMAIL_URL, for instance smtp+tls://…", id="portal.W001")]
    found: list[CheckMessage] = []
    if kind == "smtp" and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL) and settings.EMAIL_HOST not in {"localhost", "127.0.0.1"}:
        found.append(Warning("Mail travels unsealed.", hint="EMAIL_URL=smtp+tls://… or smtp+ssl://…", id="portal.W002"))
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        found.append(Warning("Mail comes from an address at localhost.", hint="Set MUNIMENT_MAIL_FROM.", id="portal.W003"))
    return found


@register(Tags.security, deploy=True)
def address(**_arguments: Any) -> list[CheckMessage]:
    """Others reach the portal over a sealed connection only."""
    from portal.serve.house import is_loopback

    scheme, _, rest = settings.MUNIMENT_BASE_URL.partition("://")
    host = rest.split("/")[0].rsplit(":", 1)[0]
    if scheme != "https" and not is_loopback(host):
        return [Error("MUNIMENT_BASE_URL is not https.", hint="Put a proxy with a certificate in front.", id="portal.E003")]
    return []


@register(Tags.security, deploy=True)
def index(**_arguments: Any) -> list[CheckMessage]:
    """The search index can be opened and asked."""
    from search.errors import SearchError

    try:
        _ask_index()
    except (SearchError, ImproperlyConfigured) as error:
        return [Error(f"The search index cannot be used: {error}", hint="manage.py search_index rebuild", id="portal.E004")]
    return []


def _ask_index() -> None:
    from search.engines import engine

    engine().check()
