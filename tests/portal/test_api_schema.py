"""The description of the API: whole, true to what is answered, and readable by tools."""

from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from portal.api import described
from portal.api.api import api as the_api
from tests.factories import filed, registered
from tests.portal.callers import Api, file
from tests.portal.test_api_matrix import operations
from tests.search.people import index, row

pytestmark = pytest.mark.django_db


def test_everything_is_described():
    response = Api(None).get("/schema/")

    assert response["Content-Type"].startswith("application/json")
    schema = response.json()
    assert schema["openapi"].startswith("3.")
    for path, methods in operations().items():
        for method in methods:
            operation = schema["paths"][f"/api/v1{path}"][method.lower()]
            assert operation["summary"]
            assert operation["description"]
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            assert operation["security"]


def test_every_reference_leads_somewhere():
    schema = Api(None).get("/schema/").json()

    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(value) for value in node.values()), set())
        return set().union(*(references(value) for value in node)) if isinstance(node, list) else set()

    known = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert references(schema) <= known
    assert "#/components/schemas/RecordOut" in references(schema)


def test_operations_have_names_of_their_own():
    names = [details["operationId"] for path in the_api.get_openapi_schema()["paths"].values() for details in path.values()]

    assert len(names) == len(set(names))


def same_shape(model: type[BaseModel], value: Any) -> None:
    """The model takes the value, and neither has a key that the other lacks (where the model names its keys)."""
    model.model_validate(value)
    unknown = set(value) - set(model.model_fields)
    assert not unknown, f"{model.__name__} does not describe {unknown}"
    for name, field in model.model_fields.items():
        inner = [kind for kind in _inside(field.annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]
        values = value.get(name) if isinstance(value.get(name), list) else [value.get(name)]
        for one in values if inner else []:
            if isinstance(one, dict):
                same_shape(inner[0], one)


def _inside(annotation: Any) -> list[Any]:
    if get_origin(annotation) in (None, dict):
        return [annotation]
    return [kind for part in get_args(annotation) for kind in _inside(part)]


def test_answers_are_what_is_described():
    api, record = Api("archivist"), filed(original={"pages": 2, "place": "B-3"})
    api.post(f"/records/{registered().pk}/relations/", {"kind": "amends", "record": str(record.pk)})
    index(row(pages=("违约",)))
    address = f"/records/{record.pk}/"

    same_shape(described.RecordOut, api.get(address).json())
    same_shape(described.RecordOut, Api("manager").get(address).json())
    same_shape(described.RecordList, api.get("/records/").json())
    same_shape(described.VersionList, api.get(address + "versions/").json())
    same_shape(described.VersionOut, api.get(address + "versions/1/").json())
    same_shape(described.EventList, api.get(address + "history/").json())
    same_shape(described.RecordTypeList, api.get("/record-types/").json())
    same_shape(described.RecordClassList, api.get("/record-classes/").json())
    same_shape(described.TierList, api.get("/tiers/").json())
    same_shape(described.PartyList, api.get("/parties/").json())
    same_shape(described.NumberReport, api.get("/numbers/").json())
    same_shape(described.SearchOut, api.get("/search/?q=违约").json())
    same_shape(described.Suggestions, api.get("/search/suggest/?q=HT").json())
    same_shape(described.UploadOut, api.form("/uploads/", file=file()).json())
    same_shape(described.VolumeOut, api.post("/volumes/", {"title": "卷", "record_class": "DK"}).json())
    same_shape(described.VolumeList, api.get("/volumes/").json())
    same_shape(described.TierChangeOut, api.post(address + "tier/", {"tier": "secret", "reason": "x"}).json())
    same_shape(described.TierChangeList, Api("archivist2").get("/tier-changes/").json())
    same_shape(described.Voided, api.post("/numbers/void/", {"number": record.number, "reason": "x"}).json())
    same_shape(described.Filed, api.post("/records/file-batch/", {"records": [str(record.pk)]}).json())
    same_shape(described.ProblemOut, api.get("/records/x/").json())
