"""Addresses: the desk at the root, the workbench, the API, the door, pages that editors write."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

urlpatterns = [
    path("accounts/", include("portal.accounts.urls")),
    path("workbench/", include(wagtailadmin_urls)),
    path("api/", include("portal.api.urls")),
    path("pages/", include(wagtail_urls)),
    path("", include("portal.desk.urls")),
]
