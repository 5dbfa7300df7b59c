"""Where an import leads: which region, which project, and whether its uploader may write there."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.db.work import Work
from backend.features.estate.repository import placing
from backend.features.estate.rules import name_key
from backend.platform.tree import Node, add_node, root_node


class ImportRefused(Exception):
    """The file as a whole cannot go in: `code` is stable, `params` fill the sentence of that code."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Target:
    """The project an import is for; `project_id` is None while there is no such project."""

    region: str
    project: str
    project_id: UUID | None

    @property
    def turn(self) -> str:
        """The name under which imports of one project take turns."""
        return f"{name_key(self.region)}/{name_key(self.project)}"


async def find_target(
    work: Work, region: str | None, project: str | None, scope: Sequence[UUID] | None
) -> Target:
    """The project of this name; without a region, the only one of this name in `scope` (None: everywhere).

    Raises:
        ImportRefused: `project_unnamed`, `region_unnamed`, `outside_scope`.
    """
    if project is None:
        raise ImportRefused("project_unnamed")
    found = await placing.projects_named(work, name_key(project))
    if region is None:
        reachable = [one for one in found if _reaches(scope, one.path)]
        if len(reachable) != 1:
            raise ImportRefused("region_unnamed", project=project)
        return Target(reachable[0].region, reachable[0].name, reachable[0].id)
    standing = next((one for one in found if one.region_key == name_key(region)), None)
    if standing is not None:
        path = standing.path
    else:
        path = await placing.region_path(work, name_key(region)) or [(await root_node(work)).id]
    if not _reaches(scope, path):
        raise ImportRefused("outside_scope", project=project)
    return Target(region, project, standing.id if standing else None)


async def make_target(work: Work, target: Target) -> Node:
    """The target's project node, made with its region where they are missing."""
    root = await root_node(work)
    region = await add_node(work, root, "region", name=target.region, key=name_key(target.region))
    return await add_node(work, region, "project", name=target.project, key=name_key(target.project))


def _reaches(scope: Sequence[UUID] | None, path: Sequence[UUID]) -> bool:
    return scope is None or not set(scope).isdisjoint(path)
