"""Who is told what of each step, inside the step's own transaction (PRT-8, LND-7, LND-10, LND-11, SEC-5)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from records import counter, deputies, lending, loan_ends, mailing, notices, review, secrecy
from records.errors import Invalid, StateConflict, Unknown
from records.models import Approval, ApprovalState, Grant, Loan, LoanState, MailPace, Notice, OutboxRow, User
from tests.factories import filed, loan_policies, person, registered, reviewed, secret

pytestmark = pytest.mark.django_db
LATER = str(timezone.localdate() + timedelta(days=3))


@pytest.fixture(autouse=True)
def policies():
    """As shipped."""
    loan_policies()


def ask(record, who="staff", use="view", **given):
    values = {"purpose": "核对付款条件", "until": LATER, **({"copies": 1} if use == "copy" else {}), **given}
    return lending.request(actor=person(who), record_id=record.pk, use=use, **values)


def decide(loan, who, decision="approve", reason=""):
    return lending.decide(actor=person(who), loan_id=loan.pk, decision=decision, reason=reason)


def original(record, who="staff"):
    """An original that is approved."""
    return decide(ask(record, who, "original"), "archivist2")


def issue(loan):
    return counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=12)


def give_back(loan):
    return counter.give_back(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=12)


def told(kind=None):
    """Who was told what, as pairs."""
    rows = Notice.objects.filter(kind=kind) if kind else Notice.objects.all()
    return sorted(rows.values_list("person__username", "kind"))


def names(kind):
    return [username for username, _kind in told(kind)]


def forget():
    """As if nothing had been told so far."""
    Notice.objects.all().delete()


# --- loans ----------------------------------------------------------------------------------------------------------


def test_a_request_is_told_to_those_whose_turn_it_is():  # PRT-8, LND-2
    loan = ask(filed(**secret("confidential")))
    assert told() == [("head", "loan-waits")]
    assert Notice.objects.get().subject == loan.number
    decide(loan, "head")
    assert told() == [("head", "loan-waits"), ("manager", "loan-waits")]
    forget()
    decide(loan, "manager")
    assert told() == [("staff", "loan-opened")]


def test_deputies_are_told_too():  # LND-2
    today = str(timezone.localdate())
    deputies.name(actor=person("head"), deputy="legal", since=today, until=LATER)
    ask(filed(**secret("secret")))
    assert names("loan-waits") == ["head", "legal"]


def test_who_has_left_is_told_nothing():
    loan = ask(filed(**secret("secret")))
    forget()
    User.objects.filter(username="staff").update(is_active=False)
    decide(loan, "head")
    assert told() == []


def test_a_rejection_reaches_the_borrower_and_who_entered_it():
    loan = ask(filed(**secret("secret")), "archivist", borrower="staff")
    assert names("loan-entered") == ["staff"]
    decide(loan, "head", "reject", "与工作无关")
    assert names("loan-rejected") == ["archivist", "staff"]


def test_every_notice_is_to_be_mailed_and_none_of_what_was_rolled_back():
    with transaction.atomic():
        ask(filed(**secret("secret")))
        transaction.set_rollback(True)
    assert told() == []
    ask(filed(**secret("secret")))
    mailed = OutboxRow.objects.filter(topic=notices.TOPIC).values_list("key", flat=True)
    assert list(mailed) == [str(Notice.objects.get().pk)]


def test_paper_over_the_counter_is_to_be_confirmed():  # LND-11
    loan = original(filed())
    assert names("loan-approved") == ["staff"]
    forget()
    issue(loan)
    assert told() == [("staff", "loan-issued")]
    forget()
    give_back(loan)
    assert told() == [("staff", "loan-returned")]


def test_a_recall_and_a_cancellation_by_others_reach_the_borrower():  # LND-8
    loan = decide(ask(filed(**secret("secret"))), "head")
    forget()
    lending.recall(actor=person("archivist"), loan_id=loan.pk, reason="诉讼需要")
    assert told() == [("staff", "loan-recalled")]
    other = ask(filed(**secret("secret")))
    forget()
    lending.cancel(actor=person("archivist"), loan_id=other.pk, reason="重复申请")
    assert told() == [("staff", "loan-cancelled")]


def test_nobody_is_told_what_they_did_themselves():
    loan = ask(filed(**secret("secret")))
    forget()
    lending.cancel(actor=person("staff"), loan_id=loan.pk)
    assert told() == []


def test_a_change_of_tier_stops_loans_and_says_so():  # LND-10
    record = filed()
    first, second = original(record), original(record, "legal")
    issue(first)
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="secret", reason="含价格")
    forget()
    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="accept")
    assert told("loan-recalled") == [("staff", "loan-recalled")]
    assert told("loan-cancelled") == [("legal", "loan-cancelled")]
    assert names("loan-next") == []
    assert Loan.objects.get(pk=second.pk).state == LoanState.CANCELLED


def test_whole_queues_are_stopped_without_calling_anybody_to_the_counter():  # LND-10, LND-11
    record = filed()
    for who in ("staff", "legal", "head"):
        original(record, who)
    forget()
    loan_ends.stop_all(record, actor=person("archivist"), reason="泄密调查")
    assert names("loan-cancelled") == ["head", "legal", "staff"]
    assert names("loan-next") == []


def test_a_loss_reaches_archivists_and_the_owner_who_may_know():  # LND-8, SEC-5
    loan = issue(original(filed(owner="head")))
    lending.report_loss(actor=person("staff"), loan_id=loan.pk, reason="找不到")
    assert names("loan-lost") == ["archivist", "archivist2", "head", "registrar"]


def test_a_loss_of_what_others_may_not_know_of_is_not_told_to_them():  # SEC-5
    loan = issue(original(filed()))
    Grant.objects.filter(group__name="archivists").delete()
    Grant.objects.create(record=loan.record, user=person("registrar"))
    lending.report_loss(actor=person("staff"), loan_id=loan.pk, reason="找不到")
    assert names("loan-lost") == ["registrar"]


# --- the queue ------------------------------------------------------------------------------------------------------


def test_the_next_in_line_is_told_when_the_original_is_back():  # LND-11
    record = filed()
    first = issue(original(record))
    original(record, "legal")
    original(record, "head")
    assert names("loan-queued") == ["head", "legal"]
    forget()
    give_back(first)
    assert names("loan-next") == ["legal"]


def test_the_next_in_line_is_told_when_who_was_before_gives_up():  # LND-11
    record = filed()
    first = original(record)
    original(record, "legal")
    forget()
    lending.cancel(actor=person("staff"), loan_id=first.pk)
    assert told() == [("legal", "loan-next")]


def test_nobody_is_called_twice_when_somebody_behind_gives_up():
    record = filed()
    original(record)
    behind = original(record, "legal")
    forget()
    lending.cancel(actor=person("legal"), loan_id=behind.pk)
    assert told() == []


def test_nobody_is_called_while_the_original_is_out():
    record = filed()
    issue(original(record))
    second = original(record, "legal")
    original(record, "head")
    forget()
    lending.cancel(actor=person("legal"), loan_id=second.pk)
    assert told() == []


def test_a_copy_that_comes_back_calls_nobody_for_the_original():
    record = filed()
    copy = issue(decide(ask(record, "staff", "copy"), "archivist2"))
    original(record, "legal")
    forget()
    give_back(copy)
    assert names("loan-next") == []


def test_what_ends_by_the_clock_calls_the_next_and_closes_its_request(monkeypatch):  # LND-4, LND-11
    record, late = filed(), timezone.now() + timedelta(days=5)
    original(record)
    waiting = ask(filed(**secret("secret")), "staff")
    opened = decide(ask(filed(**secret("secret")), "staff"), "head")
    original(record, "legal")
    Loan.objects.filter(borrower=person("legal")).update(until=timezone.now() + timedelta(days=30))
    forget()
    monkeypatch.setattr(timezone, "now", lambda: late)
    assert loan_ends.expire_due() == 3
    assert told() == [("legal", "loan-next"), ("staff", "loan-expired"), ("staff", "loan-expired")]
    assert Approval.objects.get(pk=waiting.approval_id).state == ApprovalState.WITHDRAWN
    assert Loan.objects.get(pk=opened.pk).state == LoanState.EXPIRED
    assert loan_ends.expire_due() == 0
    assert Notice.objects.count() == 3


# --- records --------------------------------------------------------------------------------------------------------


def test_a_proposed_tier_is_told_to_the_owner_who_may_decide():  # SEC-14
    record = filed(owner="head")
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="secret", reason="含价格")
    assert told() == [("head", "tier-proposed")]
    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="reject", reason="不含价格")
    assert names("tier-rejected") == ["archivist", "head"]


def test_a_proposed_tier_is_not_told_to_an_owner_who_is_not_cleared():
    record = filed(owner="staff")
    secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="secret", reason="含价格")
    assert told() == []


def test_an_owner_who_may_not_know_of_the_record_is_told_nothing():  # SEC-5
    record = filed(owner="head")
    Grant.objects.filter(department__slug="sales").delete()
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="secret", reason="含价格")
    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="accept")
    assert told() == [("archivist", "tier-accepted")]


def test_a_returned_review_is_told_to_the_registrar():  # CAP-3
    record = registered()
    review.review(actor=person("archivist2"), record_id=record.pk, decision="return", reason="金额有误")
    assert told() == [("archivist", "review-returned")]
    reviewed()
    assert len(told()) == 1


# --- reading --------------------------------------------------------------------------------------------------------


def test_somebody_elses_notice_does_not_exist():
    ask(filed(**secret("secret")))
    notice = Notice.objects.get()
    with pytest.raises(Unknown):
        notices.mark_read(person("staff"), notice.pk)
    assert notices.mark_read(person("head"), notice.pk).read_at
    assert not notices.unread(person("head")).exists()


def test_what_is_told_once_is_told_once():
    for _try in range(2):
        notices.tell([person("staff"), person("head")], "loan-due", once="loan-due:x")
    notices.tell([person("staff"), person("legal")], "loan-due", once="loan-due:x")
    assert names("loan-due") == ["head", "legal", "staff"]


def test_a_pace_that_is_none_is_refused():
    with pytest.raises(Invalid):
        mailing.set_pace(actor=person("staff"), pace="hourly")
    assert person("staff").mail_pace == MailPace.AT_ONCE


def test_a_step_that_fails_tells_nobody():
    loan = original(filed())
    forget()
    with pytest.raises(StateConflict):
        give_back(loan)
    assert told() == []
