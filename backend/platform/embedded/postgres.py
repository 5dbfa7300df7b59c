"""PostgreSQL 18 on a unix socket, as a direct child."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from backend.platform.embedded import children, folder
from backend.platform.embedded.binaries import Binaries
from backend.platform.embedded.children import Identity
from backend.platform.embedded.errors import CannotStart

_SUPERUSER = "postgres"
_ROLE = "app"
_DATABASE = "tongxing"
_PORT = 5432

# Recovery after a crash may take a while; a start that fails is tried again for the shorter time.
_READY_SECONDS = 60.0
_RETRY_SECONDS = 5.0
_LEFTOVER_SECONDS = 5.0

_SETTINGS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_locks_per_transaction": "128",
    # In the data folder, not in /dev/shm, where a killed server would leave it for ever.
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Databases live for a test; a vacuum in one of them would stand in the way of dropping it.
    "autovacuum": "off",
}

# The owner is no superuser; CREATEDB lets tests clone a template.
_ENSURE_DATABASE = f"""
SELECT 'CREATE ROLE {_ROLE} LOGIN CREATEDB'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{_ROLE}') \\gexec
SELECT 'CREATE DATABASE {_DATABASE} OWNER {_ROLE}'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{_DATABASE}') \\gexec
"""


def url_in(sockets: Path) -> str:
    """The address of the database whose server listens in `sockets`."""
    return f"postgresql+asyncpg://{_ROLE}@/{_DATABASE}?host={quote(str(sockets))}&port={_PORT}"


class Postgres:
    """One server over `data`/postgres. The folder must be locked by the caller.

    Nobody else gets in: the socket lies in a folder that only its owner and root may enter.
    """

    name = "postgres"

    def __init__(
        self, binaries: Binaries, data: Path, sockets: Path, identity: Identity, *, durable: bool
    ) -> None:
        self._bin = binaries.postgres_bin
        self._data = data
        self._cluster = data / folder.POSTGRES
        self._log = data / folder.POSTGRES_LOG
        self._sockets = sockets
        self._identity = identity
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return url_in(self._sockets)

    @property
    def pid(self) -> int:
        """The postmaster's process id; it changes with every start."""
        if self._process is None:
            raise CannotStart("PostgreSQL was not started.")
        return self._process.pid

    def start(self) -> None:
        """Return once it answers and its database exists. Raises CannotStart with the reason from its log."""
        children.wait_until_gone(self._cluster, "postgres", _LEFTOVER_SECONDS)
        if not self._cluster.exists():
            self._initialise()
        # Nothing runs in there any more, so a pid file is stale; its pid may belong to a stranger by now.
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)
        deadline = time.monotonic() + _RETRY_SECONDS
        while not self._start_once():
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL does not start: {self._last_words()} (see {self._log})")
            time.sleep(0.2)
        self._ensure_database()

    def poll(self) -> int | None:
        """The exit code once it has ended."""
        return None if self._process is None else self._process.poll()

    def stop(self, limit: float) -> None:
        """Roll back what is open, write a checkpoint and end; after `limit` seconds it is killed."""
        if self._process is None:
            return
        children.stop(self._process, signal.SIGINT, limit)
        # Each backend leads a session of its own, so killing the postmaster's group does not reach them.
        children.wait_until_gone(self._cluster, "postgres", limit=0.2)

    def _initialise(self) -> None:
        """Beside its place and then renamed, so that a cluster that exists is a whole one."""
        folder.clear_unfinished(self._data)
        unfinished = Path(tempfile.mkdtemp(prefix=folder.POSTGRES_UNFINISHED, dir=self._data))
        folder.give(unfinished, self._identity)
        arguments = [
            f"--pgdata={unfinished}",
            f"--username={_SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            # pg_trgm asks libc what a letter is: with its C locale, search of Chinese finds nothing.
            "--locale=C",
            "--lc-ctype=C.UTF-8",
        ]
        if not self._durable:
            arguments.append("--no-sync")
        process = children.spawn(
            [self._bin / "initdb", *arguments],
            death_signal=signal.SIGKILL,
            identity=self._identity,
            output=subprocess.PIPE,
            errors=subprocess.STDOUT,
            env=_environment(),
            cwd=Path("/"),
        )
        try:
            output, _ = process.communicate()
        except BaseException:
            children.stop(process, signal.SIGTERM, limit=1.0)
            raise
        if process.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise CannotStart(f"initdb {children.end_of(process.returncode)}: {_last_line(output)}")
        unfinished.rename(self._cluster)

    def _start_once(self) -> bool:
        settings = _SETTINGS | {"unix_socket_directories": _listed(self._sockets)}
        if not self._durable:
            settings |= _NOT_DURABLE
        with folder.open_log(self._log) as log:
            self._process = children.spawn(
                [
                    self._bin / "postgres",
                    "-D",
                    self._cluster,
                    *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
                ],
                # The immediate shutdown: without a checkpoint nothing lingers, and recovery loses nothing.
                death_signal=signal.SIGQUIT,
                identity=self._identity,
                output=log,
                errors=subprocess.STDOUT,
                env=_environment(),
                cwd=Path("/"),
            )
        deadline = time.monotonic() + _READY_SECONDS
        while self._process.poll() is None:
            if self._is_ready():
                return True
            if time.monotonic() > deadline:
                self.stop(limit=5.0)
                return False
            time.sleep(children.POLL_SECONDS)
        return False

    def _is_ready(self) -> bool:
        """As pg_ctl does: the eighth line of the pid file, once the first is our child."""
        try:
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def _ensure_database(self) -> None:
        done = subprocess.run(
            [
                self._bin / "psql",
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--set=ON_ERROR_STOP=1",
                f"--host={self._sockets}",
                f"--port={_PORT}",
                f"--username={_SUPERUSER}",
                "--dbname=postgres",
            ],
            input=_ENSURE_DATABASE.encode(),
            env=_environment(),
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            raise CannotStart(f"The database {_DATABASE} cannot be made: {_last_line(done.stderr)}")

    def _last_words(self) -> str:
        text = self._log.read_bytes().decode(errors="replace")
        fatal = re.findall(r"(?:FATAL|PANIC):\s*(.+)", text)
        return fatal[-1] if fatal else _last_line(text.encode())


def _environment() -> dict[str, str]:
    """Nothing of ours: a stray PGOPTIONS or LC_ALL must not change what the server is."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _listed(path: Path) -> str:
    """A path as the only element of a PostgreSQL list setting."""
    doubled = str(path).replace('"', '""')
    return f'"{doubled}"'


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
