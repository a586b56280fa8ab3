"""The first administrator: a one-time link, printed by `serve` while there is nobody (interface.md, Commands)."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import FirstLink, Organisation
from portal.pages.models import FrontPage
from records import audit
from records.models import Duty, DutyHolder, Tier, User

VALID = timedelta(hours=24)


class LinkNotValid(Exception):  # noqa: N818 - named for what happened
    """This link is not valid: it was used, or is too old, or never was one."""


def first_administrator_link() -> str:
    """A new link, valid once and for 24 hours; earlier ones stop working. Empty when a person exists."""
    if User.objects.exists():
        return ""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        FirstLink.objects.filter(used_at__isnull=True).delete()
        FirstLink.objects.create(digest=_digest(token), expires_at=timezone.now() + VALID)
    return settings.MUNIMENT_BASE_URL.rstrip("/") + reverse("accounts:first", args=[token])


def link_is_valid(token: str) -> bool:
    """Whether this link would make an administrator now."""
    return _open_links(token).exists() and not User.objects.exists()


def make_first_administrator(*, token: str, organisation: str, username: str, display_name: str, email: str, password: str) -> User:
    """Use up the link, name the organisation, make the person. Raises LinkNotValid."""
    with transaction.atomic():
        if not _open_links(token).update(used_at=timezone.now()) or User.objects.exists():
            raise LinkNotValid
        Organisation.objects.update_or_create(pk=1, defaults={"name": organisation})
        FrontPage.objects.filter(title=settings.MUNIMENT_ORGANISATION).update(title=organisation, draft_title=organisation)
        lowest_closed = Tier.objects.filter(slug="internal").first()
        user = User.objects.create_user(username, password, display_name=display_name, email=email, clearance=lowest_closed)
        DutyHolder.objects.create(user=user, duty=Duty.ADMINISTRATOR)
        audit.record_event(actor=user, action="first-administrator", subject=user.username)
    return user


def _open_links(token: str):  # type: ignore[no-untyped-def]
    return FirstLink.objects.filter(digest=_digest(token), used_at__isnull=True, expires_at__gt=timezone.now())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
