"""Papers that do not come from a template of their own: identity documents, licences, titles, minutes, regulations, mail."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from portal.demo import cards, drafting, figures, office
from portal.demo.drafting import Block, Draft, Template
from portal.demo.facts import Facts, make_facts, random_day
from portal.demo.papers import DOCX, JPEG, PDF, SCAN, TXT, Paper, traditional
from portal.demo.people import Company, Person, World

# Kind of paper by its heading in texts/general.zh.txt: tier, forms, class and department.
GENERAL = {
    "董事会决议": ("confidential", (PDF,), "legal"),
    "工程例会纪要": ("internal", (DOCX, PDF), "projects"),
    "催收": ("internal", (PDF,), "legal"),
    "竣工验收报告": ("internal", (PDF,), "projects"),
    "放假安排": ("public", (TXT, PDF), "administration"),
    "收购项目": ("top-secret", (PDF,), "legal"),
    "Minutes": ("internal", (DOCX, PDF), "projects"),
    "電梯保養": ("public", (PDF,), "sales"),
}
TWICE = ("工程例会纪要", "竣工验收报告", "收购项目", "催收")
REVISED = (0, 3)  # places of regulations that were issued anew


def _blank(name: str, meta: dict[str, str], facts: Any, draft: Draft | None = None, pages: Callable[[], list[Any]] | None = None) -> Paper:
    return Paper(name, facts, draft or Draft(name, facts.lang), {"style": "plain", **meta}, facts.lang, pages=pages)


def identity_paper(rng: random.Random, sale: Paper) -> tuple[Paper, list[tuple[Any, ...]]]:
    """The buyer's identity document and its files: a copy, two pictures, or a passport."""
    facts, person = sale.facts, cast(Person, sale.facts.b)
    issued = date(facts.signed.year - rng.randint(1, 8), rng.randint(1, 12), rng.randint(1, 28))
    meta = {"record_type": "identity-document", "record_class": "SF"}
    paper = _blank(f"{person.name}居民身份证", meta, _like(facts, a=person, signed=issued))
    form = rng.choice(("copy", "copy", "pictures"))
    if form == "copy":
        return paper, [(f"身份证复印件 {person.name}", SCAN, True, lambda: cards.identity_copy(person, issued, "办理商品房签约"))]
    front, back = cards.identity_sides(person, issued)
    return paper, [("身份证正面", JPEG, True, lambda: front), ("身份证反面", JPEG, True, lambda: back)]


def passport_paper(_rng: random.Random, card: Paper) -> tuple[Paper, list[tuple[Any, ...]]]:
    """The passport of a customer whose card is in English."""
    person = card.facts.values["c"]
    issued = date(card.facts.signed.year - 3, 5, 17)
    meta = {"record_type": "identity-document", "record_class": "SF"}
    paper = _blank(f"Passport of {person.english}", meta, _like(card.facts, a=person, signed=issued))
    return paper, [(f"passport {person.english}", SCAN, True, lambda: cards.passport(person, issued))]


def _like(facts: Facts, **changes: Any) -> Facts:
    return replace(facts, **{"b": None, **changes})


def licence_paper(rng: random.Random, world: World, company: Company) -> Paper:
    """A company's business licence."""
    issued = date(rng.randint(1998, 2016), rng.randint(1, 12), rng.randint(1, 28))
    facts = make_facts(rng, world, kind="licence", lang="zh", parties="none none", signed=issued)
    facts.a, facts.b, facts.amount = company, None, Decimal(rng.choice((10, 30, 50, 80, 120))) * 1_000_000
    facts.valid_to = max(facts.valid_to, date(rng.randint(2019, 2028), 6, 30))
    capital = figures.capital_amount(facts.amount)
    seed = rng.random()
    meta = {"record_type": "business-licence", "record_class": "SF"}
    return _blank(f"{company.name}营业执照", meta, facts, pages=lambda: cards.licence(company, issued, capital, random.Random(seed)))  # noqa: S311


