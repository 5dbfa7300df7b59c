"""Valkey 9 on a unix socket, as a direct child. It keeps nothing: whatever is in it may vanish."""

import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from backend.platform.embedded import children, folder
from backend.platform.embedded.binaries import Binaries
from backend.platform.embedded.children import Identity
from backend.platform.embedded.errors import CannotStart

_READY_SECONDS = 10.0


_SOCKET = "valkey.sock"


def url_in(sockets: Path) -> str:
    """The address of the server that listens in `sockets`."""
    return f"unix://{quote(str(sockets / _SOCKET))}?db=0"


class Valkey:
    """One server. The folder must be locked by the caller."""

    name = "valkey"

    def __init__(self, binaries: Binaries, data: Path, sockets: Path, identity: Identity) -> None:
        self._program = binaries.valkey_server
        self._log = data / folder.VALKEY_LOG
        self._socket = sockets / _SOCKET
        self._sockets = sockets
        self._identity = identity
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return url_in(self._sockets)

    @property
    def pid(self) -> int:
        """Its process id; it changes with every start."""
        if self._process is None:
            raise CannotStart("Valkey was not started.")
        return self._process.pid

    def start(self) -> None:
        """Return once it answers. Raises CannotStart."""
        with folder.open_log(self._log) as log:
            self._process = children.spawn(
                [
                    self._program,
                    *("--port", "0"),
                    *("--unixsocket", self._socket),
                    *("--unixsocketperm", "700"),
                    *("--save", ""),
                    *("--appendonly", "no"),
                ],
                death_signal=signal.SIGKILL,
                identity=self._identity,
                output=log,
                errors=subprocess.STDOUT,
                cwd=Path("/"),
            )
        deadline = time.monotonic() + _READY_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop(limit=1.0)
                raise CannotStart(f"Valkey does not start; {self._log} says why.")
            time.sleep(children.POLL_SECONDS)

    def poll(self) -> int | None:
        """The exit code once it has ended."""
        return None if self._process is None else self._process.poll()

    def stop(self, limit: float) -> None:
        """Ask it to end, and kill it after `limit` seconds."""
        if self._process is not None:
            children.stop(self._process, signal.SIGTERM, limit)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
