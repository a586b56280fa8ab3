"""Passwords: changed by their person, set anew by mail, never by an administrator (SEC-15); the first administrator's link."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from portal.accounts import first, mails
from portal.accounts.models import FirstLink, organisation_name
from portal.pages import tree
from portal.pages.models import FrontPage
from records import outbox
from records.errors import NotAllowed
from records.models import AuditEvent, OutboxRow, User
from tests.factories import PASSWORD, person

pytestmark = pytest.mark.django_db
NEW = "quiet paper, ink 7"


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def link_in_mail() -> str:
    found = re.search(r"http://[^/]+(/accounts/reset/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def set_password(client: Client, path: str, password: str = NEW) -> int:
    form = client.get(path, follow=True)
    if form.status_code != 200:
        return form.status_code
    return client.post(form.redirect_chain[-1][0], {"new_password1": password, "new_password2": password}).status_code


# --- by mail --------------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_set_anew_through_a_mail_once(client: Client) -> None:
    assert client.post("/accounts/forgotten/", {"email": "Staff@example.com"})["Location"] == "/accounts/forgotten/sent/"
    assert not mail.outbox  # it goes through the outbox, after the commit
    outbox.drain(only=[mails.TOPIC])
    assert mail.outbox[0].to == ["staff@example.com"]
    path = link_in_mail()
    assert set_password(client, path) == 302
    assert person("staff").check_password(NEW)
    assert events("set-password")[0].actor == person("staff")
    assert set_password(Client(), path) == 404


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client: Client) -> None:
    assert client.post("/accounts/forgotten/", {"email": "nobody@example.com"})["Location"] == "/accounts/forgotten/sent/"
    outbox.drain(only=[mails.TOPIC])
    assert not mail.outbox
    assert not OutboxRow.objects.filter(topic=mails.TOPIC).exists()


def test_who_may_not_sign_in_gets_no_mail(client: Client) -> None:
    User.objects.filter(username="staff").update(is_active=False)
    client.post("/accounts/forgotten/", {"email": "staff@example.com"})
    outbox.drain(only=[mails.TOPIC])
    assert not mail.outbox


@pytest.mark.parametrize("email", ["", "no address", "a\0@example.com"])
def test_what_is_no_address_is_refused_at_its_field(client: Client, email: str) -> None:
    answer = client.post("/accounts/forgotten/", {"email": email})
    assert answer.status_code == 200
    assert answer.context["form"].errors["email"]


def test_mails_cannot_be_asked_for_without_end(client: Client) -> None:
    for _mail in range(3):
        assert client.post("/accounts/forgotten/", {"email": "staff@example.com"}).status_code == 302
    assert client.post("/accounts/forgotten/", {"email": "staff@example.com"}).status_code == 429


def test_a_link_names_our_own_address_whatever_the_request_says(client: Client) -> None:
    client.post("/accounts/forgotten/", {"email": "staff@example.com"}, HTTP_HOST="localhost")
    outbox.drain(only=[mails.TOPIC])
    assert "http://127.0.0.1:8000/accounts/reset/" in str(mail.outbox[0].body)


def test_a_weak_password_is_refused_through_the_link(client: Client) -> None:
    assert set_password(client, mails.link_for(person("staff")).removeprefix("http://127.0.0.1:8000"), "12345") == 200
    assert person("staff").check_password(PASSWORD)


@pytest.mark.parametrize("path", ["/accounts/reset/x/y/", "/accounts/reset/MQ/set-password/"])
def test_a_link_that_never_was_one_says_so(client: Client, path: str) -> None:
    answer = client.get(path, headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "not valid" in answer.content.decode()


def test_an_administrator_sends_the_mail_and_never_sees_the_password() -> None:
    mails.send_password_mail(actor=person("admin"), user=person("staff"))
    outbox.drain(only=[mails.TOPIC])
    assert mail.outbox[0].to == ["staff@example.com"]
    assert events("send-password-mail")[0].actor == person("admin")


def test_nobody_else_sends_it() -> None:
    with pytest.raises(NotAllowed):
        mails.send_password_mail(actor=person("archivist"), user=person("staff"))
    assert not OutboxRow.objects.filter(topic=mails.TOPIC).exists()


def test_the_mail_speaks_the_persons_language() -> None:
    subjects = set()
    for language in ("en", "zh-hans"):
        User.objects.filter(username="staff").update(language=language)
        mails.send_password_mail(actor=person("admin"), user=person("staff"))
        outbox.drain(only=[mails.TOPIC])
        subjects.add(mail.outbox[-1].subject)
    assert any(subject.startswith("Set your password") for subject in subjects)


# --- one's own ------------------------------------------------------------------------------------------------------


def change(client: Client, old: str, new: str = NEW) -> int:
    return client.post("/accounts/password/", {"old_password": old, "new_password1": new, "new_password2": new}).status_code


def test_a_person_changes_the_own_password_and_other_sessions_end(client: Client) -> None:
    client.force_login(person("staff"))
    elsewhere = Client()
    elsewhere.force_login(person("staff"))
    assert change(client, PASSWORD) == 302
    assert person("staff").check_password(NEW)
    assert events("change-password")[0].actor == person("staff")
    assert client.get("/accounts/profile/").status_code == 200
    assert elsewhere.get("/accounts/profile/").status_code == 302


@pytest.mark.parametrize(("old", "new"), [("guess", NEW), (PASSWORD, "short"), (PASSWORD, "password123")])
def test_not_with_a_wrong_old_or_a_weak_new_one(client: Client, old: str, new: str) -> None:
    client.force_login(person("staff"))
    assert change(client, old, new) == 200
    assert person("staff").check_password(PASSWORD)
    assert not events("change-password")


def test_the_mail_address_changes_with_the_password(client: Client) -> None:
    client.force_login(person("staff"))
    assert client.post("/accounts/profile/", {"email": "new@example.com", "password": PASSWORD}).status_code == 302
    assert person("staff").email == "new@example.com"
    assert events("change-mail-address")[0].changed == ["email"]


def test_the_mail_address_stays_without_it_and_guessing_ends(client: Client) -> None:
    client.force_login(person("staff"))
    for _try in range(6):
        assert client.post("/accounts/profile/", {"email": "new@example.com", "password": "guess"}).status_code == 200
    assert client.post("/accounts/profile/", {"email": "new@example.com", "password": PASSWORD}).status_code == 200
    assert person("staff").email == "staff@example.com"


# --- the first administrator ----------------------------------------------------------------------------------------

FIRST = {"organisation": "鸿远集团", "display_name": "张管理", "username": "zhang", "email": "z@example.com", "password": NEW, "again": NEW}


@pytest.fixture
def nobody() -> None:
    User.objects.all().delete()


def path_of(link: str) -> str:
    return link.removeprefix("http://127.0.0.1:8000")


@pytest.mark.usefixtures("nobody")
def test_the_link_makes_the_first_administrator_and_names_the_organisation_once(client: Client) -> None:
    tree.plant()  # as every start does, before anybody names the organisation
    path = path_of(first.first_administrator_link())
    assert client.get(path).status_code == 200
    assert client.post(path, FIRST).status_code == 302
    made = User.objects.get()
    assert (made.username, made.duties, made.is_superuser) == ("zhang", {"administrator"}, False)
    assert organisation_name() == FrontPage.objects.get().title == "鸿远集团"
    assert events("first-administrator")[0].actor == made
    assert client.session["_auth_user_id"] == str(made.pk)
    assert client.get(path).status_code == 404
    assert client.post(path, FIRST | {"username": "other"}).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.usefixtures("nobody")
def test_only_the_newest_link_works_and_for_a_day(client: Client) -> None:
    older, newer = (path_of(first.first_administrator_link()) for _link in range(2))
    assert client.get(older).status_code == 404
    assert client.get(newer).status_code == 200
    FirstLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(newer).status_code == 404
    assert timedelta(hours=24) == first.VALID


@pytest.mark.usefixtures("nobody")
def test_two_at_once_make_one(client: Client) -> None:
    link = first.first_administrator_link()
    token = link.rstrip("/").rsplit("/", 1)[1]
    given = {name: value for name, value in FIRST.items() if name != "again"}
    first.make_first_administrator(token=token, **given)
    with pytest.raises(first.LinkNotValid):
        first.make_first_administrator(token=token, **given | {"username": "second"})
    assert User.objects.count() == 1


def test_with_somebody_there_is_no_link(client: Client) -> None:
    FirstLink.objects.create(digest=first._digest("known"), expires_at=timezone.now() + timedelta(hours=1))
    assert first.first_administrator_link() == ""
    answer = client.get("/accounts/first/known/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "not valid" in answer.content.decode()


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "a b"),
        ("username", "a\0"),
        ("password", "12345"),
        ("again", "other"),
        ("email", "x"),
        ("organisation", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_link_stays(client: Client, field: str, value: str) -> None:
    path = path_of(first.first_administrator_link())
    answer = client.post(path, FIRST | {field: value})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field] or field == "password"
    assert not User.objects.exists()
    assert client.get(path).status_code == 200
