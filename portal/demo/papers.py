"""One paper of the demo: its text, its facts, and its files in the form that it came to the archive in."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from portal.demo import drafting, figures, layout, office, pdf, scan, words
from portal.demo.drafting import Block, Draft
from portal.demo.facts import Facts, make_facts
from portal.demo.people import World

SIZES = (12.0, 11.5, 10.5, 10.5, 10.0)  # points of the text: small four to five
SCAN_DPI = (200, 200, 200, 240, 300)
SEALED_SHARE = 0.4  # of born-digital papers that carry seals
HANDED_HEAD = ("序号", "文件名称", "文件编号", "页数", "份数", "备注")
PDF, SCAN, TIFF, JPEG, DOCX, XLSX, TXT = "pdf", "scan", "tiff", "jpeg", "docx", "xlsx", "txt"


@dataclass
class Paper:
    """A paper before it is printed. `pages` stands instead of a draft for what is drawn by code."""

    name: str
    facts: Facts
    draft: Draft
    meta: dict[str, str]
    lang: str
    pages: Callable[[], list[layout.Page]] | None = None
    rows: list[list[str]] = field(default_factory=list)


@cache
def _converter() -> Callable[[str], str]:
    import opencc

    return opencc.OpenCC("s2hk").convert


def traditional(draft: Draft) -> Draft:
    """The same paper in Traditional characters."""
    to = _converter()
    blocks = [replace(block, text=to(block.text), cells=tuple(to(cell) for cell in block.cells)) for block in draft.blocks]
    return Draft(to(draft.title), draft.lang, blocks)


def compose(
    rng: random.Random, world: World, name: str, *, signed: date, amends: "Paper | None" = None, of_loan: "Paper | None" = None
) -> Paper:
    """A paper from the template of this name; with `amends` or `of_loan` it shares that paper's parties and figures."""
    source = drafting.template(name)
    parties = source.meta["parties"].replace("same", "own builder")
    facts = make_facts(rng, world, kind=name.split(".", 1)[0], lang=source.lang, parties=parties, signed=signed)
    if amends is not None:
        _amend(rng, facts, amends)
    if of_loan is not None:
        _belong(facts, of_loan)
    facts.values["certificate_short"] = _notice_number(rng, facts)
    rows = _handed(rng, facts) if "@handover" in source.lines else []
    facts.values["name"] = title = drafting.fill(source.meta["name"], facts.values, rng)
    facts.values["subject"] = title.rsplit("：", 1)[-1].rsplit(": ", 1)[-1].removesuffix("合同")
    paper = Paper(title, facts, drafting.draft(source, facts.values, rng), source.meta, source.lang, rows=rows)
    paper.draft.blocks = [_with_rows(rng, block, paper) for block in paper.draft.blocks]
    if source.lang == "hant":
        paper.draft, paper.name = traditional(paper.draft), _converter()(paper.name)
    return paper


def _notice_number(rng: random.Random, facts: Facts) -> str:
    return f"浙({facts.signed.year}){facts.values['city']}不动产证明第{rng.randrange(10**7):07}号"


SHARED = ("project", "project_en", "unit", "unit_en", "certificate", "unit_number", "city", "address", "address_en", "area", "value")


def _follow(facts: Facts, first: Paper) -> None:
    """Same parties, same thing."""
    facts.a, facts.b, facts.project, facts.currency = first.facts.a, first.facts.b, first.facts.project, first.facts.currency
    facts.values |= {key: first.facts.values[key] for key in SHARED} | {"a": facts.a, "b": facts.b}


def _amend(rng: random.Random, facts: Facts, first: Paper) -> None:
    """An amendment changes amount and term of its contract."""
    _follow(facts, first)
    facts.amount = (first.facts.amount * rng.choice((93, 97, 104, 108, 115)) / 100).quantize(first.facts.amount)
    facts.valid_to = max(first.facts.valid_to + timedelta(days=rng.choice((90, 180, 365))), facts.signed + timedelta(days=90))
    show = figures.english_date if facts.lang == "en" else figures.chinese_date
    facts.values |= {
        "main_title": first.name,
        "main_number": first.facts.number,
        "main_signed": show(first.facts.signed),
        "main_amount": first.facts.values["amount"],
        "amount": figures.amount_text(facts.amount, facts.currency),
        "amount_words": figures.capital_amount(facts.amount),
        "valid_to": show(facts.valid_to),
    }


def _belong(facts: Facts, loan: Paper) -> None:
    """What belongs to a loan states the loan's own amount and term."""
    _follow(facts, loan)
    facts.amount, facts.valid_from, facts.valid_to = loan.facts.amount, loan.facts.valid_from, loan.facts.valid_to
    facts.values |= {key: loan.facts.values[key] for key in ("amount", "amount_words", "valid_from", "valid_to")}
    facts.values["loan_number"] = loan.facts.number


