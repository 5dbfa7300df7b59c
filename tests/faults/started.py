"""Programs in processes of their own, and looking at what runs below them."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg

from tests.fixtures.live import ROOT, child_environment


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """A zombie has ended: whoever adopted it has only not looked yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> set[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, layer = set(), {pid}
    while layer:
        layer = {child for child, parent in parents.items() if parent in layer}
        found |= layer
    return found


async def query(url: str, sql: str) -> Any:
    """The first value."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


class Started:
    """A Python program in a process of its own; what it says goes to a file, so it never blocks."""

    def __init__(self, folder: Path, *arguments: str, answer: str = "", **options: Any) -> None:
        self.said_in = folder / f"said-{time.monotonic_ns()}"
        with self.said_in.open("wb") as said, tempfile.TemporaryFile() as stdin:
            stdin.write(answer.encode())
            stdin.seek(0)
            interpreter = options.pop("interpreter", sys.executable)
            environment = child_environment() | {"PYTHONPATH": str(ROOT)} | options.pop("env", {})
            self.process = subprocess.Popen(
                [interpreter, "-c", *arguments],
                stdin=stdin,
                stdout=said,
                stderr=subprocess.STDOUT,
                env=environment,
                **options,
            )

    @property
    def said(self) -> str:
        return self.said_in.read_text()

    def until_said(self, text: str, times: int = 1, seconds: float = 20.0) -> None:
        until(lambda: self.said.count(text) >= times or self.process.poll() is not None, seconds)
        assert self.said.count(text) >= times, self.said

    def kill(self) -> None:
        """kill -9, and wait for everything below it to go."""
        below = descendants(self.process.pid)
        self.process.kill()
        self.process.wait()
        until(lambda: not any(map(is_alive, below)), 8.0)
