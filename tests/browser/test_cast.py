"""Stands beside the browser tests: an ordinary database test, for which the database is made that theirs are copied from."""

import pytest

from records.models import User
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_everybody_in_the_browser_tests_can_sign_in() -> None:
    """The cast of the factories, with the password that the browser types."""
    for username in ("archivist", "archivist2", "staff"):
        assert User.objects.get(username=username).check_password(factories.PASSWORD)
