"""Text of every format in its normal form, with the places of its words (FND-1, FND-9)."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from search import fold
from search.text.extraction import extract
from search.text.layout import Cell, Line, compose
from search.text.page import Box, PageText, Word, pack_all, unpack_all
from storage import pages
from storage.errors import NotAccepted
from storage.formats import DOCX, EML, PDF, TXT, XLSX
from tests import samples


@pytest.fixture
def texts(tmp_path: Path) -> Any:
    """The pages of a file given as bytes."""

    def texts(data: bytes, media_type: str, **options: Any) -> list[PageText]:
        path = tmp_path / "file"
        path.write_bytes(data)
        return list(extract(path, media_type=media_type, **options))

    return texts


# --- PDF ---------------------------------------------------------------------------------------------------------------


def test_running_text_of_a_pdf_runs_on_over_the_ends_of_lines(texts: Any) -> None:
    first, second = texts(samples.text_pdf((samples.CLAUSE * 6, samples.CLAUSE)), PDF)
    assert first.text == f"{samples.TITLE}\n{samples.CLAUSE * 6}"
    assert (first.number, first.source, first.confidence) == (1, "embedded", None)
    assert second.text == f"{samples.TITLE}\n{samples.CLAUSE}"


def test_every_window_of_the_text_is_found_as_a_phrase_and_boxed(texts: Any) -> None:
    (page,) = texts(samples.text_pdf((samples.CLAUSE * 3,)), PDF)
    for start in range(len(samples.CLAUSE) * 3 - 8):
        window = (samples.CLAUSE * 3)[start : start + 8]
        place = page.text.index(window)
        assert page.boxes(place, place + 8)


def test_paragraphs_stay_apart(texts: Any) -> None:
    (page,) = texts(samples.text_pdf(("第一条 标的\n甲方向乙方购买设备。\n第二条 价款\n" + samples.CLAUSE,)), PDF)
    assert page.text.split("\n") == [samples.TITLE, "第一条 标的", "甲方向乙方购买设备。", "第二条 价款", samples.CLAUSE]


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_boxes_lie_where_the_ink_is_however_the_page_is_turned(tmp_path: Path, turned: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(samples.text_pdf(("甲方 No. 17\n违约金",), turned=turned))
    (page,) = extract(path, media_type=PDF)
    boxes = page.boxes(0, len(page.text))
    assert ink_outside(path, PDF, boxes) < 0.02
    assert all(darkness(path, PDF, box) > 0.05 for box in boxes)
    place = page.text.index("约")
    (one,) = page.boxes(place, place + 1)
    assert darkness(path, PDF, one) > 0.05
    assert max(one.x1 - one.x0, one.y1 - one.y0) < 0.035


def test_boxes_of_a_phrase_over_a_line_end_are_two(texts: Any) -> None:
    (page,) = texts(samples.text_pdf((samples.CLAUSE,)), PDF)
    columns = len(samples.wrapped(samples.CLAUSE, int((samples.A4[0] - 144) // 12))[0])
    place = len(samples.TITLE) + 1 + columns - 2
    upper, lower = page.boxes(place, place + 5)
    assert upper.y1 <= lower.y0 + 0.01
    assert upper.x0 > 0.7
    assert lower.x0 < 0.2


def test_words_of_english_stand_apart_and_hyphens_at_line_ends_go() -> None:
    lines = [line("The Buyer shall pay the agree-", 0), line("ment price within ten days of the", 1), line("signing date.", 2)]
    page = compose(lines, number=1, source="embedded", width=100, height=100)
    assert page.text == "The Buyer shall pay the agreement price within ten days of the signing date."
    assert all(page.text[word.start : word.end] in page.text for word in page.words)
    assert [page.text[word.start : word.end] for word in page.words][5:7] == ["agree", "ment"]


def line(text: str, number: int) -> Line:
    cells, at = [], 0
    for place, word in enumerate(text.split(" ")):
        cells.append(Cell(word, Box(at, number * 12, at + len(word) * 5, number * 12 + 10), blank=place > 0))
        at += len(word) * 5 + 5
    return Line(cells)


def test_an_empty_page_is_empty_and_no_scan(texts: Any) -> None:
    assert [(page.text, page.source, page.words) for page in texts(samples.blank_pdf(2), PDF)] == [("", "embedded", ())] * 2


def test_progress_is_told_after_each_page(texts: Any) -> None:
    told: list[tuple[int, int]] = []
    texts(samples.text_pdf(["合同"] * 5), PDF, progress=lambda done, total: told.append((done, total)))
    assert told == [(number, 5) for number in range(1, 6)]


def test_what_cannot_be_opened_is_refused_with_a_sentence(texts: Any) -> None:
    for media_type in (PDF, DOCX, XLSX):
        with pytest.raises(NotAccepted) as refusal:
            texts(b"%PDF-1.7 nothing of the kind", media_type)
        assert refusal.value.code == "damaged"


def darkness(path: Path, media_type: str, box: Box) -> float:
    """The share of ink in a box of the first page."""
    image = drawn(path, media_type)
    ink = image.crop(on(image, box)).histogram()
    return ink[255] / sum(ink)


def ink_outside(path: Path, media_type: str, boxes: list[Box]) -> float:
    """The share of the first page's ink that no box covers."""
    image = drawn(path, media_type)
    before = image.histogram()[255]
    for box in boxes:
        image.paste(0, on(image, box))
    return image.histogram()[255] / before


