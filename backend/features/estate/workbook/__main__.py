"""The process that opens foreign files: `python -m backend.features.estate.workbook FILE TODAY`.

It first gives up the right to much memory and time, then prints JSON lines: what the workbook is, one line a
row, an end. It never touches a database, the network or another file, and is started without the server's
environment.
"""

import json
import os
import resource
import sys
import traceback
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from backend.features.estate.workbook.codes import WorkbookRefused
from backend.features.estate.workbook.reading import read
from backend.features.estate.workbook.wire import packed

MEMORY = 1536 * 1024 * 1024
SECONDS = 300


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")


def _main(path: Path, today: date) -> None:
    try:
        facts, sheet, rows = read(path, today)
        _say({"project": asdict(facts), "sheet": sheet})
        for row in rows:
            _say({"row": packed(row)})
        _say({"end": True})
    except WorkbookRefused as refused:
        _say({"refused": refused.code, "params": refused.params})
    except MemoryError:
        _say({"refused": "too_complex", "params": {}})
    except BrokenPipeError:
        # Nobody listens any more; the interpreter must not try to flush on its way out.
        os._exit(0)
    except Exception:
        _say({"failed": traceback.format_exc()})


if __name__ == "__main__":
    _confine()
    _main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
