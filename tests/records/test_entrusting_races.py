"""Entrusting and leaving by real connections (SEC-12, SEC-15)."""

from dataclasses import replace
from functools import partial

import pytest

from records import entrusting, leaving, standing
from records.errors import Conflict
from records.models import DutyHolder, Proposal, ProposalState, Tier
from tests.factories import person
from tests.records.test_races import at_once


@pytest.mark.race
def test_who_leaves_keeps_nothing_that_is_confirmed_at_that_moment(real_database):
    staff, secret = person("staff"), Tier.objects.get(slug="secret")
    wished = replace(standing.of(staff), clearance=secret, duties=frozenset({"staff", "legal"}))
    made = standing.change(actor=person("admin"), person=staff, wished=wished, reason="岗位调整")
    accept = [partial(entrusting.decide, actor=person("officer"), proposal_id=each.pk, decision="accept") for each in made]

    failures = at_once([*accept, partial(leaving.leave, actor=person("admin"), username="staff", reason="离职")])

    assert all(isinstance(failure, Conflict) for failure in failures), failures
    staff = person("staff")
    assert (staff.is_active, staff.clearance, staff.duties) == (False, None, frozenset())
    assert not Proposal.objects.filter(state=ProposalState.PROPOSED).exists()


@pytest.mark.race
def test_two_acts_at_once_leave_one_officer(real_database):
    DutyHolder.objects.create(user=person("registrar"), duty="officer")
    DutyHolder.objects.create(user=person("legal2"), duty="administrator")
    taken = [
        partial(
            standing.change,
            actor=person(actor),
            person=person(name),
            wished=replace(standing.of(person(name)), duties=frozenset()),
            reason="x",
        )
        for actor, name in (("admin", "officer"), ("legal2", "registrar"))
    ]

    failures = at_once(taken)

    assert [type(failure) for failure in failures] == [Conflict]
    assert DutyHolder.objects.filter(duty="officer").count() == 1
