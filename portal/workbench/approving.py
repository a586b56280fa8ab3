"""Who approves what, set up in the browser: chains with their steps, and what each tier asks for before a loan (LND-2).

A change waits for the security officer: with fewer approvals records are opened to people whom nobody asked about (SEC-15).
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.base import ViewSetGroup

from portal.workbench import listing, views
from portal.workbench.forms import WaitingForm
from portal.workbench.setup import SetUpViewSet
from records import set_up
from records.models import Approver, Chain, ChainStep, LoanPolicy


class ChainStepForm(WagtailAdminModelForm):
    """One step: a committee's step names the committee, a person's the person, any other neither."""

    class Meta:
        model = ChainStep
        fields = ["order", "approver", "committee", "person", "votes", "days"]

    def clean(self) -> dict[str, Any]:
        """Who takes it is said once."""
        cleaned = super().clean()
        approver = cleaned.get("approver")
        if approver == Approver.COMMITTEE and not cleaned.get("committee"):
            self.add_error("committee", _("Choose the group whose members decide."))
        if approver == Approver.PERSON and not cleaned.get("person"):
            self.add_error("person", _("Choose the person."))
        if approver != Approver.COMMITTEE and cleaned.get("committee"):
            self.add_error("committee", _("Only the step of a committee names a group."))
        if approver != Approver.PERSON and cleaned.get("person"):
            self.add_error("person", _("Only the step of a named person names one."))
        if cleaned.get("votes") is not None and cleaned["votes"] < 1:
            self.add_error("votes", _("At least one must agree."))
        if (cleaned.get("votes") or 1) > 1 and approver != Approver.COMMITTEE:
            self.add_error("votes", _("Only a committee has more than one vote."))
        return cleaned


class ChainForm(WaitingForm):
    """A chain with its steps; those of a chain that is there wait for the security officer."""

    def is_valid(self) -> bool:
        """Wagtail's own checks, at least one step, and a reason where the steps change."""
        if not super().is_valid():
            return False
        if not self.steps():
            self.add_error(None, _("A chain has at least one step."))
        if self._waits() and not self.cleaned_data["reason"].strip():
            self.add_error("reason", _("Say why: this waits for the security officer."))
        return not self.errors

    def steps(self) -> list[dict[str, Any]]:
        """The steps as wished, in their order."""
        formset = self.formsets["steps"]
        rows = [row for row in formset.forms if row not in formset.deleted_forms and row.cleaned_data.get("approver")]
        rows.sort(key=lambda row: row.cleaned_data["order"])
        return [{name: getattr(row.instance, name) for name in set_up.STEP_FIELDS} for row in rows]

    def _waits(self) -> bool:
        if not self.instance.pk:
            return False
        return self.steps() != self._now

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.steps.all() if self.instance.pk else []
        self._now = [{name: getattr(step, name) for name in set_up.STEP_FIELDS} for step in kept]

    def save(self, commit: bool = True) -> Any:
        """A new chain with its steps; of one that is there its names, and a proposal of the steps."""
        if not self.instance.pk:
            for order, row in enumerate(sorted(self.formsets["steps"].forms, key=lambda row: row.cleaned_data.get("order") or 0)):
                row.instance.order = order
            return super().save(commit)
        if self._waits():
            changes = {set_up.STEPS: [step | {"person_id": step["person_id"] and str(step["person_id"])} for step in self.steps()]}
            self.propose(changes)
            self.waiting = ["steps"]
        self.instance.save()
        return self.instance


class StepsPanel(InlinePanel):
    """The steps, each checked by its own form."""

    def get_form_options(self) -> dict[str, Any]:
        """Wagtail's options with our form for each row."""
        options = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = ChainStepForm
        return options


class ChainViewSet(SetUpViewSet):
    """Approval chains (LND-2)."""

    model = Chain
    icon = "order"
    menu_label = _("Approval chains")
    list_display = ["__str__", "slug"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("slug")]),
            listing.names(),
            StepsPanel(
                "steps",
                heading=_("steps"),
                label=_("step"),
                panels=[
                    FieldRowPanel([FieldPanel("order"), FieldPanel("approver")]),
                    FieldRowPanel([FieldPanel("committee"), FieldPanel("person")]),
                    FieldRowPanel([FieldPanel("votes"), FieldPanel("days")]),
                ],
            ),
            FieldPanel("reason"),
        ],
        base_form_class=ChainForm,
    )


class LoanPolicyForm(WaitingForm):
    """What a use of a tier asks for: proposed, when it is new too, since without a row that use is not lent at all."""

    FIXED = (*WaitingForm.FIXED, "tier", "use")

    def waiting_names(self) -> tuple[str, ...]:
        """All of it."""
        return set_up.WAITING["loanpolicy"][1]

    def propose(self, changes: dict[str, Any] | None = None) -> None:
        """A row that is not there yet waits as a whole."""
        super().propose(set_up.hold_back(self.instance) if changes is None else changes)


class LoanPolicyViewSet(SetUpViewSet):
    """What each tier asks for before a loan (LND-2); a use that is taken away is not lent any more."""

    model = LoanPolicy
    icon = "tasks"
    menu_label = _("Loans by tier")
    add_view_class = views.ProposeView
    list_display = ["tier", Column("get_use_display", label=_("Use"), sort_key="use"), "chain", "longest_days"]
    list_filter = ["tier", "use", "chain"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("tier"), FieldPanel("use")]),
            MultiFieldPanel([FieldPanel("chain"), FieldPanel("longest_days")], heading=_("what is asked for")),
            FieldPanel("reason"),
        ],
        base_form_class=LoanPolicyForm,
    )


class ApprovalGroup(ViewSetGroup):
    """The menu of approvals."""

    menu_label = _("Approvals")
    menu_icon = "tasks"
    menu_order = 310
    items = (ChainViewSet, LoanPolicyViewSet)
