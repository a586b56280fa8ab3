"""Changing a record's description; two people at once are told, and nothing typed is lost."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.desk import inputs, parties, registering, rows
from portal.desk.acting import reason_input
from portal.desk.errors import status_of
from portal.desk.inputs import Input
from records import access, changing, reading
from records.errors import RecordsError, StaleRevision, Unknown
from records.models import Record, User

Errors = Mapping[str, list[str]]


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Title, fields, parties and department of a record."""
    user: User = request.user  # type: ignore[assignment]
    record = access.get_for_verb(user, record_id, "change")
    if request.method != "POST":
        return _page(request, user, record, {})
    try:
        changed = _change(user, record, request.POST)
    except Unknown:
        raise
    except RecordsError as error:
        stale = isinstance(error, StaleRevision)
        return _page(
            request, user, record, error.errors, error="" if error.errors else error.sentence, stale=stale, status=status_of(error)
        )
    missing = registering.missing_names(changed.record_type, changed.fields)
    messages.success(request, _("Changed."))
    if missing:
        messages.warning(request, _("Important and still empty: %(names)s.") % {"names": missing})
    return redirect("desk:record", record_id)


def _change(user: User, record: Record, data: QueryDict) -> Record:
    definitions = list(record.record_type.fields.all())
    revision = data.get("revision", "")
    return changing.change(
        actor=user,
        record_id=record.pk,
        title=data.get("title", ""),
        new_fields=_changed_fields(record, inputs.typed_fields(definitions, data)),
        new_parties=parties.given(data) if _parties_touched(data) else None,
        department=data.get("department") or None,
        revision=int(revision) if revision.isascii() and revision.isdecimal() and len(revision) < 9 else None,
        reason=data.get("reason", ""),
    )


def _changed_fields(record: Record, typed: dict[str, Any]) -> dict[str, Any]:
    """Only what differs from what the record has: an empty field that was empty is no change."""
    return {key: value for key, value in typed.items() if _comparable(value) != _comparable(record.fields.get(key))}


def _comparable(value: Any) -> str:
    if isinstance(value, Mapping):
        return "|".join(str(value[key]) for key in sorted(value))
    return {True: "true", False: "false", None: ""}.get(value, str(value)) if not isinstance(value, str) else value


def _parties_touched(data: QueryDict) -> bool:
    return data.get("parties_were", "") != _fingerprint(parties.rows_from(data, {}))


def _fingerprint(listed: list[parties.PartyRow]) -> str:
    return "|".join(f"{row.role}:{row.id or row.name}:{row.number}" for row in listed if row.name or row.id)


def _page(
    request: HttpRequest, user: User, record: Record, errors: Errors, *, error: str = "", stale: bool = False, status: int = 200
) -> HttpResponse:
    data = request.POST
    kept = parties.rows_of(reading.parties_of(record))
    definitions = list(record.record_type.fields.all())
    typed = inputs.typed_fields(definitions, data) if data else record.fields
    departments = [(row.slug, row.label) for row in reading.departments()]
    held = record.department.slug if record.department else ""
    fields = [Input(_("Title"), "title", value=data.get("title", record.title), required=True, half=False, errors=errors.get("title", []))]
    fields += [inputs.of_definition(row, typed.get(row.key), errors) for row in definitions]
    fields.append(
        Input(
            _("Owning department"),
            "department",
            "select",
            data.get("department", held),
            options=departments,
            blank="–",
            errors=errors.get("department", []),
        )
    )
    context = {
        "record": record,
        "mark": rows.secret_mark(record),
        "fields": fields,
        "parties": (parties.rows_from(data, errors) if data else kept) or parties.blank_rows()[:1],
        "parties_were": data.get("parties_were") or _fingerprint(kept),
        "party_errors": errors.get("parties", []),
        "blank_party": parties.PartyRow(),
        "reason": reason_input(data, errors, required=record.state == "filed"),
        "revision": record.revision if stale else data.get("revision", record.revision),
        "stale": stale,
        "error": error,
        "status": status,
    }
    return render(request, "desk/change.html", context, status=status)
