"""People: users, departments, duties; who may be given what."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from records.models.names import Named


class Duty(models.TextChoices):
    """What somebody is there for; a person may have several."""

    ADMINISTRATOR = "administrator", _("administrator of the system")
    ARCHIVIST = "archivist", _("archivist")
    STAFF = "staff", _("staff")
    HEAD = "head", _("department head")
    MANAGER = "manager", _("general manager")
    LEGAL = "legal", _("legal")
    OFFICER = "officer", _("security officer")
    AUDITOR = "auditor", _("auditor")


class MailPace(models.TextChoices):
    """How somebody is told by mail what the portal tells anyway (PRT-8)."""

    AT_ONCE = "at-once", _("each at once")
    DAILY = "daily", _("one mail a day")
    NONE = "none", _("no mail")


class Department(Named):
    """A part of the organisation; owns records, and may be a reader of classes."""

    slug = models.SlugField(_("code"), unique=True)

    class Meta:
        ordering = ["slug"]
        verbose_name = _("department")
        verbose_name_plural = _("departments")


class UserManager(BaseUserManager["User"]):
    """Makes people; there is no superuser (interface.md, demo organisation)."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        """A saved user; `None` as password means that nobody can sign in until one is set by mail."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. Rights come from clearance, groups, department and grants (SEC-4); acts come from duties."""

    LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(_("username"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    display_name = models.CharField(_("name"), max_length=150, blank=True)
    email = models.EmailField(_("mail address"), blank=True)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    clearance = models.ForeignKey(
        "records.Tier",
        verbose_name=_("clearance"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The highest tier this person may read, given a need to know."),
    )
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGES, blank=True, help_text=_("Empty: as the browser asks."))
    mail_pace = models.CharField(_("notices by mail"), max_length=10, choices=MailPace.choices, default=MailPace.AT_ONCE)
    borrows_directly = models.BooleanField(
        _("borrows without approval"), default=False, help_text=_("A leader whose loans the archivist registers, without a chain (LND-3).")
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("since"), auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        ordering = ["username"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.CheckConstraint(condition=models.Q(is_superuser=False), name="nobody_is_superuser")]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """The name people read; the username where none was given."""
        return self.display_name or self.username

    def get_short_name(self) -> str:
        """The same: Chinese names are not cut."""
        return self.get_full_name()

    @property
    def is_staff(self) -> bool:
        """Django asks this of its own admin, which is not installed."""
        return False

    @cached_property
    def duties(self) -> frozenset[str]:
        """The person's duties, read once per request."""
        return frozenset(self.duty_rows.values_list("duty", flat=True))

    def has_duty(self, *duties: str) -> bool:
        """Whether the person is active and has one of these duties."""
        return self.is_active and not self.duties.isdisjoint(duties)


class DutyHolder(models.Model):
    """One duty of one person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="duty_rows")
    duty = models.CharField(_("duty"), max_length=20, choices=Duty.choices)

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints = [models.UniqueConstraint(fields=["user", "duty"], name="one_duty_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_duty_display()}"
