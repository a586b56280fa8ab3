"""What is set up in the browser: types, classes, tiers, rules, schedules, departments, grants (CAP-4, NUM-1, SEC-1, RET-1)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic import history, usage
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from portal.workbench import follow, forms, listing, views
from portal.workbench.listing import yes
from records import audit, granting, grants, outbox
from records.models import Department, Grant, NumberRule, RecordClass, RecordType, Schedule, Tier


class SetUpViewSet(ModelViewSet):
    """Common to all: changes are in the trail, names in other languages are on the form."""

    add_view_class = views.CreateView
    edit_view_class = views.EditView
    delete_view_class = views.DeleteView
    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50


class FieldsPanel(InlinePanel):
    """The fields of a type, each checked by its own form."""

    def get_form_options(self) -> dict[str, Any]:
        """Wagtail's options with our form for each row."""
        options = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = forms.FieldDefinitionForm
        return options


class RecordTypeEditView(views.EditView):
    """A type whose fields changed: what is found of its records follows."""

    def save_instance(self) -> Any:
        """Wagtail's own saving; each field taken away is in the trail by its key, and records are indexed anew."""
        gone = [row.instance.key for row in self.form.taken_away]
        changed = self.form.changes_what_is_found
        row = super().save_instance()
        for key in gone:
            audit.record_event(actor=self.request.user, action=self.form.TAKEN_AWAY, subject=self.form.subject_of(row, key))
        if changed:
            follow.fields_changed(row)
        return row


class RecordTypeViewSet(SetUpViewSet):
    """Record types with their fields; usable at once (CAP-4)."""

    model = RecordType
    icon = "form"
    menu_label = _("Record types")
    edit_view_class = RecordTypeEditView
    list_display = ["__str__", "slug", "own_date", yes(RecordType, "needs_party"), yes(RecordType, "active")]
    search_fields = ["name", "slug"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("slug")]),
            listing.names(),
            FieldRowPanel([FieldPanel("own_date"), FieldPanel("order"), FieldPanel("active")]),
            FieldRowPanel([FieldPanel("needs_department"), FieldPanel("needs_party"), FieldPanel("personal")]),
            FieldsPanel(
                "fields",
                heading=_("fields"),
                label=_("field"),
                panels=[
                    FieldRowPanel([FieldPanel("key"), FieldPanel("name")]),
                    FieldRowPanel([FieldPanel("kind"), FieldPanel("level"), FieldPanel("order")]),
                    listing.names(),
                    FieldPanel("choices"),
                    FieldPanel("help"),
                ],
            ),
        ],
        base_form_class=forms.RecordTypeForm,
    )


class DueEditView(views.EditView):
    """A class or schedule that changed: the due dates of records follow (RET-2)."""

    def save_instance(self) -> Any:
        """Wagtail's own saving, with a row in the outbox; a class may have others below it, so all are looked at."""
        row = super().save_instance()
        outbox.enqueue("due", "all")
        return row


class RecordClassViewSet(SetUpViewSet):
    """The classification scheme."""

    model = RecordClass
    icon = "folder-open-inverse"
    menu_label = _("Classes")
    edit_view_class = DueEditView
    list_display = ["__str__", "parent", "default_tier", "number_rule", "schedule", yes(RecordClass, "active")]
    list_filter = ["parent", "default_tier", "schedule", "active"]
    search_fields = ["name", "code"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("code"), FieldPanel("name")]),
            listing.names(),
            FieldRowPanel([FieldPanel("parent"), FieldPanel("default_tier"), FieldPanel("active")]),
            MultiFieldPanel(
                [FieldPanel("number_rule"), FieldPanel("needs_volume"), FieldPanel("fonds"), FieldPanel("term_code")], heading=_("numbers")
            ),
            FieldPanel("schedule"),
            InlinePanel("type_schedules", heading=_("schedules by type"), panels=[FieldPanel("record_type"), FieldPanel("schedule")]),
            FieldPanel("reason"),
        ],
        base_form_class=forms.RecordClassForm,
    )


class TierViewSet(SetUpViewSet):
    """Secrecy tiers and what each lets people do (SEC-1, SEC-2)."""

    model = Tier
    icon = "lock"
    menu_label = _("Secrecy tiers")
    list_display = [
        "__str__",
        "slug",
        "rank",
        "known_by",
        *(yes(Tier, name) for name in ("listed", "readers_download", "watermark")),
        "longest_years",
    ]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("slug"), FieldPanel("rank")]),
            listing.names(),
            MultiFieldPanel([FieldPanel("known_by"), FieldPanel("listed"), FieldPanel("number_prefix")], heading=_("who knows of it")),
            MultiFieldPanel(
                [*map(FieldPanel, ("readers_download", "readers_copy", "readers_print", "watermark", "asks_purpose"))],
                heading=_("what readers may do"),
            ),
            MultiFieldPanel([FieldPanel("needs_reason"), FieldPanel("longest_years"), FieldPanel("falls_to")], heading=_("term")),
            FieldPanel("reason"),
        ],
        base_form_class=forms.TierForm,
    )


