"""A program of ours as a child: its output passes through line by line, each with its name in front."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

from backend.platform.embedded import children
from backend.platform.embedded.errors import CannotStart

_CHUNK = 1 << 16


class Program:
    """One command. No threads: whoever waits calls `pass_through` meanwhile."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], say: Callable[[str], None]
    ) -> None:
        self.name = name
        self._command = command
        self._env = env
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""

    def start(self) -> None:
        """Raises CannotStart when the command cannot be run."""
        try:
            self._process = children.spawn(
                self._command,
                death_signal=signal.SIGKILL,
                output=subprocess.PIPE,
                errors=subprocess.STDOUT,
                env=self._env,
            )
        except OSError as error:
            raise CannotStart(f"{self._command[0]} cannot be run: {error.strerror}.") from error
        if self._process.stdout is not None:
            os.set_blocking(self._process.stdout.fileno(), False)

    def poll(self) -> int | None:
        """The exit code once it has ended; by then all it said has been passed on."""
        if self._process is None:
            return None
        code = self._process.poll()
        if code is not None:
            self.read()
        return code

    def stop(self, limit: float) -> None:
        """Ask it to end, and kill it and its children after `limit` seconds."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        deadline = time.monotonic() + limit
        while self.poll() is None and time.monotonic() < deadline:
            pass_through([self], children.POLL_SECONDS)
        children.stop(self._process, signal.SIGKILL, limit=1.0)

    def descriptor(self) -> int | None:
        """Where its output can be read, until it ends."""
        if self._process is None or self._process.stdout is None or self._process.stdout.closed:
            return None
        return self._process.stdout.fileno()

    def read(self) -> None:
        """Pass on what it has said by now."""
        while (descriptor := self.descriptor()) is not None:
            try:
                chunk = os.read(descriptor, _CHUNK)
            except BlockingIOError:
                return
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            if not chunk:
                self._close()
                lines, self._rest = [self._rest] if self._rest else [], b""
            for line in lines:
                self._say(f"{self.name:<6} | {line.decode(errors='replace').rstrip()}")

    def _close(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()


def pass_through(programs: Sequence[Program], limit: float) -> None:
    """Wait until one of them says something, at most `limit` seconds, and pass it on."""
    open_ones = {descriptor: one for one in programs if (descriptor := one.descriptor()) is not None}
    if not open_ones:
        time.sleep(limit)
        return
    ready, _, _ = select.select(list(open_ones), [], [], limit)
    for descriptor in ready:
        open_ones[descriptor].read()
