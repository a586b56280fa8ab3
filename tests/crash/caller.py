"""A client of the API over a real connection, who is cut off now and then and keeps what was acknowledged."""

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import urllib3

CUT = (urllib3.exceptions.HTTPError, OSError)
CONTRACT = {"contract_number": "HY-2026-03", "signed_on": "2026-03-18", "amount": {"value": "3531000.00", "currency": "CNY"}}


@dataclass
class Sent:
    """One try to register: its marks, and the record's id once it was acknowledged with 201."""

    title: str
    mark: str
    content: bytes
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    record: str = ""


class Caller:
    """One person with a token. Calls raise one of CUT when the connection is cut."""

    def __init__(self, url: str, token: str) -> None:
        self.url = f"{url}/api/v1"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=60), retries=False)

    def get(self, path: str, **query: str) -> urllib3.BaseHTTPResponse:
        """A GET."""
        return self._pool.request("GET", self.url + path, fields=query or None, headers=self._headers)

    def json(self, path: str, **query: str) -> Any:
        """The body of a GET that must succeed."""
        answer = self.get(path, **query)
        assert answer.status == 200, answer.data[:500]
        return answer.json()

    def post(self, path: str, body: dict[str, Any]) -> urllib3.BaseHTTPResponse:
        """A POST of JSON."""
        return self._pool.request("POST", self.url + path, json=body, headers=self._headers)

    def register(self, sent: Sent, *, name: str, media_type: str) -> int:
        """Send it; the answer's status. Sets `sent.record` on 201."""
        fields: list[tuple[str, Any]] = [
            ("record_type", "contract"),
            ("title", sent.title),
            ("record_class", "HT"),
            ("department", "sales"),
            ("fields", json.dumps(CONTRACT)),
            ("parties", json.dumps([{"name": "鸿远置业有限公司", "role": "party_a"}])),
            ("files", (name, sent.content, media_type)),
        ]
        headers = {**self._headers, "Idempotency-Key": sent.key}
        answer = self._pool.request("POST", self.url + "/records/", fields=fields, headers=headers)
        if answer.status == 201:
            sent.record = answer.json()["id"]
        return answer.status

    def found(self, words: str) -> list[str]:
        """Ids of the records that a search finds."""
        return [row["id"] for row in self.json("/search/", q=words)["results"]]

    def holds_whole(self, record: str, sent: Sent) -> bool:
        """Whether the record's content is what was sent, byte for byte."""
        part = self.json(f"/records/{record}/")["version"]["components"][0]
        content = self.get(f"/records/{record}/components/{part['id']}/content").data
        return content == sent.content and part["sha256"] == hashlib.sha256(sent.content).hexdigest()