def drawn(path: Path, media_type: str) -> Image.Image:
    """The first page, 255 where there is ink and 0 elsewhere."""
    page = Image.open(io.BytesIO(pages.render(path, media_type=media_type, page=1, width=1000))).convert("L")
    return page.point(lambda value: 255 if value < 140 else 0)


def on(image: Image.Image, box: Box) -> tuple[int, int, int, int]:
    """The box in pixels of the image."""
    x0, y0, x1, y1 = (round(edge * side) for edge, side in zip(box, image.size * 2, strict=True))
    return x0, y0, x1, y1


# --- Office files, text, mail ------------------------------------------------------------------------------------------


def test_docx_gives_paragraphs_and_tables(texts: Any) -> None:
    (part,) = texts(samples.docx(("采购合同", "第一条　标的\t如下："), table=(("品名", "数量"), ("离心泵", "12"))), DOCX)
    assert part.text == "采购合同\n第一条 标的 如下：\n品名\t数量\n离心泵\t12"
    assert (part.number, part.source, part.confidence, part.words) == (1, "embedded", None, ())


def test_docx_gives_headers_and_notes_too(texts: Any) -> None:
    from docx import Document

    document = Document()
    document.add_paragraph("正文")
    document.sections[0].header.paragraphs[0].text = "机密★10年"
    buffer = io.BytesIO()
    document.save(buffer)
    assert "机密★10年" in texts(buffer.getvalue(), DOCX)[0].text


def test_xlsx_gives_sheets_rows_and_dates(texts: Any) -> None:
    import datetime

    rows = [("编号", "签订", "金额"), ("HT-2026-0001", datetime.date(2026, 3, 5), 3531000.0), (None, None, 0.5)]
    (part,) = texts(samples.xlsx(rows, sheet="台账"), XLSX)
    assert part.text == "台账\n编号\t签订\t金额\nHT-2026-0001\t2026-03-05\t3531000\n0.5"


def test_xlsx_that_lies_about_its_size_is_read_all_the_same(texts: Any) -> None:
    book = samples.xlsx()
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part).replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:XFD1048576"'))
    assert "HT-2026-0001" in texts(buffer.getvalue(), XLSX)[0].text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
def test_plain_text_in_each_encoding(texts: Any, encoding: str) -> None:
    data = "\ufeff".encode(encoding) * (encoding == "utf-16-be") + f"{samples.TITLE}\r\n\r\n  {samples.CLAUSE}\u3000\r\n".encode(encoding)
    (part,) = texts(data, TXT)
    assert part.text == f"{samples.TITLE}\n{samples.CLAUSE}"


def test_traditional_text_in_big5(texts: Any) -> None:
    text = "甲方應於本合同簽訂之日起十個工作日內向乙方支付合同總價款百分之三十作為預付款。"
    assert texts(text.encode("big5"), TXT)[0].text == text


