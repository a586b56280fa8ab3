"""From a folder of files to a scan that is found by two characters (issue: the main job), in a browser."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from records.models import FieldDefinition, RecordType
from tests import samples
from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser


def files() -> list[dict[str, Any]]:
    """A good PDF, a scan, and two bad ones among them."""
    return [
        {"name": "总包合同.pdf", "mimeType": "application/pdf", "buffer": samples.text_pdf()},
        {"name": "leer.pdf", "mimeType": "application/pdf", "buffer": b""},
        {"name": "gesperrt.pdf", "mimeType": "application/pdf", "buffer": samples.encrypted_pdf()},
        {"name": "钢材采购合同.pdf", "mimeType": "application/pdf", "buffer": samples.scanned_pdf()},
    ]


def bring(page: Page, given: list[dict[str, Any]]) -> None:
    """Choose files and wait until each has its verdict."""
    page.locator("#pick-files").set_input_files(given)
    expect(page.locator("#upload-rows tr[data-state=running]")).to_have_count(0)
    expect(page.locator("#upload-rows tr")).to_have_count(len(given))


def choose_only(page: Page, name: str) -> None:
    """Make this file the one to register."""
    page.locator("#upload-rows tr", has_text=name).locator(".name").click()


def fill_contract(page: Page, title: str) -> None:
    """The contract's fields, by keyboard order."""
    page.locator("#record_class").select_option("HT")
    expect(page.locator("#f-contract_number")).to_be_visible()
    page.locator("#title").fill(title)
    page.locator("#f-contract_number").fill("HY-2026-07")
    page.locator("#f-signed_on").fill("2026-03-18")
    page.locator("#f-amount").fill("3531000")
    page.locator("[name=party_name]").first.fill("鸿远置业有限公司")
    page.locator("#department").select_option("sales")


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1280), ("en", 1280), ("zh-CN", 390)])
def test_a_scan_goes_in_and_is_found_by_two_characters(desk: Desk, work: Callable[[], int], locale: str, width: int) -> None:
    """CAP-1, CAP-3, NUM-4, FND-1, FND-9: archivist registers, archivist2 reviews and files, staff finds and reads."""
    chinese = locale == "zh-CN"
    archivist = desk.sign_in("archivist", locale=locale, width=width)
    archivist.goto("/register/")
    bring(archivist, files())
    expect(archivist.locator("#upload-rows tr[data-state=taken]")).to_have_count(2)
    expect(archivist.locator("#upload-rows tr[data-state=refused]")).to_have_count(2)
    choose_only(archivist, "钢材采购合同.pdf")
    expect(archivist.locator("#title")).to_have_value("钢材采购合同")
    fill_contract(archivist, "钢材采购合同（扫描件）")
    archivist.locator("#title").press("Control+Enter")
    expect(archivist.locator("#outcomes .card h2")).to_contain_text("钢材采购合同（扫描件）")
    expect(archivist.locator("#upload-rows tr[data-state=registered]")).to_have_count(1)
    work()

    second = desk.sign_in("archivist2", locale=locale, width=width)
    second.goto("/review/")
    second.locator("a.title", has_text="钢材采购合同").click()
    expect(second.locator(".sheet img").first).to_be_visible()
    second.locator("button[value=accept]").click()
    expect(second.locator(".messages .note.good")).to_be_visible()
    second.goto("/file/")
    second.locator("tbody [data-pick]").first.check()
    second.locator("button[value=preview]").click()
    expect(second.locator("strong[data-number]")).to_have_text(re.compile(r"HT-\d{4}-0001"))
    second.locator("button[value=file]").click()
    expect(second.locator(".messages")).to_contain_text("HT-")
    work()

    staff = desk.sign_in("staff", locale=locale, width=width)
    staff.goto("/search/")
    box = staff.locator('input[name="q"]:visible').first
    box.fill("违约")
    box.press("Enter")
    expect(staff.locator(".passages mark").first).to_have_text("违约")
    expect(staff.locator(".passages .where").first).to_contain_text("扫描" if chinese else "scan")
    staff.locator("h2 a[data-go]").first.click()
    expect(staff.locator("svg.boxes rect.hit").first).to_be_attached()
    shown = staff.locator(".sheet img").first
    expect(shown).to_have_js_property("complete", True)
    page_box, hit = shown.bounding_box(), staff.locator("svg.boxes rect.hit").first.bounding_box()
    assert page_box is not None
    assert hit is not None
    assert page_box["x"] <= hit["x"] <= page_box["x"] + page_box["width"], "the box lies on the page"
    assert staff.evaluate("document.documentElement.scrollWidth") <= width, "nothing scrolls sideways"


def test_what_was_typed_stays_and_the_first_error_has_the_focus(desk: Desk) -> None:
    """look.md: errors at their fields; the class is remembered for the next one."""
    page = desk.sign_in("archivist")
    page.goto("/register/")
    bring(page, files()[:1])
    fill_contract(page, "总承包合同")
    page.locator("#f-signed_on").fill("2026-02-30")
    page.locator("#f-amount").fill("viel")
    page.locator("button[value=show]").click()
    expect(page.locator("#f-signed_on")).to_be_focused()
    expect(page.locator("#title")).to_have_value("总承包合同")
    expect(page.locator("#f-amount-error")).to_be_visible()
    page.locator("#f-signed_on").fill("2026-02-28")
    page.locator("#f-amount").fill("100")
    page.locator("button[value=next]").click()
    expect(page.locator("#outcomes .card")).to_have_count(1)
    expect(page.locator("#record_class")).to_have_value("HT")
    expect(page.locator("#title")).to_have_value("")


