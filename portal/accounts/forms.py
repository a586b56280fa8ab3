"""Forms of the door: each says in one sentence what is wrong, and puts the focus there."""

from math import ceil
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from portal.accounts import throttle
from portal.accounts.middleware import address_of
from portal.accounts.models import Scope
from records.models import User


def wait_sentence(minutes: int) -> Any:
    """How long to wait, and what to do meanwhile."""
    return ngettext_lazy(
        "Too many wrong tries. Wait %(minutes)d minute, or have a new password sent by mail.",
        "Too many wrong tries. Wait %(minutes)d minutes, or have a new password sent by mail.",
        "minutes",
    ) % {"minutes": minutes}


class FocusMixin(forms.BaseForm):
    """After a refusal the first field that is wrong has the focus, and nothing else."""

    def full_clean(self) -> None:
        """Check, then move the focus."""
        super().full_clean()
        wrong = [name for name in self.fields if name in self.errors]
        if wrong:
            for field in self.fields.values():
                field.widget.attrs.pop("autofocus", None)
            self.fields[wrong[0]].widget.attrs["autofocus"] = True


class SignInForm(FocusMixin, AuthenticationForm):
    """Username and password. The same sentence for an unknown person, a wrong password, and one who may not sign in."""

    error_messages = {"invalid_login": _("Username and password do not fit. Look at capital letters; nothing else is told here.")}
    waits = 0  # seconds until the next try is taken

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        self.fields["password"].label = _("Password")

    def full_clean(self) -> None:
        """After a refusal the name stays and the password is typed again."""
        super().full_clean()
        if self.is_bound and self.non_field_errors():
            self.fields["username"].widget.attrs.pop("autofocus", None)
            self.fields["password"].widget.attrs["autofocus"] = True

    def get_invalid_login_error(self) -> ValidationError:
        """Says when too many tries were made, and for how long."""
        until = throttle.waits_until(
            "sign-in", name=self.cleaned_data["username"], address=address_of(self.request) if self.request else ""
        )
        if until is None:
            return ValidationError(self.error_messages["invalid_login"], code="invalid_login")
        self.waits = max(1, ceil((until - timezone.now()).total_seconds()))
        return ValidationError(wait_sentence(ceil(self.waits / 60)), code="wait")


class ForgottenForm(FocusMixin, forms.Form):
    """Where to send a link to."""

    email = forms.EmailField(
        label=_("Mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True})
    )


class NewPasswordForm(FocusMixin, SetPasswordForm):
    """A new password, twice."""


class ChangePasswordForm(FocusMixin, PasswordChangeForm):
    """The old password, and a new one twice."""


class FirstForm(FocusMixin, forms.Form):
    """The organisation and its first administrator."""

    organisation = forms.CharField(label=_("Name of the organisation"), max_length=200)
    display_name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        validators=User._meta.get_field("username").validators,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("Mail address"),
        required=False,
        help_text=_("A forgotten password is set anew through it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validation.password_validators_help_text_html(),
    )
    again = forms.CharField(label=_("Password, once more"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def clean(self) -> dict[str, Any]:
        """The passwords are the same, and good enough."""
        given = super().clean() or {}
        password = given.get("password")
        if password and given.get("again") and password != given["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        if password:
            user = User(username=given.get("username", ""), email=given.get("email", ""), display_name=given.get("display_name", ""))
            try:
                password_validation.validate_password(password, user)
            except ValidationError as refusal:
                self.add_error("password", refusal)
        return given


class MailForm(FocusMixin, forms.Form):
    """A person's own mail address; the password is asked for, since passwords are set anew through it."""

    email = forms.EmailField(
        label=_("Mail address"), required=False, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Only the person changes it."""
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(_("This is not your password."))
        return str(password)


class TokenForm(FocusMixin, forms.Form):
    """A new token of one's own."""

    VALID = [(30, _("30 days")), (90, _("90 days")), (365, _("a year")), (0, _("until I revoke it"))]
    label = forms.CharField(label=_("What it is for"), max_length=100)
    scope = forms.ChoiceField(label=_("What it may do"), choices=Scope.choices, initial=Scope.READ)
    days = forms.TypedChoiceField(label=_("Valid for"), choices=VALID, coerce=int, initial=90)
