"""Tiers in time through page, API, command and job; personal data at the door (SEC-3, SEC-9, SEC-13, SEC-14)."""

import io
import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone, translation

from portal.demo import loading
from portal.serve.schedule import registered as jobs
from records import audit, outbox, secrecy
from records.models import Record, TierChange
from tests import factories
from tests.factories import CONTRACT, IDENTITY_NUMBER, filed, person, registered, secret
from tests.portal.callers import Api, problem_of
from tests.portal.test_api_races import at_once
from tests.portal.test_desk_pages import component_of, desk, staged, text_of, typed

TODAY = timezone.localdate()


def ends(record, day):
    """The record as if its term ended on this day."""
    Record.objects.filter(pk=record.pk).update(tier_until=day)
    return record


def tier_of(record):
    return Record.objects.get(pk=record.pk).tier.slug


# --- command and job ------------------------------------------------------------------------------------------------


def run(*arguments):
    """What `retention run` prints, in English."""
    out = io.StringIO()
    with translation.override("en"):
        call_command("retention", "run", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_retention_run_says_what_each_step_did():
    ends(filed(**secret("secret")), TODAY - timedelta(days=1))
    assert run() == ["declassified: 1", "told of a term that ends: 0", "due dates set anew: 0"]


@pytest.mark.django_db
def test_another_day_is_for_the_demo_only():
    record = filed(**secret("secret"))
    later = str(record.tier_until + timedelta(days=1))
    with pytest.raises(CommandError, match="demo only"):
        run("--today", later)
    assert tier_of(record) == "secret"
    audit.record_event(actor=loading.DEMO_SERVICE, action=loading.LOADED)
    for wrong in ("tomorrow", "2031-13-01", ""):
        with pytest.raises(CommandError, match="takes a day"):
            run("--today", wrong)
    assert run("--today", later)[0] == "declassified: 1"


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Zurich"])
def test_the_job_goes_by_the_portals_own_day(zone, monkeypatch):  # SEC-3
    place, last = ZoneInfo(zone), date(2027, 10, 31)  # Zurich's clocks change on it
    record = ends(filed(**secret("secret")), last)
    midnight = datetime(2027, 11, 1, tzinfo=place)
    for moment, tier in ((midnight - timedelta(seconds=1), "secret"), (midnight, "internal")):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        with timezone.override(place):
            assert jobs()["retention_run"].work()
        assert tier_of(record) == tier


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_term_that_ends_soon_is_prolonged_or_let_go_on_the_desk():  # SEC-14
    record = ends(filed(**secret("secret"), owner="head"), TODAY + timedelta(days=20))
    other = ends(filed(**secret("secret")), TODAY + timedelta(days=30))
    owner, archivist = desk("head"), desk("archivist")
    page = text_of(owner.get("/tiers/ending/"))
    assert record.title in page
    assert "20 days left" in page
    assert other.title not in page
    assert "terms end soon" in text_of(owner.get("/"))

    at = {name: reverse(f"desk:{name}", args=[record.pk]) for name in ("propose-tier", "let-go")}
    assert archivist.post(at["let-go"], {"reason": ""}).status_code == 302
    assert f"let go by {person('archivist')}" in text_of(owner.get("/tiers/ending/"))
    assert archivist.post(at["let-go"], {"reason": ""}).status_code == 409
    assert owner.post(at["propose-tier"], {"tier": "secret", "until": "P99Y", "reason": "x"}).status_code == 400
    assert owner.post(at["propose-tier"], {"tier": "secret", "until": "P5Y", "reason": "交易未完成"}).status_code == 302
    change = TierChange.objects.get()
    assert archivist.post(reverse("desk:tier-decide", args=[change.pk]), {"decision": "accept"}).status_code == 302
    assert owner.get("/tiers/ending/").status_code == 403  # nothing of theirs ends soon any more


@pytest.mark.django_db
def test_an_event_that_happened_declassifies_and_the_page_says_so():  # SEC-3
    record = filed(**secret("secret"), tier_event="项目公开后")
    client, url = desk("archivist"), reverse("desk:declassify", args=[record.pk])
    assert "项目公开后" in text_of(client.get(reverse("desk:record", args=[record.pk])))
    assert client.post(url, {"reason": ""}).status_code == 400
    assert client.post(url, {"reason": "公告已发布"}).status_code == 302
    assert "项目公开后" in text_of(desk("archivist2").get("/tiers/"))
    desk("archivist2").post(reverse("desk:tier-decide", args=[TierChange.objects.get().pk]), {"decision": "accept"})
    page = text_of(client.get(reverse("desk:record", args=[record.pk])))
    assert "declassified" in page
    assert f"Declassified on {TODAY}" in page


@pytest.mark.django_db
def test_volumes_are_chosen_by_name_and_mark():  # SEC-13
    place = factories.volume()
    registered(record_class="DK", volume=place.pk, **secret("confidential"))
    form = {"record_class": "DK", "record_type": "contract"}
    assert f"{place.title} · 机密★20年" in text_of(desk("archivist").post("/register/form/", typed(**form)))
    loose = filed()
    assert f"DK · {place.title} · 机密★20年" in text_of(desk("archivist").get(reverse("desk:move", args=[loose.pk])))


# --- API ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_volumes_say_what_they_carry_to_each_asker():  # SEC-13, SEC-5
    place, given = factories.volume(), {"record_class": "DK"}
    registered(**given, volume=place.pk)
    registered("registrar", **given, volume=place.pk, **secret("top-secret"))

    def carried(who):
        (row,) = Api(who).get("/volumes/").json()["results"]
        return row["tier"], row["tier_mark"]

    assert carried("archivist") == ("internal", "内部")
    assert carried("registrar") == ("top-secret", "绝密★30年")


@pytest.mark.django_db
def test_prolonging_and_an_event_go_through_the_api():  # SEC-3, SEC-14
    api, other = Api("archivist"), Api("archivist2")
    record = api.register(tier="secret", tier_reason="目录 3.2", tier_until="P1Y", tier_event="项目公开后").json()
    assert (record["tier_mark"], record["tier_event"], record["declassified_on"]) == ("秘密★1年", "项目公开后", None)
    at = f"/records/{record['id']}/"
    longer = api.post(f"{at}tier/", {"tier": "secret", "until": "P2Y", "reason": "未完成"}).json()
    assert problem_of(api.post(f"{at}declassify/", {"reason": "x"}), 409)  # another change waits
    assert other.post(f"/tier-changes/{longer['id']}/decide/", {"decision": "accept"}).status_code == 200
    assert api.get(at).json()["tier_mark"] == "秘密★2年"
    assert "reason" in problem_of(api.post(f"{at}declassify/"), 400)["errors"]
    fallen = api.post(f"{at}declassify/", {"reason": "公告已发布"})
    assert (fallen.status_code, fallen.json()["tier"], fallen.json()["event"]) == (202, "internal", "项目公开后")
    assert problem_of(api.post(f"/tier-changes/{fallen.json()['id']}/decide/", {"decision": "accept"}), 409)
    other.post(f"/tier-changes/{fallen.json()['id']}/decide/", {"decision": "accept"})
    after = api.get(at).json()
    assert (after["tier_mark"], after["tier_until"], after["declassified_on"]) == ("内部·解密", None, str(TODAY))


@pytest.mark.django_db
def test_search_follows_what_fell_and_what_was_raised():  # SEC-5
    record, staff = ends(filed(**secret("secret")), TODAY - timedelta(days=1)), Api("staff")

    def found():
        outbox.drain(only={"text", "index"})
        return [(row["tier_mark"], row["access"]) for row in staff.get("/search/?q=违约").json()["results"]]

    assert found() == []
    run()
    assert staff.get("/search/?q=违约").json()["count"] == 0  # not before the index has it
    assert found() == [("内部·解密", "full")]
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="confidential", reason="x")
    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="accept")
    assert staff.get("/search/?q=违约").json()["count"] == 0  # at once


