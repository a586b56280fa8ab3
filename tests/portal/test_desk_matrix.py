"""Who gets what from every address of the desk: a table, in which an address that is missing fails.

Each row says who gets in and who else knows of what it is about: those are refused (403), and for everybody else there is no such thing
(404). Nobody, who has not signed in, is sent to the door. All twelve of the demo walk every row, by GET and by POST.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, reverse

from portal.desk import urls
from tests import factories
from tests.portal.test_desk_pages import desk, typed
from tests.portal.walked import (
    ANY_ID,
    ARCHIVISTS,
    EVERYBODY,
    KNOW_COPY,
    KNOW_LEAK,
    KNOW_LOAN,
    KNOW_RELEASE,
    KNOW_VOLUME,
    LAWYERS,
    READERS,
    RELEASE,
    TRAIL,
    walkers,
)
from tests.portal.worlds import another_world

WHY = {"reason": "核对"}
REGISTER = ARCHIVISTS | TRAIL | {"manager"}  # who reads the loan register
Statuses = dict[str, int]


@dataclass(frozen=True)
class Row:
    """An address. `may`: who gets in; `known`: who else knows of what it is about, for all others it does not exist.

    `get` and `post`: what those who may are answered, 405 for a method that the address has not; `but`: of a post, to these of them.
    `of`: what its arguments are, of `things`; `data`: what is posted, where it begins with `@` the thing of that name.
    """

    may: frozenset[str] | set[str] = EVERYBODY
    known: frozenset[str] | set[str] = EVERYBODY
    get: int = 200
    post: int = 405
    of: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    but: Mapping[str, int] = field(default_factory=dict)

    def expected(self, method: str) -> Statuses:
        """By person."""
        answer = self.get if method == "get" else self.post
        if answer == 405:
            return dict.fromkeys(EVERYBODY, 405)
        refused = {name: 403 if name in self.known else 404 for name in EVERYBODY - self.may}
        return refused | dict.fromkeys(self.may, answer) | (dict(self.but) if method == "post" else {})

    def given(self, it: SimpleNamespace) -> dict[str, Any]:
        """What is posted."""
        return {key: getattr(it, value[1:]) if str(value).startswith("@") else value for key, value in self.data.items()}


def page(may: Any = EVERYBODY, known: Any = EVERYBODY, **more: Any) -> Row:
    """What is only looked at."""
    return Row(may, known, **more)


def form(may: Any = EVERYBODY, known: Any = EVERYBODY, *, post: int = 302, **more: Any) -> Row:
    """A page that asks, and then does it."""
    return Row(may, known, post=post, **more)


def button(may: Any = EVERYBODY, known: Any = EVERYBODY, **more: Any) -> Row:
    """What is only done."""
    return form(may, known, get=405, **more)


# The things: `record` is a contract of class HT and tier internal, `filed` another one with its number, both registered by archivist;
# staff asked for `loan`, got `running` approved, were handed `out` and `copy`, and reported `leak`.
TABLE: dict[str, Row] = {
    "home": page(),
    # finding
    "search": page(),
    "suggest": page(),
    # registering, review, filing
    "register": form(ARCHIVISTS, post=400),
    "register-form": button(ARCHIVISTS, post=200, data=typed()),
    "upload": button(ARCHIVISTS, post=400),  # without a file
    "parties": page(),
    "returned": page(),
    "review-list": page(ARCHIVISTS | {"officer"}),
    "review": form(ARCHIVISTS, EVERYBODY - {"officer"}, of="record", data={"decision": "accept"}, but={"archivist": 409}),  # CAP-3
    "file-list": form(ARCHIVISTS, data={"do": "file", "records": "@reviewed"}),
    "numbers": page(ARCHIVISTS | TRAIL),
    # tiers
    "tier-list": page(ARCHIVISTS | {"officer"}),
    "tiers-ending": page(ARCHIVISTS | {"officer"}),
    "tier-decide": button(ARCHIVISTS, READERS, of="change", data={"decision": "accept"}, but={"archivist": 409}),  # SEC-14
    # the trail
    "audit": page(TRAIL),
    "audit-export": page(TRAIL),
    "unusual": page(TRAIL),
    # leaks
    "leaks": page(),
    "leak-report": form(data={"number": "@number", "what": "复印件在外"}),
    "leak": page(KNOW_LEAK, (), of="leak"),
    "leak-examine": button({"officer"}, KNOW_LEAK, of="leak"),
    "leak-close": button({"officer"}, KNOW_LEAK, of="leak", data={"findings": "误报"}),
    "report-leak": form(READERS, (), of="record", data={"what": "复印件在外"}),
    # releases to outside
    "releases": page(),
    "release": page(KNOW_RELEASE, (), of="release"),
    "release-act": button(
        {"manager", "officer", "legal"},  # the committee
        KNOW_RELEASE,
        of="release",
        data={"act": "approve"},
        but=dict.fromkeys([*ARCHIVISTS, "legal2"], 409),
    ),
    "ask-release": form(ARCHIVISTS | LAWYERS, READERS, of="filed", data=RELEASE),
    # loans
    "loans": page(),
    "loans-waiting": page(),
    "loans-decide": button(post=409, data={"loan": "@loan", "decision": "approve"}, but={"head": 302}),
    "loans-counter": page(ARCHIVISTS),
    "loans-register": page(REGISTER),
    "loans-report": page(REGISTER),
    "slip": page(ARCHIVISTS | {"staff"}, KNOW_COPY, of="original"),
    "loan-decide": button(KNOW_LOAN, (), of="loan", post=409, data={"decision": "approve"}, but={"head": 302}),  # LND-2
    "loan-confirm": button({"staff"}, KNOW_COPY, of="out"),
    "loan-cancel": form(ARCHIVISTS | {"staff"}, KNOW_LOAN, of="loan", data=WHY),
    "loan-extend": form({"staff"}, KNOW_LOAN, of="running", data=WHY | {"until": "@until"}),
    "loan-issue": form(ARCHIVISTS, KNOW_COPY, of="original", data={"copies": 1, "pages": 2}),
    "loan-return": form(ARCHIVISTS, KNOW_COPY, of="out", data={"copies": 1, "pages": 2}),
    "loan-recall": form(ARCHIVISTS, KNOW_LOAN, of="running", data=WHY),
    "loan-report-loss": form(ARCHIVISTS | {"staff"}, KNOW_COPY, of="out", data=WHY),
    "borrow": form(READERS, (), of="filed", data={"use": "original", "purpose": "核对", "until": "@until"}),
    # copies on paper
    "copies": page(),
    "copy-return": form(ARCHIVISTS, KNOW_COPY, of="copy"),
    "copy-destroy": form(ARCHIVISTS, KNOW_COPY, of="copy", data=WHY),
    "copy-witness": form(ARCHIVISTS | LAWYERS | {"manager", "head"}, READERS, of="destroying", but={"archivist": 409}),
    "copy-report-loss": form(ARCHIVISTS | {"staff"}, KNOW_COPY, of="copy", data=WHY),
    "copy-print": page(ARCHIVISTS, KNOW_COPY, of="copy"),
    # places of paper
    "places": page(ARCHIVISTS),
    "place": page(ARCHIVISTS, of="place"),
    "place-labels": page(ARCHIVISTS, of="place"),
    "scan": page(ARCHIVISTS, (), get=400),  # without a code
    "scanned": page(ARCHIVISTS, (), get=302, of="place"),
    # a volume of class DK
    "volume": page(KNOW_VOLUME, (), of="volume"),
    "volume-label": page(KNOW_VOLUME, (), of="volume"),
    "volume-borrow": form(KNOW_VOLUME, (), of="volume", data={"use": "original", "purpose": "核对", "until": "@until"}),
    # notices: `notice` is archivist's
    "notices": page(),
    "notices-read": button(),
    "notice": page({"archivist"}, (), get=302, of="notice"),
    # what is entrusted to people: `proposal` is by admin, `deputy` is named by legal
    "entrusted": page({"admin", "officer", "manager"}),
    "entrusted-decide": button({"officer"}, TRAIL | {"admin"}, of="proposal", data={"decision": "accept"}, but={"manager": 409}),
    "entrusted-withdraw": button({"admin"}, TRAIL | {"manager"}, of="proposal"),
    "deputies": form(data={"deputy": "legal", "from": "2026-01-01", "until": "@until"}, but={"legal": 400}),
    "deputy-end": button(LAWYERS, (), of="deputy"),
    "leave": form({"admin", "officer"}, of="leaver", data=WHY),
    # a record
    "record": page(READERS, (), of="record"),
    "version": page(READERS, (), of="record 1"),
    "open": form(READERS, (), of="record", data={"purpose": "核对"}),
    "history": page(READERS, (), of="record"),
    "access": page(READERS, (), of="record"),
    "content": page(READERS, (), of="record component"),
    "print": page(READERS, (), of="record component"),
    "page": page(READERS, (), of="record component 1"),
    "words": page(READERS, (), of="record component 1"),
    "reveal": form(ARCHIVISTS | LAWYERS | {"manager"}, READERS, of="record parties.0", post=200, data=WHY),
    "change": form(ARCHIVISTS, READERS, of="record", data={"title": "新名"}),
    "add-version": form(ARCHIVISTS, READERS, of="record", post=400),  # without files
    "move": form(ARCHIVISTS, READERS, of="record", data=WHY | {"record_class": "DK"}),
    "relate": form(ARCHIVISTS, READERS, of="record", data={"kind": "amends", "other": "@number"}),
    "propose-tier": form(ARCHIVISTS, READERS, of="record", data=WHY | {"tier": "secret"}),
    "declassify": form(ARCHIVISTS, READERS, of="record", post=409, data=WHY),  # it waits for no event
    "let-go": form(ARCHIVISTS, READERS, of="record", post=409),  # no term ends
    "withdraw": form(ARCHIVISTS, READERS, of="record", data=WHY),
    "void": form(ARCHIVISTS, READERS, of="filed", data=WHY),
    "retry-text": button(ARCHIVISTS, READERS, of="record component"),
}
NAMES = [pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)]


ABOUT_RECORDS = [name for name, row in TABLE.items() if row.of.split()[:1] in (["record"], ["filed"])]
LISTED = {"record", "borrow", "report-leak", "access"}  # what somebody opens of a record that is only listed for them


def address(name: str, it: SimpleNamespace, **instead: str) -> str:
    """The address of this name, about what its row says, or `instead` of it."""
    things = {**vars(it), **instead}
    return reverse(f"desk:{name}", args=[things.get(word, word) for word in TABLE[name].of.split()])


@pytest.fixture(scope="module")
def browsers(it: SimpleNamespace) -> dict[str, Client]:
    """A browser for each person, and nobody's."""
    return {name: desk(name) for name in sorted(EVERYBODY)} | {"": Client()}


