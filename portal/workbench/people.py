"""People and groups in the workbench: duties, clearance, department; never a password (SEC-15)."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from portal.accounts import mails
from portal.workbench import forms, views
from portal.workbench.listing import yes
from portal.workbench.setup import SetUpViewSet
from records.errors import NotAllowed
from records.models import User


class PersonEditView(views.EditView):
    """A person's page, with the button that sends a mail for setting the password."""

    template_name = "workbench/person.html"


class PersonViewSet(SetUpViewSet):
    """People; they are never deleted, since the trail names them."""

    model = User
    icon = "user"
    menu_label = gettext_lazy("People")
    edit_view_class = PersonEditView
    list_display = ["__str__", "username", "department", "clearance", yes(User, "is_active"), "last_login"]
    list_filter = ["department", "clearance", "is_active", "groups"]
    search_fields = ["username", "display_name", "email"]
    ordering = ["username"]
    list_export = ["username", "display_name", "email", "department", "clearance", "is_active", "last_login"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("username"), FieldPanel("display_name")]),
            FieldRowPanel([FieldPanel("email"), FieldPanel("language")]),
            FieldRowPanel([FieldPanel("department"), FieldPanel("clearance")]),
            MultiFieldPanel([FieldPanel("duties"), FieldPanel("groups")], heading=gettext_lazy("duties and groups")),
            FieldRowPanel([FieldPanel("borrows_directly"), FieldPanel("is_active")]),
            FieldPanel("reason"),
        ],
        base_form_class=forms.PersonForm,
    )

    def get_urlpatterns(self) -> list[Any]:
        """Wagtail's own, and the mail."""
        return [*super().get_urlpatterns(), path("mail/<uuid:pk>/", require_POST(send_password_mail), name="mail")]


def send_password_mail(request: HttpRequest, pk: Any) -> HttpResponse:
    """Send the person a link for setting a password; administrators never set one themselves (SEC-15)."""
    person = get_object_or_404(User, pk=pk)
    try:
        mails.send_password_mail(actor=cast(User, request.user), user=person)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A mail with a link for setting the password is on its way to %(mail)s.") % {"mail": person.email})
    return redirect(reverse("wagtailusers_users:edit", args=[person.pk]))


class GroupViewSet(SetUpViewSet):
    """Groups carry grants, not permissions of the workbench: those come from duties."""

    model = Group
    icon = "group"
    menu_label = gettext_lazy("Groups")
    list_display = ["name"]
    form_fields = ["name"]
