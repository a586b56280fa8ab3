"""What `check --deploy` finds before the portal is used in earnest."""

from pathlib import Path
from typing import Any

import pytest

from portal import checks


def ids(found: list[Any]) -> list[str]:
    """The ids of what was found."""
    return [message.id for message in found]


@pytest.fixture
def earnest(settings: Any, tmp_path: Path) -> Any:
    """Settings with which nothing is found."""
    tmp_path.chmod(0o700)
    settings.MUNIMENT_DATA = tmp_path
    settings.MUNIMENT_BASE_URL = "https://archive.example.com"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "mail.example.com", True
    settings.DEFAULT_FROM_EMAIL = "archive@example.com"
    return settings


def test_nothing_is_found_where_all_is_well(earnest: Any) -> None:
    assert checks.keys() + checks.mail() + checks.address() == []


def test_one_key_for_two_purposes_is_an_error(earnest: Any) -> None:
    earnest.SECRET_KEY = earnest.MUNIMENT_MASTER_KEY
    assert ids(checks.keys()) == ["portal.E001"]


@pytest.mark.parametrize("name", [".", "keys", "keys/master", "s3/s3.json"])
def test_what_others_can_read_is_an_error(earnest: Any, tmp_path: Path, name: str) -> None:
    for folder in ("keys", "s3"):
        (tmp_path / folder).mkdir(mode=0o700)
    for file in ("keys/master", "s3/s3.json"):
        (tmp_path / file).touch(mode=0o600)
    assert checks.keys() == []
    (tmp_path / name).chmod(0o755)
    assert ids(checks.keys()) == ["portal.E002"]


def test_mail_that_goes_nowhere_is_a_warning(earnest: Any) -> None:
    earnest.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert ids(checks.mail()) == ["portal.W001"]


def test_unsealed_mail_is_a_warning_unless_it_stays_on_the_machine(earnest: Any) -> None:
    earnest.EMAIL_USE_TLS = False
    assert ids(checks.mail()) == ["portal.W002"]
    earnest.EMAIL_HOST = "localhost"
    assert checks.mail() == []


def test_mail_from_localhost_is_a_warning(earnest: Any) -> None:
    earnest.DEFAULT_FROM_EMAIL = "muniment@localhost"
    assert ids(checks.mail()) == ["portal.W003"]


@pytest.mark.parametrize(
    ("url", "found"),
    [("http://archive.example.com", ["portal.E003"]), ("http://127.0.0.1:8000", []), ("http://[::1]:8000", []), ("https://10.0.0.1/", [])],
)
def test_others_must_come_by_https(earnest: Any, url: str, found: list[str]) -> None:
    earnest.MUNIMENT_BASE_URL = url
    assert ids(checks.address()) == found


def test_an_engine_that_there_is_not_is_an_error(earnest: Any) -> None:
    earnest.SEARCH_URL = "gopher://nowhere"
    assert ids(checks.index()) == ["portal.E004"]


def test_an_index_can_be_opened(earnest: Any) -> None:
    assert checks.index() == []
