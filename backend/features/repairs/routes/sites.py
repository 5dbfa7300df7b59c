"""What a project's repairs stand on: prices, construction companies, the joint repair team."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.repairs import schemas_sites as schemas
from backend.features.repairs.models.sites import ConstructionCompany
from backend.features.repairs.service import companies, joint_team, prices
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

sites = router(tag="repairs")


@sites.get("/projects/{project_id}/price-list", responses=problems(401, 403, 404))
async def read_prices(
    process: Here,
    work: Uow,
    caller: SignedIn,
    project_id: UUID,
    response: Response,
    number: Annotated[
        int | None, Query(ge=1, le=1_000_000, description="An earlier list; left out: the one that stands.")
    ] = None,
) -> schemas.Prices:
    """What paid work costs in a project: for whoever lives there, and for employees in their scope."""
    found = await prices.prices_seen(work, caller, process.clock.now(), project_id, number)
    response.headers["etag"] = version_tag(found.number)
    return _prices(found)


@sites.put("/projects/{project_id}/price-list", responses=problems(401, 403, 404, 412))
async def publish_prices(
    process: Here,
    work: Uow,
    caller: Staff,
    project_id: UUID,
    asked: schemas.PricesSet,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Prices:
    """Publish all prices of a project's paid work. What was quoted stays as it was; earlier lists can be read."""
    now = process.clock.now()
    held = await prices.prices_to_set(work, caller, now, project_id)
    check_version(if_match, held.number, _prices(held).model_dump(mode="json"))
    wanted = [prices.Price(one.code, one.name, one.unit, one.price_fen, one.note) for one in asked.items]
    found = await prices.publish_prices(work, caller, now, held, wanted, asked.reason)
    response.headers["etag"] = version_tag(found.number)
    return _prices(found)


@sites.get("/projects/{project_id}/construction-companies", responses=problems(401, 403, 404))
async def list_construction_companies(
    process: Here, work: Uow, caller: Staff, project_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[schemas.Company]:
    """Who built a project, by name."""
    after = decode_cursor(cursor, tuple[str, UUID])
    found = await companies.companies_page(work, caller, process.clock.now(), project_id, after, limit + 1)
    return page_of(found, limit, show=_company, key=lambda one: (one.name.lower(), one.id))


@sites.post(
    "/projects/{project_id}/construction-companies", status_code=201, responses=problems(401, 403, 404, 409)
)
async def add_construction_company(
    process: Here, work: Uow, caller: Staff, project_id: UUID, asked: schemas.CompanyAdded
) -> schemas.Company:
    """Name somebody who built a project, so that what breaks can be told to them. Managers of the project."""
    now = process.clock.now()
    return _company(
        await companies.add_company(work, caller, now, project_id, name=asked.name, works=asked.works)
    )


@sites.get("/projects/{project_id}/joint-repair-team", responses=problems(401, 403, 404))
async def read_joint_team(process: Here, work: Uow, caller: Staff, project_id: UUID) -> schemas.Team:
    """The joint repair team of a project: when it exists, who is in it, who of them is on duty now."""
    return _team(await joint_team.joint_team(work, caller, process.clock.now(), project_id))


@sites.post(
    "/projects/{project_id}/joint-repair-team/members",
    status_code=201,
    responses=problems(401, 403, 404, 409),
)
async def join_joint_team(
    process: Here, work: Uow, caller: Staff, project_id: UUID, asked: schemas.TeamJoined
) -> schemas.Team:
    """Put an employee into the joint repair team. Managers of the project."""
    now = process.clock.now()
    return _team(
        await joint_team.join_team(
            work, caller, now, project_id, account_id=asked.account, duty=asked.duty, unit=asked.unit
        )
    )


@sites.delete(
    "/projects/{project_id}/joint-repair-team/members/{member_id}",
    status_code=204,
    responses=problems(401, 403, 404),
)
async def leave_joint_team(
    process: Here, work: Uow, caller: Staff, project_id: UUID, member_id: UUID
) -> None:
    """Take somebody out of the joint repair team. That they were in it stays on record."""
    await joint_team.leave_team(work, caller, process.clock.now(), project_id, member_id)


def _prices(found: prices.Prices) -> schemas.Prices:
    return schemas.Prices(
        project=found.project_id,
        number=found.number,
        items=[
            schemas.Price(code=one.code, name=one.name, unit=one.unit, price_fen=one.price_fen, note=one.note)
            for one in found.items
        ],
        reason=found.reason,
        published_by=found.published_by,
        published_at=found.published_at,
    )


def _company(one: ConstructionCompany) -> schemas.Company:
    return schemas.Company(
        id=one.id,
        project=one.project_id,
        name=one.name,
        works=one.works,
        added_by=one.added_by,
        added_at=one.created_at,
    )


def _team(team: joint_team.Team) -> schemas.Team:
    return schemas.Team(
        project=team.project_id,
        state=team.state,
        starts_on=None if team.term is None else team.term.starts_on,
        ends_on=None if team.term is None else team.term.ends_on,
        members=[
            schemas.TeamMember(
                id=one.row.id,
                account=one.row.account_id,
                name=one.row.name,
                duty=one.row.duty,
                unit=one.row.unit,
                joined_at=one.row.joined_at,
                left_at=one.row.left_at,
                on_duty=one.on_duty,
            )
            for one in team.members
        ],
    )
