"""The SQLAlchemy engine of one process."""

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection

from backend.db.url import asyncpg_arguments


def make_engine(database_url: str, *, connections: int) -> AsyncEngine:
    """An engine over asyncpg with at most `connections` connections.

    A connection that has ended is not given out, so that a restarted server costs no request: asyncpg hears of the end
    of its line by itself, and a question to the server at each unit of work would be one in six. Statements end after
    15 s and transactions left idle after five minutes (a large workbook takes its time to open), so that nothing holds
    a lock for ever. While no server answers, connecting raises ConnectionError, whatever the system says of the socket.
    """

    async def connect() -> asyncpg.Connection:
        try:
            return await asyncpg.connect(
                **asyncpg_arguments(database_url),
                timeout=10,
                server_settings={
                    "application_name": "tongxing",
                    "statement_timeout": "15s",
                    "lock_timeout": "10s",
                    "idle_in_transaction_session_timeout": "300s",
                },
            )
        except OSError as error:
            raise ConnectionError("the database does not answer") from error

    engine = create_async_engine(
        database_url,
        async_creator=connect,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=10,
        hide_parameters=True,  # an error's text must not quote what somebody entered
    )
    event.listen(engine.sync_engine, "checkout", _refuse_ended)
    return engine


def _refuse_ended(_dbapi: object, _record: object, taken: PoolProxiedConnection) -> None:
    """The pool then opens a new one."""
    connection: asyncpg.Connection | None = taken.driver_connection
    if connection is None or connection.is_closed():
        raise DisconnectionError
