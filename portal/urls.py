"""Addresses: the desk at the root, the workbench, the API, the door, pages that editors write."""

from typing import NoReturn

from django.http import Http404, HttpRequest
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from portal.accounts.views import SignOut


def nothing(_request: HttpRequest, **_path: str) -> NoReturn:
    """What Wagtail brings along and Muniment does not have."""
    raise Http404


urlpatterns = [
    path("accounts/", include("portal.accounts.urls")),
    path("workbench/reports/site-history/", nothing),  # the trail is the desk's, for those who read it; this one shows all grants
    path("workbench/reports/site-history/results/", nothing),
    path("workbench/documents/", nothing),  # records are no Wagtail documents, and pages have no pictures
    path("workbench/documents/<path:rest>", nothing),
    path("workbench/images/", nothing),
    path("workbench/images/<path:rest>", nothing),
    path("workbench/login/", RedirectView.as_view(pattern_name="accounts:sign-in", query_string=True)),  # one door, with a trail
    path("workbench/logout/", SignOut.as_view()),
    path("workbench/account/", RedirectView.as_view(pattern_name="accounts:profile")),  # its picture and name would lie elsewhere
    path("workbench/bulk/records/user/<str:act>/", nothing),  # groups and leaving pass through a person's own page, with an event (SEC-15)
    path("workbench/", include(wagtailadmin_urls)),
    path("api/", include("portal.api.urls")),
    path("pages/", include(wagtail_urls)),
    path("", include("portal.desk.urls")),
]
