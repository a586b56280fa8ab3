"""Who edits pages: Wagtail asks for groups, here duties stand in for two that it brings along.

`Moderators` may publish, `Editors` may write; an organisation may put more people into these groups, and give them branches of their own.
"""

from typing import Any

from django.db.models import Q, QuerySet
from wagtail.models import AbstractPage, GroupPagePermission
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import register_permission_policy

from records.models import Duty, User

GROUPS = {Duty.ADMINISTRATOR: "Moderators", Duty.LEGAL: "Moderators", Duty.ARCHIVIST: "Editors", Duty.OFFICER: "Editors"}


def groups_of(user: User) -> Q:
    """Permission rows of the person's own groups, and of those that the duties stand in for."""
    by_duty = [GROUPS[Duty(duty)] for duty in user.duties if Duty(duty) in GROUPS]
    return Q(group__user=user) | Q(group__name__in=by_duty)


class DutyPagePolicy(PagePermissionPolicy):
    """Pages by group or duty."""

    def get_all_permissions_for_user(self, user: Any) -> QuerySet[Any]:
        """The person's rows of page permissions."""
        if not isinstance(user, User) or not user.is_active:
            return GroupPagePermission.objects.none()
        return GroupPagePermission.objects.filter(groups_of(user)).select_related("page", "permission").distinct()


def take_up() -> None:
    """Register it with Wagtail."""
    register_permission_policy(AbstractPage, DutyPagePolicy())
