"""The register's filters and the month's report, with the clock at different days (LND-7, LND-9, AUD-2)."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from records import approvals, counter, lending, loan_register, loan_report
from records.errors import Invalid, NotAllowed
from records.loan_register import Filters
from records.models import AuditEvent, DutyHolder, Loan, LoanReport, OutboxRow, RecordNamed, User
from tests.factories import filed, loan_policies, person, secret

pytestmark = pytest.mark.django_db
NAMED = ["registrar", "officer", "manager"]


@pytest.fixture
def clock(monkeypatch):
    """Sets the time on the clocks here."""

    def put(*parts):
        moment = datetime(*parts, tzinfo=timezone.get_current_timezone())
        monkeypatch.setattr(timezone, "now", lambda: moment)
        monkeypatch.setattr(Loan._meta.get_field("since"), "_get_default", lambda: moment, raising=False)  # it was bound before
        return moment

    return put


@pytest.fixture(autouse=True)
def policies():
    """As shipped; sentences in English."""
    loan_policies()
    with translation.override("en"):
        yield


def issued(record, who="staff", *, days=7, use="original", issuer="archivist"):
    """Paper in somebody's hands, from today on for so many days."""
    until, copies = timezone.localdate() + timedelta(days=days), 1 if use == "copy" else None
    loan = lending.request(actor=person(who), record_id=record.pk, use=use, purpose="核对", until=until, copies=copies)
    while loan.state == "requested":
        decider = approvals.turn_of(loan.approval).people[0]
        lending.decide(actor=decider, loan_id=loan.pk, decision="approve")
        loan = Loan.objects.get(pk=loan.pk)
    return counter.issue(actor=person(issuer), loan_id=loan.pk, copies=1, pages=9)


def back(loan):
    return counter.give_back(actor=person("archivist2"), loan_id=loan.pk, copies=1, pages=9)


def lines(who, month):
    return {line.loan.number: line for line in loan_report.of_month(person(who), loan_report.month_of(month)).lines}


# --- the report -----------------------------------------------------------------------------------------------------


def test_what_was_out_at_the_end_of_the_month(clock):  # LND-9
    clock(2026, 10, 5, 10)
    gone, stays = issued(filed()), issued(filed(), "head")
    clock(2026, 10, 31, 17)
    back(gone)
    clock(2026, 11, 2, 9)
    late_in = issued(filed(), "manager")
    clock(2026, 11, 2, 10)
    assert set(lines("manager", "2026-10")) == {stays.number}
    assert lines("manager", "2026-10")[stays.number].days_over == 19
    assert set(lines("manager", "2026-11")) == set(lines("manager", "")) == {stays.number, late_in.number}
    clock(2026, 11, 3, 9)
    back(stays)
    clock(2026, 11, 3, 10)
    assert set(lines("manager", "2026-10")) == {stays.number}
    assert set(lines("manager", "2026-11")) == {late_in.number}


def test_the_month_ends_by_the_clocks_here(clock):
    """In the portal's zone, eight hours before UTC's midnight; the moment itself belongs to the next month."""
    clock(2026, 10, 31, 23, 59, 59)
    last = issued(filed())
    clock(2026, 11, 1, 0, 0, 0)
    first = issued(filed(), "head")
    clock(2026, 12, 1, 8)
    assert set(lines("manager", "2026-10")) == {last.number}
    assert set(lines("manager", "2026-11")) == {last.number, first.number}


def test_copies_and_originals_are_in_it_and_what_is_open_on_the_screen_is_not(clock):
    clock(2026, 10, 5, 10)
    record = filed(**secret("secret"))
    lending.decide(
        actor=person("head"),
        loan_id=lending.request(actor=person("staff"), record_id=record.pk, use="view", purpose="核对", until="2026-12-01").pk,
        decision="approve",
    )
    copy, original = issued(filed(), use="copy"), issued(filed())
    clock(2026, 10, 5, 11)
    assert set(lines("manager", "")) == {copy.number, original.number}


@pytest.mark.parametrize("text", ["2026-13", "2026", "11-2026", "2026-12", "9999-01", "0000-01", "1-1", "２０２６-01"])
def test_a_month_that_has_not_begun_or_is_none_is_refused(clock, text):
    clock(2026, 11, 23, 9)
    with pytest.raises(Invalid) as refused:
        loan_report.month_of(text)
    assert list(refused.value.errors) == ["month"]


