"""Invented people and companies whose numbers carry right check characters (GB 11643, GB 32100, Luhn)."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from portal.demo import words
from records.identifiers import CREDIT_ALPHABET, credit_check_character, identity_check_character

EPOCH = date(1955, 1, 1)
LATEST_BIRTH_DAYS = 12_700  # days after EPOCH: everybody is grown up in 2012
MOBILE_STARTS = ("135", "136", "138", "139", "150", "158", "159", "177", "186", "188", "189")


@dataclass(frozen=True)
class Person:
    """A natural person."""

    name: str
    english: str
    sex: str
    born: date
    identity_number: str
    passport: str
    phone: str
    city: str
    address: str
    bank: str
    account: str

    @property
    def short(self) -> str:
        """How clauses call the person."""
        return self.name

    def as_party(self, role: str) -> dict[str, str]:
        """As registration takes it."""
        return {"name": self.name, "role": role, "kind": "person", "identity_number": self.identity_number}


@dataclass(frozen=True)
class Company:
    """An organisation; a foreign or Hong Kong one has no social credit code."""

    name: str
    english: str
    credit_code: str
    representative: str
    phone: str
    city: str
    address: str
    bank: str
    account: str

    @property
    def short(self) -> str:
        """The name without its legal form."""
        return self.name.removesuffix("有限公司")

    def as_party(self, role: str) -> dict[str, str]:
        """As registration takes it."""
        party = {"name": self.name, "role": role, "kind": "organisation"}
        return party | ({"credit_code": self.credit_code} if self.credit_code else {})


def identity_number(rng: random.Random, district: str, born: date, sex: str) -> str:
    """An identity number: district, birth, an odd order number for men, and the check character."""
    order = rng.randrange(0, 500) * 2 + (1 if sex == "男" else 0)
    first = f"{district}{born:%Y%m%d}{order:03}"
    return first + identity_check_character(first)


def credit_code(rng: random.Random, district: str) -> str:
    """A code of an enterprise under market supervision (91), its organisation part random."""
    first = f"91{district}" + "".join(rng.choice(CREDIT_ALPHABET) for _ in range(9))
    return first + credit_check_character(first)


def mobile(rng: random.Random) -> str:
    """An 11-digit mobile number."""
    return rng.choice(MOBILE_STARTS) + f"{rng.randrange(10**8):08}"


def bank_card(rng: random.Random) -> str:
    """A 19-digit debit card with its Luhn digit."""
    first = "6222" + f"{rng.randrange(10**14):014}"
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(first)))
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return first + str(-total % 10)


def person_name(rng: random.Random) -> str:
    """A surname and one or two characters."""
    surname, first = rng.choice(words.SURNAMES), rng.choice(words.GIVEN_FIRST)
    return surname + first + (rng.choice(words.GIVEN_SECOND) if rng.random() < 0.7 else "")


def make_person(rng: random.Random) -> Person:
    """A person of one of the cities."""
    city, district, quarter, _mark, _english = rng.choice(words.CITIES)
    sex, born = rng.choice("男女"), EPOCH + timedelta(days=rng.randrange(LATEST_BIRTH_DAYS))
    return Person(
        name=person_name(rng),
        english=f"{rng.choice(words.ENGLISH_GIVEN)} {rng.choice(words.ENGLISH_SURNAMES)}",
        sex=sex,
        born=born,
        identity_number=identity_number(rng, district, born, sex),
        passport=f"{rng.choice('EGP')}{rng.randrange(10**8):08}",
        phone=mobile(rng),
        city=city,
        address=f"{city}{quarter}{rng.choice(words.STREETS)}{rng.randint(3, 680)}号{rng.randint(1, 28)}幢{rng.randint(101, 2802)}室",
        bank=rng.choice(words.BANKS).format(city=city.removesuffix("市")),
        account=bank_card(rng),
    )


def make_company(rng: random.Random, name: str, *, city: list[str] | None = None, english: str = "") -> Company:
    """A company of the mainland."""
    place, district, quarter, _mark, _english = city or rng.choice(words.CITIES)
    return Company(
        name=name,
        english=english or name,
        credit_code=credit_code(rng, district),
        representative=person_name(rng),
        phone=f"0571-8{rng.randrange(10**7):07}",
        city=place,
        address=f"{place}{quarter}{rng.choice(words.STREETS)}{rng.randint(3, 680)}号",
        bank=rng.choice(words.BANKS).format(city=place.removesuffix("市")),
        account=f"{rng.randint(1000, 9999)} {rng.randrange(10**4):04} {rng.randrange(10**4):04} {rng.randrange(10**7):07}",
    )


def make_foreign(rng: random.Random, name: str, address: str) -> Company:
    """A company abroad or in Hong Kong."""
    english = f"{rng.choice(words.ENGLISH_GIVEN)} {rng.choice(words.ENGLISH_SURNAMES)}"
    local = "香" in address
    return Company(
        name=name,
        english=name,
        credit_code="",
        representative=person_name(rng) if local else english,
        phone=f"+852 2{rng.randrange(10**7):07}" if local else f"+49 40 {rng.randrange(10**6):06}",
        city="香港" if local else address.rsplit(",", 1)[-1].strip(),
        address=address,
        bank="香港上海滙豐銀行有限公司" if local else "Deutsche Handelsbank AG",
        account=f"{rng.randrange(10**12):012}",
    )


@dataclass(frozen=True)
class World:
    """The demo's circle of people and companies, the same for the same seed."""

    own: Company
    lender: Company
    property: Company
    companies: dict[str, tuple[Company, ...]]
    foreign: tuple[Company, ...]
    hong_kong: tuple[Company, ...]
    persons: tuple[Person, ...]


def make_world(seed: int, *, persons: int = 60) -> World:
    """Everybody who occurs in the demo's papers."""
    rng = random.Random(f"{seed}/world")  # noqa: S311 - invented names, not secrets
    home = words.CITIES[0]
    return World(
        own=make_company(rng, words.OWN, city=home, english=words.OWN_ENGLISH),
        lender=make_company(rng, words.LENDER, city=home, english=words.LENDER_ENGLISH),
        property=make_company(rng, words.PROPERTY, city=home),
        companies={kind: tuple(make_company(rng, name) for name in names) for kind, names in _kinds().items()},
        foreign=tuple(make_foreign(rng, name, address) for name, address in words.FOREIGN),
        hong_kong=tuple(make_foreign(rng, name, _hong_kong_address(rng)) for name in words.HK_COMPANIES),
        persons=tuple(make_person(rng) for _ in range(persons)),
    )


def _kinds() -> dict[str, list[str]]:
    return {
        "builder": words.BUILDERS,
        "supplier": words.SUPPLIERS,
        "tenant": words.TENANTS,
        "consultant": words.CONSULTANTS,
        "agent": words.AGENTS,
        "borrower": words.BORROWERS,
        "company": words.SELLERS,
        "target": words.TARGETS,
        "government": [words.GOVERNMENT],
    }


def _hong_kong_address(rng: random.Random) -> str:
    region, quarter, _english = rng.choice(words.HONG_KONG)
    return f"{region}{quarter}{rng.choice(words.HK_STREETS)}{rng.randint(1, 300)}號{rng.randint(2, 30)}樓"
