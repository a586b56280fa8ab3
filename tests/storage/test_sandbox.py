"""The sandbox: a hostile file ends a child, never the process that asked (CAP-2)."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from storage import sandbox
from storage.sandbox import Pool, SandboxFault, SandboxRefusal

HOSTILE = "tests.storage.hostile"


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(size=1, megabytes=512, seconds=10)
    yield pool
    pool.close()


def pid(pool: Pool) -> int:
    return int(pool.run("os:getpid").value)


def test_a_function_runs_elsewhere_and_answers_with_value_and_bytes(pool: Pool) -> None:
    assert pid(pool) != os.getpid()
    answer = pool.run(f"{HOSTILE}:doubled", "文", body=b"\x00\xff" * 700_000)
    assert answer.value == {"text": "文文"}
    assert answer.body == b"\x00\xff" * 1_400_000


def test_the_child_is_warm_and_knows_neither_django_nor_our_environment(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUNIMENT_MASTER_KEY", "secret")
    first = pool.run(f"{HOSTILE}:surroundings").value
    assert "MUNIMENT_MASTER_KEY" not in first["environment"]
    assert "LD_LIBRARY_PATH" not in first["environment"]
    assert not [name for name in first["modules"] if name.split(".")[0] == "django"]
    assert pid(pool) == first["pid"]


@pytest.mark.parametrize(
    ("function", "cause"),
    [
        ("sleep_for_ever", "timeout"),
        ("compute_for_ever", "timeout"),
        ("take_memory", "memory"),
        ("crash", "crash"),
        ("leave", "crash"),
        ("recurse", "crash"),
    ],
)
def test_each_fault_is_named_and_the_next_call_has_a_new_child(function: str, cause: str) -> None:
    pool = Pool(size=1, megabytes=256, seconds=5)
    before = pid(pool)
    with pytest.raises(SandboxFault) as fault:
        pool.run(f"{HOSTILE}:{function}", seconds=0.5 if cause == "timeout" else 5)
    assert fault.value.cause == cause
    assert pid(pool) != before
    pool.close()


def test_a_reader_that_gives_up_keeps_its_child(pool: Pool) -> None:
    before = pid(pool)
    with pytest.raises(SandboxFault) as fault:
        pool.run(f"{HOSTILE}:give_up")
    assert (fault.value.cause, fault.value.error) == ("error", "ValueError: no such thing")
    with pytest.raises(SandboxRefusal) as refusal:
        pool.run(f"{HOSTILE}:refuse")
    assert (refusal.value.reason, refusal.value.facts) == ("damaged", {"page": 3})
    assert pid(pool) == before


def test_a_child_killed_in_the_middle_is_a_fault_and_is_replaced(pool: Pool) -> None:
    victim = pid(pool)
    timer = threading.Timer(0.2, os.kill, (victim, signal.SIGKILL))
    timer.start()
    with pytest.raises(SandboxFault) as fault:
        pool.run(f"{HOSTILE}:sleep_for_ever")
    assert fault.value.cause == "crash"
    assert pid(pool) != victim


def test_a_child_that_died_idle_costs_no_file(pool: Pool) -> None:
    victim = psutil.Process(pid(pool))
    victim.kill()
    victim.wait(5)
    assert pid(pool) != victim.pid


def test_what_it_writes_besides_answers_does_no_harm(pool: Pool) -> None:
    with pytest.raises(SandboxFault):
        pool.run(f"{HOSTILE}:write_nonsense")
    assert pid(pool)


def test_no_file_can_be_written_inside(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(SandboxFault):
        pool.run(f"{HOSTILE}:write_file", str(tmp_path / "left behind"))
    assert (tmp_path / "left behind").stat().st_size == 0


def test_a_child_is_replaced_after_its_share_of_files() -> None:
    pool = Pool(size=1, megabytes=512, seconds=10, files=3)
    pids = [pid(pool) for _call in range(7)]
    assert [len(set(pids[start : start + 3])) for start in (0, 3)] == [1, 1]
    assert len(set(pids)) == 3
    pool.close()


def test_many_threads_share_a_few_children() -> None:
    pool = Pool(size=2, megabytes=512, seconds=20)
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.extend(pid(pool) for _call in range(20))) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 160
    assert len(set(seen)) <= 2
    pool.close()


def test_a_fork_of_the_owner_has_children_of_its_own(pool: Pool) -> None:
    mine = pid(pool)
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, str(pid(pool)).encode())
        pool.close()
        os._exit(0)
    theirs = int(os.read(reading, 20))
    os.wait()
    assert theirs not in {mine, 0}
    assert pid(pool) == mine


def test_children_go_when_their_owner_is_killed_also_from_the_middle_of_a_file() -> None:
    code = "\n".join(
        (
            "import json, sys, threading",
            "from django.conf import settings; settings.configure(USE_I18N=False)",
            "from storage.sandbox import Pool",
            "busy, idle = Pool(size=1, megabytes=512, seconds=60), Pool(size=1, megabytes=512, seconds=60)",
            "print(json.dumps([busy.run('os:getpid').value, idle.run('os:getpid').value]), flush=True)",
            f"busy.run('{HOSTILE}:sleep_for_ever')",
        )
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=sandbox.ROOT)
    children = [psutil.Process(number) for number in json.loads(owner.stdout.readline())]
    owner.kill()
    owner.wait()
    _gone, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


def test_a_call_costs_little(pool: Pool) -> None:
    pid(pool)
    started = time.process_time()
    for _call in range(200):
        pool.run("builtins:len", "x")
    assert time.process_time() - started < 200 * 0.002  # seconds
