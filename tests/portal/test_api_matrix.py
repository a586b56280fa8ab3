"""Who may do what: every address of the API × method × the whole cast → status. An address that is not in the table fails."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from portal.api.api import api as the_api
from tests.portal.callers import Api, everybody, file, problem_of
from tests.portal.walked import ANY_ID, ARCHIVISTS, KNOW_COPY, KNOW_LOAN, KNOW_RELEASE, READERS, RELEASE, walkers
from tests.portal.worlds import another_world

NOBODY = "nobody"


def everyone(status: int = 200) -> dict[str, int]:
    """Who is signed in."""
    return dict.fromkeys(everybody(), status) | {NOBODY: 401}


def readers(status: int = 200) -> dict[str, int]:
    """Who knows of the record; for all others it does not exist."""
    return everyone(404) | dict.fromkeys(READERS, status)


def archivists(status: int, *, known_of: bool = True, **others: int) -> dict[str, int]:
    """What archivists do; others who know of it are refused. `others` by username."""
    rest = readers(403) if known_of else everyone(403)
    return rest | dict.fromkeys(ARCHIVISTS, status) | others


def revealers() -> dict[str, int]:
    """Who may see a masked value whole."""
    return readers(200) | {"staff": 403, "head": 403}


def known_loan(status: int, **others: int) -> dict[str, int]:
    """Who knows of a loan of staff: the borrower, the approver, and who keeps the register of records that they know of."""
    return everyone(404) | dict.fromkeys(KNOW_LOAN, status) | others


def keepers(status: int, **others: int) -> dict[str, int]:
    """Who keeps the register of releases and reads the class."""
    return everyone(404) | dict.fromkeys(KNOW_RELEASE - {"officer"}, status) | others


def known_copy(status: int, **others: int) -> dict[str, int]:
    """Who knows of a copy that staff hold: the holder, and who keeps the register of records that they know of."""
    return everyone(404) | dict.fromkeys(KNOW_COPY, status) | others


Call = Callable[[Api, Any], Any]
TABLE: dict[str, tuple[dict[str, int], Call]] = {
    # what can be chosen, and lists
    "GET /record-types/": (everyone(), lambda api, it: api.get("/record-types/")),
    "GET /record-classes/": (everyone(), lambda api, it: api.get("/record-classes/")),
    "GET /tiers/": (everyone(), lambda api, it: api.get("/tiers/")),
    "GET /parties/": (everyone(), lambda api, it: api.get("/parties/?q=鸿远")),
    "GET /volumes/": (everyone(), lambda api, it: api.get("/volumes/")),
    "GET /records/": (everyone(), lambda api, it: api.get("/records/")),
    "GET /numbers/": (archivists(200, known_of=False, officer=200, auditor=200), lambda api, it: api.get("/numbers/")),
    "GET /tier-changes/": (everyone(), lambda api, it: api.get("/tier-changes/")),
    "GET /search/": (everyone(), lambda api, it: api.get("/search/?q=合同")),
    "GET /search/suggest/": (everyone(), lambda api, it: api.get("/search/suggest/?q=HT")),
    "GET /audit/events/": (everyone(403) | {"auditor": 200, "officer": 200}, lambda api, it: api.get("/audit/events/")),
    # a record
    "GET /records/{record_id}/": (readers(), lambda api, it: api.get(f"/records/{it.record}/")),
    "GET /records/{record_id}/history/": (readers(), lambda api, it: api.get(f"/records/{it.record}/history/")),
    "GET /records/{record_id}/versions/": (readers(), lambda api, it: api.get(f"/records/{it.record}/versions/")),
    "GET /records/{record_id}/versions/{number}/": (readers(), lambda api, it: api.get(f"/records/{it.record}/versions/1/")),
    "GET /records/{record_id}/components/{component_id}/content": (
        readers(),
        lambda api, it: api.get(f"/records/{it.record}/components/{it.component}/content"),
    ),
    "GET /records/{record_id}/components/{component_id}/print": (
        readers(),
        lambda api, it: api.get(f"/records/{it.record}/components/{it.component}/print"),
    ),
    "GET /records/{record_id}/components/{component_id}/pages/{page}.png": (
        readers(),
        lambda api, it: api.get(f"/records/{it.record}/components/{it.component}/pages/1.png?width=50"),
    ),
    # verbs
    "POST /records/": (archivists(201, known_of=False), lambda api, it: api.register()),
    "POST /uploads/": (archivists(201, known_of=False), lambda api, it: api.form("/uploads/", file=file())),
    "POST /volumes/": (
        archivists(201, known_of=False),
        lambda api, it: api.post("/volumes/", {"title": "卷", "record_class": "DK"}),
    ),
    "PATCH /records/{record_id}/": (archivists(200), lambda api, it: api.patch(f"/records/{it.record}/", {"title": "新名"})),
    "POST /records/{record_id}/versions/": (
        archivists(201),
        lambda api, it: api.form(f"/records/{it.record}/versions/", reason="补扫", files=[file()]),
    ),
    "POST /records/{record_id}/review/": (
        archivists(200, archivist=409),  # who registered it does not review it
        lambda api, it: api.post(f"/records/{it.record}/review/", {"decision": "accept"}),
    ),
    "POST /records/{record_id}/file/": (archivists(200), lambda api, it: api.post(f"/records/{it.reviewed}/file/")),
    "POST /records/file-batch/": (archivists(200), lambda api, it: api.post("/records/file-batch/", {"records": [it.reviewed]})),
    "POST /records/{record_id}/withdraw/": (archivists(200), lambda api, it: api.post(f"/records/{it.record}/withdraw/", {"reason": "x"})),
    "POST /records/{record_id}/move/": (
        archivists(200),
        lambda api, it: api.post(f"/records/{it.record}/move/", {"record_class": "DK", "reason": "x"}),
    ),
    "POST /records/{record_id}/relations/": (
        archivists(201),
        lambda api, it: api.post(f"/records/{it.record}/relations/", {"kind": "amends", "record": it.filed}),
    ),
    "POST /records/{record_id}/reveal/": (
        revealers(),
        lambda api, it: api.post(f"/records/{it.record}/reveal/", {"field": "parties.0", "reason": "核对"}),
    ),
    "POST /records/{record_id}/tier/": (
        archivists(202),
        lambda api, it: api.post(f"/records/{it.record}/tier/", {"tier": "secret", "reason": "涉密"}),
    ),
    "POST /records/{record_id}/declassify/": (
        archivists(409),  # it waits for no event
        lambda api, it: api.post(f"/records/{it.record}/declassify/", {"reason": "已公开"}),
    ),
    "POST /tier-changes/{change_id}/decide/": (
        archivists(200, archivist=409),  # who proposed it does not decide it
        lambda api, it: api.post(f"/tier-changes/{it.change}/decide/", {"decision": "accept"}),
    ),
    # borrowing: `loan` is asked for by staff, `running` and `out` are theirs, `original` is approved
    "GET /loans/": (everyone(), lambda api, it: api.get("/loans/")),
    "GET /loans/report/": (
        everyone(403) | dict.fromkeys(ARCHIVISTS | {"manager", "officer", "auditor"}, 200),
        lambda api, it: api.get("/loans/report/?month="),
    ),
    "GET /places/": (archivists(200, known_of=False), lambda api, it: api.get("/places/")),
    "POST /places/": (
        archivists(201, known_of=False),
        lambda api, it: api.post("/places/", {"code": "B07", "name": "7", "kind": "box"}),
    ),
    "POST /loans/": (
        readers(409) | {"staff": 201},  # the others can open it
        lambda api, it: api.post("/loans/", {"record": it.secret, "use": "view", "purpose": "核对"} | it.later),
    ),
    "GET /loans/{loan_id}/": (known_loan(200), lambda api, it: api.get(f"/loans/{it.loan}/")),
    "POST /loans/{loan_id}/decide/": (
        known_loan(409) | {"head": 200},
        lambda api, it: api.post(f"/loans/{it.loan}/decide/", {"decision": "approve"}),
    ),
    "POST /loans/{loan_id}/cancel/": (
        known_loan(403) | dict.fromkeys(ARCHIVISTS | {"staff"}, 200),
        lambda api, it: api.post(f"/loans/{it.loan}/cancel/", {"reason": "不再需要"}),
    ),
    "POST /loans/{loan_id}/extend/": (
        known_loan(403) | {"staff": 201},
        lambda api, it: api.post(f"/loans/{it.running}/extend/", it.later | {"reason": "未用完"}),
    ),
    "POST /loans/{loan_id}/recall/": (
        known_loan(403) | dict.fromkeys(ARCHIVISTS, 200),
        lambda api, it: api.post(f"/loans/{it.running}/recall/", {"reason": "诉讼需要"}),
    ),
    "POST /loans/{loan_id}/issue/": (
        known_loan(403, head=404) | dict.fromkeys(ARCHIVISTS, 200),
        lambda api, it: api.post(f"/loans/{it.original}/issue/", {"copies": 1, "pages": 2}),
    ),
    "POST /loans/{loan_id}/confirm/": (
        known_loan(403, head=404) | {"staff": 200},
        lambda api, it: api.post(f"/loans/{it.out}/confirm/"),
    ),
    "POST /loans/{loan_id}/return/": (
        known_loan(403, head=404) | dict.fromkeys(ARCHIVISTS, 200),
        lambda api, it: api.post(f"/loans/{it.out}/return/", {"copies": 1, "pages": 2}),
    ),
    "POST /loans/{loan_id}/report-loss/": (
        known_loan(403, head=404) | dict.fromkeys(ARCHIVISTS | {"staff"}, 200),
        lambda api, it: api.post(f"/loans/{it.out}/report-loss/", {"reason": "找不到"}),
    ),
    # copies on paper: `copy` is in the hands of staff, `destroying` was destroyed by archivist and waits for a witness
    "GET /copies/": (everyone(), lambda api, it: api.get("/copies/?state=out&holder=staff")),
    "GET /copies/{copy_id}/": (known_copy(200), lambda api, it: api.get(f"/copies/{it.copy}/")),
    "GET /copies/{copy_id}/print": (
        known_copy(403) | dict.fromkeys(ARCHIVISTS, 200),
        lambda api, it: api.get(f"/copies/{it.copy}/print"),
    ),
    "POST /copies/{copy_id}/return/": (
        known_copy(403) | dict.fromkeys(ARCHIVISTS, 200),
        lambda api, it: api.post(f"/copies/{it.copy}/return/"),
    ),
    "POST /copies/{copy_id}/destroy/": (
        known_copy(403) | dict.fromkeys(ARCHIVISTS, 200),
        lambda api, it: api.post(f"/copies/{it.copy}/destroy/", {"reason": "用毕"}),
    ),
    "POST /copies/{copy_id}/witness/": (
        known_copy(200, archivist=409, staff=403) | dict.fromkeys(["head", "legal", "legal2"], 200),
        lambda api, it: api.post(f"/copies/{it.destroying}/witness/"),
    ),
    "POST /copies/{copy_id}/report-loss/": (
        known_copy(200, manager=403),
        lambda api, it: api.post(f"/copies/{it.copy}/report-loss/", {"reason": "找不到"}),
    ),
    "GET /deputies/": (everyone(), lambda api, it: api.get("/deputies/")),
    "POST /deputies/": (
        everyone(201) | {"legal": 400},  # nobody is their own
        lambda api, it: api.post("/deputies/", it.later | {"deputy": "legal", "from": "2026-01-01"}),
    ),
    # notices: `notice` is the archivist's
    "GET /notices/": (everyone(), lambda api, it: api.get("/notices/")),
    "POST /notices/{notice_id}/read/": (everyone(404) | {"archivist": 200}, lambda api, it: api.post(f"/notices/{it.notice}/read/")),
    # leaks and releases: `leak` is reported by staff; `release` is asked for by legal2, `agreed` and `given` are its later states
    "GET /leaks/": (everyone(), lambda api, it: api.get("/leaks/")),
    "POST /leaks/": (everyone(201), lambda api, it: api.post("/leaks/", {"number": it.number, "what": "复印件在外"})),
    "GET /leaks/{leak_id}/": (everyone(404) | {"staff": 200, "officer": 200}, lambda api, it: api.get(f"/leaks/{it.leak}/")),
    "POST /leaks/{leak_id}/examine/": (
        everyone(404) | {"staff": 403, "officer": 200},
        lambda api, it: api.post(f"/leaks/{it.leak}/examine/"),
    ),
    "POST /leaks/{leak_id}/close/": (
        everyone(404) | {"staff": 403, "officer": 200},
        lambda api, it: api.post(f"/leaks/{it.leak}/close/", {"findings": "误报"}),
    ),
    "GET /releases/": (everyone(), lambda api, it: api.get("/releases/")),
    "POST /releases/": (
        archivists(201, legal=201, legal2=201),
        lambda api, it: api.post("/releases/", RELEASE | {"record": it.filed}),
    ),
    "GET /releases/{release_id}/": (keepers(200, officer=200), lambda api, it: api.get(f"/releases/{it.release}/")),
    "POST /releases/{release_id}/decide/": (
        keepers(409, officer=200, manager=200, legal=200),
        lambda api, it: api.post(f"/releases/{it.release}/decide/", {"decision": "approve"}),
    ),
    "POST /releases/{release_id}/give/": (
        keepers(403, officer=403) | dict.fromkeys(ARCHIVISTS, 200),
        lambda api, it: api.post(f"/releases/{it.agreed}/give/"),
    ),
    "POST /releases/{release_id}/return/": (
        keepers(403, officer=403) | dict.fromkeys(ARCHIVISTS, 200),
        lambda api, it: api.post(f"/releases/{it.given}/return/", {"note": "完好"}),
    ),
    "POST /releases/{release_id}/close/": (
        keepers(403, officer=403) | dict.fromkeys(ARCHIVISTS, 200),
        lambda api, it: api.post(f"/releases/{it.given}/close/", {"reason": "长期留存"}),
    ),
    "POST /releases/{release_id}/cancel/": (
        keepers(403, officer=403, legal2=200) | dict.fromkeys(ARCHIVISTS, 200),
        lambda api, it: api.post(f"/releases/{it.release}/cancel/", {"reason": "不再需要"}),
    ),
    "GET /records/{record_id}/access/": (readers(), lambda api, it: api.get(f"/records/{it.record}/access/")),
    "GET /audit/unusual/": (everyone(403) | {"auditor": 200, "officer": 200}, lambda api, it: api.get("/audit/unusual/")),
    "POST /deputies/{deputy_id}/end/": (
        everyone(404) | dict.fromkeys(("legal", "legal2"), 200),
        lambda api, it: api.post(f"/deputies/{it.deputy}/end/"),
    ),
    # entrusting: `proposal` and `grant` are by `admin`, for the projects department on class HT
    "GET /grants/": (
        everyone(403) | dict.fromkeys(ARCHIVISTS | {"admin", "officer", "auditor"}, 200),
        lambda api, it: api.get("/grants/"),
    ),
    "POST /grants/": (
        everyone(403) | dict.fromkeys(("admin", "officer"), 202),
        lambda api, it: api.post("/grants/", {"department": "projects", "record_class": "DK", "reason": "项目需要"}),
    ),
    "POST /grants/{grant_id}/revoke/": (
        everyone(403) | dict.fromkeys(("admin", "officer"), 200),
        lambda api, it: api.post(f"/grants/{it.grant}/revoke/", {"reason": "不再需要"}),
    ),
    "GET /proposals/": (everyone(), lambda api, it: api.get("/proposals/")),
    "POST /proposals/{proposal_id}/decide/": (
        everyone(404) | {"officer": 200, "manager": 409, "admin": 403, "auditor": 403},
        lambda api, it: api.post(f"/proposals/{it.proposal}/decide/", {"decision": "accept"}),
    ),
    "POST /proposals/{proposal_id}/withdraw/": (
        everyone(404) | {"admin": 200, "officer": 403, "manager": 403, "auditor": 403},
        lambda api, it: api.post(f"/proposals/{it.proposal}/withdraw/"),
    ),
    "GET /users/{name}/": (
        everyone(403) | dict.fromkeys(("admin", "officer", "auditor"), 200),
        lambda api, it: api.get("/users/staff/"),
    ),
    "PATCH /users/{name}/": (
        everyone(403) | {"admin": 200},
        lambda api, it: api.patch("/users/staff/", {"clearance": "public"}),
    ),
    "POST /users/{name}/leave/": (
        everyone(403) | {"admin": 200, "officer": 200},
        lambda api, it: api.post("/users/legal2/leave/", {"reason": "离职"}),
    ),
    "POST /numbers/void/": (archivists(200), lambda api, it: api.post("/numbers/void/", {"number": it.number, "reason": "编错"})),
}


def operations() -> dict[str, set[str]]:
    """Methods by address, as the API serves them."""
    found: dict[str, set[str]] = {}
    for router in the_api._get_bound_routers():
        for path, view in router.path_operations.items():
            found.setdefault(path, set()).update(method for operation in view.operations for method in operation.methods)
    return found


def test_every_address_is_in_the_table():
    assert {f"{method} {path}" for path, methods in operations().items() for method in methods} == set(TABLE)


def subject(address: str) -> str:
    """What an address is about: the first word of its path."""
    return address.split("/")[1]


@pytest.mark.parametrize("about", sorted({subject(address) for address in TABLE}))
def test_each_of_the_cast_gets_what_the_table_says(about, it):
    rows = {address: row for address, row in TABLE.items() if subject(address) == about}

    expected: dict[str, dict[str, int]] = {address: {who: row[who] for who in walkers(row)} for address, (row, _call) in rows.items()}
    found: dict[str, dict[str, int]] = {address: {} for address in rows}
    for address, (_row, call) in rows.items():
        for who in expected[address]:
            with another_world():  # each finds the same
                found[address][who] = call(Api(None if who == NOBODY else who), it).status_code

    assert found == expected


@pytest.mark.parametrize("address", sorted(operations()))
def test_every_other_method_is_refused_in_json(address, it):
    path = re.sub(r"{(\w+)}", lambda part: "1" if part[1] in {"number", "page", "grant_id"} else ANY_ID, address)
    api, nobody = Api("archivist"), Api(None)

    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - operations()[address]:
        problem_of(api.call(method, path), 405)
        problem_of(nobody.call(method, path), 401)


def test_a_read_token_reads_all_and_changes_nothing(it):
    api, refused = Api("archivist", scope="read"), {}

    for address, (_expected, call) in TABLE.items():
        with another_world():
            refused[address] = call(api, it).status_code

    def expected(address: str) -> int:
        own = TABLE[address][0]["archivist"]
        return own if own in {403, 404} else 200 if address.startswith("GET") else 403

    assert refused == {address: expected(address) for address in TABLE}


def test_the_description_is_open_to_all():
    assert Api(None).get("/schema/").status_code == 200
