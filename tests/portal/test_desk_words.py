"""Every code that the trail and the list of jobs keep has words, and everything refused can be asked for (AUD-2, AUD-3)."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.utils import translation

from portal.demo.loading import LOADED
from portal.desk import words
from portal.serve.schedule import registered
from records import audit
from tests import factories
from tests.portal.test_desk_pages import desk, text_of

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "\n".join(
    path.read_text() for floor in ("portal", "retention", "records", "search", "storage") for path in sorted((ROOT / floor).rglob("*.py"))
)
ACTIONS = set(re.findall(r'\baction=f?"([a-z:{}_-]+)"', SOURCE)) - {"store_true"}
VERBS = set(re.findall(r'@verb\("([a-z_]+)"', SOURCE))


def test_the_source_is_read_as_meant() -> None:
    assert {"sign-in-failed", "refused:look", "setup:{act}"} <= ACTIONS
    assert {"register", "change_tier"} <= VERBS


@pytest.mark.parametrize("action", sorted(ACTIONS | {LOADED} | {f"refused:{name}" for name in VERBS}))
def test_every_act_has_words(action: str) -> None:
    known = {*words.ACTS, *(f"{words.REFUSED}{code.replace('-', '_')}" for code in {**words.ACTS, **words.TRIES})}
    pattern = re.sub(r"{.*?}", "*", action)
    assert [code for code in known if fnmatch(code, pattern)]


def test_every_job_has_words() -> None:
    assert {name for name, job in registered().items() if job.work.__module__.startswith("portal.")} == set(words.JOBS)


@pytest.mark.django_db
def test_everything_refused_is_asked_for_at_once() -> None:
    """AUD-3."""
    staff = factories.person("staff")
    for action in ("refused:look", "refused:change_tier", "sign-in", "sign-in-failed"):
        audit.record_event(actor=staff, action=action)
    with translation.override("en"):
        page = text_of(desk("auditor").get("/audit/", {"action": "refused:"}))
    table = page[page.index("When Who What") :]
    assert "refused: looked at" in table
    assert "refused: change of tier proposed" in table
    assert "signed in" not in table
    assert "sign-in failed" not in table


@pytest.mark.django_db
def test_why_a_try_was_refused_is_said_in_words_and_a_search_says_how_many_it_found() -> None:
    """AUD-2: the code is for machines, the page for people."""
    staff = factories.person("staff")
    audit.record_event(actor=staff, action="refused:look", reason="not-your-turn")
    audit.record_event(actor=staff, action="search", subject="合同", reason="147")
    audit.record_event(actor=staff, action="refused:setup", reason="a word of its own")
    with translation.override("en"):
        page = text_of(desk("auditor").get("/audit/"))
    assert "It is not your turn to decide this" in page
    assert "not-your-turn" not in page
    assert "147 found" in page
    assert "a word of its own" in page
