"""Planning visits in SQL: many at once."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, tuple_

from backend.db.work import Work
from backend.features.visits.models import Visit
from backend.features.visits.rules.states import LIVE


async def live_of(work: Work, subjects: Collection[tuple[str, UUID]]) -> Sequence[Visit]:
    """The visits about these subjects that are still to be made, locked in the order of their ids."""
    wanted = (
        select(Visit)
        .where(tuple_(Visit.subject_kind, Visit.subject_id).in_(sorted(subjects)), Visit.state.in_(LIVE))
        .order_by(Visit.id)
        .with_for_update()
    )
    return (await work.scalars(wanted.execution_options(populate_existing=True))).all()
