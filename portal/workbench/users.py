"""Wagtail's users app with our own pages for people and groups."""

from wagtail.users.apps import WagtailUsersAppConfig


class WorkbenchUsersConfig(WagtailUsersAppConfig):
    """People have duties and a clearance, and no password that an administrator could set."""

    group_viewset = "portal.workbench.people.GroupViewSet"
    user_viewset = "portal.workbench.people.PersonViewSet"
