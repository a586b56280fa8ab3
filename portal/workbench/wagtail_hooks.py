"""What Wagtail loads of the workbench: its viewsets, bulk acts, menu, colours."""

from collections.abc import Sequence
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from portal.workbench.approving import ApprovalGroup
from portal.workbench.bulk import FileBulkAction
from portal.workbench.places import PlaceViewSet
from portal.workbench.registers import RegisterGroup
from portal.workbench.setup import SetUpGroup
from portal.workbench.summary import NumberCount, PageCount, PeopleCount, RecordCount

NOT_OURS = frozenset({"documents", "images", "help", "reports"})  # records are no Wagtail documents, and pages have no pictures

hooks.register("register_bulk_action", FileBulkAction)


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    """What is set up, who approves, the registers, and the places of paper."""
    return [SetUpGroup(), ApprovalGroup(), RegisterGroup(), PlaceViewSet()]


@hooks.register("register_admin_menu_item")
def back_to_desk() -> MenuItem:
    """The way to the daily work."""
    own_part = reverse("desk:home") + "#main"  # a bare "/" begins every address: the item would look chosen wherever one is
    return MenuItem(_("To the desk"), own_part, icon_name="arrow-left", order=1)


@hooks.register("construct_main_menu")
def without_documents(_request: Any, items: list[MenuItem]) -> None:
    """Take away what Muniment does elsewhere."""
    items[:] = [item for item in items if item.name not in NOT_OURS]


@hooks.register("insert_global_admin_css")
def colours() -> str:
    """Wagtail's theme variables in the look of the desk."""
    return format_html('<link rel="stylesheet" href="{}">', static("workbench.css"))


@hooks.register("construct_homepage_summary_items", order=100)  # after Wagtail's own
def summary(request: Any, items: list[Any]) -> None:
    """Our own counts in place of Wagtail's."""
    items[:] = [RecordCount(request), NumberCount(request), PeopleCount(request), PageCount(request)]


@hooks.register("construct_homepage_panels")
def without_tips(_request: Any, panels: Sequence[Any]) -> None:
    """Leave only what concerns this house."""
    panels[:] = [panel for panel in panels if type(panel).__name__ not in {"UpgradeNotificationPanel", "WhatsNewInWagtailVersionPanel"}]  # type: ignore[index]
