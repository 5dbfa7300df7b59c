"""The unit of work: one session, one transaction, one commit, and what is to happen right after it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from backend.core.logging import log
from backend.db.statement import Statement

Rows = Sequence[asyncpg.Record]


class Work(AsyncSession):
    """An `AsyncSession` that can be told what to do once its transaction has committed.

    What stands in `after_commit` is for speed only (a wake-up, dropping a cache): whatever must happen goes through
    the outbox.
    """

    _begun: "_Begun | None" = None

    async def rows(self, statement: Statement, values: Mapping[str, Any]) -> Rows:
        """The rows of hand-written SQL, within this transaction, for hot paths.

        asyncpg is asked itself: on its way through SQLAlchemy a statement takes three times as much of the processor.
        What was added to the session and not flushed is not seen. Raises what `execute` raises.
        """
        sql, arguments = statement.sql, statement.arguments(values)
        begun = self._begun
        if begun is None or not begun.lasts(self.sync_session):
            # The first one begins the transaction, or sets the savepoint, which is SQLAlchemy's to do.
            rows, self._begun = await self.run_sync(_begin, sql, arguments)
            return rows
        try:
            found: Rows = await begun.line.fetch(sql, *arguments)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise _told(error, sql, begun.line) from error
        return found

    def after_commit(self, act: Callable[[], Awaitable[None]]) -> None:
        """Run `act` after the commit. Its failure is logged and changes nothing."""
        self.info.setdefault("after_commit", []).append(act)

    def announce(self, topic: str) -> None:
        """Poke every node that follows `topic` once this has committed. A poke carries nothing and may be lost."""
        self.info.setdefault("announced", {})[topic] = None

    async def commit(self) -> None:
        await super().commit()
        if announced := self.info.pop("announced", None):
            self.info["announcer"](announced.keys())
        for act in self.info.pop("after_commit", []):
            try:
                await act()
            except Exception:
                log.warning("after_commit_failed", exc_info=True)


class _Begun(NamedTuple):
    transaction: SessionTransaction | None
    line: asyncpg.Connection

    def lasts(self, session: Session) -> bool:
        return _innermost(session) is self.transaction and self.line.is_in_transaction()


def _innermost(session: Session) -> SessionTransaction | None:
    return session.get_nested_transaction() or session.get_transaction()


def _begin(session: Session, sql: str, arguments: Sequence[Any]) -> tuple[Rows, _Begun]:
    connection = session.connection()
    result = connection.exec_driver_sql(sql, tuple(arguments))
    rows = list(result.cursor.fetchall()) if result.returns_rows else []
    result.close()
    line: Any = connection.connection.driver_connection
    return rows, _Begun(_innermost(session), line)


def _told(error: Exception, sql: str, line: asyncpg.Connection) -> DBAPIError:
    """As SQLAlchemy tells it, whoever asked."""
    kind = DBAPIError
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        kind = IntegrityError
    elif isinstance(error, asyncpg.InterfaceError):
        kind = InterfaceError
    return kind(sql, None, error, hide_parameters=True, connection_invalidated=line.is_closed())


def _unheard(topics: Collection[str]) -> None:
    pass


class Works:
    """Opens units of work on one engine. `announce` is told the topics of each after its commit, and never waits."""

    def __init__(self, engine: AsyncEngine, announce: Callable[[Collection[str]], None] = _unheard) -> None:
        self.engine, self._announce = engine, announce

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """One unit of work: commits when the block ends well, rolls back when it does not."""
        async with Work(self.engine, expire_on_commit=False, info={"announcer": self._announce}) as work:
            yield work
            await work.commit()