def kept() -> dict[str, list[Any]]:
    """What stands in the database, but for what looking leaves there too: the trail with its refused tries, and sessions."""
    trail = {"AuditEvent", "AuditSeal", "Session"}
    return {each.__name__: list(each.objects.order_by("pk").values_list()) for each in apps.get_models() if each.__name__ not in trail}


def test_every_address_is_in_the_table() -> None:
    """A new page names who may see it."""
    assert set(NAMES) == set(TABLE)


@pytest.mark.parametrize("name", NAMES)
def test_each_of_the_cast_sees_what_the_table_says(name: str, it: SimpleNamespace, browsers: dict[str, Client]) -> None:
    """SEC-4, SEC-15."""
    url, expected, found = address(name, it), TABLE[name].expected("get"), {}
    for who in walkers(expected):
        with another_world():  # each finds the same
            found[who] = browsers[who].get(url).status_code
    assert differences(found, expected) == {}


@pytest.mark.parametrize("name", [name for name in NAMES if TABLE[name].post != 405])
def test_each_of_the_cast_does_what_the_table_says(name: str, it: SimpleNamespace, browsers: dict[str, Client]) -> None:
    """SEC-4, SEC-15: and of what is refused to somebody nothing is left but the refused try."""
    row, url, found = TABLE[name], address(name, it), {}
    walking = set(walkers(row.expected("post")))
    with another_world():
        before = kept()
        for who in walking - row.may:
            found[who] = browsers[who].post(url, row.given(it)).status_code
        assert kept() == before
    for who in walking & row.may:
        with another_world():
            found[who] = browsers[who].post(url, row.given(it)).status_code
    assert differences(found, row.expected("post")) == {}


