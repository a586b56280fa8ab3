"""Registers that are looked up, never edited: records, numbers, parties; with filters, search, export (PRT-7).

Every row comes from `records/access.py`; what a person may not know of is in no list, no count and no export (SEC-5).
"""

import codecs
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup
from wagtail.permissions import policy_registry

from portal import sheets
from portal.workbench import trail
from portal.workbench.listing import YesColumn
from records import access, numbering, parties
from records.models import Duty, NumberEntry, Party, Record


class Register(generic.IndexView):
    """A read-only list for one person; `rows_for` says which rows."""

    any_permission_required = ["view"]
    template_name = "workbench/register.html"
    rows_for: Callable[[Any], QuerySet]
    list_per_page = 50
    paginate_by = 50

    def get_base_queryset(self) -> QuerySet:
        """The rows that this person may know of."""
        return type(self).rows_for(self.request.user)

    def get_preprocess_function(self, field: str, value: Any, export_format: str) -> Callable[[Any], Any]:
        """Every exported value goes through `sheets.cell`."""
        return partial(sheets.cell, as_text=export_format == self.FORMAT_CSV)

    def stream_csv(self, queryset: QuerySet) -> Iterator[bytes]:
        """Wagtail's own, marked as UTF-8: Excel takes Chinese for something else otherwise."""
        yield codecs.BOM_UTF8
        yield from super().stream_csv(queryset)

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        """Wagtail's own; a search and an export are in the trail."""
        if self.is_export:
            trail.exported(self, context["object_list"].count())
        elif self.is_searching or self.is_filtering:
            trail.searched(self, context["paginator"].count)
        response: HttpResponse = super().render_to_response(context, **options)
        return response

    @classmethod
    def rows_shown(cls, request: HttpRequest, **options: Any) -> QuerySet:
        """The rows of the list that has these filters, search and order in its address, on all its pages; `options` as for `as_view`."""
        view = cls(**options)
        view.setup(request)
        return view.get_queryset()

    def get_add_url(self) -> None:
        """Nothing is added here."""

    def get_edit_url(self, instance: Any) -> None:
        """Nothing is edited here."""

    def get_delete_url(self, instance: Any) -> None:
        """Nothing is deleted here."""


class RecordRegister(Register):
    """All records, by what a listing shows."""

    model = Record
    header_icon = "doc-full"
    page_title = _("Register of records")
    rows_for = staticmethod(lambda user: access.with_related(access.visible_to(user)))
    default_ordering = "-created_at"
    list_filter = ["record_class", "record_type", "tier", "state"]
    search_fields = ["number", "title"]
    list_export = ["number", "title", "record_type", "record_class", "year", "tier", "get_state_display"]
    export_headings = {"year": _("Year"), "get_state_display": _("State")}
    export_filename = "records"

    @cached_property
    def may_file(self) -> bool:
        """Whether rows can be chosen, for filing them."""
        return bool(self.request.user.has_duty(Duty.ARCHIVIST))

    @cached_property
    def columns(self) -> list[Column]:
        """The listing's columns; the title leads to the desk."""
        chooser = [BulkActionsCheckboxColumn("bulk_actions", obj_type="record")] if self.may_file else []
        return [
            *chooser,
            Column("number", label=_("Number"), sort_key="number", width="16%"),
            TitleColumn("title", label=_("Title"), sort_key="title", get_url=lambda row: reverse("desk:record", args=[row.pk])),
            Column("record_type", label=_("Type")),
            Column("record_class", label=_("Class"), sort_key="record_class__code"),
            Column("year", label=_("Year"), sort_key="date__year"),  # a listing shows no more of the date, so order must not either
            Column("tier", label=_("Tier"), sort_key="tier__rank"),
            Column("get_state_display", label=_("State"), sort_key="state"),
        ]


def _known_scopes(request: HttpRequest | None) -> QuerySet:
    return numbering.scopes_known_to(request.user)  # type: ignore[union-attr,arg-type]


class NumberFilter(WagtailFilterSet):
    """Void or not, and by scope: only scopes of which the person may know a number (NUM-2)."""

    scope = django_filters.ModelChoiceFilter(queryset=_known_scopes, label=_("Scope"))

    class Meta:
        model = NumberEntry
        fields = ["void", "scope"]


