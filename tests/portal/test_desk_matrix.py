"""Who gets what from every address of the desk: a table, in which an address that is missing fails."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from portal.desk import urls
from records import counter, deputies, granting, leaks, lending, notices, places, releases, secrecy
from records.models import Notice, Record
from tests import factories
from tests.portal.test_desk_pages import component_of, desk

pytestmark = pytest.mark.django_db

CAST = ("archivist2", "staff", "staff2", "officer", "legal", "auditor", "admin", "")
ALL, NOBODY = "200 200 200 200 200 200 200 302", "302"
READERS = "200 200 404 404 200 404 404 302"  # of class HT
ARCHIVISTS = "200 403 404 404 403 404 404 302"  # an act on a record that only archivists do
LOAN = "200 404 404 404 404 404 404 302"  # an act on a loan of somebody else's, of a record that the auditor may not know of
REGISTER = "200 403 403 200 403 200 403 302"
KEEPERS = "200 403 403 403 403 403 403 302"
# For each name what GET answers to each of the cast; the record is a filed contract of tier internal, registered by `archivist`.
TABLE = {
    "home": ALL,
    "search": ALL,
    "suggest": ALL,
    "register": "200 403 403 403 403 403 403 302",
    "register-form": "405 405 405 405 405 405 405 302",
    "upload": "405 405 405 405 405 405 405 302",
    "parties": ALL,
    "returned": ALL,
    "review-list": "200 403 403 200 403 403 403 302",
    "review": "200 403 403 404 403 403 403 302",
    "file-list": "200 403 403 403 403 403 403 302",
    "numbers": "200 403 403 403 403 200 403 302",
    "tier-list": "200 403 403 200 403 403 403 302",
    "tiers-ending": "200 403 403 200 403 403 403 302",
    "tier-decide": "405 405 405 405 405 405 405 302",
    "audit": "403 403 403 200 403 200 403 302",
    "audit-export": "403 403 403 200 403 200 403 302",
    "unusual": "403 403 403 200 403 200 403 302",
    "leaks": ALL,
    "leak-report": ALL,
    "leak": "404 404 404 200 404 404 404 302",
    "leak-examine": "405 405 405 405 405 405 405 302",
    "leak-close": "405 405 405 405 405 405 405 302",
    "report-leak": READERS,
    "releases": ALL,
    "release": "200 404 404 200 200 404 404 302",
    "release-act": "405 405 405 405 405 405 405 302",
    "ask-release": "200 403 404 404 200 404 404 302",
    "access": READERS,
    "loans": ALL,
    "loans-waiting": ALL,
    "loans-decide": "405 405 405 405 405 405 405 302",
    "loans-counter": "200 403 403 403 403 403 403 302",
    "notices": ALL,
    "notices-read": "405 405 405 405 405 405 405 302",
    "notice": "404 302 404 404 404 404 404 302",  # of `staff`
    "loans-register": REGISTER,
    "loans-report": REGISTER,
    "slip": "200 404 404 404 404 404 404 302",
    "places": KEEPERS,
    "place": KEEPERS,
    "place-labels": KEEPERS,
    "scan": "400 404 404 404 404 404 404 302",
    "scanned": "404 404 404 404 404 404 404 302",
    "loan-decide": "405 405 405 405 405 405 405 302",
    "loan-confirm": "405 405 405 405 405 405 405 302",
    "loan-cancel": LOAN,
    "loan-extend": "403 404 404 404 404 404 404 302",
    "loan-issue": LOAN,
    "loan-return": LOAN,
    "loan-recall": LOAN,
    "loan-report-loss": LOAN,
    "copies": ALL,
    "copy-return": LOAN,
    "copy-destroy": LOAN,
    "copy-witness": LOAN,
    "copy-report-loss": LOAN,
    "copy-print": LOAN,
    "entrusted": "403 403 403 200 403 403 200 302",
    "entrusted-decide": "405 405 405 405 405 405 405 302",
    "entrusted-withdraw": "405 405 405 405 405 405 405 302",
    "deputies": ALL,
    "deputy-end": "405 405 405 405 405 405 405 302",
    "leave": "403 403 403 200 403 403 200 302",
    "borrow": READERS,
    "record": READERS,
    "version": READERS,
    "open": READERS,
    "history": READERS,
    "change": ARCHIVISTS,
    "add-version": ARCHIVISTS,
    "move": ARCHIVISTS,
    "relate": ARCHIVISTS,
    "propose-tier": ARCHIVISTS,
    "declassify": ARCHIVISTS,
    "let-go": ARCHIVISTS,
    "withdraw": ARCHIVISTS,
    "void": ARCHIVISTS,
    "reveal": READERS,
    "content": READERS,
    "print": READERS,
    "retry-text": "405 405 405 405 405 405 405 302",
    "page": READERS,
    "words": READERS,
}
ARGUMENTS = {
    "version": lambda record: [record.pk, 1],
    "reveal": lambda record: [record.pk, "mobile"],
    "content": lambda record: [record.pk, component_of(record).pk],
    "print": lambda record: [record.pk, component_of(record).pk],
    "retry-text": lambda record: [record.pk, component_of(record).pk],
    "page": lambda record: [record.pk, component_of(record).pk, 1],
    "words": lambda record: [record.pk, component_of(record).pk, 1],
}
NAMES = [pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)]
WRITES = [
    "register",
    "register-form",
    "upload",
    "review",
    "file-list",
    "tier-decide",
    "change",
    "add-version",
    "move",
    "relate",
    "propose-tier",
    "declassify",
    "let-go",
]
WRITES += [
    "withdraw",
    "void",
    "reveal",
    "retry-text",
    "borrow",
    *(name for name in TABLE if name.startswith(("loan-", "copy-")) and name != "copy-print"),
]
WRITES += ["entrusted-decide", "entrusted-withdraw", "leave", "deputy-end"]
WRITES += ["leak-examine", "leak-close", "release-act", "ask-release"]


def address(name: str, record: Record) -> str:
    """The address of this name, about this record where it is about one."""
    route = next(str(pattern.pattern) for pattern in urls.urlpatterns if pattern.name == name)
    group = name if name in ABOUT else name.split("-", maxsplit=1)[0]
    if "<" not in route:
        return reverse(f"desk:{name}")
    if group in ABOUT:
        return reverse(f"desk:{name}", args=[ABOUT[group](record)])
    return reverse(f"desk:{name}", args=ARGUMENTS.get(name, lambda row: [row.pk])(record))


def _proposal(record: Record) -> Any:
    actor = factories.person("archivist")
    return secrecy.propose_tier(actor=actor, record_id=record.pk, tier="secret", reason="含交割价格").pk


def _grant(_record: Record) -> Any:
    to, on = {"department": "projects"}, {"record_class": "HT"}
    return granting.propose(actor=factories.person("admin"), to=to, on=on, reason="项目需要").pk


def _deputy(_record: Record) -> Any:
    head, until = factories.person("head"), str(timezone.localdate() + timedelta(days=9))
    return deputies.name(actor=head, deputy="legal2", since="2026-01-01", until=until).pk


def _loan(record: Record) -> Any:
    factories.loan_policies()
    actor, until = factories.person("head"), timezone.localdate() + timedelta(days=7)
    return lending.request(actor=actor, record_id=record.pk, use="original", purpose="核对", until=until).pk


def _leak(record: Record) -> Any:
    return leaks.report(actor=factories.person("head"), record_id=record.pk, what="复印件在外").pk


def _release(record: Record) -> Any:
    factories.committee()
    given = {"organisation": "市审计局", "recipient": "陈科长", "purpose": "年度审计", "basis": "审计法", "form": "paper"}
    return releases.request(actor=factories.person("legal2"), record_ids=[record.pk], **given).pk


def _copy(record: Record) -> Any:
    factories.loan_policies()
    actor, until = factories.person("head"), timezone.localdate() + timedelta(days=7)
    loan = lending.request(actor=actor, record_id=record.pk, use="copy", purpose="核对", until=until, copies=1)
    lending.decide(actor=factories.person("registrar"), loan_id=loan.pk, decision="approve")
    counter.issue(actor=factories.person("archivist"), loan_id=loan.pk, copies=1, pages=2)
    return loan.issued_copies.get().pk


def _notice(record: Record) -> Any:
    notices.tell([factories.person("staff")], "loan-lost", record=record)
    return Notice.objects.get().pk


def _lent(record: Record) -> Any:
    factories.loan_policies()
    return record.pk


def _place(_record: Record) -> Any:
    return places.make(actor=factories.person("archivist"), code="B07", name="7", kind="box").code


# What a page is about besides a record, made for the test: by the page's name, or the word that its name begins with.
ABOUT: dict[str, Callable[[Record], Any]] = {
    "tier-decide": _proposal,
    "borrow": _lent,
    "entrusted-decide": _grant,
    "entrusted-withdraw": _grant,
    "deputy-end": _deputy,
    "leave": lambda _record: "head",
    "notice": _notice,
    "leak": _leak,
    "release": _release,
    "copy": _copy,
    "loan": _loan,
    "slip": _loan,
    "place": _place,
    "scanned": lambda _record: "nothing",
}


def browser(username: str) -> Client:
    """A browser of this person; nobody's for an empty name."""
    return desk(username) if username else Client()


