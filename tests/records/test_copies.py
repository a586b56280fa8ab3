"""Copies on paper: numbered at issue, each ended by itself, destroyed under witness (LND-6, LND-8, LND-12)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from records import copies, counter, lending
from records.errors import Conflict, NotAllowed, ReasonMissing, StateConflict, Unknown
from records.models import AuditEvent, CopyState, Loan, LoanCopy, LoanState, Record, User
from tests.factories import filed, loan_policies, person, secret

pytestmark = pytest.mark.django_db
LATER = str(timezone.localdate() + timedelta(days=7))


@pytest.fixture(autouse=True)
def policies():
    """As shipped; sentences in English."""
    loan_policies()
    with translation.override("en"):
        yield


@pytest.fixture
def record() -> Record:
    return filed()


def issued(record: Record, number: int = 3, who: str = "staff") -> list[LoanCopy]:
    """So many copies in the borrower's hands."""
    loan = lending.request(actor=person(who), record_id=record.pk, use="copy", purpose="诉讼证据", until=LATER, copies=number)
    lending.decide(actor=person("registrar"), loan_id=loan.pk, decision="approve")
    counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=number, pages=2)
    return list(LoanCopy.objects.filter(loan=loan).order_by("number"))


def act(verb, copy: LoanCopy, who: str, **given: str) -> LoanCopy:
    return verb(actor=person(who), copy_id=copy.pk, **given)


def loan_of(copy: LoanCopy) -> Loan:
    return Loan.objects.get(pk=copy.loan_id)


def states(found: list[LoanCopy]) -> list[str]:
    return list(LoanCopy.objects.filter(pk__in=[copy.pk for copy in found]).order_by("number").values_list("state", flat=True))


def test_the_table_is_the_law(record):
    [copy] = issued(record, 1)
    for state in CopyState.values:
        for name in sorted(copies.VERBS):
            more = {"destroyed_by": person("archivist"), "witness": person("legal")}
            LoanCopy.objects.filter(pk=copy.pk).update(state=state, **more)
            copy.refresh_from_db()
            row = copies.step_for(name, copy.state)
            if row is None:
                with pytest.raises(StateConflict):
                    copies.apply(copy, name)
            else:
                copies.apply(copy, name)
                assert LoanCopy.objects.get(pk=copy.pk).state == row.to


def test_each_copy_has_a_number_a_holder_a_purpose_and_a_day(record):
    found = issued(record)
    loan = loan_of(found[0])
    assert [copy.number for copy in found] == [f"{loan.number}-{place}" for place in (1, 2, 3)]
    assert {(copy.holder, copy.purpose, copy.due, copy.state) for copy in found} == {(person("staff"), "诉讼证据", loan.until, "out")}


def test_fewer_are_issued_than_approved_and_never_more(record):
    loan = lending.request(actor=person("staff"), record_id=record.pk, use="copy", purpose="诉讼", until=LATER, copies=2)
    lending.decide(actor=person("archivist2"), loan_id=loan.pk, decision="approve")
    with pytest.raises(Conflict, match="2 copies were approved"):
        counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=3, pages=2)
    assert not LoanCopy.objects.exists()
    counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    assert LoanCopy.objects.count() == 1


def test_originals_have_no_copies(record):
    loan = lending.request(actor=person("staff"), record_id=record.pk, use="original", purpose="核对", until=LATER)
    lending.decide(actor=person("archivist2"), loan_id=loan.pk, decision="approve")
    counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    assert not LoanCopy.objects.exists()


def test_the_last_copy_that_is_out_ends_the_loan(record):
    first, second, third = found = issued(record)
    act(copies.give_back, first, "archivist")
    act(copies.destroy, second, "archivist", reason="用毕")
    assert loan_of(first).state == LoanState.ACTIVE
    act(copies.give_back, third, "archivist2")
    assert loan_of(first).state == LoanState.ACTIVE  # one waits for its witness
    act(copies.witness, second, "archivist2")
    assert states(found) == ["returned", "destroyed", "returned"]
    assert (loan_of(first).state, loan_of(first).incident) == (LoanState.RETURNED, False)


def test_a_destruction_takes_two_people_neither_of_them_the_holder(record):  # SEC-15
    [copy] = issued(record, 1)
    with pytest.raises(ReasonMissing):
        act(copies.destroy, copy, "archivist", reason=" ")
    with pytest.raises(NotAllowed):
        act(copies.destroy, copy, "staff", reason="用毕")
    with pytest.raises(StateConflict):
        act(copies.witness, copy, "archivist2")
    act(copies.destroy, copy, "archivist", reason="用毕")
    for who, refusal in (("archivist", Conflict), ("staff", NotAllowed), ("legal2", None)):
        if refusal:
            with pytest.raises(refusal):
                act(copies.witness, copy, who)
        else:
            assert act(copies.witness, copy, who).witness == person(who)
    copy.refresh_from_db()
    assert (copy.state, copy.destroyed_by, copy.witness) == ("destroyed", person("archivist"), person("legal2"))


def test_a_holder_with_the_duty_neither_destroys_nor_witnesses(record):
    [copy] = issued(record, 1, "archivist2")
    for verb in (copies.destroy, copies.give_back):
        with pytest.raises(Conflict, match="their own"):
            act(verb, copy, "archivist2", reason="用毕")
    act(copies.destroy, copy, "archivist", reason="用毕")
    with pytest.raises(Conflict, match="second person"):
        act(copies.witness, copy, "archivist2")


