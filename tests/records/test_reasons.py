"""Words beside an act: a whole sentence is taken, and what no table keeps is refused before anything changes."""

import pytest
from django.utils import timezone

from records import counter, entrusting, leaving, lending, releases
from records.errors import Invalid, ReasonMissing
from records.models import Duty, Loan, LoanState, Proposal, ProposalState, Release
from tests.factories import committee, filed, loan_policies, person, secret

pytestmark = pytest.mark.django_db
LONG = "长" * 501


@pytest.fixture(autouse=True)
def policies():
    """As shipped."""
    loan_policies()


def asked(use="view", **given):
    return lending.request(actor=person("staff"), record_id=filed(**given).pk, use=use, purpose="核对", until=str(timezone.localdate()))


@pytest.mark.parametrize("reason", [LONG, "涉\0密"])
def test_a_loan_stays_as_it_was(reason):  # LND-2, LND-8
    loan = asked(**secret("secret"))
    for decision in ("approve", "reject"):
        with pytest.raises(Invalid):
            lending.decide(actor=person("head"), loan_id=loan.pk, decision=decision, reason=reason)
    with pytest.raises(Invalid):
        lending.cancel(actor=person("staff"), loan_id=loan.pk, reason=reason)
    assert Loan.objects.get().state == LoanState.REQUESTED


def test_at_the_counter():  # LND-5
    loan = lending.decide(actor=person("archivist2"), loan_id=asked("original").pk, decision="approve", reason="长" * 500)
    counted = {"actor": person("archivist"), "loan_id": loan.pk, "copies": 1, "pages": 2}
    with pytest.raises(Invalid) as refused:
        counter.issue(condition=LONG, **counted)
    assert list(refused.value.errors) == ["condition"]
    counter.issue(**counted)
    for name, text in (("condition", LONG), ("damage", LONG), ("place", "架" * 201)):
        with pytest.raises(Invalid) as refused:
            counter.give_back(**counted, **{name: text})
        assert list(refused.value.errors) == [name]
    assert Loan.objects.get().state == LoanState.ACTIVE


def test_a_release_and_a_proposal_stay_as_they_were():  # SEC-11, SEC-15
    committee("officer", "legal")
    given = dict.fromkeys(("organisation", "recipient", "purpose", "basis"), "审计")
    release = releases.request(actor=person("archivist"), record_ids=[filed().pk], form="paper", **given)
    with pytest.raises(Invalid):
        releases.cancel(actor=person("archivist"), release_id=release.pk, reason=LONG)
    with pytest.raises(Invalid):
        releases.decide(actor=person("officer"), release_id=release.pk, decision="approve", reason=LONG)
    assert Release.objects.get().state == "requested"
    about = {"actor": person("admin"), "kind": "duty", "payload": {"value": Duty.LEGAL}, "person": person("staff")}
    with pytest.raises(Invalid):
        entrusting.begin(reason=LONG, **about)
    proposal = entrusting.begin(reason="兼任", **about)
    with pytest.raises(Invalid):
        entrusting.decide(actor=person("officer"), proposal_id=proposal.pk, decision="accept", reason=LONG)
    assert Proposal.objects.get().state == ProposalState.PROPOSED


def test_nobody_leaves_for_a_reason_that_cannot_be_kept():  # SEC-12
    for reason, refusal in ((" ", ReasonMissing), (LONG, Invalid)):
        with pytest.raises(refusal):
            leaving.leave(actor=person("admin"), username="staff2", reason=reason)
    assert person("staff2").is_active
