"""Positions and the tree they hang on."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from backend.core.paging import decode_cursor
from backend.core.wire import Line, Page
from backend.features.people import schemas
from backend.features.people.rules import ROLES, TRADES
from backend.features.people.service import positions as verbs
from backend.platform.http.caller import Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router
from backend.platform.tree import Node

positions = router(tag="positions")


@positions.get("/roles", responses=problems(401, 403))
async def list_roles(_caller: Staff) -> schemas.Roles:
    """Every role a position can hold, and every trade."""
    return schemas.Roles(
        roles=[
            schemas.Role(code=code, name=role.name, rule=role.rule, may=sorted(role.may))
            for code, role in ROLES.items()
        ],
        trades=list(TRADES),
    )


@positions.get("/nodes", responses=problems(401, 403))
async def list_nodes(
    process: Here,
    work: Uow,
    caller: Staff,
    parent: Annotated[
        UUID | None, Query(description="The node to look below; without it, my own nodes.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Node]:
    """The estate tree as far as I see it, level by level."""
    after = decode_cursor(cursor, tuple[str, UUID])
    found = await verbs.nodes_page(work, caller, process.clock.now(), parent, after, limit + 1)
    return page_of(found, limit, show=_node, key=lambda node: (node.name, node.id))


@positions.get("/positions", responses=problems(401, 403))
async def list_positions(
    process: Here,
    work: Uow,
    caller: Staff,
    node: Annotated[UUID | None, Query(description="At and below this node.")] = None,
    account: UUID | None = None,
    role: Line | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Position]:
    """Positions in my scope, past and coming ones too."""
    after = decode_cursor(cursor, tuple[UUID])
    filters = {"node": node, "account": account, "role": role}
    found = await verbs.positions_page(
        work, caller, process.clock.now(), filters=filters, after=after[0] if after else None, limit=limit + 1
    )
    return page_of(found, limit, show=_position, key=lambda held: (held[0].id,))


@positions.post("/positions", status_code=201, responses=problems(401, 403, 409))
async def give_position(
    asked: schemas.PositionGiven, process: Here, work: Uow, caller: Staff, response: Response
) -> schemas.Position:
    """Give an employee a role at a node at or below my own. Administrators only."""
    held = await verbs.appoint(
        work,
        process.signals,
        caller,
        process.clock.now(),
        verbs.Appointment(
            account_id=asked.account,
            role=asked.role,
            node_id=asked.node,
            trades=tuple(asked.trades),
            since=asked.since,
            until=asked.until,
        ),
    )
    response.headers["etag"] = version_tag(held[0].version)
    return _position(held)


@positions.patch("/positions/{position_id}", responses=problems(401, 403, 404, 409, 412))
async def end_position(
    position_id: UUID,
    asked: schemas.PositionEnded,
    process: Here,
    work: Uow,
    caller: Staff,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Position:
    """Say until when a position is held. What it gave sight of is gone on that day. Administrators only."""
    now = process.clock.now()
    held = await verbs.find_position(work, caller, now, position_id)
    check_version(if_match, held[0].version, _position(held).model_dump(mode="json"))
    held = await verbs.end_position(work, process.signals, now, held, asked.until)
    response.headers["etag"] = version_tag(held[0].version)
    return _position(held)


def _node(node: Node) -> schemas.Node:
    return schemas.Node(id=node.id, kind=node.kind, name=node.name, parent=node.parent_id)


def _position(held: verbs.Held) -> schemas.Position:
    position, node, account = held
    return schemas.Position(
        id=position.id,
        account=account.id,
        account_name=account.name,
        role=position.role,
        role_name=ROLES[position.role].name,
        node=node.id,
        node_kind=node.kind,
        node_name=node.name,
        trades=position.trades,
        since=position.since,
        until=position.until,
        version=position.version,
    )
