"""The warranty of a home as its household and employees see it: what is covered until when, what to look for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.features.people.service import asker_of_dates
from backend.features.standard.document import Standard
from backend.features.standard.service import stored
from backend.features.warranty.repository import ledger
from backend.features.warranty.repository.owners import warranty
from backend.features.warranty.rules import MONTHS_AHEAD, State, Term, Why, months_after, state_on
from backend.features.warranty.service.wording import Names, checks
from backend.platform.process import Process

# An approved version never changes: each is read once a process.
_documents: dict[UUID, Standard] = {}


@dataclass(frozen=True, slots=True)
class ItemView:
    """A component: its term, and how it stands today."""

    term: Term
    names: Names
    state: State
    why: Why


@dataclass(frozen=True, slots=True)
class Search:
    """What the household is to look for before a day, from two months ahead (WR-15)."""

    since: date
    ends_on: date
    lines: Sequence[Names]


@dataclass(frozen=True, slots=True)
class WarrantyView:
    """A home's warranty today. `notices`: rows of kind, `ends_on`, `due_on`, state, `told_at`."""

    ownership_id: UUID
    home: tuple[str, str, str]
    items: Sequence[ItemView]
    search: Search | None
    notices: Sequence[Any]


async def warranty_of(process: Process, caller: Caller, now: datetime, ownership_id: UUID) -> WarrantyView:
    """The household sees it by role, as the ownership's dates; employees in their scope.

    Raises:
        NotAllowed: `not_in_your_role`: an employee without any position that sees the estate.
        NotFound: there is none for this caller.
    """
    found = await warranty(process.direct, ownership_id, await asker_of_dates(process, caller, now))
    if found is None:
        raise NotFound()
    document = await _document(process, found["version_id"]) if found["version_id"] is not None else None
    today = local_date(now)
    items = [_item(Term(**_named(row)), document, today) for row in found["items"] or ()]
    return WarrantyView(
        ownership_id,
        (found["building"], found["unit"], found["room"]),
        items,
        _search(items, document, found["fitout"], today),
        found["notices"] or (),
    )


async def _document(process: Process, version_id: UUID) -> Standard:
    if version_id not in _documents:
        async with process.works.begin() as work:
            _documents[version_id] = (await stored(work, version_id)).document
    return _documents[version_id]


def _named(row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(("component", *ledger.TERM), row, strict=True))


def _item(term: Term, document: Standard | None, today: date) -> ItemView:
    state, why = state_on(term, today)
    names = (
        Names.of(document, term.component, term.name)
        if document is not None
        else Names(term.component, term.component, term.component)
    )
    return ItemView(term, names, state, why)


def _search(
    items: Sequence[ItemView], document: Standard | None, fitout: str | None, today: date
) -> Search | None:
    ends = {item.term.ends_on for item in items if item.term.ends_on is not None}
    ahead = [(months_after(day, -MONTHS_AHEAD), day) for day in sorted(ends)]
    running = next(((since, day) for since, day in ahead if since <= today <= day), None)
    if running is None or document is None:
        return None
    since, ends_on = running
    parts = [item.names for item in items if item.term.ends_on == ends_on]
    return Search(since, ends_on, checks(document, fitout) or parts)
