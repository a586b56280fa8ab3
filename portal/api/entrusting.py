"""Grants, what waits for the security officer, people's standing, and leaving (SEC-12, SEC-15; interface.md, "Others")."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from portal.api import bodies_entrusting as bodies
from portal.api import described_entrusting as described
from portal.api import openapi
from portal.api.answers import answer
from portal.api.asking import asked, path_id, question, wrong
from portal.api.auth import user_of
from portal.api.lists import listed
from portal.api.shapes import moment
from records import entrusting, granting, grants, leaving, reading, standing
from records.errors import NotAllowed
from records.models import Duty, Grant, Proposal, ProposalState, User
from records.states import TRAIL_READERS

router = Router(tags=["entrusting"])


# --- grants ---------------------------------------------------------------------------------------------------------


@router.get("/grants/", summary="Grants", response=described.GrantList, openapi_extra=openapi.paged())
def grant_list(request: HttpRequest) -> HttpResponse:
    """Who may read what, as far as you may know of it. For administrators, archivists, the security officer and the auditor."""
    user = user_of(request)
    if not user.has_duty(Duty.ADMINISTRATOR, Duty.ARCHIVIST, *TRAIL_READERS):
        raise NotAllowed
    return listed(request, grants.known_to(user).order_by("-granted_at", "-pk"), lambda rows: [_grant(row) for row in rows])


def _grant(row: Grant) -> dict[str, Any]:
    return {
        "id": row.pk,
        "group": row.group.name if row.group else None,
        "department": row.department.slug if row.department else None,
        "user": row.user.username if row.user else None,
        "everyone": row.everyone,
        "record_class": row.record_class.code if row.record_class else None,
        "volume": str(row.volume_id) if row.volume_id else None,
        "record": str(row.record_id) if row.record_id else None,
        "granted_by": row.granted_by.username if row.granted_by else None,
        "at": moment(row.granted_at),
    }


@router.post("/grants/", summary="Propose a grant", response={202: described.ProposalOut}, openapi_extra=openapi.json(bodies.NewGrant))
def propose_grant(request: HttpRequest) -> HttpResponse:
    """To one (`group`, `department`, `user` or `everyone`), on one (`record_class`, `volume` or `record`); it waits for the officer."""
    user = user_of(request)
    body = asked(request, bodies.NewGrant, gate=lambda: None)
    to = {name: getattr(body, name) for name in granting.TO}
    on = {name: getattr(body, name) for name in granting.ON}
    return answer(_proposal(granting.propose(actor=user, to=to, on=on, reason=body.reason)), 202)


@router.post(
    "/grants/{grant_id}/revoke/", summary="Take a grant away", response=described.GrantOut, openapi_extra=openapi.json(bodies.WithReason)
)
def revoke_grant(request: HttpRequest, grant_id: str) -> HttpResponse:
    """At once. 200 with the grant as it was."""
    user = user_of(request)
    body = asked(request, bodies.WithReason, gate=lambda: granting.get(user, grant_id))
    return answer(_grant(granting.revoke(actor=user, grant_id=grant_id, reason=body.reason)))


# --- proposals ------------------------------------------------------------------------------------------------------


@router.get(
    "/proposals/", summary="Proposals", response=described.ProposalList, openapi_extra=openapi.paged("state", "kind", "waiting_for_me")
)
def proposals(request: HttpRequest) -> HttpResponse:
    """Clearances, duties, memberships, grants and changes of the set-up that were proposed, as far as you may know of them."""
    user = user_of(request)
    if question(request, "waiting_for_me") == "1":
        return listed(request, entrusting.waiting_for(user), lambda rows: [_proposal(row) for row in rows])
    rows: QuerySet[Proposal] = entrusting.known_to(user)
    if state := question(request, "state"):
        if state not in ProposalState.values:
            wrong("state", _("There is no such state."))
        rows = rows.filter(state=state)
    if kind := question(request, "kind"):
        rows = rows.filter(kind=kind)
    return listed(request, rows, lambda found: [_proposal(row) for row in found])


def _proposal(row: Proposal) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "person": row.person.username if row.person else None,
        "payload": row.payload,
        "reason": row.reason,
        "state": row.state,
        "proposed_by": row.proposed_by.username,
        "proposed_at": moment(row.proposed_at),
        "decided_by": row.decided_by.username if row.decided_by else None,
        "decided_at": moment(row.decided_at),
        "decision_reason": row.decision_reason,
    }


@router.post(
    "/proposals/{proposal_id}/decide/",
    summary="Decide a proposal",
    response=described.ProposalOut,
    openapi_extra=openapi.json(bodies.Decision),
)
def decide(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """`accept` or `reject` (with a reason), by the security officer; what an officer proposed or is to get, by another, or the manager."""
    user, pk = user_of(request), path_id(proposal_id)
    body = asked(request, bodies.Decision, gate=lambda: entrusting.get_for_decision(user, pk))
    return answer(_proposal(entrusting.decide(actor=user, proposal_id=pk, decision=body.decision, reason=body.reason)))


@router.post("/proposals/{proposal_id}/withdraw/", summary="Take a proposal back", response=described.ProposalOut)
def withdraw(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """By who made it, while nobody decided."""
    user, pk = user_of(request), path_id(proposal_id)
    asked(request, bodies.Body, gate=lambda: entrusting.get(user, pk))
    return answer(_proposal(entrusting.withdraw(actor=user, proposal_id=pk)))


# --- people ---------------------------------------------------------------------------------------------------------


@router.get("/users/{name}/", summary="A person's standing", response=described.PersonOut)
def person(request: HttpRequest, name: str) -> HttpResponse:
    """Clearance, duties, groups, department. For administrators, the security officer and the auditor."""
    return answer(_person(standing.get(user_of(request), name)))


def _person(row: User) -> dict[str, Any]:
    now = standing.of(row)
    return {
        "username": row.username,
        "display_name": row.display_name,
        "email": now.email,
        "department": now.department.slug if now.department else None,
        "clearance": now.clearance.slug if now.clearance else None,
        "duties": sorted(now.duties),
        "groups": sorted(group.name for group in now.groups),
        "borrows_directly": now.borrows_directly,
        "is_active": now.is_active,
    }


@router.patch(
    "/users/{name}/", summary="Change a person's standing", response=described.ChangedPerson, openapi_extra=openapi.json(bodies.Person)
)
def change_person(request: HttpRequest, name: str) -> HttpResponse:
    """What narrows takes effect at once, what widens is proposed: `person` as it is now, `proposals` that wait. What is left out stays."""
    user = user_of(request)
    body = asked(request, bodies.Person, gate=lambda: standing.get_to_change(user, name))
    row = standing.get_to_change(user, name)
    made = standing.change(actor=user, person=row, wished=_wished(row, body), reason=body.reason)
    return answer({"person": _person(standing.get(user, name)), "proposals": [_proposal(each) for each in made]})


def _wished(row: User, body: bodies.Person) -> standing.Standing:
    given: dict[str, Any] = {name: getattr(body, name) for name in ("email", "borrows_directly", "is_active")}
    if "clearance" in body.model_fields_set:
        given["clearance"] = _one(reading.tier(body.clearance), "clearance") if body.clearance else None
    if "department" in body.model_fields_set:
        given["department"] = _one(reading.department(body.department), "department") if body.department else None
    if body.duties is not None:
        if set(body.duties) - set(Duty.values):
            wrong("duties", _("There is no such duty."))
        given["duties"] = frozenset(body.duties)
    if body.groups is not None:
        found = frozenset(Group.objects.filter(name__in=body.groups))
        if len(found) != len(set(body.groups)):
            wrong("groups", _("There is no such group."))
        given["groups"] = found
    named = {"clearance", "department"} & body.model_fields_set
    return replace(standing.of(row), **{name: value for name, value in given.items() if value is not None or name in named})


def _one(found: Any, field: str) -> Any:
    if found is None:
        wrong(field, _("There is nothing of this code."))
    return found


@router.post("/users/{name}/leave/", summary="Somebody leaves", response=described.LeftOut, openapi_extra=openapi.json(bodies.Leaving))
def leave(request: HttpRequest, name: str) -> HttpResponse:
    """Disables the account, ends sessions and tokens, closes loans, takes everything back, hands records to `successor`: all or nothing."""
    user = user_of(request)
    body = asked(request, bodies.Leaving, gate=lambda: leaving.get(user, name))
    done = leaving.leave(actor=user, username=name, successor=body.successor, reason=body.reason)
    successor = done.successor.username if done.successor else None
    return answer({"username": name, "is_active": False, "successor": successor, "records": done.records, "loans": done.loans})
