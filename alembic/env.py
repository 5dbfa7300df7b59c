"""Alembic's environment: our models are the target, the database is the one we are pointed at."""

import asyncio
import os
from typing import Any

from alembic import context
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine

# Two migrations at once would each find the other's half; the second waits here for the first.
_MIGRATION_LOCK = 7_301_650_212_874_001


def _include_object(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (kind == "table" and name == "alembic_version")


def _metadata() -> MetaData | None:
    """What the database is compared with; an upgrade compares nothing, and the models take a second to load."""
    if context.config.attributes.get("upgrade"):
        return None
    from backend.models import metadata

    return metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=_metadata(),
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
