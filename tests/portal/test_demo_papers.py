"""The demo's papers: they read like real ones, machines can read them, and a seed always makes the same."""

import io
import random
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import islice

import pypdfium2
import pytest
from PIL import Image

from portal.demo import bulk, drafting, figures, items, papers
from portal.demo.fonts import BOLD, TEXT, face
from portal.demo.fonts.cut import characters
from portal.demo.people import make_world
from records import identifiers
from storage import formats

ENDINGS = {"pdf": "application/pdf", "jpg": "image/jpeg", "tif": "image/tiff", "txt": "text/plain", "eml": "message/rfc822"}


@pytest.fixture(scope="module")
def plan() -> list[items.Item]:
    return items.records()


def text_of(pdf: bytes) -> str:
    """All text of a PDF, without white space."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)
    finally:
        document.close()


def first_with(plan: list[items.Item], form: str) -> items.Item:
    return next(item for item in plan if item.files[0].form == form)


def test_identity_numbers_credit_codes_and_cards_have_right_check_characters():
    """CAP-6: what the demo registers is what forms accept."""
    world = make_world(11)
    companies = [world.own, world.lender, world.property, *(company for kind in world.companies.values() for company in kind)]
    assert all(identifiers.identity_number_is_valid(person.identity_number) for person in world.persons)
    assert all(identifiers.bank_card_is_valid(person.account) and identifiers.mobile_is_valid(person.phone) for person in world.persons)
    assert all(identifiers.credit_code_is_valid(company.credit_code) for company in companies)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("3531000", "叁佰伍拾叁万壹仟元整"),
        ("10005", "壹万零伍元整"),
        ("100200.05", "壹拾万零贰佰元零伍分"),
        ("100000000", "壹亿元整"),
        ("100000001.50", "壹亿零壹元伍角整"),
        ("0.30", "零元叁角整"),
    ],
)
def test_amounts_in_capitals(amount: str, words: str):
    assert figures.capital_amount(Decimal(amount)) == words


def test_clauses_are_counted_as_in_contracts():
    assert [figures.ordinal(number) for number in (1, 10, 12, 20, 21)] == ["一", "十", "十二", "二十", "二十一"]


def test_every_shipped_type_and_tier_occurs_in_three_languages(plan: list[items.Item]):
    assert len(plan) > 300
    assert len({item.given["record_type"] for item in plan}) == 13
    assert {item.given["tier"] for item in plan} == {"public", "internal", "secret", "confidential", "top-secret"}
    assert {item.paper.lang for item in plan} == {"zh", "hant", "en"}
    assert {item.paper.facts.signed.year for item in plan} >= set(range(2012, 2027))
    assert {item.state for item in plan} == {"filed", "reviewed", "registered", "returned", "withdrawn"}
    assert {file.form for item in plan for file in item.files} == {"pdf", "scan", "tiff", "jpeg", "docx", "xlsx", "txt", "eml"}


def test_titles_occur_once_each_so_that_an_interrupted_load_can_go_on(plan: list[items.Item]):
    counted = Counter((item.given["record_type"], item.given["title"]) for item in plan)
    assert [title for title, count in counted.items() if count > 1] == []


def test_tiers_above_internal_carry_reason_and_term_and_top_secret_names_its_people(plan: list[items.Item]):
    """SEC-3, SEC-4."""
    for item in plan:
        if item.given["tier"] in ("secret", "confidential", "top-secret"):
            assert item.given["tier_reason"]
            assert item.given["tier_until"].startswith("P")
        assert ("named" in item.given) == (item.given["tier"] == "top-secret")
        assert item.registrar != item.reviewer  # CAP-3


def test_every_placeholder_was_filled(plan: list[items.Item]):
    for item in plan:
        text = item.paper.draft.plain() + item.given["title"]
        assert not set("{}[]~@") & set(text), (item.key, text)


def test_both_typefaces_have_every_character_of_the_texts(plan: list[items.Item]):
    """Fails after a text was changed without `python -m portal.demo.fonts.cut`."""
    needed = set(characters()) | {character for item in plan for character in item.paper.draft.plain() if character.isprintable()}
    for font in (TEXT, BOLD):
        assert needed - {chr(code) for code in face(font).face.charToGlyph} == set()


@pytest.mark.parametrize("template", ["sale.zh", "lease.hant", "supply.en", "loan_file.zh"])
def test_a_born_digital_paper_says_to_machines_what_it_shows_to_people(template: str):
    world, rng = make_world(3), random.Random(template)
    paper = papers.compose(rng, world, template, signed=date(2024, 5, 6))
    found = text_of(papers.render(paper, papers.PDF, rng).content)
    for block in paper.draft.blocks:
        for part in (block.text, *(block.cells if block.kind == "row" else ())):
            assert "".join(part.split())[:12] in found
    assert paper.facts.number in found


def test_an_amendment_shares_parties_and_states_the_contract_it_amends(plan: list[items.Item]):
    by_key = {item.key: item for item in plan}
    amended = [item for item in plan if item.relations and item.relations[0][0] == "amends"]
    assert len(amended) > 10
    for item in amended:
        first = by_key[item.relations[0][1]]
        assert item.given["parties"] == first.given["parties"]
        assert item.given["fields"]["contract_number"] == first.given["fields"]["contract_number"]
        assert first.given["fields"]["contract_number"] in item.paper.draft.plain()


@pytest.mark.parametrize("form", ["pdf", "scan", "tiff", "jpeg", "docx", "xlsx", "txt"])
def test_every_form_is_accepted_by_its_content_and_printed_the_same_each_time(plan: list[items.Item], form: str, tmp_path):
    """CAP-2: no file of the demo leans on its name."""
    item = first_with(plan, form)
    for (name, printed), (_name, again) in zip(item.printed(), item.printed(), strict=True):
        assert printed.content == again.content
        path = tmp_path / "unnamed"
        path.write_bytes(printed.content)
        found = formats.recognise(path, name=name)
        assert found.media_type == ENDINGS.get(name.rsplit(".", 1)[-1], found.media_type)
        assert (found.pages or 0) == printed.pages


def test_a_scan_has_no_text_and_is_grey_paper_not_white(plan: list[items.Item]):
    """FND-1: a page without text is a scan; CAP-14: 200 dpi at least."""
    _name, content, _given = next(bulk.scans(4, 1))
    assert text_of(content) == ""
    document = pypdfium2.PdfDocument(content)
    page = document[0].render(scale=1, grayscale=True).to_pil()
    document.close()
    assert 225 < page.getpixel((20, 400)) < 255
    card = next(item for item in plan if item.files[0].form == "jpeg" and item.key.startswith("identity"))
    assert [name for name, _printed in card.printed()] == ["身份证正面.jpg", "身份证反面.jpg"]
    assert Image.open(io.BytesIO(card.printed()[0][1].content)).mode == "RGB"


def test_contracts_for_measuring_have_two_pages_all_differ_and_stay_small():
    made = list(bulk.contracts(9, 12))
    documents = [pypdfium2.PdfDocument(content) for _name, content, _given in made]
    assert {len(document) for document in documents} == {2}
    assert len({content for _name, content, _given in made}) == len({name for name, _content, _given in made}) == 12
    assert sum(len(content) for _name, content, _given in made) / 12 < 100_000
    assert [content for _name, content, _given in islice(bulk.contracts(9, 3), 3)] == [content for _name, content, _given in made[:3]]
    assert made[0][1] != next(bulk.contracts(10, 1))[1]


def test_variants_and_choices_are_taken_one_at_a_time():
    source = drafting.Template(
        "test", "zh", {"title": "题", "style": "articles"}, ("## 甲", "~ 一", "~ 二", "三[[四|五]]", "| a[[b|c]] | d |")
    )
    draft = drafting.draft(source, {}, random.Random(1))
    assert [block.kind for block in draft.blocks] == ["heading", "para", "para", "row"]
    assert draft.blocks[0].text == "第一条　甲"
    assert draft.blocks[1].text in "一二"
    assert draft.blocks[2].text in ("三四", "三五")
    assert draft.blocks[3].cells[0] in ("ab", "ac")
