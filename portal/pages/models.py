"""The page tree: a front, below it the list of regulations and the list of notices (PRT-2).

Signed-in people read them; Wagtail keeps their versions and its workflow approves them.
"""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page, PageViewRestriction
from wagtail.query import PageQuerySet

FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "hr"]


def shown_to(request: HttpRequest, pages: PageQuerySet) -> PageQuerySet:
    """Those of these pages that are published and that this person may open: a closed one is not named either (SEC-5)."""
    pages = pages.live()
    for restriction in PageViewRestriction.objects.select_related("page").prefetch_related("groups"):
        if not restriction.accept_request(request):
            pages = pages.not_descendant_of(restriction.page, inclusive=True)
    return pages


class Listing(Page):
    """What front and lists have in common: the sorts to choose from, and the articles below."""

    longest: int | None = None  # articles

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Sorts and articles that this person may open, the newest first."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        articles = shown_to(request, ArticlePage.objects.descendant_of(self)).order_by("-first_published_at")
        return context | {"articles": articles[: self.longest], "sorts": shown_to(request, ListPage.objects.all())}


class FrontPage(Listing):
    """The root of the site: its children are the two lists."""

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["pages.ListPage"]
    max_count = 1
    longest = 50
    template = "pages/list.html"

    class Meta:
        verbose_name = _("front page")


class ListPage(Listing):
    """A list of pages of one sort: regulations, or notices."""

    parent_page_types = ["pages.FrontPage"]
    subpage_types = ["pages.ArticlePage"]
    template = "pages/list.html"

    class Meta:
        verbose_name = _("list of pages")


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
