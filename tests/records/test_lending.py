"""Loans through their verbs: the table, who may, what is refused, one original and its queue (LND-1 to LND-11)."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from records import access, counter, lending, lending_states, loan_ends, numbering, secrecy
from records.errors import Conflict, Invalid, NotAllowed, NotYourTurn, ReasonMissing, StateConflict, Unknown
from records.models import AuditEvent, Loan, LoanPolicy, LoanState, RecordNamed, User
from tests.factories import filed, loan_policies, person, registered, secret

pytestmark = pytest.mark.django_db
TOMORROW = str((timezone.now() + timedelta(days=2)).date())


@pytest.fixture(autouse=True)
def policies():
    """As shipped; sentences in English."""
    loan_policies()
    with translation.override("en"):
        yield


def ask(record, who="staff", use="view", **given):
    values = {"purpose": "核对付款条件", "until": TOMORROW, **({"copies": 1} if use == "copy" else {}), **given}
    return lending.request(actor=person(who), record_id=record.pk, use=use, **values)


def decide(loan, who, decision="approve", reason=""):
    return lending.decide(actor=person(who), loan_id=loan.pk, decision=decision, reason=reason)


def lent(record, who="staff"):
    """An original in the borrower's hands."""
    loan = decide(ask(record, who, "original"), "archivist2")
    return counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=12)


def late(loan):
    """The loan as if its end were past."""
    Loan.objects.filter(pk=loan.pk).update(since=timezone.now() - timedelta(days=9), until=timezone.now() - timedelta(seconds=1))
    loan.refresh_from_db()
    return loan


def test_the_table_is_the_law():
    for use in ("view", "original"):
        loan = ask(filed(**secret("secret")), use=use)
        for state in LoanState.values:
            for verb in sorted(lending_states.VERBS):
                Loan.objects.filter(pk=loan.pk).update(state=state)
                loan.refresh_from_db()
                row = lending_states.step_for(verb, loan)
                if row is None:
                    with pytest.raises(StateConflict):
                        lending_states.apply(loan, verb)
                else:
                    lending_states.apply(loan, verb)
                    assert Loan.objects.get(pk=loan.pk).state == row.to


def test_the_last_approval_opens_a_digital_loan():  # LND-2
    loan = ask(filed(**secret("confidential")))
    assert loan.state == LoanState.REQUESTED
    assert decide(loan, "head").state == LoanState.REQUESTED
    assert decide(loan, "manager").state == LoanState.ACTIVE


def test_a_rejection_says_why_and_closes_it():
    loan = ask(filed(**secret("secret")))
    with pytest.raises(ReasonMissing):
        decide(loan, "head", "reject")
    assert decide(loan, "head", "reject", "与工作无关").state == LoanState.REJECTED
    with pytest.raises(Conflict):
        decide(loan, "head")


def test_nobody_approves_their_own():  # LND-2, SEC-15
    loan = ask(filed(**secret("confidential")), "head")
    with pytest.raises(NotYourTurn):
        decide(loan, "head")


def test_a_leader_borrows_through_the_archivist_without_approval():  # LND-3
    User.objects.filter(username="staff").update(borrows_directly=True)
    record = filed(**secret("confidential"))
    assert ask(record).state == LoanState.REQUESTED
    assert ask(record, "archivist", "original", borrower="staff").state == LoanState.APPROVED


def test_only_archivists_borrow_for_others():
    with pytest.raises(NotAllowed):
        ask(filed(**secret("secret")), "head", borrower="staff")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"use": "borrow"}, "use"),
        ({"purpose": "  "}, "purpose"),
        ({"purpose": "长" * 501}, "purpose"),
        ({"purpose": "核\0对"}, "purpose"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "gestern"}, "until"),
        ({"until": "2026-02-31"}, "until"),
        ({"use": "copy", "copies": 0}, "copies"),
        ({"use": "copy", "copies": 1000}, "copies"),
    ],
)
def test_bad_input_is_refused_by_field(given, field):
    with pytest.raises(Invalid) as refused:
        ask(filed(**secret("secret")), **given)
    assert list(refused.value.errors) == [field]
    assert not Loan.objects.exists()


