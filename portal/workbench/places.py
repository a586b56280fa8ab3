"""Places of paper, set up by archivists (CUS-1)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList

from portal.workbench import views
from portal.workbench.setup import SetUpViewSet
from records import places
from records.errors import Invalid
from records.models import Place


class PlaceForm(WagtailAdminModelForm):
    """A place lies in a wider one; its code is fixed once it stands on labels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.fields["code"].disabled = True
            self.fields["code"].help_text = _("Fixed since it was made.")

    def _post_clean(self) -> None:
        """Django's own checks, then the rule of the tree, asked once of the whole row."""
        super()._post_clean()
        if self.errors:
            return
        try:
            places.check(self.instance)
        except Invalid as error:
            for name, sentences in error.errors.items():
                self.add_error(name, sentences)


class Settled:
    """Saved by the verb's own function, which keeps the paths of what lies in it."""

    def save_instance(self) -> Place:
        """The place, settled."""
        row: Place = self.form.save(commit=False)  # type: ignore[attr-defined]
        places.settle(row)
        return row


class PlaceCreateView(Settled, views.CreateView):
    """Adds a place."""


class PlaceEditView(Settled, views.EditView):
    """Renames or moves a place."""


class PlaceViewSet(SetUpViewSet):
    """The tree of places."""

    model = Place
    add_view_class = PlaceCreateView
    edit_view_class = PlaceEditView
    icon = "folder-open-1"
    menu_label = _("Places")
    menu_order = 250
    add_to_admin_menu = True
    list_display = ["path", "code", "kind", "capacity"]
    list_filter = ["kind"]
    search_fields = ["code", "path"]
    ordering = "path"
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("code"), FieldPanel("name")]),
            FieldRowPanel([FieldPanel("kind"), FieldPanel("parent"), FieldPanel("capacity")]),
        ],
        base_form_class=PlaceForm,
    )
