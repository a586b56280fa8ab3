"""The page tree: a front, below it the list of regulations and the list of notices (PRT-2).

Signed-in people read them; Wagtail keeps their versions and its workflow approves them.
"""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "hr"]


class FrontPage(Page):
    """The root of the site: its children are the two lists."""

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["pages.ListPage"]
    max_count = 1
    template = "pages/list.html"

    class Meta:
        verbose_name = _("front page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The newest of everything below."""
        newest = ArticlePage.objects.live().descendant_of(self).order_by("-first_published_at")[:50]
        return super().get_context(request, *args, **kwargs) | {"articles": newest}


class ListPage(Page):
    """A list of pages of one sort: regulations, or notices."""

    parent_page_types = ["pages.FrontPage"]
    subpage_types = ["pages.ArticlePage"]
    template = "pages/list.html"

    class Meta:
        verbose_name = _("list of pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Its pages, newest first."""
        articles = ArticlePage.objects.live().child_of(self).order_by("-first_published_at")
        return super().get_context(request, *args, **kwargs) | {"articles": articles}


class ArticlePage(Page):
    """One regulation or notice."""

    parent_page_types = ["pages.ListPage"]
    subpage_types: list[str] = []
    template = "pages/article.html"

    summary = models.CharField(_("in one sentence"), max_length=300, blank=True)
    body = RichTextField(_("text"), features=FEATURES)
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("in_force_from"), FieldPanel("body")]

    class Meta:
        verbose_name = _("regulation or notice")
