"""What the workbench's front page shows: how much there is, as far as the person may know of it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext
from wagtail.admin.site_summary import SummaryItem

from records import access, numbering


class CountItem(SummaryItem):
    """A number with a way to its register."""

    template_name = "workbench/summary_item.html"
    url_name: str

    def count(self) -> int:
        """How many."""
        raise NotImplementedError

    def words(self, count: int) -> str:
        """The number in a sentence."""
        raise NotImplementedError

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """For the template."""
        return {"url": reverse(self.url_name), "words": self.words(self.count())}

    def is_shown(self) -> bool:
        """Only for those who may open the register."""
        return self.request.user.has_perm("records.view_record")


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
