"""Borrowing in a browser, in Chinese: asked from a search result, approved on a phone, opened, closed; an original over the counter."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from portal.serve.schedule import registered
from records import counter, lending, outbox
from records.models import Loan, Record
from tests import factories
from tests.browser.conftest import Desk
from tests.browser.test_desk_reading import serious

pytestmark = pytest.mark.browser
PHONE = 390
SOON = timezone.localdate() + timedelta(days=7)


@pytest.fixture
def record(desk: Desk, work: Callable[[], int]) -> Record:
    """A filed secret contract that `staff` know of and may not open."""
    factories.loan_policies()
    found = factories.filed(title="望江项目股权转让合同", **factories.secret("secret"))
    work()
    return found


def ask(page: Page, record: Record, use: str) -> None:
    """From the search result to the request."""
    page.goto(f"/search/?q={record.number}")
    page.get_by_role("link", name="借阅", exact=True).last.click()
    page.locator("[name=use]").select_option(use)
    page.locator("[name=purpose]").fill("核对付款条件")
    page.locator("[name=until]").fill(str(timezone.localdate() + timedelta(days=7)))
    page.locator("main form button.primary").click()


def fits(page: Page) -> bool:
    """Nothing sticks out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_week_of_reading_is_asked_for_approved_on_a_phone_and_ends(desk: Desk, record: Record) -> None:
    """LND-1, LND-2, LND-4: closed, asked, approved with one hand, open, closed by giving it back."""
    staff = desk.sign_in("staff", locale="zh-CN")
    ask(staff, record, "view")
    expect(staff.locator("main")).to_contain_text("王部长")
    head = desk.sign_in("head", locale="zh-CN", width=PHONE)
    head.goto("/loans/waiting/")
    assert fits(head)
    assert not serious(head)
    approve = head.get_by_role("button", name="批准", exact=True)
    box = approve.bounding_box()
    assert box is not None
    assert box["height"] >= 44, "a thumb hits it"
    approve.click()
    expect(head.locator("main")).to_contain_text("没有")
    staff.goto(f"/records/{record.pk}/")
    expect(staff.locator("#p1 img")).to_have_js_property("complete", True)
    assert staff.locator("#p1 img").evaluate("image => image.naturalWidth") > 500
    loan = Loan.objects.get()
    staff.goto("/loans/")
    row = staff.locator("tr", has_text=loan.number)
    row.get_by_role("link", name="提前归还").click()
    staff.locator("main form button.primary").click()
    staff.goto(f"/records/{record.pk}/")
    expect(staff.locator("#p1 img")).to_have_count(0)


def test_an_original_goes_over_the_counter_and_comes_back_a_page_short(desk: Desk, record: Record) -> None:
    """LND-5, LND-11: counted out, confirmed, counted in; fewer pages need a word, which makes an incident."""
    staff = desk.sign_in("staff", locale="zh-CN")
    ask(staff, record, "original")
    head = desk.sign_in("head", locale="zh-CN", width=PHONE)
    head.goto("/loans/waiting/")
    head.get_by_role("button", name="批准", exact=True).click()
    expect(head.locator("main")).to_contain_text("没有")
    archivist = desk.sign_in("archivist", locale="zh-CN")
    archivist.goto("/loans/counter/")
    assert not serious(archivist)
    archivist.get_by_role("link", name="借出", exact=True).click()
    archivist.locator("[name=pages]").fill("9")
    archivist.locator("main form button.primary").click()
    staff.goto("/loans/")
    staff.get_by_role("button", name="确认清点").click()
    expect(staff.get_by_role("button", name="确认清点")).to_have_count(0)
    archivist.goto("/loans/counter/")
    archivist.get_by_role("link", name="收回", exact=True).click()
    archivist.locator("[name=copies]").fill("1")
    archivist.locator("[name=pages]").fill("8")
    archivist.locator("main form button.primary").click()
    expect(archivist.locator("main")).to_contain_text(re.compile("说明"))
    archivist.locator("[name=damage]").fill("缺第 4 页")
    archivist.locator("main form button.primary").click()
    expect(archivist.locator("tr", has_text=record.number or "")).to_have_count(0)
    assert Loan.objects.get().incident


def test_two_requests_are_approved_at_once_on_a_phone(desk: Desk, record: Record) -> None:
    """LND-2: the bar for what is chosen comes with the first choice."""
    until = str(timezone.localdate() + timedelta(days=7))
    for use in ("view", "original"):
        lending.request(actor=factories.person("staff"), record_id=record.pk, use=use, purpose="核对付款条件", until=until)
    head = desk.sign_in("head", locale="zh-CN", width=PHONE)
    head.goto("/loans/waiting/")
    approve = head.get_by_role("button", name="批准所选")
    expect(approve).to_be_hidden()
    for box in head.locator(".pick").all():
        box.check()
    expect(approve).to_be_visible()
    assert fits(head)
    approve.click()
    expect(head.locator("main")).to_contain_text("没有")
    assert sorted(Loan.objects.values_list("state", flat=True)) == ["active", "approved"]


def test_what_is_open_closes_by_itself(desk: Desk, record: Record) -> None:
    """LND-4: in the middle of reading; the next page is not served, and the record is closed as before."""
    loan = lending.request(actor=factories.person("staff"), record_id=record.pk, use="view", purpose="核对付款条件", until=SOON)
    lending.decide(actor=factories.person("head"), loan_id=loan.pk, decision="approve")
    staff = desk.sign_in("staff", locale="zh-CN")
    staff.goto(f"/records/{record.pk}/")
    image = staff.locator("#p1 img")
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") > 500
    ask_again = "image => fetch(image.src, {cache: 'no-store'}).then(answer => answer.status)"
    assert image.evaluate(ask_again) == 200
    Loan.objects.update(until=timezone.now())
    assert image.evaluate(ask_again) == 403
    staff.reload()
    expect(staff.locator("#p1 img")).to_have_count(0)
    expect(staff.get_by_role("link", name="借阅", exact=True).first).to_be_visible()


def test_the_general_manager_finds_the_months_report_in_the_mail(desk: Desk, record: Record) -> None:
    """LND-9: by itself, with PDF and XLSX; its link leads to the page with titles, also on a phone."""
    loan = lending.request(actor=factories.person("staff"), record_id=record.pk, use="original", purpose="核对", until=SOON)
    lending.decide(actor=factories.person("head"), loan_id=loan.pk, decision="approve")
    counter.issue(actor=factories.person("archivist"), loan_id=loan.pk, copies=1, pages=9)
    last_month = timezone.localtime().replace(day=1) - timedelta(days=1)
    Loan.objects.update(issued_at=last_month - timedelta(days=1))
    assert "goes to 1 people" in registered()["send_loan_report"].work()
    outbox.drain(only=["loan-report"])
    (sent,) = mail.outbox
    assert [name for name, _content, _kind in sent.attachments] == [f"loans-{last_month:%Y-%m}.{kind}" for kind in ("pdf", "xlsx")]
    link = re.search(r"http\S+", sent.body)
    assert link
    manager = desk.sign_in("manager", locale="zh-CN", width=PHONE)
    manager.goto(link[0].replace(settings.MUNIMENT_BASE_URL, ""))
    expect(manager.locator("main")).to_contain_text(record.title)
    expect(manager.locator("main")).to_contain_text(loan.number)
    assert fits(manager)
    assert not serious(manager)
