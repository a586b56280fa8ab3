"""From records to the index: after changes, anew, compared, repaired; and while the engine is away (FND-2, FND-7, FND-8)."""

import io
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from records import outbox
from records.models import OutboxRow, Record
from search import collecting, finding, indexing
from search.documents import Document
from search.engines import engine
from search.engines.shelf import LAYOUT
from search.errors import EngineUnavailable
from search.models import TextPage
from tests import factories
from tests.search.people import index, row

pytestmark = pytest.mark.django_db
TEXT = ("甲方逾期付款的应承担违约责任,身份证号11010519491231002X。",)


def found(text: str = "") -> int:
    return finding.search(factories.person("staff"), text, log=False).count


def command(work: str) -> str:
    said = io.StringIO()
    call_command("search_index", work, stdout=said)
    return said.getvalue()


def broken() -> None:
    """The index cannot be opened any more."""
    folder = Path(settings.MUNIMENT_DATA) / "index"
    folder.mkdir(exist_ok=True)
    (folder / "current").write_text(f"{LAYOUT}-nowhere")


def test_a_document_holds_no_sensitive_value() -> None:
    record = row(
        pages=TEXT, fields={"contract_number": "HY-2026-03", "remarks": "备注", "amount": {"value": "3531000.00", "currency": "CNY"}}
    )
    (document,) = collecting.documents([record.pk])
    assert "11010519491231002X" not in str(document)
    assert "违约责任" in document.pages[0][0]
    assert len(document.digests) == 1
    assert document.numbers == ("HY-2026-03",)
    assert "备注" in document.fields


def test_only_the_current_version_is_found() -> None:
    from records.models import RecordVersion
    from tests.search.people import read

    record = row(pages=("旧的文本",))
    version = RecordVersion.objects.create(record=record, number=2, created_by=record.registrar)
    read(version, ("新的文本",), name="new.pdf")
    Record.objects.filter(pk=record.pk).update(current_version=2)
    index(record)
    assert (found("旧的"), found("新的")) == (0, 1)


def test_a_batch_of_rows_is_one_commit_and_safe_twice() -> None:
    records = [row(pages=TEXT) for _record in range(5)]
    for record in [*records, *records]:
        outbox.enqueue("index", record.pk)
    rows = list(OutboxRow.objects.filter(topic="index"))
    assert not indexing.handle(rows)
    assert not indexing.handle(rows)
    assert found("违约") == 5


def test_a_withdrawn_record_leaves_index_and_texts() -> None:
    record = row(pages=TEXT)
    index(record)
    Record.objects.filter(pk=record.pk).update(state="withdrawn")
    outbox.enqueue("index", record.pk, narrowing=True)
    outbox.drain(only={"index"})
    assert found() == 0
    assert not TextPage.objects.exists()


def test_while_the_engine_is_away_nothing_is_lost() -> None:
    index(row())
    broken()
    engine_away = row("后来的合同")
    outbox.enqueue("index", engine_away.pk)
    for _round in range(outbox.ATTEMPTS + 2):
        OutboxRow.objects.update(available_at=engine_away.created_at)
        outbox.work_once(only={"index"})
    waiting = OutboxRow.objects.get(topic="index")
    assert (waiting.done_at, waiting.failed_at) == (None, None)
    assert waiting.error
    indexing.rebuild()
    OutboxRow.objects.update(available_at=engine_away.created_at)
    outbox.drain(only={"index"})
    assert found("后来") == 1
    assert OutboxRow.objects.get(topic="index").done_at


def test_check_names_every_kind_of_difference_and_update_repairs_it() -> None:
    missing, outdated, gone, same = row("未入索引"), row("旧名"), row("已撤"), row("相同")
    index(outdated, gone, same)
    Record.objects.filter(pk=outdated.pk).update(title="新名")
    Record.objects.filter(pk=gone.pk).update(state="withdrawn")
    said = io.StringIO()
    with pytest.raises(CommandError, match="3 records"):
        call_command("search_index", "check", stdout=said)
    assert set(said.getvalue().split("\n")) - {""} == {f"missing {missing.pk}", f"outdated {outdated.pk}", f"extra {gone.pk}"}
    assert "3 records" in command("update")
    assert "agree" in command("check")
    assert (found("未入"), found("新名"), found("已撤")) == (1, 1, 0)


@pytest.mark.parametrize("by", ["update", "worker"])
def test_records_are_collected_while_nobody_else_writes(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-5: else what was collected before a narrowing change could be written after the worker had done that change."""
    index(row())
    changed, collected, alone = row("迟到的合同"), collecting.documents, list[bool]()

    def watched(ids: Collection[str | UUID]) -> list[Document]:
        try:
            with engine().shelf.writing(wait=0.0):
                alone.append(False)
        except EngineUnavailable:
            alone.append(True)
        return collected(ids)

    monkeypatch.setattr(collecting, "documents", watched)
    if by == "update":
        command("update")
    else:
        outbox.enqueue("index", changed.pk)
        outbox.drain(only={"index"})
    assert (alone[-1], found("迟到")) == (True, 1)


def test_a_record_that_cannot_be_collected_is_no_trouble_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """FND-8: the engine's own trouble is waited out for ever; a broken record is given up, visibly, and holds up no other."""
    bad, good, collected = row(), row("好的合同"), collecting.documents

    def broken_one(ids: Collection[str | UUID]) -> list[Document]:
        if str(bad.pk) in ids:
            raise ValueError
        return collected(ids)

    monkeypatch.setattr(collecting, "documents", broken_one)
    for record in (bad, good):
        outbox.enqueue("index", record.pk)
    for _round in range(outbox.ATTEMPTS):
        OutboxRow.objects.update(available_at=bad.created_at)
        outbox.work_once(only={"index"})
    assert OutboxRow.objects.get(key=str(bad.pk)).failed_at
    assert found("好的") == 1


def test_what_waits_in_the_outbox_is_no_difference() -> None:
    record = row()
    outbox.enqueue("index", record.pk)
    assert "agree; 1 record" in command("check")


def test_rebuild() -> None:
    records = [row(f"合同 {place}", pages=TEXT) for place in range(3)]
    index(records[0])
    assert "3 records" in command("rebuild")
    assert found("违约") == 3


@pytest.mark.parametrize("work", ["check", "update"])
def test_commands_say_that_the_engine_is_away(work: str) -> None:
    row()
    broken()
    with pytest.raises(CommandError):
        command(work)


def test_an_erased_record_is_proved_to_be_gone() -> None:
    stays, goes = row(pages=TEXT), row(pages=TEXT)
    index(stays, goes)
    Record.objects.filter(pk=goes.pk).update(state="withdrawn")
    indexing.erase([str(goes.pk)])
    assert not engine().holds(str(goes.pk))
    assert found("违约") == 1
