"""The SQLAlchemy engine of one process."""

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def make_engine(database_url: str, *, connections: int) -> AsyncEngine:
    """An engine over asyncpg with at most `connections` connections.

    Connections are tested when they are taken out, so that a restarted server costs no request. Statements end
    after 15 s and transactions left idle after five minutes (a large workbook takes its time to open), so that nothing holds a lock for ever.
    """
    return create_async_engine(
        database_url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text must not quote what somebody entered
        connect_args={
            "timeout": 10,
            "server_settings": {
                "application_name": "tongxing",
                "statement_timeout": "15s",
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "300s",
            },
        },
    )