# --- personal data --------------------------------------------------------------------------------------------------

PERSONAL = {"record_type": "identity-document", "fields": {"identity_number": IDENTITY_NUMBER}, "parties": None}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, {"purpose", "basis"}),
        ({"purpose": "核验身份"}, {"basis"}),
        ({"purpose": "  ", "basis": "law"}, {"purpose"}),
        ({"purpose": "核验身份", "basis": "因为"}, {"basis"}),
        ({"purpose": "核验身份", "basis": "consent"}, set()),
    ],
)
def test_personal_data_carry_purpose_and_basis(given, wrong):  # SEC-9
    answer = Api("archivist").register(**PERSONAL, **given)
    if wrong:
        assert set(problem_of(answer, 400)["errors"]) == wrong
        assert not Record.objects.exists()
    else:
        assert {name: json.loads(answer.content)[name] for name in ("purpose", "basis")} == given


@pytest.mark.django_db
def test_other_records_need_neither():  # SEC-9
    assert Api("archivist").register(fields=CONTRACT).status_code == 201


@pytest.mark.django_db
def test_the_form_asks_why_personal_data_are_kept():  # SEC-9
    client, form = desk("archivist"), {"record_type": "identity-document", "f.identity_number": IDENTITY_NUMBER}
    page = client.post("/register/form/", typed(**form)).content.decode()
    assert 'name="purpose"' in page
    assert '<option value="consent"' in page
    page = client.post("/register/", typed(**form, uploads=[staged(client)]), headers={"hx-request": "true"}).content.decode()
    assert "say what they are collected for" in page
    assert "say on what basis" in page
    assert client.post("/register/", typed(**form, purpose="核验", basis="law", uploads=[staged(client)])).status_code in (200, 302)
    assert Record.objects.get().basis == "law"


