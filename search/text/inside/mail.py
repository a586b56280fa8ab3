"""Text of mails: who, when, what about, the body, and what is attached. Runs inside the sandbox."""

import email
import email.policy
import io
import re
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from html.parser import HTMLParser
from typing import Any

from search.text.inside import office
from storage.inside import office as packages
from storage.inside import plain

HEADERS = ("Subject", "From", "To", "Cc", "Date")
DEPTH = 3  # of mails in mails
UNPACKED_MB = 100  # of one attached Office file
BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "dl", "dt", "dd", "hr"}
    | {"blockquote", "pre", "section", "article", "header", "footer"}
)
UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript"})
VOID = frozenset({"br", "hr"})


def mail_text(data: bytes, *, depth: int = DEPTH) -> str:
    """Header lines, then the body, then for each attachment its name and its text where its format has one."""
    return "\n".join(_message(email.message_from_bytes(data, policy=email.policy.compat32), depth))


def _message(message: Any, depth: int) -> Iterator[str]:
    for name in HEADERS:
        if value := message.get(name):
            yield f"{name}: {_header(value)}"
    yield from _body(message, depth)


def _body(part: Any, depth: int) -> Iterator[str]:
    kind = part.get_content_type()
    if kind == "message/rfc822":
        inner = part.get_payload()
        if depth and isinstance(inner, list) and inner:
            yield from _message(inner[0], depth - 1)
    elif kind == "multipart/alternative":
        yield from _body(_best(part), depth) if part.is_multipart() else ()
    elif part.is_multipart():
        for inner in part.get_payload():
            yield from _body(inner, depth)
    else:
        yield from _leaf(part, kind)


def _best(part: Any) -> Message:
    """Of several ways to say the same the plain one, else the last, which the sender thought best."""
    choices = part.get_payload()
    return next((choice for choice in choices if choice.get_content_type() == "text/plain"), choices[-1])


def _leaf(part: Message, kind: str) -> Iterator[str]:
    name = part.get_filename()
    if name:
        yield _header(name)
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return
    if kind == "text/html":
        yield html_text(_decoded(part, data))
    elif kind.startswith("text/"):
        yield _decoded(part, data)
    elif name:
        yield _attached(data)


def _attached(data: bytes) -> str:
    """The text of an attachment by its content; nothing when it has none or is broken: the mail is kept whole in any case."""
    try:
        if data.startswith(b"%PDF-"):
            return _pdf_text(data)
        if data.startswith(b"PK"):
            return _package_text(data)
        return plain.decode(data)
    except Exception:  # noqa: BLE001 - whatever a parser raises over one attachment, the others have text as well
        return ""


def _package_text(data: bytes) -> str:
    kind = packages.check(io.BytesIO(data), {"pages": 0, "megapixels": 0, "unpacked_mb": UNPACKED_MB}) or ""
    if kind.endswith("wordprocessingml.document"):
        return office.docx_text(io.BytesIO(data))
    return office.xlsx_text(io.BytesIO(data)) if kind else ""


def _pdf_text(data: bytes) -> str:
    import pypdfium2 as pdfium

    from search.text.inside import pdf

    with pdfium.PdfDocument(data) as document:
        return "\n".join(pdf.read(document, number)[0].text for number in range(1, len(document) + 1))


def _header(value: Any) -> str:
    try:
        text = str(make_header(decode_header(str(value))))
    except (LookupError, ValueError):
        text = str(value)
    if any("\udc80" <= character <= "\udcff" for character in text):  # bytes sent as they were
        text = _any_encoding(text.encode("utf-8", "surrogateescape"))
    return " ".join(text.split())


def _decoded(part: Message, data: bytes) -> str:
    charset = (part.get_content_charset() or "").replace("gb2312", "gb18030").replace("gbk", "gb18030")
    if charset:
        try:
            return data.decode(charset)
        except (LookupError, UnicodeDecodeError):
            pass
    return _any_encoding(data)


def _any_encoding(data: bytes) -> str:
    try:
        return plain.decode(data)
    except plain.Refused:
        return data.decode("utf-8", "replace")


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n")
        elif tag in {"td", "th"}:
            self.pieces.append("\t")
        if tag in UNSEEN:
            self.unseen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS - VOID:
            self.pieces.append("\n")
        if tag in self.unseen:
            del self.unseen[self.unseen.index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.pieces.append(re.sub(r"\s+", " ", data))


def html_text(markup: str) -> str:
    """What a reader of the page would see."""
    stripper = _Stripper()
    stripper.feed(markup)
    stripper.close()
    return "".join(stripper.pieces)
