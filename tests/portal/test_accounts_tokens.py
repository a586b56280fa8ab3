"""API tokens: shown once, kept as digests, limited in scope and time (PRT-5)."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from portal.accounts.models import ApiToken
from portal.accounts.tokens import issue_token, person_of_token, revoke_token
from records.models import AuditEvent, User
from tests.factories import person

pytestmark = pytest.mark.django_db


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("issue_token", *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_token_stands_for_its_person_and_scope() -> None:
    for scope in ("read", "write"):
        _token, raw = issue_token(user=person("staff"), scope=scope)
        assert person_of_token(raw, address="192.0.2.7") == (person("staff"), scope)


@pytest.mark.parametrize("raw", ["", "mun_", "mun_guess", "Bearer x", "mun_\0", "mun_钥"])
def test_anything_else_stands_for_nobody(raw: str) -> None:
    issue_token(user=person("staff"))
    assert person_of_token(raw) is None


def test_only_a_digest_is_kept() -> None:
    token, raw = issue_token(user=person("staff"))
    row = ApiToken.objects.values().get(pk=token.pk)
    assert raw not in str(row)
    assert raw.startswith(row["shown"])
    assert len(row["shown"]) < len(raw) / 3


def test_a_revoked_token_is_worthless() -> None:
    token, raw = issue_token(user=person("staff"))
    revoke_token(token=token, actor=person("staff"))
    revoke_token(token=token, actor=person("staff"))
    assert person_of_token(raw) is None
    assert AuditEvent.objects.filter(action="revoke-token").count() == 1


def test_a_token_ends_with_its_time() -> None:
    token, raw = issue_token(user=person("staff"), valid=timedelta(days=1))
    assert person_of_token(raw) is not None
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert person_of_token(raw) is None


def test_a_token_ends_with_its_person() -> None:
    _token, raw = issue_token(user=person("staff"))
    User.objects.filter(username="staff").update(is_active=False)
    assert person_of_token(raw) is None


def test_use_is_written_down_but_not_every_time() -> None:
    _token, raw = issue_token(user=person("staff"))
    for address in ("192.0.2.7", "192.0.2.7", "192.0.2.8"):
        assert person_of_token(raw, address=address)
    seen = AuditEvent.objects.filter(action="use-token").order_by("at")
    assert [event.from_address for event in seen] == ["192.0.2.7", "192.0.2.8"]
    assert ApiToken.objects.get().last_address == "192.0.2.8"


# --- command --------------------------------------------------------------------------------------------------------


def test_the_command_prints_a_token_and_nothing_else() -> None:
    assert person_of_token(command("archivist")) == (person("archivist"), "read")
    assert person_of_token(command("archivist", "--scope", "write")) == (person("archivist"), "write")


@pytest.mark.parametrize("arguments", [["nobody"], ["staff", "--scope", "all"], ["staff", "--days", "0"], []])
def test_the_command_refuses_in_one_sentence(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        command(*arguments)
    assert not ApiToken.objects.exists()


def test_the_command_refuses_people_who_may_not_sign_in() -> None:
    User.objects.filter(username="staff").update(is_active=False)
    with pytest.raises(CommandError):
        command("staff")


# --- pages ----------------------------------------------------------------------------------------------------------


def test_a_person_makes_a_token_and_sees_it_once(client: Client) -> None:
    client.force_login(person("staff"))
    made = client.post("/accounts/tokens/", {"label": "scanner", "scope": "write", "days": "30"})
    raw = made.context["raw"]
    assert person_of_token(raw) == (person("staff"), "write")
    assert raw in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    again = client.get("/accounts/tokens/").content.decode()
    assert raw not in again
    assert "scanner" in again


@pytest.mark.parametrize("wrong", [{"label": ""}, {"scope": "all"}, {"days": "7"}, {"label": "a\0"}])
def test_a_wrong_form_makes_none(client: Client, wrong: dict[str, str]) -> None:
    client.force_login(person("staff"))
    answer = client.post("/accounts/tokens/", {"label": "scanner", "scope": "write", "days": "30"} | wrong)
    assert answer.status_code == 200
    assert not ApiToken.objects.exists()


def test_a_person_revokes_own_tokens_only(client: Client) -> None:
    token, raw = issue_token(user=person("staff"))
    client.force_login(person("staff2"))
    assert client.post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 404
    assert "mun_" not in client.get("/accounts/tokens/").content.decode()
    assert person_of_token(raw)
    client.force_login(person("staff"))
    assert client.post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 302
    assert person_of_token(raw) is None