def test_who_reads_it_and_what_of_it(clock):  # AUD-2, SEC-5
    clock(2026, 11, 5, 9)
    plain = issued(filed())
    hidden = issued(filed("registrar", "officer", **secret("top-secret"), named=NAMED), "officer", issuer="registrar")
    clock(2026, 11, 5, 10)
    assert set(lines("archivist2", "")) == {plain.number}
    RecordNamed.objects.filter(record=hidden.record, user=person("manager")).delete()
    assert {number: line.titled for number, line in lines("manager", "").items()} == {plain.number: True, hidden.number: False}
    assert {number: line.titled for number, line in lines("auditor", "").items()} == {plain.number: False, hidden.number: False}
    assert lines("officer", "")[hidden.number].titled
    for who in ("staff", "head", "legal", "admin"):
        with pytest.raises(NotAllowed):
            loan_report.of_month(person(who), date(2026, 11, 1))


def test_it_waits_from_the_first_of_the_next_month_until_it_was_sent(clock):
    clock(2026, 11, 30, 23, 59)
    assert loan_report.waiting() == date(2026, 10, 1)
    clock(2026, 12, 1, 0, 0)
    assert loan_report.waiting() == date(2026, 11, 1)
    clock(2026, 12, 9, 8)
    assert loan_report.waiting() == date(2026, 11, 1)
    assert send(date(2026, 11, 1)) is not None
    assert loan_report.waiting() is None


def send(month):
    return loan_report.send(month, people=loan_report.readers(), pdf=lambda report: report.name.encode(), sheet=lambda report: b"x")


def test_a_month_is_sent_once(clock):  # LND-9
    clock(2026, 12, 1, 5)
    kept = send(date(2026, 11, 1))
    assert send(date(2026, 11, 1)) is None
    assert LoanReport.objects.count() == 1
    assert OutboxRow.objects.filter(topic=loan_report.TOPIC).count() == 1
    assert AuditEvent.objects.get(action="send-loan-report").reason == kept.sha256
    assert kept.sent_to == ["manager"]


def test_who_left_or_is_no_manager_any_more_is_sent_nothing(clock):
    clock(2026, 12, 1, 5)
    send(date(2026, 11, 1))
    key = OutboxRow.objects.get(topic=loan_report.TOPIC).key
    assert loan_report.posted(key)[1] == person("manager")
    User.objects.filter(username="manager").update(is_active=False)
    assert loan_report.posted(key) is None
    User.objects.filter(username="manager").update(is_active=True)
    DutyHolder.objects.filter(user__username="manager").delete()
    assert loan_report.posted(key) is None
    assert loan_report.readers() == []


# --- the register ---------------------------------------------------------------------------------------------------


def numbers(who="archivist", **filters):
    return {loan.number for loan in loan_register.rows(person(who), Filters(**filters))}


def test_each_filter_narrows(clock):  # LND-7
    clock(2026, 11, 2, 9)
    contract, other = filed(), filed()
    late, waiting = (
        issued(contract, days=1),
        lending.request(actor=person("head"), record_id=contract.pk, use="original", purpose="核对", until="2026-12-20"),
    )
    clock(2026, 11, 10, 9)
    copy = issued(other, "manager", use="copy")
    assert numbers() == {late.number, waiting.number, copy.number}
    assert numbers(state="overdue") == {late.number}
    assert numbers(state="out") == {late.number, copy.number}
    assert numbers(state="queue") == numbers(state="requested") == {waiting.number}
    assert numbers(use="copy") == {copy.number}
    assert numbers(borrower="STAFF") == numbers(borrower="李") == {late.number}
    assert numbers(department="sales") == {late.number, waiting.number}
    assert numbers(record=other.number) == numbers(record=copy.number.lower()) == {copy.number}
    assert numbers(until="2026-11-09") == {late.number, waiting.number}
    assert numbers(since="2026-11-10") == {copy.number}
    assert numbers(since="2026-11-10", use="original") == set()


@pytest.mark.parametrize(
    ("name", "value"), [("state", "away"), ("use", "eat"), ("since", "gestern"), ("until", "2026-02-31"), ("since", "0001-01-01")]
)
def test_a_bad_filter_is_refused_by_field(name, value):
    with pytest.raises(Invalid) as refused:
        numbers(**{name: value})
    assert list(refused.value.errors) == [name]


def test_rows_are_those_of_records_that_the_keeper_may_know_of():  # SEC-5
    hidden = issued(filed("registrar", "officer", **secret("top-secret"), named=NAMED), "officer", issuer="registrar")
    plain = issued(filed())
    assert numbers("officer", record=hidden.record.number) == {hidden.number}
    assert numbers("archivist2") == {plain.number}
    assert numbers("auditor") == {hidden.number, plain.number}
    assert loan_register.titled(person("auditor"), [plain]) == set()
    assert loan_register.titled(person("archivist"), [plain]) == {plain.record_id}
    for who in ("staff", "head", "legal", "admin"):
        with pytest.raises(NotAllowed):
            numbers(who)
