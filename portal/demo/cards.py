"""Papers that are pictures more than text: copies of identity cards, business licences, property certificates."""

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

from portal.demo.drafting import chapters, fill
from portal.demo.figures import chinese_date
from portal.demo.fonts import BOLD, TEXT, width_of
from portal.demo.layout import A4, Mark, Page, wrap
from portal.demo.people import Company, Person

CARD = (243.0, 153.0)  # points: 85.6 × 54 mm, ISO/IEC 7810 ID-1
PALE, BLUE, INK, RED = "#e9f1f3", "#2b5a86", "#111111", "#b3261e"
VALIDITY = 20  # years of an identity card between 26 and 45


def text(x: float, y: float, words: str, size: float, *, font: str = TEXT, colour: str = INK) -> Mark:
    """One line of text."""
    return Mark("text", x, y, words, font, size, colour=colour)


def centred(y: float, words: str, size: float, *, font: str = BOLD, colour: str = INK) -> Mark:
    """One line in the middle of the page."""
    return text((A4[0] - width_of(words, size, font)) / 2, y, words, size, font=font, colour=colour)


def identity_front(person: Person, *, x: float, y: float) -> list[Mark]:
    """The side with the portrait."""
    marks = [Mark("box", x, y, to=CARD, fill=PALE, size=0.6, colour="#88aaaa")]
    rows = [("姓名", person.name), ("性别", f"{person.sex}　民族　汉"), ("出生", chinese_date(person.born)), ("住址", "")]
    for place, (label, value) in enumerate(rows):
        level = y + 126 - place * 19
        marks += [text(x + 15, level, label, 7.5, colour=BLUE), text(x + 43, level, value, 9.5)]
    lines = [line for line, _wide in wrap(person.address, 112, 9)]
    marks += [text(x + 43, y + 69 - place * 12, line, 9) for place, line in enumerate(lines)]
    marks += [text(x + 15, y + 16, "公民身份号码", 7.5, colour=BLUE), text(x + 76, y + 15, person.identity_number, 12, font=BOLD)]
    return marks + portrait(x + 168, y + 45)


def portrait(x: float, y: float) -> list[Mark]:
    """A head and shoulders, nobody's."""
    return [
        Mark("box", x, y, to=(58, 74), fill="#d4dde2", size=0),
        Mark("disc", x + 5, y - 4, to=(48, 36), fill="#3a4250"),
        Mark("box", x + 2, y - 6, to=(54, 6), fill=PALE, size=0),
        Mark("disc", x + 18, y + 28, to=(23, 31), fill="#c8a88f"),
        Mark("disc", x + 17, y + 45, to=(25, 18), fill="#2a2422"),
    ]


def identity_back(person: Person, issued: date, *, x: float, y: float) -> list[Mark]:
    """The side with the issuing office."""
    until = date(issued.year + VALIDITY, issued.month, min(issued.day, 28))
    return [
        Mark("box", x, y, to=CARD, fill=PALE, size=0.6, colour="#88aaaa"),
        Mark("disc", x + 16, y + 96, to=(42, 42), fill=RED),
        text(x + 74, y + 122, "中华人民共和国", 13, font=BOLD),
        text(x + 74, y + 98, "居 民 身 份 证", 15, font=BOLD),
        text(x + 34, y + 42, "签发机关", 8, colour=BLUE),
        text(x + 84, y + 41, f"{person.city}公安局", 9.5),
        text(x + 34, y + 22, "有效期限", 8, colour=BLUE),
        text(x + 84, y + 21, f"{issued:%Y.%m.%d}-{until:%Y.%m.%d}", 9.5),
    ]


def identity_copy(person: Person, issued: date, purpose: str) -> list[Page]:
    """Both sides on one sheet, with the line that limits what the copy is for."""
    x = (A4[0] - CARD[0]) / 2
    marks = identity_front(person, x=x, y=560) + identity_back(person, issued, x=x, y=350)
    marks += [centred(300, f"此复印件仅供{purpose}使用，再次复印无效", 12, font=TEXT, colour="#333333")]
    marks += [Mark("hand", 350, 255, person.name, size=17, colour="#16264f")]
    return [Page(marks)]


def identity_sides(person: Person, issued: date) -> tuple[list[Page], list[Page]]:
    """Front and back as two files."""
    x = (A4[0] - CARD[0]) / 2
    return [Page(identity_front(person, x=x, y=480))], [Page(identity_back(person, issued, x=x, y=480))]


