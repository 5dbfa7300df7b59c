"""The estate tree: company, regions, projects, buildings. Positions, scopes and calendars hang on its nodes."""

from backend.platform.tree.models import Node, NodeKind
from backend.platform.tree.service import add_node, node_within, root_node

__all__ = ["Node", "NodeKind", "add_node", "node_within", "root_node"]
