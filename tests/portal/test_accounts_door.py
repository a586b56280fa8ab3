"""Signing in and out, wrong tries, languages, who may come in without signing in (PRT-3, PRT-6, SEC-7)."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.test import Client, RequestFactory
from django.utils import timezone

from portal.accounts import throttle
from portal.accounts.middleware import address_of, language_of
from portal.accounts.models import Try
from records.models import AuditEvent, User
from tests.factories import PASSWORD, person

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
SIGN_IN = "/accounts/sign-in/"


def sign_in(client: Client, username: str, password: str = PASSWORD, **extra: str) -> int:
    return client.post(SIGN_IN, {"username": username, "password": password}, **extra).status_code


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# --- in and out -----------------------------------------------------------------------------------------------------


def test_the_right_password_lets_in_and_is_written_down(client: Client) -> None:
    assert sign_in(client, "staff", REMOTE_ADDR="192.0.2.7") == 302
    assert signed_in(client)
    event = events("sign-in")[0]
    assert (event.actor, event.from_address) == (person("staff"), "192.0.2.7")


def test_a_wrong_password_does_not_and_is_written_down(client: Client) -> None:
    answer = client.post(SIGN_IN, {"username": "staff", "password": "guess"}, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 200
    assert not signed_in(client)
    event = events("sign-in-failed")[0]
    assert (event.actor, event.subject, event.from_address) == (None, "staff", "192.0.2.7")


def test_unknown_and_inactive_people_get_the_same_answer_as_a_wrong_password(client: Client) -> None:
    User.objects.filter(username="staff2").update(is_active=False)
    sentences = set()
    for username, password in (("staff", "guess"), ("nobody", "guess"), ("staff2", PASSWORD), ("\0", "x")):
        answer = client.post(SIGN_IN, {"username": username, "password": password})
        assert not signed_in(client)
        if username != "\0":
            sentences.add(str(answer.context["form"].non_field_errors()))
    assert len(sentences) == 1


def test_what_was_typed_as_a_name_is_not_written_down_unless_somebody_has_it(client: Client) -> None:
    sign_in(client, "my secret password", "x")
    assert events("sign-in-failed")[0].subject == ""
    assert not Try.objects.filter(name__contains="secret").exists()


def test_signing_out_is_by_post_only(client: Client) -> None:
    client.force_login(person("staff"))
    assert client.get("/accounts/sign-out/").status_code == 405
    assert signed_in(client)
    assert client.post("/accounts/sign-out/").status_code == 302
    assert not signed_in(client)
    assert events("sign-out")[0].actor == person("staff")


@pytest.mark.parametrize(("after", "goes"), [("/search/?q=1", "/search/?q=1"), ("https://evil.example/", "/"), ("//evil.example", "/")])
def test_after_signing_in_only_our_own_pages_follow(client: Client, after: str, goes: str) -> None:
    answer = client.post(SIGN_IN, {"username": "staff", "password": PASSWORD, "next": after})
    assert answer["Location"] == goes


# --- wrong tries ----------------------------------------------------------------------------------------------------


def test_after_five_wrong_tries_even_the_right_password_waits(client: Client) -> None:
    for _try in range(4):
        assert sign_in(client, "staff", "guess") == 200
    fifth = client.post(SIGN_IN, {"username": "staff", "password": "guess"}, headers={"accept-language": "en"})
    assert fifth.status_code == 429
    assert 0 < int(fifth["Retry-After"]) <= 900
    assert "Wait 15 minutes" in fifth.content.decode()
    assert sign_in(client, "STAFF ", "guess") == 429
    assert sign_in(client, "staff") == 429
    assert not signed_in(client)
    assert len(events("sign-in-failed")) == 5


def test_after_four_wrong_tries_the_right_password_lets_in_and_clears_the_count(client: Client) -> None:
    for _try in range(4):
        sign_in(client, "staff", "guess")
    assert sign_in(client, "staff") == 302
    assert not Try.objects.exists()


def test_others_and_other_places_need_not_wait(client: Client) -> None:
    for _try in range(6):
        sign_in(client, "staff", "guess", REMOTE_ADDR="192.0.2.1")
    assert sign_in(client, "staff2", REMOTE_ADDR="192.0.2.1") == 302
    assert sign_in(Client(), "staff", REMOTE_ADDR="192.0.2.2") == 302


PROXIES = [ip_network("192.0.2.1"), ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("remote", "told", "trusted", "address"),
    [
        ("192.0.2.1", "198.51.100.7", PROXIES, "198.51.100.7"),
        ("192.0.2.1", "198.51.100.7, 10.0.0.3", PROXIES, "198.51.100.7"),  # two proxies
        ("192.0.2.1", "203.0.113.9, 198.51.100.7", PROXIES, "198.51.100.7"),  # the left one the browser made up
        ("::ffff:192.0.2.1", "2001:db8::7", PROXIES, "2001:db8::7"),
        ("192.0.2.1", "10.0.0.3", PROXIES, "10.0.0.3"),
        ("192.0.2.1", "198.51.100.7, unknown", PROXIES, "192.0.2.1"),
        ("192.0.2.1", "", PROXIES, "192.0.2.1"),
        ("198.51.100.7", "203.0.113.9", PROXIES, "198.51.100.7"),  # no proxy of ours
        ("192.0.2.1", "198.51.100.7", [], "192.0.2.1"),
        ("", "198.51.100.7", PROXIES, ""),
    ],
)
def test_only_our_own_proxies_say_where_it_came_from(settings: Any, remote: str, told: str, trusted: list[Any], address: str) -> None:
    settings.MUNIMENT_TRUSTED_PROXIES = trusted
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=remote, headers={"x-forwarded-for": told})) == address


def test_guessing_behind_a_proxy_locks_out_the_guesser_and_nobody_else(client: Client, settings: Any) -> None:
    settings.MUNIMENT_TRUSTED_PROXIES = PROXIES
    for number in range(throttle.LIMITS["sign-in"][2] + 1):
        sign_in(client, f"guess{number}", "guess", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert sign_in(client, "staff", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.7") == 429
    assert sign_in(client, "staff", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.8") == 302
    assert events("sign-in")[0].from_address == "198.51.100.8"


def test_the_wait_ends_by_the_clock(client: Client) -> None:
    for _try in range(6):
        sign_in(client, "staff", "guess")
    Try.objects.update(at=timezone.now() - throttle.WINDOW - timedelta(seconds=1))
    assert sign_in(client, "staff") == 302


def test_one_name_from_many_places_and_one_place_with_many_names_wait_too(client: Client) -> None:
    now = timezone.now()
    name = throttle._folded("staff")
    Try.objects.bulk_create(Try(kind="sign-in", name=name, address=f"198.51.100.{place}", at=now) for place in range(100))
    assert sign_in(client, "staff", REMOTE_ADDR="192.0.2.9") == 429
    Try.objects.all().delete()
    Try.objects.bulk_create(Try(kind="sign-in", name=f"{number}", address="192.0.2.9", at=now) for number in range(60))
    assert sign_in(client, "staff", REMOTE_ADDR="192.0.2.9") == 429
    assert sign_in(client, "staff", REMOTE_ADDR="192.0.2.10") == 302


def test_tries_are_forgotten_after_a_day(client: Client) -> None:
    Try.objects.create(kind="sign-in", name="x", address="y", at=timezone.now() - timedelta(hours=25))
    sign_in(client, "staff", "guess")
    assert not Try.objects.filter(name="x").exists()


# --- who may come in ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/accounts/profile/", "/accounts/tokens/", "/accounts/password/", "/workbench/"])
def test_pages_ask_for_signing_in(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"{SIGN_IN}?next={path}"


@pytest.mark.parametrize("path", [SIGN_IN, "/accounts/forgotten/", "/accounts/forgotten/sent/", "/accounts/reset/done/"])
def test_pages_of_the_door_are_open(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_a_part_of_a_page_moves_the_whole_page_to_the_door(client: Client) -> None:
    answer = client.get("/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/search/?q=1"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == f"{SIGN_IN}?next=/search/%3Fq%3D1"


# --- languages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "zh-hans"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-TW", "zh-hant"),
        ("zh-HK,en;q=0.5", "zh-hant"),
        ("zh-CN", "zh-hans"),
        ("fr, de", "zh-hans"),
        ("*", "zh-hans"),
    ],
)
def test_the_door_speaks_what_the_browser_asks_for(client: Client, asked: str, language: str) -> None:
    answer = client.get(SIGN_IN, headers={"accept-language": asked})
    assert answer["Content-Language"] == language
    assert "Accept-Language" in answer["Vary"]


def test_what_the_person_chose_comes_before_what_the_browser_asks_for(client: Client) -> None:
    client.force_login(person("staff"))
    answer = client.post("/accounts/language/", {"language": "en", "next": "/accounts/profile/"})
    assert answer["Location"] == "/accounts/profile/"
    assert person("staff").language == "en"
    assert client.get("/accounts/profile/", headers={"accept-language": "zh-TW"})["Content-Language"] == "en"


def test_a_language_chosen_at_the_door_stays_in_the_browser(client: Client) -> None:
    client.post("/accounts/language/", {"language": "zh-hant", "next": SIGN_IN})
    assert client.get(SIGN_IN, headers={"accept-language": "en"})["Content-Language"] == "zh-hant"


@pytest.mark.parametrize("language", ["xx", "", "en\0"])
def test_an_unknown_language_changes_nothing(client: Client, language: str) -> None:
    client.force_login(person("staff"))
    assert client.post("/accounts/language/", {"language": language}).status_code == 302
    assert person("staff").language == ""


def test_choosing_a_language_never_leads_elsewhere(client: Client) -> None:
    assert client.post("/accounts/language/", {"language": "en", "next": "https://evil.example/"})["Location"] == "/"


@pytest.mark.parametrize(("asked", "language"), [("", "en"), ("zh-CN", "zh-hans"), ("fr", "en")])
def test_the_api_speaks_what_the_request_asks_for_else_english(rf: RequestFactory, asked: str, language: str) -> None:
    request = rf.get("/api/v1/records/", headers={"accept-language": asked})
    request.user = User(language="zh-hant")
    assert language_of(request) == language


def test_every_sentence_of_the_door_is_there_in_chinese() -> None:
    """No msgid of this app or of the archive's floor is left without its Chinese (PRT-3)."""
    for folder in ("portal/accounts", "records"):
        with (ROOT / folder / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as source:
            catalog = read_po(source)
        assert [
            message.id
            for message in catalog
            if message.id and not (message.string if isinstance(message.string, str) else all(message.string))
        ] == []
        assert not [message.id for message in catalog if message.fuzzy and message.id]
