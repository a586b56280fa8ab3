"""What lies in the demo's archive: several hundred records of every shipped type and tier, the same for the same seed.

An item says what is registered, by which files, and how far it has come; its files are printed only when they are asked for.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from portal.demo import papers, registering
from portal.demo.facts import random_day
from portal.demo.papers import DOCX, JPEG, PDF, SCAN, TIFF, TXT, XLSX, Paper, Printed
from portal.demo.people import Company, World, make_world
from portal.demo.special import (
    certificate_paper,
    general_papers,
    identity_paper,
    licence_paper,
    mail_for,
    passport_paper,
    regulation_papers,
)

SEED = 2026
FILED, REVIEWED, REGISTERED, RETURNED, WITHDRAWN = "filed", "reviewed", "registered", "returned", "withdrawn"
# How far records have come, by share; the rest is filed.
WAITING = ((REGISTERED, 0.08), (REVIEWED, 0.07), (RETURNED, 0.02))


@dataclass(frozen=True)
class FileOf:
    """One file to print: `name` without its ending."""

    name: str
    form: str
    colour: bool = False
    pages: Callable[[], list[Any]] | None = None  # drawn instead of the paper's own
    content: Callable[[], bytes] | None = None  # made elsewhere


@dataclass
class Item:
    """A record of the demo. `given` is the plain dict that `POST /records/` takes, but for files and volume."""

    key: str
    paper: Paper
    given: dict[str, Any]
    files: tuple[FileOf, ...]
    seed: str
    state: str = FILED
    volume: str = ""
    relations: list[tuple[str, str]] = field(default_factory=list)  # kind, key of the other item
    versions: tuple[str, ...] = ()  # reasons of later versions

    @property
    def registrar(self) -> str:
        """Who registers: top secret is for one person, the two archivists share the rest."""
        return "registrar" if self.given.get("tier") == "top-secret" else ("archivist", "archivist2")[sum(map(ord, self.key)) % 2]

    @property
    def reviewer(self) -> str:
        """The second person."""
        return {"registrar": "officer", "archivist": "archivist2", "archivist2": "archivist"}[self.registrar]

    def printed(self, version: int = 1) -> list[tuple[str, Printed]]:
        """The files of a version; always the same bytes."""
        rng = random.Random(f"{self.seed}/{self.key}/print/{version}")  # noqa: S311 - invented papers
        return [_print(self.paper, file, rng) for file in self.files]


def _print(paper: Paper, file: FileOf, rng: random.Random) -> tuple[str, Printed]:
    ending = {SCAN: "pdf", TIFF: "tif", JPEG: "jpg"}.get(file.form, file.form)
    name = f"{file.name}.{ending}"
    if file.content is not None:
        return name, Printed(file.content(), 0)
    if file.pages is not None:
        paper = Paper(paper.name, paper.facts, paper.draft, paper.meta, paper.lang, pages=file.pages)
    return name, papers.render(paper, file.form, rng, colour=file.colour)


Make = Callable[[random.Random], tuple[Paper, str]]  # a paper and its tier

# --- the plan -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """So many papers of one template; shares of scans, and of tiers above internal."""

    template: str
    count: int
    scans: float = 0.15
    secret: float = 0.08
    confidential: float = 0.0
    years: tuple[int, int] = (2012, 2026)
    forms: tuple[str, ...] = (PDF,)


CONTRACTS = (
    Kind("sale.zh", 24),
    Kind("construction.zh", 16, secret=0.25, confidential=0.06),
    Kind("lease.zh", 20),
    Kind("lease.hant", 9, scans=0.3),
    Kind("lease.en", 7, years=(2018, 2026)),
    Kind("purchase.zh", 17, forms=(PDF, PDF, DOCX)),
    Kind("property.zh", 9),
    Kind("service.zh", 11, secret=0.2),
    Kind("service.hant", 6),
    Kind("agency.zh", 4, secret=0.5),
    Kind("equity.zh", 5, scans=0.2, secret=0.3, confidential=0.7),
    Kind("land.zh", 3, scans=0.4, secret=0.5, confidential=0.3),
    Kind("supply.en", 6, secret=0.3),
    Kind("nda.en", 4, scans=0.2, secret=0.5, confidential=0.5),
)
CUSTOMERS = (
    Kind("customer_card.zh", 11, scans=0.1, secret=0.0, years=(2016, 2026)),
    Kind("customer_card.en", 3, scans=0.0, secret=0.0, years=(2020, 2026)),
    Kind("registration.zh", 9, scans=0.35, secret=0.0, years=(2016, 2026)),
    Kind("complaint.zh", 9, scans=0.1, secret=0.0, years=(2021, 2026), forms=(PDF, PDF, TXT)),
    Kind("complaint.hant", 3, scans=0.0, secret=0.0, years=(2022, 2026)),
    Kind("complaint.en", 3, scans=0.0, secret=0.0, years=(2022, 2026)),
    Kind("credit_report.zh", 8, scans=0.2, secret=0.6, confidential=0.1, years=(2014, 2026)),
    Kind("handover.zh", 6, scans=0.2, secret=0.0, years=(2013, 2026), forms=(PDF, XLSX, XLSX)),
)
LOANS = 8
TRIES = 5  # other facts for another title; then it is counted


def records(seed: int = SEED) -> list[Item]:
    """All items, in the order in which they are registered."""
    world = make_world(seed)
    maker = Maker(seed, world)
    contracts = [item for kind in CONTRACTS for item in maker.of_kind(kind)]
    made = [*contracts, *maker.amendments(contracts)]
    made += maker.top_secret() + maker.loans() + maker.identities(contracts) + maker.licences()
    cards = [item for kind in CUSTOMERS for item in maker.of_kind(kind)]
    made += cards + maker.passports(cards)
    made += maker.generals() + maker.regulations()
    maker.states(made)
    return made


class Maker:
    """Makes items with titles that occur once each."""

    def __init__(self, seed: int, world: World) -> None:
        self.seed, self.world = seed, world
        self.titles: set[str] = set()

    def rng(self, *parts: object) -> random.Random:
        """A generator of its own for each thing, so that one more item changes no other."""
        return random.Random("/".join(map(str, (self.seed, *parts))))  # noqa: S311 - invented papers

    def item(self, key: str, make: Make, files: Callable[[random.Random, Paper], tuple[FileOf, ...]], **more: Any) -> Item:
        """An item whose title nobody else has; `make` returns the paper and its tier."""
        for salt in itertools.count():
            paper, tier = make(self.rng(key, salt))
            if salt >= TRIES:
                paper.name = f"{paper.name}（{salt - TRIES + 2}）"
            if paper.name not in self.titles:
                break
        self.titles.add(paper.name)
        given = registering.particulars(self.rng(key, "fields"), paper, tier=tier, **more)
        return Item(key, paper, given, files(self.rng(key, "files"), paper), str(self.seed))

    def of_kind(self, kind: Kind) -> Iterator[Item]:
        """All papers of one kind."""
        for place in range(kind.count):
            key = f"{kind.template}-{place:02}"
            yield self.item(key, partial(self._compose, kind), partial(files_of, kind))

    def _compose(self, kind: Kind, rng: random.Random) -> tuple[Paper, str]:
        signed = random_day(rng, *kind.years)
        return papers.compose(rng, self.world, kind.template, signed=signed), _tier(rng, kind)

    def amendments(self, contracts: list[Item]) -> list[Item]:
        """Every seventh contract was amended, in its own language."""
        made = []
        for first in contracts[3::7]:
            lang = first.paper.lang

            def make(rng: random.Random, first: Item = first, lang: str = lang) -> tuple[Paper, str]:
                signed = min(first.paper.facts.signed + timedelta(days=rng.randint(40, 300)), date(2026, 10, 30))
                return papers.compose(rng, self.world, f"amendment.{lang}", signed=signed, amends=first.paper), first.given["tier"]

            kind = Kind(f"amendment.{lang}", 1)
            item = self.item(f"amends-{first.key}", make, partial(files_of, kind), department=first.given["department"])
            item.relations.append(("amends", first.key))
            made.append(item)
        return made

    def top_secret(self) -> list[Item]:
        """A few that only named people know."""
        kind = Kind("equity.zh", 3, scans=0.0, years=(2024, 2026))

        def make(rng: random.Random) -> tuple[Paper, str]:
            return self._compose(kind, rng)[0], "top-secret"

        return [self.item(f"top-{place}", make, partial(files_of, kind)) for place in range(kind.count)]

    # --- loans ------------------------------------------------------------------------------------------------------

    def loans(self) -> list[Item]:
        """Loan files: contract, mortgage, approval, receipt, and the titles that secure them, each loan in a volume."""
        return [item for place in range(LOANS) for item in self._loan(place)]

    def _loan(self, place: int) -> list[Item]:
        rng = self.rng("loan", place)
        template = "facility.en" if place % 4 == 3 else "loan.zh"
        tier = rng.choice(("internal", "secret", "secret", "confidential"))
        signed = random_day(rng, 2012, 2026)
        first = self.item(
            f"loan-{place}",
            lambda rng: (papers.compose(rng, self.world, template, signed=signed), tier),
            partial(files_of, LOAN),
        )
        made = [first]
        parts = [] if template == "facility.en" else ["mortgage.zh"]
        parts += ["loan_file.zh", "receipt.zh", "certificate_notice.zh"]
        made += [self._part_of_loan(f"loan-{place}-{name}", name, first, tier, signed) for name in parts]
        made.append(self._title_of_loan(f"loan-{place}-title", first, tier, signed))
        volume = f"{first.paper.facts.b.name}{signed.year}年贷款卷"  # type: ignore[union-attr]
        for item in made:
            item.volume = volume
        return made

    def _part_of_loan(self, key: str, name: str, first: Item, tier: str, signed: date) -> Item:
        kind = SCANNED if name in ("certificate_notice.zh", "receipt.zh") else LOAN

        def make(rng: random.Random) -> tuple[Paper, str]:
            paper = papers.compose(rng, self.world, name, signed=signed, of_loan=first.paper)
            return paper, tier if paper.meta["record_class"] == "DK" else "secret"

        item = self.item(key, make, partial(files_of, kind))
        item.relations.append(("secures" if name.startswith(("certificate", "mortgage")) else "is-part-of", first.key))
        return item

    def _title_of_loan(self, key: str, first: Item, tier: str, signed: date) -> Item:
        item = self.item(
            key,
            lambda _rng: (certificate_paper(first.paper, signed), "secret" if tier == "internal" else tier),
            partial(files_of, DRAWN),
        )
        item.relations.append(("secures", first.key))
        return item

    # --- people and companies ---------------------------------------------------------------------------------------

    def identities(self, contracts: list[Item]) -> list[Item]:
        """Identity cards of the buyers, as copies, pairs of pictures or passports."""
        buyers = [item for item in contracts if item.key.startswith("sale")][:22]
        made = [self._identity(f"identity-{place:02}", first, identity_paper) for place, first in enumerate(buyers)]
        return [item for item in made if item is not None]

    def passports(self, cards: list[Item]) -> list[Item]:
        """Passports of customers from abroad."""
        strangers = [item for item in cards if item.key.startswith("customer_card.en")]
        made = [self._identity(f"passport-{place}", first, passport_paper) for place, first in enumerate(strangers)]
        return [item for item in made if item is not None]

    def _identity(self, key: str, first: Item, make: Callable[..., tuple[Paper, list[tuple[Any, ...]]]]) -> Item | None:
        paper, files = make(self.rng(key), first.paper)
        if paper.name in self.titles:
            return None
        tier = "secret" if sum(map(ord, key)) % 9 == 0 else "internal"
        item = self.item(key, _always(paper, tier), lambda _rng, _paper: tuple(FileOf(*file) for file in files), department="sales")
        item.relations.append(("identifies", first.key))
        return item

    def licences(self) -> list[Item]:
        """Business licences of builders, suppliers and borrowers."""
        companies = [*self.world.companies["builder"], *self.world.companies["supplier"][:4], *self.world.companies["borrower"][:4]]

        return [
            self.item(
                f"licence-{place:02}",
                partial(self._licence, company),
                partial(files_of, DRAWN),
                department="projects",
            )
            for place, company in enumerate(companies)
        ]

    def _licence(self, company: Company, rng: random.Random) -> tuple[Paper, str]:
        return licence_paper(rng, self.world, company), "internal"

    # --- the rest ---------------------------------------------------------------------------------------------------

    def generals(self) -> list[Item]:
        """Minutes, letters, notices, and what only few may see."""
        made = []
        for place, (paper, tier, forms) in enumerate(general_papers(self.rng("general"), self.world)):
            kind = Kind("", 1, scans=0.15, forms=forms)
            item = self.item(f"general-{place:02}", _always(paper, tier), partial(files_of, kind))
            if place % 4 == 1:
                item.files = (*item.files, FileOf("往来邮件", "eml", content=mail_for(self.rng("mail", place), paper)))
            made.append(item)
        return made

    def regulations(self) -> list[Item]:
        """The house's rules; two of them replace older ones."""
        made = []
        for place, (paper, replaces) in enumerate(regulation_papers(self.rng("regulation"), self.world)):
            kind = Kind("", 1, scans=0.0, forms=(PDF, PDF, DOCX))
            item = self.item(
                f"regulation-{place:02}",
                _always(paper, "public"),
                partial(files_of, kind),
            )
            if replaces is not None:
                item.relations.append(("replaces", f"regulation-{replaces:02}"))
            made.append(item)
        return made

    def states(self, items: list[Item]) -> None:
        """How far each has come: loan files are complete, of the rest some wait, one was withdrawn; some have later versions."""
        rng = self.rng("states")
        loose = [item for item in items if not item.volume]
        for item in loose:
            chance = rng.random()
            for state, share in WAITING:
                if chance < share:
                    item.state = state
                    break
                chance -= share
        rng.choice([item for item in loose if item.state == REGISTERED and not item.relations]).state = WITHDRAWN
        scanned = [
            item
            for item in items
            if item.state == FILED and item.files[0].form == SCAN and item.key.startswith(("construction", "lease", "purchase"))
        ]
        for item in scanned[:6]:
            item.versions = rng.choice((("补扫缺页",), ("重新扫描，原件倾斜", "更正附件")))


