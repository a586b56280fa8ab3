"""What the walks of desk and API share: the cast by what they are, and one thing in each state that an address is about."""

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.utils import timezone

from records import copies, counter, deputies, granting, leaks, lending, notices, places, releases, secrecy
from records.models import Grant, Loan, Notice, Record, Release
from tests.factories import IDENTITY_NUMBER, committee, filed, loan_policies, person, registered, reviewed, secret, volume
from tests.portal.callers import everybody

ANY_ID = "00000000-0000-4000-8000-000000000000"
EVERYBODY = frozenset(everybody())
ARCHIVISTS = frozenset({"archivist", "archivist2", "registrar"})
LAWYERS = frozenset({"legal", "legal2"})
TRAIL = frozenset({"auditor", "officer"})  # who read the trail
READERS = ARCHIVISTS | LAWYERS | {"staff", "head", "manager"}  # of the class HT; the others do not know of its records
# Who knows of what `things` makes: a loan of staff, one of internal paper (no head decides it), their copies, a release, a leak.
KNOW_LOAN = ARCHIVISTS | {"staff", "head", "manager"}
KNOW_COPY = ARCHIVISTS | {"staff", "manager"}
KNOW_RELEASE = ARCHIVISTS | LAWYERS | {"manager", "officer"}
KNOW_LEAK = frozenset({"staff", "officer"})
KNOW_VOLUME = ARCHIVISTS | LAWYERS | {"manager"}  # readers of the class DK
RELEASE = {"organisation": "市审计局", "recipient": "陈科长", "purpose": "年度审计", "basis": "审计法第三十四条", "form": "paper"}


def walkers(expected: Mapping[str, int]) -> list[str]:
    """Who walks a row: all of the cast on SQLite; on PostgreSQL one of those who get the same answer: there only the queries are others."""
    if connection.vendor == "sqlite":
        return sorted(expected)
    return [min(who for who, status in expected.items() if status == answer) for answer in sorted(set(expected.values()))]


def things() -> SimpleNamespace:
    """One record in each state that a call asks for, all registered by `archivist`."""
    party = {"name": "陈大文", "kind": "person", "identity_number": IDENTITY_NUMBER}
    record, proposed, done = registered(parties=[party]), registered(), filed()
    change = secrecy.propose_tier(actor=person("archivist"), record_id=proposed.pk, tier="secret", reason="涉密")
    notices.tell([person("archivist")], "review-returned", record=record)
    closed, hidden = filed(**secret("secret")), registered("registrar", named=["registrar"], **secret("top-secret"))
    return SimpleNamespace(
        **borrowed(),
        notice=str(Notice.objects.filter(kind="review-returned").get().pk),
        **outside(),
        **entrusted(),
        record=str(record.pk),
        component=_component_of(record),
        closed=str(closed.pk),
        closed_component=_component_of(closed),
        hidden=str(hidden.pk),
        hidden_component=_component_of(hidden),
        reviewed=str(reviewed().pk),
        filed=str(done.pk),
        number=done.number,
        change=str(change.pk),
        place=places.make(actor=person("archivist"), code="B08", name="8", kind="box").code,
        volume=_volume(),
        leaver="legal2",
    )


def _volume() -> str:
    held = volume()
    filed(record_class="DK", volume=held.pk)
    return str(held.pk)


def _component_of(record: Record) -> str:
    return str(record.versions.get().components.get().pk)


def entrusted() -> dict[str, Any]:
    """What waits for the officer, a grant in force, and a deputy."""
    to, on = {"department": "projects"}, {"record_class": "HT"}
    proposal = granting.propose(actor=person("admin"), to=to, on=on, reason="项目需要")
    until = str(timezone.localdate() + timedelta(days=3))
    deputy = deputies.name(actor=person("legal"), deputy="legal2", since="2026-01-01", until=until)
    grant = Grant.objects.filter(record_class__code="HT").first()
    return {"proposal": str(proposal.pk), "grant": grant.pk, "deputy": str(deputy.pk)}


def borrowed() -> dict[str, Any]:
    """Loans of staff in the states that calls ask for."""
    loan_policies()
    closed, paper, gone = filed(**secret("secret")), filed(), filed()
    until = str(timezone.localdate() + timedelta(days=3))

    def lent(record: Record, use: str, approver: str = "") -> Loan:
        loan = lending.request(actor=person("staff"), record_id=record.pk, use=use, purpose="核对", until=until)
        return lending.decide(actor=person(approver), loan_id=loan.pk, decision="approve") if approver else loan

    out = lent(gone, "original", "archivist2")
    counter.issue(actor=person("archivist2"), loan_id=out.pk, copies=1, pages=2)
    copied = lending.request(actor=person("staff"), record_id=gone.pk, use="copy", purpose="核对", until=until, copies=2)
    lending.decide(actor=person("archivist2"), loan_id=copied.pk, decision="approve")
    counter.issue(actor=person("archivist2"), loan_id=copied.pk, copies=2, pages=2)
    copy, destroying = copied.issued_copies.order_by("number")
    copies.destroy(actor=person("archivist"), copy_id=destroying.pk, reason="用毕")
    made = {
        "copy": copy,
        "destroying": destroying,
        "loan": lent(closed, "download"),
        "running": lent(closed, "view", "head"),
        "original": lent(paper, "original", "archivist2"),
        "out": out,
    }
    return {name: str(loan.pk) for name, loan in made.items()} | {
        "secret": str(filed(**secret("secret")).pk),
        "until": until,
        "later": {"until": until},
    }


def outside() -> dict[str, Any]:
    """A report of a leak, and releases in the states that calls ask for."""
    committee()
    record = filed()

    def asked(*voters: str) -> Release:
        made = releases.request(actor=person("legal2"), record_ids=[record.pk], until=None, **RELEASE)
        for voter in voters:
            releases.decide(actor=person(voter), release_id=made.pk, decision="approve")
        return made

    made = {"agreed": asked("officer", "manager"), "given": asked("officer", "manager"), "release": asked()}  # one at most waits
    releases.give(actor=person("archivist"), release_id=made["given"].pk)
    made["leak"] = leaks.report(actor=person("staff"), record_id=filed().pk, what="复印件在外")
    return {name: str(row.pk) for name, row in made.items()}