def test_every_address_is_in_the_table() -> None:
    """A new page names who may see it."""
    assert set(NAMES) == set(TABLE)


@pytest.mark.parametrize("name", NAMES)
def test_get_answers_as_the_table_says(name: str) -> None:
    """SEC-4, SEC-15."""
    record = factories.filed()
    url = address(name, record)
    assert " ".join(str(browser(username).get(url).status_code) for username in CAST) == TABLE[name]


@pytest.mark.parametrize("name", WRITES)
def test_nothing_is_changed_by_those_who_may_not(name: str) -> None:
    """SEC-15: a post by a reader, an outsider, an auditor or nobody is refused and leaves the record as it was."""
    record = factories.filed()
    url = address(name, record)
    before = Record.objects.filter(pk=record.pk).values().get()
    for username in ("staff", "staff2", "auditor", ""):
        given = {"reason": "x", "decision": "accept", "title": "geändert", "do": "file", "records": [str(record.pk)]}
        status = browser(username).post(url, given).status_code
        assert status in {302, 403, 404, 409} if not username else status in {400, 403, 404}, username
    assert Record.objects.filter(pk=record.pk).values().get() == before


def test_forms_ask_for_the_token_of_their_page() -> None:
    """Cross-site requests are refused (CSRF)."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.person("archivist"))
    assert client.post("/register/upload/").status_code == 403
