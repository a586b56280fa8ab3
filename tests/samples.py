"""Small real files of every kind, made here: good ones, and one of each kind of bad one."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from email.message import EmailMessage
from functools import cache
from typing import Any

FONT = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
A4 = (595.28, 841.89)  # points
CLAUSE = (
    "甲方应于本合同签订之日起十个工作日内向乙方支付合同总价款百分之三十作为预付款，余款于验收合格后支付。"
    "乙方逾期交付的，每逾期一日应按合同总价款的千分之一向甲方支付违约金；逾期超过三十日的，甲方有权解除本合同。"
)
TITLE = "设备采购合同"


# --- PDF ---------------------------------------------------------------------------------------------------------------


def text_pdf(pages: Sequence[str] = (CLAUSE * 6, CLAUSE * 4), *, title: str = TITLE, size: int = 12, turned: int = 0) -> bytes:
    """A born-digital PDF: a title, then running Chinese text wrapped at the margin, a page for each string; `turned` is /Rotate."""
    from reportlab.lib.pagesizes import A4 as PAPER
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=PAPER, pageCompression=1, invariant=1)
    for text in pages:
        canvas.setFont("STSong-Light", size + 6)
        canvas.drawCentredString(PAPER[0] / 2, PAPER[1] - 72, title)
        canvas.setFont("STSong-Light", size)
        for number, line in enumerate(wrapped(text, int((PAPER[0] - 144) // size))):
            canvas.drawString(72, PAPER[1] - 110 - number * size * 1.6, line)
        canvas.showPage()
    canvas.save()
    return _turned(buffer.getvalue(), turned)


def _turned(data: bytes, degrees: int) -> bytes:
    """The PDF with /Rotate on its pages."""
    from pypdf import PdfReader, PdfWriter

    if not degrees:
        return data
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    for page in writer.pages:
        page.rotate(degrees)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def wrapped(text: str, columns: int) -> list[str]:
    """The text cut into lines of `columns` characters, as a Chinese typesetter does."""
    return [line[at : at + columns] for line in text.split("\n") for at in range(0, len(line) or 1, columns)]


def blank_pdf(pages: int = 1) -> bytes:
    """A PDF of empty pages."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    for _number in range(pages):
        writer.add_blank_page(*A4)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def encrypted_pdf(*, user: str = "open", owner: str = "owner") -> bytes:
    """A PDF under a password; `user=""` opens for everyone, with rights taken away."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(blank_pdf())))
    writer.encrypt(user_password=user, owner_password=owner, algorithm="AES-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def scanned_pdf(images: Sequence[Any] | None = None, *, turned: int = 0) -> bytes:
    """A PDF of scanned pages: pictures only, no text."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for image in images or (page_image(),):
        canvas.drawImage(ImageReader(image), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return _turned(buffer.getvalue(), turned)


def raw_pdf(*objects: bytes) -> bytes:
    """A PDF of exactly these objects, the first of which is the catalogue; the cross-reference table is right."""
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return body + tail % (count, table, count, len(body))


def bomb_pdf(*, megabytes: int = 300) -> bytes:
    """A page whose drawing commands unpack to `megabytes`."""
    return _page_with_stream(_deflated(megabytes), b"/Filter /FlateDecode")


def pixel_bomb_pdf(*, side: int = 60_000) -> bytes:
    """A page with a picture of side × side pixels in a few bytes."""
    image = b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8" % (side, side)
    data = zlib.compress(bytes(1000))
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>",
        b"<< /Length 26 >>\nstream\nq 595 0 0 842 0 0 cm /I Do\nendstream",
        image + b" /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream" % (len(data), data),
    )


def _page_with_stream(data: bytes, extra: bytes) -> bytes:
    return raw_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        b"<< %b /Length %d >>\nstream\n%b\nendstream" % (extra, len(data), data),
    )


@cache
def _deflated(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1024 * 1024)) for _number in range(megabytes)) + packer.flush()


# --- images ------------------------------------------------------------------------------------------------------------


