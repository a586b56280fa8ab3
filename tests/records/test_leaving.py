"""What a leaver's act locks (SEC-12); what it does is shown through API and desk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from records import leaving, lending
from records.models import Loan, LoanState, Record
from tests.factories import filed, loan_policies, person, secret

pytestmark = pytest.mark.django_db


def test_all_records_that_it_is_about_are_locked_before_anything_of_them_changes():
    """In one statement and one order, as for a volume that is borrowed at that moment: the two would wait for each other otherwise."""
    loan_policies()
    owned, borrowed = filed("archivist2", "registrar"), filed(**secret("secret"))
    loan = lending.request(actor=person("archivist2"), record_id=borrowed.pk, use="original", purpose="核对", until=timezone.localdate())
    with CaptureQueriesContext(connection) as asked:
        leaving.leave(actor=person("admin"), username="archivist2", successor="registrar", reason="离职")
    statements = [each["sql"] for each in asked]
    first = next(place for place, sql in enumerate(statements) if sql.startswith(('UPDATE "records_record"', 'UPDATE "records_loan"')))
    locks = [sql for sql in statements[:first] if sql.startswith('SELECT "records_record"."id"') and "ORDER BY" in sql]
    assert len([sql for sql in locks if all(row.pk.hex in sql for row in (owned, borrowed))]) == 1
    assert Record.objects.get(pk=owned.pk).owner == person("registrar")
    assert Loan.objects.get(pk=loan.pk).state == LoanState.CANCELLED
