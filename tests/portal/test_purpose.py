"""The purpose on opening: asked once a sitting where the tier asks, in the trail with every look (LND-12, SEC-7)."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.shipped import loading
from records import opening
from records.models import AuditEvent, Record, Tier, User
from tests.factories import filed, person, registered, secret
from tests.portal.callers import Api
from tests.portal.test_desk_pages import component_of, desk, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def record() -> Record:
    """Of a tier that asks."""
    Tier.objects.filter(slug="secret").update(asks_purpose=True)
    return filed(**secret("secret"))


def content_of(record: Record) -> list[str]:
    """What of it the desk serves: picture, words, bytes."""
    part = [record.pk, component_of(record).pk]
    return [reverse("desk:page", args=[*part, 1]), reverse("desk:words", args=[*part, 1]), reverse("desk:content", args=part)]


def state(client: Any, record: Record, purpose: str = "核对付款条件", *, following: str = "") -> Any:
    return client.post(f"{reverse('desk:open', args=[record.pk])}?{urlencode({'next': following})}", {"purpose": purpose})


def test_nothing_is_served_before_the_purpose_and_all_after_it(record: Record) -> None:
    client = desk("archivist")
    page = client.get(reverse("desk:record", args=[record.pk]))
    html = page.content.decode()
    assert "What do you open this record for?" in text_of(page)
    for address in content_of(record):
        assert address not in html
        refused = client.get(address)
        assert refused.status_code == 403
        assert "opened for a purpose" in text_of(refused)
    assert not AuditEvent.objects.filter(action__in=["open", "download"], record_id=record.pk).exists()
    assert state(client, record).status_code == 302
    assert [client.get(address).status_code for address in content_of(record)] == [200, 200, 200]
    assert content_of(record)[0] in client.get(reverse("desk:record", args=[record.pk])).content.decode()
    event = AuditEvent.objects.get(action="open")
    assert (event.actor, event.record_id, event.reason) == (person("archivist"), record.pk, "核对付款条件")


@pytest.mark.parametrize("purpose", ["", "   ", "x" * 501])
def test_a_purpose_is_some_words(record: Record, purpose: str) -> None:
    client = desk("archivist")
    refused = state(client, record, purpose)
    assert refused.status_code == 400
    assert 'aria-invalid="true"' in refused.content.decode()
    assert client.get(content_of(record)[0]).status_code == 403
    assert not AuditEvent.objects.filter(action="open").exists()


def test_it_is_asked_of_each_person_for_each_record_and_in_each_sitting(record: Record) -> None:
    state(desk("archivist"), record)
    other = filed(**secret("secret"))
    assert not opening.is_asked(person("archivist"), record)
    assert opening.is_asked(person("archivist"), other)
    assert opening.is_asked(person("head"), record)
    assert opening.unopened(person("archivist"), [record, other]) == {other.pk}
    User.objects.filter(username="archivist").update(last_login=timezone.now() + timedelta(seconds=1))  # signed in anew
    assert opening.is_asked(person("archivist"), record)


def test_a_sitting_ends_by_itself(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    state(desk("archivist"), record)
    now = timezone.now() + opening.SITTING
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(seconds=1))
    assert opening.is_asked(person("archivist"), record)


def test_afterwards_one_is_where_one_wanted_to_be_and_nowhere_else(record: Record) -> None:
    address = reverse("desk:record", args=[record.pk])
    asked = f"{address}?q={quote('付款')}"
    assert state(desk("archivist"), record, following=asked)["Location"] == asked
    for elsewhere in ("https://example.com/", "//example.com/", "javascript:alert(1)", ""):
        assert state(desk("archivist"), record, following=elsewhere)["Location"] == address


def test_who_may_not_open_it_states_nothing(record: Record) -> None:
    for who, status in (("staff", 403), ("staff2", 404)):
        assert desk(who).get(reverse("desk:open", args=[record.pk])).status_code == status
        assert state(desk(who), record).status_code == status
    assert not AuditEvent.objects.filter(action="open").exists()


def test_a_tier_that_does_not_ask_is_opened_at_once() -> None:
    plain = filed()
    assert [desk("archivist").get(address).status_code for address in content_of(plain)] == [200, 200, 200]


def test_a_reviewer_is_asked_too(record: Record) -> None:  # the same viewer stands there
    waiting = registered(**secret("secret"))
    client = desk("archivist2")
    address = reverse("desk:review", args=[waiting.pk])
    assert "What do you open this record for?" in text_of(client.get(address))
    state(client, waiting, following=address)
    assert content_of(waiting)[0] in client.get(address).content.decode()


# --- API --------------------------------------------------------------------------------------------------------------


def looks(record: Record, action: str = "view") -> list[str]:
    found = AuditEvent.objects.filter(action=action, record_id=record.pk, actor=person("archivist")).order_by("at")
    return list(found.exclude(subject="").values_list("reason", flat=True))


def page(record: Record) -> str:
    return f"/records/{record.pk}/components/{component_of(record).pk}/pages/1.png?width=50"


def test_by_api_it_stands_in_the_header_and_in_the_trail(record: Record) -> None:
    api = Api("archivist")
    assert api.get(page(record)).status_code == 200  # it may stand there, it need not
    for sent in ("audit 2026", quote("核对付款条件"), "核对付款条件".encode().decode("latin-1")):
        assert api.get(page(record), headers={"X-Purpose": sent}).status_code == 200
    assert looks(record) == ["", "audit 2026", "核对付款条件"]  # the same purpose in one sitting is one event
    api.get(page(record).replace("/pages/1.png?width=50", "/content"), headers={"X-Purpose": "audit 2026"})
    assert looks(record, "download") == ["audit 2026"]


@pytest.mark.parametrize(("sent", "kept"), [("x" * 900, "x" * 500), ("  a%00%0Ab  ", "ab"), ("%FF%FE", "��"), ("%", "%"), (" ", "")])
def test_a_header_that_is_too_long_or_broken_is_kept_as_far_as_it_can_be(record: Record, sent: str, kept: str) -> None:
    assert Api("archivist").get(page(record), headers={"X-Purpose": sent}).status_code == 200
    assert looks(record) == [kept]


def test_a_purpose_takes_no_reasons_place(record: Record) -> None:
    api = Api("archivist")
    api.call("POST", f"/records/{record.pk}/move/", {"record_class": "HT", "reason": ""}, headers={"X-Purpose": "looking"})
    assert not AuditEvent.objects.filter(reason="looking").exists()


def test_the_shipped_tiers_ask_from_confidential_on() -> None:
    asking = [row["slug"] for row in loading.rows("tiers") if row.get("asks_purpose")]
    assert asking == ["confidential", "top-secret"]
    Tier.objects.filter(slug__in=asking).update(asks_purpose=True)
    told = {row["slug"]: row["asks_purpose"] for row in Api("staff").get("/tiers/").json()["results"]}
    assert told == {"public": False, "internal": False, "secret": False, "confidential": True, "top-secret": True}
