"""The caller's side: a confined process looks at the file."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from backend.features.files.looking.refused import FileRefused
from backend.features.files.rules import Size

_ROOT: Final = Path(__file__).parents[4]
_PACKAGE: Final = "backend.features.files.looking"
# Where a system's own libraries are, and nothing else: a foreign file is opened without the server's secrets.
_KEPT: Final = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME")
# Much longer than the processor time it may take: a machine under load is not the file's fault.
_SECONDS: Final = 120


async def look_at(kind: str, declared: str, path: Path, folder: Path) -> dict[Size, dict[str, int]]:
    """The sizes of a photo, written into `folder`; of anything else none.

    Raises:
        FileRefused: the file is not what it was said to be, or not to be read within the limits.
        TimeoutError: this machine has no time for it now.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", _PACKAGE, kind, declared, str(path), str(folder),
        cwd=_ROOT,
        env={name: os.environ[name] for name in _KEPT if name in os.environ} | {"PYTHONUTF8": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SECONDS):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not said:
        # Only a limit ends it without a word: it says of itself whatever else goes wrong.
        raise FileRefused("file_too_complex")
    found: dict[str, Any] = json.loads(said)
    if "refused" in found:
        raise FileRefused(found["refused"], **found["params"])
    if "failed" in found:
        raise RuntimeError(f"looking at a file failed:\n{found['failed']}")
    sizes: dict[Size, dict[str, int]] = found["sizes"]
    return sizes
