"""The months whose report of what is out was sent (LND-9)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LoanReport(models.Model):
    """A month's report as it was sent: its bytes, their SHA-256, to whom. One row a month, so it is sent once; it names no titles."""

    month = models.DateField(_("month"), unique=True, help_text=_("Its first day."))
    at = models.DateTimeField(_("as of"))
    rows = models.PositiveIntegerField()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64, help_text=_("Of the PDF."))
    sheet = models.BinaryField(help_text=_("The same as XLSX."))
    sent_to = models.JSONField(default=list, help_text=_("Usernames."))
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
