"""What the workbench's front page shows: how much there is, as far as the person may know of it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.site_summary import SummaryItem

from portal.pages.models import ArticlePage, FrontPage
from records import access, numbering
from records.models import User


class CountItem(SummaryItem):
    """A number with a way to its register."""

    template_name = "workbench/summary_item.html"
    url_name: str
    icon = "list-ul"
    permission = "records.view_record"

    def count(self) -> int:
        """How many."""
        raise NotImplementedError

    def words(self, count: int) -> str:
        """The number in a sentence."""
        raise NotImplementedError

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """For the template."""
        return {"url": self.url(), "icon": self.icon, "words": self.words(self.count())}

    def url(self) -> str:
        """Where it leads."""
        return reverse(self.url_name)

    def is_shown(self) -> bool:
        """Only for those who may open the register."""
        return bool(self.request.user.has_perm(self.permission))


class RecordCount(CountItem):
    """Records that the person may know of."""

    order = 10
    url_name = "record_register:index"

    def count(self) -> int:
        """How many."""
        return access.visible_to(self.request.user).count()

    def words(self, count: int) -> str:
        """The number in a sentence."""
        return ngettext("%(count)s record", "%(count)s records", count) % {"count": count}


class NumberCount(CountItem):
    """Numbers that were given."""

    order = 20
    url_name = "number_register:index"

    def count(self) -> int:
        """How many."""
        return numbering.entries_known_to(self.request.user).count()

    def words(self, count: int) -> str:
        """The number in a sentence."""
        return ngettext("%(count)s number given", "%(count)s numbers given", count) % {"count": count}


class PeopleCount(CountItem):
    """People who may sign in."""

    order = 30
    url_name = "wagtailusers_users:index"
    icon = "user"
    permission = "records.view_user"

    def count(self) -> int:
        """How many."""
        return User.objects.filter(is_active=True).count()

    def words(self, count: int) -> str:
        """The number in a sentence."""
        return ngettext("%(count)s person may sign in", "%(count)s people may sign in", count) % {"count": count}


class PageCount(CountItem):
    """Regulations and notices that are published, for those who write them."""

    order = 40
    icon = "doc-empty"

    def count(self) -> int:
        """How many."""
        return ArticlePage.objects.live().count()

    def words(self, count: int) -> str:
        """The number in a sentence."""
        return ngettext("%(count)s regulation or notice", "%(count)s regulations and notices", count) % {"count": count}

    def url(self) -> str:
        """The front page in the explorer, above it is nothing to write."""
        front = FrontPage.objects.first()
        return reverse("wagtailadmin_explore", args=[front.pk]) if front else reverse("wagtailadmin_explore_root")

    def is_shown(self) -> bool:
        """Whoever may do something with pages."""
        return bool(user_has_any_page_permission(self.request.user))