def test_what_is_only_looked_at_takes_no_post(it: SimpleNamespace, browsers: dict[str, Client]) -> None:
    looked_at = {name: row for name, row in TABLE.items() if row.post == 405}
    assert {name: browsers[min(row.may)].post(address(name, it)).status_code for name, row in looked_at.items()} == dict.fromkeys(
        looked_at, 405
    )


def differences(found: Statuses, expected: Statuses) -> dict[str, str]:
    """Who was answered otherwise than the table says."""
    return {who: f"{status}, not {expected[who]}" for who, status in found.items() if status != expected[who]}


@pytest.mark.parametrize("who", ["archivist", "legal", "manager", "admin"])  # the manager is cleared for it
def test_a_record_that_names_others_is_like_one_that_is_not_there(who: str, it: SimpleNamespace, browsers: dict[str, Client]) -> None:
    """SEC-2, SEC-5: top secret."""
    hidden = {"record": it.hidden, "filed": it.hidden, "component": it.hidden_component}
    for name, method in itertools.product(ABOUT_RECORDS, ("get", "post")):
        given = {"reason": "核对", **TABLE[name].given(it)}
        found, missing = (
            getattr(browsers[who], method)(address(name, it, **about), given if method == "post" else {}).status_code
            for about in (hidden, dict.fromkeys(hidden, ANY_ID))
        )
        assert found == missing, name
        assert found in {403, 404, 405}, name