def test_a_tiers_longest_loan_is_kept():
    LoanPolicy.objects.filter(tier__slug="secret").update(longest_days=7)
    record = filed(**secret("secret"))
    ask(record, until=str(timezone.localdate() + timedelta(days=7)))
    with pytest.raises(Invalid):
        ask(record, until=str(timezone.localdate() + timedelta(days=9)))


def test_what_one_reads_anyway_is_not_borrowed_for_viewing():
    with pytest.raises(Conflict, match="open it"):
        ask(filed())
    with pytest.raises(Conflict, match="open it"):
        ask(filed(), use="download")


def test_a_record_that_one_may_not_know_of_is_not_there():  # SEC-5
    with pytest.raises(Unknown):
        ask(filed(), "staff2")


def test_an_approved_loan_never_stands_in_for_being_named():
    record = filed("registrar", "officer", **secret("top-secret"))
    RecordNamed.objects.get_or_create(record=record, user=person("registrar"))
    with pytest.raises(NotAllowed):
        ask(record, "registrar", borrower="legal")


def test_what_is_not_filed_or_not_lent_is_refused():
    with pytest.raises(StateConflict):
        ask(registered(**secret("secret")))
    LoanPolicy.objects.all().delete()
    with pytest.raises(Conflict):
        ask(filed(**secret("secret")))


def test_numbers_of_loans_have_no_gap():
    record = filed(**secret("secret"))
    with pytest.raises(Invalid):
        ask(record, until="x")
    numbers = [ask(record).number for _each in range(3)]
    assert [number[-4:] for number in numbers] == ["0001", "0002", "0003"]


def test_an_original_goes_out_and_comes_back_counted_and_confirmed():  # LND-5, LND-11
    loan = lent(filed())
    assert (loan.state, loan.pages) == (LoanState.ACTIVE, 12)
    assert counter.confirm(actor=person("staff"), loan_id=loan.pk).issue_confirmed_at
    with pytest.raises(StateConflict):
        counter.confirm(actor=person("staff"), loan_id=loan.pk)
    with pytest.raises(Conflict):
        counter.give_back(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=11)
    back = counter.give_back(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=11, damage="缺第 7 页", place="A-3")
    assert (back.state, back.incident, back.place) == (LoanState.RETURNED, True, "A-3")
    assert counter.confirm(actor=person("staff"), loan_id=loan.pk).return_confirmed_at


def test_one_original_has_a_queue():  # LND-11
    record = filed()
    first, second = (decide(ask(record, who, "original"), "archivist2") for who in ("staff", "head"))
    assert (lending.queue_position(first), lending.queue_position(second)) == (0, 1)
    with pytest.raises(Conflict, match="queue"):
        counter.issue(actor=person("archivist"), loan_id=second.pk, copies=1, pages=12)
    counter.issue(actor=person("archivist"), loan_id=first.pk, copies=1, pages=12)
    with pytest.raises(Conflict):
        counter.issue(actor=person("archivist"), loan_id=second.pk, copies=1, pages=12)
    with pytest.raises(Conflict, match="wait"):
        lending.extend(actor=person("staff"), loan_id=first.pk, until=TOMORROW, reason="未用完")
    counter.give_back(actor=person("archivist"), loan_id=first.pk, copies=1, pages=12)
    assert counter.issue(actor=person("archivist"), loan_id=second.pk, copies=1, pages=12).state == LoanState.ACTIVE


@pytest.mark.parametrize("counted", [(0, 12), (1, 0), (100, 12), (1, 10**30)])
def test_what_nobody_can_have_counted_is_refused(counted):  # LND-11
    loan, (copies, pages) = decide(ask(filed(), use="original"), "archivist2"), counted
    with pytest.raises(Invalid):
        counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=copies, pages=pages)
    assert Loan.objects.get(pk=loan.pk).state == LoanState.APPROVED


def test_no_more_copies_than_approved():
    loan = decide(ask(filed(), use="copy", copies=2), "archivist2")
    with pytest.raises(Conflict):
        counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=3, pages=12)


