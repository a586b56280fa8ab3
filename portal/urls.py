"""Addresses: the desk at the root, the workbench, the API, the door, pages that editors write."""

from typing import NoReturn

from django.http import Http404, HttpRequest
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls


def nothing(_request: HttpRequest, **_path: str) -> NoReturn:
    """What Wagtail brings along and Muniment does not have."""
    raise Http404


urlpatterns = [
    path("accounts/", include("portal.accounts.urls")),
    path("workbench/reports/site-history/", nothing),  # the trail is the desk's, for those who read it; this one shows all grants
    path("workbench/reports/site-history/results/", nothing),
    path("workbench/bulk/records/user/<str:act>/", nothing),  # groups and leaving pass through a person's own page, with an event (SEC-15)
    path("workbench/", include(wagtailadmin_urls)),
    path("api/", include("portal.api.urls")),
    path("pages/", include(wagtail_urls)),
    path("", include("portal.desk.urls")),
]
