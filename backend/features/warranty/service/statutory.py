"""What the law of a place asks for at least: entered by a person with its source, and checked (CT-15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.service import project_scope
from backend.features.people.service import scope_of
from backend.features.standard.document import Warranty
from backend.features.standard.service import standard_for
from backend.features.warranty.models import StatutoryTerm
from backend.features.warranty.repository import statutory
from backend.features.warranty.service.following import follow_all_below
from backend.platform.outbox import Waker
from backend.platform.tree import node_within


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody enters; `years` None: from now on none is asked for here."""

    node_id: UUID
    component: str
    name: str
    years: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What stands at a place (`row`), against the years that the catalogue promises; None: not set."""

    row: Any
    in_catalogue: bool
    catalogue_years: int | None

    @property
    def below_the_law(self) -> bool:
        """Whether the catalogue promises less."""
        years = self.row.years
        return years is not None and self.catalogue_years is not None and self.catalogue_years < years


async def enter_statutory_term(
    work: Work, waker: Waker, caller: Caller, now: datetime, entered: Entered
) -> Checked:
    """Enter what the law asks for at a node; every home at and below it is looked at again.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such node in the caller's scope.
    """
    scope = await scope_of(work, caller, "keep_warranty", now)
    node = await node_within(work, entered.node_id, scope)
    if node is None:
        raise NotFound()
    work.add(
        StatutoryTerm(
            id=new_id(),
            node_id=node.id,
            component=entered.component,
            name=entered.name,
            years=entered.years,
            source=entered.source,
            entered_by=caller.account_id,
        )
    )
    await work.flush()
    await follow_all_below(work, waker, node.id)
    checked, _ = await _checked(work, now, node.id)
    return next(one for one in checked if one.row.component == entered.component)


async def statutory_terms(
    work: Work, caller: Caller, now: datetime, project_id: UUID
) -> tuple[list[Checked], list[str]]:
    """What stands at a project, and the components of the catalogue for which nobody has entered anything.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
        Conflict: `standard_not_effective`.
    """
    await project_scope(work, caller, now, project_id, "oversee")
    return await _checked(work, now, project_id)


async def _checked(work: Work, now: datetime, node_id: UUID) -> tuple[list[Checked], list[str]]:
    catalogue = (await standard_for(work, node_id, local_date(now))).document.warranty
    rows: Sequence[Any] = await statutory.terms_at(work, [node_id])
    years = _years(catalogue)
    known = {row.component for row in rows}
    checked = [Checked(row, row.component in years, years.get(row.component)) for row in rows]
    return checked, [code for code in years if code not in known]


def _years(catalogue: Warranty | None) -> dict[str, int | None]:
    items = catalogue.items if catalogue is not None else ()
    return {
        item.code: item.base_years + item.extension_years if item.base_years is not None else None
        for item in items
    }
