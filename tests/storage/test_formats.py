"""What a file is, by its content (CAP-2): every accepted kind, and a sentence for every kind of bad one."""

import io
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.utils.translation import gettext

from storage.errors import NotAccepted, TooLarge
from storage.formats import DOCX, EML, JPEG, OVER, PDF, PNG, REASONS, TIFF, TXT, WEBP, XLSX, Format, recognise
from storage.sandbox import ROOT
from tests import samples

PLACES = re.compile(r"%\(\w+\)s")
Recognise = Callable[..., Format]


@pytest.fixture
def recognised(tmp_path: Path) -> Recognise:
    """Recognise bytes lying in a file that is called something else."""

    def recognised(data: bytes, name: str = "misleading.exe") -> Format:
        path = tmp_path / "spooled"
        path.write_bytes(data)
        return recognise(path, name=name)

    return recognised


def updated_pdf() -> bytes:
    """A PDF with an incremental update, as signing it makes."""
    from pypdf import PdfWriter

    writer = PdfWriter(io.BytesIO(samples.text_pdf()), incremental=True)
    writer.add_metadata({"/Title": "signed"})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (samples.text_pdf, Format(PDF, 2)),
        (lambda: samples.blank_pdf(3), Format(PDF, 3)),
        (samples.scanned_pdf, Format(PDF, 1)),
        (lambda: samples.text_pdf() + bytes(65_536), Format(PDF, 2)),  # padded, as some scanners do
        (updated_pdf, Format(PDF, 2)),
        (lambda: samples.tiff(3), Format(TIFF, 3)),
        (lambda: samples.tiff(2, compression="raw"), Format(TIFF, 2)),
        (lambda: samples.picture("JPEG"), Format(JPEG, 1)),
        (lambda: samples.picture("PNG"), Format(PNG, 1)),
        (lambda: samples.picture("WEBP"), Format(WEBP, 1)),
        (samples.docx, Format(DOCX, None)),
        (samples.xlsx, Format(XLSX, None)),
        (samples.CLAUSE.encode, Format(TXT, None)),
        (lambda: samples.CLAUSE.encode("utf-8-sig"), Format(TXT, None)),
        (lambda: samples.CLAUSE.encode("gb18030"), Format(TXT, None)),
        (lambda: "甲方應於本合同簽訂之日起十個工作日內向乙方支付".encode("big5"), Format(TXT, None)),
        (lambda: samples.CLAUSE.encode("utf-16"), Format(TXT, None)),
        (samples.eml, Format(EML, None)),
        (lambda: samples.eml(attachments=[("a.pdf", "application/pdf", samples.blank_pdf())]), Format(EML, None)),
    ],
)
def test_accepted_kinds_whatever_their_name(recognised: Recognise, make: Callable[[], bytes], expected: Format) -> None:
    assert recognised(make()) == expected


