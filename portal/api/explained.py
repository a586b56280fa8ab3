"""Why somebody can or cannot see a record (SEC-4), and what use of the portal is unusual (AUD-3)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from portal.api import described_outside, openapi
from portal.api.answers import answer
from portal.api.asking import path_id, question
from portal.api.auth import user_of
from portal.api.lists import listed
from portal.api.shapes import moment
from records import unusual, why
from records.watches import Finding

router = Router(tags=["access"])


@router.get(
    "/records/{record_id}/access/",
    summary="Why can or can't I see this",
    response=described_outside.AccessOut,
    openapi_extra=openapi.asks("person"),
)
def explained(request: HttpRequest, record_id: str) -> HttpResponse:
    """For yourself; `person` (a username) for the security officer only."""
    found = why.explain(actor=user_of(request), record_id=path_id(record_id), username=question(request, "person"))
    return answer(
        {
            "record": {"id": str(found.record.pk), "number": found.record.number},
            "person": found.person.username,
            "access": found.access,
            "known_by": found.known_by,
            "cleared": found.cleared,
            "grants": [vars(grant) for grant in found.grants],
            "named": found.named,
            "loans": [{"number": loan.number, "use": loan.use, "until": moment(loan.until)} for loan in found.loans],
            "missing": found.missing,
            "ways": [vars(way) for way in found.ways],
        }
    )


@router.get("/audit/unusual/", summary="Unusual use", response=described_outside.FindingList, openapi_extra=openapi.paged())
def unusual_use(request: HttpRequest) -> HttpResponse:
    """Lines that accounts crossed in the last fourteen days, for auditor and security officer."""
    return listed(request, unusual.findings(user_of(request)), lambda rows: [_finding(row) for row in rows])


def _finding(row: Finding) -> dict[str, Any]:
    shaped = {name: getattr(row, name) for name in ("rule", "limit", "minutes")}
    moments = {"first": moment(row.first), "last": moment(row.last)}
    return shaped | moments | {"actor": row.name, "day": row.day.isoformat(), "networks": list(row.networks)}
