"""Papers as office files: DOCX, XLSX, plain text and mail; the same bytes for the same paper."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from portal.demo.drafting import Draft

ZIP_MOMENT = (2026, 1, 5, 9, 0, 0)
STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def docx(draft: Draft) -> bytes:
    """A word processor's file: heading, paragraphs, tables."""
    from docx import Document

    document = Document()
    document.add_heading(draft.title, level=1)
    for block in draft.blocks:
        if block.kind == "heading":
            document.add_heading(block.text, level=2)
        elif block.kind == "row":
            table = document.add_table(rows=1, cols=len(block.cells), style="Table Grid")
            for cell, words in zip(table.rows[0].cells, block.cells, strict=True):
                cell.text = words
        elif block.text:
            document.add_paragraph(block.text)
    out = io.BytesIO()
    document.save(out)
    return _steady(out.getvalue())


def xlsx(title: str, rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook with one sheet."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = title[:30]
    sheet.append([title])
    for row in rows:
        sheet.append(list(row))
    for column, width in zip("ABCDEF", (8, 34, 26, 10, 10, 18), strict=True):
        sheet.column_dimensions[column].width = width
    out = io.BytesIO()
    book.save(out)
    return _steady(out.getvalue())


def txt(draft: Draft) -> bytes:
    """Plain text in UTF-8."""
    return (draft.plain() + "\n").encode()


def eml(
    *, sender: tuple[str, str], to: tuple[str, str], subject: str, text: str, day: date, attachment: tuple[str, bytes] | None = None
) -> bytes:
    """A mail; names and addresses of sender and recipient."""
    message = EmailMessage()
    message["From"], message["To"] = f"{sender[0]} <{sender[1]}>", f"{to[0]} <{to[1]}>"
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC))
    message["Message-ID"] = f"<{day:%Y%m%d}.{abs(hash_of(subject))}@example.com>"
    message.set_content(text)
    if attachment:
        name, content = attachment
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        message.set_boundary(f"part-{hash_of(subject)}")
    return message.as_bytes()


def hash_of(text: str) -> int:
    """A number that is the same in every process, unlike `hash`."""
    return sum(ord(character) * (place + 1) for place, character in enumerate(text))


def _steady(packed: bytes) -> bytes:
    """The package with one fixed time, inside and in its directory."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = STAMP.sub(rb"\g<1>2026-01-05T09:00:00Z", content)
            target.writestr(zipfile.ZipInfo(name, ZIP_MOMENT), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