def test_who_is_overdue_borrows_nothing_more():  # LND-7
    waiting = decide(ask(filed(), use="original"), "archivist2")
    loan = late(lent(filed()))
    assert loan.overdue
    with pytest.raises(Conflict, match="overdue"):
        ask(filed(**secret("secret")))
    with pytest.raises(Conflict):
        lending.extend(actor=person("staff"), loan_id=loan.pk, until=TOMORROW, reason="未用完")
    with pytest.raises(Conflict, match="overdue"):
        counter.issue(actor=person("archivist"), loan_id=waiting.pk, copies=1, pages=12)
    counter.give_back(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=12)
    ask(filed(**secret("secret")))
    assert counter.issue(actor=person("archivist"), loan_id=waiting.pk, copies=1, pages=12).state == LoanState.ACTIVE


def test_a_digital_loan_ends_by_the_clock():  # LND-4
    loan = late(decide(ask(filed(**secret("secret"))), "head"))
    assert loan.standing == LoanState.EXPIRED
    assert Loan.objects.filter(lending.in_state("expired")).exists()
    assert not Loan.objects.filter(lending.in_state("active")).exists()
    assert loan_ends.expire_due() == 1
    assert loan_ends.expire_due() == 0


def test_a_prolonging_is_a_new_request_that_goes_through_the_chain_anew():  # LND-8
    loan = decide(ask(filed(**secret("secret"))), "head")
    longer = lending.extend(actor=person("staff"), loan_id=loan.pk, until=TOMORROW, reason="未用完")
    assert (longer.extends_id, longer.state) == (loan.pk, LoanState.REQUESTED)


def test_whose_time_is_over_waits_for_no_original():  # LND-11: also before the nightly work has written it down
    loan = lent(record := filed())
    late(decide(ask(record, "head", "original"), "archivist2"))
    assert lending.extend(actor=person("staff"), loan_id=loan.pk, until=TOMORROW, reason="未用完").state == LoanState.REQUESTED


def test_a_prolonging_ends_later_and_waits_once():  # LND-8
    loan = decide(ask(filed(**secret("secret")), until=str((timezone.now() + timedelta(days=9)).date())), "head")
    longer = {"actor": person("staff"), "loan_id": loan.pk, "reason": "未用完"}
    with pytest.raises(Invalid) as refused:
        lending.extend(**longer, until=TOMORROW)
    assert refused.value.errors == {"until": ["The loan runs longer than that already."]}
    later = str((timezone.now() + timedelta(days=20)).date())
    first = lending.extend(**longer, until=later)
    with pytest.raises(Conflict, match=first.number):
        lending.extend(**longer, until=later)
    lending.cancel(actor=person("staff"), loan_id=first.pk)
    lending.extend(**longer, until=later)


def test_recall_and_loss_need_a_reason_and_are_in_the_trail():  # LND-8, SEC-7
    loan = lent(filed())
    with pytest.raises(ReasonMissing):
        lending.recall(actor=person("archivist"), loan_id=loan.pk, reason="")
    assert lending.recall(actor=person("archivist"), loan_id=loan.pk, reason="诉讼需要").state == LoanState.RECALLED
    assert lending.report_loss(actor=person("staff"), loan_id=loan.pk, reason="遗失于途中").incident
    acts = set(AuditEvent.objects.filter(subject=loan.number).values_list("action", flat=True))
    assert acts >= {"request-loan", "approve-loan", "issue-loan", "recall-loan", "report-loss-loan"}


def test_a_loan_of_somebody_else_is_not_there():  # SEC-5
    loan = ask(filed(**secret("secret")))
    for who in ("staff2", "legal"):
        with pytest.raises(Unknown):
            lending.get(person(who), loan.pk)
    for who in ("staff", "head", "archivist"):
        assert lending.get(person(who), loan.pk) == loan


