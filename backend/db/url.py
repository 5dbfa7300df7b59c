"""One database URL, two clients: SQLAlchemy takes it as it is, asyncpg as keyword arguments."""

from typing import Any

from sqlalchemy.engine import make_url


def asyncpg_arguments(database_url: str) -> dict[str, Any]:
    """What `asyncpg.connect` wants for `postgresql+asyncpg://user:password@host:port/name?host=/dir&port=N`."""
    url = make_url(database_url)
    query = {key: value for key, value in url.query.items() if isinstance(value, str)}
    arguments: dict[str, Any] = {
        "host": query.pop("host", url.host),
        "port": int(query.pop("port", url.port or 5432)),
        "user": url.username,
        "password": url.password,
        "database": url.database,
    }
    return {**{key: value for key, value in arguments.items() if value is not None}, **query}