def test_of_a_record_that_is_only_listed_the_listing_is_shown(it: SimpleNamespace, browsers: dict[str, Client]) -> None:
    """SEC-2, SEC-4: a secret one, of which staff know as readers of the class; staff2 do not."""
    about = {"record": it.closed, "filed": it.closed, "component": it.closed_component}
    for name in (name for name in ABOUT_RECORDS if TABLE[name].get != 405):
        url = address(name, it, **about)
        assert browsers["staff"].get(url).status_code == (200 if name in LISTED else 403), name
        assert browsers["staff2"].get(url).status_code == (403 if name == "review" else 404), name  # a duty that staff have not


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_is_sent_to_the_door(method: str, it: SimpleNamespace, browsers: dict[str, Client]) -> None:
    for name in NAMES:
        answer = getattr(browsers[""], method)(address(name, it))
        assert (name, answer.status_code, answer.url.partition("?")[0]) == (name, 302, reverse("accounts:sign-in"))


def test_forms_ask_for_the_token_of_their_page(it: SimpleNamespace) -> None:
    """Cross-site requests are refused (CSRF)."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.person("archivist"))
    refused = client.post("/register/upload/")
    assert (refused.status_code, "页面已失效" in refused.content.decode()) == (403, True)  # no page of Django's


def test_who_comes_to_a_form_without_it_finds_a_way_on(it: SimpleNamespace) -> None:
    """An address that takes nothing but forms answers with a page; after signing in anew one is led to the page of the form."""
    client = Client()
    url = reverse("desk:loans-decide")
    told = client.post(url, headers={"referer": f"http://testserver{reverse('desk:loans-waiting')}?page=2"})
    assert told.url == f"{reverse('accounts:sign-in')}?next=/loans/waiting/%3Fpage%3D2"
    assert client.post(url, headers={"referer": "https://elsewhere.example/loans/"}).url.endswith("?next=/")
    assert client.post(url).url.endswith("?next=/")
    assert client.get(url).url.endswith(f"?next={url}")
    client.force_login(factories.person("head"))
    empty = client.get(url)
    assert (empty.status_code, empty["Allow"]) == (405, "POST")
    assert "此地址只接收表单" in empty.content.decode()
