"""Contracts by the hundred, for measuring: born-digital ones of two pages, and scans of such."""

import random
from collections.abc import Iterator
from typing import Any

from portal.demo import papers, pdf, registering, scan
from portal.demo.facts import random_day
from portal.demo.papers import Paper
from portal.demo.people import World, make_world

TEMPLATES = (
    "sale.zh",
    "construction.zh",
    "lease.zh",
    "purchase.zh",
    "property.zh",
    "service.zh",
    "agency.zh",
    "lease.hant",
    "lease.en",
    "supply.en",
)
SIZES = (12.0, 11.5, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5)  # points, tried in this order until the contract has its two pages
PAGES = 2
DPI = 200

Contract = tuple[str, bytes, dict[str, Any]]


def contracts(seed: int, count: int) -> Iterator[Contract]:
    """File name, bytes and registration (as `POST /records/` takes it) of so many born-digital contracts of two pages each.

    All differ; the same seed gives the same bytes.
    """
    world = make_world(seed)
    for place in range(count):
        rng = random.Random(f"{seed}/contract/{place}")  # noqa: S311 - invented papers
        paper, size = _two_pages(rng, world, place)
        given = registering.particulars(rng, paper)
        pages = papers.set_pages(paper, rng, signatures=False, size=size)
        yield f"{paper.facts.number}-{place:05}.pdf", pdf.write(pages, title=paper.name), given


def scans(seed: int, count: int) -> Iterator[Contract]:
    """The same as grey scans of two pages at 200 dpi, without any text."""
    world = make_world(seed)
    for place in range(count):
        rng = random.Random(f"{seed}/scan/{place}")  # noqa: S311 - invented papers
        paper, size = _two_pages(rng, world, place)
        given = registering.particulars(rng, paper)
        pages = papers.set_pages(paper, rng, signatures=True, size=size)
        printed = pdf.write(pages, skews=scan.skews(PAGES, rng))
        images = scan.scanned(scan.page_images(printed, dpi=DPI, colour=False), rng)
        yield f"scan-{place:05}.pdf", scan.as_pdf(images, dpi=DPI), given


def _two_pages(rng: random.Random, world: World, place: int) -> tuple[Paper, float]:
    """A contract, and the size at which it takes two pages; its number is made the only one of its kind."""
    while True:
        paper = papers.compose(rng, world, rng.choice(TEMPLATES), signed=random_day(rng, 2012, 2026))
        fitting = (size for size in SIZES if len(papers.set_pages(paper, random.Random(0), signatures=True, size=size)) == PAGES)  # noqa: S311
        size = next(fitting, None)
        if size is not None:
            break
    paper.name = f"{paper.name}（{place + 1:05}）"
    return paper, size
