"""All the checks and tests, as `make test` runs them: `python -m tests.run [step …]`.

Prints each step's output as it is, then one line for each step, then what could not be run. Exits non-zero when a step failed.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import NoPostgres, cluster

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
OURS = ("MUNIMENT_", "DATABASE_URL", "S3_", "BACKUP_", "SEARCH_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE")
SIDE_BY_SIDE = ("-n", "2", "-m", "not browser", "--ignore=tests/crash")
CHROMIUM = Path("/usr/bin/chromium")


class CannotRun(Exception):  # noqa: N818 - a fact about the machine
    """A step that this machine lacks something for; says what."""


def _environment() -> dict[str, str]:
    """The caller's, but for settings of a portal of theirs: tests have a data folder of their own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


ENVIRONMENT = _environment()


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
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))  # so that what runs below is ended too
    outcomes = [_run(name, STEPS[name]) for name in wanted or STEPS]
    print("\n" + "\n".join(outcome.line() for outcome in outcomes))
    for outcome in outcomes:
        if outcome.missing:
            print(f"Could not run {outcome.name}: {outcome.missing}")
    return int(any(outcome.failed for outcome in outcomes))


def _run(name: str, step: Callable[[], bool]) -> Outcome:
    print(f"\n== {name}", flush=True)
    begun = time.monotonic()
    try:
        failed = not step()
    except CannotRun as error:
        return Outcome(name, time.monotonic() - begun, missing=str(error))
    return Outcome(name, time.monotonic() - begun, failed=failed)


def _side_by_side(*commands: list[str | Path]) -> bool:
    """Run commands at once, print the output of those that failed; whether all went well."""
    started = [(command, _start(command)) for command in commands]
    well = True
    for command, process in started:
        output, _nothing = process.communicate()
        print(f"{' '.join(Path(str(word)).name for word in command)}: {'ok' if process.returncode == 0 else 'failed'}", flush=True)
        if process.returncode:
            well = False
            print(output)
    return well


def _start(command: list[str | Path]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _lint() -> bool:
    migrations: list[str | Path] = [BIN / "python", "manage.py", "makemigrations", "--check", "--dry-run", "--settings=tests.settings"]
    return _side_by_side([BIN / "ruff", "check", "."], [BIN / "ruff", "format", "--check", "."], [BIN / "lint-imports"], migrations)


def _types() -> bool:
    return _side_by_side([BIN / "mypy"])


def _pytest(*arguments: str, database: str | None = None) -> bool:
    """Whether every test passed; without `database`, on SQLite."""
    command = [BIN / "python", "-m", "pytest", "-q", *arguments]
    environment = {**ENVIRONMENT, "DATABASE_URL": database} if database else ENVIRONMENT
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment, check=False).returncode == 0


def _sqlite() -> bool:
    return _pytest(*SIDE_BY_SIDE)


def _postgres() -> bool:
    try:
        with cluster() as url:
            return _pytest(*SIDE_BY_SIDE, "-p", "tests.plugins.only_database", database=url)
    except NoPostgres as error:
        raise CannotRun(str(error)) from error


def _crash() -> bool:
    return _pytest("-n", "2", "--dist", "loadfile", "tests/crash")


def _browser() -> bool:
    if not CHROMIUM.exists():
        raise CannotRun(f"{CHROMIUM} is missing (Debian: chromium)")
    return _pytest("-m", "browser", "tests/browser")


STEPS: dict[str, Callable[[], bool]] = {
    "lint": _lint,
    "types": _types,
    "sqlite": _sqlite,
    "postgres": _postgres,
    "crash": _crash,
    "browser": _browser,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
