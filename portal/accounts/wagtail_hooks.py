"""Wagtail loads this once all apps are ready: from then on duties decide who edits pages and pictures."""

from portal.accounts import policies

policies.take_up()
