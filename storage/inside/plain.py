"""Plain text and mail. Runs inside the sandbox; `decode` is also how their text is read later."""

import codecs
import re
from pathlib import Path
from typing import TYPE_CHECKING

from storage.inside.refusal import Refused

if TYPE_CHECKING:
    from storage.inside.opening import Limits

TEXT, MAIL = "text/plain", "message/rfc822"
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# What a browser would take for a page (WHATWG MIME Sniffing, 7.1), and its kin.
MARKUP = re.compile(
    r"\s*(<!--|<\?xml|<!doctype|<(html|head|script|iframe|h[1-6]|div|font|table|a|style|title|b|body|br|p|svg|meta|link|img|form|object|embed)[\s>/])",
    re.IGNORECASE,
)
ANYWHERE = re.compile(r"<(html|script|iframe|body|svg)[\s>]|<!doctype\s+html", re.IGNORECASE)
LOOKED_AT = 4096  # characters in which markup is looked for
SCORED = 65536  # bytes by which an encoding is judged
HEADER = re.compile(rb"([!-9;-~]+):")
SIGNS_OF_MAIL = {b"date", b"message-id", b"mime-version", b"received", b"to", b"subject"}
MAX_HEADERS = 256 * 1024  # bytes
STRAY = 0.02  # share of wrong bytes up to which people would still call it a text
MEGABYTE = 1024 * 1024


def check(path: str, head: bytes, limits: "Limits") -> str:
    """TEXT or MAIL; Refused when it is neither. `head` are the first bytes, so that no film is read to its end."""
    if b"\x00" in head and not head.startswith(tuple(bom for bom, _ in BOMS)):
        raise Refused("control-characters")
    if Path(path).stat().st_size > limits["unpacked_mb"] * MEGABYTE:
        raise Refused("too-large-unpacked", limit=limits["unpacked_mb"])
    data = Path(path).read_bytes()
    if is_mail(data):
        _check_mail(data)
        return MAIL
    text = decode(data)
    if data.startswith(b"#!"):
        raise Refused("program", seems="script")
    if MARKUP.match(text) or ANYWHERE.search(text[:LOOKED_AT]):
        raise Refused("markup", seems="text/html")
    if text.lstrip().startswith(("{\\rtf", "%!PS")):
        raise Refused("other-kind", seems="RTF, PostScript")
    return TEXT


def decode(data: bytes) -> str:
    """Text in UTF-8, UTF-16 with its mark, GB18030 or Big5; Refused when it is none of these, or holds control characters."""
    text = _decode(data)
    if CONTROLS.search(text.rstrip("\x1a")):  # an end mark of DOS days is no harm
        raise Refused("control-characters")
    return text


def nearly_text(head: bytes) -> bool:
    """Whether these are the first bytes of a text with a few wrong ones in it."""
    return len(CONTROLS.findall(head.decode("latin-1"))) <= 2 + len(head) * STRAY


def _decode(data: bytes) -> str:
    encoding = next((name for bom, name in BOMS if data.startswith(bom)), None)
    if encoding is None and b"\x00" in data:
        raise Refused("control-characters")
    for name in (encoding,) if encoding else ("utf-8", *_chinese_encodings(data[:SCORED])):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise Refused("unknown-encoding")


def _chinese_encodings(sample: bytes) -> tuple[str, ...]:
    """GB18030 and Big5, the likelier first: each reads most of the other's bytes, but as rare characters."""
    pairs = [(lead, trail) for lead, trail in _double_bytes(sample)]
    common_gb = sum(trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3) for lead, trail in pairs)
    common_big5 = sum((0xA4 <= lead <= 0xC6 or 0xA1 <= lead <= 0xA2) and (trail <= 0x7E or trail >= 0xA1) for lead, trail in pairs)
    return ("big5hkscs", "gb18030") if common_big5 > common_gb else ("gb18030", "big5hkscs")


def _double_bytes(sample: bytes) -> list[tuple[int, int]]:
    pairs, position = [], 0
    while position < len(sample) - 1:
        if sample[position] >= 0x81:
            pairs.append((sample[position], sample[position + 1]))
            position += 2
        else:
            position += 1
    return pairs


def is_mail(data: bytes) -> bool:
    """Begins with a block of header lines, a sender and another sign of mail among them (RFC 5322)."""
    names: set[bytes] = set()
    lines = data[:MAX_HEADERS].splitlines()
    if lines and lines[0].startswith(b"From "):
        del lines[0]  # as it lies in a mailbox
    for line in lines:
        if not line:
            break
        if line[:1] in b" \t" and names:
            continue
        match = HEADER.match(line)
        if not match:
            return False
        names.add(match[1].lower())
    return b"from" in names and len(names & SIGNS_OF_MAIL) >= 1


def _check_mail(data: bytes) -> None:
    import email.errors
    import email.policy

    if b"\x00" in data:
        raise Refused("control-characters")
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    missing = (email.errors.CloseBoundaryNotFoundDefect, email.errors.StartBoundaryNotFoundDefect)
    if any(isinstance(defect, missing) for part in message.walk() for defect in part.defects):
        raise Refused("truncated")
