"""Chains: whose turn it is, that nobody approves their own, deputies, committees (LND-2, SEC-15)."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from records import approvals
from records.errors import Invalid, NotYourTurn, ReasonMissing, StateConflict
from records.models import Approval, ApprovalState, Approver, Chain, ChainStep, Deputy, DutyHolder
from records.office import Office
from tests.factories import PEOPLE as CAST
from tests.factories import person, registered

pytestmark = pytest.mark.django_db
A = Approver
EVERYBODY = [row[0] for row in CAST]


def chain(*approvers, **options):
    made = Chain.objects.create(slug="-".join(approvers) or "none", name="流程")
    for order, approver in enumerate(approvers):
        ChainStep.objects.create(chain=made, order=order, approver=approver, **options)
    return made


def asked(*approvers, asker="staff", record=None, **options):
    return approvals.begin(chain=chain(*approvers, **options), asker=person(asker), record=record)


def turn(approval):
    """Usernames of those whose turn it is."""
    found = approvals.turn_of(Approval.objects.get(pk=approval.pk))
    return sorted(user.username for user in found.people) if found else None


def decide(approval, actor, decision="approve", reason=""):
    return approvals.decide(approval=approval, actor=person(actor), decision=decision, reason=reason)


def deputise(who, deputy, *, days=1):
    now = timezone.now()
    span = sorted([now + timedelta(days=days), now - timedelta(hours=1)])
    return Deputy.objects.create(person=person(who), deputy=person(deputy), since=span[0], until=span[1])


@pytest.mark.parametrize("state", ApprovalState.values)
@pytest.mark.parametrize("verb", sorted(approvals.VERBS))
def test_the_table_is_the_law(state, verb):
    approval = approvals.begin(chain=chain(A.HEAD), asker=person("staff"))
    Approval.objects.update(state=state)
    approval.refresh_from_db()
    to = approvals.TABLE.get((state, verb))
    if to is None:
        with pytest.raises(StateConflict):
            approvals.close(approval, verb)
    else:
        approvals.close(approval, verb)
    assert Approval.objects.get().state == (to or state)


def test_steps_are_taken_in_order_and_the_last_one_approves():
    approval = asked(A.HEAD, A.MANAGER)
    assert turn(approval) == ["head"]
    with pytest.raises(NotYourTurn):
        decide(approval, "manager")
    decide(approval, "head")
    assert turn(approval) == ["manager"]
    assert decide(approval, "manager").state == ApprovalState.APPROVED
    assert turn(approval) is None


def test_a_rejection_ends_it_and_needs_a_reason():
    approval = asked(A.HEAD, A.MANAGER)
    with pytest.raises(ReasonMissing):
        decide(approval, "head", "reject", "  ")
    assert decide(approval, "head", "reject", "无必要").state == ApprovalState.REJECTED
    with pytest.raises(StateConflict):
        decide(approval, "manager")


def test_a_chain_without_steps_is_approved_at_once():
    assert asked().state == ApprovalState.APPROVED


def test_an_unknown_decision_is_refused():
    with pytest.raises(Invalid):
        decide(asked(A.HEAD), "head", "maybe")


@pytest.mark.parametrize(
    ("asker", "approvers", "expected"),
    [
        ("staff2", [A.HEAD], [["manager"]]),  # projects has no head
        ("head", [A.HEAD, A.MANAGER], [["manager"], ["officer"]]),  # one's own, then decided before by the same person
        ("manager", [A.MANAGER], [["officer"]]),
        ("staff", [A.OWNER, A.ARCHIVIST], [["archivist"], ["archivist2", "registrar"]]),
        ("staff", [A.OWNERS_HEAD], [["head"]]),
    ],
)
def test_a_step_that_nobody_can_take_goes_upwards(asker, approvers, expected):
    approval = asked(*approvers, asker=asker, record=registered())
    for people in expected:
        assert turn(approval) == people
        decide(approval, people[0])
    assert turn(approval) is None


def test_a_deputy_acts_in_the_persons_place_and_both_are_named():
    deputise("head", "legal")
    approval = asked(A.HEAD)
    assert turn(approval) == ["head", "legal"]
    decide(approval, "legal")
    step = approval.steps.get()
    assert (step.decided_by.username, step.on_behalf_of.username) == ("legal", "head")


def test_a_deputy_never_acts_on_their_own_request_nor_twice():
    deputise("head", "staff")
    deputise("manager", "head")
    approval = asked(A.HEAD, A.MANAGER)
    assert turn(approval) == ["head"]
    decide(approval, "head")
    assert turn(approval) == ["manager"]  # the head took a step already


def test_a_deputy_of_yesterday_is_none():
    deputise("head", "legal", days=-1)
    assert turn(asked(A.HEAD)) == ["head"]


def test_a_committee_decides_with_its_votes():
    group = Group.objects.create(name="committee")
    group.user_set.set(person(name) for name in ("legal", "officer", "manager"))
    approval = asked(A.COMMITTEE, committee=group, votes=2)
    decide(approval, "legal")
    assert turn(approval) == ["manager", "officer"]
    assert decide(approval, "officer").state == ApprovalState.APPROVED


def test_who_left_takes_no_step():
    head = person("head")
    head.is_active = False
    head.save()
    assert turn(asked(A.HEAD)) == ["manager"]


def test_the_database_keeps_the_asker_from_deciding():
    approval = asked(A.HEAD)
    with pytest.raises(IntegrityError, match="nobody_approves_their_own"), transaction.atomic():
        approval.steps.update(decided_by=person("staff"), decision="approve")


def test_a_withdrawn_request_waits_for_nobody():
    approval = asked(A.HEAD)
    approvals.withdraw(approval)
    assert approvals.waiting_for(person("head")) == []
    with pytest.raises(StateConflict):
        decide(approval, "head")


def test_what_waits_for_a_person_takes_a_fixed_number_of_queries(django_assert_num_queries):
    made = chain(A.HEAD)
    for _each in range(5):
        approvals.begin(chain=made, asker=person("staff"))
    head = person("head")
    with django_assert_num_queries(7):
        assert len(approvals.waiting_for(head)) == 5


def test_a_step_that_waits_too_long_is_named_with_its_people():
    approval = asked(A.HEAD, days=3)
    assert not list(approvals.late())
    office = Office(at=timezone.now() + timedelta(days=3, minutes=1))
    assert [(late.pk, [user.username for user in turn.takers]) for late, turn in approvals.late(office)] == [(approval.pk, ["head"])]


@pytest.mark.parametrize("approver", [A.OWNER, A.OWNERS_HEAD, A.PERSON, A.COMMITTEE])
def test_what_waits_for_each_is_what_each_may_take(approver):
    """Whoever it is that a step names, and whoever stands in for them."""
    group = Group.objects.create(name="委员会")
    group.user_set.add(person("legal"), person("staff2"))
    named = {A.PERSON: {"person": person("legal2")}, A.COMMITTEE: {"committee": group}}
    deputise("archivist", "auditor")
    deputise("legal", "admin")
    deputise("legal2", "archivist2")
    deputise("head", "registrar")
    approval = asked(approver, record=registered(), **named.get(approver, {}))
    assert turn(approval) == sorted(name for name in EVERYBODY if approvals.waiting_for(person(name))) != []


def test_who_decides_nothing_reads_no_request(django_assert_num_queries):
    made = chain(A.HEAD)
    for _each in range(5):
        approvals.begin(chain=made, asker=person("staff"))
    legal = person("legal")
    with django_assert_num_queries(2):  # whose duties count, and what is in their reach
        assert approvals.waiting_for(legal) == []


PEOPLE = ["staff", "head", "manager", "officer", "archivist", "legal"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from([A.HEAD, A.MANAGER, A.OFFICER, A.ARCHIVIST]), min_size=1, max_size=4),
    st.sampled_from(PEOPLE),
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)).filter(lambda pair: pair[0] != pair[1]), max_size=3),
    st.lists(st.sampled_from(PEOPLE), max_size=3),
    st.randoms(),
)
def test_nobody_ever_approves_their_own_and_nobody_twice(approvers, asker, deputies, left, chance):
    with transaction.atomic():
        for who, deputy in deputies:
            deputise(who, deputy)
        DutyHolder.objects.filter(user__username__in=[name for name in left if name != asker]).delete()
        approval = asked(*approvers, asker=asker)
        seen = []
        while people := turn(approval):
            assert asker not in people
            assert not set(people) & set(seen)
            assert people == sorted(name for name in EVERYBODY if approvals.waiting_for(person(name)))
            seen.append(chance.choice(people))
            decide(approval, seen[-1])
            places = approval.steps.exclude(on_behalf_of=None).values_list("on_behalf_of__username", flat=True)
            assert asker not in places
        transaction.set_rollback(True)
