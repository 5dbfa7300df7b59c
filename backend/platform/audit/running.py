"""Looking whether everything that must happen at a time still will, in a process that does nothing else.

Whoever watches the heartbeat is told by its absence, whatever the reason: a fault, a database that is away, a dead
audit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import httpx
from sqlalchemy import text

from backend.core.ids import new_id
from backend.core.logging import log
from backend.db.work import Work, Works
from backend.platform.audit.models import AuditReport

EVERY_SECONDS: Final = 30.0

_FIRST_AFTER_SECONDS = 10.0
_CHECK_SECONDS = 60.0
_HEARTBEAT_SECONDS = 10.0
_KEPT = 200
_FORGET = text("DELETE FROM audit_report WHERE at < clock_timestamp() - interval '30 days'")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it must be. `subject` is an id or a technical name, nothing personal."""

    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: `look` returns every fault it finds, or raises, which is a fault too."""

    name: str
    look: Callable[[Work], Awaitable[Sequence[Fault]]]


class Audit:
    """Makes the checks, keeps what they found, and sends the heartbeat when all is well and only then."""

    def __init__(self, works: Works, checks: Sequence[Check], heartbeat_url: str) -> None:
        self._works, self._checks, self._heartbeat_url = works, checks, heartbeat_url

    async def look(self) -> Sequence[Fault]:
        """Make every check once. Returns the faults, and has reported them.

        Raises:
            OSError, DBAPIError: the database is away, and nothing could be written.
        """
        faults = [fault for check in self._checks for fault in await self._faults_of(check)]
        async with self._works.begin() as work:
            work.add(
                AuditReport(
                    id=new_id(),
                    checks=[check.name for check in self._checks],
                    found=len(faults),
                    faults=[asdict(fault) for fault in faults[:_KEPT]],
                )
            )
            await work.flush()
            await work.execute(_FORGET)
        for fault in faults[:_KEPT]:
            log.error("audit_fault", subject=fault.subject, why=fault.why)
        if not faults:
            log.info("audit_well", checks=len(self._checks))
            await self._heartbeat()
        return faults

    async def run(self) -> None:
        """Look every half minute until cancelled; at first after a moment, in which the workers can have started."""
        await asyncio.sleep(_FIRST_AFTER_SECONDS)
        while True:
            try:
                await self.look()
            except Exception as error:
                log.error("audit_failed", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    async def _faults_of(self, check: Check) -> Sequence[Fault]:
        try:
            async with asyncio.timeout(_CHECK_SECONDS), self._works.begin() as work:
                return await check.look(work)
        except Exception as error:
            return [Fault(check.name, f"could not be looked at: {type(error).__name__}")]

    async def _heartbeat(self) -> None:
        if not self._heartbeat_url:
            return
        try:
            async with httpx.AsyncClient(timeout=_HEARTBEAT_SECONDS) as client:
                answer = await client.post(self._heartbeat_url)
                answer.raise_for_status()
        except httpx.HTTPError as error:
            log.warning("heartbeat_failed", error=type(error).__name__)
