"""The migrations lead to exactly the schema of the models, from nothing, and however often they are asked to."""

import asyncio
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from backend.db import migrations
from backend.db.url import asyncpg_arguments
from backend.models import metadata
from backend.platform.embedded.binaries import find_binaries

ROOT = Path(__file__).parents[2]
TOGETHER = 2


def config(database_url: str = "") -> Config:
    made = Config(toml_file=ROOT / "pyproject.toml")
    made.attributes["database_url"] = database_url
    return made


def dump(database_url: str) -> str:
    """The whole schema as SQL."""
    where = asyncpg_arguments(database_url)
    done = subprocess.run(
        [
            find_binaries().postgres_bin / "pg_dump",
            "--schema-only",
            "--no-owner",
            "--exclude-table=alembic_version",
            f"--host={where['host']}",
            f"--port={where['port']}",
            f"--username={where['user']}",
            where["database"],
        ],
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def statements(schema: str) -> Counter[str]:
    """A dump as its statements, whose order means nothing; so does the order of columns in a table.

    A column that a later migration adds stands last in its table, and the models may name it anywhere.
    """
    lines = [
        line for line in schema.splitlines() if line and not line.startswith(("--", "\\", "SET ", "SELECT "))
    ]
    found: Counter[str] = Counter()
    for statement in re.split(r";\n(?=CREATE |ALTER |COMMENT |GRANT |REVOKE )", "\n".join(lines)):
        if statement.startswith("CREATE TABLE"):
            head, *columns, _ = statement.rstrip(";").splitlines()
            found["\n".join([head, *sorted(column.rstrip(",") for column in columns)])] += 1
        else:
            found[statement.rstrip(";")] += 1
    return found


async def execute(database_url: str, sql: str) -> None:
    connection = await asyncpg.connect(**asyncpg_arguments(database_url))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def revision(database_url: str) -> str | None:
    engine = create_async_engine(database_url)
    try:
        return await migrations.current(engine)
    finally:
        await engine.dispose()


@pytest.fixture
async def made_from_models(empty_database_url: str) -> str:
    engine = create_async_engine(empty_database_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    return empty_database_url


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1


def test_alembic_finds_nothing_to_add(new_database_url: str) -> None:
    command.check(config(new_database_url))


def test_the_migrated_schema_is_that_of_the_models(new_database_url: str, made_from_models: str) -> None:
    migrated, modelled = statements(dump(new_database_url)), statements(dump(made_from_models))
    assert sum(migrated.values()) > 50
    assert sorted(migrated - modelled) == sorted(modelled - migrated) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE outbox DROP CONSTRAINT ck_outbox_state",
        "ALTER TABLE outbox ALTER COLUMN attempts DROP NOT NULL",
        "ALTER TABLE outbox ADD COLUMN more text",
        "CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()'",
    ],
)
async def test_the_comparison_sees_what_alembic_misses(new_database_url: str, change: str) -> None:
    before = statements(dump(new_database_url))
    await execute(new_database_url, change)
    assert statements(dump(new_database_url)) != before


def test_a_second_upgrade_changes_nothing(new_database_url: str) -> None:
    before = dump(new_database_url)
    migrations.migrate(new_database_url)
    assert statements(dump(new_database_url)) == statements(before)


async def test_processes_may_upgrade_at_once(empty_database_url: str) -> None:
    program = "import sys; from backend.db.migrations import migrate; migrate(sys.argv[1])"
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, empty_database_url, cwd=ROOT, stderr=subprocess.PIPE
        )
        for _ in range(TOGETHER)
    ]
    said = [(await process.communicate())[1].decode() for process in running]
    assert [process.returncode for process in running] == [0] * TOGETHER, said
    assert await revision(empty_database_url) == migrations.head()


async def test_a_database_never_migrated_has_no_revision(empty_database_url: str) -> None:
    assert await revision(empty_database_url) is None
