"""Starting and stopping the embedded S3 server: one process with four parts (S3, filer, volume, master), loopback only.

`weed server` with its parts named rather than `weed mini`: mini always starts an admin server and a worker of its own beside them, two more
doors and a program that rewrites volumes when it likes. Ready in two seconds.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import NoReturn

from storage import client
from storage.embedded import launch
from storage.embedded.connection import Connection, Ports, read_connection, s3_folder, write_connection
from storage.embedded.doors import require_shut, try_doors
from storage.embedded.keys import access_keys, make_keys
from storage.embedded.shell import clean_environment, run_shell, weed_binary
from storage.embedded.volumes import flush
from storage.errors import AlreadyRunning, EmbeddedError, StorageError

VOLUME_MB = 256  # one volume file: what a vacuum writes anew when something in it was erased
LOWEST_FREE = "128MiB"  # below it volumes turn read-only; `objects.put` refuses earlier, with a sentence
PATIENCE = 30.0  # seconds from start to the first answered put
GRACE = 2.0  # seconds between SIGTERM and SIGKILL: acknowledged objects are on disk, and a graceful end takes 15
SOCKET_PATH_BYTES = 100  # the kernel takes 107
PORT_TRIES = 3


class EmbeddedServer:
    """The server of one data folder.

    `start` and `stop` are for whoever wants a running server. A supervisor that forks its own children uses `become` in the child,
    `healthy` as its probe, and `open_up` once it is healthy, after every restart too.
    """

    def __init__(self, data: Path, *, buckets: Sequence[str] = ("muniment",)) -> None:
        """Nothing is touched yet. `buckets` are made by `open_up` when they are missing."""
        self.data = data.resolve()
        self.folder = s3_folder(self.data)
        self.buckets = list(buckets)
        self._process: subprocess.Popen[bytes] | None = None

    # --- for whoever wants it running ------------------------------------------------------------------------------

    def start(self, *, patience: float = PATIENCE) -> Connection:
        """Start it, wait until it takes and gives objects, shut and try its doors. It ends when the calling thread's process ends.

        Raises AlreadyRunning, DoorOpen, EmbeddedError.
        """
        for _ in range(PORT_TRIES):  # between picking a port and using it somebody else may have taken it
            with self._locked() as lock:
                self.prepare()
                self._spawn(lock)
            if self._wait_until_healthy(patience):
                return self._opened_or_stopped(patience)
        raise EmbeddedError(f"The embedded S3 server ended at once; see {self._output()}.")

    def stop(self, *, grace: float = GRACE) -> None:
        """End it: SIGTERM, and SIGKILL after `grace` seconds; nothing acknowledged is lost. Without effect when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            flush(self.data)
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(grace)
            process.kill()
            process.wait()
        self._remove_sockets()

    @property
    def pid(self) -> int | None:
        """Process id of the server that `start` started, while it runs; None otherwise."""
        return self._process.pid if self._process and self._process.poll() is None else None

    # --- for a supervisor ------------------------------------------------------------------------------------------

    def prepare(self) -> Connection:
        """Folders, keys, ports, the connection file. The ports of last time are taken again when they are free."""
        for name in ("volumes", "log", "run"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        make_keys(self.folder)
        self._remove_sockets()
        access_key, secret_key = access_keys(self.folder)
        ports = self._ports()
        connection = Connection(f"http://127.0.0.1:{ports.s3}", access_key, secret_key, ports=ports)
        write_connection(self.data, connection)
        return connection

    def become(self) -> NoReturn:
        """In a forked child: turn into the server. Its lock on the folder lives as long as the process.

        Raises AlreadyRunning; OSError when the program cannot be run.
        """
        with self._locked() as lock:
            os.set_inheritable(lock, True)
            self.prepare()
            os.umask(0o077)
            command = self.command()
            os.execve(command[0], command, self.environment())  # noqa: S606 - no shell is wanted

    def command(self) -> list[str]:
        """The command line, for the ports of the last `prepare`."""
        ports = self._connection().ports
        assert ports is not None  # noqa: S101 - our own connection always has them
        return [
            str(weed_binary()),
            f"-config_dir={self.folder}",
            f"-logdir={self.folder / 'log'}",
            "-log_max_size_mb=10",
            "-log_max_files=3",
            "-alsologtostderr=false",
            "-stderrthreshold=2",
            "server",
            f"-dir={self.folder / 'volumes'}",
            *_WHERE,
            *_SHUT,
            *_HOW,
            f"-filer.localSocket={self._socket('filer')}",
            f"-s3.localSocket={self._socket('s3')}",
            f"-s3.config={self.folder / 's3.json'}",
            *_port_options(ports),
        ]

    def environment(self) -> dict[str, str]:
        """The whole environment: nothing of ours gets in."""
        return clean_environment(self.folder)

    def healthy(self) -> bool:
        """Whether the S3 door and the volumes answer now. Never raises; takes a second at most."""
        try:
            ports = self._connection().ports
        except EmbeddedError:
            return False
        return ports is not None and _answers(ports.s3) and _answers(ports.volume)

    def open_up(self, *, pid: int | None = None, patience: float = PATIENCE) -> Connection:
        """After `healthy`: fsync for every bucket, the buckets themselves, an object put and read, and a try at every door.

        Raises DoorOpen when a door is open, EmbeddedError when it does not take objects within `patience` seconds.
        """
        connection = self._connection()
        assert connection.ports is not None  # noqa: S101 - our own connection always has them
        run_shell(self.folder, connection.ports, "fs.configure -locationPrefix=/buckets/ -fsync=true -apply", seconds=patience)
        for bucket in self.buckets:
            _wait_until_usable(connection, bucket, patience)
        require_shut(try_doors(connection, bucket=self.buckets[0], pid=pid))
        return connection

    # --- inside ----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        """The folder's lock as a descriptor; a child that inherits it goes on holding the lock."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield lock
        except BlockingIOError:
            raise AlreadyRunning(folder=str(self.folder)) from None
        finally:
            os.close(lock)

    def _spawn(self, lock: int) -> None:
        launcher = [sys.executable, "-I", launch.__file__, str(os.getpid())]
        with os.fdopen(os.open(self._output(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - fixed program, no shell
                launcher + self.command(),
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[lock],
                start_new_session=True,  # Ctrl-C in a terminal reaches the parent, which then stops it in order
            )

    def _wait_until_healthy(self, patience: float) -> bool:
        """False when the process ended. Raises EmbeddedError when it lives but does not answer in time."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self._running().poll() is not None:
                return False
            if self.healthy():
                return True
            time.sleep(0.02)
        self.stop()
        raise EmbeddedError(f"The embedded S3 server did not get ready within {patience:.0f} s; see {self._output()}.")

    def _opened_or_stopped(self, patience: float) -> Connection:
        """What has an open door does not go on running."""
        try:
            return self.open_up(pid=self.pid, patience=patience)
        except BaseException:
            self.stop(grace=0)
            raise

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise EmbeddedError
        return self._process

    def _connection(self) -> Connection:
        connection = read_connection(self.data)
        if connection is None:
            raise EmbeddedError("The embedded S3 server was never started on this data folder.")
        return connection

    def _ports(self) -> Ports:
        known = read_connection(self.data)
        if known and known.ports and _all_free(known.ports):
            return known.ports
        return _free_ports()

    def _socket(self, name: str) -> Path:
        """A socket in the data folder; in the temporary folder where the path is too long for the kernel."""
        path = self.folder / "run" / f"{name}.sock"
        if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
            ports = self._connection().ports
            path = Path("/tmp") / f"seaweedfs-{name}-{ports.s3 if ports else 0}.sock"  # noqa: S108 - mode 0700 by umask
        return path

    def _remove_sockets(self) -> None:
        """Those of the last run; the server puts some into /tmp whatever it is told."""
        for path in (self.folder / "run").glob("*.sock"):
            path.unlink(missing_ok=True)
        known = read_connection(self.data)
        if known and known.ports and _all_free(known.ports):
            for field in fields(Ports):
                for path in Path("/tmp").glob(f"seaweedfs-*-{getattr(known.ports, field.name)}.sock"):  # noqa: S108
                    path.unlink(missing_ok=True)

    def _output(self) -> Path:
        return self.folder / "log" / "output"


_WHERE = ("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.peers=none")
_SHUT = (
    "-disableHttp",
    "-filer.disableHttp",
    "-master.telemetry=false",
    "-webdav=false",
    "-sftp=false",
    "-iam=false",
    "-mq.broker=false",
    "-mq.agent=false",
    "-s3.iam=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-s3.autoCreateBucket=false",
    "-s3.allowDeleteBucketNotEmpty=false",
)
_HOW = (
    "-filer",
    "-s3",
    "-s3.cacheCapacityMB=0",  # a read-back must come from the volumes
    f"-master.volumeSizeLimitMB={VOLUME_MB}",
    "-master.electionTimeout=1s",
    "-master.heartbeatInterval=100ms",
    "-volume.max=0",  # as many as the disk takes
    f"-volume.minFreeSpace={LOWEST_FREE}",
    "-volume.preStopSeconds=0",
)


def _port_options(ports: Ports) -> list[str]:
    options = []
    for part in ("master", "volume", "filer", "s3"):
        options += [f"-{part}.port={getattr(ports, part)}", f"-{part}.port.grpc={getattr(ports, f'{part}_grpc')}"]
    return options


def _free_ports() -> Ports:
    """Eight different ports nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in fields(Ports)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return Ports(*(each.getsockname()[1] for each in sockets))


def _all_free(ports: Ports) -> bool:
    for field in fields(Ports):
        with socket.socket() as each:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                each.bind(("127.0.0.1", getattr(ports, field.name)))
            except OSError:
                return False
    return True


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=0.5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _wait_until_usable(connection: Connection, bucket: str, patience: float) -> None:
    """Its parts answer before they know each other: usable is what has kept and given an object."""
    deadline = time.monotonic() + patience
    while True:
        try:
            client.ensure_bucket(connection, bucket)
            client.try_object(connection, bucket)
        except StorageError as error:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"The embedded S3 server takes no objects: {error}") from None
            time.sleep(0.05)
        else:
            return


def remove_everything(data: Path) -> None:
    """Delete the embedded server's folder with all objects: for throw-away data folders only."""
    shutil.rmtree(s3_folder(data), ignore_errors=True)
