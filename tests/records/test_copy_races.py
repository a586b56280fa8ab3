"""Loans and copies under real connections: a recall against a download, a drawing, a page; two witnesses of one copy (LND-4, LND-6)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from records import access, copies, counter, filing, lending, registration, reminders, renditions, review, taking
from records.errors import Conflict, NotAllowed, StateConflict, Unknown
from records.models import AuditEvent, Loan, LoanCopy, LoanRendition, Notice, Record
from storage import objects
from tests import samples
from tests.factories import Contract, filed, incoming, loan_policies, person, secret
from tests.records.test_races import at_once

pytestmark = pytest.mark.usefixtures("store")
TODAY = timezone.localdate()
LATER = timezone.localdate() + timedelta(days=7)


def elsewhere(work: Callable[[], object]) -> None:
    """Done in another thread, by a connection of its own, before this returns."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def issued() -> Loan:
    """An original that staff took over the counter today."""
    loan_policies()
    loan = lending.request(actor=person("staff"), record_id=filed().pk, use="original", purpose="诉讼", until=TODAY)
    lending.decide(actor=person("registrar"), loan_id=loan.pk, decision="approve")
    return counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)


def lent() -> tuple[Record, Loan, Any]:
    """A large picture on a running download loan."""
    loan_policies()
    picture = incoming(samples.picture(width=1100, height=1100), "large.png")
    made = registration.register(actor=person("archivist"), given=Contract(secret("secret")).particulars(), files=[picture])
    review.review(actor=person("archivist2"), record_id=made.pk, decision="accept")
    record = filing.file_record(actor=person("archivist"), record_id=made.pk)
    loan = lending.request(actor=person("staff"), record_id=record.pk, use="download", purpose="核对", until=LATER)
    lending.decide(actor=person("head"), loan_id=loan.pk, decision="approve")
    return record, loan, record.versions.get().components.get()


def recall(loan: Loan) -> Callable[[], object]:
    return partial(lending.recall, actor=person("archivist"), loan_id=loan.pk, reason="泄密调查")


@pytest.mark.race
def test_a_recall_in_another_window_ends_bytes_and_pages(real_database: str) -> None:  # LND-4
    record, loan, component = lent()
    staff = person("staff")
    with access.one_moment():
        found = taking.stream_content(staff, record.pk, component.pk, span=lambda _size, _key: None)
        assert next(found.pieces)
        elsewhere(recall(loan))
        with pytest.raises(NotAllowed):
            next(found.pieces)
    with pytest.raises(NotAllowed):
        access.open_for_viewing(staff, record.pk, component.pk)
    assert AuditEvent.objects.filter(action="refused:download", record_id=record.pk).count() == 1


@pytest.mark.race
def test_a_recall_while_pages_are_drawn_leaves_no_copy(real_database: str, monkeypatch: pytest.MonkeyPatch) -> None:  # LND-4
    record, loan, component = lent()
    drawn = renditions.stamping.stamped

    def recalled(*given: Any, **more: Any) -> Any:
        yield from drawn(*given, **more)
        elsewhere(recall(loan))

    monkeypatch.setattr(renditions.stamping, "stamped", recalled)
    before = {each.key for each in objects.listing()}
    with pytest.raises(NotAllowed):
        taking.stream_content(person("staff"), record.pk, component.pk, span=lambda _size, _key: None)
    assert {each.key for each in objects.listing()} == before
    assert not LoanRendition.objects.exists()


@pytest.mark.race
def test_two_who_ask_at_once_get_one_copy(real_database: str) -> None:  # LND-4: one stamped copy for a loan
    record, _loan, component = lent()
    before, taken = {each.key for each in objects.listing()}, []

    def take() -> None:
        found = taking.stream_content(person("staff"), record.pk, component.pk, span=lambda _size, _key: None)
        taken.append(b"".join(found.pieces))

    assert not at_once([take, take])
    assert len(set(taken)) == 1
    [kept] = LoanRendition.objects.all()
    assert {each.key for each in objects.listing()} - before == {kept.stored.key}


@pytest.mark.race
def test_of_two_witnesses_one_is_first(real_database: str) -> None:  # LND-6
    loan_policies()
    loan = lending.request(actor=person("staff"), record_id=filed().pk, use="copy", purpose="诉讼", until=LATER, copies=1)
    lending.decide(actor=person("registrar"), loan_id=loan.pk, decision="approve")
    counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    copy = LoanCopy.objects.get()
    copies.destroy(actor=person("archivist"), copy_id=copy.pk, reason="用毕")
    failures = at_once([partial(copies.witness, actor=person(who), copy_id=copy.pk) for who in ("legal", "archivist2")])
    assert [isinstance(failure, Conflict | Unknown) for failure in failures] == [True]  # Unknown: it waits for no witness any more
    assert AuditEvent.objects.filter(action="witness-copy").count() == 1
    assert Loan.objects.get(pk=loan.pk).state == "returned"


@pytest.mark.race
def test_two_runs_of_the_reminders_tell_once_and_neither_fails(real_database: str) -> None:  # LND-7
    issued()
    assert at_once([reminders.remind] * 6) == []
    assert Notice.objects.filter(kind="loan-due").count() == 1


@pytest.mark.race
def test_two_windows_confirm_a_count_once(real_database: str) -> None:  # LND-11
    loan = issued()
    failures = at_once([partial(counter.confirm, actor=person("staff"), loan_id=loan.pk)] * 3)
    assert [type(failure) for failure in failures] == [StateConflict] * 2
    assert AuditEvent.objects.filter(action="confirm-issue").count() == 1
