"""Decisions under real connections: a vote against taking it back, a confirmation against the calendar (SEC-11, SEC-14)."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from records import guards, releases, secrecy, terms
from records.errors import Conflict, Unknown
from records.models import Approval, Record, Release, TierChange
from tests.factories import committee, filed, person, secret
from tests.records.test_races import at_once

pytestmark = pytest.mark.usefixtures("store")
ROUNDS = 8


@pytest.mark.race
def test_a_vote_and_a_taking_back(real_database: str) -> None:
    committee("officer", "legal", "manager")
    record, given = filed(), dict.fromkeys(("organisation", "recipient", "purpose", "basis"), "审计")
    for _round in range(ROUNDS):
        release = releases.request(actor=person("archivist"), record_ids=[record.pk], form="paper", **given)
        reject = partial(releases.decide, actor=person("officer"), release_id=release.pk, decision="reject", reason="范围过大")
        failures = at_once([reject, partial(releases.cancel, actor=person("archivist"), release_id=release.pk)])
        assert [isinstance(failure, Conflict | Unknown) for failure in failures] == [True]
        states = Release.objects.get(pk=release.pk).state, Approval.objects.get(release=release).state
        assert states in [("rejected", "rejected"), ("cancelled", "withdrawn")]


@pytest.mark.race
def test_the_daily_work_waits_for_a_confirmation(real_database: str, monkeypatch: pytest.MonkeyPatch) -> None:  # SEC-3, SEC-14
    today, record = timezone.localdate(), filed(**secret("secret"))
    Record.objects.filter(pk=record.pk).update(tier_until=today - timedelta(days=1))
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="secret", reason="延期")
    fell: list[Exception] = []
    daily = threading.Thread(target=lambda: fell.extend(at_once([partial(terms.declassify, today)])))

    def begins_in_the_middle(*_given: object) -> None:
        daily.start()
        daily.join(timeout=1)  # by then it waits, for the record or for its change

    monkeypatch.setitem(guards._guards["change_tier"], "race", begins_in_the_middle)
    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="accept")
    daily.join()
    assert fell == []
    assert (Record.objects.get().tier.slug, TierChange.objects.get().state) == ("secret", "accepted")
