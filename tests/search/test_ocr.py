"""Scans are read for real: with a slant, on their side, on their head, several in one TIFF (FND-1, FND-9, FND-11)."""

import subprocess
import sys
from pathlib import Path

import pytest

from search.text import ocr
from search.text.extraction import extract
from search.text.inside.recognition import Piece, in_order
from search.text.page import Box, PageText
from storage.formats import JPEG, PDF, TIFF
from tests import samples
from tests.search.test_text import darkness, ink_outside

LINES = "合同编号：HT-2026-0001\n金额：人民币3,531,000.00元\n甲方：杭州离心泵有限公司\nParty B: Pump Trading Co., Ltd."


def read(tmp_path: Path, data: bytes, media_type: str) -> tuple[Path, list[PageText]]:
    path = tmp_path / "scan"
    path.write_bytes(data)
    return path, list(extract(path, media_type=media_type))


def test_a_slanted_scan_is_read_and_its_words_are_where_the_ink_is(tmp_path: Path) -> None:
    image = samples.page_image(f"{samples.CLAUSE}\n{LINES}", angle=1.2)
    path, (page,) = read(tmp_path, samples.scanned_pdf([image]), PDF)
    assert page.source == "ocr"
    assert page.confidence is not None
    assert page.confidence > 0.95
    assert samples.CLAUSE in page.text.replace(",", "，")
    for expected in ("HT-2026-0001", "3,531,000.00", "杭州离心泵有限公司", "Party B: Pump Trading Co., Ltd."):
        assert expected in page.text
    place = page.text.index("离心")
    (box,) = page.boxes(place, place + 2)
    assert darkness(path, PDF, box) > 0.05
    assert 0.015 < box.x1 - box.x0 < 0.06
    assert box.y1 - box.y0 < 0.04
    assert ink_outside(path, PDF, page.boxes(0, len(page.text))) < 0.05
    assert all(word.confidence is not None for word in page.words)


@pytest.mark.parametrize("turns", [1, 2])
def test_a_page_that_lies_on_its_side_or_head_is_read_and_boxed_as_it_lies(tmp_path: Path, turns: int) -> None:
    image = samples.page_image("甲方：杭州离心泵有限公司\n乙方：宁波压力表厂", width=640, size=28).rotate(90 * turns, expand=True)
    path, (page,) = read(tmp_path, samples.saved(image, "JPEG"), JPEG)
    assert page.text.split("\n") == [samples.TITLE, "甲方：杭州离心泵有限公司", "乙方：宁波压力表厂"]
    assert ink_outside(path, JPEG, page.boxes(0, len(page.text))) < 0.05
    place = page.text.index("离心")
    x, y = middle(page.boxes(place, place + 2))
    # Upright it stands in the left upper half; a quarter turn against the clock brings that down, half a turn to the right as well.
    assert (x < 0.5, y > 0.5) == (turns == 1, True)


def middle(boxes: list[Box]) -> tuple[float, float]:
    """The place around which the boxes lie."""
    xs, ys = [edge for box in boxes for edge in (box.x0, box.x1)], [edge for box in boxes for edge in (box.y0, box.y1)]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def test_every_page_of_a_tiff_is_read_with_progress(tmp_path: Path) -> None:
    texts = ("借款合同第一页", "抵押清单第二页")
    first, second = (samples.page_image(text, title="", width=640, size=30).convert("1") for text in texts)
    path = tmp_path / "scan"
    path.write_bytes(samples.saved(first, "TIFF", save_all=True, append_images=[second], compression="group4"))
    told: list[tuple[int, int]] = []
    found = list(extract(path, media_type=TIFF, progress=lambda done, total: told.append((done, total))))
    assert [(page.number, page.text) for page in found] == list(enumerate(texts, 1))
    assert told == [(1, 2), (2, 2)]


def test_a_picture_without_text_has_none(tmp_path: Path) -> None:
    from PIL import Image

    _path, (page,) = read(tmp_path, samples.saved(Image.new("RGB", (800, 1100), "white"), "JPEG"), JPEG)
    assert (page.text, page.source, page.confidence, page.words) == ("", "ocr", None, ())


def test_columns_are_read_one_after_the_other_and_forms_line_by_line() -> None:
    columns = [piece(side, 100 if side == "左" else 900, 200 + 50 * row, 700) for row in range(8) for side in ("左", "右")]
    heading = piece("标题", 500, 50, 600)
    assert said([heading, *columns], 1700) == ["标题", *["左"] * 8, *["右"] * 8]
    labels = [piece("项", 100, 200 + 50 * row, 120) for row in range(8)]
    values = [piece("值", 900, 203 + 50 * row, 200) for row in range(8)]
    assert said([*labels, *values], 1700) == ["项值"] * 8


def said(pieces: list[Piece], width: float) -> list[str]:
    """The lines in the order in which they are read."""
    return ["".join(cell.text for cell in line.cells) for line in in_order(pieces, width)]


def piece(text: str, left: float, top: float, width: float) -> Piece:
    """A stretch of print as the detector finds it."""
    step = width / len(text)
    words = [(character, 0.99, [[left + step * n, top], [left + step * (n + 1), top + 30]]) for n, character in enumerate(text)]
    return Piece([[left, top], [left + width, top], [left + width, top + 30], [left, top + 30]], text, words)


def test_the_reader_is_one_process_and_stays_warm() -> None:
    ocr.warm()
    before = ocr.reader.run("os:getpid").value
    ocr.warm()
    assert ocr.reader.run("os:getpid").value == before
    assert ocr.reader.size == 1


def test_nothing_that_reports_usage_is_loaded_with_the_models() -> None:
    asked = "import sys; from search.text.inside import recognition; recognition.warm(); print(sys.modules['openvino_telemetry'])"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.strip() == "None"