def _with_rows(rng: random.Random, block: Block, paper: Paper) -> Block:
    """Fill a table that only code can make."""
    if block.kind not in ("goods", "handover"):
        return block
    rows = _goods(rng, paper.facts) if block.kind == "goods" else paper.rows
    return replace(block, text="\n".join("\t".join(row) for row in rows))


def _goods(rng: random.Random, facts: Facts) -> list[list[str]]:
    """Rows whose amounts add up to the contract's."""
    kinds = facts.values["goods_rows"]
    total, rows = Decimal(0), []
    for place, (name, form, unit, low, high) in enumerate(kinds, 1):
        price = rng.randint(low, high)
        count = max(int(facts.amount / len(kinds) / price), 1)
        total += price * count
        rows.append([str(place), name, form, unit, f"{count:,}", f"{price:,.2f}", f"{price * count:,.2f}"])
    rest = facts.amount - total
    rows.append(["", "运输及辅材" if rest >= 0 else "优惠", "", "项", "1", "", f"{rest:,.2f}"])
    return [*rows, ["", "合计", "", "", "", "", f"{facts.amount:,.2f}"]]


def _handed_row(rng: random.Random, facts: Facts, place: int, name: str) -> list[str]:
    number = f"{facts.project[:2]}-{facts.signed.year}-{rng.randint(1, 400):03}"
    remark = rng.choice(("", "", "", "原件", "复印件", "缺一页"))
    return [str(place), name, number, str(rng.randint(1, 120)), str(rng.randint(1, 4)), remark]


def _handed(rng: random.Random, facts: Facts) -> list[list[str]]:
    names = rng.sample(words.HANDED, k=rng.randint(8, len(words.HANDED)))
    rows = [_handed_row(rng, facts, place, name) for place, name in enumerate(names, 1)]
    copies = sum(int(row[4]) for row in rows)
    facts.values |= {
        "handed_items": str(len(rows)),
        "handed_copies": str(copies),
        "handed_pages": str(sum(int(row[3]) * int(row[4]) for row in rows)),
    }
    return rows


# --- files ----------------------------------------------------------------------------------------------------------


def _as_written(lang: str, party: Any) -> Any:
    """The party with its words in the paper's script."""
    if lang != "hant" or party is None:
        return party
    return replace(party, **{key: _converter()(value) for key, value in vars(party).items() if isinstance(value, str)})


def set_pages(paper: Paper, rng: random.Random, *, signatures: bool, size: float | None = None) -> list[layout.Page]:
    """The paper's pages, set or drawn."""
    if paper.pages is not None:
        return paper.pages()
    look = layout.Look(
        size=size or rng.choice(SIZES),
        leading=1.6 if size else rng.choice((1.6, 1.7, 1.8)),
        header=_header(paper, rng),
        signatures=signatures,
    )
    parties = tuple(_as_written(paper.lang, party) for party in (paper.facts.a, paper.facts.b))
    return layout.Setter(paper.draft, look, parties, paper.facts.values["signed"]).set()


def _header(paper: Paper, rng: random.Random) -> str:
    return rng.choice((paper.facts.number, paper.name, "")) if paper.meta.get("style") != "plain" else ""


@dataclass(frozen=True)
class Printed:
    """A file, and the number of its pages (0: a format without)."""

    content: bytes
    pages: int


def as_images(paper: Paper, rng: random.Random, *, colour: bool, size: float | None = None) -> tuple[list[Any], int]:
    """Its pages as scanned, and their resolution; a coloured page at 150 to the inch, as phones and copiers send them."""
    dpi = 150 if colour else rng.choice(SCAN_DPI)
    pages = set_pages(paper, rng, signatures=True, size=size)
    printed = pdf.write(pages, skews=scan.skews(len(pages), rng))
    return scan.scanned(scan.page_images(printed, dpi=dpi, colour=colour), rng), dpi


OFFICE: dict[str, Callable[[Paper], bytes]] = {
    DOCX: lambda paper: office.docx(paper.draft),
    XLSX: lambda paper: office.xlsx(paper.draft.title, [HANDED_HEAD, *paper.rows]),
    TXT: lambda paper: office.txt(paper.draft),
}


def render(paper: Paper, form: str, rng: random.Random, *, colour: bool = False) -> Printed:
    """The paper as a file of this form."""
    if form in OFFICE:
        return Printed(OFFICE[form](paper), 0)
    if form == PDF:
        pages = set_pages(paper, rng, signatures=rng.random() < SEALED_SHARE)
        return Printed(pdf.write(pages, title=paper.name), len(pages))
    images, dpi = as_images(paper, rng, colour=colour)
    if form == TIFF:
        return Printed(scan.as_tiff(images, dpi=dpi), len(images))
    if form == JPEG:
        return Printed(scan.as_jpeg(images[0], dpi=dpi), 1)
    return Printed(scan.as_pdf(images, dpi=dpi), len(images))
