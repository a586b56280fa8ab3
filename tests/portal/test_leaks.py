"""What pages must not tell: the workbench with all that Wagtail brings along, lists of choices, listings (SEC-2, SEC-5, SEC-13, FND-10)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from records import filing, review
from records.models import (
    AuditEvent,
    Department,
    Grant,
    NumberEntry,
    NumberRule,
    Record,
    RecordClass,
    RecordType,
    Schedule,
    Tier,
    User,
    Volume,
)
from tests.factories import CONTRACT, IDENTITY_NUMBER, filed, grant, person, registered, secret, volume
from tests.portal.worlds import differences, told, without_and_with

pytestmark = pytest.mark.django_db
TITLE, NAME, SHELF = "绝密并购协议", "隐名有限公司", "绝密案卷"
TXT = "甲方将设备交付乙方。".encode()


def browser(username: str) -> Client:
    """A browser of one of the cast."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(person(username))
    return client


def hidden_record(**values: Any) -> Record:
    """A filed top-secret record with a party, a volume and a number that only `registrar` and `officer` know of."""
    shelf = volume(title=SHELF, actor="registrar")
    parties = [{"name": NAME, "kind": "person", "identity_number": IDENTITY_NUMBER}]
    record = registered(
        "registrar", content=TXT, title=TITLE, record_class="DK", volume=shelf.pk, parties=parties, **secret("top-secret") | values
    )
    review.review(actor=person("officer"), record_id=record.pk, decision="accept")
    return filing.file_record(actor=person("registrar"), record_id=record.pk)


def workbench_pages() -> list[str]:
    """Every list, and the pages of every row that is set up, whether Wagtail links to them or not."""
    names = [
        "recordtype",
        "recordclass",
        "tier",
        "numberrule",
        "schedule",
        "department",
        "grant",
        "wagtailusers_users",
        "wagtailusers_groups",
    ]
    rows = [RecordType, RecordClass, Tier, NumberRule, Schedule, Department, Grant, User]
    found = ["/workbench/", *(f"/workbench/registers/{name}/" for name in ("records", "numbers", "parties"))]
    found += [f"/workbench/registers/{name}/?export=csv" for name in ("records", "numbers", "parties")]
    found += ["/workbench/registers/records/?ordering=date__year", "/workbench/registers/parties/?q=隐名"]
    found += ["/workbench/reports/site-history/", "/workbench/reports/site-history/results/"]
    for name in names:
        found += [reverse(f"{name}:index"), reverse(f"{name}:add")]
    for name, model in zip(names, rows, strict=False):
        for pk in model.objects.order_by("pk").values_list("pk", flat=True)[:1]:
            found += [reverse(f"{name}:{act}", args=[pk]) for act in ("edit", "delete", "history", "usage")]
    return found


DESK_PAGES = [
    "/",
    "/search/",
    "/search/?q=并购",
    "/search/suggest/?q=绝",
    "/register/",
    "/register/?record_class=DK",
    "/register/parties/?party_name=隐",
]
DESK_PAGES += ["/review/", "/file/", "/numbers/", "/tiers/", "/register/returned/"]


@pytest.mark.parametrize(("username", "where"), [("admin", "both"), ("archivist", "both"), ("auditor", "both"), ("staff", "desk")])
def test_no_page_changes_with_a_hidden_record(username, where):
    filed(content=TXT)
    pages = DESK_PAGES + (workbench_pages() if where == "both" else [])

    def seen() -> dict[str, Any]:
        client = browser(username)
        return {url: told(client.get(url)) for url in pages}

    before = seen()
    hidden_record()
    after = seen()

    for url in pages:
        assert (url, differences(before[url], after[url])) == (url, [])


# --- grants -----------------------------------------------------------------------------------------------------------


def test_a_grant_form_offers_no_volume_that_one_does_not_know():  # SEC-13
    hidden_record()
    mine = volume(title="公开案卷")
    registered(content=TXT, record_class="DK", volume=mine.pk)
    assert SHELF not in browser("admin").get(reverse("grant:add")).content.decode()

    client, form = browser("admin"), {"user": person("staff").pk, "volume": Volume.objects.get(title=SHELF).pk}
    refused = client.post(reverse("grant:add"), form)

    assert refused.status_code == 200
    assert not Grant.objects.filter(volume__isnull=False).exists()


