"""Who built a project, by name: so that what breaks can be told to them, and learned from (SN-05, EN-12)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.errors import Conflict
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.service import project_scope
from backend.features.repairs.models.sites import ConstructionCompany
from backend.features.repairs.repository import sites as repository


async def companies_page(
    work: Work, caller: Caller, now: datetime, project_id: UUID, after: tuple[str, UUID] | None, limit: int
) -> Sequence[ConstructionCompany]:
    """The construction companies of a project in the caller's scope, by name.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project there.
    """
    await project_scope(work, caller, now, project_id, "see_estate")
    return await repository.companies_page(work, project_id, after, limit)


async def add_company(
    work: Work, caller: Caller, now: datetime, project_id: UUID, *, name: str, works: str | None
) -> ConstructionCompany:
    """Name somebody who built the project. Managers of it.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project there.
        Conflict: `company_named_already`.
    """
    await project_scope(work, caller, now, project_id, "oversee")
    company = ConstructionCompany(
        id=new_id(), project_id=project_id, name=name, works=works, added_by=caller.account_id
    )
    work.add(company)
    try:
        await work.flush()
    except IntegrityError as error:
        if "uq_construction_company_name" in str(error.orig):
            raise Conflict("company_named_already", field="name") from None
        raise
    return company