def certificate_paper(loan: Paper, signed: date) -> Paper:
    """The certificate of the property that secures a loan."""
    facts, values = loan.facts, loan.facts.values
    issued = signed - timedelta(days=200)
    holder = facts.b.name  # type: ignore[union-attr]
    meta = {"record_type": "property-certificate", "record_class": "QZ", "department": "finance"}
    changed = _like(facts, a=facts.b, signed=issued)
    return _blank(
        f"{holder}不动产权证书（{values['certificate'][-8:]}）",
        meta,
        changed,
        pages=lambda: cards.property_certificate(holder, values, issued),
    )


def general_papers(rng: random.Random, world: World) -> Iterator[tuple[Paper, str, tuple[str, ...]]]:
    """Minutes, letters and notices with their tier and forms."""
    for heading, lines in drafting.chapters("general.zh", "===").items():
        word = next(word for word in GENERAL if word in heading)
        tier, forms, department = GENERAL[word]
        for _again in range(2 if word in TWICE else 1):
            yield _general(rng, world, heading, lines, department), tier, forms


def _general(rng: random.Random, world: World, heading: str, lines: tuple[str, ...], department: str) -> Paper:
    lang = "en" if heading.isascii() else ("hant" if "電" in heading else "zh")
    facts = make_facts(rng, world, kind="general", lang=lang, parties="own borrower", signed=random_day(rng, 2017, 2026))
    name = drafting.fill(heading, facts.values, rng)
    source = Template("general", lang, {"title": heading, "style": "plain"}, lines)
    draft = drafting.draft(source, facts.values, rng, title=name)
    day = facts.values["signed"]
    draft.blocks += [Block("space"), Block("right", world.own.english if lang == "en" else world.own.name), Block("right", day)]
    meta = {"record_type": "general", "record_class": "HT", "department": department}
    paper = _blank(name, meta, facts, traditional(draft) if lang == "hant" else draft)
    if "催收" not in heading and "收购" not in heading:
        facts.b = None
    return paper


def regulation_papers(rng: random.Random, world: World) -> Iterator[tuple[Paper, int | None]]:
    """Regulations with the place of the one that each replaces; revised ones come last."""
    chapters = list(drafting.chapters("regulations", "===").items())
    for place, (title, lines) in enumerate(chapters):
        yield _regulation(rng, world, title, lines, number=place + 1, day=random_day(rng, 2013, 2021)), None
    for place in REVISED:
        title, lines = chapters[place]
        yield _regulation(rng, world, f"{title}（2025年修订）", lines, number=30 + place, day=random_day(rng, 2025, 2025)), place


def _regulation(rng: random.Random, world: World, title: str, lines: tuple[str, ...], *, number: int, day: date) -> Paper:
    facts = make_facts(rng, world, kind="regulation", lang="zh", parties="none none", signed=day)
    facts.number = f"鸿远行〔{day.year}〕{number}号"
    source = Template("regulation", "zh", {"title": title, "style": "articles"}, lines)
    draft = drafting.draft(source, facts.values, rng, title=f"{world.own.short}{title}")
    draft.blocks = [
        Block("centre", facts.number),
        *draft.blocks,
        Block("space"),
        Block("right", world.own.name),
        Block("right", facts.values["signed"]),
    ]
    return _blank(title, {"record_type": "regulation", "record_class": "GZ", "department": "administration"}, facts, draft)


def mail_for(rng: random.Random, paper: Paper) -> Callable[[], bytes]:
    """A mail about the paper, as it lies beside it."""
    facts = paper.facts
    sender, to = facts.values["person1"], facts.values["person2"]
    text = rng.choice(
        (
            "{to}：\n\n附上《{name}》终稿，请核对金额与日期，确认后走用印流程。上次提到的{project}结算资料仍缺两份签证单，请于本周五前补齐。\n\n{sender}",
            "{to}，您好：\n\n《{name}》已收悉，我方对付款节点没有异议，原件将以快递寄出，单号另行告知。\n\n此致\n{sender}",
        )
    ).format(to=to, sender=sender, name=paper.name, project=facts.project)
    day = facts.signed + timedelta(days=3)

    def make() -> bytes:
        return office.eml(
            sender=(sender, "sales@example.com"), to=(to, "projects@example.com"), subject=f"关于《{paper.name}》", text=text, day=day
        )

    return make
