"""The pages that must be there before anybody writes one; safe to repeat."""

from wagtail.models import Page, Site

from portal.accounts.models import organisation_name
from portal.pages.models import FrontPage, ListPage

LISTS = (("regulations", "规章制度"), ("notices", "通知公告"))


def plant() -> FrontPage:
    """The front page with its two lists, and the site that leads to it; Wagtail's own welcome page goes."""
    front = FrontPage.objects.first() or _plant_front()
    for slug, title in LISTS:
        if not ListPage.objects.child_of(front).filter(slug=slug).exists():
            front.add_child(instance=ListPage(title=title, slug=slug, show_in_menus=True))
    return front


def _plant_front() -> FrontPage:
    root = Page.get_first_root_node()
    front = root.add_child(instance=FrontPage(title=organisation_name(), slug="front"))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": front, "site_name": "Muniment"})
    Page.objects.filter(depth=2, slug="home").exclude(pk=front.pk).delete()
    return front
