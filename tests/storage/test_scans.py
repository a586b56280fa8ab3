"""Scans are judged by what they are, not by what they say (CAP-14)."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from storage import scans
from storage.formats import DOCX, JPEG, PDF, TIFF
from tests import samples


def judged(tmp_path: Path, data: bytes, media_type: str, **options: Any) -> dict[str, Any]:
    path = tmp_path / "scan"
    path.write_bytes(data)
    return scans.judge(path, media_type=media_type, **options)


def codes(verdict: dict[str, Any]) -> dict[str, list[int]]:
    return {warning["code"]: warning["pages"] for warning in verdict["warnings"]}


@pytest.mark.parametrize("angle", [-4.0, -1.6, 0.0, 2.4, 3.6])
def test_skew_is_measured(tmp_path: Path, angle: float) -> None:
    verdict = judged(tmp_path, samples.saved(samples.page_image(samples.CLAUSE * 5, angle=angle), "JPEG", dpi=(300, 300)), JPEG)
    assert verdict["pages"][0]["skew"] == pytest.approx(-angle, abs=0.3)
    assert codes(verdict) == ({"skew": [1]} if abs(angle) > 3 else {})


def test_resolution_is_the_files_word_or_that_of_its_paper(tmp_path: Path) -> None:
    image = samples.page_image(samples.CLAUSE)
    assert codes(judged(tmp_path, samples.saved(image, "JPEG", dpi=(240, 240)), JPEG)) == {"resolution-for-print": [1]}
    assert codes(judged(tmp_path, samples.saved(image, "JPEG"), JPEG)) == {"low-resolution": [1]}  # A4 of 1240 pixels
    assert judged(tmp_path, samples.scanned_pdf([image]), PDF)["pages"][0]["dpi"] == pytest.approx(150, abs=1)


def test_blank_and_doubled_pages_are_named(tmp_path: Path) -> None:
    first, second = samples.page_image(samples.CLAUSE * 6), samples.page_image("第二页的清单" * 90, title="附件")
    again = samples.page_image(samples.CLAUSE * 6, angle=0.4)
    blank = Image.effect_noise(first.size, 8).point(lambda value: min(255, value + 110))
    sheets = [first, again, blank, second]
    verdict = judged(tmp_path, samples.saved(first, "TIFF", save_all=True, append_images=sheets[1:], dpi=(300, 300)), TIFF)
    assert codes(verdict) == {"doubled": [2], "blank": [3]}


def test_the_declared_number_of_pages_is_compared(tmp_path: Path) -> None:
    verdict = judged(tmp_path, samples.text_pdf(), PDF, pages=2, declared=3)
    assert verdict == {"pages": [], "warnings": [{"code": "page-count", "pages": [], "found": 2, "declared": 3}]}
    assert "3" in scans.sentences(verdict)[0]


def test_what_was_never_scanned_has_no_verdict(tmp_path: Path) -> None:
    for data, media_type in ((samples.text_pdf(), PDF), (samples.docx(), DOCX)):
        assert judged(tmp_path, data, media_type) == {"pages": [], "warnings": []}


def test_every_warning_can_be_said() -> None:
    every = {"warnings": [{"code": code, "pages": [2, 5], "found": 1, "declared": 2} for code in scans.WARNINGS]}
    assert all("%" not in sentence for sentence in scans.sentences(every))
    assert sum("2, 5" in sentence for sentence in scans.sentences(every)) == 5
