"""Programs and folders to do harm to."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.started import Started


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """`start(program, "argument")` runs a Python program; it is killed when the test ends."""
    started: list[Started] = []

    def begin(*arguments: str, **options: Any) -> Started:
        started.append(Started(tmp_path, *arguments, **options))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.kill()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder everybody may enter, as pytest's own are not."""
    path = Path(tempfile.mkdtemp(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)
