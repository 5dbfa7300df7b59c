"""The process that opens foreign files: `python -m backend.features.files.looking KIND FORMAT FILE FOLDER`.

It first gives up the right to much memory and time, then prints one JSON object: `{"sizes": …}` of a photo, whose sizes
it has written into the folder; `{"refused": code, "params": …}`; or `{"failed": traceback}`. It is started without the
server's environment, and knows no database and no network.
"""

import json
import resource
import sys
import traceback
from pathlib import Path
from typing import Any, Final

from backend.features.files.looking.pictures import redraw
from backend.features.files.looking.refused import FileRefused
from backend.features.files.looking.signs import format_of

MEMORY: Final = 1 << 30
SECONDS: Final = 30
WRITTEN: Final = 64 << 20


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))


def _look(kind: str, declared: str, path: Path, folder: Path) -> dict[str, Any]:
    found = format_of(path)
    if kind == "photo" and found == "heic":
        raise FileRefused("heic_not_read")
    if found != declared:
        raise FileRefused("file_not_what_it_says", declared=declared.upper(), found=(found or "?").upper())
    return {"sizes": redraw(path, found, folder) if kind == "photo" else {}}


def _main(kind: str, declared: str, path: Path, folder: Path) -> dict[str, Any]:
    try:
        return _look(kind, declared, path, folder)
    except FileRefused as refused:
        return {"refused": refused.code, "params": refused.params}
    except MemoryError:
        return {"refused": "file_too_complex", "params": {}}
    except Exception:
        return {"failed": traceback.format_exc()}


if __name__ == "__main__":
    _confine()
    sys.stdout.write(json.dumps(_main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))))
