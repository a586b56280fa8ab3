"""Blocks of text onto A4 pages: lines broken as Chinese and English papers break them, tables, signatures, page numbers.

Lengths are points (1/72 inch), the origin is the lower left corner. A page is a list of marks that `pdf` draws.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from portal.demo.drafting import Block, Draft
from portal.demo.fonts import BOLD, TEXT, width_of

A4 = (595.28, 841.89)
NO_START = set("，。；：、）》”’！？】』〕％,.;:)!?%")  # never begins a line: hangs over the margin
NO_END = set("（《“‘【『〔(")
TOKEN = re.compile(r"[A-Za-z0-9][\w.,%/★×+&'\-]*\s?|\s|.", re.ASCII | re.DOTALL)
SPREAD = 1.6  # points between characters at most, when a line is stretched to the margin
TABLES = ("row", "goods", "handover")
TABLE_GAP = 7  # points above and below a table
WATERLINE = 12  # points between a table's text and its rules


@dataclass(frozen=True)
class Mark:
    """Something drawn: `kind` is text, line, box, disc, seal or hand (a signature)."""

    kind: str
    x: float
    y: float
    text: str = ""
    font: str = TEXT
    size: float = 10.5
    spread: float = 0.0
    to: tuple[float, float] = (0, 0)
    fill: str = ""
    colour: str = "#000000"


@dataclass(frozen=True)
class Look:
    """How a paper is set."""

    size: float = 10.5
    leading: float = 1.7
    left: float = 72
    right: float = 72
    top: float = 70
    bottom: float = 64
    header: str = ""
    signatures: bool = False  # names written and seals pressed, as on a scan


@dataclass
class Page:
    """Marks of one page."""

    marks: list[Mark] = field(default_factory=list)


def wrap(text: str, width: float, size: float, *, first: float = 0.0, font: str = TEXT) -> Iterator[tuple[str, float]]:
    """Lines of at most this width (hanging stops aside) and how wide each is; the first is shorter by `first`."""
    line, used, room = "", 0.0, width - first
    for token in TOKEN.findall(text):
        wide = width_of(token, size, font)
        if line and used + width_of(token.rstrip(), size, font) > room and token not in NO_START:
            carried = line[-1] if line[-1] in NO_END else ""
            line = line[: len(line) - len(carried)].rstrip()
            yield line, width_of(line, size, font)
            line, room = carried, width
            used = width_of(carried, size, font)
        if line or not token.isspace():
            line += token
            used += wide
    if line:
        yield line, used


class Setter:
    """Sets blocks one after the other, beginning pages as needed."""

    def __init__(self, draft: Draft, look: Look, parties: tuple[Any, ...] = (), day: str = "") -> None:
        self.draft, self.look, self.parties, self.day = draft, look, parties, day
        self.width = A4[0] - look.left - look.right
        self.pages: list[Page] = []
        self.in_table = False
        self.y = 0.0
        self.new_page()

    def set(self) -> list[Page]:
        """All pages, numbered."""
        self.centred(self.draft.title, size=self.look.size * 1.75, font=BOLD)
        self.y -= 6
        for block in self.draft.blocks:
            self.y -= TABLE_GAP if (block.kind in TABLES) != self.in_table else 0
            self.in_table = block.kind in TABLES
            getattr(self, f"set_{block.kind}")(block)
        self.number_pages()
        return self.pages

    def new_page(self) -> None:
        """Begin a page, with its header."""
        self.pages.append(Page())
        self.y = A4[1] - self.look.top
        if self.look.header:
            self.mark(Mark("text", self.look.left, A4[1] - 42, self.look.header, size=8.5, colour="#555555"))
            self.mark(Mark("line", self.look.left, A4[1] - 47, to=(A4[0] - self.look.right, A4[1] - 47), size=0.4, colour="#777777"))

    def mark(self, mark: Mark) -> None:
        """Draw on the running page."""
        self.pages[-1].marks.append(mark)

    def need(self, height: float) -> None:
        """Go to a new page when this height does not fit any more."""
        if self.y - height < self.look.bottom:
            self.new_page()

    def down(self, size: float | None = None) -> None:
        """Move to the next base line."""
        step = (size or self.look.size) * self.look.leading
        self.need(step)
        self.y -= step

    def centred(self, text: str, *, size: float, font: str = TEXT) -> None:
        """One or more centred lines."""
        for line, wide in wrap(text, self.width, size, font=font):
            self.down(size)
            self.mark(Mark("text", (A4[0] - wide) / 2, self.y, line, font, size))

    def set_para(self, block: Block) -> None:
        """A paragraph: indented by two characters in Chinese, stretched to the margin."""
        size, english = self.look.size, self.draft.lang == "en"
        indent = 0 if english else size * 2
        lines = list(wrap(block.text, self.width, size, first=indent))
        for place, (line, wide) in enumerate(lines):
            self.down()
            start = self.look.left + (indent if place == 0 else 0)
            room = self.width - (indent if place == 0 else 0)
            spread = (room - wide) / max(len(line) - 1, 1) if place < len(lines) - 1 and not english else 0.0
            self.mark(Mark("text", start, self.y, line, size=size, spread=spread if -SPREAD < spread < SPREAD else 0.0))
        if english:
            self.y -= 3

    def set_heading(self, block: Block) -> None:
        """A clause's heading, never alone at the foot of a page."""
        self.need(self.look.size * self.look.leading * 3)
        self.y -= 4
        indent = 0 if self.draft.lang == "en" else self.look.size * 2
        for line, _wide in wrap(block.text, self.width - indent, self.look.size, font=BOLD):
            self.down()
            self.mark(Mark("text", self.look.left + indent, self.y, line, BOLD, self.look.size))

    def set_centre(self, block: Block) -> None:
        """Centred text."""
        self.centred(block.text, size=self.look.size)

    def set_right(self, block: Block) -> None:
        """Text at the right margin."""
        self.down()
        wide = width_of(block.text, self.look.size, TEXT)
        self.mark(Mark("text", A4[0] - self.look.right - wide, self.y, block.text, size=self.look.size))

    def set_space(self, _block: Block) -> None:
        """Some air."""
        self.y -= self.look.size * 2

    def set_stamp(self, block: Block) -> None:
        """An authority's seal over what stands above."""
        if self.look.signatures:
            self.mark(Mark("seal", A4[0] - self.look.right - 70, max(self.y + 14, self.look.bottom + 40), block.cells[0]))

    # --- tables -----------------------------------------------------------------------------------------------------

    def set_row(self, block: Block) -> None:
        """A row of a table with rules around each cell."""
        share = block.widths if len(block.widths) == len(block.cells) else (100 // len(block.cells),) * len(block.cells)
        total = sum(share)
        wide = [self.width * part / total for part in share]
        size = self.look.size - 0.5
        cells = [list(wrap(text, room - WATERLINE, size)) for text, room in zip(block.cells, wide, strict=True)]
        height = max(1, *(len(lines) for lines in cells)) * size * 1.45 + WATERLINE
        self.need(height)
        top, left = self.y - 2, self.look.left
        for lines, room in zip(cells, wide, strict=True):
            self.mark(Mark("box", left, top - height, to=(room, height), size=0.6))
            for place, (line, _wide) in enumerate(lines):
                self.mark(Mark("text", left + WATERLINE / 2, top - WATERLINE / 2 - size - place * size * 1.45 + 1, line, size=size))
            left += room
        self.y -= height

    # --- what code draws ----------------------------------------------------------------------------------------------

    def set_parties(self, block: Block) -> None:
        """Who the parties are, as contracts begin."""
        for label, party in zip(block.cells, self.parties, strict=False):
            for text in party_lines(self.draft.lang, label.replace("-", " "), party):
                self.set_line(text)
        self.y -= 4

    def set_line(self, text: str) -> None:
        """Lines without indentation."""
        for line, _wide in wrap(text, self.width, self.look.size):
            self.down()
            self.mark(Mark("text", self.look.left, self.y, line, size=self.look.size))

    def set_sign(self, block: Block) -> None:
        """The block of signatures, kept together; signed and sealed where the look says so."""
        size, column = self.look.size, self.width / 2
        self.need(size * self.look.leading * 6 + 40)
        self.y -= 10
        top = self.y
        for place, (label, party) in enumerate(zip(block.cells, self.parties, strict=False)):
            self.y, left = top, self.look.left + place * column
            for text in sign_lines(self.draft.lang, label.replace("-", " "), party):
                for line, _wide in wrap(text, column - 14, size):
                    self.down()
                    self.mark(Mark("text", left, self.y, line, size=size))
            if self.look.signatures:
                self._sign(left, party)
        self.y -= 20

    def _sign(self, left: float, party: Any) -> None:
        """The signer's hand, the day, and for a company its seal."""
        signer = getattr(party, "representative", "") or party.name
        self.mark(Mark("hand", left + 92, self.y + self.look.size * self.look.leading * 1.05, signer, size=17, colour="#16264f"))
        self.mark(Mark("hand", left + 40, self.y, self.day, size=12, colour="#16264f"))
        if hasattr(party, "representative"):
            self.mark(Mark("seal", left + 118, self.y + 34, party.name))

    def set_goods(self, block: Block) -> None:
        """The table of goods of a purchase."""
        self._table((("序号", "名称", "规格型号", "单位", "数量", "单价（元）", "金额（元）"), *_rows(block)), (8, 17, 21, 9, 12, 15, 18))

    def set_handover(self, block: Block) -> None:
        """The items of a handover list."""
        self._table((("序号", "文件名称", "文件编号", "页数", "份数", "备注"), *_rows(block)), (9, 32, 25, 10, 10, 14))

    def _table(self, rows: tuple[tuple[str, ...], ...], widths: tuple[int, ...]) -> None:
        for row in rows:
            self.set_row(Block("row", cells=row, widths=widths))

    def number_pages(self) -> None:
        """`第 1 页 共 3 页` at the foot of each page."""
        total = len(self.pages)
        for place, page in enumerate(self.pages, 1):
            text = {"en": f"Page {place} of {total}", "hant": f"第 {place} 頁 共 {total} 頁"}.get(
                self.draft.lang, f"第 {place} 页 共 {total} 页"
            )
            page.marks.append(Mark("text", (A4[0] - width_of(text, 9, TEXT)) / 2, 38, text, size=9))


def _rows(block: Block) -> list[tuple[str, ...]]:
    return [tuple(row.split("\t")) for row in block.text.split("\n")]


LABELS = {
    "zh": (
        "统一社会信用代码",
        "居民身份证号码",
        "住所",
        "法定代表人",
        "联系电话",
        "开户行及账号",
        "：",
        "（盖章）",
        "法定代表人或授权代表（签字）",
        "日期",
    ),
    "hant": ("商業登記號碼", "身份證號碼", "地址", "授權代表", "聯絡電話", "銀行及帳號", "：", "（公司印章）", "授權代表簽署", "日期"),
    "en": ("Registration No.", "Identity No.", "Address", "Represented by", "Telephone", "Bank and account", ": ", "", "Signature", "Date"),
}


def party_lines(lang: str, label: str, party: Any) -> list[str]:
    """A party with its number, address and telephone."""
    code, identity, address, head, phone, bank, colon, _seal, _sign, _date = LABELS[lang]
    name = party.english if lang == "en" else party.name
    lines = [f"{label}{colon}{name}"]
    if number := getattr(party, "credit_code", ""):
        lines.append(f"{code}{colon}{number}")
    if number := getattr(party, "identity_number", ""):
        lines.append(f"{identity}{colon}{number}")
    lines.append(f"{address}{colon}{party.address}")
    if person := getattr(party, "representative", ""):
        lines.append(f"{head}{colon}{person}　{phone}{colon}{party.phone}")
    else:
        lines.append(f"{phone}{colon}{party.phone}")
    if lang == "zh":
        lines.append(f"{bank}{colon}{party.bank}　{party.account}")
    return lines


def sign_lines(lang: str, label: str, party: Any) -> list[str]:
    """What stands above the signatures."""
    *_rest, colon, seal, sign, day = LABELS[lang]
    name = party.english if lang == "en" else party.name
    seal = seal if hasattr(party, "representative") else ""
    return [f"{label}{seal}{colon}{name}", f"{sign}{colon}", "", f"{day}{colon}"]
