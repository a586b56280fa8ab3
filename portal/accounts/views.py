"""Pages of the door for everybody: sign in and out, forgotten passwords, the language, the first administrator."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import first, forms, mails, throttle
from portal.accounts.middleware import address_of
from portal.accounts.models import organisation_name
from records import audit
from records.models import User

BACKEND = "portal.accounts.backends.DutyBackend"
LANGUAGE_KEPT = 365 * 24 * 3600  # seconds


class SignIn(auth_views.LoginView):
    """Username and password; 429 with Retry-After while too many tries were wrong."""

    form_class = forms.SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """In, and written down."""
        audit.record_event(actor=form.get_user(), action="sign-in")
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        """The form again, with one sentence."""
        answer = self.render_to_response(self.get_context_data(form=form), status=429 if form.waits else 200)
        if form.waits:
            answer["Retry-After"] = str(form.waits)
        return answer


class SignOut(auth_views.LogoutView):
    """By POST only, so that no picture in a mail signs anybody out."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Out, and written down."""
        if isinstance(request.user, User):
            audit.record_event(actor=request.user, action="sign-out")
        return super().post(request, *args, **kwargs)


def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a mail with a link. The answer is the same whether somebody has this address or not."""
    form = forms.ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if throttle.take("reset", name=email, address=address_of(request)) is None:
            mails.ask_for_mail(email)
            return HttpResponseRedirect(reverse("accounts:forgotten-sent"))
        form.add_error("email", _("Too many mails were asked for. Look into your mailbox, or wait a quarter of an hour."))
        return render(request, "accounts/forgotten.html", {"form": form}, status=429)
    return render(request, "accounts/forgotten.html", {"form": form})


@require_GET
def forgotten_sent(request: HttpRequest) -> HttpResponse:
    """What happens now."""
    return render(request, "accounts/forgotten_sent.html")


class Reset(auth_views.PasswordResetConfirmView):
    """Set a new password through the link of a mail. An old link says so, with 404."""

    form_class = forms.NewPasswordForm
    template_name = "accounts/reset.html"
    success_url = reverse_lazy("accounts:reset-done")

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it, write it down, forget wrong tries from here."""
        answer = super().form_valid(form)
        audit.record_event(actor=form.user, action="set-password")
        throttle.forget("sign-in", name=form.user.get_username(), address=address_of(self.request))
        return answer

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """404 for a link that is not valid."""
        return super().render_to_response(context, status=200 if context["validlink"] else 404, **kwargs)


@require_GET
def reset_done(request: HttpRequest) -> HttpResponse:
    """On to signing in."""
    return render(request, "accounts/reset_done.html")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose a language: kept with the person, and in this browser for before signing in. An unknown one changes nothing."""
    after = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        after = resolve_url(settings.LOGIN_REDIRECT_URL)
    answer = HttpResponseRedirect(after)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=chosen)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=LANGUAGE_KEPT, samesite="Lax", secure=request.is_secure())
    return answer


@sensitive_post_parameters("password", "again")
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the one-time link: names the organisation and makes its first administrator. 404 for a link that is not valid."""
    if not first.link_is_valid(token):
        return render(request, "accounts/first_not_valid.html", status=404)
    form = forms.FirstForm(request.POST or None, initial={"organisation": organisation_name()})
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/first.html", {"form": form})
    given = {name: value for name, value in form.cleaned_data.items() if name != "again"}
    try:
        user = first.make_first_administrator(token=token, **given)
    except first.LinkNotValid:
        return render(request, "accounts/first_not_valid.html", status=404)
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect(reverse("wagtailadmin_home"))
