"""Mails by which passwords are set. They go through the outbox: nothing is lost, and how long a page takes tells nothing of who exists."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from portal.accounts.models import organisation_name
from records import audit, outbox
from records.errors import NotAllowed
from records.models import Duty, OutboxRow, User

TOPIC = "password-mail"


def take_up() -> None:
    """Let the worker send what is enqueued."""
    outbox.register_handler(TOPIC, _work)


def ask_for_mail(email: str) -> None:
    """Enqueue a mail to everybody who may sign in and has this address; nothing happens when nobody has, and nothing shows it."""
    people = User.objects.filter(email__iexact=email, is_active=True).exclude(email="") if email else User.objects.none()
    with transaction.atomic():
        for user in people[:10]:
            outbox.enqueue(TOPIC, user.pk)
            audit.record_event(actor=None, action="ask-password-mail", subject=user.username)


def send_password_mail(*, actor: User, user: User) -> None:
    """An administrator has a person set a password by mail; passwords are never set for others (SEC-15). Raises NotAllowed."""
    if not actor.has_duty(Duty.ADMINISTRATOR):
        raise NotAllowed
    if not user.email:
        raise NotAllowed(_("This person has no mail address. Write it down first."))
    with transaction.atomic():
        outbox.enqueue(TOPIC, user.pk)
        audit.record_event(actor=actor, action="send-password-mail", subject=user.username)


def link_for(user: User) -> str:
    """The address under which this person sets a password; it ends with the next sign-in or after PASSWORD_RESET_TIMEOUT."""
    path = reverse("accounts:reset", args=[urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)])
    return settings.MUNIMENT_BASE_URL.rstrip("/") + path


def _work(rows: list[OutboxRow]) -> None:
    for row in rows:
        user = User.objects.filter(pk=row.key, is_active=True).exclude(email="").first()
        if user is not None:
            _send(user)


def _send(user: User) -> None:
    with translation.override(user.language or settings.LANGUAGE_CODE):
        words = {
            "user": user,
            "link": link_for(user),
            "organisation": organisation_name(),
            "host": urlsplit(settings.MUNIMENT_BASE_URL).netloc,
            "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
        }
        subject = _("Set your password for %(organisation)s") % words
        send_mail(" ".join(subject.split()), render_to_string("accounts/mail.txt", words), None, [user.email])
