"""Migrations: bringing a database to the head, and telling whether it is there. Alembic is configured in
`pyproject.toml`.
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

_ROOT = Path(__file__).parents[2]


def _config(database_url: str) -> Config:
    config = Config(toml_file=_ROOT / "pyproject.toml")
    config.attributes["database_url"] = database_url
    return config


def migrate(database_url: str) -> None:
    """Bring the database to the head."""
    config = _config(database_url)
    config.attributes["upgrade"] = True
    command.upgrade(config, "head")


@cache
def head() -> str:
    """The newest revision this code knows."""
    revision = ScriptDirectory.from_config(_config("")).get_current_head()
    assert revision is not None
    return revision


async def current(engine: AsyncEngine) -> str | None:
    """The revision the database stands at; None when it was never migrated."""
    async with engine.connect() as connection:
        try:
            revision: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
            return revision
        except DBAPIError:
            return None