def test_a_running_loan_opens_the_record_for_viewing_alone():  # LND-4
    record = filed(**secret("secret"))
    staff = person("staff")
    assert access.get_visible(staff, record.pk).access == "listed"
    decide(ask(record), "head")
    opened = access.get_readable(staff, record.pk)
    assert access.allowed_verbs(staff, opened) == ["view"]
    assert not access.may_download(staff, opened)
    assert not access.may_copy(staff, opened)
    assert access.get_visible(person("staff2"), filed(record_class="GZ", tier="public").pk)
    with pytest.raises(Unknown):
        access.get_visible(person("staff2"), record.pk)


def test_it_closes_at_its_last_second_and_by_a_recall():  # LND-4, LND-10
    record, staff = filed(**secret("secret")), person("staff")
    loan = decide(ask(record), "head")
    late(loan)
    assert access.get_visible(staff, record.pk).access == "listed"
    again = decide(ask(record), "head")
    assert access.get_visible(staff, record.pk).access == "full"
    lending.recall(actor=person("archivist"), loan_id=again.pk, reason="泄密调查")
    assert access.get_visible(staff, record.pk).access == "listed"


def test_a_change_of_tier_reaches_open_loans_at_once():  # LND-10
    record, staff = filed(**secret("secret")), person("staff")
    running, waiting = decide(ask(record), "head"), ask(record, use="copy")
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="confidential", reason="范围扩大")
    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="accept")
    states = [Loan.objects.get(pk=loan.pk).state for loan in (running, waiting)]
    assert states == [LoanState.RECALLED, LoanState.CANCELLED]
    assert access.get_visible(staff, record.pk).access == "listed"


def test_what_was_judged_by_another_tier_is_not_lent():  # LND-2, LND-10: raised between the question and its row
    record, end = filed(), timezone.now() + timedelta(days=2)
    policy = lending.policy_for(record.tier, "view", end)
    assert policy.chain is None
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="confidential", reason="范围扩大")
    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="accept")
    with pytest.raises(StateConflict):
        lending.write(person("staff2"), person("staff2"), record, policy, use="view", purpose="核对", until=end, copies=None)
    assert not Loan.objects.exists()


def test_what_lost_its_number_is_not_lent_for_longer():  # LND-8
    record = filed(**secret("secret"))
    loan = decide(ask(record), "head")
    numbering.void_number(actor=person("archivist"), number=record.number, reason="错号")
    with pytest.raises(StateConflict):
        lending.extend(actor=person("staff"), loan_id=loan.pk, until=TOMORROW, reason="未用完")


def test_a_loan_gives_an_archivist_no_act_on_what_is_above_their_clearance():  # SEC-15
    record = filed("registrar", "archivist2", **secret("confidential"))
    person("archivist").groups.clear()
    Loan.objects.create(
        number="JY-1",
        record=record,
        borrower=person("archivist"),
        asked_by=person("archivist"),
        use="view",
        purpose="核对",
        state=LoanState.ACTIVE,
        until=timezone.now() + timedelta(hours=1),
    )
    User.objects.filter(username="archivist").update(clearance=person("staff").clearance)
    archivist = person("archivist")
    access.get_readable(archivist, record.pk)
    with pytest.raises(NotAllowed):
        access.get_for_verb(archivist, record.pk, "change")
    with pytest.raises(NotAllowed):
        access.get_all_for_verb(archivist, [record.pk], "file")


def test_a_cancelled_request_waits_for_nobody():
    loan = ask(filed(**secret("secret")))
    lending.cancel(actor=person("staff"), loan_id=loan.pk)
    with pytest.raises((Conflict, Unknown)):
        decide(loan, "head")


def test_numbers_of_hidden_loans_run_apart():
    """NUM-2, SEC-5: a gap would tell that somebody borrows what others do not know of."""
    hidden = filed("registrar", "officer", **secret("top-secret"), named=["registrar", "officer", "manager"])
    loans = [
        lending.request(actor=person(who), record_id=record.pk, use=use, purpose="核对", until=TOMORROW)
        for record, who, use in ((filed(), "staff", "original"), (hidden, "officer", "original"), (filed(), "staff", "original"))
    ]
    year = timezone.localdate().year
    assert [loan.number for loan in loans] == [f"JY-{year}-0001", f"绝JY-{year}-0001", f"JY-{year}-0002"]
