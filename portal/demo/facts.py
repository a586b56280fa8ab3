"""The facts of one paper: who, what, when, how much; filled into its template and registered as its fields."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.demo import figures, words
from portal.demo.people import Company, Person, World, make_person, mobile, person_name

BANDS = {  # what such papers are worth, in their currency
    "sale": (800_000, 9_800_000),
    "construction": (900_000, 260_000_000),
    "lease": (60_000, 3_600_000),
    "purchase": (40_000, 12_000_000),
    "property": (180_000, 6_500_000),
    "equity": (8_000_000, 180_000_000),
    "loan": (2_000_000, 90_000_000),
    "land": (60_000_000, 980_000_000),
    "agency": (50_000_000, 600_000_000),
    "nda": (500_000, 2_000_000),
}
CODES = {
    "sale": "XS", "construction": "SG", "lease": "ZL", "purchase": "CG", "property": "WY", "equity": "GQ", "loan": "JK", "mortgage": "DY",
    "customer_card": "KH", "registration": "DJ", "complaint": "TS", "credit_report": "XY", "handover": "YJ", "general": "WS",
}  # fmt: skip
DEFAULT_BAND = (50_000, 4_800_000)
CURRENCIES = {"zh": ("CNY",), "hant": ("HKD", "HKD", "CNY"), "en": ("CNY", "USD", "EUR", "HKD")}


@dataclass
class Facts:
    """What is true of one paper. `values` fills its template; the rest becomes its registration."""

    lang: str
    signed: date
    valid_from: date
    valid_to: date
    amount: Decimal
    currency: str
    number: str
    project: str
    a: Company | Person | None = None
    b: Company | Person | None = None
    values: dict[str, Any] = field(default_factory=dict)


def random_day(rng: random.Random, first: int, last: int) -> date:
    """A working day of these years, not after October 2026."""
    latest = min(date(last, 12, 31), date(2026, 10, 30))
    day = date(first, 1, 1) + timedelta(days=rng.randrange((latest - date(first, 1, 1)).days))
    return day - timedelta(days=max(day.weekday() - 4, 0))


def make_facts(rng: random.Random, world: World, *, kind: str, lang: str, parties: str, signed: date) -> Facts:
    """Facts for a paper of this kind, between the people and companies that such papers are between."""
    local = words.HK_PROJECTS if lang == "hant" else words.PROJECTS
    project, project_en = rng.choice(local)
    starts = signed + timedelta(days=rng.choice((1, 7, 14, 30)))
    ends = _ends(rng, starts, kind)
    low, high = BANDS.get(kind, DEFAULT_BAND)
    amount = figures.round_amount(rng, low, high)
    facts = Facts(
        lang=lang,
        signed=signed,
        valid_from=starts,
        valid_to=ends,
        amount=amount,
        currency=rng.choice(CURRENCIES[lang]),
        number=_number(rng, kind, signed),
        project=project,
    )
    facts.a, facts.b = pair(rng, world, parties, lang)
    facts.values = _values(rng, world, facts, project_en)
    return facts


def _ends(rng: random.Random, starts: date, kind: str) -> date:
    years = {"lease": (2, 3, 5, 8), "loan": (1, 2, 3), "property": (1, 2, 3), "nda": (2, 3)}.get(kind, (1, 1, 2, 3))
    day = min(starts.day, 28)
    return date(starts.year + rng.choice(years), starts.month, day) - timedelta(days=1)


def _number(rng: random.Random, kind: str, signed: date) -> str:
    code = CODES.get(kind, "HT")
    return rng.choice(("HY-{code}-{year}-{n:03}", "HYGC-{code}-{year}-{n:02}", "{code}{year}{n:04}", "HY{year}{code}{n:03}")).format(
        code=code, year=signed.year, n=rng.randint(1, 380)
    )


def pair(rng: random.Random, world: World, parties: str, lang: str) -> tuple[Company | Person | None, Company | Person | None]:
    """The two sides: words of the template's `parties` line say which circle each comes from."""
    sides: list[Company | Person | None] = [_side(rng, world, word, lang) for word in parties.split()]
    if len(sides) == 1:
        sides = [None, sides[0]] if parties == "subject" else [sides[0], None]
    return sides[0], sides[1]


def _side(rng: random.Random, world: World, word: str, lang: str) -> Company | Person | None:
    fixed = {"own": world.own, "lender": world.lender, "none": None, "government": world.companies["government"][0]}
    if word in fixed:
        return fixed[word]
    if word == "person":
        return rng.choice(world.persons)
    if word == "foreign" or lang == "en":
        return rng.choice(world.foreign)
    if lang == "hant":
        return rng.choice(world.hong_kong)
    return world.property if word == "property" else rng.choice(world.companies["borrower" if word == "subject" else word])


def _values(rng: random.Random, world: World, facts: Facts, project_en: str) -> dict[str, Any]:
    return (
        _people(rng, world, facts)
        | _money(rng, facts)
        | _days(rng, facts)
        | _place(rng, facts)
        | _things(rng, world, facts)
        | {"project": facts.project, "project_en": project_en, "number": facts.number, "own": world.own.name, "a": facts.a, "b": facts.b}
    )


def _people(rng: random.Random, world: World, facts: Facts) -> dict[str, Any]:
    person = facts.a if isinstance(facts.a, Person) else rng.choice(world.persons)
    four = {f"person{index}": person_name(rng) for index in range(1, 5)}
    english = {"person1_en": make_person(rng).english, "person2_en": make_person(rng).english}
    return four | english | {"c": person, "mobile1": mobile(rng), "mobile2": mobile(rng), "property_company": world.property.name}