class NumberRegister(Register):
    """Every number that was given, void ones too (NUM-2, NUM-6)."""

    model = NumberEntry
    header_icon = "list-ol"
    page_title = _("Register of numbers")
    rows_for = staticmethod(numbering.entries_known_to)
    default_ordering = "-given_at"
    filterset_class = NumberFilter
    search_fields = ["number"]
    list_export = ["number", "scope", "sequence", "given_at", "given_by", "void", "void_reason", "voided_at", "voided_by"]
    export_filename = "numbers"

    @cached_property
    def columns(self) -> list[Column]:
        """The register's columns."""
        return [
            Column("number", label=_("Number"), sort_key="number"),
            Column("scope", label=_("Scope"), sort_key="scope__key"),
            Column("sequence", label=_("Place"), sort_key="sequence"),
            Column("given_at", label=_("Given at"), sort_key="given_at"),
            Column("given_by", label=_("Given by")),
            YesColumn("void", label=_("Void"), sort_key="void"),
            Column("void_reason", label=_("Reason")),
        ]


class PartyRegister(Register):
    """Parties of records that the person reads, as the newest of these names each: a name given elsewhere may tell of what is hidden."""

    model = Party
    header_icon = "group"
    page_title = _("Register of parties")
    rows_for = staticmethod(parties.stated_to)
    default_ordering = "stated"
    list_filter = ["kind"]
    search_fields = ["stated"]
    list_export = ["stated", "get_kind_display"]
    export_headings = {"stated": _("Name"), "get_kind_display": _("Kind")}
    export_filename = "parties"

    @cached_property
    def columns(self) -> list[Column]:
        """The register's columns; the name leads to a search for the party's records."""
        return [
            TitleColumn("stated", label=_("Name"), sort_key="stated", get_url=lambda row: f"{reverse('desk:search')}?party={row.pk}"),
            Column("get_kind_display", label=_("Kind"), sort_key="kind"),
        ]


class RegisterViewSet(ViewSet):
    """A menu item and a list."""

    register_class: type[Register]

    @cached_property
    def menu_item_class(self) -> type[MenuItem]:
        """Shown to those who may open the register."""
        policy = policy_registry.get_by_type(self.register_class.model)

        class RegisterItem(MenuItem):
            def is_shown(self, request: HttpRequest) -> bool:
                return bool(policy.user_has_permission(request.user, "view"))

        return RegisterItem

    def get_urlpatterns(self) -> list[Any]:
        """The list and its results, for Wagtail's filtering without reload."""
        return [
            path("", self._view(), name="index"),
            path("results/", self._view(results_only=True), name="index_results"),
        ]

    def _view(self, **kwargs: Any) -> Any:
        view = self.register_class
        options = {
            "index_url_name": self.get_url_name("index"),
            "index_results_url_name": self.get_url_name("index_results"),
            "list_export": view.list_export,
            "export_filename": view.export_filename,
            "permission_policy": policy_registry.get_by_type(view.model),
        }
        return view.as_view(**options | kwargs)


class RecordRegisterViewSet(RegisterViewSet):
    """Register of records."""

    name = "record_register"
    url_prefix = "registers/records"
    icon = "doc-full"
    menu_label = _("Records")
    register_class = RecordRegister


class NumberRegisterViewSet(RegisterViewSet):
    """Register of numbers."""

    name = "number_register"
    url_prefix = "registers/numbers"
    icon = "list-ol"
    menu_label = _("Numbers")
    register_class = NumberRegister


class PartyRegisterViewSet(RegisterViewSet):
    """Register of parties."""

    name = "party_register"
    url_prefix = "registers/parties"
    icon = "group"
    menu_label = _("Parties")
    register_class = PartyRegister


class RegisterGroup(ViewSetGroup):
    """The menu of the registers."""

    menu_label = _("Registers")
    menu_icon = "list-ul"
    menu_order = 200
    items = (RecordRegisterViewSet, NumberRegisterViewSet, PartyRegisterViewSet)
