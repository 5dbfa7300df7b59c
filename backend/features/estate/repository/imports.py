"""Imports and their rows in SQL."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update

from backend.db.work import Work
from backend.features.estate.models import Import, ImportRow

_EFFECTS = text("UPDATE import_row SET effect = :effect WHERE import_id = :import_id AND row = :row")
_REFUSED = text(
    "UPDATE import_row SET state = 'refused', \"column\" = NULL, code = :code, params = CAST(:params AS jsonb),"
    " effect = NULL, record_sealed = NULL WHERE import_id = :import_id AND row = :row"
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_VERDICT: Final = ("row", "state", "column", "code", "params", "notes", "effect")


async def import_of(work: Work, import_id: UUID, account_id: UUID, *, lock: bool = False) -> Import | None:
    """The import, if this account uploaded it."""
    query = select(Import).where(Import.id == import_id, Import.account_id == account_id)
    return (await work.scalars(query.with_for_update() if lock else query)).one_or_none()


async def note_progress(work: Work, import_id: UUID, rows: int) -> None:
    """Let whoever watches see how far the reading is."""
    await work.execute(update(Import).where(Import.id == import_id).values(state="reading", progress=rows))


async def add_rows(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write judged rows."""
    await work.execute(insert(ImportRow).execution_options(render_nulls=True), rows)


async def drop_rows(work: Work, import_id: UUID) -> None:
    """Drop the rows of a file that turned out unreadable further down."""
    await work.execute(delete(ImportRow).where(ImportRow.import_id == import_id))


async def rows_page(work: Work, import_id: UUID, state: str | None, after: int, limit: int) -> Sequence[Any]:
    """A page of an import's rows by number: everything but what they would write."""
    query = select(*(getattr(ImportRow, name) for name in _VERDICT)).where(
        ImportRow.import_id == import_id, ImportRow.row > after
    )
    if state is not None:
        query = query.where(ImportRow.state == state)
    return (await work.execute(query.order_by(ImportRow.row).limit(limit))).all()


async def good_rows(work: Work, import_id: UUID, after: int, limit: int) -> Sequence[Any]:
    """The next good rows with what they would write."""
    query = select(ImportRow.row, ImportRow.record_sealed, ImportRow.effect).where(
        ImportRow.import_id == import_id, ImportRow.row > after, ImportRow.state == "ok"
    )
    return (await work.execute(query.order_by(ImportRow.row).limit(limit))).all()


async def set_effects(work: Work, import_id: UUID, effects: Mapping[int, str]) -> None:
    """Correct what rows do to the estate, by row number."""
    if effects:
        await work.execute(
            _EFFECTS,
            [{"import_id": import_id, "row": row, "effect": effect} for row, effect in effects.items()],
        )


async def refuse_rows(work: Work, import_id: UUID, refusals: Mapping[int, tuple[str, str]]) -> None:
    """Refuse rows that were good when they were read; code and JSON parameters by row number."""
    if refusals:
        await work.execute(
            _REFUSED,
            [
                {"import_id": import_id, "row": row, "code": code, "params": params}
                for row, (code, params) in refusals.items()
            ],
        )


async def forget_records(work: Work, import_id: UUID) -> None:
    """Forget what the rows would have written: it is written now, and names people."""
    await work.execute(update(ImportRow).where(ImportRow.import_id == import_id).values(record_sealed=None))


async def take_turns(work: Work, name: str) -> None:
    """Wait until nobody else writes the project of this name, and keep others waiting until this transaction ends."""
    await work.execute(text("SET LOCAL lock_timeout = '5min'"))
    await work.execute(text("SET LOCAL statement_timeout = '5min'"))
    await work.execute(_LOCK, {"name": f"import {name}"})
    await work.execute(text("SET LOCAL lock_timeout = '10s'"))
    await work.execute(text("SET LOCAL statement_timeout = '60s'"))


async def still_to_read(work: Work) -> Sequence[UUID]:
    """The imports whose uploaded file is still wanted."""
    return (await work.scalars(select(Import.id).where(Import.state.in_(("received", "reading"))))).all()
