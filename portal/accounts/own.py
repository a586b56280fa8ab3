"""Pages of a signed-in person about the own account: profile, password, mail address, tokens."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.accounts import forms, throttle, tokens
from portal.accounts.middleware import address_of
from records import audit, mailing
from records.errors import Invalid
from records.models import Duty, MailPace, User


class ChangePassword(auth_views.PasswordChangeView):
    """The old one, and a new one twice. Other sessions of the person end."""

    form_class = forms.ChangePasswordForm
    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:profile")

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it and write it down."""
        answer = super().form_valid(form)
        audit.record_event(actor=form.user, action="change-password")
        messages.success(self.request, _("Your password is changed."))
        return answer


@sensitive_post_parameters("password")
def profile(request: HttpRequest) -> HttpResponse:
    """Who I am here, and my mail address. Name, duties and clearance are set by others."""
    user = _me(request)
    form = forms.MailForm(request.POST or None, user=user, initial={"email": user.email})
    if request.method == "POST" and _may_try(request, user, form) and form.is_valid():
        if form.cleaned_data["email"] != user.email:
            User.objects.filter(pk=user.pk).update(email=form.cleaned_data["email"])
            audit.record_event(actor=user, action="change-mail-address", changed=["email"])
        throttle.forget("sign-in", name=user.username, address=address_of(request))
        messages.success(request, _("Your mail address is kept."))
        return HttpResponseRedirect(reverse("accounts:profile"))
    labels = dict(Duty.choices)
    duties = [labels[Duty(duty)] for duty in sorted(user.duties)]
    return render(request, "accounts/profile.html", {"form": form, "duties": duties, "paces": MailPace.choices})


@require_POST
def mail_pace(request: HttpRequest) -> HttpResponse:
    """How notices come by mail: at once, once a day, or not at all. What is none of these changes nothing."""
    try:
        mailing.set_pace(actor=_me(request), pace=request.POST.get("mail_pace", ""))
    except Invalid as error:
        messages.error(request, error.errors["mail_pace"][0])
    else:
        messages.success(request, _("It is kept how notices come by mail."))
    return HttpResponseRedirect(reverse("accounts:profile"))


@never_cache
def token_list(request: HttpRequest) -> HttpResponse:
    """My tokens, and a form for a new one; its text is shown once, in the answer to the form."""
    user = _me(request)
    form = forms.TokenForm(request.POST or None)
    raw = ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        valid = timedelta(days=given["days"]) if given["days"] else None
        _made, raw = tokens.issue_token(user=user, scope=given["scope"], label=given["label"], valid=valid, actor=user)
        form = forms.TokenForm()
    return render(request, "accounts/tokens.html", {"form": form, "tokens": tokens.tokens_of(user), "raw": raw})


@require_POST
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Make one of my tokens worthless; somebody else's does not exist here."""
    token = tokens.tokens_of(_me(request)).filter(pk=token_id).first()
    if token is None:
        raise Http404
    tokens.revoke_token(token=token, actor=_me(request))
    messages.success(request, _("The token is revoked."))
    return HttpResponseRedirect(reverse("accounts:tokens"))


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _may_try(request: HttpRequest, user: User, form: forms.MailForm) -> bool:
    """An open session is no way to guess the password: tries count like those at the door."""
    if throttle.take("sign-in", name=user.username, address=address_of(request)) is None:
        return True
    form.add_error("password", _("Too many wrong tries. Wait a quarter of an hour."))
    return False
