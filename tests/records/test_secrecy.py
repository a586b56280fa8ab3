"""Tiers in force: marks, terms, and changes that take two people (SEC-3, SEC-13, SEC-14)."""

from datetime import date

import pytest

from records import access, errors, outbox, secrecy
from records.models import Record, TierChange
from tests.factories import person, registered, secret

pytestmark = pytest.mark.django_db


def test_the_mark_names_tier_and_term():  # SEC-13
    assert secrecy.mark(registered(**secret("secret"))) == "秘密★10年"
    assert secrecy.mark(registered(**secret("confidential"), tier_until="P5Y")) == "机密★5年"
    assert secrecy.mark(registered(tier="internal")) == "内部"


def test_a_change_of_tier_takes_effect_when_a_second_person_accepts_it():  # SEC-14
    record = registered()
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="confidential", reason="含报价")

    assert Record.objects.get(pk=record.pk).tier.slug == "internal"
    with pytest.raises(errors.Conflict):
        secrecy.decide_tier(actor=person("archivist"), change_id=change.pk, decision="accept")
    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="accept")

    assert access.visible_to(person("staff")).get(pk=record.pk).access == "listed"
    assert str(record.pk) in outbox.withheld()


def test_a_rejected_change_changes_nothing_and_is_decided_once():
    record = registered()
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="secret", reason="x")
    with pytest.raises(errors.ReasonMissing):
        secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="reject")

    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="reject", reason="不必")

    assert Record.objects.get(pk=record.pk).tier.slug == "internal"
    with pytest.raises(errors.StateConflict):
        secrecy.decide_tier(actor=person("registrar"), change_id=change.pk, decision="accept")


def test_only_one_proposal_at_a_time():
    record = registered()
    secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="secret", reason="x")

    with pytest.raises(errors.Conflict):
        secrecy.propose_tier(actor=person("archivist2"), record_id=record.pk, tier="confidential", reason="y")
    assert TierChange.objects.count() == 1


def test_one_who_is_not_cleared_for_both_tiers_decides_nothing():
    record = registered()
    change = secrecy.propose_tier(actor=person("registrar"), record_id=record.pk, tier="top-secret", reason="x")

    with pytest.raises(errors.NotAllowed):
        secrecy.decide_tier(actor=person("archivist"), change_id=change.pk, decision="accept")


def test_staff_propose_nothing():
    with pytest.raises(errors.NotAllowed):
        secrecy.propose_tier(actor=person("staff"), record_id=registered().pk, tier="secret", reason="x")


@pytest.mark.parametrize(
    ("start", "years", "months", "end"),
    [
        (date(2024, 2, 29), 1, 0, date(2025, 2, 28)),
        (date(2026, 1, 31), 0, 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 10, 0, date(2036, 11, 30)),
        (date(2026, 8, 31), 0, 6, date(2027, 2, 28)),
    ],
)
def test_a_term_ends_on_the_same_day_or_the_months_last(start, years, months, end):
    assert secrecy.add_period(start, years=years, months=months) == end