@pytest.mark.parametrize(
    "rows",
    [
        {"state": "destroyed"},
        {"state": "destroyed", "destroyed_by": "archivist"},
        {"destroyed_by": "archivist", "witness": "archivist"},
        {"destroyed_by": "archivist", "witness": "staff"},
        {"destroyed_by": "staff"},
        {"state": "eaten"},
    ],
)
def test_the_database_knows_it_too(record, rows):
    [copy] = issued(record, 1)
    values = {name: value if name == "state" else person(value) for name, value in rows.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        LoanCopy.objects.filter(pk=copy.pk).update(**values)


def test_a_lost_copy_is_an_incident_and_all_lost_a_lost_loan(record):
    first, second = issued(record, 2)
    with pytest.raises(ReasonMissing):
        act(copies.report_loss, first, "staff", reason="")
    act(copies.report_loss, first, "staff", reason="遗失于途中")
    act(copies.report_loss, second, "archivist", reason="遗失于途中")
    assert (loan_of(first).state, loan_of(first).incident) == (LoanState.LOST, True)
    act(copies.give_back, second, "archivist", reason="找到了")
    assert (loan_of(first).state, states([first, second])) == (LoanState.RETURNED, ["lost", "returned"])


def test_over_the_counter_all_come_back_or_somebody_says_why(record):
    first, *_rest = found = issued(record)
    act(copies.give_back, first, "archivist")
    with pytest.raises(Conflict, match="2 copies are out"):
        counter.give_back(actor=person("archivist"), loan_id=first.loan_id, copies=3, pages=2)
    with pytest.raises(Conflict, match="Say what happened"):
        counter.give_back(actor=person("archivist"), loan_id=first.loan_id, copies=1, pages=2)
    assert states(found) == ["returned", "out", "out"]
    back = counter.give_back(actor=person("archivist"), loan_id=first.loan_id, copies=1, pages=2, damage="一份遗失")
    assert (back.state, back.incident, states(found)) == (LoanState.RETURNED, True, ["returned", "returned", "lost"])


def test_all_copies_come_back_at_once(record):
    found = issued(record)
    counter.give_back(actor=person("archivist"), loan_id=found[0].loan_id, copies=3, pages=2)
    assert states(found) == ["returned"] * 3


def test_a_loan_reported_lost_loses_its_copies_which_may_be_found(record):
    found = issued(record, 2)
    lending.report_loss(actor=person("staff"), loan_id=found[0].loan_id, reason="整袋遗失")
    assert states(found) == ["lost", "lost"]
    counter.give_back(actor=person("archivist"), loan_id=found[0].loan_id, copies=2, pages=2)
    assert states(found) == ["returned", "returned"]


def test_a_loss_waits_for_the_record_before_it_touches_a_copy(record):
    """As each step of a copy does: two that begin at different ends would wait for each other for ever."""
    [copy] = issued(record, 1)
    with CaptureQueriesContext(connection) as asked:
        lending.report_loss(actor=person("archivist"), loan_id=copy.loan_id, reason="丢失")
    statements = [each["sql"] for each in asked]
    locked = next(place for place, sql in enumerate(statements) if sql.startswith('SELECT "records_record"."id"'))
    assert locked < next(place for place, sql in enumerate(statements) if sql.startswith('UPDATE "records_loancopy"'))


def test_a_returned_copy_may_be_destroyed_and_its_loan_stays_over(record):
    [copy] = issued(record, 1)
    act(copies.give_back, copy, "archivist")
    act(copies.destroy, copy, "archivist", reason="多余")
    act(copies.witness, copy, "legal")
    assert (states([copy]), loan_of(copy).state) == (["destroyed"], LoanState.RETURNED)


def test_who_knows_of_a_copy():  # SEC-5
    record = filed(**secret("secret"))
    loan = lending.request(actor=person("staff"), record_id=record.pk, use="copy", purpose="诉讼", until=LATER, copies=1)
    lending.decide(actor=person("head"), loan_id=loan.pk, decision="approve")
    counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    copy = LoanCopy.objects.get()
    knowing = {user.username for user in User.objects.all() if copies.known_to(user).exists()}
    assert knowing == {"staff", "archivist", "archivist2", "registrar", "manager"}
    for who in ("staff2", "legal", "head", "admin"):
        with pytest.raises(Unknown):
            copies.get(person(who), copy.pk)
    act(copies.destroy, copy, "archivist", reason="用毕")
    able = {user.username for user in User.objects.all() if copies.to_witness(user).exists()}
    assert able == {"head", "legal", "legal2", "manager", "archivist2", "registrar"}


def test_each_step_is_in_the_trail(record):  # SEC-7
    first, second = issued(record, 2)
    act(copies.give_back, first, "archivist")
    act(copies.destroy, second, "archivist", reason="用毕")
    act(copies.witness, second, "archivist2")
    acts = set(AuditEvent.objects.filter(subject__in=[first.number, second.number]).values_list("action", "reason"))
    assert acts == {("return-copy", ""), ("destroy-copy", "用毕"), ("witness-copy", "")}
    assert AuditEvent.objects.filter(action="return-loan", subject=loan_of(first).number).exists()


def test_what_is_due_and_not_back_is_overdue(record):
    [copy] = issued(record, 1)
    assert not copy.overdue
    LoanCopy.objects.update(due=timezone.now() - timedelta(seconds=1))
    copy.refresh_from_db()
    assert copy.overdue
