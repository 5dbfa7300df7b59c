"""Planning visits in SQL: many at once."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, tuple_

from backend.db.work import Work
from backend.features.visits.models import Visit
from backend.features.visits.rules.states import LIVE

_HIDE: Final = text(
    "INSERT INTO visit_hidden (subject_kind, subject_id, account_id) SELECT CAST(:kind AS text), CAST(:id AS uuid), a"
    " FROM unnest(CAST(:accounts AS uuid[])) AS a ON CONFLICT DO NOTHING"
)


async def hide(work: Work, subject_kind: str, subject_id: UUID, accounts: Collection[UUID]) -> None:
    """Keep the visits about a subject from these."""
    await work.execute(_HIDE, {"kind": subject_kind, "id": subject_id, "accounts": sorted(accounts)})


async def live_of(work: Work, subjects: Collection[tuple[str, UUID]]) -> Sequence[Visit]:
    """The visits about these subjects that are still to be made, locked in the order of their ids."""
    wanted = (
        select(Visit)
        .where(tuple_(Visit.subject_kind, Visit.subject_id).in_(sorted(subjects)), Visit.state.in_(LIVE))
        .order_by(Visit.id)
        .with_for_update()
    )
    return (await work.scalars(wanted.execution_options(populate_existing=True))).all()
