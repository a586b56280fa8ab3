"""The regular jobs run against the real floors, say what they did, and fail for what needs a person."""

import pytest

from portal.serve import jobs
from portal.serve.schedule import registered

pytestmark = pytest.mark.django_db
NEEDED = {
    "remind",
    "mail_digests",
    "mail_again",
    "erase_uploads",
    "storage_reconcile",
    "search_index_update",
    "audit_verify",
    "audit_anchor",
    "clean_outbox",
    "clean_sessions",
    "retention_run",
}


def test_the_jobs_of_this_house_are_registered() -> None:
    assert set(registered()) >= NEEDED


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_job_runs_and_says_what_it_did(name: str) -> None:
    assert registered()[name].work()
    assert registered()[name].work()


def test_missing_content_needs_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.reconcile import Report

    monkeypatch.setattr(jobs, "reconcile", lambda *, clear: Report(checked=1, missing_objects=["gone"]))
    with pytest.raises(jobs.NeedsPerson, match="1 objects are missing"):
        jobs.reconcile_storage()
