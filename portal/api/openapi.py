"""What OpenAPI says of requests: bodies, forms, questions in the address, which views read by themselves (`asking.py`)."""

from typing import Any

from pydantic import BaseModel

TEXT = {"type": "string"}
FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
IDS = {"type": "array", "items": {"type": "string", "format": "uuid"}}
Registration = {
    "type": "object",
    "required": ["record_type", "title", "record_class"],
    "properties": {
        **dict.fromkeys(
            ["record_type", "title", "record_class", "tier", "tier_reason", "tier_until", "tier_event", "owner", "department"], TEXT
        ),
        "named": TEXT | {"description": "JSON list of usernames"},
        "fields": TEXT | {"description": "JSON object by key of the type's fields"},
        "parties": TEXT | {"description": 'JSON list of {"id"} or {"name","role","kind","identity_number","credit_code"}'},
        "volume": TEXT | {"format": "uuid"},
        "original": TEXT | {"description": 'JSON {"pages","place"}'},
        **dict.fromkeys(["purpose", "basis"], TEXT),
        "files": FILES,
        "uploads": IDS,
    },
}
NewVersion = {"type": "object", "required": ["reason"], "properties": {"reason": TEXT, "files": FILES, "uploads": IDS}}
OneFile = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
REPEATABLE = [{"in": "header", "name": "Idempotency-Key", "required": False, "schema": {"type": "string", "maxLength": 255}}]
PURPOSE = [{"in": "header", "name": "X-Purpose", "required": False, "schema": {"type": "string", "maxLength": 500}}]


def json(model: type[BaseModel]) -> dict[str, Any]:
    """A JSON body."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}}


def form(schema: dict[str, Any], *, repeatable: bool = True) -> dict[str, Any]:
    """A form with files, which may be sent again with the same key."""
    body = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
    return body | ({"parameters": REPEATABLE} if repeatable else {})


def paged(*names: str) -> dict[str, Any]:
    """A list with these questions."""
    pages = [_asked("page", {"type": "integer", "minimum": 1}), _asked("page_size", {"type": "integer", "minimum": 1, "maximum": 200})]
    return {"parameters": [*(_asked(name, TEXT) for name in names), *pages]}


def asks(*names: str) -> dict[str, Any]:
    """Questions of a call that is no list."""
    return {"parameters": [_asked(name, TEXT) for name in names]}


def _asked(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"in": "query", "name": name, "required": False, "schema": schema}
