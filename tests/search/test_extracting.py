"""Reading texts from the outbox: at once what files say, page by page what was scanned; failures shown, and tried again (FND-2)."""

import io

import pytest

from records import outbox
from records.models import Component, OutboxRow, Record
from search import extracting, finding, texts, viewing
from search.models import State, TextPage, TextState
from storage import objects
from storage.errors import SealBroken
from tests import factories, samples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _store(store: object) -> None:
    """All of these need bytes."""


def component_of(record: Record) -> Component:
    return Component.objects.select_related("version__record__data_key").get(version__record=record)


def state_of(record: Record) -> dict[str, object]:
    component = component_of(record)
    return viewing.progress_of([component])[component.pk].as_dict()


def found(text: str) -> list[Record]:
    return [result.record for result in finding.search(factories.person("staff"), text, log=False).results]


def hurry() -> None:
    """Rows that wait for a retry are ready now."""
    OutboxRow.objects.filter(done_at__isnull=True).update(available_at="2026-01-01T00:00:00Z")


def test_a_born_digital_file_is_found_after_one_round() -> None:
    record = factories.registered()
    assert state_of(record)["state"] == "pending"
    outbox.drain(only={"text", "index"})
    assert state_of(record) == {"state": "ready", "source": "embedded", "progress": 1.0, "error": None}
    assert found("违约金") == [record]
    assert not OutboxRow.objects.filter(topic="ocr").exists()


def test_texts_are_sealed() -> None:
    record = factories.registered()
    outbox.drain(only={"text"})
    page = TextPage.objects.filter(component__version__record=record).first()
    assert page
    key = component_of(record).version.record.data_key.material()
    assert "违约金" in texts.text_of(page, key)
    assert "违约金".encode() not in bytes(page.text) + bytes(page.layout)
    page.number += 1  # moved to another page
    with pytest.raises(SealBroken):
        texts.text_of(page, key)


def test_doing_it_twice_changes_nothing() -> None:
    record = factories.registered()
    rows = list(OutboxRow.objects.filter(topic="text"))
    extracting.handle_text(rows)
    before = list(TextPage.objects.values_list("pk", flat=True))
    extracting.handle_text(rows)
    assert list(TextPage.objects.values_list("pk", flat=True)) == before
    assert state_of(record)["state"] == "ready"


def test_a_scan_waits_for_ocr_and_tells_how_far_it_is() -> None:
    record = factories.registered(
        content=samples.scanned_pdf([samples.page_image("本页为扫描件,约定违约责任。"), samples.page_image("第二页。")])
    )
    outbox.drain(only={"text", "index"})
    assert state_of(record)["state"] == "pending"
    assert found("采购")[0] == record  # by its title, meanwhile
    outbox.drain(only={"ocr", "index"})
    assert state_of(record) == {"state": "ready", "source": "ocr", "progress": 1.0, "error": None}
    (result,) = finding.search(factories.person("staff"), "违约责任", log=False).results
    assert result.pages == [1]
    words = viewing.page_words(component_of(record), 1, "违约责任")
    assert words.source == "ocr"
    assert words.hits
    assert words.confidence


def test_a_failure_is_retried_then_shown_then_tried_again_by_hand() -> None:
    record = factories.registered()
    component = component_of(record)
    stored = component.stored
    content = objects.open_object(stored).read()
    objects.discard(stored.key)
    for _attempt in range(outbox.ATTEMPTS):
        hurry()
        outbox.drain(only={"text"})
    shown = state_of(record)
    assert shown["state"] == "failed"
    assert shown["error"]
    fresh = objects.put(io.BytesIO(content), data_key=stored.data_key, associated=stored.associated)
    fresh.save()
    Component.objects.filter(pk=component.pk).update(stored=fresh)
    viewing.retry_text(component)
    outbox.drain(only={"text", "index"})
    assert state_of(record)["state"] == "ready"
    assert found("违约金") == [record]


def test_a_blank_file_is_empty_not_failed() -> None:
    record = factories.registered(content=samples.docx(paragraphs=(), table=()))
    outbox.drain(only={"text", "ocr"})
    assert TextState.objects.get().state == State.EMPTY
    assert state_of(record)["progress"] == 1.0


def test_what_was_withdrawn_is_not_read() -> None:
    record = factories.registered()
    Record.objects.filter(pk=record.pk).update(state="withdrawn")
    outbox.drain(only={"text"})
    assert not TextPage.objects.exists()
