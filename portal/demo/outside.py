"""The demo's releases to outside, a leak report that was closed, and a grant that waits for the security officer."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from records import access, granting, leaks, releases
from records.models import Leak, Proposal, Record, Release, State, User

WANTED = {"organisation": "市审计局", "recipient": "陈科长", "purpose": "年度专项审计", "basis": "审计法第三十四条"}
LENT_OUT = {"organisation": "安诚会计师事务所", "recipient": "林经理", "purpose": "年报审计取证", "basis": "审计业务约定书"}


def load(say: Callable[[str], None]) -> None:
    """Make what is missing."""
    people = {user.username: user for user in User.objects.all()}
    if not Release.objects.exists():
        _release(people)
    if not Leak.objects.exists():
        _leak(people)
    if not Proposal.objects.exists():
        on, reason = {"record_class": "DK"}, "参与贷款项目竣工验收"
        granting.propose(actor=people["admin"], to={"department": "projects"}, on=on, reason=reason)
    say("outside: releases, a leak report, a proposal")


def _last(user: User, tier: str, place: int) -> Record | None:
    """One of the records that this person reads: those that loans did not take."""
    return access.readable_by(user).filter(tier__slug=tier, state=State.FILED, loans=None).order_by("-number")[place : place + 1].first()


def _release(people: dict[str, User]) -> None:
    legal, until = people["legal"], timezone.localdate() + timedelta(days=14)
    for place, (given, out) in enumerate(((WANTED, False), (LENT_OUT, True))):
        record = _last(legal, "internal", place)
        if record is None:
            continue
        asked = releases.request(actor=legal, record_ids=[record.pk], form="paper", until=until, **given)
        if out:
            for voter in ("officer", "manager"):
                releases.decide(actor=people[voter], release_id=asked.pk, decision="approve")
            releases.give(actor=people["archivist"], release_id=asked.pk)


def _leak(people: dict[str, User]) -> None:
    record = _last(people["staff"], "internal", 2)
    if record is None:
        return
    told = leaks.report(actor=people["staff"], record_id=record.pk, what="客户称在中介处见到本件的复印件")
    leaks.examine(actor=people["officer"], leak_id=told.pk)
    leaks.close(actor=people["officer"], leak_id=told.pk, findings="复印件系客户本人所留存，非本公司外泄")
