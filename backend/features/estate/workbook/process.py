"""The caller's side: a confined process reads the file, its rows arrive one by one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from weakref import finalize

from .codes import WorkbookRefused
from .records import JudgedRow, ProjectFacts
from .wire import unpacked

_ROOT = Path(__file__).parents[4]
_PACKAGE = "backend.features.estate.workbook"
# Where a system's own libraries are, and nothing else: a foreign file is read without the server's secrets.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME")


class Workbook:
    """An opened workbook. `rows` can be run through once; its memory does not grow with the file.

    Use it as a context manager, or `close` it, when not all rows are taken. Both `read_workbook` and the rows
    block while the file is read: under an event loop run them in a thread.
    """

    def __init__(self, path: Path, today: date) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", _PACKAGE, str(path.resolve()), today.isoformat()],
            cwd=_ROOT,
            env={name: os.environ[name] for name in _KEPT if name in os.environ} | {"PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._close = finalize(self, _end, self._process)
        try:
            first = self._line()
        except BaseException:
            self.close()
            raise
        self.project = ProjectFacts(**first["project"])
        self.sheet: str = first["sheet"]
        self.rows: Iterator[JudgedRow] = self._rows()

    def _rows(self) -> Iterator[JudgedRow]:
        try:
            while "end" not in (line := self._line()):
                yield unpacked(line["row"])
        finally:
            self.close()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        text = self._process.stdout.readline()
        if not text.endswith(b"\n"):
            # Only a limit ends it without a word: it says of itself whatever else goes wrong.
            raise WorkbookRefused("too_complex")
        line: dict[str, Any] = json.loads(text)
        if "refused" in line:
            raise WorkbookRefused(line["refused"], **line["params"])
        if "failed" in line:
            raise RuntimeError(f"the workbook reader failed:\n{line['failed']}")
        return line

    @property
    def process_id(self) -> int:
        """The reading process, for whoever watches processes."""
        return self._process.pid

    def close(self) -> None:
        """Ends the reading process; safe to call again."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def read_workbook(path: Path, *, today: date) -> Workbook:
    """Opens an .xlsx workbook or a CSV file of at most 20 MiB and judges its ledger row by row.

    `today` is the day in the estate's time zone; what has happened cannot lie behind it. The project's facts
    are empty for a CSV file. Raises WorkbookRefused, here for a file that cannot be read, or from `rows`
    when the reading runs out of its memory or time.
    """
    return Workbook(path, today)