def page_image(text: str = CLAUSE * 2, *, title: str = TITLE, width: int = 1240, size: int = 26, angle: float = 0) -> Any:
    """A Pillow image of a page of print, A4 in shape (1240 pixels are 150 dpi), turned by `angle` degrees as a careless scan is."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (width, round(width * 1.4142)), 255)
    draw, margin = ImageDraw.Draw(image), width // 10
    draw.text((width / 2, margin), title, font=ImageFont.truetype(FONT, round(size * 1.5)), fill=0, anchor="ma")
    font = ImageFont.truetype(FONT, size)
    for number, line in enumerate(wrapped(text, (width - 2 * margin) // size)):
        draw.text((margin, margin + size * (3 + 1.7 * number)), line, font=font, fill=20)
    return image.rotate(angle, fillcolor=255, resample=Image.Resampling.BICUBIC) if angle else image


def picture(kind: str = "PNG", *, width: int = 64, height: int = 48, mode: str = "RGB", **options: Any) -> bytes:
    """A small picture in Pillow's format `kind`."""
    from PIL import Image

    return saved(Image.effect_noise((width, height), 60).convert(mode), kind, **options)


def saved(image: Any, kind: str, **options: Any) -> bytes:
    """A Pillow image as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(pages: int = 3, *, compression: str = "group4") -> bytes:
    """A multi-page TIFF, as an office scanner makes it."""
    from PIL import Image

    sheets = [Image.effect_noise((200, 280), 90).convert("1") for _number in range(pages)]
    return saved(sheets[0], "TIFF", save_all=True, append_images=sheets[1:], compression=compression)


def pixel_bomb_png(*, side: int = 60_000) -> bytes:
    """A PNG that says it is side × side pixels large, in a few hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    head = struct.pack("!IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


# --- Office, text and mail ---------------------------------------------------------------------------------------------


def docx(paragraphs: Sequence[str] = (TITLE, CLAUSE), *, table: Sequence[Sequence[str]] = (("品名", "数量"), ("离心泵", "12"))) -> bytes:
    """A Word file with paragraphs and a table."""
    from docx import Document

    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    grid = document.add_table(rows=len(table), cols=len(table[0]) if table else 0)
    for row, values in enumerate(table):
        for column, value in enumerate(values):
            grid.cell(row, column).text = value
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def xlsx(rows: Sequence[Sequence[Any]] = (("合同编号", "金额"), ("HT-2026-0001", 3531000.5)), *, sheet: str = "台账") -> bytes:
    """An Excel file of one sheet."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(package: bytes, *, add: dict[str, bytes] | None = None, replace: tuple[bytes, bytes] = (b"", b"")) -> bytes:
    """The Office file with parts added, and bytes of its list of content types replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            data = old.read(part)
            new.writestr(part.filename, data.replace(*replace) if part.filename == "[Content_Types].xml" else data)
        for name, data in (add or {}).items():
            new.writestr(name, data)
    return buffer.getvalue()


def macro_docx() -> bytes:
    """A Word file that calls itself DOCX and carries macros."""
    return repacked(docx(), add={"word/vbaProject.bin": b"\x00Attribute VB_Name"})


def bomb_docx(*, megabytes: int = 300) -> bytes:
    """A Word file with a part that unpacks to `megabytes`."""
    return repacked(docx(), add={"word/media/zeros.xml": bytes(megabytes * 1024 * 1024)})


def eml(*, subject: str = "合同扫描件", body: str = CLAUSE, html: str = "", attachments: Sequence[tuple[str, str, bytes]] = ()) -> bytes:
    """A mail; `attachments` are (name, media type, bytes)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "王五 <wangwu@example.com>", "档案室 <archive@example.com>", subject
    message["Date"] = "Thu, 05 Mar 2026 09:30:00 +0800"
    message.set_content(body)
    if html:
        message.add_alternative(html, subtype="html")
    for name, media_type, data in attachments:
        main, _, sub = media_type.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


# --- what is never taken in --------------------------------------------------------------------------------------------

WINDOWS_PROGRAM = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0\x64\x86" + bytes(200)
LINUX_PROGRAM = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, 62, 1) + bytes(100)
SCRIPT = b"#!/bin/sh\nrm -rf /\n"
HTML = "<!DOCTYPE html><html><body><script>alert(1)</script>合同</body></html>".encode()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
ENCRYPTED_OFFICE = OLD_WORD + "EncryptedPackage".encode("utf-16-le") + bytes(200)


def plain_zip() -> bytes:
    """An ordinary archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("readme.txt", "hello")
    return buffer.getvalue()
