"""Names in more than one language, for everything that an organisation names itself."""

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    """Something with a name in the organisation's own language and, where given, in others.

    `names` maps a language code (`en`, `zh-hant`) to a name; a language that is missing shows `name`.
    """

    name = models.CharField(_("name"), max_length=200)
    names = models.JSONField(_("names in other languages"), default=dict, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the active language."""
        names: dict[str, Any] = self.names or {}
        return names.get(get_language() or "") or self.name
