"""Reading one case: as somebody sees it, with its clocks and the words of their promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.hotline.models import CaseClock
from backend.features.hotline.repository import cases, opening, views
from backend.features.hotline.repository.clocks import clocks_of
from backend.features.hotline.rules.gates import missing
from backend.features.hotline.rules.states import MOVES, legal
from backend.features.hotline.service.parts import HOUSEHOLD, SEE, Acts, acts_on
from backend.features.standard.service import Label, stored

DUPLICATES_WITHIN: Final = timedelta(days=30)
"""How far back possible duplicates are looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A case with its clocks, as one caller sees it. `promises`: the words of a clock's code."""

    row: Any
    acts: Acts
    clocks: Sequence[CaseClock]
    promises: dict[str, Label]

    @property
    def can(self) -> list[str]:
        """The moves the caller may make now, whose gates are open."""
        return [
            code
            for code in legal(self.row.state, self.acts.parts)
            if not missing(MOVES[code].needs, self.acts.stands)
        ]


async def find_case(work: Work, caller: Caller, now: datetime, case_id: UUID) -> Found:
    """One case.

    Raises:
        NotFound: the caller sees none of that id.
    """
    case = await cases.find(work, case_id)
    if case is None:
        raise NotFound()
    acts = await acts_on(work, caller, now, case)
    clocks = await clocks_of(work, case_id)
    promises: dict[str, Label] = {}
    if case.standard_version_id is not None:
        standard = (await stored(work, case.standard_version_id)).document
        promises = {one.code: one.promise for one in standard.clocks}
    return Found(await views.one(work, case_id), acts, clocks, promises)


async def alike(work: Work, caller: Caller, now: datetime, found: Found) -> Sequence[Any]:
    """What came in the last thirty days that may be about the same as a case that the caller sees."""
    row = found.row
    return await opening.alike(
        work,
        project_id=row.project_id,
        ownership_id=row.ownership_id,
        phone=row.contact_phone,
        reporter_id=row.reporter_id,
        common_part=row.common_part,
        category=row.category,
        since=now - DUPLICATES_WITHIN,
        besides=row.id,
        account_id=caller.account_id,
        household=HOUSEHOLD,
        see=SEE,
        today=local_date(now),
        staff=caller.kind == "staff",
    )
