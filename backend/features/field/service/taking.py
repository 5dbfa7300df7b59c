"""Taking what a phone hands in: each operation in a transaction of its own, so that none takes another with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from backend.core.caller import Caller
from backend.core.errors import Fault, Refusal, TooMany, Unavailable
from backend.core.logging import log
from backend.db.work import Work
from backend.features.field import rules
from backend.features.field.models import SyncOperation
from backend.features.field.repository import operations
from backend.features.field.rules import PASSING, REUSED, Operation
from backend.features.field.service.keeping import Later, keep
from backend.features.repairs.service import MOVES, Part, legal, move
from backend.platform.process import Process

_TRIES: Final = 3
_ENGINEER: Final[tuple[Part, ...]] = ("engineer",)
# Caught two of us at once: the same again may go well.
_AGAIN: Final = frozenset({"40001", "40P01", "55P03"})


Outcome = Literal["applied", "already_applied", "refused", "later"]


@dataclass(frozen=True, slots=True)
class Stands:
    """How a ticket of the caller's stands now: what a phone needs to go on from."""

    version: int
    state: str
    moves: Sequence[str]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one operation.

    `at`: what was believed of its time. `line`: of a refused one, where it is kept on the ticket's thread; None: it is
    kept, but not there. `missing`: the evidence that a gate lacks. `ticket` is None when it is not the caller's.
    """

    id: UUID
    result: Outcome
    at: datetime | None = None
    code: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    missing: Sequence[str] = ()
    faults: tuple[Fault, ...] = ()
    line: int | None = None
    ticket: Stands | None = None


async def take_all(process: Process, caller: Caller, device: str, sent: Sequence[Any]) -> list[Result]:
    """Take what a phone hands in, in its order; each is committed before the next begins.

    What has to wait holds back whatever follows it on the same ticket: it would arrive out of order.
    """
    results: list[Result] = []
    held: set[UUID | None] = set()
    for one in sent:
        operation = rules.read(one)
        if operation.ticket is not None and operation.ticket in held:
            result = Result(operation.id, "later", code="earlier_waits")
        else:
            result = await _take(process, caller, device, operation)
        if result.result == "later":
            held.add(operation.ticket)
        results.append(result)
    return results


async def _take(process: Process, caller: Caller, device: str, operation: Operation) -> Result:
    for _ in range(_TRIES):
        try:
            async with process.works.begin() as work:
                now = process.clock.now()
                return await _Taking(process, work, caller, device, operation, now).take()
        except Later as later:
            return Result(operation.id, "later", code=later.code)
        except (Unavailable, TooMany):
            return Result(operation.id, "later", code="try_again")
        except DBAPIError as error:
            if error.connection_invalidated or isinstance(error, InterfaceError | OperationalError):
                raise  # the database is away, for those that follow too
            if not _may_go_well(error):
                log.exception("sync_operation_failed", operation=str(operation.id), op=operation.op)
                return Result(operation.id, "later", code="try_again")
        except Exception:
            # Ours to mend. The others are not lost for it, and this one stays on the phone.
            log.exception("sync_operation_failed", operation=str(operation.id), op=operation.op)
            return Result(operation.id, "later", code="try_again")
    return Result(operation.id, "later", code="try_again")


def _may_go_well(error: DBAPIError) -> bool:
    """Whether somebody else was merely first; also the same operation, sent twice at one moment."""
    state = getattr(error.orig, "sqlstate", None)
    return state in _AGAIN or (isinstance(error, IntegrityError) and "sync_operation" in str(error.orig))


def _faults(refusal: Refusal) -> tuple[Fault, ...]:
    if refusal.faults or refusal.field is None:
        return refusal.faults
    return (Fault(refusal.field, refusal.code, refusal.params),)


def _params(refusal: Refusal) -> dict[str, Any]:
    """What its sentence is filled with, as JSON can hold it."""
    return {name: value if isinstance(value, int) else str(value) for name, value in refusal.params.items()}


@dataclass(slots=True)
class _Taking:
    """One operation in one transaction."""

    process: Process
    work: Work
    caller: Caller
    device: str
    operation: Operation
    now: datetime

    async def take(self) -> Result:
        asked, me, now = self.operation, self.caller.account_id, self.now
        # Locked first: whoever sends the same at this moment waits here, and then finds it taken.
        ticket = None if asked.ticket is None else await operations.lock_ticket(self.work, asked.ticket, me)
        if ticket is not None and not (ticket.theirs or ticket.was):
            ticket = None
        at = rules.believed(asked.at, opened=now if ticket is None else ticket.opened_at, received=now)
        known = await operations.earlier(self.work, me, self.device, asked.id)
        if same := next((row for row in known if row.digest == asked.digest), None):
            return await self._again(same, ticket)
        refusal = await self._refusal(ticket, bool(known), at)
        if refusal is None:
            assert ticket is not None
            stands = await operations.stands(self.work, ticket.id)
            row = self._row(at, outcome="applied", from_version=ticket.version, version=stands.version)
            await operations.add(self.work, row)
            return Result(asked.id, "applied", at, ticket=self._shown(stands))
        if refusal.code in PASSING:
            raise Later(refusal.code)
        line = await keep(
            self.process,
            self.work,
            self.caller,
            self.device,
            asked,
            ticket,
            refusal.code,
            at=at,
            received=now,
        )
        row = self._row(at, outcome="refused", code=refusal.code, params=_params(refusal))
        if ticket is not None:
            row.thread_id, row.seq = ticket.thread_id, line
        if line is None or asked.too_large:
            row.content = asked.text
        await operations.add(self.work, row)
        return Result(
            asked.id,
            "refused",
            at,
            code=refusal.code,
            params=_params(refusal),
            missing=(refusal.present or {}).get("missing", ()),
            faults=_faults(refusal),
            line=line,
            ticket=self._shown(ticket) if ticket is not None and ticket.theirs else None,
        )

    async def _refusal(self, ticket: Any | None, reused: bool, at: datetime) -> Refusal | None:
        """Why it is not done; None: it is."""
        asked = self.operation
        if reused:
            return Refusal(REUSED)
        if asked.faults and (ticket is not None or asked.ticket is None):
            return Refusal("operation_invalid", faults=asked.faults)
        if ticket is None:
            return Refusal("ticket_not_yours")
        if not ticket.theirs:
            return Refusal("ticket_given_on")
        if asked.op not in MOVES or "engineer" not in MOVES[asked.op].parts:
            return Refusal("operation_unknown")
        if MOVES[asked.op].target is not None and await self._overtaken(ticket):
            return Refusal("operation_overtaken")
        try:
            async with self.work.begin_nested():
                await move(
                    self.process, self.work, self.caller, self.now, ticket.id, asked.op, asked.data, at=at
                )
        except (Unavailable, TooMany):
            raise
        except Refusal as refusal:
            return refusal
        except IntegrityError:
            # The database holds what no move may do; sent again it would be no different.
            log.exception("sync_operation_impossible", operation=str(asked.id), op=asked.op)
            return Refusal("operation_impossible")
        return None

    async def _overtaken(self, ticket: Any) -> bool:
        base = self.operation.base_version
        turns = await operations.turns(self.work, ticket.id, base)
        if not turns:
            return False
        own = await operations.own(self.work, ticket.id, base, self.caller.account_id, self.device)
        return rules.overtaken(base, turns, own)

    async def _again(self, same: Any, ticket: Any | None) -> Result:
        result: Outcome = "already_applied" if same.outcome == "applied" else "refused"
        shown = self._shown(ticket) if ticket is not None and ticket.theirs else None
        return Result(
            self.operation.id,
            result,
            same.at,
            code=same.code,
            params=same.params,
            line=same.seq,
            ticket=shown,
        )

    def _shown(self, ticket: Any) -> Stands:
        return Stands(ticket.version, ticket.state, legal(ticket.state, _ENGINEER))

    def _row(self, at: datetime, **what: Any) -> SyncOperation:
        asked = self.operation
        return SyncOperation(
            account_id=self.caller.account_id,
            device=self.device,
            id=asked.id,
            digest=asked.digest,
            ticket_id=asked.ticket,
            op=asked.op,
            base_version=asked.base_version,
            claimed_at=asked.at,
            at=at,
            received_at=self.now,
            **what,
        )
