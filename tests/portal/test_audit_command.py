"""`audit verify|export` as an operator runs them (AUD-1)."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from records import audit
from tests.factories import registered
from tests.tampering import tamper

pytestmark = pytest.mark.django_db


def run(act):
    """What the command prints."""
    out = io.StringIO()
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


def test_export_names_records_by_id_and_never_by_title():
    record = registered(title="不可外传的题名")
    audit.link_events()

    rows = [json.loads(line) for line in run("export").splitlines()]

    assert rows[0]["record"]["id"] == str(record.pk)
    assert "不可外传" not in run("export")
