"""Folders to do harm to."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder everybody may enter, as pytest's own are not."""
    path = Path(tempfile.mkdtemp(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)
