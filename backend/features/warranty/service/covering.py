"""Whether a component of a home is under warranty on a day."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backend.db.work import Work
from backend.features.warranty.repository import ledger
from backend.features.warranty.rules import State, Term, Why, state_on


@dataclass(frozen=True, slots=True)
class Cover:
    """What a component's warranty says on a day. `start`, `base_ends_on` and `ends_on` are local days, if known.

    `why`: `base`, `extension` or `statutory` covers it; `ended`; `start_not_known`, `not_begun`; `no_term` where the
    method gives none (CT-15); `not_in_catalogue` for what the home's ledger does not know.
    """

    component: str
    start: date | None
    base_ends_on: date | None
    ends_on: date | None
    state: State
    why: Why


async def cover(work: Work, home_id: UUID, component: str, on: date) -> Cover:
    """The cover of a component of a home on a local day (RP-01, WR-02, CT-15); whose home it is makes no difference."""
    row = await ledger.item(work, home_id, component)
    if row is None:
        return Cover(component, None, None, None, "not_set", "not_in_catalogue")
    term = Term(**row)
    state, why = state_on(term, on)
    return Cover(component, term.starts_on, term.base_ends_on, term.ends_on, state, why)


def term_of(row: object) -> Term:
    """A row of the ledger in the terms of the rules."""
    return Term(**{name: getattr(row, name) for name in ("component", *ledger.TERM)})
