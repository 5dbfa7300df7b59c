"""The story of the product, as a stranger plays it: `tongxing up` in one terminal, `tongxing demo` in another."""

import subprocess
import sys
from pathlib import Path

from tests.fixtures.children import ROOT, child_environment
from tests.fixtures.whole import Ups

_SECONDS = 120


def test_the_story_is_told_to_its_end(used_data: Path, start_up: Ups) -> None:
    up = start_up()
    told = _tell(used_data, "--fast")
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr + up.said[-3000:]
    assert "✗" not in told.stdout
    assert "Traceback" not in up.said


def test_without_anything_running_it_says_what_to_start(tmp_path: Path) -> None:
    told = _tell(tmp_path)
    assert (told.returncode, told.stdout) == (1, "")
    assert "make run" in told.stderr


def _tell(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backend", "demo", "--data", str(data), *options]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
        env=child_environment(),
        cwd=ROOT,
    )
