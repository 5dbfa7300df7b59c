"""The whole story of the product, as `tongxing demo` tells it to a stranger: over a real API and a real worker."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from backend import demo
from backend.core.config import Settings
from backend.platform.embedded import folder
from tests.fixtures.forks import Child
from tests.fixtures.live import LiveApps

_LONGEST_SECONDS = 120


@pytest.mark.timeout(180)
async def test_the_whole_story_comes_true(
    settings: Settings, live_app: LiveApps, spawn: Callable[..., Child], tmp_path: Path
) -> None:
    await demo.load(settings)
    live = await live_app(worker=True)
    (tmp_path / folder.ADDRESS).write_text(live.url)
    told = spawn("demo", "--fast", "--data", str(tmp_path))
    code = await asyncio.to_thread(told.wait, _LONGEST_SECONDS)
    said = (tmp_path / "demo.log").read_text()
    assert code == 0, said[-3000:]
    assert "✗" not in said
