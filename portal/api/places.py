"""Places of paper, and the report of what is not in its place (interface.md, "Loans"; CUS-1, LND-9)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from portal.api import bodies, described_loans, loan_shapes, openapi, shapes
from portal.api.answers import answer
from portal.api.asking import asked, question
from portal.api.auth import user_of
from portal.api.lists import listed
from portal.api.shapes import moment
from records import loan_report, places
from records.models import Place

router = Router(tags=["loans"])


@router.get("/loans/report/", summary="What is out", response=described_loans.LoanReportOut, openapi_extra=openapi.asks("month"))
def report(request: HttpRequest) -> HttpResponse:
    """Originals and copies that were out at the end of `month` (2026-11), or are now; for those who keep the register."""
    user = user_of(request)
    found = loan_report.of_month(user, loan_report.month_of(question(request, "month")))
    shaped = loan_shapes.loans([line.loan for line in found.lines], user)
    rows = [_reported(row, line) for row, line in zip(shaped, found.lines, strict=True)]
    return answer({"month": found.name, "as_of": moment(found.at), "results": rows})


def _reported(row: dict[str, Any], line: loan_report.Line) -> dict[str, Any]:
    """By number alone where the reader may not know what it is (SEC-5)."""
    more = {"days_over": line.days_over}
    if line.titled:
        return row | more
    return row | more | {"record": {"id": None, "number": row["record"]["number"], "title": None}, "purpose": "", "condition": ""}


@router.get("/places/", summary="Places of paper", response=described_loans.PlaceList, openapi_extra=openapi.paged())
def place_list(request: HttpRequest) -> HttpResponse:
    """The tree, by path, with what lies in each together (SEC-13); for archivists."""
    user = user_of(request)
    known = list(places.known_to(user))
    carried = places.together(user, known)
    return listed(request, known, lambda rows: [_place(row) | shapes.carried(carried.get(row.pk)) for row in rows])


@router.post("/places/", summary="Make a place", response={201: described_loans.PlaceOut}, openapi_extra=openapi.json(bodies.NewPlace))
def make_place(request: HttpRequest) -> HttpResponse:
    """`kind`: site, room, cabinet, safe, shelf or box; each lies in a wider one."""
    user = user_of(request)
    body = asked(request, bodies.NewPlace, gate=lambda: places.need_keeper(user))
    return answer(_place(places.make(actor=user, **body.model_dump())), 201)


def _place(row: Place) -> dict[str, Any]:
    parent = row.parent.code if row.parent else None
    return {"code": row.code, "name": row.name, "kind": row.kind, "parent": parent, "path": row.path, "capacity": row.capacity}
