"""Positions: who holds which role where, and what follows from it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.core.ids import new_id
from backend.db.signals import Signals
from backend.db.work import Work
from backend.features.people.models import Account, Position
from backend.features.people.repository import accounts, positions
from backend.features.people.rules import ROLES, TRADES, Capability, roles_that_may
from backend.features.people.service.rights import signal_rights
from backend.platform.tree import Node, node_within, root_node

Held = tuple[Position, Node, Account]


@dataclass(frozen=True, slots=True)
class Appointment:
    """A position to be given. `until` is the first day it is no longer held."""

    account_id: UUID
    role: str
    node_id: UUID
    trades: tuple[str, ...]
    since: date | None
    until: date | None


async def scope_of(work: Work, caller: Caller, capability: Capability, now: datetime) -> list[UUID]:
    """The nodes at and below which the caller has this capability today.

    Raises:
        NotAllowed: `not_in_your_role`, when there are none.
    """
    if caller.kind != "staff":
        raise NotAllowed("not_in_your_role")
    nodes = await positions.nodes_of(work, caller.account_id, roles_that_may(capability), local_date(now))
    if not nodes:
        raise NotAllowed("not_in_your_role")
    return nodes


async def positions_of(work: Work, account_id: UUID, now: datetime) -> Sequence[tuple[Position, Node]]:
    """What an account holds today."""
    return await positions.held_by(work, account_id, local_date(now))


@dataclass(frozen=True, slots=True)
class Holder:
    """Where a role is held nearest to a node: there, further up, or nowhere; and the vacant nodes passed on the way."""

    node_id: UUID | None
    vacant: tuple[UUID, ...]


async def nearest_holders(
    work: Work, wanted: Collection[tuple[UUID, str]], now: datetime
) -> dict[tuple[UUID, str], Holder]:
    """For each node and role, where the role is held today: at the node, or else at the next one up that has it."""
    found = await positions.nearest_held(work, sorted(set(wanted)), local_date(now))
    holders = {}
    for asked, (path, held_at) in found.items():
        upwards = list(reversed(path))
        passed = upwards if held_at is None else upwards[: upwards.index(held_at)]
        holders[asked] = Holder(held_at, tuple(passed))
    return holders


async def positions_page(
    work: Work, caller: Caller, now: datetime, *, filters: dict[str, Any], after: UUID | None, limit: int
) -> Sequence[Held]:
    """Positions in the caller's scope, past and coming ones too."""
    scope = await scope_of(work, caller, "see_estate", now)
    return await positions.page(work, scope=scope, filters=filters, after=after, limit=limit)


async def nodes_page(
    work: Work, caller: Caller, now: datetime, parent: UUID | None, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Node]:
    """The estate tree as far as the caller's scope reaches, level by level."""
    scope = await scope_of(work, caller, "see_estate", now)
    return await positions.nodes_below(work, parent, scope, after, limit)


async def appoint(work: Work, signals: Signals, caller: Caller, now: datetime, wanted: Appointment) -> Held:
    """Give somebody a position. Administrators only, at and below their own node.

    Raises:
        NotAllowed: `not_in_your_role`.
        Invalid: `role_unknown`, `trade_unknown`, `trades_only_for_engineers`, `node_unknown`,
        `staff_unknown`, `dates_reversed`.
        Conflict: `position_overlaps`.
    """
    scope = await scope_of(work, caller, "manage_positions", now)
    if wanted.role not in ROLES:
        raise Invalid("role_unknown", field="role")
    if wanted.trades and wanted.role != "repair_engineer":
        raise Invalid("trades_only_for_engineers", field="trades")
    if unknown := set(wanted.trades) - set(TRADES):
        raise Invalid("trade_unknown", field="trades", trade=min(unknown))
    node = await node_within(work, wanted.node_id, scope)
    if node is None:
        raise Invalid("node_unknown", field="node")
    account = await accounts.account(work, wanted.account_id)
    if account is None or account.kind != "staff":
        raise Invalid("staff_unknown", field="account")
    since = wanted.since or local_date(now)
    if wanted.until is not None and wanted.until <= since:
        raise Invalid("dates_reversed", field="until")
    position = Position(
        id=new_id(),
        account_id=account.id,
        role=wanted.role,
        node_id=node.id,
        trades=sorted(set(wanted.trades)),
        since=since,
        until=wanted.until,
    )
    work.add(position)
    await _flush(work)
    await signal_rights(work, signals, [account.id])
    return position, node, account


async def find_position(work: Work, caller: Caller, now: datetime, position_id: UUID) -> Held:
    """One position in the caller's scope.

    Raises:
        NotFound: there is none.
    """
    scope = await scope_of(work, caller, "manage_positions", now)
    held = await positions.position_within(work, position_id, scope)
    if held is None:
        raise NotFound()
    return held


async def end_position(work: Work, signals: Signals, now: datetime, held: Held, until: date | None) -> Held:
    """Set the first day a position is no longer held; None: it goes on.

    Raises:
        Invalid: `dates_reversed`.
        Conflict: `last_administrator`, `position_overlaps`.
    """
    position, node, account = held
    if until is not None and until <= position.since:
        # A position given by mistake is ended on the day after it began at the earliest.
        raise Invalid("dates_reversed", field="until")
    leaves_the_top = until is not None and position.role == "administrator" and node.kind == "company"
    if (
        leaves_the_top
        and await positions.other_company_administrators(work, account.id, local_date(now)) == 0
    ):
        raise Conflict("last_administrator")
    position.until = until
    await _flush(work)
    await signal_rights(work, signals, [account.id])
    return position, node, account


async def _flush(work: Work) -> None:
    try:
        await work.flush()
    except IntegrityError as error:
        if "ex_position_held_once" in str(error.orig):
            raise Conflict("position_overlaps") from None
        raise


async def make_administrator(work: Work, now: datetime, account: Account) -> None:
    """Make somebody an administrator of the whole company. For the operator at the machine, who has no position."""
    company = await root_node(work)
    work.add(
        Position(
            id=new_id(),
            account_id=account.id,
            role="administrator",
            node_id=company.id,
            since=local_date(now),
        )
    )
    await _flush(work)