# --- at once --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_viewer_whose_record_is_raised_sees_no_further_page():  # SEC-14, LND-10
    record, viewer = filed(), desk("staff")
    page = reverse("desk:page", args=[record.pk, component_of(record).pk, 1])
    assert viewer.get(page).status_code == 200
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="secret", reason="含报价")
    assert viewer.get(page).status_code == 200
    secrecy.decide_tier(actor=person("archivist2"), change_id=change.pk, decision="accept")
    assert viewer.get(page).status_code == 403


@pytest.mark.race
@pytest.mark.usefixtures("real_database", "store")
def test_declassifying_while_somebody_looks_and_somebody_prolongs():
    """Either the term was prolonged, or it fell: never both; the viewer is refused, or sees the page (SEC-3)."""
    record = ends(filed(**secret("secret")), TODAY - timedelta(days=1))
    change = secrecy.propose_tier(actor=person("archivist"), record_id=record.pk, tier="secret", reason="x", until="P1Y")
    viewer, other = Api("staff"), Api("archivist2")
    page = f"/records/{record.pk}/components/{component_of(record).pk}/pages/1.png?width=50"
    looks = [lambda: viewer.get(page), lambda: viewer.get(page)]
    decide = {"decision": "accept"}
    _lines, decided, *seen = at_once([run, lambda: other.post(f"/tier-changes/{change.pk}/decide/", decide), *looks])

    after, change = Record.objects.select_related("tier").get(pk=record.pk), TierChange.objects.get(pk=change.pk)
    fell = after.tier.slug == "internal"
    assert (decided.status_code, change.state) == ((409, "lapsed") if fell else (200, "accepted"))
    assert (after.tier_until is None) == fell
    assert {answer.status_code for answer in seen} <= {200, 403}
    assert Api("staff").get(page).status_code == (200 if fell else 403)
