"""The embedded engine: the contract, and what its files and processes must do beyond it."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from search.engines.embedded import EmbeddedEngine
from search.engines.shelf import LAYOUT
from search.errors import EngineUnavailable
from tests.contracts.search_engine import SearchEngineContract, ask, document, identity

WRITER = """
import sys
from pathlib import Path
import django
django.setup()
from search.engines.embedded import EmbeddedEngine
from tests.contracts.search_engine import document
engine = EmbeddedEngine(Path(sys.argv[1]))
for batch in range(10_000):
    engine.write([document(f"{batch}/{place}", pages=(("违约责任" * 50,),)) for place in range(20)])
    print(batch, flush=True)
"""


@pytest.fixture(scope="session")
def new_engine(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], EmbeddedEngine]:
    return lambda: EmbeddedEngine(tmp_path_factory.mktemp("search") / "index")


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    return EmbeddedEngine(tmp_path / "index")


class TestEmbeddedEngine(SearchEngineContract):
    """The contract."""


def test_the_folder_is_closed_to_others(engine: EmbeddedEngine, tmp_path: Path) -> None:
    engine.write([document("it")])
    assert stat.S_IMODE((tmp_path / "index").stat().st_mode) == 0o700


def test_an_empty_folder_is_an_empty_index(engine: EmbeddedEngine) -> None:
    assert ask(engine).count == 0


def test_another_process_sees_a_commit_at_once(engine: EmbeddedEngine, tmp_path: Path) -> None:
    other = EmbeddedEngine(tmp_path / "index")
    for place in range(3):
        engine.write([document(place)])
        assert ask(other).count == place + 1


def test_no_old_generation_is_left(engine: EmbeddedEngine, tmp_path: Path) -> None:
    engine.write([document("it")])
    for _again in range(3):
        with engine.rebuild() as building:
            building.add([document("it")])
            building.finish(lambda ids: [])
    assert len([path for path in (tmp_path / "index").iterdir() if path.is_dir()]) == 1


def test_only_one_rebuild_at_a_time(engine: EmbeddedEngine) -> None:
    with engine.rebuild(), pytest.raises(EngineUnavailable), engine.rebuild():
        pass


def test_no_file_that_held_an_erased_record_is_left(engine: EmbeddedEngine, tmp_path: Path) -> None:
    engine.write([document("it", pages=(("绝无仅有",),)), document("other")])
    before = _generation_files(tmp_path)
    engine.erase([identity("it")], remake=lambda ids: [], everything=lambda: [document("other")])
    assert before
    assert not before & _generation_files(tmp_path)


def _generation_files(folder: Path) -> set[Path]:
    return {path for path in (folder / "index").glob("*/*") if path.is_file()}


@pytest.mark.parametrize("damage", ["current", "meta", "layout"])
def test_a_damaged_index_is_said_to_be_away(engine: EmbeddedEngine, tmp_path: Path, damage: str) -> None:
    engine.write([document("it")])
    root = tmp_path / "index"
    generation = root / (root / "current").read_text()
    if damage == "current":
        (root / "current").write_text(f"{LAYOUT}-nowhere")
    elif damage == "meta":
        (generation / "meta.json").write_text("{")
    else:
        (root / "current").write_text(f"{LAYOUT - 1}-old")
    with pytest.raises(EngineUnavailable, match="search_index rebuild" if damage == "layout" else None):
        ask(EmbeddedEngine(root))
    with engine.rebuild() as building:  # and a rebuild mends it
        building.add([document("it")])
        building.finish(lambda ids: [])
    assert ask(EmbeddedEngine(root)).count == 1


@pytest.mark.race
def test_a_writer_killed_at_any_moment_loses_nothing_committed(tmp_path: Path) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(Path(__file__).parents[2])}
    engine = EmbeddedEngine(tmp_path / "index")
    for delay in (0.0, 0.004, 0.011):
        command = [sys.executable, "-c", WRITER, str(tmp_path / "index")]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            committed = [int(writer.stdout.readline()) for _line in range(4)][-1]
            time.sleep(delay)  # into the middle of a commit, or not: any moment must do
            writer.send_signal(signal.SIGKILL)
            committed = max([committed, *(int(line) for line in writer.stdout.read().split())])
        count = ask(engine, "违约责任").count
        assert count >= (committed + 1) * 20
        assert count % 20 == 0  # a batch as a whole or not at all
        engine.write([document("afterwards")], [identity("afterwards")])