def _rows(chapter: str, values: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Label and filled-in value of each line of a chapter of texts/cards.txt."""
    for line in chapters("cards", "===")[chapter]:
        label, value = line.split(" | ", 1)
        yield label, fill(value, values, rng)


def passport(person: Person, issued: date) -> list[Page]:
    """The data page of a passport, with its two machine-readable lines."""
    given, surname = person.english.split(" ", 1)
    until = date(issued.year + 10, issued.month, min(issued.day, 28))
    days = {"born": f"{person.born:%d %b %Y}", "issued": f"{issued:%d %b %Y}", "until": f"{until:%d %b %Y}"}
    values = {"person": person, "given": given.upper(), "surname": surname.upper(), **days}
    x, y = 110.0, 420.0
    marks = [Mark("box", x, y, to=(375, 265), fill="#f3efe6", size=0.6, colour="#aa9988"), text(x + 20, y + 235, "PASSPORT", 15, font=BOLD)]
    for place, (label, value) in enumerate(_rows("passport", values, random.Random(0))):  # noqa: S311 - it has no choices
        marks += [text(x + 120, y + 205 - place * 25, label, 7, colour=BLUE), text(x + 120, y + 193 - place * 25, value, 11)]
    lines = (f"P<GBR{values['surname']}<<{values['given']}", f"{person.passport}<0GBR{person.born:%y%m%d}")
    marks += [text(x + 14, y + 30 - place * 16, line.ljust(40, "<"), 11) for place, line in enumerate(lines)]
    return [Page(marks + portrait(x + 30, y + 120))]


GOLD = "#b8892b"


def licence(company: Company, issued: date, capital: str, rng: random.Random) -> list[Page]:
    """A business licence."""
    marks = [Mark("box", 45, 150, to=(505, 640), size=3, colour=GOLD), Mark("box", 52, 157, to=(491, 626), size=0.8, colour=GOLD)]
    marks += [Mark("disc", 272, 715, to=(52, 52), fill=RED), centred(665, "营 业 执 照", 34)]
    marks.append(centred(640, f"（副本）编号：{rng.randrange(10**12):012}", 9.5, font=TEXT))
    y = 595.0
    for label, value in _rows("licence", {"company": company, "capital": capital, "issued": chinese_date(issued)}, rng):
        marks.append(text(85, y, label, 11.5, font=BOLD))
        for line, _wide in wrap(value, 300, 12):
            marks.append(text(205, y, line, 12))
            y -= 19
        y -= 12
    marks += [text(330, 210, "登记机关", 12, font=BOLD), text(330, 185, chinese_date(issued), 12)]
    marks.append(Mark("seal", 420, 212, f"{company.city}市场监督管理局"))
    marks.append(centred(164, "国家企业信用信息公示系统报送公示年度报告", 8, font=TEXT, colour="#555555"))
    return [Page(marks)]


def property_certificate(holder: str, values: dict[str, Any], issued: date) -> list[Page]:
    """A certificate of real estate: the cover page and the page of particulars."""
    cover = [Mark("box", 0, 0, to=A4, fill="#8f1d22", size=0), Mark("disc", 257, 590, to=(82, 82), fill="#d9b45b")]
    cover += [centred(510, "中华人民共和国", 24, colour="#e5c877"), centred(455, "不动产权证书", 34, colour="#e5c877")]
    inside = [Mark("box", 70, 110, to=(455, 640), size=1, colour=RED), text(90, 720, str(values["certificate"]), 13, font=BOLD)]
    inside += _particulars(values | {"holder": holder})
    inside += [text(340, 150, f"{values['city']}自然资源和规划局", 11), text(340, 130, chinese_date(issued), 11)]
    inside.append(Mark("seal", 430, 165, f"{values['city']}不动产登记专用章"))
    return [Page(cover), Page(inside)]


def _particulars(values: dict[str, Any]) -> list[Mark]:
    """The ruled rows of a certificate."""
    marks, y = [], 690.0
    for label, value in _rows("property", values, random.Random(0)):  # noqa: S311 - it has no choices
        lines = [line for line, _wide in wrap(value, 300, 11)]
        marks += [Mark("line", 70, y, to=(525, y), size=0.5, colour=RED), text(85, y - 22, label, 11, colour=RED)]
        marks += [text(195, y - 22 - place * 17, line, 11) for place, line in enumerate(lines)]
        y -= max(len(lines), 1) * 17 + 18
    marks.append(Mark("line", 70, y, to=(525, y), size=0.5, colour=RED))
    marks.append(Mark("line", 182, 690, to=(182, y), size=0.5, colour=RED))
    return marks
