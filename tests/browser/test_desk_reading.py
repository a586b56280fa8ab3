"""The viewer, keys, filing order, and what axe-core finds, in a browser."""

import re
from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

from tests import factories, samples
from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"


def serious(page: Page) -> list[str]:
    """What axe-core finds that is serious or critical, in every WCAG 2.2 AA rule."""
    page.evaluate(AXE.read_text())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"] if each["impact"] in ("serious", "critical")]


def test_hits_are_walked_pages_turned_and_words_selected(desk: Desk, work: Callable[[], int]) -> None:
    """PRT-4, FND-9: n and p, zoom, turn, text over the image."""
    record = factories.filed(content=samples.text_pdf([samples.CLAUSE * 2, "空白页", samples.CLAUSE]))
    work()
    page = desk.sign_in("staff")
    page.goto(f"/records/{record.pk}/?q=违约金")
    expect(page.locator("#p1 rect.hit").first).to_be_attached()
    page.keyboard.press("n")
    expect(page.locator("rect.hit.now")).to_have_count(1)
    expect(page.locator("[data-hit-at]")).to_have_text("1 / 3")
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator("[data-hit-at]")).to_have_text("3 / 3")
    expect(page.locator("[data-at]")).to_have_text("3 / 3")
    before = page.locator("#p3").bounding_box()
    page.keyboard.press("+")
    after = page.locator("#p3").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"]
    page.keyboard.press("0")
    page.keyboard.press("r")
    expect(page.locator("#p3")).to_have_attribute("data-turn", "90")
    turned = page.locator("#p3").bounding_box()
    assert turned is not None
    assert turned["width"] > turned["height"], "a page on its side is wider than high"
    assert "违约金" in page.locator("#p1 .words").inner_text().replace("\n", "")
    page.keyboard.press("t")
    expect(page.locator('[data-text="1"]')).to_contain_text("甲方")


def test_the_words_lie_over_their_print(desk: Desk, work: Callable[[], int]) -> None:
    """The text layer follows the image: each word as wide as its box, at every zoom."""
    record = factories.filed()
    work()
    page = desk.sign_in("staff")
    page.goto(f"/records/{record.pk}/")
    span = page.locator("#p1 .words span").nth(2)
    expect(span).to_be_attached()
    sheet, word = page.locator("#p1").bounding_box(), span.bounding_box()
    assert sheet is not None
    assert word is not None
    assert sheet["x"] < word["x"]
    assert word["x"] + word["width"] <= sheet["x"] + sheet["width"]
    share = word["width"] / sheet["width"]
    page.keyboard.press("+")
    larger, wider = page.locator("#p1").bounding_box(), span.bounding_box()
    assert larger is not None
    assert wider is not None
    assert wider["width"] / larger["width"] == pytest.approx(share, rel=0.02)


def test_everything_goes_without_a_mouse(desk: Desk, work: Callable[[], int]) -> None:
    """look.md: `/` searches from anywhere, j k Enter walk and open, `?` lists the keys; they can be switched off (WCAG 2.1.4)."""
    factories.filed(title="甲合同")
    factories.filed(title="乙合同")
    work()
    page = desk.sign_in("staff")
    page.keyboard.press("/")
    expect(page.locator("#q, .bigsearch input").locator("visible=true").first).to_be_focused()
    page.keyboard.type("违约")
    page.keyboard.press("Enter")
    expect(page.locator(".results > li")).to_have_count(2)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".results > li").nth(1)).to_have_class(re.compile("cursor"))
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/records/"))
    page.keyboard.press("?")
    page.locator("#single-keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#p1")).not_to_have_attribute("data-turn", "90")


def test_suggestions_are_a_combobox(desk: Desk, work: Callable[[], int]) -> None:
    """PRT-3: arrows walk and Enter opens while the focus stays in the field, and a screen reader is told where one stands."""
    for title in ("采购合同甲", "采购合同乙"):
        factories.filed(title=title)
    work()
    page = desk.sign_in("staff")
    box = page.locator("#q")
    expect(box).to_have_attribute("role", "combobox")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("采购")
    options = page.locator("#suggestions[role=listbox] > [role=option]")
    expect(options).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    assert page.locator("[aria-live] [role=option]").count() == 0
    for key, place in (("ArrowUp", 1), ("ArrowDown", 0), ("ArrowDown", 1)):
        page.keyboard.press(key)
        expect(options.nth(place)).to_have_attribute("aria-selected", "true")
        expect(box).to_have_attribute("aria-activedescendant", options.nth(place).get_attribute("id") or "")
        expect(box).to_be_focused()
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
    box.fill("")
    box.press_sequentially("采购合同乙")
    expect(options).to_have_count(1)
    page.keyboard.press("Tab")
    expect(options).to_have_count(0)
    box.fill("")
    box.press_sequentially("采购合同甲")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/records/[0-9a-f-]{36}/"))


