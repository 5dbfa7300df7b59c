"""Alembic's environment: our models are the target, the database is the one we are pointed at."""

import asyncio
import os
from importlib import import_module
from typing import Any

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from backend.db.base import Base

# Two migrations at once would each find the other's half; the second waits here for the first.
_MIGRATION_LOCK = 7_301_650_212_874_001


def _include_object(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (kind == "table" and name == "alembic_version")


def _run(connection: Connection) -> None:
    # An upgrade wants to know how we name constraints; only whoever compares waits a second for all the models.
    if not context.config.attributes.get("upgrade"):
        import_module("backend.models")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        include_object=_include_object,
    )
    with context.begin_transaction():
        # A migration that cannot get its lock gives up instead of queueing every request behind it.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        context.run_migrations()


async def _main() -> None:
    url = context.config.attributes.get("database_url") or os.environ["TONGXING_DATABASE_URL"]
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run)
        await connection.commit()
    await engine.dispose()


asyncio.run(_main())
