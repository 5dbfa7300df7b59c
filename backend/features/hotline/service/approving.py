"""Claims as the caller may see them; the tables by which a company approves them (HC-44, HC-45, CT-43, MG-11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, NotAllowed, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.hotline.models import ApprovalLevel, ApprovalTable, CaseClaim, CaseClaimStep
from backend.features.hotline.repository import cases
from backend.features.hotline.repository import claims as repository
from backend.features.hotline.rules.claims import GAPS, Level, rises
from backend.features.hotline.rules.words import CLAIM_KINDS, ClaimKind
from backend.features.hotline.service.parts import acts_on
from backend.features.people.service import ROLES, scope_of
from backend.platform.tree import root_node


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with its steps, once the first is decided. `not_set`: the gap of the method that nobody has filled."""

    claim: CaseClaim
    steps: Sequence[CaseClaimStep]
    not_set: str | None


@dataclass(frozen=True, slots=True)
class TableView:
    """The table of approval of a kind as it stands; `not_set`: none does, by the method's gap."""

    kind: ClaimKind
    table: ApprovalTable | None
    levels: Sequence[Level]

    @property
    def not_set(self) -> str | None:
        """GP-01 or GP-02, while nobody has set the table."""
        return GAPS[self.kind] if self.table is None else None


async def claims_on(work: Work, caller: Caller, now: datetime, case_id: UUID) -> list[ClaimView]:
    """The claims on a case that the caller sees, the first made coming first.

    Raises:
        NotFound: they see no such case.
    """
    case = await cases.find(work, case_id)
    if case is None:
        raise NotFound()
    await acts_on(work, caller, now, case)
    tables = {one.kind: one for one in await approval_tables(work)}
    found = []
    for claim in await repository.claims_of(work, case_id):
        waits = claim.state == "asked" and claim.table_id is None
        not_set = tables[claim.kind].not_set if waits else None
        found.append(ClaimView(claim, await repository.steps_of(work, claim.id), not_set))
    return found


async def approval_tables(work: Work) -> list[TableView]:
    """The table of each kind of claim."""
    found = []
    for kind in CLAIM_KINDS:
        table = await repository.table_of(work, kind)
        levels = [] if table is None else await repository.levels_of(work, table.id)
        found.append(TableView(kind, table, levels))
    return found


async def tables_for(work: Work, caller: Caller, now: datetime) -> list[TableView]:
    """The same, for whoever oversees anything.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    await scope_of(work, caller, "oversee", now)
    return await approval_tables(work)


async def set_table(
    work: Work, caller: Caller, now: datetime, kind: ClaimKind, levels: Sequence[Level], reason: str
) -> TableView:
    """Set who approves claims of a kind, up to how much. Claims under way keep the table they began under.

    Raises:
        NotAllowed: `not_in_your_role`: only who approves the company's standards, at the company.
        Invalid: `approval_levels`: they do not go up; `role_unknown`.
    """
    if (await root_node(work)).id not in await scope_of(work, caller, "approve_standard", now):
        raise NotAllowed("not_in_your_role")
    if not levels or not rises(levels):
        raise Invalid("approval_levels", field="levels")
    if unknown := {one.role for one in levels} - set(ROLES):
        raise Invalid("role_unknown", field="levels", role=min(unknown))
    await repository.one_table_at_a_time(work)
    before = await repository.table_of(work, kind)
    table = ApprovalTable(
        id=new_id(),
        kind=kind,
        number=1 if before is None else before.number + 1,
        reason=reason,
        set_by=caller.account_id,
        set_at=now,
    )
    work.add(table)
    await work.flush()
    work.add_all(
        ApprovalLevel(table_id=table.id, place=place, role=one.role, limit_fen=one.limit_fen)
        for place, one in enumerate(levels)
    )
    await work.flush()
    return TableView(kind, table, levels)
