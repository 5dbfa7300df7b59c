"""The commands an operator types: what they say, what they do, and how they end."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from backend.cli import cli
from backend.core.config import Settings
from backend.db import migrations
from backend.features.people.service import value_of
from backend.platform.process import open_process
from tests.fixtures.estate import IDENTITY, LANG_RUN, Sheet, home_row

Run = Callable[..., Result]

OLD_KEY = "old:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NEW_KEY = "new:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
NAMED = ("settings", "PostgreSQL", "locale", "migration", "clock", "clock shift", "Valkey", "SMS", "calendar", "disk")
HERE = ("--region", "上海", "--project", "朗润园")


@pytest.fixture
def run(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("doctor", TONGXING_VALKEY_URL="...")` runs a command over this test's database; an empty value unsets."""
    monkeypatch.chdir(tmp_path)
    ours = {f"TONGXING_{name.upper()}": str(getattr(settings, name)) for name in settings.model_fields_set}

    def invoke(*arguments: str, **env: str) -> Result:
        return CliRunner(env=ours | env | {"COLUMNS": "200"}).invoke(cli, list(arguments))

    return invoke


async def count(settings: Settings, what: str) -> int:
    async with open_process(settings) as process, process.works.begin() as work:
        return int(await work.scalar(text(f"SELECT count(*) FROM {what}")) or 0)


async def execute(settings: Settings, sql: str) -> None:
    async with open_process(settings) as process, process.works.begin() as work:
        await work.execute(text(sql))


def in_a_loop(run: Callable[[], object]) -> None:
    raise NotImplementedError