def test_long_text_comes_in_parts_cut_between_paragraphs(texts: Any) -> None:
    paragraphs = [f"第{number}条 {samples.CLAUSE}" for number in range(500)]
    parts = texts("\n".join(paragraphs).encode(), TXT)
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert len(parts) > 2
    assert max(len(part.text) for part in parts) <= 20_000
    assert "\n".join(part.text for part in parts).split("\n") == paragraphs


def test_mail_gives_headers_body_and_what_is_attached(texts: Any) -> None:
    attached = [
        ("报价.docx", DOCX, samples.docx(("离心泵报价",))),
        ("清单.txt", "text/plain", "压力表".encode("gb18030")),
        ("合同.pdf", PDF, samples.text_pdf(("抵押登记",))),
        ("坏.xlsx", XLSX, b"PK\x03\x04 broken"),
        ("程序.exe", "application/octet-stream", samples.WINDOWS_PROGRAM),
    ]
    (part,) = texts(samples.eml(subject="合同扫描件", body="请查收。", attachments=attached), EML)
    lines = part.text.split("\n")
    assert lines[0] == "Subject: 合同扫描件"
    assert "From: 王五 <wangwu@example.com>" in lines
    for expected in ("请查收。", "报价.docx", "离心泵报价", "压力表", "抵押登记", "坏.xlsx", "程序.exe"):
        assert expected in part.text


def test_mail_in_html_is_stripped_and_said_once(texts: Any) -> None:
    html = "<html><head><title>x</title><style>p{}</style></head><body><p>违约&nbsp;条款</p><script>alert(1)</script></body></html>"
    plain_too = texts(samples.eml(body="只有这一句", html=html), EML)[0].text
    assert "只有这一句" in plain_too
    assert "违约" not in plain_too
    only = b"From: a@example.com\nDate: Thu, 05 Mar 2026 09:30:00 +0800\nContent-Type: text/html; charset=gb2312\n\n" + html.encode(
        "gb18030"
    )
    assert texts(only, EML)[0].text.endswith("\n违约 条款")


# --- the form in which pages are kept ----------------------------------------------------------------------------------


def test_a_page_comes_back_as_it_was_kept() -> None:
    words = (Word(0, 4, Box(0.1, 0.2, 0.5, 0.25), 0.98), Word(5, 9, Box(0.5, 0.2, 0.9, 0.25)))
    page = PageText(number=7, text="设备采购\nPump", source="ocr", confidence=0.9831, words=words)
    (back,) = unpack_all(pack_all([page]))
    assert (back.number, back.text, back.source, back.confidence) == (7, page.text, "ocr", 0.9831)
    assert [(word.start, word.end, word.confidence) for word in back.words] == [(0, 4, 0.98), (5, 9, None)]
    assert back.words[0].box == pytest.approx(words[0].box, abs=1e-4)


@pytest.mark.parametrize("data", [b"", b"MTP1", b"MTP1\x00\x01", b"<html>"])
def test_anything_else_is_no_page(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a page"):
        PageText.from_bytes(data)


def test_kept_pages_are_small(texts: Any) -> None:
    (page,) = texts(samples.text_pdf((samples.CLAUSE * 6,)), PDF)
    assert len(page.to_bytes()) < len(page.text.encode())


@given(st.integers(0, 9), st.integers(1, 10))
def test_boxes_of_a_part_lie_inside_the_word(start: int, length: int) -> None:
    page = PageText(1, "甲方应于本合同签订之", words=(Word(0, 10, Box(0.1, 0.5, 0.6, 0.52)),))
    (box,) = page.boxes(start, min(10, start + length))
    assert box.x0 == pytest.approx(0.1 + start * 0.05)
    assert box.x1 == pytest.approx(0.1 + min(10, start + length) * 0.05)
    assert (box.y0, box.y1) == (0.5, 0.52)


def test_folding_a_page_moves_no_place(texts: Any) -> None:
    (page,) = texts(samples.text_pdf((samples.CLAUSE,)), PDF)
    assert len(fold.fold(page.text)) == len(page.text)
