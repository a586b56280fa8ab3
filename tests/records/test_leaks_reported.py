"""Reports of leaks: they freeze at once, tell nothing to who reports, and only the security officer lifts them (SEC-10, SEC-5)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from records import counter, freezing, leaks, lending, reading
from records.errors import Conflict, Frozen, Invalid, NotAllowed, StateConflict, Unknown
from records.models import AuditEvent, Grant, Leak, LeakState, Loan, LoanState, Notice
from tests.factories import filed, loan_policies, person, secret

pytestmark = pytest.mark.django_db
LATER = str(timezone.localdate() + timedelta(days=5))


@pytest.fixture(autouse=True)
def policies():
    """As shipped; sentences in English."""
    loan_policies()
    with translation.override("en"):
        yield


def ask(record, who="staff", use="view"):
    return lending.request(actor=person(who), record_id=record.pk, use=use, purpose="核对", until=LATER)


def agreed(record, who, approver, use="view"):
    return lending.decide(actor=person(approver), loan_id=ask(record, who, use).pk, decision="approve")


def report(who="head", **given):
    return leaks.report(actor=person(who), what="复印件出现在微信群里", **given)


def told(kind):
    return set(Notice.objects.filter(kind=kind).values_list("person__username", flat=True))


def test_the_table_is_the_law():
    leak = report(record_id=filed().pk)
    verbs = {
        "examine": lambda: leaks.examine(actor=person("officer"), leak_id=leak.pk),
        "close": lambda: leaks.close(actor=person("officer"), leak_id=leak.pk, findings="属实"),
    }
    for state in LeakState.values:
        for name, act in verbs.items():
            Leak.objects.filter(pk=leak.pk).update(state=state, findings="x", closed_by=person("officer"))
            if name in leaks.TABLE[state]:
                assert act().state == Leak.objects.get(pk=leak.pk).state == leaks.TABLE[state][name]
            else:
                with pytest.raises(StateConflict):
                    act()
    assert {verb for steps in leaks.TABLE.values() for verb in steps} == set(verbs)


def test_the_database_knows_the_states_too():
    leak = report(record_id=filed().pk)
    for wrong in ({"state": "forgotten"}, {"state": "closed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Leak.objects.filter(pk=leak.pk).update(**wrong)


def test_a_report_stops_what_is_open_and_freezes_what_would_be():  # SEC-10, LND-10
    record = filed(**secret("secret"))
    open_one, waiting = agreed(record, "staff", "head"), ask(record, use="download")
    ready = lending.decide(actor=person("head"), loan_id=ask(record, use="original").pk, decision="approve")
    leak = report("staff", record_id=record.pk)
    states = {loan.pk: loan.state for loan in Loan.objects.all()}
    assert (states[open_one.pk], states[waiting.pk], states[ready.pk]) == (LoanState.RECALLED, LoanState.CANCELLED, LoanState.CANCELLED)
    assert (leak.stopped, freezing.frozen(record)) == (3, True)
    with pytest.raises(Frozen):
        ask(record)


def test_nothing_slips_through_while_it_is_frozen():
    """A loan that a report did not see, since it was made at the same moment, goes no further."""
    record = filed(**secret("secret"))
    waiting, running = ask(record), agreed(record, "head", "manager", "original")
    Leak.objects.create(reporter=person("head"), record=record, number=record.number, what="x")
    with pytest.raises(Frozen):
        lending.decide(actor=person("head"), loan_id=waiting.pk, decision="approve")
    with pytest.raises(Frozen):
        counter.issue(actor=person("archivist"), loan_id=running.pk, copies=1, pages=2)
    assert lending.decide(actor=person("head"), loan_id=waiting.pk, decision="reject", reason="已冻结").state == LoanState.REJECTED


def test_a_running_loan_is_not_prolonged_while_frozen():
    record = filed(**secret("secret"))
    loan = agreed(record, "staff", "head")
    Leak.objects.create(reporter=person("head"), record=record, number=record.number, what="x")
    with pytest.raises(Frozen):
        lending.extend(actor=person("staff"), loan_id=loan.pk, until=str(timezone.localdate() + timedelta(days=9)), reason="未用完")


def test_closing_lifts_the_freeze_with_the_last_report():
    record = filed(**secret("secret"))
    first, second = report(record_id=record.pk), report("manager", record_id=record.pk)
    leaks.close(actor=person("officer"), leak_id=first.pk, findings="误报")
    with pytest.raises(Frozen):
        ask(record)
    leaks.examine(actor=person("officer"), leak_id=second.pk)
    leaks.close(actor=person("officer"), leak_id=second.pk, findings="属实，已处理")
    assert ask(record).state == LoanState.REQUESTED


def test_officer_and_owner_are_told_and_nobody_learns_a_title():  # PRT-8
    record = filed(title="不可外传的题名")
    report(record_id=record.pk)
    assert told("leak-reported") == {"officer", record.owner.username}
    assert "不可外传" not in str(list(Notice.objects.values()))
    leaks.close(actor=person("officer"), leak_id=Leak.objects.get().pk, findings="误报")
    assert told("leak-closed") == {"head", record.owner.username}


def test_an_owner_who_may_not_know_of_it_any_more_is_told_nothing():  # SEC-5
    record = filed()
    Grant.objects.filter(record_class=record.record_class, group__name="archivists").delete()
    report(record_id=record.pk)
    leaks.close(actor=person("officer"), leak_id=Leak.objects.get().pk, findings="误报")
    assert told("leak-reported") | told("leak-closed") == {"officer", "head"}


def test_by_number_hidden_and_missing_are_the_same():  # SEC-5
    hidden = filed(**secret("confidential"))
    one, other = report("staff2", number=f" {hidden.number.lower()} "), report("staff2", number="HT-1999-0001")
    assert (one.record_id, other.record_id) == (hidden.pk, None)
    assert freezing.frozen(hidden)
    assert leaks.shown_records(person("staff2"), [one, other]) == {}
    with pytest.raises(Unknown):
        report("staff2", record_id=hidden.pk)


def test_who_reported_is_not_in_the_history_that_readers_see():
    record = filed(**secret("secret"))
    agreed(record, "staff", "head")
    report("staff2", number=record.number)
    seen = {(event.actor_name, event.action) for event in reading.history(person("manager"), record.pk)}
    assert ("service:leaks", "recall-loan") in seen
    assert "staff2" not in {name for name, _action in seen}
    assert AuditEvent.objects.filter(actor__username="staff2", action="report-leak", record_id=record.pk).exists()  # AUD-2


def test_the_officer_sees_who_had_it_open():
    record = filed()
    reading.detail(person("staff"), record.pk)
    leak = report(record_id=record.pk)
    reading.detail(person("legal"), record.pk)
    assert {(each.username, each.action, each.times) for each in leaks.opened_by(leak)} == {("staff", "view", 1), ("legal", "view", 1)}
    assert leaks.opened_by(report(number="HT-1999-0001")) == []


def test_paper_that_is_out_is_named_to_the_officer():
    record = filed()
    loan = agreed(record, "staff", "archivist2", "original")
    counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    leak = report(record_id=record.pk)
    assert [each.number for each in leaks.paper_out(leak)] == [loan.number]


def test_only_the_officer_deals_with_it():
    leak = report(record_id=filed().pk)
    for who, error in (("head", NotAllowed), ("manager", Unknown), ("auditor", Unknown)):
        with pytest.raises(error):
            leaks.examine(actor=person(who), leak_id=leak.pk)
        with pytest.raises(error):
            leaks.close(actor=person(who), leak_id=leak.pk, findings="x")
    with pytest.raises(Unknown):
        leaks.get(person("officer"), "nothing")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"what": " ", "number": "HT-1"}, "what"),
        ({"what": "x" * 2001, "number": "HT-1"}, "what"),
        ({"what": "x", "number": "  "}, "number"),
        ({"what": "x", "number": "9" * 201}, "number"),
    ],
)
def test_bad_reports_are_refused_by_field(given, field):
    with pytest.raises(Invalid) as refused:
        leaks.report(actor=person("staff"), **given)
    assert list(refused.value.errors) == [field]
    assert not Leak.objects.exists()


@pytest.mark.parametrize("findings", ["", "  ", "x" * 2001])
def test_findings_are_asked_for(findings):
    leak = report(record_id=filed().pk)
    with pytest.raises(Invalid):
        leaks.close(actor=person("officer"), leak_id=leak.pk, findings=findings)
    assert freezing.frozen(leak.record)


def test_a_refusal_says_that_it_is_frozen():
    record = filed(**secret("secret"))
    report(record_id=record.pk)
    with pytest.raises(Conflict, match="leak") as refused:
        ask(record)
    assert refused.value.code == "frozen"