WORD_MAIN = b"wordprocessingml.document.main"
DOCTYPE = b"<?xml version='1.0'?><!DOCTYPE a><a/>"
BAD: list[tuple[str, Callable[[], bytes], str]] = [
    ("zero bytes", lambda: b"", "empty"),
    ("program for Windows", lambda: samples.WINDOWS_PROGRAM, "program"),
    ("program for Linux", lambda: samples.LINUX_PROGRAM, "program"),
    ("script", lambda: samples.SCRIPT, "program"),
    ("HTML", lambda: samples.HTML, "markup"),
    ("HTML after a comment", lambda: b"<!-- x --><p onclick=alert(1)>", "markup"),
    ("HTML further down", lambda: b"Dear all,\n\n<script>alert(1)</script>", "markup"),
    ("SVG", lambda: samples.SVG, "markup"),
    ("XML", lambda: b'<?xml version="1.0"?><a/>', "markup"),
    ("archive", samples.plain_zip, "archive"),
    ("Word of before 2007", lambda: samples.OLD_WORD, "old-office"),
    ("encrypted Office file", lambda: samples.ENCRYPTED_OFFICE, "encrypted"),
    ("GIF", lambda: samples.picture("GIF"), "other-kind"),
    ("noise", lambda: random.Random(7).randbytes(5000), "other-kind"),
    ("NUL in a text", lambda: b"contract\x00contract", "control-characters"),
    ("Latin-1", lambda: "Café crème brûlée".encode("latin-1"), "unknown-encoding"),
    ("PDF with a password", samples.encrypted_pdf, "encrypted"),
    ("PDF with rights taken away", lambda: samples.encrypted_pdf(user=""), "encrypted"),
    ("half a PDF", lambda: cut(samples.text_pdf(), 0.5), "truncated"),
    ("PDF without its last bytes", lambda: samples.text_pdf()[:-6], "truncated"),
    ("PDF updated and then cut", lambda: samples.text_pdf() + b"9 0 obj\n<< /Type /Page", "truncated"),
    ("PDF with a hole", lambda: hole(samples.text_pdf()), "damaged"),
    ("PDF in name only", lambda: b"%PDF-1.7\nnothing\n", "truncated"),
    ("half a JPEG", lambda: cut(samples.picture("JPEG"), 0.5), "truncated"),
    ("JPEG without its last bytes", lambda: cut(samples.picture("JPEG"), 0.95), "truncated"),
    ("half a PNG", lambda: cut(samples.picture("PNG"), 0.5), "truncated"),
    ("PNG with a hole", lambda: hole(samples.picture("PNG")), "damaged"),
    ("half a WebP", lambda: cut(samples.picture("WEBP"), 0.5), "truncated"),
    ("half a TIFF", lambda: cut(samples.tiff(3), 0.5), "damaged"),
    ("half a TIFF, not packed", lambda: cut(samples.tiff(3, compression="raw"), 0.5), "truncated"),
    ("broken TIFF", lambda: b"II*\x00\xff\xff\xff\x00" + bytes(40), "damaged"),
    ("TIFF without pages", lambda: b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00", "damaged"),
    ("half a DOCX", lambda: cut(samples.docx(), 0.5), "truncated"),
    ("DOCX with a hole", lambda: hole(samples.docx()), "damaged"),
    ("DOCX with macros", samples.macro_docx, "macros"),
    ("DOCM", lambda: samples.repacked(samples.docx(), replace=(WORD_MAIN, b"x.macroEnabled.main")), "macros"),
    (
        "DOCX with entities",
        lambda: samples.repacked(samples.docx(), add={"word/x.xml": DOCTYPE}),
        "damaged",
    ),
    (
        "PPTX",
        lambda: samples.repacked(samples.docx(), replace=(WORD_MAIN, b"presentationml.presentation.main")),
        "other-kind",
    ),
    ("cut mail", lambda: cut(samples.eml(attachments=[("a.pdf", "application/pdf", samples.text_pdf())]), 0.7), "truncated"),
    ("moving picture", lambda: animated(2), "animated"),
]


@pytest.mark.parametrize(("make", "code"), [pytest.param(make, code, id=name) for name, make, code in BAD])
def test_each_bad_kind_is_refused_with_its_reason(recognised: Recognise, make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(NotAccepted) as refusal:
        recognised(make(), "contract.pdf")
    assert refusal.value.code == code
    assert not isinstance(refusal.value, TooLarge)
    assert str(refusal.value) == gettext(REASONS[code]) % {"seems": refusal.value.details.get("seems")}


@pytest.mark.parametrize(
    ("setting", "value", "make", "code"),
    [
        ("MUNIMENT_MAX_FILE_MB", 1, lambda: b"text\n" * 300_000, "file-size"),
        ("MUNIMENT_MAX_PAGES", 4, lambda: samples.blank_pdf(5), "too-many-pages"),
        ("MUNIMENT_MAX_PAGES", 2, lambda: samples.tiff(3), "too-many-pages"),
        ("MUNIMENT_MAX_MEGAPIXELS", 300, samples.pixel_bomb_png, "too-many-pixels"),
        ("MUNIMENT_MAX_MEGAPIXELS", 300, samples.pixel_bomb_pdf, "too-many-pixels"),
        ("MUNIMENT_MAX_MEGAPIXELS", 1, lambda: samples.picture("JPEG", width=1200, height=1000), "too-many-pixels"),
        ("MUNIMENT_MAX_UNPACKED_MB", 20, lambda: samples.bomb_docx(megabytes=30), "too-large-unpacked"),
        ("MUNIMENT_MAX_UNPACKED_MB", 20, lambda: samples.bomb_pdf(megabytes=30), "too-large-unpacked"),
    ],
)
def test_over_a_limit_names_the_limit(
    settings: Any, recognised: Recognise, setting: str, value: int, make: Callable[[], bytes], code: str
) -> None:
    setattr(settings, setting, value)
    with pytest.raises(TooLarge) as refusal:
        recognised(make())
    assert refusal.value.code == code
    assert setting in str(refusal.value)
    assert str(value) in str(refusal.value)


def test_a_zip_that_lies_about_its_size_is_counted_not_believed(settings: Any, recognised: Recognise) -> None:
    settings.MUNIMENT_MAX_UNPACKED_MB = 20
    honest = samples.bomb_docx(megabytes=30)
    size = (30 * 1024 * 1024).to_bytes(4, "little")
    with pytest.raises(NotAccepted) as refusal:
        recognised(honest.replace(size, (1000).to_bytes(4, "little")))
    assert refusal.value.code in {"damaged", "too-large-unpacked"}


def test_what_needs_more_memory_than_allowed_is_named_so(settings: Any, recognised: Recognise) -> None:
    from PIL import Image

    settings.MUNIMENT_MAX_OPEN_MB = 200
    with pytest.raises(TooLarge) as refusal:
        recognised(samples.saved(Image.new("RGB", (9000, 6000)), "PNG", compress_level=1))
    assert refusal.value.code == "open-memory"
    assert "200" in str(refusal.value)


def test_a_good_file_after_a_bad_one_is_none_the_worse(recognised: Recognise) -> None:
    for make in (samples.bomb_pdf, lambda: cut(samples.tiff(), 0.5)):
        with pytest.raises(NotAccepted):
            recognised(make())
    assert recognised(samples.text_pdf()) == Format(PDF, 2)


def test_every_reason_says_what_to_do_in_chinese_too() -> None:
    sentences = (REASONS | OVER).values()
    assert all(". " in sentence for sentence in sentences)
    with (ROOT / "storage/locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        translated = {message.id: message.string for message in read_po(file, locale="zh_Hans")}
    places = re.compile(r"%\(\w+\)s")
    assert [
        sentence for sentence in sentences if sorted(places.findall(translated.get(sentence, "%"))) != sorted(places.findall(sentence))
    ] == []
    assert all(translated[sentence] for sentence in sentences)


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def hole(data: bytes) -> bytes:
    return data[: len(data) // 3] + data[len(data) // 2 :]


def animated(count: int) -> bytes:
    from PIL import Image

    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "red")[:count]]
    return samples.saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])
