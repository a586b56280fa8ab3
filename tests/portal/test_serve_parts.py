"""What `serve` is made of: the lock, the logs, the bell, the watch over free space, children that end with their parent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from portal.serve import lock, nudge, output, prepare, watch
from portal.serve.errors import AlreadyServed
from portal.serve.house import is_loopback


def test_a_lock_is_held_once_and_names_its_holder(tmp_path: Path) -> None:
    held = lock.hold(tmp_path / "serve.lock")
    with pytest.raises(AlreadyServed, match=str(os.getpid())):
        lock.hold(tmp_path / "serve.lock")
    os.close(held)
    os.close(lock.hold(tmp_path / "serve.lock"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"])
def test_hosts_that_only_this_machine_reaches(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "archive.example.com", ""])
def test_hosts_that_others_reach(host: str) -> None:
    assert not is_loopback(host)


def test_new_lines_of_a_log_are_shown_once_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    path.write_text("before\n")
    log = output.Log(path, shown=True)
    with path.open("a") as file:
        file.write("one\ntwo\nhal")
        file.flush()
        assert log.new_lines() == ["one", "two"]
        file.write("f\n")
    assert log.new_lines() == ["half"]
    assert log.new_lines() == []


def test_a_full_log_is_kept_once_and_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "LARGEST", 10)
    path = tmp_path / "web.log"
    with path.open("a") as writer:
        writer.write("a long first line\n")
        writer.flush()
        log = output.Log(path, shown=True)
        log.rotate()
        writer.write("second\n")
    assert path.read_text() == "second\n"
    assert (tmp_path / "web.log.1").read_text() == "a long first line\n"
    assert log.new_lines() == ["second"]


def test_the_terminal_shows_the_beginning_of_much_and_where_the_rest_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = output.Terminal(tmp_path / "logs")
    path = terminal.log_of("web")
    terminal.log_of("store", shown=False).write_text("chatter\n")
    path.write_text("".join(f"line {number}\n" for number in range(100)))
    terminal.pump()
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "web       | line 0"
    assert len(shown) == output.AT_ONCE + 1
    assert str(path) in shown[-1]
    assert not any("chatter" in line for line in shown)


def test_the_last_lines_of_a_part_tell_why_it_died(tmp_path: Path) -> None:
    terminal = output.Terminal(tmp_path / "logs")
    terminal.log_of("web").write_text("".join(f"line {number}\n" for number in range(20)))
    assert terminal.last_lines("web", 2) == ["line 18", "line 19"]


def test_a_nudge_ends_the_wait_and_a_second_one_does_not_linger(settings: object, tmp_path: Path) -> None:
    settings.MUNIMENT_DATA = tmp_path  # type: ignore[attr-defined]
    bell = nudge.Bell("worker")
    assert not bell.wait(0)
    nudge.nudge()
    nudge.nudge()
    assert bell.wait(5)
    assert not bell.wait(0)


def test_a_nudge_without_a_worker_is_nothing(settings: object, tmp_path: Path) -> None:
    settings.MUNIMENT_DATA = tmp_path  # type: ignore[attr-defined]
    (tmp_path / "run").mkdir()
    os.mkfifo(tmp_path / "run" / "gone.nudge")
    nudge.nudge()


def test_little_room_is_said_once_and_again_after_a_recovery(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said: list[str] = []
    free = [10 * 1024**3]
    monkeypatch.setattr(watch.shutil, "disk_usage", lambda _path: type("Usage", (), {"free": free[0]}))
    look = watch.watch_space(tmp_path, said.append)
    for now in (10 * 1024**3, 1024**3, 1024**3, 100 * 1024**2, 10 * 1024**3, 1024**3):
        free[0] = now
        look()
    assert [sentence.split()[0] for sentence in said] == ["Little", "Almost", "Little"]


def test_what_stays_silent_is_ended_and_a_single_miss_is_not_enough() -> None:
    answers = iter([False] * (watch.SILENT - 1) + [True, None] + [False] * watch.SILENT)
    ended: list[str] = []
    pulse = watch.Pulse(lambda: next(answers), lambda: ended.append("ended"))
    for _look in range(watch.SILENT - 1 + 2 + watch.SILENT - 1):
        pulse.look()
    assert ended == []
    pulse.look()
    assert ended == ["ended"]


def test_the_spool_is_emptied(settings: object, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "spool"  # type: ignore[attr-defined]
    prepare.empty_spool()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (tmp_path / "spool" / "left.upload").write_text("content")
    (tmp_path / "spool" / "folder").mkdir()
    (tmp_path / "spool" / "folder" / "page.png").touch()
    (tmp_path / "spool" / "link").symlink_to(outside)
    prepare.empty_spool()
    assert list((tmp_path / "spool").iterdir()) == []
    assert (outside / "kept").exists()


def test_a_part_empties_only_its_own_spool(settings: object, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path  # type: ignore[attr-defined]
    for name in ("web", "reader"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "left").touch()
    prepare.own_spool("reader")
    assert tmp_path / "reader" == settings.FILE_UPLOAD_TEMP_DIR  # type: ignore[attr-defined]
    assert not (tmp_path / "reader" / "left").exists()
    assert (tmp_path / "web" / "left").exists()


PARENT = """
import os, sys, time
from pathlib import Path
from portal.serve import processes
def run(ready):
    ready("up")
    time.sleep(600)
child = processes.fork("test", run, log=Path(sys.argv[1]))
while not child.poll_ready():
    pass
print(child.pid, child.message, flush=True)
time.sleep(600)
"""


def test_a_child_is_killed_by_the_kernel_when_its_parent_is(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid, message = parent.stdout.readline().split()
        watch = os.pidfd_open(int(pid))
        parent.kill()
        assert message == "up"
        assert _ends(watch, seconds=10)


def _ends(watch: int, *, seconds: float) -> bool:
    """Whether the process behind this descriptor ends in time."""
    import select

    ready, _, _ = select.select([watch], [], [], seconds)
    return bool(ready)


def test_a_child_says_how_it_ended(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from portal.serve import processes
import os, signal
def fails(ready): raise ValueError("broken")
def leaves(ready): return 7
def dies(ready): os.kill(os.getpid(), signal.SIGKILL)
for run in (fails, leaves, dies):
    child = processes.fork("test", run, log=Path(sys.argv[1]))
    while not (ended := processes.reap()): pass
    print(ended[0][1])
"""
    said = subprocess.run([sys.executable, "-c", code, str(tmp_path / "log")], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["1", "7", str(-signal.SIGKILL)]
    assert "ValueError: broken" in (tmp_path / "log").read_text()


TWO_DIE = """
import os, sys
from pathlib import Path
from django.conf import settings
settings.configure(USE_I18N=False)
from portal.serve.errors import PartFailed
from portal.serve.output import Terminal
from portal.serve.supervisor import Part, Supervisor
supervisor = Supervisor(Terminal(Path(sys.argv[1])))
parts = [Part(name=name, once=True, run=lambda ready: 1) for name in ("first", "second")]
for part in parts:
    supervisor.start(part)
for part in parts:
    os.waitid(os.P_PID, part.child.pid, os.WEXITED | os.WNOWAIT)
try:
    supervisor.tick(5)
except PartFailed:
    supervisor.stop([])
    print("ended")
"""


def test_the_end_comes_when_two_parts_die_at_once_and_the_first_cannot_be_missed(tmp_path: Path) -> None:
    said = subprocess.run([sys.executable, "-c", TWO_DIE, str(tmp_path)], capture_output=True, text=True, timeout=30, check=True)
    assert said.stdout.split()[-1] == "ended"
