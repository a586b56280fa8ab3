"""The text of components, page by page, sealed like content; and how far reading it is. All derived: may be dropped and read again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.models import Component


class State(models.TextChoices):
    """How far the text of a component is."""

    PENDING = "pending", _("being read")
    READY = "ready", _("readable")
    EMPTY = "empty", _("without text")
    FAILED = "failed", _("could not be read")


class Source(models.TextChoices):
    """Where text comes from."""

    EMBEDDED = "embedded", _("text of the file")
    OCR = "ocr", _("recognised text")


class TextState(models.Model):
    """How far the text of one component is, and why it could not be read."""

    component = models.OneToOneField(Component, primary_key=True, on_delete=models.CASCADE, related_name="text_state")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    source = models.CharField(max_length=8, choices=Source.choices, blank=True, help_text=_("OCR as soon as one page needs it."))
    pages_total = models.PositiveIntegerField(null=True, help_text=_("Empty: not known yet."))
    pages_done = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(state__in=State.values), name="text_state_is_known")]
        indexes = [models.Index(fields=["state"], condition=models.Q(state__in=["pending", "failed"]), name="text_not_ready")]

    def __str__(self) -> str:
        return f"{self.component_id} {self.state}"

    @property
    def progress(self) -> float:
        """0 to 1: the share of pages that were read."""
        if self.state in (State.READY, State.EMPTY):
            return 1.0
        return self.pages_done / self.pages_total if self.pages_total else 0.0


class TextPage(models.Model):
    """The text of one page, sealed under the record's data key; `layout`: the same with the places of its words."""

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="text_pages")
    number = models.PositiveIntegerField(help_text=_("From 1; for formats without pages, parts of the text."))
    source = models.CharField(max_length=8, choices=Source.choices)
    confidence = models.FloatField(null=True, help_text=_("0 to 1; empty where nothing was guessed."))
    text = models.BinaryField()
    layout = models.BinaryField()

    class Meta:
        ordering = ["component_id", "number"]
        constraints = [models.UniqueConstraint(fields=["component", "number"], name="text_page_once")]

    def __str__(self) -> str:
        return f"{self.component_id} p{self.number}"
