"""Who asks: a token of their own, or the session of the browser, which then needs the CSRF token for everything that changes."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from portal.accounts.middleware import address_of
from portal.accounts.tokens import person_of_token
from records.errors import NotAllowed
from records.models import User

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Caller:
    """A signed-in person, and whether what they came with may change anything."""

    user: User
    may_write: bool = True


class ReadOnlyToken(NotAllowed):
    """This token may only read. Use one with the scope "write"."""

    code = "read-only-token"


class CsrfMissing(NotAllowed):
    """A session may change something only with the CSRF token (header X-CSRFToken)."""

    code = "csrf"


class TokenAuth(HttpBearer):
    """`Authorization: Bearer TOKEN`."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """None for a token that is unknown, revoked, too old, or of somebody who left."""
        found = person_of_token(token.strip(), address=address_of(request))
        return Caller(found[0], found[1] == "write") if found else None


class SessionAuth(APIKeyCookie):
    """The session of a person who signed in with the browser; a header with other credentials is never passed over for it."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Caller | None:
        """Raises CsrfMissing for a change without the CSRF token."""
        if "Authorization" in request.headers:
            return None
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        """None for nobody."""
        user: Any = request.user
        if not user.is_authenticated or not user.is_active:
            return None
        if request.method not in SAFE and check_csrf(request):
            raise CsrfMissing
        return Caller(user)


def caller(request: HttpRequest) -> Caller:
    """Who passed the door of this request."""
    found: Caller = request.auth  # type: ignore[attr-defined]
    return found


def user_of(request: HttpRequest) -> User:
    """The person who asks."""
    return caller(request).user


def require_write(request: HttpRequest) -> None:
    """Refuse a token that may only read. Raises ReadOnlyToken."""
    if not caller(request).may_write:
        raise ReadOnlyToken
