"""Growing and finding the tree."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.core.ids import new_id
from backend.db.work import Work
from backend.platform.tree.models import Node, NodeKind


async def root_node(work: Work, name: str = "集团") -> Node:
    """The company, made when there is none yet; two at once make one."""
    root_id = new_id()
    await work.execute(
        insert(Node)
        .values(id=root_id, parent_id=None, kind="company", name=name, key="company", path=[root_id])
        .on_conflict_do_nothing()
    )
    return (await work.scalars(select(Node).where(Node.kind == "company"))).one()


async def add_node(work: Work, parent: Node, kind: NodeKind, *, name: str, key: str) -> Node:
    """The child of `parent` with this `key`, made when there is none yet; an existing one keeps its name."""
    node_id = new_id()
    await work.execute(
        insert(Node)
        .values(id=node_id, parent_id=parent.id, kind=kind, name=name, key=key, path=[*parent.path, node_id])
        .on_conflict_do_nothing(index_elements=["parent_id", "key"])
    )
    return (await work.scalars(select(Node).where(Node.parent_id == parent.id, Node.key == key))).one()


async def node_within(work: Work, node_id: UUID, scope: Sequence[UUID]) -> Node | None:
    """A node of the tree, when it lies at or below a node of the scope."""
    return await work.scalar(select(Node).where(Node.id == node_id, Node.path.overlap(scope)))
