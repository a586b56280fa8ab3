"""`audit verify|export` as an operator runs them (AUD-1)."""

import io
import json
from unittest.mock import Mock

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import translation

from records import audit
from storage.errors import StoreUnavailable
from tests.factories import registered
from tests.tampering import tamper

pytestmark = pytest.mark.django_db


def run(act):
    """What the command prints, in English."""
    out = io.StringIO()
    with translation.override("en"):
        call_command("audit", act, stdout=out)
    return out.getvalue()


def test_verify_says_how_many_links_hold_and_how_many_events_wait():
    registered()
    linked = audit.link_events()
    registered()

    assert run("verify").startswith(f"{linked} links hold, 1 events wait")


def test_verify_names_the_first_broken_link():
    registered()
    audit.link_events()
    tamper("UPDATE records_auditlink SET digest = 'x' WHERE sequence = %s", [1])

    with pytest.raises(CommandError, match="broken at link 1"):
        run("verify")


def test_verify_holds_the_chain_against_the_store():
    registered()
    linked = audit.link_events()
    audit.drop_anchor()
    assert f"anchored at {linked};" in run("verify")

    tamper("DELETE FROM records_auditlink WHERE sequence = %s", [linked])

    with pytest.raises(CommandError, match=f"broken at link {linked}"):
        run("verify")


@pytest.mark.parametrize("error", [StoreUnavailable("no answer"), ImproperlyConfigured("no server")])
def test_verify_says_when_the_store_cannot_be_asked(monkeypatch, error):
    monkeypatch.setattr(audit, "newest_anchor", Mock(side_effect=error))

    with pytest.raises(CommandError, match=str(error)):
        run("verify")


def test_export_names_records_by_id_and_never_by_title():
    record = registered(title="不可外传的题名")
    audit.link_events()

    rows = [json.loads(line) for line in run("export").splitlines()]

    assert rows[0]["record"]["id"] == str(record.pk)
    assert "不可外传" not in run("export")
