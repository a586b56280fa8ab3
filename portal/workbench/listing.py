"""Columns and panels that the lists and forms of the workbench share."""

from typing import Any

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import AdminAutoHeightTextInput


class YesColumn(Column):
    """“Yes”, or nothing: a cross would say that something is wrong where only something is not so."""

    def get_value(self, instance: Any) -> str:
        """The word."""
        return gettext("yes") if super().get_value(instance) else ""


def yes(model: type[Model], name: str) -> YesColumn:
    """The column of a field that is true or false, under the field's own name."""
    return YesColumn(name, label=capfirst(model._meta.get_field(name).verbose_name), sort_key=name)  # type: ignore[union-attr]


def names() -> FieldPanel:
    """Names in other languages, in a field of two lines."""
    help_text = gettext_lazy('For other languages: {"en": "Contract"}')
    return FieldPanel("names", help_text=help_text, widget=AdminAutoHeightTextInput(attrs={"rows": 2}))
