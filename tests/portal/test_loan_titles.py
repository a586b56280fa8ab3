"""What a loan, or a release, says of its record: its title while it goes on, and then to who may know of the record (SEC-5, LND-10)."""

import pytest
from django.utils import timezone

from records import counter, lending, releases, secrecy
from records.models import Grant, LoanCopy, Record, Release, ReleaseState
from tests.factories import committee, filed, loan_policies, person, secret
from tests.portal.callers import Api
from tests.portal.test_desk_pages import desk

pytestmark = pytest.mark.django_db
NEW = "并购鸿远置业的意向书"


@pytest.fixture(autouse=True)
def policies():
    """As shipped."""
    loan_policies()


def asked(record, use="view", **given):
    until = str(timezone.localdate())
    return lending.request(actor=person("staff"), record_id=record.pk, use=use, purpose="核对", until=until, **given)


def hidden(record: Record) -> None:
    """Raised to top secret and named anew: of what was no secret to the borrower nothing more is told."""
    change = secrecy.propose_tier(actor=person("registrar"), record_id=record.pk, tier="top-secret", reason="并购")
    secrecy.decide_tier(actor=person("officer"), change_id=change.pk, decision="accept")
    Record.objects.filter(pk=record.pk).update(title=NEW)


def told(who: str, loan) -> list[str]:
    """All that a person is told of a loan, or of copies of it."""
    pages = ["/loans/", "/loans/waiting/", "/copies/?all=1", f"/loans/{loan.pk}/cancel/", f"/loans/{loan.pk}/report-loss/"]
    pages += [f"/copies/{pk}/report-loss/" for pk in LoanCopy.objects.filter(loan=loan).values_list("pk", flat=True)]
    calls = ["/loans/", f"/loans/{loan.pk}/", "/copies/"]
    return [desk(who).get(page).content.decode() for page in pages] + [Api(who).get(call).content.decode() for call in calls]


def test_who_lost_the_sight_of_a_record_is_told_its_number_alone():
    Grant.objects.create(record_class=filed().record_class, user=person("officer"))
    record = filed("registrar", "archivist2", **secret("confidential"))
    loan = asked(record)
    lending.decide(actor=person("head"), loan_id=loan.pk, decision="approve")
    assert all(record.title in Api(who).get(f"/loans/{loan.pk}/").content.decode() for who in ("staff", "head"))
    hidden(record)
    for who in ("staff", "head"):
        assert loan.number in "".join(told(who, loan))
        assert [text for text in told(who, loan) if NEW in text] == []
    assert Api("staff").get(f"/loans/{loan.pk}/").json()["record"] == {"id": str(record.pk), "number": record.number, "title": None}


def test_who_holds_the_paper_knows_what_it_is_until_it_is_back():
    record = filed()
    loan = asked(record, "copy", copies=1)
    lending.decide(actor=person("archivist2"), loan_id=loan.pk, decision="approve")
    counter.issue(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    Grant.objects.filter(department__slug="sales").delete()
    assert [text for text in told("staff", loan) if record.title in text] != []
    counter.give_back(actor=person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    assert [text for text in told("staff", loan) if record.title in text] == []
    assert [text for text in told("archivist", loan) if record.title in text] != []


def test_a_release_that_is_over_says_no_more():  # SEC-11
    Grant.objects.create(record_class=filed().record_class, user=person("officer"))
    committee("manager", "legal")
    record = filed("registrar", "archivist2", **secret("confidential"))
    given = dict.fromkeys(("organisation", "recipient", "purpose", "basis"), "审计")
    release = releases.request(actor=person("archivist"), record_ids=[record.pk], form="paper", **given)
    releases.decide(actor=person("legal"), release_id=release.pk, decision="reject", reason="范围过大")
    hidden(record)

    def told_of(who: str) -> list[str]:
        pages = [desk(who).get(page).content.decode() for page in ("/releases/", f"/releases/{release.pk}/")]
        return [*pages, *(Api(who).get(call).content.decode() for call in ("/releases/", f"/releases/{release.pk}/"))]

    for who in ("archivist", "legal"):
        assert [release.number in text for text in told_of(who)] == [True] * 4
        assert [text for text in told_of(who) if NEW in text] == []
    Release.objects.filter(pk=release.pk).update(state=ReleaseState.APPROVED)
    assert [NEW in text for text in told_of("archivist")] == [True] * 4
