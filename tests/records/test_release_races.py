"""Releases under real connections: a vote against taking it back (SEC-11)."""

from functools import partial

import pytest

from records import releases
from records.errors import Conflict, Unknown
from records.models import Approval, Release
from tests.factories import committee, filed, person
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
