"""Which standard a project goes by on a day, and the document of a version."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from backend.core.errors import Conflict, NotFound
from backend.db.work import Work
from backend.features.standard import repository
from backend.features.standard.document import Standard

DEFAULT: Final = "six-plus-two"
"""The standard of a project for which nobody has chosen one."""


@dataclass(frozen=True, slots=True)
class StoredStandard:
    """A version of a standard with its document."""

    version_id: UUID
    code: str
    version: str
    document: Standard


# An approved version never changes, and a company has a handful: each is read and parsed once a process.
_approved: dict[UUID, StoredStandard] = {}


async def standard_for(work: Work, project_id: UUID, on: date) -> StoredStandard:
    """The standard of a project on a day: the choice of the nearest node on its way up, in the version effective then.

    A journey or case that begins keeps this version's id. `project_id` may be any node of the tree.

    Raises:
        Conflict: `standard_not_effective`, when no version of it has begun on that day.
    """
    choice = await repository.chosen(work, project_id, on)
    code = DEFAULT if choice is None else choice.code
    version_id = await repository.effective_id(work, code, on)
    if version_id is None:
        raise Conflict("standard_not_effective", name=code)
    return await stored(work, version_id)


async def stored(work: Work, version_id: UUID) -> StoredStandard:
    """A version by its id.

    Raises:
        NotFound: there is none.
    """
    if version_id in _approved:
        return _approved[version_id]
    row = await repository.version_by_id(work, version_id)
    if row is None:
        raise NotFound()
    found = StoredStandard(row.id, row.code, row.version, Standard.model_validate(row.document))
    if row.state == "approved":
        _approved[version_id] = found
    return found
