"""What duties permit in the workbench (SEC-15): no superuser, nothing from groups, set-up for administrators, looking for the others."""

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from wagtail.models import Page
from wagtail.permissions import policy_registry

from records.models import User
from tests.factories import PEOPLE, person

pytestmark = pytest.mark.django_db
CAST = [row[0] for row in PEOPLE]
WRITE = {"add", "change"}
LOOK = {"archivist", "archivist2", "registrar", "legal", "legal2", "manager", "officer"}


@pytest.mark.parametrize("username", CAST)
def test_who_comes_into_the_workbench(client: Client, username: str) -> None:
    client.force_login(person(username))
    may = username in LOOK | {"admin", "auditor"}
    assert person(username).has_perm("wagtailadmin.access_admin") is may
    assert (client.get("/workbench/").status_code == 200) is may


@pytest.mark.parametrize("username", CAST)
def test_only_administrators_set_up(username: str) -> None:
    user, is_admin = person(username), username == "admin"
    for name in ("records.change_tier", "records.add_recordtype", "records.delete_grant", "records.add_user", "records.add_grant"):
        assert user.has_perm(name) is is_admin


@pytest.mark.parametrize("username", CAST)
def test_only_officer_and_auditor_look_at_the_trail(username: str) -> None:
    assert person(username).has_perm("records.view_auditevent") is (username in {"officer", "auditor"})


@pytest.mark.parametrize("username", CAST)
def test_administrators_and_auditors_have_no_register_of_records(username: str) -> None:
    assert person(username).has_perm("records.view_record") is (username in LOOK)


@pytest.mark.parametrize("username", CAST)
def test_nobody_changes_records_or_the_trail_in_the_workbench(username: str) -> None:
    user = person(username)
    for model in ("record", "recordversion", "component", "auditevent", "numberentry", "dataKey"):
        for act in ("add", "change", "delete"):
            assert not user.has_perm(f"records.{act}_{model}")
    assert not user.has_perm("records.delete_user")


def test_permissions_given_to_a_person_or_a_group_count_for_nothing() -> None:
    user = person("staff")
    user.user_permissions.set(Permission.objects.all())
    group = user.groups.create(name="all")
    group.permissions.set(Permission.objects.all())
    assert person("staff").get_all_permissions() == set()


def test_there_is_no_superuser() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(username="admin").update(is_superuser=True)


def test_who_may_not_sign_in_may_nothing() -> None:
    user = person("admin")
    assert user.get_all_permissions()
    user.is_active = False
    assert user.get_all_permissions() == set()


@pytest.mark.parametrize(
    ("username", "acts"),
    [("admin", WRITE | {"publish"}), ("legal", WRITE | {"publish"}), ("archivist", WRITE), ("staff", set()), ("auditor", set())],
)
def test_who_writes_and_publishes_pages(username: str, acts: set[str]) -> None:
    policy, root = policy_registry.get_by_type(Page), Page.objects.get(depth=1)
    user = person(username)
    assert {act for act in ("add", "change", "publish") if policy.user_has_permission_for_instance(user, act, root)} == acts


def test_an_active_group_gives_a_person_pages_to_write() -> None:
    from django.contrib.auth.models import Group

    person("legal2").groups.add(Group.objects.get(name="Editors"))
    assert policy_registry.get_by_type(Page).user_has_permission(person("legal2"), "change")