LOAN = Kind("", 1, scans=0.1)
SCANNED = Kind("", 1, scans=1.0)
DRAWN = Kind("", 1, scans=1.0)


def _always(paper: Paper, tier: str) -> Make:
    return lambda _rng: (paper, tier)


def _tier(rng: random.Random, kind: Kind) -> str:
    chance = rng.random()
    if chance < kind.confidential:
        return "confidential"
    return "secret" if chance < kind.confidential + kind.secret else "internal"


def files_of(kind: Kind, rng: random.Random, paper: Paper) -> tuple[FileOf, ...]:
    """The one file of a usual paper: what is old was scanned more often."""
    share = kind.scans + (0.2 if paper.facts.signed.year < 2016 and kind.scans else 0.0)
    if rng.random() >= share:
        return (FileOf(_file_name(paper), rng.choice(kind.forms)),)
    form = rng.choice((SCAN, SCAN, SCAN, SCAN, TIFF)) if paper.pages is None else rng.choice((SCAN, SCAN, JPEG))
    name = rng.choice((f"扫描件_{paper.facts.signed:%Y%m%d}_{rng.randint(1, 60):03}", f"SCAN{rng.randrange(10**4):04}", _file_name(paper)))
    single = paper.meta.get("record_type") in ("business-licence", "identity-document")
    return (FileOf(name, form if single or form != JPEG else SCAN, colour=paper.pages is not None),)


def _file_name(paper: Paper) -> str:
    return f"{paper.facts.number} {paper.name}"[:80].replace("/", "-")
