"""How a document lies in a Tantivy index: fields, access tokens, keys of order. Nothing is stored; ids come back from two columns."""

import re
from collections.abc import Iterable
from uuid import UUID

import tantivy

from search import fold
from search.documents import Document

BREAK = " ¦ "  # a token that no text gives: phrases do not cross it
TEXTS = ("title", "listing", "party_names", "content")  # each twice: bigrams, and single characters
RAW = ("id", "access", "exact", "exacts", "digest", "start")  # looked up as they are
FAST = ("record_type", "record_class", "project", "department", "year", "tier", "party", "state", "stamp")  # counted too
WHOLE = ("day", "party_key", "by_date", "by_year", "by_number", "then_number", "id_high", "id_low")  # unsigned whole numbers of 64 bits
ORDERS = {  # fields to sort by, ascending; the next one decides where the former are equal
    "date": ("by_date", "by_number", "then_number", "id_high", "id_low"),
    "year": ("by_year", "by_number", "then_number", "id_high", "id_low"),
    "number": ("by_number", "then_number", "id_high", "id_low"),
}
DAYS = 22  # bits for a day counted from the year 1
HIGHEST = 2**64 - 1
_NUMBER_TOKEN = re.compile(r"([0-9]+)|([^\W_])")


def schema() -> tantivy.Schema:
    """The fields of the index."""
    builder = tantivy.SchemaBuilder()
    for name in TEXTS:
        builder.add_text_field(f"{name}_grams", tokenizer_name="blanks", index_option="position")
        builder.add_text_field(f"{name}_singles", tokenizer_name="blanks", index_option="position")
    for name in ("number", "numbers"):
        builder.add_text_field(name, tokenizer_name="blanks", index_option="position")
    for name in RAW:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FAST:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in WHOLE:
        builder.add_unsigned_field(name, fast=True)
    return builder.build()


def register(index: tantivy.Index) -> None:
    """To be done each time that an index is opened: Tantivy keeps no tokenizers."""
    index.register_tokenizer("blanks", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())


def tantivy_document(document: Document) -> tantivy.Document:
    """The document as Tantivy takes it in."""
    made = tantivy.Document()
    numbers = tuple(filter(None, (document.number, *document.numbers)))
    names = [name for _party, name in document.parties]
    listing = [document.title, document.number or ""]
    _add_text(made, "title", [document.title])
    _add_text(made, "listing", listing)
    _add_text(made, "party_names", names)
    pages = ["\n".join(component) for component in document.pages]
    _add_text(made, "content", [*listing, *document.numbers, *names, *document.fields, *pages])
    _add(made, "number", [fold.index_number(document.number or "")])
    _add(made, "numbers", [BREAK.join(map(fold.index_number, numbers))])
    _add(made, "exact", [fold.squash(document.number or "")])
    _add(made, "exacts", map(fold.squash, numbers))
    _add(made, "digest", document.digests)
    _add(made, "start", starts(document.title))
    _add_filters(made, document)
    _add_orders(made, document)
    return made


def _add(made: tantivy.Document, field: str, values: Iterable[str]) -> None:
    for value in values:
        if value:
            made.add_text(field, value)


def _add_text(made: tantivy.Document, field: str, parts: Iterable[str]) -> None:
    cut = [fold.index_text(part) for part in parts if part]
    _add(made, f"{field}_grams", [BREAK.join(grams for grams, _singles in cut)])
    _add(made, f"{field}_singles", [BREAK.join(singles for _grams, singles in cut)])


def _add_filters(made: tantivy.Document, document: Document) -> None:
    _add(made, "id", [document.id])
    _add(made, "access", access_tokens(document))
    _add(made, "tier", [document.tier])
    _add(made, "record_type", [document.record_type])
    _add(made, "record_class", document.class_path)
    _add(made, "project", [document.project or ""])
    _add(made, "department", [document.department or ""])
    _add(made, "year", [document.year or ""])
    for party in dict.fromkeys(party for party, _name in document.parties):
        made.add_text("party", party)
        made.add_unsigned("party_key", UUID(party).int >> 64)
    _add(made, "state", [document.state])
    _add(made, "stamp", [f"{document.stamp}{document.id}"])
    if document.date:
        made.add_unsigned("day", document.date.toordinal())


def access_tokens(document: Document) -> list[str]:
    """What a person's rights are matched against: the tier alone and joined with class, volume and named people."""
    tier = document.tier
    tokens = [tier, f"{tier}/c/{document.class_id}", *(f"{tier}/n/{person}" for person in document.named)]
    return [*tokens, f"{tier}/v/{document.volume}"] if document.volume else tokens


def starts(title: str) -> list[str]:
    """The beginnings of the words of a title, for suggestions while a word is being typed."""
    words = {unit.text for unit in fold.units(title) if not unit.cjk}
    return sorted({word[:size] for word in words for size in range(1, min(len(word), 16) + 1)})


def _add_orders(made: tantivy.Document, document: Document) -> None:
    number = number_code(document.number)
    most = 2**DAYS - 1
    day = most - document.date.toordinal() if document.date else most
    year = most - document.date.replace(month=1, day=1).toordinal() if document.date else most
    rest = number >> (64 + DAYS)  # the first bits of the number: they settle most ties of one day at once
    made.add_unsigned("by_date", day << (64 - DAYS) | rest)
    made.add_unsigned("by_year", year << (64 - DAYS) | rest)
    made.add_unsigned("by_number", number >> 64)
    made.add_unsigned("then_number", number & HIGHEST)
    code = UUID(document.id).int
    made.add_unsigned("id_high", code >> 64)
    made.add_unsigned("id_low", code & HIGHEST)


def number_code(number: str | None) -> int:
    """128 bits that sort numbers as people count: 9 before 10; a record without a number comes last.

    Each run of digits is its length and its digits, each letter its place in the alphabet, any other character its code point.
    """
    if not number:
        return 2**128 - 1
    bits = "".join(map(_token_bits, _NUMBER_TOKEN.findall(fold.fold(number))))
    return int(bits[:128].ljust(128, "0"), 2)


def _token_bits(token: tuple[str, str]) -> str:
    digits, letter = token
    if digits:
        plain = digits.lstrip("0")[:12] or "0"
        return f"{len(plain):06b}" + "".join(f"{int(digit):04b}" for digit in plain)
    return f"{13 + ord(letter) - ord('a'):06b}" if "a" <= letter <= "z" else f"{39:06b}{min(ord(letter), 0xFFFF):016b}"


def party_prefix(key: int) -> str:
    """How the id of a party begins whose key this is."""
    plain = f"{key:016x}"
    return f"{plain[:8]}-{plain[8:12]}-{plain[12:]}"
