"""Claims on a case, and the tables by which they are approved."""

from uuid import UUID

from backend.core.locale import Locale, say
from backend.features.hotline import schemas_claims as schemas
from backend.features.hotline import service
from backend.features.hotline.rules.claims import Level
from backend.features.hotline.rules.words import ClaimKind
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

claims = router(tag="cases")


@claims.get("/cases/{case_id}/claims", responses=problems(401, 404))
async def list_case_claims(
    process: Here, work: Uow, caller: SignedIn, lang: Lang, case_id: UUID
) -> schemas.CaseClaims:
    """What was asked for on a case beside an answer, and how far its approval has come."""
    found = await service.claims_on(work, caller, process.clock.now(), case_id)
    return schemas.CaseClaims(items=[_claim(one, lang, staff=caller.kind == "staff") for one in found])


@claims.get("/approval-tables", responses=problems(401, 403))
async def list_approval_tables(process: Here, work: Uow, caller: Staff, lang: Lang) -> schemas.ApprovalTables:
    """Who approves claims up to how much. What is not set yet is named, with the gap of the method that it is."""
    found = await service.tables_for(work, caller, process.clock.now())
    return schemas.ApprovalTables(items=[_table(one, lang) for one in found])


@claims.put("/approval-tables/{kind}", responses=problems(401, 403))
async def set_approval_table(
    process: Here, work: Uow, caller: Staff, lang: Lang, kind: ClaimKind, asked: schemas.TableSet
) -> schemas.ApprovalTableShown:
    """Set who approves claims of a kind. Those under way keep the table by which their first level decided."""
    levels = [Level(one.role, one.limit_fen) for one in asked.levels]
    now = process.clock.now()
    return _table(await service.set_table(work, caller, now, kind, levels, asked.reason), lang)


def _claim(one: service.ClaimView, locale: Locale, *, staff: bool) -> schemas.CaseClaimShown:
    row = one.claim
    return schemas.CaseClaimShown(
        id=row.id,
        kind=row.kind,
        amount_fen=row.amount_fen,
        words=row.words,
        state=row.state,
        not_set=one.not_set,
        steps=[
            schemas.ClaimStep(
                role=step.role,
                role_words=say(locale, f"role.{step.role}"),
                state=step.state,
                decided_at=step.decided_at,
                words=step.words if staff else None,
            )
            for step in one.steps
        ],
        made_at=row.made_at,
        ended_at=row.ended_at,
    )


def _table(one: service.TableView, locale: Locale) -> schemas.ApprovalTableShown:
    return schemas.ApprovalTableShown(
        kind=one.kind,
        number=None if one.table is None else one.table.number,
        not_set=one.not_set,
        levels=[
            schemas.LevelShown(
                role=level.role, role_words=say(locale, f"role.{level.role}"), limit_fen=level.limit_fen
            )
            for level in one.levels
        ],
        set_at=None if one.table is None else one.table.set_at,
    )
