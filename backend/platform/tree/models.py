"""The one table of the tree."""

from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id

NodeKind = Literal["company", "region", "project", "building"]


class Node(Base):
    """A node: `path` holds its ancestors and itself, root first, so that "below" is one array test.

    `key` is the name as it is compared (`1号楼` and `1#` are one building), unique among siblings.
    """

    __tablename__ = "node"
    __table_args__ = (
        CheckConstraint("kind IN ('company', 'region', 'project', 'building')", name="kind"),
        CheckConstraint("(kind = 'company') = (parent_id IS NULL)", name="only_company_is_root"),
        CheckConstraint("path[array_length(path, 1)] = id", name="path_ends_here"),
        Index("uq_node_parent_id_key", "parent_id", "key", unique=True),
        Index("uq_node_company", "kind", unique=True, postgresql_where=text("kind = 'company'")),
        Index("ix_node_path", "path", postgresql_using="gin"),
    )

    id: Mapped[Id]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("node.id"))
    kind: Mapped[NodeKind] = mapped_column(String)
    name: Mapped[str]
    key: Mapped[str]
    path: Mapped[list[UUID]] = mapped_column(ARRAY(PgUUID(as_uuid=True)))
    created_at: Mapped[CreatedAt]
