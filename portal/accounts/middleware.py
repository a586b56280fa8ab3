"""What every request passes: where it comes from, who may see the page at all, and in which language."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation.trans_real import parse_accept_lang_header

from records import audit
from records.models import User

API = "/api/"
# Pages for people who are not signed in, by name. Everything else asks for signing in.
PUBLIC_VIEWS = frozenset(
    {
        "accounts:sign-in",
        "accounts:language",
        "accounts:first",
        "accounts:forgotten",
        "accounts:forgotten-sent",
        "accounts:reset",
        "accounts:reset-done",
    }
)

Respond = Callable[[HttpRequest], HttpResponseBase]


def address_of(request: HttpRequest) -> str:
    """The network address of the other end; of a proxy's (MUNIMENT_TRUSTED_PROXIES) other end, as it says in X-Forwarded-For.

    That is read from the right, one address for each trusted proxy: what stands further left anybody may have written.
    """
    address = str(request.META.get("REMOTE_ADDR") or "")[:64]
    told = request.headers.get("X-Forwarded-For", "").split(",")
    while told and _is_trusted(address):
        before = told.pop().strip().strip("[]")
        if _ip(before) is None:
            break
        address = before[:64]
    return address


def _is_trusted(address: str) -> bool:
    found = _ip(address)
    return found is not None and any(found in network for network in settings.MUNIMENT_TRUSTED_PROXIES)


def _ip(address: str) -> IPv4Address | IPv6Address | None:
    """The address behind this text, IPv4 written as IPv6 unwrapped; None for what is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


class OriginMiddleware:
    """Events of the audit trail written during a request carry its address (SEC-7)."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Remember the address for the time of the request."""
        with audit.came_from(address_of(request)):
            return self.get_response(request)


class LoginRequiredMiddleware(DjangoLoginRequired):
    """Every page asks for signing in, except those in PUBLIC_VIEWS; the API answers 401 itself."""

    def process_view(self, request: HttpRequest, view_func: Callable, view_args: object, view_kwargs: object) -> HttpResponseBase | None:
        """None lets the request through."""
        if request.path.startswith(API) or request.user.is_authenticated:
            return None
        match = request.resolver_match
        if match is not None and match.view_name in PUBLIC_VIEWS:
            return None
        return self._to_the_door(request)

    def _to_the_door(self, request: HttpRequest) -> HttpResponse:
        """To the sign-in page and back: what is sent back after a form is the page that it stood on, since many take nothing but forms.

        A part of a page that asks for itself moves the whole page there.
        """
        if request.headers.get("HX-Request"):
            back = request.headers.get("HX-Current-URL", "")
            path = back.partition("://")[2].partition("/")[2]
            answer = HttpResponse(status=401)
            answer["HX-Redirect"] = redirect_to_login("/" + path, resolve_url(settings.LOGIN_URL)).url
            return answer
        back = request.get_full_path() if request.method in ("GET", "HEAD") else _page_before(request)
        return redirect_to_login(back, resolve_url(settings.LOGIN_URL))


def _page_before(request: HttpRequest) -> str:
    """The page of ours that a form was sent from; the home page where the browser does not say."""
    before = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(before, {request.get_host()}, request.is_secure()):
        return "/"
    parts = urlsplit(before)
    return urlunsplit(("", "", parts.path, parts.query, "")) or "/"


class PersonLanguageMiddleware:
    """The person's own setting, else what was chosen at the door, else what the browser asks for, else Simplified Chinese.

    The API speaks what the request asks for, else English.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in that language and say so."""
        with translation.override(language_of(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        patch_vary_headers(response, ("Accept-Language",))
        return response


def language_of(request: HttpRequest) -> str:
    """The language to answer this request in, one of LANGUAGES."""
    if request.path.startswith(API):
        return _asked_for(request) or "en"
    if isinstance(request.user, User) and request.user.language:
        return str(request.user.language)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    return _asked_for(request) or settings.LANGUAGE_CODE


def _asked_for(request: HttpRequest) -> str | None:
    """The first language of Accept-Language that there is; None when none is, or any will do."""
    for wanted, _weight in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        if wanted == "*":
            return None
        try:
            return str(translation.get_supported_language_variant(wanted))
        except LookupError:
            continue
    return None