def test_a_late_suggestion_does_not_hold_the_form(desk: Desk) -> None:
    """look.md: who knows the party's name presses Ctrl+Enter while the portal still looks for others like it."""
    page = desk.sign_in("archivist")
    page.goto("/register/")
    bring(page, files()[:1])
    page.route("**/register/parties/**", lambda _route: None)  # never answered
    with page.expect_request("**/register/parties/**"):
        fill_contract(page, "总承包合同")
    page.locator("#title").press("Control+Enter")
    expect(page.locator("#outcomes .card h2")).to_contain_text("总承包合同")


def test_three_go_at_once_and_a_lost_one_can_be_sent_again(desk: Desk) -> None:
    """CAP-1: the others go on; the list at the end can be exported without a formula in it (PRT-7)."""
    page = desk.sign_in("archivist")
    page.goto("/register/")
    failures = iter([True])
    page.route("**/register/upload/", lambda route: route.abort() if next(failures, False) else route.continue_())
    given = [{"name": f"=cmd{number}.txt", "mimeType": "text/plain", "buffer": f"违约条款 {number}".encode()} for number in range(5)]
    page.locator("#pick-files").set_input_files(given)
    expect(page.locator("#upload-rows tr[data-state=taken], #upload-rows tr[data-state=known]")).to_have_count(4)
    page.locator("#upload-rows tr[data-state=refused] button").click()
    expect(page.locator("#upload-rows tr[data-state=taken], #upload-rows tr[data-state=known]")).to_have_count(5)
    with page.expect_download() as saved:
        page.locator("#export-list").click()
    lines = saved.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) == 6
    assert all(line.startswith("\"'=cmd") for line in lines[1:])


def test_a_dropped_folder_is_walked_to_its_end(desk: Desk) -> None:
    """CAP-1: drag and drop; a browser gives entries, which are walked in turn."""
    page = desk.sign_in("archivist")
    page.goto("/register/")
    page.evaluate(
        """async () => {
          const made = (name) => new File(['违约 ' + name], name, {type: 'text/plain'});
          const file = (name) => ({isFile: true, isDirectory: false, name, file: (done) => done(made(name))});
          const folder = (name, children) => { let given = false; return {isFile: false, isDirectory: true, name,
            createReader: () => ({readEntries: (done) => { done(given ? [] : children); given = true; }})}; };
          const root = folder('scans', [file('a.txt'), folder('2026', [file('b.txt'), file('.DS_Store')])]);
          const event = new Event('drop', {bubbles: true, cancelable: true});
          event.dataTransfer = {types: ['Files'], items: [{webkitGetAsEntry: () => root}], files: []};
          document.getElementById('drop').dispatchEvent(event);
        }"""
    )
    expect(page.locator("#upload-rows tr[data-state=taken]")).to_have_count(2)


def test_several_files_become_one_record_or_one_each(desk: Desk) -> None:
    """CAP-1."""
    page = desk.sign_in("archivist")
    page.goto("/register/")
    bring(page, [{"name": f"附件{number}.txt", "mimeType": "text/plain", "buffer": f"违约 {number}".encode()} for number in (1, 2)])
    page.locator("#pick-all").check()
    expect(page.locator("#split")).to_be_visible()
    fill_contract(page, "两份附件")
    page.locator("#split [value=each]").check()
    expect(page.locator("#title")).to_be_hidden()
    page.locator("button[value=show]").click()
    expect(page.locator("#outcomes .card")).to_have_count(2)
    expect(page.locator("#outcomes .card h2").first).to_contain_text("附件")


def test_a_bomb_among_good_files_is_named(desk: Desk) -> None:
    """CAP-2: refused with a sentence; the page stays alive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"0" * 300_000_000)
    page = desk.sign_in("archivist")
    page.goto("/register/")
    bring(page, [{"name": "bombe.docx", "mimeType": "application/zip", "buffer": packed.getvalue()}, files()[0]])
    expect(page.locator("#upload-rows tr[data-state=refused] .danger-text")).not_to_be_empty()
    expect(page.locator("#upload-rows tr[data-state=taken]")).to_have_count(1)


def test_a_missing_yes_or_no_has_the_focus(desk: Desk) -> None:
    """PRT-5: a group of buttons is the first input that is wrong as any other."""
    contract = RecordType.objects.get(slug="contract")
    contract.fields.all().delete()
    FieldDefinition.objects.create(record_type=contract, key="stamped", name="盖章", kind="yes-no", level="required")
    page = desk.sign_in("archivist")
    page.goto("/register/")
    page.locator("#record_class").select_option("HT")
    page.locator("#title").fill("总承包合同")
    page.locator("#title").press("Control+Enter")
    expect(page.get_by_role("radiogroup")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#f-stamped")).to_be_focused()
