"""What OpenAPI says of answers about notices; the rest of `described`."""

from ninja import Schema

from portal.api.described import Page, Pointer


class NoticeOut(Schema):
    """Something that the caller is told; `record` is null where the caller may not know of it now. `url` marks it as read and leads on."""

    id: str
    kind: str
    sentence: str
    url: str
    record: Pointer | None
    subject: str
    at: str
    read: bool


class NoticeList(Page):
    """Newest first."""

    results: list[NoticeOut]
