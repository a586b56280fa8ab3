"""API tokens: issued once in clear, kept as digests, limited in scope and time (PRT-5)."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import ApiToken, Scope
from records import audit
from records.models import User

PREFIX = "mun_"  # by which scanners for leaked secrets know one
NOTED_EVERY = timedelta(hours=1)  # use is written down this often, or when the address changes; each verb has its own event


def issue_token(
    *, user: User, scope: str = Scope.READ, label: str = "", valid: timedelta | None = None, actor: User | None = None
) -> tuple[ApiToken, str]:
    """A new token and its text, which is not kept. `valid` None: until it is revoked; `actor` None: from the command line."""
    raw = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            label=label,
            scope=Scope(scope),
            digest=_digest(raw),
            shown=raw[:10],
            expires_at=timezone.now() + valid if valid else None,
        )
        audit.record_event(
            actor=actor or audit.Service("service:command"), action="issue-token", subject=f"{user.username} {token.shown} {scope}"
        )
    return token, raw


def revoke_token(*, token: ApiToken, actor: User) -> None:
    """Make the token worthless from now on; doing it again changes nothing."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
            audit.record_event(actor=actor, action="revoke-token", subject=f"{token.user.username} {token.shown}")


def revoke_all(person: User, actor: User) -> None:
    """Make all tokens of somebody who leaves worthless, also should the account ever be opened again (SEC-12)."""
    for token in ApiToken.objects.filter(user=person, revoked_at__isnull=True).select_related("user"):
        revoke_token(token=token, actor=actor)


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """The person's own tokens, newest first."""
    return ApiToken.objects.filter(user=user)


def person_of_token(raw: str, *, address: str = "") -> tuple[User, str] | None:
    """Whom a token stands for, and its scope (`read` or `write`).

    None for one that is unknown, revoked, too old, or of somebody who left.
    """
    if not raw.startswith(PREFIX) or not raw.isascii():
        return None
    token = (
        ApiToken.objects.select_related("user", "user__department", "user__clearance")
        .filter(digest=_digest(raw), revoked_at__isnull=True)
        .first()
    )
    if token is None or token.is_expired or not token.user.is_active:
        return None
    _note_use(token, address)
    return token.user, token.scope


def _note_use(token: ApiToken, address: str) -> None:
    now = timezone.now()
    if token.last_used_at and token.last_used_at > now - NOTED_EVERY and token.last_address == address:
        return
    with transaction.atomic():
        seen = ApiToken.objects.filter(pk=token.pk, last_used_at=token.last_used_at)
        if seen.update(last_used_at=now, last_address=address[:64]):
            with audit.came_from(address):
                audit.record_event(actor=token.user, action="use-token", subject=token.shown)


def _digest(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()
