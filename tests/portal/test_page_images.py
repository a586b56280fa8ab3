"""Opened files that lie ready for their next pages: each once, and none that nobody looks at."""

import io
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from portal import page_images
from records.models import Component


@pytest.fixture
def spool(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    monkeypatch.setattr(page_images, "_ready", page_images._Ready())
    return tmp_path


class _Slow(io.BytesIO):
    """Content that is still being read when the next one asks."""

    def __init__(self, other_reads: threading.Event) -> None:
        super().__init__(b"content")
        self._other_reads = other_reads

    def read(self, size: int | None = -1) -> bytes:
        self._other_reads.wait(0.2)
        return super().read(size)


class _Second(io.BytesIO):
    """Content that tells when it is read."""

    def __init__(self, reads: threading.Event) -> None:
        super().__init__(b"content")
        self._reads = reads

    def read(self, size: int | None = -1) -> bytes:
        self._reads.set()
        return super().read(size)


def _look(component: Component, stream: Any) -> None:
    with page_images._plain(component, stream) as path:
        assert path.read_bytes() == b"content"


def test_two_who_open_a_file_at_once_share_one_opened_copy(spool: Path) -> None:
    component, second_reads = Component(pk=uuid4(), size=7), threading.Event()
    looks = [threading.Thread(target=_look, args=(component, stream)) for stream in (_Slow(second_reads), _Second(second_reads))]
    for look in looks:
        look.start()
    for look in looks:
        look.join()
    assert len(list(spool.iterdir())) == 1
    assert not second_reads.is_set()


def test_what_nobody_looks_at_any_more_is_gone_by_itself(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(page_images.time, "monotonic", lambda: clock[0])
    component = Component(pk=uuid4(), size=7)
    _look(component, io.BytesIO(b"content"))
    clock[0] = page_images.KEPT - 1.0
    _look(component, io.BytesIO(b"content"))
    for clock[0] in (page_images.KEPT + 1.0, 3.0 * page_images.KEPT):
        timer = page_images._ready.timer
        assert timer, "somebody looks again while anything lies there"
        timer.cancel()
        page_images._ready.sweep_later()
    assert list(spool.iterdir()) == []
    assert page_images._ready.timer is None


def test_too_much_is_dropped_only_when_nobody_uses_it(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_images, "KEPT_BYTES", 10)
    first, second = Component(pk=uuid4(), size=7), Component(pk=uuid4(), size=7)
    with page_images._plain(first, io.BytesIO(b"content")) as path:
        _look(second, io.BytesIO(b"content"))
        assert path.exists()
    assert len(list(spool.iterdir())) == 1