class NumberRuleViewSet(SetUpViewSet):
    """Number rules: patterns of records and volumes (NUM-1)."""

    model = NumberRule
    icon = "list-ol"
    menu_label = _("Number rules")
    list_display = ["name", "pattern", "volume_pattern"]
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("pattern", help_text=_("For instance HT-{year}-{seq:04}, or {volume}-{item:02} for items of a volume.")),
            FieldPanel("volume_pattern", help_text=_("For instance 鸿借字第{seq:03}号.")),
        ],
        base_form_class=forms.NumberRuleForm,
    )


class ScheduleViewSet(SetUpViewSet):
    """Retention schedules (RET-1)."""

    model = Schedule
    edit_view_class = DueEditView
    icon = "calendar-alt"
    menu_label = _("Retention schedules")
    list_display = ["__str__", "slug", "years", "months", yes(Schedule, "permanent"), "trigger", "disposal"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("slug")]),
            listing.names(),
            FieldRowPanel([FieldPanel("years"), FieldPanel("months"), FieldPanel("permanent")]),
            FieldRowPanel([FieldPanel("trigger"), FieldPanel("from_year_start")]),
            FieldPanel("disposal"),
            FieldPanel("basis"),
        ],
        base_form_class=forms.FixedForm,
    )


class DepartmentEditView(views.EditView):
    """A department whose name changed: its records are found by the new one."""

    def save_instance(self) -> Any:
        """Saving, and the index."""
        row = super().save_instance()
        if {"name", "names"}.intersection(self.form.changed_data):
            follow.department_renamed(row)
        return row


class DepartmentViewSet(SetUpViewSet):
    """Departments."""

    model = Department
    icon = "group"
    menu_label = _("Departments")
    edit_view_class = DepartmentEditView
    list_display = ["__str__", "slug"]
    edit_handler = ObjectList(
        [FieldRowPanel([FieldPanel("name"), FieldPanel("slug")]), listing.names()],
        base_form_class=forms.FixedForm,
    )


class GrantIndexView(generic.IndexView):
    """Grants that the person may know of."""

    def get_base_queryset(self) -> Any:
        """Their rows."""
        return grants.known_to(self.request.user)


class GrantEditView(views.OfKnown, views.EditView):
    """A grant is proposed and taken away, never changed: nobody has the permission for this page."""

    rows_for = staticmethod(grants.known_to)


class GrantDeleteView(views.OfKnown, views.DeleteView):
    """Takes a grant away, at once."""

    rows_for = staticmethod(grants.known_to)

    def delete_action(self) -> None:
        """The archive's own verb."""
        granting.revoke(actor=self.request.user, grant_id=self.object.pk)


class GrantHistoryView(views.OfKnown, history.HistoryView):
    """What was done to a grant."""

    rows_for = staticmethod(grants.known_to)


class GrantUsageView(views.OfKnown, usage.UsageView):
    """Nothing refers to a grant; Wagtail has the page all the same."""

    rows_for = staticmethod(grants.known_to)


class GrantViewSet(SetUpViewSet):
    """Who has a need to know, of what (SEC-4)."""

    model = Grant
    index_view_class = GrantIndexView
    add_view_class = views.ProposeView
    edit_view_class = GrantEditView
    delete_view_class = GrantDeleteView
    history_view_class = GrantHistoryView
    usage_view_class = GrantUsageView
    icon = "key"
    menu_label = _("Grants")
    list_display = [
        "__str__",
        Column("granted_by", label=_("Granted by"), sort_key="granted_by__username"),
        DateColumn("granted_at", label=_("Granted at"), sort_key="granted_at"),
    ]
    list_filter = ["group", "department", "user", "record_class"]
    edit_handler = ObjectList(
        [
            MultiFieldPanel([FieldPanel("group"), FieldPanel("department"), FieldPanel("user"), FieldPanel("everyone")], heading=_("to")),
            MultiFieldPanel([FieldPanel("record_class"), FieldPanel("volume"), FieldPanel("record")], heading=_("on")),
            FieldPanel("reason"),
        ],
        base_form_class=forms.GrantForm,
    )


class SetUpGroup(ViewSetGroup):
    """The menu of what is set up."""

    menu_label = _("Archive set-up")  # beside Wagtail's own settings
    menu_icon = "sliders"
    menu_order = 300
    items = (RecordTypeViewSet, RecordClassViewSet, TierViewSet, NumberRuleViewSet, ScheduleViewSet, DepartmentViewSet, GrantViewSet)
