"""The REST API at `/api/v1/` (interface.md, "API"): each view asks a verb or a query of the floors below, and shapes the answer.

Refusals come in the contract's order: 401, 404, 403, 400, 413, 415, 416, 409, 410, 503. So a view reads what was sent only
after it has found that the caller may know of the thing it was sent to (`asking.py`).
"""
