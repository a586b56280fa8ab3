"""Proposed by one, confirmed by the security officer: clearances, duties, memberships, grants (SEC-15)."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import translation

from records import access, entrusting, granting, standing
from records.errors import Conflict, DutiesApart, Invalid, NotAllowed, ReasonMissing, StateConflict, Unknown
from records.models import AuditEvent, Department, DutyHolder, Grant, Notice, Proposal, ProposalState, RecordNamed, Tier, User
from tests.factories import filed, person, registered, secret

pytestmark = pytest.mark.django_db
WHY = "岗位调整"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def wish(username="staff", actor="admin", reason=WHY, **values):
    """What the administrator asks for a person, everything else as it is."""
    who = person(username)
    return standing.change(actor=person(actor), person=who, wished=replace(standing.of(who), **values), reason=reason)


def tier(slug):
    return Tier.objects.get(slug=slug)


def decide(proposal, who="officer", decision="accept", reason=""):
    return entrusting.decide(actor=person(who), proposal_id=proposal.pk, decision=decision, reason=reason)


# --- what waits and what does not -----------------------------------------------------------------------------------


def test_a_clearance_above_internal_waits_and_then_opens():
    record = filed(**secret("secret"))
    (proposal,) = wish(clearance=tier("secret"))
    assert person("staff").clearance.slug == "internal"
    assert not access.readable_by(person("staff")).filter(pk=record.pk).exists()
    decide(proposal)
    assert access.readable_by(person("staff")).filter(pk=record.pk).exists()
    assert AuditEvent.objects.filter(action="accept-entrusting", actor=person("officer"), subject="clearance staff secret").exists()


@pytest.mark.parametrize("low", ["public", "internal", None])
def test_lowering_a_clearance_takes_effect_at_once(low):
    assert wish("head", clearance=tier(low) if low else None) == []
    assert getattr(person("head").clearance, "slug", None) == low


def test_lowering_above_internal_does_not_wait_either():
    assert wish("legal", clearance=tier("secret"), reason="") == []
    assert person("legal").clearance.slug == "secret"


def test_duties_wait_but_for_staff():
    (proposal,) = wish("auditor", duties=frozenset({"auditor", "staff", "archivist"}))
    assert person("auditor").duties == {"auditor", "staff"}
    decide(proposal)
    assert person("auditor").duties == {"auditor", "staff", "archivist"}
    assert wish("auditor", duties=frozenset({"auditor"}), reason="") == []
    assert person("auditor").duties == {"auditor"}


def test_a_membership_waits():
    group = Group.objects.get(name="archivists")
    (proposal,) = wish("staff2", groups=frozenset({group}))
    assert not person("staff2").groups.exists()
    decide(proposal)
    assert person("staff2").groups.get() == group


def test_a_department_waits_where_it_reads_or_is_headed():
    assert wish("staff", department=Department.objects.get(slug="projects"), reason="") == []
    (proposal,) = wish("staff2", department=Department.objects.get(slug="legal"))
    assert person("staff2").department.slug == "projects"
    decide(proposal)
    assert person("staff2").department.slug == "legal"
    assert len(wish("head", department=Department.objects.get(slug="projects"))) == 1


def test_a_mail_address_waits_for_whoever_can_sign_in():
    """An address is the way to a password."""
    (proposal,) = wish("staff", email="other@example.com")
    assert person("staff").email == "staff@example.com"
    decide(proposal)
    assert person("staff").email == "other@example.com"


def test_a_new_account_that_opens_nothing_is_set_right_at_once_until_something_waits_for_it():
    User.objects.create_user("neu", email="a@example.com", department=Department.objects.get(slug="projects"))
    assert wish("neu", email="b@example.com", reason="") == []
    wish("neu", clearance=tier("secret"))
    assert [each.kind for each in wish("neu", email="c@example.com")] == ["mail"]
    assert person("neu").email == "b@example.com"


def test_what_waits_needs_a_reason_and_waits_once():
    with pytest.raises(ReasonMissing):
        wish(clearance=tier("secret"), reason="  ")
    wish(clearance=tier("secret"))
    with pytest.raises(Conflict, match="waits"):
        wish(clearance=tier("secret"))


def test_borrowing_without_approval_and_signing_in_again_wait():
    assert [each.kind for each in wish("head", borrows_directly=True)] == ["direct"]
    assert wish("legal2", is_active=False, reason="") == []
    (proposal,) = wish("legal2", is_active=True)
    assert not person("legal2").is_active
    decide(proposal)
    assert person("legal2").is_active


# --- who -------------------------------------------------------------------------------------------------------------


def test_nobody_changes_their_own():
    with pytest.raises(DutiesApart):
        wish("admin", clearance=tier("top-secret"))
    with pytest.raises(DutiesApart):
        granting.propose(actor=person("admin"), to={"user": "admin"}, on={"record_class": "HT"}, reason=WHY)


@pytest.mark.parametrize("who", ["officer", "archivist", "staff", "auditor", "manager"])
def test_only_administrators_propose_for_people(who):
    with pytest.raises(NotAllowed):
        wish(actor=who, clearance=tier("secret"))


def test_only_the_officer_decides_and_nobody_what_they_proposed():
    (proposal,) = wish(clearance=tier("secret"))
    with pytest.raises(NotAllowed):
        decide(proposal, "admin")
    for who in ("staff", "archivist", "head"):
        with pytest.raises(Unknown):
            decide(proposal, who)
    with pytest.raises(DutiesApart):  # the general manager only where no officer can
        decide(proposal, "manager")
    DutyHolder.objects.create(user=person("admin"), duty="officer")
    with pytest.raises(DutiesApart):
        decide(proposal, "admin")
    assert person("staff").clearance.slug == "internal"


def test_an_officers_own_change_goes_to_another_officer_else_to_the_manager():
    (proposal,) = wish("officer", borrows_directly=True)
    with pytest.raises(DutiesApart):
        decide(proposal, "officer")
    assert entrusting.waiting_for(person("manager")) == [proposal]
    DutyHolder.objects.create(user=person("registrar"), duty="officer")
    assert entrusting.waiting_for(person("manager")) == []
    decide(proposal, "registrar")
    assert person("officer").borrows_directly


@pytest.mark.parametrize(
    "forged",
    [
        {"state": "accepted", "decided_by": "admin"},  # who proposed
        {"state": "accepted", "decided_by": "staff"},  # whom it is about
        {"state": "accepted", "decided_by": None},
        {"proposed_by": "staff"},
        {"reason": ""},
    ],
)
def test_the_database_keeps_the_duties_apart(forged):
    (proposal,) = wish(clearance=tier("secret"))
    values = {name: person(value) if name.endswith("_by") and value else value for name, value in forged.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(**values)


def test_a_decision_is_one_and_a_rejection_says_why():
    (proposal,) = wish(clearance=tier("secret"))
    with pytest.raises(Invalid):
        decide(proposal, decision="perhaps")
    with pytest.raises(ReasonMissing):
        decide(proposal, decision="reject")
    decide(proposal, decision="reject", reason="无业务需要")
    assert person("staff").clearance.slug == "internal"
    with pytest.raises(StateConflict):
        decide(proposal)


def test_who_proposed_takes_back():
    (proposal,) = wish(clearance=tier("secret"))
    with pytest.raises(NotAllowed):
        entrusting.withdraw(actor=person("officer"), proposal_id=proposal.pk)
    assert entrusting.withdraw(actor=person("admin"), proposal_id=proposal.pk).state == ProposalState.WITHDRAWN
    with pytest.raises(StateConflict):
        decide(proposal)


def test_those_concerned_are_told():
    (proposal,) = wish(clearance=tier("secret"))
    assert Notice.objects.get(kind="grant-proposed").person == person("officer")
    decide(proposal)
    told = Notice.objects.filter(kind="grant-accepted", key=str(proposal.pk))
    assert {each.person.username for each in told} == {"admin", "staff"}


def test_what_fits_no_more_is_refused_and_stays_open():
    (proposal,) = wish("staff2", groups=frozenset({Group.objects.create(name="committee")}))
    Group.objects.get(name="committee").delete()
    with pytest.raises(StateConflict):
        decide(proposal)
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.PROPOSED
    (other,) = wish("staff2", clearance=tier("secret"))
    User.objects.filter(username="staff2").update(is_active=False)
    with pytest.raises(StateConflict):
        decide(other)


# --- the first officer, the last one ---------------------------------------------------------------------------------


def test_the_first_officer_is_named_once_and_logged():
    DutyHolder.objects.filter(duty="officer").delete()
    assert wish("legal", duties=frozenset({"legal", "officer"})) == []
    assert person("legal").has_duty("officer")
    assert AuditEvent.objects.filter(action="first-officer", subject="legal", actor=person("admin")).exists()
    DutyHolder.objects.filter(duty="officer").delete()  # whoever is taken away: it happened once
    assert [each.kind for each in wish("legal2", duties=frozenset({"legal", "officer"}))] == ["duty"]


def test_nobody_makes_themselves_the_first_officer():
    DutyHolder.objects.filter(duty="officer").delete()
    with pytest.raises(DutiesApart):
        wish("admin", duties=frozenset({"administrator", "officer"}))


@pytest.mark.parametrize("taken", [{"duties": frozenset()}, {"is_active": False}])
def test_the_only_officer_is_not_taken_away(taken):
    with pytest.raises(Conflict, match="only security officer"):
        wish("officer", **taken)
    DutyHolder.objects.create(user=person("registrar"), duty="officer")
    assert wish("officer", **taken) == []


# --- grants ----------------------------------------------------------------------------------------------------------


def propose_grant(actor="admin", reason=WHY, to=None, on=None):
    return granting.propose(
        actor=person(actor), to={"department": "projects"} if to is None else to, on=on or {"record_class": "HT"}, reason=reason
    )


def test_a_grant_opens_when_it_is_confirmed_and_closes_when_it_is_taken_away():
    record = filed()
    proposal = propose_grant()
    assert not access.readable_by(person("staff2")).filter(pk=record.pk).exists()
    decide(proposal)
    assert access.readable_by(person("staff2")).filter(pk=record.pk).exists()
    grant = Grant.objects.latest("pk")
    assert grant.granted_by == person("admin")
    granting.revoke(actor=person("admin"), grant_id=grant.pk)
    assert not access.readable_by(person("staff2")).filter(pk=record.pk).exists()


@pytest.mark.parametrize("to", [{"user": "admin"}, {"department": "administration"}, {"group": "own"}])
def test_nobody_grants_to_themselves(to):
    person("admin").groups.add(Group.objects.create(name="own"))
    with pytest.raises(DutiesApart):
        propose_grant(to=to)


@pytest.mark.parametrize(
    ("to", "on", "error"),
    [
        ({}, {"record_class": "HT"}, Invalid),
        ({"user": "staff", "everyone": True}, {"record_class": "HT"}, Invalid),
        ({"user": "nobody"}, {"record_class": "HT"}, Invalid),
        ({"user": "staff"}, {}, Invalid),
        ({"user": "staff"}, {"record_class": "XX"}, Invalid),
        ({"user": "staff"}, {"record": "x"}, Unknown),
        ({"user": "staff"}, {"volume": "x"}, Unknown),
        ({"department": "sales"}, {"record_class": "HT"}, Conflict),  # has it
    ],
)
def test_bad_grants_are_refused(to, on, error):
    with pytest.raises(error):
        granting.propose(actor=person("admin"), to=to, on=on, reason=WHY)


def test_a_grant_needs_a_reason_and_who_may():
    with pytest.raises(ReasonMissing):
        propose_grant(reason=" ")
    for who in ("staff", "auditor", "archivist", "manager"):
        with pytest.raises(NotAllowed):
            propose_grant(actor=who)


def test_archivists_propose_for_records_that_they_know():
    record, hidden = registered(), registered("registrar", tier="top-secret", tier_reason="并购", named=["registrar"])
    decide(propose_grant("archivist", to={"user": "staff2"}, on={"record": str(record.pk)}))
    assert access.readable_by(person("staff2")).filter(pk=record.pk).exists()
    with pytest.raises(Unknown):
        propose_grant("archivist", to={"user": "staff2"}, on={"record": str(hidden.pk)})


def test_a_grant_on_a_record_of_named_people_names_the_person():
    record = registered("registrar", tier="top-secret", tier_reason="并购", named=["registrar"])
    proposal = propose_grant("registrar", to={"user": "manager"}, on={"record": str(record.pk)})
    assert proposal.kind == "named"
    decide(proposal)
    assert RecordNamed.objects.filter(record=record, user=person("manager")).exists()
    with pytest.raises(Invalid):
        propose_grant("registrar", to={"department": "legal"}, on={"record": str(record.pk)})


def test_who_gains_as_a_member_decides_only_where_nobody_else_is_left():
    Department.objects.create(slug="board", name="board")
    User.objects.filter(username="officer").update(department=Department.objects.get(slug="board"))
    proposal = propose_grant(to={"department": "board"})
    assert entrusting.deciders(proposal) == [person("manager")]
    User.objects.filter(username="manager").update(department=Department.objects.get(slug="board"))
    assert entrusting.deciders(proposal) == [person("officer")]
