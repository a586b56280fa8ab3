"""Text of pages, sealed and opened: kept under the record's data key, so that it dies with the record.

Why: docs/architecture.md, decision 8.
"""

import zlib
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from records.models import Component
from search.models import Source, State, TextPage, TextState
from search.text.page import PageText
from storage import crypto

QUICK = 1  # zlib level: pages are small, and read far more often than their size matters


def keep(component: Component, pages: Iterable[PageText]) -> None:
    """Seal and store pages; a page stored before is replaced."""
    key = component.version.record.data_key.material()
    rows = [_sealed(component.pk, page, key) for page in pages]
    with transaction.atomic():
        TextPage.objects.filter(component=component, number__in=[row.number for row in rows]).delete()
        TextPage.objects.bulk_create(rows)


def _sealed(component_id: UUID, page: PageText, key: bytes) -> TextPage:
    return TextPage(
        component_id=component_id,
        number=page.number,
        source=page.source,
        confidence=page.confidence,
        text=crypto.seal_value(key, zlib.compress(page.text.encode(), QUICK), associated=_bound_to(component_id, page.number, "text")),
        layout=crypto.seal_value(key, page.to_bytes(), associated=_bound_to(component_id, page.number, "layout")),
    )


def text_of(row: TextPage, key: bytes) -> str:
    """The text of a page. Raises SealBroken when the row was changed or swapped."""
    return open_text(row.component_id, row.number, row.text, key)


def open_text(component_id: UUID, number: int, sealed: bytes | memoryview, key: bytes) -> str:
    """`text_of` for columns instead of a row: a page of results opens a hundred of them."""
    return zlib.decompress(crypto.open_value(key, bytes(sealed), associated=_bound_to(component_id, number, "text"))).decode()


def page_of(row: TextPage, key: bytes) -> PageText:
    """The page with the places of its words. Raises SealBroken."""
    opened = crypto.open_value(key, bytes(row.layout), associated=_bound_to(row.component_id, row.number, "layout"))
    return PageText.from_bytes(opened)


def _bound_to(component_id: UUID, number: int, what: str) -> bytes:
    return f"{what}/{component_id}/{number}".encode()


def drop(record_id: UUID | str) -> None:
    """Forget all text of a record."""
    TextPage.objects.filter(component__version__record_id=record_id).delete()
    TextState.objects.filter(component__version__record_id=record_id).delete()


def settle(component: Component) -> TextState:
    """Set the state from what is stored: ready or empty when every page was read, else still pending."""
    state, _made = TextState.objects.get_or_create(component=component)
    pages = list(TextPage.objects.filter(component=component).values_list("source", "confidence"))
    state.pages_done = len(pages)
    state.source = Source.OCR if any(source == Source.OCR for source, _sure in pages) else Source.EMBEDDED
    if state.pages_total is not None and state.pages_done >= state.pages_total:
        state.state, state.error = (State.READY if _has_text(component) else State.EMPTY), ""
    state.save()
    return state


def _has_text(component: Component) -> bool:
    key = component.version.record.data_key.material()
    rows = TextPage.objects.filter(component=component).defer("layout").order_by("number")
    return any(text_of(row, key).strip() for row in rows.iterator(chunk_size=50))