def test_a_grant_on_something_hidden_is_not_there():
    record = hidden_record()
    on_volume = Grant.objects.create(user=person("staff"), volume=record.volume)
    on_record = Grant.objects.create(user=person("staff"), record=record)
    client = browser("admin")

    for made in (on_volume, on_record):
        for act in ("delete", "history", "usage"):
            assert client.get(reverse(f"grant:{act}", args=[made.pk])).status_code == 404
        edit, missing = (client.get(reverse("grant:edit", args=[pk])) for pk in (made.pk, 10**6))
        assert (edit.status_code, edit["Location"]) == (missing.status_code, missing["Location"])  # grants are never edited
    listed = client.get(reverse("grant:index")).content.decode()
    assert str(record.pk) not in listed
    assert str(record.volume_id) not in listed
    assert SHELF not in browser("auditor").get(reverse("grant:index")).content.decode()


def test_the_trail_names_no_volume_by_its_title():  # AUD-2
    shelf = volume(title="公开案卷")
    registered(content=TXT, record_class="DK", volume=shelf.pk)
    grant(RecordClass.objects.get(code="DK"), "@administration")
    client = browser("admin")

    answer = client.post(reverse("grant:add"), {"user": person("staff").pk, "volume": shelf.pk, "reason": "项目需要"})

    assert answer.status_code == 302
    event = AuditEvent.objects.get(action="propose-entrusting")
    assert shelf.title not in event.subject
    assert str(shelf.pk) in event.subject


# --- deleting what is set up ------------------------------------------------------------------------------------------


def test_deleting_a_class_does_not_try_out_whether_it_is_used():
    """A refusal only where records refer to it would tell administrators of records, even of a tier's only one."""
    made = RecordClass.objects.create(code="MA", name="并购", default_tier=Tier.objects.get(slug="internal"))
    rows = {"recordclass": made, "recordtype": RecordType.objects.get(slug="general"), "tier": Tier.objects.get(slug="top-secret")}
    client = browser("admin")

    def answers() -> list[int]:
        return [client.post(reverse(f"{name}:delete", args=[row.pk])).status_code for name, row in rows.items()]

    unused = answers()
    grant(made, "archivists")
    registered("registrar", content=TXT, record_class="MA", record_type="general", fields={}, parties=[], **secret("top-secret"))

    assert answers() == unused
    assert all(type(row).objects.filter(pk=row.pk).exists() for row in rows.values())


# --- listings ---------------------------------------------------------------------------------------------------------


def test_a_listing_says_no_more_than_it_may():  # SEC-2
    record = registered(content=TXT, title="机密采购", **secret("confidential"))
    review.review(actor=person("archivist2"), record_id=record.pk, decision="return", reason="金额不符")
    client = browser("staff")

    seen = " ".join(client.get(url).content.decode() for url in ("/", "/search/", f"/records/{record.pk}/"))

    assert record.title in seen
    for closed in ("金额不符", "returned by review", "Returned by review", CONTRACT["contract_number"], "2026-03-18", "商业秘密目录"):
        assert closed not in seen, closed
    assert browser("archivist").get(f"/records/{record.pk}/").content.decode().count("金额不符")


def test_the_register_sorts_listings_by_their_year():  # SEC-2: order would tell the day
    for day in ("2026-03-18", "2026-01-05", "2026-06-30"):
        registered(content=TXT, title=f"机密 {day}", fields=CONTRACT | {"signed_on": day}, **secret("confidential"))
    client = browser("archivist")

    page_of = client.get("/workbench/registers/records/?ordering=date")

    assert [column.sort_key for column in page_of.context["table"].columns.values() if column.name == "year"] == ["date__year"]


def test_what_hides_in_a_scope_is_not_offered_as_a_filter():  # NUM-2
    filed(content=TXT)
    hidden_record()
    assert NumberEntry.objects.filter(number__startswith="绝").exists()

    seen = browser("archivist").get("/workbench/registers/numbers/").content.decode()

    assert "HT-" in seen
    assert "绝鸿" not in seen


def test_the_two_worlds_are_two():
    """The comparison above sees something: who is named on the record sees other pages with it."""
    without, with_hidden = without_and_with(hidden_record, lambda: told(browser("registrar").get("/")))

    assert without != with_hidden
