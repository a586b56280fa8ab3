"""All the checks and tests, as `make test` runs them: `python -m tests.run [step …]`.

Prints each step's output as it is, that of steps beside each other one after the other; then one line for each step, and what could not
be run. Exits non-zero when a step failed.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TextIO

from tests import template
from tests.postgres import NoPostgres, cluster

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
OURS = ("MUNIMENT_", "DATABASE_URL", "S3_", "BACKUP_", "SEARCH_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE", template.ENVIRONMENT)
SIDE_BY_SIDE = ("-n", "2", "-m", "not browser", "--ignore=tests/crash")
CHROMIUM = Path("/usr/bin/chromium")


class CannotRun(Exception):  # noqa: N818 - a fact about the machine
    """A step that this machine lacks something for; says what."""


def _environment() -> dict[str, str]:
    """The caller's, but for settings of a portal of theirs: tests have a data folder of their own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


ENVIRONMENT = _environment()
READY: dict[str, dict[str, str]] = {}  # the environment of a step whose database was made before
UNTIL_THE_END = ExitStack()  # what several steps use
RUNNING: set["subprocess.Popen[bytes]"] = set()
Step = Callable[[TextIO], bool]  # writes to its output; whether it went well


@dataclass
class Outcome:
    """How a step went; `missing`: why it could not run."""

    name: str
    seconds: float
    failed: bool = False
    missing: str = ""

    def line(self) -> str:
        """One line for the end."""
        word = "could not run" if self.missing else "FAILED" if self.failed else "ok"
        return f"{self.name:12} {word:13} {self.seconds:6.1f} s"


def main(wanted: list[str]) -> int:
    """Run the steps that were named, or all; returns the exit status."""
    if unknown := set(wanted).difference(*STEPS):
        sys.exit(f"There is no step {', '.join(sorted(unknown))}. There are: {', '.join(name for group in STEPS for name in group)}.")
    signal.signal(signal.SIGTERM, _end)
    begun = time.monotonic()
    with UNTIL_THE_END:
        outcomes = [outcome for group in STEPS for outcome in _group({name: group[name] for name in group if name in (wanted or group)})]
    print("\n" + "\n".join(outcome.line() for outcome in outcomes))
    print(f"{'together':26} {time.monotonic() - begun:6.1f} s")
    for outcome in outcomes:
        if outcome.missing:
            print(f"Could not run {outcome.name}: {outcome.missing}")
    return int(any(outcome.failed for outcome in outcomes))


def _end(*_signal: object) -> NoReturn:
    """What runs below is ended too."""
    for process in list(RUNNING):
        process.kill()
    sys.exit(143)


def _group(steps: dict[str, Step]) -> list[Outcome]:
    """Run steps beside each other, with the output of each apart; one alone says what it does while it does it."""
    if not steps:
        return []
    if len(steps) == 1:
        ((name, step),) = steps.items()
        print(f"\n== {name}", flush=True)
        return [_run(name, step, sys.stdout)]
    with ExitStack() as files, ThreadPoolExecutor(len(steps)) as threads:
        outputs = {name: files.enter_context(tempfile.TemporaryFile("w+")) for name in steps}
        running = {name: threads.submit(_run, name, step, outputs[name]) for name, step in steps.items()}
        return [_told(name, running[name].result(), outputs[name]) for name in steps]


def _told(name: str, outcome: Outcome, output: TextIO) -> Outcome:
    output.seek(0)
    print(f"\n== {name}\n{output.read()}", end="", flush=True)
    return outcome


def _run(name: str, step: Step, output: TextIO) -> Outcome:
    begun = time.monotonic()
    try:
        failed = not step(output)
    except CannotRun as error:
        return Outcome(name, time.monotonic() - begun, missing=str(error))
    return Outcome(name, time.monotonic() - begun, failed=failed)


def _call(command: list[str | Path], output: TextIO, **more: str) -> bool:
    """Whether a command succeeds; `more`: of its environment."""
    environment = {**ENVIRONMENT, **more}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    RUNNING.add(process)
    try:
        return process.wait() == 0
    finally:
        process.kill()
        RUNNING.discard(process)


def _side_by_side(output: TextIO, *commands: list[str | Path]) -> bool:
    """Run commands at once, write the output of those that failed; whether all went well."""
    with ExitStack() as files, ThreadPoolExecutor(len(commands)) as threads:
        outputs = [files.enter_context(tempfile.TemporaryFile("w+")) for _command in commands]
        results = list(threads.map(_call, commands, outputs))
        for command, said, well in zip(commands, outputs, results, strict=True):
            print(f"{' '.join(Path(str(word)).name for word in command)}: {'ok' if well else 'failed'}", file=output, flush=True)
            said.seek(0)
            output.write("" if well else said.read())
    return all(results)


def _lint(output: TextIO) -> bool:
    migrations: list[str | Path] = [BIN / "python", "manage.py", "makemigrations", "--check", "--dry-run", "--settings=tests.settings"]
    return _side_by_side(output, [BIN / "ruff", "check", "."], [BIN / "ruff", "format", "--check", "."], [BIN / "lint-imports"], migrations)


def _types(output: TextIO) -> bool:
    return _side_by_side(output, [BIN / "mypy"])


def _databases(output: TextIO) -> bool:
    """Migrate once for all workers, on SQLite and PostgreSQL at once. Who runs a step alone does without: its workers migrate."""
    folder = UNTIL_THE_END.enter_context(tempfile.TemporaryDirectory(prefix="muniment-databases-"))
    command: list[str | Path] = [BIN / "python", "-m", "tests.template", folder]
    ready = {"sqlite": {template.ENVIRONMENT: str(Path(folder) / template.FILE)}}
    try:
        url = UNTIL_THE_END.enter_context(cluster())
    except NoPostgres:
        pass  # the step that needs it says so
    else:
        ready["postgres"] = {template.ENVIRONMENT: template.DATABASE, "DATABASE_URL": url}
    with ThreadPoolExecutor(len(ready)) as threads:
        made = list(threads.map(lambda name: _call(command, output, **_connection(ready[name])), ready))
    if all(made):
        READY.update(ready)
    return all(made)


def _connection(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name != template.ENVIRONMENT}


def _pytest(output: TextIO, *arguments: str, **environment: str) -> bool:
    """Whether every test passed; without DATABASE_URL, on SQLite."""
    return _call([BIN / "python", "-m", "pytest", "-q", *arguments], output, **environment)


def _sqlite(output: TextIO) -> bool:
    return _pytest(output, *SIDE_BY_SIDE, **READY.get("sqlite", {}))


def _postgres(output: TextIO) -> bool:
    with ExitStack() as stack:
        try:
            environment = READY.get("postgres") or {"DATABASE_URL": stack.enter_context(cluster())}
        except NoPostgres as error:
            raise CannotRun(str(error)) from error
        return _pytest(output, *SIDE_BY_SIDE, "-p", "tests.plugins.only_database", **environment)


def _crash(output: TextIO) -> bool:
    return _pytest(output, "-n", "2", "--dist", "loadfile", "tests/crash")


def _browser(output: TextIO) -> bool:
    if not CHROMIUM.exists():
        raise CannotRun(f"{CHROMIUM} is missing (Debian: chromium)")
    return _pytest(output, "-m", "browser", "tests/browser", **READY.get("sqlite", {}))


# One group after the other; what stands in one group runs at once: killed portals and browsers wait much of their time.
STEPS: list[dict[str, Step]] = [
    {"lint": _lint, "types": _types, "databases": _databases},
    {"sqlite": _sqlite},
    {"postgres": _postgres},
    {"crash": _crash, "browser": _browser},
]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