def _money(rng: random.Random, facts: Facts) -> dict[str, str]:
    amount, currency = facts.amount, facts.currency

    def show(value: Decimal) -> str:
        return figures.amount_text(value.quantize(Decimal("0.01")), currency)

    months = max((facts.valid_to - facts.valid_from).days // 30, 1)
    down, monthly = (amount * 3 / 10).quantize(Decimal("0.01")), amount / months
    words_of = figures.capital_amount(amount)
    return {
        "amount": show(amount),
        "amount_words": f"港幣{words_of}" if currency == "HKD" else (f"人民币{words_of}" if currency == "CNY" else words_of),
        "down": show(down),
        "rest": show(amount - down),
        "monthly": show(monthly),
        "deposit": show(monthly * 2),
        "value": show((amount * Decimal("1.7")).quantize(Decimal(1000))),
        "unit_price": f"{rng.randint(9, 58) * 1000 + rng.choice((0, 280, 500, 880)):,}.00",
    }


def _days(rng: random.Random, facts: Facts) -> dict[str, str]:
    show = figures.english_date if facts.lang == "en" else figures.chinese_date
    return {
        "signed": show(facts.signed),
        "valid_from": show(facts.valid_from),
        "valid_to": show(facts.valid_to),
        "start": show(facts.valid_from),
        "days": str((facts.valid_to - facts.valid_from).days + 1),
        "pay_date": show(facts.signed + timedelta(days=rng.randint(5, 60))),
        "deliver_date": show(facts.valid_from + timedelta(days=rng.randint(40, 400))),
        "base_date": show(facts.signed - timedelta(days=rng.randint(30, 120))),
        "land_until": show(date(facts.signed.year + 40 + rng.choice((0, 30)), 6, 30)),
        "founded": show(date(rng.randint(1996, 2011), rng.randint(1, 12), rng.randint(1, 28))),
    }


def _place(rng: random.Random, facts: Facts) -> dict[str, str]:
    city, _district, quarter, mark, english = rng.choice(words.CITIES)
    address, address_en = (
        f"{city}{quarter}{rng.choice(words.STREETS)}{rng.randint(3, 680)}号",
        f"{rng.randint(3, 680)} Jiangnan Avenue, {english}",
    )
    if facts.lang == "hant":
        region, quarter, english = rng.choice(words.HONG_KONG)
        address, address_en = f"{region}{quarter}{rng.choice(words.HK_STREETS)}{rng.randint(1, 300)}號", f"{english}"
    block, floor, room = rng.randint(1, 18), rng.randint(2, 30), rng.randint(1, 6)
    year = facts.signed.year
    hant = facts.lang == "hant"
    return {
        "city": city,
        "address": address,
        "address_en": address_en,
        "place": f"{city}{quarter}",
        "arbitration": f"{city.removesuffix('市')}仲裁委员会",
        "unit": f"{floor}樓{room}室" if hant else f"{block}幢{floor}{room:02}室",
        "unit_en": f"Unit {floor}{room:02}",
        "certificate": f"{mark}({year})" + (f"{city}不动产权第{rng.randrange(10**7):07}号"),
        "unit_number": f"{rng.randrange(10**6):06} {rng.randrange(10**6):06} GB{rng.randrange(10**5):05} F{rng.randrange(10**8):08}",
        "land_number": f"{city.removesuffix('市')}政储出〔{year}〕{rng.randint(1, 90)}号",
    }


def _goods_of(rng: random.Random, world: World, facts: Facts) -> list[Any]:
    """What the supplier deals in; from abroad come machines, not trees."""
    suppliers = world.companies["supplier"]
    if facts.b in suppliers:
        return words.GOODS[suppliers.index(facts.b)]
    return rng.choice([goods for goods in words.GOODS if goods[0] in words.IMPORTED] if facts.lang == "en" else words.GOODS)


def _things(rng: random.Random, world: World, facts: Facts) -> dict[str, Any]:
    area = rng.randint(52, 420) + rng.randint(0, 99) / 100
    inner = round(area * rng.uniform(0.74, 0.84), 2)
    year = facts.signed.year
    goods = _goods_of(rng, world, facts)
    target = rng.choice(world.companies["target"])
    return {
        "area": f"{area:.2f}",
        "inner_area": f"{inner:.2f}",
        "shared_area": f"{area - inner:.2f}",
        "area_big": f"{rng.randint(8, 180) * 1000 + rng.randint(0, 999):,}",
        "land_area": f"{rng.randint(12, 90) * 1000 + rng.randint(0, 999):,}",
        "households": str(rng.randint(180, 1600)),
        "permit": f"建字第{year}{rng.randrange(10**5):05}号",
        "permit2": f"{rng.randrange(10**6):06}{year}{rng.randrange(10**6):06}0101",
        "builder_number": f"浙1{rng.randrange(10**11):011}",
        "goods": goods[0],
        "goods_en": goods[1],
        "goods_rows": goods[2],
        "share": rng.choice(("二十", "三十五", "五十一", "六十", "七十", "一百")),
        "target": target.name,
        "target_code": target.credit_code,
        "target_en": rng.choice(words.TARGETS_ENGLISH),
        "evaluation": rng.choice(("中诚资产评估有限公司", "正衡会计师事务所（特殊普通合伙）", "天元资产评估有限公司")),
        "bank": rng.choice(words.BANKS).format(city=rng.choice(words.CITIES)[0].removesuffix("市")),
        "guarantor": rng.choice(world.companies["builder"]).name,
        "loan_number": facts.number,
    }
