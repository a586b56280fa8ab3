"""Every address there is, those of libraries too: closed to nobody signed in, and the workbench to who has no work there.

Who gets what of the desk is in `test_desk_matrix.py`, of the API in `test_api_matrix.py`; here is the rest: door and workbench.
"""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.portal.test_desk_pages import desk
from tests.portal.walked import ANY_ID, ARCHIVISTS, EVERYBODY, LAWYERS, TRAIL
from tests.portal.worlds import another_world

PERSON = {"uuid": ANY_ID, "int": "1"}  # what an address is asked with, by its converter; `x` for text
# --- the door: what each answers to nobody, and to whoever is signed in ----------------------------------------------------
DOOR = {
    "sign-in": (200, 302),
    "sign-out": (302, 405),
    "language": (405, 405),
    "first": (404, 404),
    "forgotten": (200, 200),
    "forgotten-sent": (200, 200),
    "reset-done": (200, 200),
    "reset": (404, 404),
    "profile": (302, 200),
    "password": (302, 200),
    "mail-pace": (302, 405),
    "tokens": (302, 200),
    "revoke-token": (302, 405),
}
OPEN = ("/accounts/", "/api/v1/schema/")  # to nobody; what of the first, DOOR says
# --- the workbench: who is shown what, by the first word of the address, or two ------------------------------------------------------
HERE = EVERYBODY - {"staff", "staff2", "head"}  # who has a duty with work there
EDITORS = HERE - {"manager", "auditor"}  # of regulations and notices
SET_UP = HERE - {"manager"}  # who looks at what is set up; only the administrator changes it
SET = ("recordtype", "recordclass", "tier", "numberrule", "schedule", "department", "chain", "loanpolicy")
TOOLS = ("api", "choose-page", "embeds", "dismissibles", "tag-autocomplete", "test404", "workflows task_chooser")  # of Wagtail's forms
TOOLS += ("choose-external-link", "choose-email-link", "choose-phone-link", "choose-anchor-link")
ADMINISTRATOR = frozenset({"admin"})
WORKBENCH = {
    "": HERE,
    **dict.fromkeys(TOOLS, HERE),
    "pages": EDITORS,
    "pages confirm": HERE,  # Wagtail says there that nothing can be done
    "reports": EDITORS,
    "reports locked": LAWYERS | ADMINISTRATOR,
    "registers": ARCHIVISTS | LAWYERS | {"manager", "officer"},
    **dict.fromkeys(SET, SET_UP),
    **dict.fromkeys((f"{word} change" for word in SET), ADMINISTRATOR),
    **dict.fromkeys(("grant", "users"), TRAIL | ADMINISTRATOR),
    **dict.fromkeys(("grant change", "users change", "groups", "groups change", "sites", "sites change"), ADMINISTRATOR),
    **dict.fromkeys(("workflows", "workflows change"), ADMINISTRATOR),
    **dict.fromkeys(("place", "place change"), ARCHIVISTS),
}
CHANGING = {"new", "add", "edit", "delete", "history", "history-results", "usage"}
ANYBODYS = ("/workbench/sprite/", "/workbench/jsi18n/")  # icons and words: of whoever is signed in
APART = ("/logout/", "/failwhale/")  # leads to the door; is Wagtail's own, which only raises


def addresses() -> Iterator[tuple[str, str]]:
    """Every address with some arguments, and its name."""

    def walk(patterns: list[Any], before: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            here = before + filled(str(pattern.pattern))
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here)
            elif isinstance(pattern, URLPattern):
                yield here, pattern.name or ""

    return walk(get_resolver().url_patterns, "/")


def filled(route: str) -> str:
    """A part of an address with something in place of each argument."""
    if route.startswith("^") or "(?P" in route:
        route = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "1", route)
        return re.sub(r"[\^$\\]|\(.*\)", "", route)
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: PERSON.get(found[1], "x"), route)


@pytest.fixture(scope="module")
def browsers(it: SimpleNamespace) -> dict[str, Client]:
    """A browser for each person, and nobody's."""
    return {name: desk(name) for name in sorted(EVERYBODY)} | {"": Client()}


def asked(browser: Client, method: str, url: str) -> Any:
    """The answer; what it changed is gone, and who was signed out is in again."""
    before = dict(browser.cookies)
    with another_world():
        answer = getattr(browser, method)(url)
    browser.cookies = SimpleCookie(before)
    return answer


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_passes_the_door(method: str, browsers: dict[str, Client]) -> None:
    """Whatever is installed: to sign in first, or 401 from the API."""
    door, passed = reverse("accounts:sign-in"), {}
    for url, _name in addresses():
        answer = asked(browsers[""], method, url)
        led = answer.status_code == 302 and answer.url.partition("?")[0] == door
        if not led and answer.status_code != 401 and not url.startswith(OPEN):
            passed[url] = answer.status_code
    assert passed == {}


def test_each_address_of_the_door_is_in_its_table(browsers: dict[str, Client]) -> None:
    names = {name: url for url, name in addresses() if url.startswith("/accounts/")}
    found = {name: tuple(asked(browsers[who], "get", url).status_code for who in ("", "staff")) for name, url in names.items()}
    assert found == DOOR


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["staff", "staff2", "head"])
def test_the_workbench_is_closed_to_who_has_no_work_there(who: str, method: str, browsers: dict[str, Client]) -> None:
    """Led back to the desk, or nothing is there (SEC-15)."""
    opened = {
        url: status
        for url, _name in addresses()
        if url.startswith("/workbench/") and url not in ANYBODYS
        if not url.endswith(APART) and (status := asked(browsers[who], method, url).status_code) not in {302, 404}
    }
    assert opened == {}


@pytest.mark.parametrize("who", ["admin", "archivist", "manager", "legal", "officer", "auditor"])
def test_the_workbench_shows_what_the_table_says(who: str, browsers: dict[str, Client]) -> None:
    """SEC-15: one of each duty."""
    shown = {
        part_of(url)
        for url, _name in addresses()
        if url.startswith("/workbench/") and url not in ANYBODYS and not url.endswith(APART)
        if asked(browsers[who], "get", url).status_code == 200
    }
    assert shown == {part for part, people in WORKBENCH.items() if who in people}


def part_of(url: str) -> str:
    """The part of the workbench that an address belongs to, as WORKBENCH names it."""
    _nothing, _workbench, area, second, *_rest = [*url.split("/"), ""]
    if f"{area} {second}" in WORKBENCH:
        return f"{area} {second}"
    if "/confirm" in url:
        return f"{area} confirm"
    return f"{area} change" if second in CHANGING else area