def test_filters_change_the_page_without_loading_it_anew(desk: Desk, work: Callable[[], int]) -> None:
    """look.md: chips, counts, and an address that remembers."""
    factories.filed(title="甲合同")
    factories.filed(title="乙制度", record_class="GZ", record_type="regulation", fields={}, parties=[], tier="public", department=None)
    work()
    page = desk.sign_in("staff")
    page.goto("/search/?q=违约")
    page.evaluate("window.same = true")
    page.locator(".facet a", has_text="GZ").or_(page.locator(".facet a", has_text="规章")).first.click()
    expect(page.locator(".results > li")).to_have_count(1)
    assert page.evaluate("window.same") is True
    assert "record_class=GZ" in page.url or "record_type=regulation" in page.url
    page.locator(".finder-head .chip").first.click()
    expect(page.locator(".results > li")).to_have_count(2)
    page.keyboard.press("v")
    expect(page.locator(".gallery figure")).to_have_count(2)
    expect(page.locator(".gallery rect.hit").first).to_be_attached()


def test_rows_are_put_in_order_by_keys_and_the_numbers_follow(desk: Desk) -> None:
    """NUM-4: what was shown is unsaid as soon as the order changes."""
    factories.reviewed(title="甲"), factories.reviewed(title="乙")
    page = desk.sign_in("archivist")
    page.goto("/file/")
    page.locator("[data-pick-all]").check()
    page.locator("button[value=preview]").click()
    expect(page.locator("strong[data-number]").first).to_have_text(re.compile("0001$"))
    page.locator("tbody tr").first.locator('[data-move="1"]').click()
    expect(page.locator("button[value=file]")).to_have_count(0)
    expect(page.locator("tbody tr").first).to_contain_text("乙")
    page.locator("tbody tr").nth(1).locator("a.title").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("tbody tr").first).to_contain_text("甲")
    page.locator("tbody tr").first.drag_to(page.locator("tbody tr").nth(1), target_position={"x": 300, "y": 35})
    expect(page.locator("tbody tr").first).to_contain_text("乙")
    page.locator("button[value=preview]").click()
    expect(page.locator("tbody tr").first.locator("strong[data-number]")).to_have_text(re.compile("0001$"))
    page.locator("button[value=file]").click()
    expect(page.locator(".messages")).to_contain_text("0002")


PAGES = [
    "/",
    "/search/?q=违约",
    "/search/?q=违约&view=pages",
    "/register/",
    "/review/",
    "/review/{waiting}/",
    "/file/",
    "/records/{filed}/?q=违约",
]
LISTS = ["/numbers/", "/tiers/", "/tiers/ending/", "/loans/", "/loans/counter/", "/loans/register/", "/loans/report/", "/copies/"]
LISTS += ["/places/", "/releases/", "/leaks/", "/notices/"]


@pytest.mark.parametrize(("locale", "width", "dark"), [("zh-CN", 1280, False), ("en", 360, False), ("zh-CN", 1280, True)])
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    desk: Desk, work: Callable[[], int], locale: str, width: int, dark: bool
) -> None:
    """PRT-3: WCAG 2.2 AA on every page of the day, in both languages, light and dark, wide and narrow."""
    filed, waiting = factories.filed(), factories.registered()
    factories.reviewed()
    work()
    page = desk.sign_in("archivist2", locale=locale, width=width, dark=dark)
    for address in [*PAGES, *LISTS, "/records/{filed}/change/", "/records/{filed}/void/", "/records/{filed}/access/"]:
        page.goto(address.format(filed=filed.pk, waiting=waiting.pk))
        page.wait_for_load_state("networkidle")
        assert serious(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_the_first_page_is_light(desk: Desk) -> None:
    """look.md: under 100 KB of CSS and JS."""
    page = desk.sign_in("staff")
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(answer.body())) if re.search(r"\.(css|js)$", answer.url) else None)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) < 100_000
