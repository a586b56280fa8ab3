"""Who signs in, and what they may do in the workbench: passwords with throttling, permissions from duties."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from portal.accounts import throttle
from portal.accounts.duties import permissions_of_all
from portal.accounts.middleware import address_of
from records import audit
from records.models import Duty, User


class DutyBackend(ModelBackend):
    """Passwords as Django keeps them; every try is counted first (PRT-6). Permissions come from duties and from nothing else."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> AbstractBaseUser | None:
        """The person, or None. Raises PermissionDenied while name and address must wait, whatever the password."""
        if username is None or password is None:
            return None
        address = address_of(request) if request else ""
        if throttle.take("sign-in", name=username, address=address) is not None:
            raise PermissionDenied
        user = None if "\0" in username else super().authenticate(request, username=username, password=password, **kwargs)
        if user is None:
            _write_failure(username, address)
        else:
            throttle.forget("sign-in", name=username, address=address)
        return user

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Permission names by duty; none for people who may not sign in, and none on single objects."""
        if obj is not None or not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        return set(permissions_of_all(user_obj.duties))

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """None: nobody has permissions of their own."""
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The same as all permissions; Django's groups give none, they are for grants."""
        return self.get_all_permissions(user_obj, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether any permission of the app is among them."""
        return any(name.startswith(f"{app_label}.") for name in self.get_all_permissions(user_obj))

    def with_perm(self, perm: Any, is_active: bool = True, include_superusers: bool = True, obj: Any = None) -> Any:
        """People with a duty that has this permission."""
        duties = [duty for duty in Duty.values if str(perm) in permissions_of_all(frozenset({duty}))]
        people = User.objects.filter(duty_rows__duty__in=duties).distinct()
        return people.filter(is_active=True) if is_active else people


def _write_failure(username: str, address: str) -> None:
    """A failed try is in the trail (SEC-7), with its name only where somebody has it: what was typed may be a password."""
    known = User.objects.filter(username=username.replace("\0", "")).first()
    with audit.came_from(address):
        audit.record_event(actor=None, action="sign-in-failed", subject=known.username if known else "")
