"""Addresses under `/api/`; what is none of them is refused in JSON too."""

from django.urls import path, re_path

from portal.api.api import api, unknown

urlpatterns = [path("v1/", api.urls), re_path("", unknown)]
